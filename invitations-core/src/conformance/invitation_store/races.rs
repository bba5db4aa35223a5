use futures_util::future::join_all;

use super::{
    InvitationStoreFixture,
    make::{claim, id, insert, invitation, resting, summary, tenant, update, with_notice},
};
use crate::{
    ErrorKind, Result,
    conformance::{Finding, Verdict, ensure},
};

/// How many ask at once.
const MANY: usize = 16;

fn one_winner(results: &[Result<u64>], loser: ErrorKind) -> Verdict {
    let won = results.iter().filter(|result| result.is_ok()).count();
    ensure(won == 1, || format!("{won} of {MANY} concurrent commits won: {results:?}"))?;
    let lost = results.iter().filter_map(|result| result.as_ref().err()).find(|error| error.kind() != loser);
    lost.map_or(Ok(()), |error| Err(Finding(format!("a loser's error is not \"{loser}\": {error}"))))
}

/// Of many concurrent commits of one version exactly one wins; the others are conflicts.
pub async fn one_of_many_commits_wins(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let state = invitation("a", store.now().await?)?;
    store.commit(&insert(state.clone())).await?;
    let commits: Vec<_> = (0..MANY)
        .map(|number| {
            let mut state = state.clone();
            state.revision = u32::try_from(number).unwrap_or(u32::MAX);
            update(1, state)
        })
        .collect();
    let results = join_all(commits.iter().map(|commit| store.commit(commit))).await;
    one_winner(&results, ErrorKind::Conflict)?;
    let winner = results.iter().position(Result::is_ok).and_then(|place| u32::try_from(place).ok());
    let kept = store.load(&tenant()?, &id("a")?).await?;
    ensure(kept.as_ref().map(|row| (Some(row.value.revision), row.version)) == Some((winner, 2)), || {
        format!("commit {winner:?} won, but {kept:?} was kept")
    })?;
    let events = store.history(&tenant()?, &id("a")?).await?.len();
    ensure(events == 2, || format!("{events} events instead of 2"))
}

/// Of many concurrent inserts that hold one name exactly one wins; the others are refused.
pub async fn one_of_many_inserts_wins(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let state = invitation("a", store.now().await?)?;
    let mut commits = Vec::new();
    for number in 0..MANY {
        let mut state = state.clone();
        state.id = id(&format!("rival-{number}"))?;
        commits.push(insert(state));
    }
    let results = join_all(commits.iter().map(|commit| store.commit(commit))).await;
    one_winner(&results, ErrorKind::Refused)
}

/// Many concurrent askers share out what is due: no row is held twice and none is left over.
pub async fn concurrent_claims_share_nothing(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    let names = ["a", "b", "c", "d"];
    for name in names {
        let state = resting(name, now, &[now; 4])?;
        store.commit(&with_notice(insert(state), "told")).await?;
    }
    let mut claims = Vec::new();
    for number in 0..MANY {
        claims.push(claim(&format!("worker-{number}"), 3)?);
    }
    let mut rows = Vec::new();
    for taken in join_all(claims.iter().map(|claim| store.claim(claim))).await {
        rows.extend(taken?);
    }
    // an asker may have come in vain; what is left is still there
    rows.extend(store.claim(&claim("last", 100)?).await?);
    let found = summary(&rows);
    let mut distinct = found.clone();
    distinct.dedup();
    ensure(found == distinct, || format!("held by two askers at once: {found:?}"))?;
    ensure(found.len() == names.len() * 6, || format!("{} rows of {}: {found:?}", found.len(), names.len() * 6))
}

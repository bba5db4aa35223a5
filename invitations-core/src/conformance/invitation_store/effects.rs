use super::{
    InvitationStoreFixture,
    make::{
        LATER, LEASE, SOON, claim, claimed, closed, effect, expect, id, insert, link, resting, tenant, update,
        with_notice, working,
    },
};
use crate::{
    ErrorKind,
    conformance::{Finding, Verdict, ensure, ensure_kind},
    invitation::{Claimed, machine::Closed},
};

/// The fence of the only row, which must be an effect.
fn only_fence(rows: &[Claimed]) -> Result<u64, Finding> {
    match rows {
        [Claimed::Effect { fence, .. }] => Ok(*fence),
        other => Err(Finding(format!("expected one effect, claimed {other:?}"))),
    }
}

/// An effect is handed out from its time on, as long as the last commit says that it is due.
pub async fn effect_is_claimed_when_due(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    let mut state = resting("a", now, &[now, now + SOON, now + LATER])?;
    state.policy.reminders.clear();
    store.commit(&insert(state.clone())).await?;
    expect(&claimed(&*store, "worker").await?, &["effect a work.0"], "at once")?;
    fixture.pass(SOON).await;
    expect(&claimed(&*store, "worker").await?, &["effect a work.1"], "when the second is due")?;
    let mut moved = state.clone();
    moved.effects.truncate(1);
    store.commit(&update(1, moved)).await?;
    fixture.pass(LATER).await;
    expect(&claimed(&*store, "worker").await?, &["effect a work.0"], "when the others are no longer due")?;
    store.commit(&update(2, closed(state, Closed::Cancelled))).await?;
    fixture.pass(LATER).await;
    expect(&claimed(&*store, "worker").await?, &[], "of a closed invitation")
}

/// Nobody gets a row that somebody holds; it is due again when the lease ends on the store's clock.
pub async fn effect_lease_is_exclusive_and_lapses(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    store.commit(&insert(working("a", now, &[now])?)).await?;
    let rows = claimed(&*store, "one").await?;
    let until = match rows.as_slice() {
        [Claimed::Effect { tenant: of, invitation, effect: name, until, .. }] => {
            let named = (of, invitation, name) == (&tenant()?, &id("a")?, &effect(0)?);
            ensure(named, || format!("the claimed row names another effect: {rows:?}"))?;
            *until
        }
        other => return Err(Finding(format!("expected one effect, claimed {other:?}"))),
    };
    let after = store.now().await?;
    let held = until >= now + LEASE && until <= after + LEASE;
    ensure(held, || format!("claimed at {now} for {LEASE:?}, held until {until}"))?;
    expect(&claimed(&*store, "two").await?, &[], "while another one holds it")?;
    expect(&claimed(&*store, "one").await?, &[], "while the asker holds it")?;
    fixture.pass(SOON).await;
    expect(&claimed(&*store, "two").await?, &[], "while another one still holds it")?;
    fixture.pass(LEASE - SOON).await;
    expect(&claimed(&*store, "two").await?, &["effect a work.0"], "when the lease has ended")
}

/// The fence grows with every lease on a row, also when a commit lies between, or a time in which nothing was due.
pub async fn fence_grows_even_over_commits(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    let state = working("a", now, &[now])?;
    store.commit(&insert(state.clone())).await?;
    let mut last = only_fence(&claimed(&*store, "one").await?)?;
    let mut resting = state.clone();
    resting.effects.clear();
    for (version, next) in (1..).zip([state.clone(), resting, state]) {
        fixture.pass(LATER).await;
        store.commit(&update(version, next.clone())).await?;
        if next.effects.is_empty() {
            continue;
        }
        let fence = only_fence(&claimed(&*store, "two").await?)?;
        ensure(fence > last, || format!("fence {fence} after {last}"))?;
        last = fence;
    }
    Ok(())
}

/// A commit under a lease is refused once a later lease was given out, and writes nothing then.
pub async fn stale_fence_writes_nothing(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    let state = working("a", now, &[now])?;
    store.commit(&insert(state.clone())).await?;
    let first = only_fence(&claimed(&*store, "one").await?)?;
    // a lease that has ended is good as long as nobody else got one
    fixture.pass(LATER).await;
    let mut late = update(1, state.clone());
    late.fence = Some((effect(0)?, first));
    store.commit(&late).await?;
    let second = only_fence(&claimed(&*store, "two").await?)?;
    let mut stale = with_notice(update(2, state.clone()), "stale");
    stale.links.push(link("a", 1)?);
    for fence in [(effect(0)?, first), (effect(0)?, second + 1), (effect(1)?, second)] {
        stale.fence = Some(fence);
        ensure_kind(
            store.commit(&stale).await,
            ErrorKind::Conflict,
            "commit under a lease that is not the current one",
        )?;
    }
    let row = store.load(&tenant()?, &id("a")?).await?.map(|row| row.version);
    ensure(row == Some(2), || format!("the version is {row:?} after a stale fence, not 2"))?;
    ensure(store.find_link(&[1; 12]).await?.is_none(), || "a stale fence left a link".to_owned())?;
    expect(&claimed(&*store, "three").await?, &[], "after a stale fence")?;
    stale.fence = Some((effect(0)?, second));
    let version = store.commit(&stale).await?;
    ensure(version == 3, || format!("the version under the current lease is {version}, not 3"))
}

/// A commit gives its lease back when it says so, and only then.
pub async fn lease_is_released(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    let state = working("a", now, &[now])?;
    store.commit(&insert(state.clone())).await?;
    let fence = only_fence(&claimed(&*store, "one").await?)?;
    let mut commit = update(1, state.clone());
    commit.fence = Some((effect(0)?, fence));
    store.commit(&commit).await?;
    expect(&claimed(&*store, "two").await?, &[], "after a commit that keeps the lease")?;
    (commit.expected, commit.release) = (Some(2), true);
    store.commit(&commit).await?;
    expect(&claimed(&*store, "two").await?, &["effect a work.0"], "after a commit that gives the lease back")
}

/// A claim for one invitation takes that one's rows and no others.
pub async fn claim_of_one_invitation(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    for name in ["a", "b", "c"] {
        let state = if name == "b" { resting(name, now, &[now])? } else { working(name, now, &[now])? };
        store.commit(&with_notice(insert(state), "told")).await?;
    }
    let only = claim("worker", 100)?.with_only(tenant()?, id("b")?);
    let expected = ["deadline b", "delivery b told", "effect b work.0"];
    expect(&store.claim(&only).await?, &expected, "for one invitation")?;
    let unknown = claim("worker", 100)?.with_only(crate::ids::TenantId::parse("other")?, id("a")?);
    expect(&store.claim(&unknown).await?, &[], "for another organisation's invitation")?;
    let rest = ["delivery a told", "delivery c told", "effect a work.0", "effect c work.0"];
    expect(&claimed(&*store, "worker").await?, &rest, "for any invitation")
}

/// A claim gives at most as many rows as it asks for, and the rest to the next ones.
pub async fn claim_keeps_to_its_limit(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    let state = resting("a", now, &[now; 5])?;
    store.commit(&with_notice(insert(state), "told")).await?;
    let none = store.claim(&claim("worker", 0)?).await?;
    expect(&none, &[], "with a limit of 0")?;
    let mut all = Vec::new();
    for _ in 0..4 {
        let some = store.claim(&claim("worker", 2)?).await?;
        ensure(some.len() <= 2, || format!("{} rows for a limit of 2", some.len()))?;
        all.extend(some);
    }
    let effects = ["effect a work.0", "effect a work.1", "effect a work.2", "effect a work.3", "effect a work.4"];
    expect(&all, &[&["deadline a", "delivery a told"], effects.as_slice()].concat(), "in four claims of two rows")
}

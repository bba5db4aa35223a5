use chrono::{DateTime, TimeDelta, Utc};

use super::{
    InvitationStoreFixture,
    make::{account, closed, insert, invitation, update},
};
use crate::{
    ErrorKind, Result,
    conformance::{Verdict, ensure, ensure_kind},
    ids::{EffectId, EffectName, MeetingKey, TenantId},
    invitation::{
        Commit, Effect, EffectKind, Event, InvitationStore, State,
        machine::{Closed, Phase},
    },
    provider::MeetingDraft,
};

/// Plans a meeting under this key, and work of the embedder's under the same with `-work` behind it.
fn plan(version: u64, state: &State, epoch: u32, key: &str, now: DateTime<Utc>) -> Result<Commit> {
    let draft = MeetingDraft::new("Maths", now..now + TimeDelta::hours(1));
    let work = EffectKind::Custom { name: EffectName::parse("work")?, payload: serde_json::Value::Null };
    let mut effects = Vec::new();
    for (kind, key) in [(EffectKind::CreateMeeting(Box::new(draft)), key.to_owned()), (work, format!("{key}-work"))] {
        let effect = EffectId::parse(format!("{}.{epoch}", kind.name()))?;
        effects.push(Effect::planned(effect, kind, account()?, MeetingKey::parse(key)?, now));
    }
    let mut commit = update(version, state.clone());
    (commit.state.phase, commit.state.epoch) = (Phase::Provisioning, epoch);
    commit.state.effects.extend(effects.clone());
    commit.events = vec![Event::ProvisioningStarted { at: now, epoch, effects }];
    Ok(commit)
}

async fn expect_keys(store: &dyn InvitationStore, known: &[&str], unknown: &[&str], when: &str) -> Verdict {
    for (keys, expected) in [(known, true), (unknown, false)] {
        for key in keys {
            let found = store.find_key(&MeetingKey::parse(*key)?).await?;
            ensure(found == expected, || format!("{when}: whether {key} was planned is {found}, expected {expected}"))?;
        }
    }
    Ok(())
}

/// A key is known from the commit that plans its meeting on, for good, whosever the invitation is.
pub async fn keys_are_known_for_good(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    let state = invitation("a", now)?;
    let mut foreign = invitation("b", now)?;
    foreign.tenant = TenantId::parse("other")?;
    for state in [&state, &foreign] {
        store.commit(&insert(state.clone())).await?;
    }
    expect_keys(&*store, &[], &["one", "two", "three"], "before anything is planned").await?;
    ensure_kind(store.commit(&plan(7, &state, 1, "one", now)?).await, ErrorKind::Conflict, "plan in another version")?;
    expect_keys(&*store, &[], &["one"], "after a plan that was refused").await?;
    let first = plan(1, &state, 1, "one", now)?;
    store.commit(&first).await?;
    // an effect of another kind has no meeting under its key
    expect_keys(&*store, &["one"], &["two", "three", "one-work"], "after the first plan").await?;
    store.commit(&plan(2, &first.state, 2, "two", now)?).await?;
    store.commit(&plan(1, &foreign, 1, "three", now)?).await?;
    expect_keys(&*store, &["one", "two", "three"], &["four"], "after a second plan and another organisation's").await?;
    // some closed states still carry their effects, some do not
    store.commit(&update(3, closed(state, Closed::Cancelled))).await?;
    store.commit(&update(2, closed(foreign, Closed::Failed))).await?;
    expect_keys(&*store, &["one", "two", "three"], &["four"], "after the end of the invitations").await
}

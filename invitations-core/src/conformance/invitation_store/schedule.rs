use super::{
    InvitationStoreFixture,
    make::{LATER, LEASE, SOON, claimed, closed, expect, id, insert, resting, tenant, update, working},
};
use crate::{
    conformance::{Verdict, ensure},
    invitation::{
        EffectStatus,
        machine::{BlockCause, Closed, Phase, Resume},
    },
};

/// While things are made only the first effect that is not at rest is handed out, however many have their time; the last one while they
/// are undone, where one that waits for a person is passed over; and none while a person is waited for.
pub async fn effects_are_due_as_scheduled(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    let mut state = working("a", now, &[now, now, now])?;
    state.phase = Phase::Provisioning;
    store.commit(&insert(state.clone())).await?;
    expect(&claimed(&*store, "one").await?, &["effect a work.0"], "while things are made")?;
    if let Some(first) = state.effects.first_mut() {
        (first.status, first.due_at) = (EffectStatus::Done, None);
    }
    store.commit(&update(1, state.clone())).await?;
    fixture.pass(LEASE).await;
    expect(&claimed(&*store, "one").await?, &["effect a work.1"], "when the first one is done")?;
    let going_on = std::mem::replace(
        &mut state.phase,
        Phase::Blocked { cause: BlockCause::NeedsAction, resume_to: Resume::Provisioning },
    );
    store.commit(&update(2, state.clone())).await?;
    fixture.pass(LATER).await;
    expect(&claimed(&*store, "one").await?, &[], "while it is blocked")?;
    let next = store.next_due().await?;
    ensure(next.is_none(), || format!("next_due is {next:?} while it is blocked"))?;
    state.phase = going_on;
    store.commit(&update(3, state.clone())).await?;
    expect(&claimed(&*store, "one").await?, &["effect a work.1"], "when it goes on")?;
    state.phase = Phase::Compensating { target: Closed::Cancelled };
    store.commit(&update(4, state.clone())).await?;
    fixture.pass(LEASE).await;
    expect(&claimed(&*store, "one").await?, &["effect a work.2"], "while everything is undone")?;
    state.phase = Phase::Blocked {
        cause: BlockCause::NeedsAction,
        resume_to: Resume::Compensating { target: Closed::Cancelled },
    };
    if let Some(last) = state.effects.last_mut() {
        last.due_at = None;
    }
    store.commit(&update(5, state)).await?;
    fixture.pass(LATER).await;
    expect(&claimed(&*store, "one").await?, &["effect a work.1"], "when the last undo waits for a person")
}

/// What rests in an invitation that is on or over is handed out when it is to be looked at again.
pub async fn closed_invitations_are_swept(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    let mut state = resting("a", now, &[now + SOON, now + LATER])?;
    state.policy.reminders.clear();
    store.commit(&insert(state.clone())).await?;
    expect(&claimed(&*store, "one").await?, &[], "before the first look")?;
    fixture.pass(SOON).await;
    expect(&claimed(&*store, "one").await?, &["effect a work.0"], "when it is to be looked at while it is on")?;
    state.phase = Phase::Closed(Closed::Cancelled);
    state.effects.iter_mut().for_each(|effect| effect.status = EffectStatus::Undone);
    store.commit(&update(1, state.clone())).await?;
    fixture.pass(LEASE).await;
    expect(&claimed(&*store, "one").await?, &["effect a work.0"], "when it is to be looked at although it is over")?;
    let again = store.now().await? + LATER;
    if let Some(first) = state.effects.first_mut() {
        first.due_at = Some(again);
    }
    store.commit(&update(2, state.clone())).await?;
    fixture.pass(LATER).await;
    expect(&claimed(&*store, "one").await?, &["effect a work.0", "effect a work.1"], "when both are to be looked at")?;
    store.commit(&update(3, closed(state, Closed::Cancelled))).await?;
    fixture.pass(LATER).await;
    expect(&claimed(&*store, "one").await?, &[], "when nothing is to be looked at any more")?;
    let found = store.load(&tenant()?, &id("a")?).await?;
    ensure(found.is_some(), || "the closed one is gone".to_owned())
}

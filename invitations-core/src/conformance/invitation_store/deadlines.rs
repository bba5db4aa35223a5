use super::{
    InvitationStoreFixture,
    make::{LATER, LEASE, SOON, claimed, closed, expect, insert, invitation, resting, update, with_notice, working},
};
use crate::{
    conformance::{Verdict, ensure},
    invitation::{
        InvitationStore,
        machine::{BlockCause, Blocking, Closed, Offer, Phase, Policy, Reminder, Resume},
    },
};

/// A deadline is handed out from its time on, to one asker at a time, until a commit moves it.
pub async fn deadline_is_leased_and_stays_due(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    let mut state = invitation("a", now)?;
    state.expires_at = Some(now + SOON);
    store.commit(&insert(state.clone())).await?;
    expect(&claimed(&*store, "one").await?, &[], "before the deadline")?;
    fixture.pass(SOON).await;
    expect(&claimed(&*store, "one").await?, &["deadline a"], "at the deadline")?;
    expect(&claimed(&*store, "two").await?, &[], "while somebody holds the deadline")?;
    fixture.pass(LEASE).await;
    expect(&claimed(&*store, "two").await?, &["deadline a"], "when nobody acted on the deadline")?;
    // a commit that leaves the deadline leaves it due
    store.commit(&update(1, state)).await?;
    fixture.pass(LEASE).await;
    expect(&claimed(&*store, "one").await?, &["deadline a"], "after a commit that does not move the deadline")
}

/// A commit moves the deadline, takes it away, and gives a new one without the old one's lease.
pub async fn deadline_moves_with_the_commit(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    let mut state = invitation("a", now)?;
    state.expires_at = Some(now);
    store.commit(&insert(state.clone())).await?;
    expect(&claimed(&*store, "one").await?, &["deadline a"], "at the deadline")?;
    state.expires_at = Some(now + SOON);
    store.commit(&update(1, state.clone())).await?;
    expect(&claimed(&*store, "one").await?, &[], "before the moved deadline")?;
    fixture.pass(SOON).await;
    expect(&claimed(&*store, "one").await?, &["deadline a"], "at the moved deadline")?;
    store.commit(&update(2, closed(state, Closed::Expired))).await?;
    fixture.pass(LATER).await;
    expect(&claimed(&*store, "one").await?, &[], "of a closed invitation")
}

async fn expect_next(
    store: &dyn InvitationStore,
    expected: Option<chrono::DateTime<chrono::Utc>>,
    when: &str,
) -> Verdict {
    let next = store.next_due().await?;
    ensure(next == expected, || format!("{when}: next_due is {next:?}, expected {expected:?}"))
}

/// `next_due` is the earliest time at which a claim finds something: of effects, deadlines and notices, after their leases.
pub async fn next_due_counts_leases(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    expect_next(&*store, None, "of an empty store").await?;
    let now = store.now().await?;
    let mut state = working("a", now, &[now + SOON])?;
    state.expires_at = Some(now + LATER);
    store.commit(&insert(state.clone())).await?;
    expect_next(&*store, Some(now + SOON), "with an effect to come").await?;
    let mut pending = invitation("b", now)?;
    pending.expires_at = Some(now + SOON / 2);
    store.commit(&insert(pending.clone())).await?;
    expect_next(&*store, Some(now + SOON / 2), "with a deadline to come first").await?;
    fixture.pass(SOON).await;
    let taken = store.now().await?;
    expect(&claimed(&*store, "one").await?, &["deadline b", "effect a work.0"], "when both are due")?;
    let next = store.next_due().await?;
    let held = next.is_some_and(|next| next >= taken + LEASE && next < taken + LEASE + SOON);
    ensure(held, || format!("two rows are held from {taken} for {LEASE:?}, next_due is {next:?}"))?;
    store.commit(&with_notice(update(1, closed(pending, Closed::Expired)), "told")).await?;
    let next = store.next_due().await?;
    let told = next.is_some_and(|next| next <= taken + SOON);
    ensure(told, || format!("a notice waits since {taken}, next_due is {next:?}"))?;
    expect(&claimed(&*store, "one").await?, &["delivery b told"], "with a notice")?;
    store.commit(&update(1, closed(state, Closed::Cancelled))).await?;
    let next = store.next_due().await?;
    ensure(next.is_some_and(|next| next >= taken + LEASE), || format!("the notice is held, next_due is {next:?}"))
}

/// The deadline is whatever comes first by itself: a reminder or the end, another try after a block or giving it up.
pub async fn deadline_is_the_next_tick(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    // reminded of the answer, then over
    let mut open = invitation("a", now)?;
    open.expires_at = Some(now + LEASE * 4);
    open.policy = Policy::default().with_reminders([Reminder::before_expiry(LEASE * 4 - SOON)]);
    // reminded of the meeting
    let mut on = resting("b", now, &[])?;
    if let Offer::Meeting { draft, .. } = &mut on.offer {
        draft.slot = (now + SOON * 2..now + SOON * 3).into();
    }
    // tried again, then given up
    let mut blocked = invitation("c", now)?;
    blocked.phase = Phase::Blocked { cause: BlockCause::NeedsAction, resume_to: Resume::Provisioning };
    blocked.blocking = Some(Blocking::new(now, Some(now + SOON), now + LEASE * 4));
    for state in [&open, &on, &blocked] {
        store.commit(&insert(state.clone())).await?;
    }
    expect(&claimed(&*store, "one").await?, &[], "before anything is to be done")?;
    expect_next(&*store, Some(now + SOON), "before anything is to be done").await?;
    fixture.pass(SOON).await;
    expect(&claimed(&*store, "one").await?, &["deadline a", "deadline b", "deadline c"], "when all are due")?;
    for state in [&mut open, &mut on] {
        state.reminded.clone_from(&state.policy.reminders);
    }
    if let Some(blocking) = &mut blocked.blocking {
        blocking.probe_at = None;
    }
    for state in [&open, &on, &blocked] {
        store.commit(&update(1, state.clone())).await?;
    }
    fixture.pass(LEASE).await;
    expect(&claimed(&*store, "one").await?, &[], "when all that was to be done first is done")?;
    fixture.pass(LEASE * 3).await;
    expect(&claimed(&*store, "one").await?, &["deadline a", "deadline c"], "at the end of waiting")
}

use super::{
    InvitationStoreFixture,
    make::{LATER, SOON, closed, expect, id, insert, invitation, resting, tenant, update},
};
use crate::{
    conformance::{Verdict, ensure},
    ids::{EffectId, MeetingKey, ProviderId, Reference, UserId},
    invitation::{
        Effect, EffectKind, Event, Refusal,
        machine::{BlockCause, Blocking, Closed, Offer, Phase, Resume},
    },
    provider::{Account, MeetingDraft},
};

/// A key is known from the commit that plans its meeting on, for good.
pub async fn keys_are_known_for_good(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    let (key, other) = (MeetingKey::parse("planned")?, MeetingKey::parse("not-planned")?);
    let state = invitation("a", now)?;
    store.commit(&insert(state.clone())).await?;
    ensure(!store.find_key(&key).await?, || "a key is known before it is planned".to_owned())?;
    let account = Account::application(tenant()?, ProviderId::parse("provider")?, UserId::parse("organizer")?);
    let kind = EffectKind::CreateMeeting(Box::new(MeetingDraft::new("Maths", now..now + SOON)));
    let meeting = Effect::planned(EffectId::parse("create_meeting.1")?, kind, account, key.clone(), now);
    let mut planned = update(1, state.clone());
    planned.state.effects = vec![meeting.clone()];
    planned.events = vec![Event::ProvisioningStarted { at: now, epoch: 1, effects: vec![meeting] }];
    store.commit(&planned).await?;
    ensure(store.find_key(&key).await?, || "a planned key is not known".to_owned())?;
    ensure(!store.find_key(&other).await?, || "a key that nobody planned is known".to_owned())?;
    store.commit(&update(2, closed(state, Closed::Cancelled))).await?;
    ensure(store.find_key(&key).await?, || "a key is forgotten with the end of its invitation".to_owned())
}

/// A payment stays taken although its booking is over.
pub async fn payment_is_held_for_good(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let mut first = invitation("a", store.now().await?)?;
    first.payment = Some(Reference::parse("payment-1")?);
    store.commit(&insert(first.clone())).await?;
    store.commit(&update(1, closed(first.clone(), Closed::Cancelled))).await?;
    let mut second = invitation("b", first.created_at)?;
    second.payment.clone_from(&first.payment);
    let refused = store.commit(&insert(second)).await.err();
    let of = refused.as_ref().and_then(crate::Error::refusal).cloned();
    ensure(of == Some(Refusal::Duplicate { of: first.id }), || format!("a payment was used twice: {refused:?}"))
}

/// The deadline is whatever comes first by itself: the end, a reminder, another try after a block.
pub async fn deadline_is_the_next_tick(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    let mut reminding = resting("a", now, &[])?;
    if let Offer::Meeting { draft, .. } = &mut reminding.offer {
        draft.slot = (now + SOON * 2..now + SOON * 3).into();
    }
    store.commit(&insert(reminding.clone())).await?;
    let mut blocked = invitation("b", now)?;
    blocked.phase = Phase::Blocked { cause: BlockCause::NeedsAction, resume_to: Resume::Provisioning };
    blocked.blocking = Some(Blocking::new(now, Some(now + SOON), now + LATER * 9));
    store.commit(&insert(blocked)).await?;
    expect(&super::make::claimed(&*store, "one").await?, &[], "before anything is to be done")?;
    fixture.pass(SOON).await;
    expect(&super::make::claimed(&*store, "one").await?, &["deadline a", "deadline b"], "when both are due")?;
    reminding.reminded = reminding.policy.reminders.clone();
    store.commit(&update(1, reminding)).await?;
    fixture.pass(LATER).await;
    expect(&super::make::claimed(&*store, "two").await?, &["deadline b"], "when one was reminded")
}

/// What rests in a closed invitation is handed out when it is to be looked at again.
pub async fn closed_invitations_are_swept(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    let mut state = resting("a", now, &[now + SOON])?;
    state.phase = Phase::Closed(Closed::Cancelled);
    store.commit(&insert(state)).await?;
    expect(&super::make::claimed(&*store, "one").await?, &[], "before the look")?;
    fixture.pass(SOON).await;
    expect(&super::make::claimed(&*store, "one").await?, &["effect a work.0"], "when it is to be looked at")?;
    let found = store.load(&tenant()?, &id("a")?).await?;
    ensure(found.is_some(), || "the closed one is gone".to_owned())
}

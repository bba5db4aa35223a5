//! Stored rows that say everything the whole table can: the same promise as in `stored`.

use chrono::TimeDelta;
use invitations_core::{
    ids::{EffectId, InvitationId, MeetingKey, PrincipalId, Reference},
    invitation::{
        Effect, EffectKind, EffectStatus, Event, State,
        effect::ExternalRef,
        machine::{BlockCause, Blocking, Closed, Counter, Drift, Phase, Policy, Reminder, Response, Resume},
    },
    people::{Attendee, EmailAddress, GuestDraft},
    provider::MeetingPatch,
    time::Slot,
};
use serde_json::json;

use crate::stored::{account, at, check, effect_id, name, problem, state};

fn slot() -> Slot {
    Slot::from(at()..at() + TimeDelta::hours(1))
}

fn ada() -> PrincipalId {
    PrincipalId::parse("ada").unwrap()
}

/// Types that only the core makes are read from their JSON.
fn read<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn counter() -> Counter {
    read(json!({ "invitee": 0, "by": "ada", "slots": [slot()] }))
}

fn blocking() -> Blocking {
    read(json!({ "since": at(), "probes": 3, "probe_at": at(), "give_up_at": at() }))
}

fn attendee() -> Attendee {
    Attendee::new(EmailAddress::parse("bob@people.example").unwrap())
}

fn kinds() -> Vec<EffectKind> {
    let guest = GuestDraft::new(attendee().email, "https://app.example/webinar".parse().unwrap()).for_the_occasion();
    vec![
        EffectKind::InviteGuest(Box::new(guest)),
        EffectKind::AddToMeeting { attendee: attendee() },
        EffectKind::RemoveFromMeeting { attendee: attendee() },
        EffectKind::UpdateMeeting(Box::new(MeetingPatch::new().with_slot(slot()))),
    ]
}

fn effects() -> Vec<Effect> {
    let planned = |kind: EffectKind| {
        let id = format!("{}.1", kind.name());
        let key = MeetingKey::parse(&id).unwrap();
        Effect::planned(EffectId::parse(&id).unwrap(), kind, account(), key, at())
    };
    let mut effects: Vec<_> = kinds().into_iter().map(planned).collect();
    let mut found = ExternalRef::new(account(), "guest-1");
    found.created = true;
    (effects[0].found, effects[0].status, effects[0].swept) = (Some(found), EffectStatus::Done, 1);
    effects
}

fn whole() -> State {
    let mut state = state();
    state.effects.extend(effects());
    state.phase = Phase::Blocked { cause: BlockCause::NeedsAction, resume_to: Resume::Rescheduling };
    state.policy = Policy::default()
        .with_approvals(2)
        .with_counters(false)
        .with_cancel_on_quorum_loss(true)
        .with_ask_again_when_moved(true)
        .with_reminders([
            Reminder::BeforeExpiry { seconds: 3600 },
            Reminder::BeforeStart { seconds: 900 },
            Reminder::NobodyJoined { seconds: 300 },
        ]);
    state.inviter_name = Some("Ada".to_owned());
    (state.since, state.on_since, state.resent_at) = (Some(at()), Some(at()), Some(at()));
    (state.counter, state.blocking) = (Some(counter()), Some(blocking()));
    state.reminded = vec![Reminder::BeforeExpiry { seconds: 3600 }];
    state.payment = Some(Reference::parse("payment-1").unwrap());
    state.drift = Some(Drift::Changed);
    if let Some(invitee) = state.invitees.first_mut() {
        invitee.response = Response::Tentative;
    }
    state
}

/// One of each kind that `stored` does not have.
fn events() -> Vec<Event> {
    let (effect, offer) = (effect_id(), Box::new(state().offer));
    let by = || Some(ada());
    vec![
        Event::ApprovedToSend { at: at() },
        Event::InviteeTentative { invitee: 0, by: ada() },
        Event::Countered { at: at(), counter: counter() },
        Event::CounterAccepted { at: at(), revision: 1, slot: slot(), expires_at: at() },
        Event::CounterDeclined { at: at() },
        Event::CounterWithdrawn { at: at() },
        Event::PaymentConfirmed { payment: Some(Reference::parse("payment-1").unwrap()) },
        Event::PaymentFailed { at: at() },
        Event::Amended { at: at(), revision: 1, offer, expires_at: at() },
        Event::Resent { at: at(), expires_at: at() },
        Event::Extended { until: at() },
        Event::SupersededBy { invitation: InvitationId::parse("two").unwrap() },
        Event::Reminded { reminder: Reminder::NobodyJoined { seconds: 300 } },
        Event::LinkMade { generation: 2 },
        Event::RevokeRequested { target: Closed::Revoked, by: by() },
        Event::OrganizerChanged { at: at(), organizer: account() },
        Event::ResolvedManually { at: at(), effect: effect.clone(), by: by() },
        Event::RescheduleStarted { at: at(), revision: 2, effect: Box::new(effects().remove(3)) },
        Event::Rescheduled { at: at(), slot: slot() },
        Event::RescheduleFailed { at: at(), problem: problem() },
        Event::Regenerating { at: at() },
        Event::DriftObserved { at: at(), drift: Drift::Gone },
        Event::SweepPlanned { effect: effect.clone(), at: at() },
        Event::Swept { effect, removed: 1, next_at: Some(at()) },
    ]
}

#[test]
fn a_whole_state_is_read() {
    check("state_whole", &whole());
}

#[test]
fn every_further_event_is_read() {
    for event in events() {
        check(&name(&event), &event);
    }
    // those that say more than they did
    let effect = effect_id();
    let timed = [
        Event::Fulfilled { at: Some(at()) },
        Event::RequesterVerified { at: Some(at()) },
        Event::CompensationStarted { target: Closed::Cancelled, at: Some(at()) },
        Event::Blocked {
            cause: BlockCause::NeedsAction,
            effect: effect.clone(),
            problem: problem(),
            blocking: Some(blocking()),
        },
        Event::Quarantined { effect, problem: problem(), at: Some(at()) },
        Event::Resumed { at: at(), probe: true },
        Event::Closed { how: Closed::Revoked, by: None, at: Some(at()) },
    ];
    for event in timed {
        check(&format!("{}_timed", name(&event)), &event);
    }
}

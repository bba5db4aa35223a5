//! Perhaps, other times, and a change of mind.

use super::*;
use crate::time::Slot;

pub(super) fn slot(hours: i64) -> Slot {
    Slot::from(noon() + Duration::hours(hours)..noon() + Duration::hours(hours + 1))
}

fn countered(quorum: Quorum) -> State {
    let state = meeting_for(&["bob", "eve"], quorum);
    step(&state, &Command::Counter { slots: vec![slot(48), slot(72)] }, &by("bob"))
}

#[test]
fn row_t17_perhaps_is_noted_and_may_become_yes() {
    let state = step(&meeting_for(&["bob"], Quorum::Any), &Command::Tentative, &by("bob"));
    assert_eq!((&state.phase, state.invitees[0].response), (&Phase::Pending, Response::Tentative));
    assert_eq!(refused(&state, &Command::Tentative, &by("bob")), Refusal::AlreadyYours);
    assert_eq!(refused(&state, &Command::Tentative, &by("eve")), Refusal::NotFound);
    let newcomer = verified("new", "new@school.example");
    assert_eq!(refused(&membership("new@school.example"), &Command::Tentative, &newcomer), Refusal::NotApplicable);
    assert_eq!(step(&state, &Command::Accept, &by("bob")).phase, Phase::Provisioning);
}

#[test]
fn row_t18_other_times_lie_ahead_and_are_told_to_the_inviter() {
    let state = meeting_for(&["bob"], Quorum::Any);
    let slots = vec![slot(48)];
    let decision = decide(Some(&state), &Command::Counter { slots: slots.clone() }, &by("bob")).unwrap();
    let inviter = Told::Principal(PrincipalId::parse("ada").unwrap());
    assert_eq!(decision.notices, [NoticePlan::new(inviter, Tell::CounterProposed)]);
    let after = apply(Some(&state), &decision);
    assert_eq!((&after.phase, &after.counter.as_ref().unwrap().slots), (&Phase::Countered, &slots));
    for bad in [Vec::new(), vec![slot(-1)], vec![slot(48); 21]] {
        assert_eq!(refused(&state, &Command::Counter { slots: bad }, &by("bob")), Refusal::NotApplicable);
    }
    let mut strict = state.clone();
    strict.policy.counters = false;
    assert_eq!(refused(&strict, &Command::Counter { slots: slots.clone() }, &by("bob")), Refusal::NotApplicable);
    let mut late = by("bob");
    late.revision = Some(1);
    assert_eq!(refused(&state, &Command::Counter { slots }, &late), Refusal::Stale { current: 0 });
}

#[test]
fn row_t21_one_of_the_times_is_taken_and_the_others_are_asked_anew() {
    let state = countered(Quorum::All);
    let decision = decide(Some(&state), &Command::AcceptCounter { slot: 1 }, &by("ada")).unwrap();
    let eve = NoticePlan::new(Told::Recipient(person("eve")), Tell::Updated);
    assert_eq!(decision.notices, [eve]);
    assert!(decision.kill_links);
    let after = apply(Some(&state), &decision);
    assert_eq!((&after.phase, after.revision, after.counter.as_ref()), (&Phase::Pending, 1, None));
    assert_eq!(after.draft().unwrap().slot, slot(72));
    assert_eq!(after.invitees.iter().map(|one| one.response).collect::<Vec<_>>(), [Response::Accepted, Response::None]);
    let mut old = by("eve");
    old.revision = Some(0);
    assert_eq!(refused(&after, &Command::Accept, &old), Refusal::Stale { current: 1 });
    let state = step(&after, &Command::Accept, &by("eve"));
    assert_eq!(state.phase, Phase::Provisioning);
}

#[test]
fn row_t22_taking_a_time_may_be_enough() {
    let state = step(&countered(Quorum::Any), &Command::AcceptCounter { slot: 0 }, &by("ada"));
    assert_eq!(state.phase, Phase::Provisioning);
    assert_eq!(state.winner.as_ref().map(PrincipalId::as_str), Some("bob"));
    let crate::invitation::EffectKind::CreateMeeting(draft) = &state.effects[0].kind else { panic!() };
    assert_eq!(draft.slot, slot(48));
    let none = Command::AcceptCounter { slot: 2 };
    assert_eq!(refused(&countered(Quorum::Any), &none, &by("ada")), Refusal::NotApplicable);
    let late = system(noon() + Duration::hours(49));
    let first = Command::AcceptCounter { slot: 0 };
    assert_eq!(refused(&countered(Quorum::Any), &first, &late), Refusal::Expired);
}

#[test]
fn row_t23_none_of_the_times_is_taken() {
    let state = countered(Quorum::Any);
    let decision = decide(Some(&state), &Command::DeclineCounter, &by("ada")).unwrap();
    let bob = NoticePlan::new(Told::Recipient(person("bob")), Tell::CounterDeclined);
    assert_eq!(decision.notices, [bob]);
    let after = apply(Some(&state), &decision);
    assert_eq!((&after.phase, after.counter.as_ref(), after.revision), (&Phase::Pending, None, 0));
    assert_eq!(refused(&after, &Command::DeclineCounter, &by("ada")), Refusal::NotApplicable);
}

#[test]
fn row_t24_t76_declining_while_other_times_are_open() {
    let all = step(&countered(Quorum::All), &Command::Decline, &by("bob"));
    assert_eq!(all.phase, Phase::Closed(Closed::Declined));
    let own = step(&countered(Quorum::Any), &Command::Decline, &by("bob"));
    assert_eq!((&own.phase, own.counter.as_ref()), (&Phase::Pending, None), "the offer goes with its maker");
    let other = step(&countered(Quorum::Any), &Command::Decline, &by("eve"));
    assert_eq!(other.phase, Phase::Countered);
}

#[test]
fn row_t25_t75_accepting_while_other_times_are_open() {
    let met = step(&countered(Quorum::Any), &Command::Accept, &by("bob"));
    assert_eq!((&met.phase, met.counter.as_ref()), (&Phase::Provisioning, None));
    assert_eq!(step(&countered(Quorum::Any), &Command::Accept, &by("eve")).phase, Phase::Provisioning);
    let own = step(&countered(Quorum::All), &Command::Accept, &by("bob"));
    assert_eq!(own.phase, Phase::Pending);
    let other = step(&countered(Quorum::All), &Command::Accept, &by("eve"));
    assert_eq!(other.phase, Phase::Countered);
}

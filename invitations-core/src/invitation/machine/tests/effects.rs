use super::*;

const LOOKUP: Reconciliation = Reconciliation::LookUp { exact: false, lag: std::time::Duration::from_secs(120) };

#[test]
fn row_t05_a_paid_booking_needs_no_answer() {
    let state = booking();
    assert_eq!(state.phase, Phase::Provisioning);
    assert_eq!(state.schedule().count(), 1);
}

#[test]
fn row_t34_the_intent_is_written_before_anything_is_sent() {
    let state = begin(&accepted(), 0, Reconciliation::Reissue, noon());
    let effect = &state.effects[0];
    assert_eq!((effect.status, effect.attempt, effect.tainted), (EffectStatus::InFlight, 1, false));
    // nobody looks before the request's deadline and the settle time
    assert_eq!(effect.due_at, Some(noon() + Duration::seconds(50)));
    let again = Command::BeginEffect {
        effect: first(&state),
        reconciliation: Reconciliation::Reissue,
        request_deadline: noon() + Duration::seconds(60),
    };
    assert_eq!(refused(&state, &again, &system(noon() + Duration::seconds(49))), Refusal::InProgress);
}

#[test]
fn row_t36_the_last_one_done_fulfils() {
    let state = fulfilled();
    assert_eq!(state.phase, Phase::Fulfilled);
    assert_eq!(state.effects[0].found.as_ref().map(|found| found.id.as_str()), Some("m1"));
    // nothing but the look long after
    let sweep = noon() + crate::runtime::Timing::default().sweeps[0];
    assert_eq!(state.schedule().map(|(_, at)| at).collect::<Vec<_>>(), [sweep]);
}

#[test]
fn row_t37_a_refusal_waits_longer_each_time_and_as_long_as_the_provider_asks() {
    let mut state = accepted();
    let mut waits = Vec::new();
    for _ in 0..3 {
        let now = state.effects[0].due_at.unwrap();
        state = begin(&state, 0, Reconciliation::Reissue, now);
        let report = EffectReport::Retryable { after: None, problem: problem() };
        state = step(&state, &report_of(&state, 0, report), &system(now));
        waits.push((state.effects[0].due_at.unwrap() - now).num_milliseconds());
    }
    assert_eq!(waits, [1000, 2000, 4000]);
    let now = state.effects[0].due_at.unwrap();
    state = begin(&state, 0, Reconciliation::Reissue, now);
    let after = Some(std::time::Duration::from_secs(3600));
    let report = EffectReport::Retryable { after, problem: problem() };
    state = step(&state, &report_of(&state, 0, report), &system(now));
    assert_eq!(state.effects[0].due_at, Some(now + Duration::hours(1)));
}

#[test]
fn row_t38_t40_an_unknown_outcome_is_looked_up_before_it_is_sent_again() {
    let state = begin(&accepted(), 0, LOOKUP, noon());
    let state = step(&state, &report_of(&state, 0, EffectReport::Unknown(problem())), &system(noon()));
    assert_eq!(state.effects[0].status, EffectStatus::InFlight);
    let later = state.effects[0].due_at.unwrap();
    assert!(later >= noon() + Duration::seconds(50));
    // not by sending it again
    let again = Command::BeginEffect { effect: first(&state), reconciliation: LOOKUP, request_deadline: later };
    assert_eq!(refused(&state, &again, &system(later)), Refusal::InProgress);
    // an inexact look-up is believed at the third empty answer only
    let (mut state, mut now) = (state, later);
    for round in 1..=2 {
        state = step(&state, &report_of(&state, 0, EffectReport::Absent), &system(now));
        assert_eq!(state.effects[0].status, EffectStatus::InFlight, "{round}");
        now = state.effects[0].due_at.unwrap();
    }
    assert_eq!(now - later, Duration::seconds(120));
    state = step(&state, &report_of(&state, 0, EffectReport::Absent), &system(now));
    assert_eq!((state.effects[0].status, state.effects[0].tainted), (EffectStatus::Retry, true));
}

#[test]
fn row_t39_found_counts_as_done_and_two_copies_need_a_person() {
    let state = begin(&accepted(), 0, LOOKUP, noon());
    let found = |extra| report_of(&state, 0, EffectReport::Found { object: object("m1"), extra });
    assert_eq!(step(&state, &found(0), &system(noon())).phase, Phase::Fulfilled);
    let Phase::Quarantined { effect, .. } = step(&state, &found(1), &system(noon())).phase else { panic!() };
    assert_eq!(effect, first(&state));
}

#[test]
fn row_t41_without_any_look_up_a_person_decides() {
    let state = begin(&accepted(), 0, Reconciliation::Quarantine, noon());
    let state = step(&state, &report_of(&state, 0, EffectReport::Absent), &system(noon()));
    assert!(matches!(state.phase, Phase::Quarantined { .. }));
    assert_eq!(state.status(), Status::Accepting);
}

#[test]
fn row_t42_t46_a_dead_consent_blocks_and_resumes() {
    let state = begin(&accepted(), 0, Reconciliation::Reissue, noon());
    let mut dead = problem();
    dead.reconnect = true;
    let decision =
        decide(Some(&state), &report_of(&state, 0, EffectReport::NeedsAction(dead)), &system(noon())).unwrap();
    let owner = Told::Principal(PrincipalId::parse("ada").unwrap());
    assert_eq!(decision.notices, [NoticePlan::new(owner, Tell::ReconnectWanted)]);
    let state = apply(Some(&state), &decision);
    let cause = BlockCause::NeedsReconsent;
    assert_eq!(state.phase, Phase::Blocked { cause, resume_to: Resume::Provisioning });
    assert_eq!(state.schedule().count(), 0);
    assert!(state.attention.is_some());
    let state = step(&state, &Command::Resume { probe: false }, &by("ada"));
    assert_eq!((&state.phase, state.schedule().count()), (&Phase::Provisioning, 1));
    assert_eq!(begin(&state, 0, Reconciliation::Reissue, noon()).effects[0].attempt, 2);
}

#[test]
fn row_t43_a_permanent_refusal_fails_when_nothing_was_made() {
    let state = begin(&accepted(), 0, Reconciliation::Reissue, noon());
    let state = step(&state, &report_of(&state, 0, EffectReport::Permanent(problem())), &system(noon()));
    assert_eq!(state.phase, Phase::Closed(Closed::Failed));
}

#[test]
fn a_permanent_refusal_after_an_unknown_try_is_looked_at_first() {
    let state = begin(&accepted(), 0, Reconciliation::Reissue, noon());
    let state = step(&state, &report_of(&state, 0, EffectReport::Unknown(problem())), &system(noon()));
    let later = state.effects[0].due_at.unwrap();
    let state = begin(&state, 0, Reconciliation::Reissue, later);
    let state = step(&state, &report_of(&state, 0, EffectReport::Permanent(problem())), &system(later));
    assert_eq!(state.phase, Phase::Compensating { target: Closed::Failed });
    assert_eq!(state.effects[0].status, EffectStatus::UndoPlanned);
}

#[test]
fn a_stale_worker_is_not_heard() {
    let state = begin(&accepted(), 0, Reconciliation::Reissue, noon());
    let stale = report_of(&state, 0, EffectReport::Permanent(problem()));
    let later = noon() + Duration::seconds(50);
    let state = begin(&state, 0, Reconciliation::Reissue, later);
    assert_eq!(refused(&state, &stale, &system(later)), Refusal::Stale { current: 2 });
}

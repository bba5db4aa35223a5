use super::*;

fn in_flight() -> State {
    begin(&accepted(), 0, Reconciliation::Reissue, noon())
}

#[test]
fn row_t45_revoke_before_the_request_closes_at_once() {
    let state = step(&accepted(), &Command::Revoke, &by("ada"));
    assert_eq!(state.phase, Phase::Closed(Closed::Revoked));
    assert_eq!(state.effects[0].status, EffectStatus::Undone);
}

#[test]
fn row_t45_revoke_while_a_request_may_land_says_stopping() {
    let state = step(&in_flight(), &Command::Revoke, &by("ada"));
    assert_eq!(state.phase, Phase::Compensating { target: Closed::Revoked });
    assert_eq!(state.status(), Status::Cancelling);
    assert_eq!(refused(&state, &Command::Accept, &by("eve")), Refusal::InProgress);
    // the late answer is still recorded, since it says what to undo
    let state = step(&state, &report_of(&state, 0, EffectReport::Succeeded(Some(object("m1")))), &system(noon()));
    assert_eq!(state.effects[0].status, EffectStatus::UndoPlanned);
    assert_eq!(state.effects[0].found.as_ref().unwrap().id, "m1");
    let state = begin(&state, 0, Reconciliation::Reissue, noon());
    assert_eq!(state.effects[0].status, EffectStatus::Undoing);
    let state = step(&state, &report_of(&state, 0, EffectReport::Succeeded(None)), &system(noon()));
    assert_eq!(state.phase, Phase::Closed(Closed::Revoked));
}

#[test]
fn an_unknown_create_is_got_again_before_it_is_undone() {
    let state = step(&in_flight(), &Command::Revoke, &by("ada"));
    let state = step(&state, &report_of(&state, 0, EffectReport::Unknown(problem())), &system(noon()));
    assert_eq!(state.phase, Phase::Compensating { target: Closed::Revoked });
    let later = state.effects[0].due_at.unwrap();
    let state = begin(&state, 0, Reconciliation::Reissue, later);
    assert_eq!((state.effects[0].status, state.effects[0].attempt), (EffectStatus::InFlight, 2));
    let state = step(&state, &report_of(&state, 0, EffectReport::Succeeded(Some(object("m1")))), &system(later));
    assert_eq!(state.effects[0].status, EffectStatus::UndoPlanned);
}

#[test]
fn a_surely_refused_create_needs_no_undo_unless_an_earlier_try_is_unclear() {
    let refusal = EffectReport::Retryable { after: None, problem: problem() };
    let state = step(&in_flight(), &Command::Revoke, &by("ada"));
    let over = step(&state, &report_of(&state, 0, refusal.clone()), &system(noon()));
    assert_eq!(over.phase, Phase::Closed(Closed::Revoked));
    let second = begin(&in_flight(), 0, Reconciliation::Reissue, noon() + Duration::seconds(50));
    let state = step(&second, &Command::Revoke, &by("ada"));
    let state = step(&state, &report_of(&state, 0, refusal), &system(noon() + Duration::seconds(50)));
    assert_eq!(state.effects[0].status, EffectStatus::UndoPlanned);
}

#[test]
fn row_t48_a_blocked_one_can_be_revoked() {
    let state = in_flight();
    let state = step(&state, &report_of(&state, 0, EffectReport::NeedsAction(problem())), &system(noon()));
    let state = step(&state, &Command::Revoke, &by("ada"));
    // the one request was surely refused
    assert_eq!(state.phase, Phase::Closed(Closed::Revoked));
}

#[test]
fn row_t63_t68_cancel_undoes_what_was_made() {
    let state = step(&fulfilled(), &Command::Cancel, &by("ada"));
    assert_eq!(state.phase, Phase::Compensating { target: Closed::Cancelled });
    let state = begin(&state, 0, Reconciliation::Reissue, noon());
    let state = step(&state, &report_of(&state, 0, EffectReport::Absent), &system(noon()));
    assert_eq!(state.phase, Phase::Closed(Closed::Cancelled));
}

#[test]
fn what_is_accepted_is_not_revoked() {
    assert_eq!(refused(&fulfilled(), &Command::Revoke, &by("ada")), Refusal::NotApplicable);
}

#[test]
fn row_t69_t74_an_undo_that_keeps_failing_asks_for_a_person() {
    let mut state = step(&fulfilled(), &Command::Cancel, &by("ada"));
    let mut refusals = 0;
    while matches!(state.phase, Phase::Compensating { .. }) {
        let now = state.effects[0].due_at.unwrap();
        state = begin(&state, 0, Reconciliation::Reissue, now);
        let report = EffectReport::Retryable { after: None, problem: problem() };
        state = step(&state, &report_of(&state, 0, report), &system(now));
        refusals += 1;
        assert!(refused_limit(refusals), "it goes on for ever");
    }
    assert!(matches!(state.phase, Phase::Quarantined { .. }));
    assert_eq!(state.status(), Status::Cancelling);
}

fn refused_limit(refusals: u32) -> bool {
    refusals <= crate::runtime::Timing::default().retry_limit + 1
}

#[test]
fn row_t44_a_later_failure_undoes_the_earlier_effect() {
    let mut link = Context::new(noon(), Actor::LinkHolder);
    link.link_shown = true;
    let state = step(&access(Approval::Automatic { domains: Vec::new() }), &Command::VerifyRequester, &link);
    let state = begin(&state, 0, Reconciliation::Reissue, noon());
    let state = step(&state, &report_of(&state, 0, EffectReport::Succeeded(Some(object("guest")))), &system(noon()));
    let state = begin(&state, 1, Reconciliation::Reissue, noon());
    let state = step(&state, &report_of(&state, 1, EffectReport::Permanent(problem())), &system(noon()));
    assert_eq!(state.phase, Phase::Compensating { target: Closed::Failed });
    assert_eq!(state.effects[0].status, EffectStatus::UndoPlanned);
    assert_eq!(state.effects[1].status, EffectStatus::Undone);
}

#[test]
fn row_t73_a_dead_consent_while_undoing_blocks_and_goes_on_undoing() {
    let state = step(&fulfilled(), &Command::Cancel, &by("ada"));
    let state = begin(&state, 0, Reconciliation::Reissue, noon());
    let state = step(&state, &report_of(&state, 0, EffectReport::NeedsAction(problem())), &system(noon()));
    let resume_to = Resume::Compensating { target: Closed::Cancelled };
    assert_eq!(state.phase, Phase::Blocked { cause: BlockCause::NeedsAction, resume_to });
    let state = step(&state, &Command::Resume { probe: false }, &by("ada"));
    assert_eq!(state.phase, Phase::Compensating { target: Closed::Cancelled });
    assert_eq!(state.schedule().count(), 1);
}

#[test]
fn row_t33_t66_the_store_hands_out_what_the_schedule_says() {
    assert_eq!(accepted().schedule().map(|(id, _)| id.clone()).collect::<Vec<_>>(), [first(&accepted())]);
    let state = step(&fulfilled(), &Command::Cancel, &by("ada"));
    assert_eq!(state.schedule().count(), 1);
}

#[test]
fn row_t35_t67_t99_effects_are_done_in_order_and_undone_in_reverse() {
    let mut link = Context::new(noon(), Actor::LinkHolder);
    link.link_shown = true;
    let state = step(&access(Approval::Automatic { domains: Vec::new() }), &Command::VerifyRequester, &link);
    let early = Command::BeginEffect {
        effect: state.effects[1].id.clone(),
        reconciliation: Reconciliation::Reissue,
        request_deadline: noon() + Duration::seconds(20),
    };
    assert_eq!(refused(&state, &early, &system(noon())), Refusal::InProgress);
    let mut state = state;
    for place in 0..2 {
        state = begin(&state, place, Reconciliation::Reissue, noon());
        state = step(&state, &report_of(&state, place, EffectReport::Succeeded(Some(object("x")))), &system(noon()));
    }
    assert_eq!(state.phase, Phase::Fulfilled);
    let state = step(&state, &Command::Cancel, &by("ada"));
    let early = Command::BeginEffect {
        effect: first(&state),
        reconciliation: Reconciliation::Reissue,
        request_deadline: noon() + Duration::seconds(20),
    };
    assert_eq!(refused(&state, &early, &system(noon())), Refusal::InProgress);
    let state = begin(&state, 1, Reconciliation::Reissue, noon());
    assert_eq!(refused(&state, &early, &system(noon())), Refusal::InProgress);
    let state = step(&state, &report_of(&state, 1, EffectReport::Succeeded(None)), &system(noon()));
    assert_eq!(state.phase, Phase::Compensating { target: Closed::Cancelled });
    let state = begin(&state, 0, Reconciliation::Reissue, noon());
    let state = step(&state, &report_of(&state, 0, EffectReport::Succeeded(None)), &system(noon()));
    assert_eq!(state.phase, Phase::Closed(Closed::Cancelled));
}

#[test]
fn row_t70_t71_t72_what_was_under_way_is_looked_for_before_it_is_over() {
    let looks = |exact| Reconciliation::LookUp { exact, lag: std::time::Duration::from_secs(120) };
    let stopping = |reconciliation| {
        let state = begin(&accepted(), 0, reconciliation, noon());
        let state = step(&state, &Command::Revoke, &by("ada"));
        step(&state, &report_of(&state, 0, EffectReport::Unknown(problem())), &system(noon()))
    };
    let state = stopping(looks(true));
    let found = report_of(&state, 0, EffectReport::Found { object: object("m1"), extra: 0 });
    assert_eq!(step(&state, &found, &system(noon())).effects[0].status, EffectStatus::UndoPlanned);
    let absent = report_of(&state, 0, EffectReport::Absent);
    assert_eq!(step(&state, &absent, &system(noon())).phase, Phase::Closed(Closed::Revoked));
    let mut inexact = stopping(looks(false));
    for _ in 0..2 {
        inexact = step(&inexact, &report_of(&inexact, 0, EffectReport::Absent), &system(noon()));
        assert_eq!(inexact.phase, Phase::Compensating { target: Closed::Revoked }, "one empty answer is no proof");
    }
    let over = step(&inexact, &report_of(&inexact, 0, EffectReport::Absent), &system(noon()));
    assert_eq!(over.phase, Phase::Closed(Closed::Revoked));
    let blind = stopping(Reconciliation::Quarantine);
    let asked = step(&blind, &report_of(&blind, 0, EffectReport::Absent), &system(noon()));
    let resume_to = Resume::Compensating { target: Closed::Revoked };
    assert!(matches!(&asked.phase, Phase::Quarantined { resume_to: to, .. } if *to == resume_to));
}

#[test]
fn row_t93_t94_t95_t96_the_answer_of_a_create_that_came_after_the_undo_began() {
    let state = step(&in_flight(), &Command::Revoke, &by("ada"));
    let after = |report| step(&state, &report_of(&state, 0, report), &system(noon()));
    let made = after(EffectReport::Succeeded(Some(object("m1"))));
    assert_eq!(made.effects[0].status, EffectStatus::UndoPlanned);
    let refusals = [
        EffectReport::Retryable { after: None, problem: problem() },
        EffectReport::Permanent(problem()),
        EffectReport::NeedsAction(problem()),
    ];
    for refusal in refusals {
        assert_eq!(after(refusal).phase, Phase::Closed(Closed::Revoked), "it surely made nothing");
    }
}

/// The undo of the later effect waits for a permission; the undo of the earlier one is under way.
fn half_blocked() -> State {
    let state = begin(&one_more_of_two(), 1, Reconciliation::Reissue, noon());
    let state = step(&state, &report_of(&state, 1, EffectReport::Succeeded(Some(object("eve")))), &system(noon()));
    let state = step(&state, &Command::Cancel, &by("ada"));
    let state = begin(&state, 1, Reconciliation::Reissue, noon());
    let state = step(&state, &report_of(&state, 1, EffectReport::NeedsAction(problem())), &system(noon()));
    assert!(matches!(state.phase, Phase::Blocked { .. }));
    begin(&state, 0, Reconciliation::Reissue, noon())
}

#[test]
fn row_t100_t101_one_effect_that_waits_for_a_person_does_not_hold_up_the_undo_of_the_others() {
    let state = half_blocked();
    let state = step(&state, &report_of(&state, 0, EffectReport::Succeeded(None)), &system(noon()));
    assert_eq!(state.effects[0].status, EffectStatus::Undone);
    assert_eq!(state.schedule().count(), 0, "what waits for the person waits on");
    let state = step(&state, &Command::Resume { probe: false }, &by("ada"));
    let state = begin(&state, 1, Reconciliation::Reissue, noon());
    let state = step(&state, &report_of(&state, 1, EffectReport::Succeeded(None)), &system(noon()));
    assert_eq!(state.phase, Phase::Closed(Closed::Cancelled));
}

#[test]
fn row_t102_t103_another_undo_is_tried_again_and_asks_for_a_person_in_the_end() {
    let mut state = half_blocked();
    for refusals in 0..=crate::runtime::Timing::default().retry_limit {
        assert!(matches!(state.phase, Phase::Blocked { .. }));
        if refusals > 0 {
            state = begin(&state, 0, Reconciliation::Reissue, state.effects[0].due_at.unwrap());
        }
        let report = EffectReport::Retryable { after: None, problem: problem() };
        state = step(&state, &report_of(&state, 0, report), &system(noon()));
    }
    let resume_to = Resume::Compensating { target: Closed::Cancelled };
    assert!(matches!(&state.phase, Phase::Quarantined { resume_to: to, .. } if *to == resume_to));
}

#[test]
fn row_t104_t107_another_undo_is_heard_while_one_waits_for_a_person() {
    let state = half_blocked();
    let after = |report| step(&state, &report_of(&state, 0, report), &system(noon()));
    let unknown = after(EffectReport::Unknown(problem()));
    assert!(unknown.effects[0].tainted && matches!(unknown.phase, Phase::Blocked { .. }));
    let both = after(EffectReport::NeedsAction(problem()));
    assert!(matches!(both.phase, Phase::Blocked { .. }));
    assert_eq!(both.schedule().count(), 0, "now both wait for a person");
    // but nothing more is heard of the one that waits
    let own = report_of(&state, 1, EffectReport::Succeeded(None));
    assert_eq!(refused(&state, &own, &system(noon())), Refusal::InProgress);
}

#[test]
fn row_t105_t106_another_undo_is_looked_for_while_one_waits_for_a_person() {
    let mut state = half_blocked();
    state.effects[0].reconciliation = Some(Reconciliation::LookUp { exact: true, lag: std::time::Duration::ZERO });
    let gone = step(&state, &report_of(&state, 0, EffectReport::Absent), &system(noon()));
    assert_eq!(gone.effects[0].status, EffectStatus::Undone);
    state.effects[0].reconciliation = Some(Reconciliation::Quarantine);
    let asked = step(&state, &report_of(&state, 0, EffectReport::Absent), &system(noon()));
    assert!(matches!(asked.phase, Phase::Quarantined { .. }));
}

//! What happens to an invitation that is fulfilled: people come and go, it is moved, made anew, looked at, and quarantined things are
//! decided by people.

use super::{counters::slot, *};
use crate::invitation::EffectKind;

fn three(quorum: Quorum, policy: Policy) -> State {
    let to = |name: &str| Recipient::Address(EmailAddress::parse(format!("{name}@x.example")).unwrap());
    let offer = Offer::Meeting { draft: Box::new(draft()), organizer: account() };
    let (id, tenant) = (InvitationId::parse("one").unwrap(), TenantId::parse("school").unwrap());
    let inviter = PrincipalId::parse("ada").unwrap();
    let recipients = ["bob", "eve", "joe"].map(to).to_vec();
    let mut new = NewInvitation::new(id, tenant, inviter, offer, recipients, noon() + Duration::hours(20));
    (new.quorum, new.policy) = (quorum, policy);
    let mut state = apply(None, &decide(None, &Command::Create(Box::new(new)), &by("ada")).unwrap());
    for name in ["bob", "eve"] {
        state = step(&state, &Command::Accept, &guest(name));
        if state.phase == Phase::Provisioning {
            break;
        }
    }
    work(&state, EffectReport::Succeeded(Some(object("m1"))))
}

fn guest(name: &str) -> Context {
    verified(name, &format!("{name}@x.example"))
}

/// Begins whatever is next and reports this about it.
fn work(state: &State, report: EffectReport) -> State {
    let next = state.next_effect().unwrap().id.clone();
    let place = state.effects.iter().position(|effect| effect.id == next).unwrap();
    let now = state.effects[place].due_at.unwrap();
    let state = begin(state, place, Reconciliation::Reissue, now);
    step(&state, &report_of(&state, place, report), &system(now))
}

fn done() -> EffectReport {
    EffectReport::Succeeded(None)
}

#[test]
fn row_t12_t13_the_quorum_decides() {
    let state = three(Quorum::AtLeast(2), Policy::default());
    assert_eq!((&state.phase, state.accepted()), (&Phase::Fulfilled, 2));
}

#[test]
fn row_t55_t83_t56_people_come_and_go_one_at_a_time() {
    let state = three(Quorum::Any, Policy::default());
    let state = step(&state, &Command::Accept, &guest("eve"));
    let state = step(&state, &Command::Accept, &guest("joe"));
    let names: Vec<_> = state.effects.iter().map(|effect| effect.kind.name()).collect();
    assert_eq!(names, ["create_meeting", "add_to_meeting", "add_to_meeting"]);
    let second = &state.effects[2].id;
    assert!(state.schedule().all(|(id, _)| id != second), "in order");
    let state = work(&work(&state, done()), done());
    assert_eq!((&state.phase, state.is_at_rest()), (&Phase::Fulfilled, true));
    let state = step(&state, &Command::Decline, &guest("eve"));
    assert!(matches!(state.next_effect().unwrap().kind, EffectKind::RemoveFromMeeting { .. }));
    let state = work(&state, done());
    let again = step(&state, &Command::Accept, &guest("eve"));
    assert_eq!(again.next_effect().unwrap().id.as_str(), "add_to_meeting.1.1.1", "her second coming");
}

#[test]
fn row_t57_losing_the_quorum_cancels_only_by_policy() {
    let kept = step(&three(Quorum::AtLeast(2), Policy::default()), &Command::Decline, &guest("bob"));
    assert_eq!(kept.phase, Phase::Fulfilled);
    let strict = three(Quorum::AtLeast(2), Policy::default().with_cancel_on_quorum_loss(true));
    let never_came = step(&strict, &Command::Decline, &guest("joe"));
    assert_eq!((&never_came.phase, never_came.is_at_rest()), (&Phase::Fulfilled, true));
    let lost = step(&strict, &Command::Decline, &guest("bob"));
    assert_eq!(lost.phase, Phase::Compensating { target: Closed::Cancelled });
}

#[test]
fn row_t80_t81_t82_one_attendee_does_not_put_the_meeting_in_question() {
    let state = step(&three(Quorum::Any, Policy::default()), &Command::Accept, &guest("eve"));
    let waiting = work(&state, EffectReport::NeedsAction(problem()));
    assert_eq!((&waiting.phase, waiting.status()), (&Phase::Fulfilled, Status::Accepted));
    assert_eq!(waiting.effects[1].status, EffectStatus::Retry);
    let failed = work(&state, EffectReport::Permanent(problem()));
    assert_eq!((&failed.phase, failed.effects[1].status), (&Phase::Fulfilled, EffectStatus::Undone));
    let next = step(&failed, &Command::Accept, &guest("joe"));
    assert_eq!(work(&next, done()).phase, Phase::Fulfilled, "the next one is not held up");
    let found = work(&state, EffectReport::Found { object: object("x"), extra: 1 });
    assert_eq!((&found.phase, found.effects[1].status), (&Phase::Fulfilled, EffectStatus::Undone));
}

#[test]
fn row_t58_t59_a_move_keeps_the_old_time_until_it_is_done() {
    let move_to = Command::Reschedule { slot: slot(30) };
    let state = step(&fulfilled(), &move_to, &by("ada"));
    assert_eq!((&state.phase, state.status(), state.revision), (&Phase::Rescheduling, Status::Accepted, 1));
    assert_eq!(state.draft().unwrap().slot, draft().slot);
    assert_eq!(refused(&state, &move_to, &by("ada")), Refusal::InProgress);
    assert_eq!(refused(&state, &Command::Decline, &by("bob")), Refusal::InProgress);
    let moved = work(&state, done());
    assert_eq!((&moved.phase, &moved.draft().unwrap().slot), (&Phase::Fulfilled, &slot(30)));
    assert_eq!(moved.accepted(), 1);
    assert_eq!(refused(&moved, &move_to, &by("ada")), Refusal::NotApplicable, "it is there already");
    let mut stale = by("ada");
    stale.revision = Some(0);
    let again = Command::Reschedule { slot: slot(40) };
    assert_eq!(refused(&moved, &again, &stale), Refusal::Stale { current: 1 });
    assert_eq!(refused(&fulfilled(), &Command::Reschedule { slot: slot(-3) }, &by("ada")), Refusal::Expired);
    let mut asking = step(&fulfilled(), &move_to, &by("ada"));
    asking.policy.ask_again_when_moved = true;
    assert_eq!(work(&asking, done()).accepted(), 0);
}

#[test]
fn row_t60_t87_t88_a_refused_move_changes_nothing_unless_an_earlier_try_is_unclear() {
    let state = step(&fulfilled(), &Command::Reschedule { slot: slot(30) }, &by("ada"));
    let stays = work(&state, EffectReport::Permanent(problem()));
    assert_eq!((&stays.phase, &stays.draft().unwrap().slot), (&Phase::Fulfilled, &draft().slot));
    assert!(stays.attention.is_some());
    let mut unclear = state.clone();
    unclear.effects[1].tainted = true;
    let asked = work(&unclear, EffectReport::Permanent(problem()));
    assert!(matches!(asked.phase, Phase::Quarantined { resume_to: Resume::Rescheduling, .. }));
    assert_eq!(asked.status(), Status::Accepted);
    let moved = step(&asked, &Command::ResolveFound { found: object("m1") }, &by("ada"));
    assert_eq!((&moved.phase, &moved.draft().unwrap().slot), (&Phase::Fulfilled, &slot(30)));
    let again = step(&asked, &Command::ResolveAbsent, &by("ada"));
    assert_eq!(again.phase, Phase::Rescheduling);
    let copies = work(&state, EffectReport::Found { object: object("x"), extra: 1 });
    assert!(matches!(copies.phase, Phase::Quarantined { resume_to: Resume::Rescheduling, .. }));
}

#[test]
fn row_t61_t89_a_blocked_move_is_given_up_and_the_old_time_stays() {
    let state = step(&fulfilled(), &Command::Reschedule { slot: slot(30) }, &by("ada"));
    let blocked = work(&state, EffectReport::NeedsAction(problem()));
    assert!(matches!(blocked.phase, Phase::Blocked { resume_to: Resume::Rescheduling, .. }));
    assert_eq!(step(&blocked, &Command::Resume { probe: false }, &by("ada")).phase, Phase::Rescheduling);
    let end = system(blocked.blocking.as_ref().unwrap().give_up_at);
    let stays = step(&blocked, &Command::BlockedTick, &end);
    assert_eq!((&stays.phase, &stays.draft().unwrap().slot), (&Phase::Fulfilled, &draft().slot));
    let mut unclear = blocked;
    unclear.effects[1].tainted = true;
    let asked = step(&unclear, &Command::BlockedTick, &end);
    assert!(matches!(asked.phase, Phase::Quarantined { resume_to: Resume::Rescheduling, .. }));
}

#[test]
fn row_t62_t78_t79_cancelling_works_wherever_it_stands() {
    let moving = step(&fulfilled(), &Command::Reschedule { slot: slot(30) }, &by("ada"));
    let target = Phase::Compensating { target: Closed::Cancelled };
    assert_eq!(step(&moving, &Command::Cancel, &by("ada")).phase, target);
    let making = begin(&accepted(), 0, Reconciliation::Reissue, noon());
    assert_eq!(step(&making, &Command::Cancel, &by("ada")).phase, target);
    let stuck =
        step(&making, &report_of(&making, 0, EffectReport::Found { object: object("x"), extra: 1 }), &system(noon()));
    let wished = step(&stuck, &Command::Cancel, &by("ada"));
    let resume_to = Resume::Compensating { target: Closed::Cancelled };
    assert!(matches!(&wished.phase, Phase::Quarantined { resume_to: to, .. } if *to == resume_to));
}

#[test]
fn row_t63_a_cancelled_membership_takes_the_member_away() {
    let state = step(&membership("new@school.example"), &Command::Accept, &verified("new", "new@school.example"));
    let decision = decide(Some(&state), &Command::Cancel, &by("ada")).unwrap();
    assert_eq!(decision.leaving.iter().map(|one| one.principal.as_str()).collect::<Vec<_>>(), ["new"]);
    assert_eq!(apply(Some(&state), &decision).phase, Phase::Closed(Closed::Cancelled));
}

#[test]
fn row_t64_t90_made_anew_means_the_old_one_goes_first() {
    let old = fulfilled();
    let state = step(&old, &Command::Regenerate, &by("ada"));
    assert_eq!((&state.phase, state.epoch, state.claimed_at), (&Phase::Provisioning, 2, old.claimed_at));
    assert_ne!(state.effects[0].key, state.effects[1].key);
    assert_eq!(state.next_effect().unwrap().status, EffectStatus::UndoPlanned);
    let state = work(&state, done());
    assert_eq!((&state.phase, state.effects[0].status), (&Phase::Provisioning, EffectStatus::Undone));
    let state = work(&state, EffectReport::Succeeded(Some(object("m2"))));
    assert_eq!((&state.phase, state.meeting().unwrap().1.id.as_str()), (&Phase::Fulfilled, "m2"));
    let busy = step(&three(Quorum::Any, Policy::default()), &Command::Accept, &guest("eve"));
    assert_eq!(refused(&busy, &Command::Regenerate, &by("ada")), Refusal::InProgress);
}

#[test]
fn what_is_made_anew_was_on_before_and_so_is_cancelled_and_not_revoked() {
    let anew = step(&fulfilled(), &Command::Regenerate, &by("ada"));
    assert_eq!(refused(&anew, &Command::Revoke, &by("ada")), Refusal::InProgress);
    let target = Phase::Compensating { target: Closed::Cancelled };
    assert_eq!(step(&anew, &Command::Cancel, &by("ada")).phase, target);
    let blocked = work(&anew, EffectReport::NeedsAction(problem()));
    assert_eq!(refused(&blocked, &Command::Revoke, &by("ada")), Refusal::InProgress);
    assert_eq!(step(&blocked, &Command::Cancel, &by("ada")).phase, target);
}

#[test]
fn a_wish_to_cancel_leaves_nothing_due_that_is_never_begun() {
    let anew = step(&fulfilled(), &Command::Regenerate, &by("ada"));
    let stuck = work(&anew, EffectReport::Permanent(problem()));
    assert!(matches!(stuck.phase, Phase::Quarantined { .. }));
    let wished = step(&stuck, &Command::Cancel, &by("ada"));
    assert_eq!(wished.schedule().count(), 0);
    let gone = step(&wished, &Command::ResolveAbsent, &by("ada"));
    assert_eq!(gone.phase, Phase::Closed(Closed::Cancelled));
}

#[test]
fn access_made_anew_is_taken_back_as_a_whole() {
    let mut link = Context::new(noon(), Actor::LinkHolder);
    link.link_shown = true;
    let state = step(&access(Approval::Automatic { domains: Vec::new() }), &Command::VerifyRequester, &link);
    let state = work(&state, EffectReport::Succeeded(Some(object("guest"))));
    let state = work(&state, EffectReport::Succeeded(Some(object("place"))));
    assert_eq!(state.phase, Phase::Fulfilled);
    let anew = step(&state, &Command::Regenerate, &by("ada"));
    assert_eq!(refused(&anew, &Command::Revoke, &by("ada")), Refusal::InProgress);
    let stopping = step(&anew, &Command::Cancel, &by("ada"));
    assert_eq!(stopping.next_effect().unwrap().id.as_str(), "add_to_event.1");
    let stopping = work(&stopping, done());
    assert_eq!(stopping.next_effect().unwrap().id.as_str(), "invite_guest.1");
    assert_eq!(work(&stopping, done()).phase, Phase::Closed(Closed::Cancelled));
}

#[test]
fn whoever_says_no_after_a_move_is_taken_off_the_meeting() {
    let asking = Policy::default().with_ask_again_when_moved(true);
    let state = step(&three(Quorum::Any, asking), &Command::Reschedule { slot: slot(30) }, &by("ada"));
    let moved = work(&state, done());
    let declined = step(&moved, &Command::Decline, &guest("bob"));
    assert_eq!(declined.next_effect().unwrap().kind.name(), "remove_from_meeting");
    let gone = work(&declined, done());
    assert!(step(&gone, &Command::Decline, &guest("joe")).is_at_rest(), "never on it");
}

#[test]
fn row_t91_t92_an_old_meeting_that_does_not_go_stops_the_new_one() {
    let mut state = step(&fulfilled(), &Command::Regenerate, &by("ada"));
    let retry = || EffectReport::Retryable { after: None, problem: problem() };
    let later = work(&state, retry());
    assert_eq!((&later.phase, later.effects[0].status), (&Phase::Provisioning, EffectStatus::UndoPlanned));
    while state.phase == Phase::Provisioning {
        state = work(&state, retry());
    }
    assert!(matches!(state.phase, Phase::Quarantined { resume_to: Resume::Provisioning, .. }));
    let gone = step(&state, &Command::ResolveAbsent, &by("ada"));
    assert_eq!((&gone.phase, gone.effects[0].status), (&Phase::Provisioning, EffectStatus::Undone));
    assert_eq!(gone.next_effect().unwrap().id.as_str(), "create_meeting.2");
    let there = step(&state, &Command::ResolveFound { found: object("m1") }, &by("ada"));
    assert_eq!(there.next_effect().unwrap().status, EffectStatus::UndoPlanned);
}

#[test]
fn row_t65_what_others_change_is_noted_and_not_mended() {
    let decision =
        decide(Some(&fulfilled()), &Command::ExternalChanged { drift: Drift::Gone }, &system(noon())).unwrap();
    assert_eq!(decision.notices.len(), 1);
    let state = apply(Some(&fulfilled()), &decision);
    assert_eq!((&state.phase, state.drift), (&Phase::Fulfilled, Some(Drift::Gone)));
    let again = Command::ExternalChanged { drift: Drift::Gone };
    assert_eq!(refused(&state, &again, &system(noon())), Refusal::AlreadyYours);
}

fn sweep(state: &State, report: EffectReport) -> Decision {
    let at = state.effects[0].due_at.unwrap();
    decide(Some(state), &report_of(state, 0, report), &system(at)).unwrap()
}

#[test]
fn row_t85_what_rests_is_looked_at_twice_also_when_it_is_over() {
    let clean = || EffectReport::Swept { removed: 0, missing: false };
    let state = fulfilled();
    let first = state.effects[0].due_at.unwrap();
    assert_eq!(first, noon() + Duration::minutes(5));
    let early = report_of(&state, 0, clean());
    assert_eq!(refused(&state, &early, &system(noon())), Refusal::NotApplicable);
    let state = apply(Some(&state), &sweep(&state, clean()));
    assert_eq!(state.effects[0].due_at, Some(first + Duration::minutes(55)));
    let state = apply(Some(&state), &sweep(&state, clean()));
    assert_eq!(state.schedule().count(), 0);
    let missing = sweep(&fulfilled(), EffectReport::Swept { removed: 0, missing: true });
    assert_eq!(apply(Some(&fulfilled()), &missing).drift, Some(Drift::Gone));
    let cancelled = work_undo(&step(&fulfilled(), &Command::Cancel, &by("ada")));
    assert_eq!(cancelled.phase, Phase::Closed(Closed::Cancelled));
    let swept = apply(Some(&cancelled), &sweep(&cancelled, EffectReport::Swept { removed: 1, missing: false }));
    assert_eq!(swept.phase, Phase::Closed(Closed::Cancelled));
}

#[test]
fn a_look_that_fails_is_tried_again_and_then_given_up() {
    let mut state = fulfilled();
    let mut looks = 0;
    while state.effects[0].due_at.is_some() {
        let looked = sweep(&state, EffectReport::StillUnknown(problem()));
        state = apply(Some(&state), &looked);
        looks += 1;
        assert_eq!(looked.notices.len(), usize::from(state.effects[0].due_at.is_none()), "the operator is told last");
        assert!(looks < 20);
    }
    assert_eq!(looks, 13);
}

fn work_undo(state: &State) -> State {
    let now = state.effects[0].due_at.unwrap();
    let state = begin(state, 0, Reconciliation::Reissue, now);
    step(&state, &report_of(&state, 0, done()), &system(now))
}

fn quarantined() -> State {
    let state = begin(&accepted(), 0, Reconciliation::Quarantine, noon());
    step(&state, &report_of(&state, 0, EffectReport::Absent), &system(noon()))
}

#[test]
fn row_t50_t51_a_person_says_whether_it_is_there() {
    let state = quarantined();
    let found = step(&state, &Command::ResolveFound { found: object("m1") }, &by("ada"));
    assert_eq!((&found.phase, found.meeting().unwrap().1.id.as_str()), (&Phase::Fulfilled, "m1"));
    let absent = step(&state, &Command::ResolveAbsent, &by("ada"));
    assert_eq!((&absent.phase, absent.effects[0].status), (&Phase::Provisioning, EffectStatus::Retry));
    assert!(absent.effects[0].tainted, "persons err too");
    let mut denied = by("mallory");
    denied.verdict = Verdict::Denied;
    assert_eq!(refused(&state, &Command::ResolveAbsent, &denied), Refusal::Forbidden);
    assert_eq!(refused(&accepted(), &Command::ResolveAbsent, &by("ada")), Refusal::InProgress);
}

#[test]
fn row_t52_t53_t54_a_wish_to_revoke_waits_for_the_persons_word() {
    let state = step(&quarantined(), &Command::Revoke, &by("ada"));
    assert_eq!(state.status(), Status::Cancelling);
    let found = step(&state, &Command::ResolveFound { found: object("m1") }, &by("ada"));
    assert_eq!(found.phase, Phase::Compensating { target: Closed::Revoked });
    assert_eq!(work_undo(&found).phase, Phase::Closed(Closed::Revoked));
    let absent = step(&state, &Command::ResolveAbsent, &by("ada"));
    assert_eq!(absent.phase, Phase::Closed(Closed::Revoked));
}

#[test]
fn row_t97_t98_a_late_answer_is_kept_whoever_is_asked() {
    let state = quarantined();
    let late = step(&state, &report_of(&state, 0, EffectReport::Succeeded(Some(object("m1")))), &system(noon()));
    assert!(matches!(late.phase, Phase::Quarantined { .. }));
    assert_eq!(refused(&late, &Command::ResolveAbsent, &by("ada")), Refusal::NotApplicable, "it is there");
    let found = report_of(&state, 0, EffectReport::Found { object: object("m1"), extra: 0 });
    assert_eq!(step(&state, &found, &system(noon())).effects[0].status, EffectStatus::Done);
    let known = step(&late, &Command::ResolveFound { found: object("m1") }, &by("ada"));
    assert_eq!(known.phase, Phase::Fulfilled);
}

#[test]
fn a_series_changes_as_a_whole() {
    let mut state = fulfilled();
    let one = Command::ChangeOccurrence { start: noon(), change: OccurrenceChange::Cancel };
    assert_eq!(refused(&state, &one, &by("ada")), Refusal::NotApplicable);
    if let Offer::Meeting { draft, .. } = &mut state.offer {
        draft.recurrence = Some(crate::time::Recurrence::parse("FREQ=WEEKLY;COUNT=4").unwrap());
    }
    assert_eq!(refused(&state, &one, &by("ada")), Refusal::WholeSeriesOnly);
}

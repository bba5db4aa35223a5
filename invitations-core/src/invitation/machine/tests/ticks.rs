//! Reminders, probes of blocks, and giving up.

use super::*;
use crate::invitation::link::LinkPurpose;

const HOUR: std::time::Duration = std::time::Duration::from_secs(3600);

fn reminding(reminders: [Reminder; 1]) -> State {
    let offer = Offer::Meeting { draft: Box::new(draft()), organizer: account() };
    let (id, tenant) = (InvitationId::parse("one").unwrap(), TenantId::parse("school").unwrap());
    let inviter = PrincipalId::parse("ada").unwrap();
    let to = Recipient::Address(EmailAddress::parse("bob@x.example").unwrap());
    let mut new = NewInvitation::new(id, tenant, inviter, offer, vec![to], noon() + Duration::hours(20));
    new.policy = Policy::default().with_reminders(reminders);
    apply(None, &decide(None, &Command::Create(Box::new(new)), &by("ada")).unwrap())
}

fn made(reminders: [Reminder; 1]) -> State {
    let state = step(&reminding(reminders), &Command::Accept, &verified("bob", "bob@x.example"));
    let state = begin(&state, 0, Reconciliation::Reissue, noon());
    step(&state, &report_of(&state, 0, EffectReport::Succeeded(Some(object("m1")))), &system(noon()))
}

fn remind(reminder: Reminder, nobody_joined: bool) -> Command {
    Command::RemindTick { reminder, nobody_joined }
}

#[test]
fn row_t32_an_answer_is_asked_for_once_with_a_link_beside_the_old_one() {
    let reminder = Reminder::before_expiry(HOUR);
    let state = reminding([reminder]);
    let due = noon() + Duration::hours(19);
    assert_eq!(state.next_tick(), Some((due, Tick::Remind(reminder))));
    let early = system(due - Duration::seconds(1));
    assert_eq!(refused(&state, &remind(reminder, false), &early), Refusal::NotApplicable);
    let decision = decide(Some(&state), &remind(reminder, false), &system(due)).unwrap();
    assert_eq!((decision.links.as_slice(), decision.kill_links), ([LinkPurpose::Answer].as_slice(), false));
    assert_eq!(decision.notices.len(), 1);
    let after = apply(Some(&state), &decision);
    assert_eq!((after.link_generation, after.next_tick()), (2, Some((noon() + Duration::hours(20), Tick::Expire))));
    assert_eq!(refused(&after, &remind(reminder, false), &system(due)), Refusal::NotApplicable);
}

#[test]
fn row_t84_who_comes_is_reminded_before_the_start_and_never_after_it() {
    let reminder = Reminder::before_start(HOUR);
    let state = made([reminder]);
    let due = noon() + Duration::hours(23);
    assert_eq!(state.next_tick(), Some((due, Tick::Remind(reminder))));
    let notices = |at| decide(Some(&state), &remind(reminder, false), &system(at)).unwrap().notices;
    assert_eq!(notices(due).len(), 2, "the invitee and the inviter");
    assert!(notices(due + Duration::hours(1)).is_empty(), "it has begun");
    let after = step(&state, &remind(reminder, false), &system(due));
    assert_eq!((&after.phase, after.next_tick()), (&Phase::Fulfilled, None));
}

#[test]
fn what_was_too_late_from_the_beginning_is_never_due() {
    assert_eq!(reminding([Reminder::before_expiry(HOUR * 21)]).next_tick().unwrap().1, Tick::Expire);
    assert_eq!(made([Reminder::before_start(HOUR * 25)]).next_tick(), None);
}

#[test]
fn row_t84_the_inviter_hears_that_nobody_has_joined() {
    let reminder = Reminder::nobody_joined(HOUR / 4);
    let state = made([reminder]);
    let due = noon() + Duration::hours(24) + Duration::minutes(15);
    assert_eq!(state.next_tick(), Some((due, Tick::Remind(reminder))));
    let told = |nobody| decide(Some(&state), &remind(reminder, nobody), &system(due)).unwrap().notices;
    assert_eq!(told(true).len(), 1);
    assert!(told(false).is_empty());
}

fn blocked() -> State {
    let state = begin(&accepted(), 0, Reconciliation::Reissue, noon());
    step(&state, &report_of(&state, 0, EffectReport::NeedsAction(problem())), &system(noon()))
}

#[test]
fn row_t42_t46_a_block_probes_with_growing_gaps_for_a_day_and_tells_once() {
    let mut state = blocked();
    let (mut probes, mut told) = (Vec::new(), 0);
    while let Some((at, Tick::Probe)) = state.next_tick() {
        probes.push(at);
        let early = system(at - Duration::seconds(1));
        assert_eq!(refused(&state, &Command::Resume { probe: true }, &early), Refusal::NotApplicable);
        state = step(&state, &Command::Resume { probe: true }, &system(at));
        state = begin(&state, 0, Reconciliation::Reissue, at);
        let report = report_of(&state, 0, EffectReport::NeedsAction(problem()));
        let decision = decide(Some(&state), &report, &system(at)).unwrap();
        told += decision.notices.len();
        state = apply(Some(&state), &decision);
    }
    assert_eq!(told, 0, "told again at a probe");
    let gaps: Vec<_> = probes.windows(2).map(|pair| (pair[1] - pair[0]).num_minutes()).collect();
    assert_eq!(gaps[..6], [2, 4, 8, 16, 32, 60]);
    assert!(*probes.last().unwrap() < noon() + Duration::days(1));
    assert!(*probes.last().unwrap() > noon() + Duration::hours(22));
    assert_eq!(state.blocking.as_ref().unwrap().since, noon());
    // then only somebody's word, or the end
    assert_eq!(state.next_tick(), Some((noon() + Duration::days(7), Tick::GiveUp)));
    assert_eq!(step(&state, &Command::Resume { probe: false }, &by("ada")).phase, Phase::Provisioning);
}

#[test]
fn row_t49_a_block_is_given_up_and_what_was_begun_is_undone() {
    let state = blocked();
    let end = noon() + Duration::days(7);
    let early = system(end - Duration::seconds(1));
    assert_eq!(refused(&state, &Command::BlockedTick, &early), Refusal::NotApplicable);
    let over = step(&state, &Command::BlockedTick, &system(end));
    assert_eq!(over.phase, Phase::Closed(Closed::Failed), "nothing was begun");
    let mut tainted = state;
    tainted.effects[0].tainted = true;
    let after = step(&tainted, &Command::BlockedTick, &system(end));
    assert_eq!(after.phase, Phase::Compensating { target: Closed::Failed });
}

#[test]
fn row_t49_an_undo_that_is_blocked_is_never_forgotten() {
    let state = step(&fulfilled(), &Command::Cancel, &by("ada"));
    let state = begin(&state, 0, Reconciliation::Reissue, noon());
    let mut state = step(&state, &report_of(&state, 0, EffectReport::NeedsAction(problem())), &system(noon()));
    for _ in 0..3 {
        let end = state.blocking.as_ref().unwrap().give_up_at;
        state = step(&state, &Command::BlockedTick, &system(end));
        assert_eq!(state.phase, Phase::Compensating { target: Closed::Cancelled });
        state = begin(&state, 0, Reconciliation::Reissue, end);
        state = step(&state, &report_of(&state, 0, EffectReport::NeedsAction(problem())), &system(end));
        assert!(state.blocking.as_ref().unwrap().give_up_at > end);
    }
}

#[test]
fn row_t47_another_organizer_is_another_key() {
    let state = blocked();
    let mut other = account();
    other.actor = crate::provider::AccountActor::Application { user: UserId::parse("substitute").unwrap() };
    let reassign = Command::ReassignOrganizer { organizer: other.clone() };
    let after = step(&state, &reassign, &by("ada"));
    assert_eq!((&after.phase, after.epoch), (&Phase::Provisioning, 2));
    let next = after.next_effect().unwrap();
    assert_eq!(next.account, other);
    assert_ne!(next.key, state.effects[0].key);
    let same = Command::ReassignOrganizer { organizer: account() };
    assert_eq!(refused(&state, &same, &by("ada")), Refusal::NotApplicable);
    let mut tainted = state.clone();
    tainted.effects[0].tainted = true;
    assert_eq!(refused(&tainted, &reassign, &by("ada")), Refusal::NotApplicable, "the other one may have it already");
    let mut foreign = other;
    foreign.tenant = TenantId::parse("elsewhere").unwrap();
    let foreign = Command::ReassignOrganizer { organizer: foreign };
    assert_eq!(refused(&state, &foreign, &by("ada")), Refusal::NotApplicable);
}

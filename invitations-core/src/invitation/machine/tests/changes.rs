//! What changes an invitation before anybody's acceptance counts, and its end.

use super::{counters::slot, *};
use crate::invitation::link::LinkPurpose;

fn to_address() -> State {
    let to = Recipient::Address(EmailAddress::parse("bob@x.example").unwrap());
    create(Offer::Meeting { draft: Box::new(draft()), organizer: account() }, vec![to], Quorum::Any)
}

fn with_policy(policy: Policy) -> NewInvitation {
    let offer = Offer::Meeting { draft: Box::new(draft()), organizer: account() };
    let (id, tenant) = (InvitationId::parse("one").unwrap(), TenantId::parse("school").unwrap());
    let inviter = PrincipalId::parse("ada").unwrap();
    let to = Recipient::Address(EmailAddress::parse("bob@x.example").unwrap());
    let mut new = NewInvitation::new(id, tenant, inviter, offer, vec![to], noon() + Duration::hours(20));
    new.policy = policy;
    new
}

fn unapproved(members: u8) -> State {
    let new = with_policy(Policy::default().with_approvals(members));
    let decision = decide(None, &Command::Create(Box::new(new)), &by("ada")).unwrap();
    assert_eq!(decision.links, [], "no link before it is approved");
    apply(None, &decision)
}

#[test]
fn row_t02_t10_an_invitation_is_approved_before_it_is_sent() {
    let state = unapproved(2);
    assert_eq!((&state.phase, state.is_answerable()), (&Phase::AwaitingApproval, false));
    let bob = verified("bob", "bob@x.example");
    assert_eq!(refused(&state, &Command::Accept, &bob), Refusal::NotApplicable);
    assert_eq!(refused(&state, &Command::Approve, &by("ada")), Refusal::Forbidden, "nobody approves their own");
    let state = step(&state, &Command::Approve, &by("carol"));
    assert_eq!(state.phase, Phase::AwaitingApproval);
    let decision = decide(Some(&state), &Command::Approve, &by("dan")).unwrap();
    assert_eq!((decision.links.as_slice(), decision.notices.len()), ([LinkPurpose::Answer].as_slice(), 1));
    let state = apply(Some(&state), &decision);
    assert_eq!(step(&state, &Command::Accept, &bob).phase, Phase::Provisioning);
}

#[test]
fn row_t04_t86_a_verified_requester_skips_the_proof() {
    let request = |approval| {
        let state = access(approval);
        let Offer::Access { resource, access } = state.offer else { panic!() };
        let requester = EmailAddress::parse("guest@outside.example").unwrap();
        let end = noon() + Duration::days(7);
        let mut new = NewAccessRequest::new(state.id, state.tenant, resource, requester, *access, end);
        new.verified = true;
        apply(None, &decide(None, &Command::RequestAccess(Box::new(new)), &system(noon())).unwrap())
    };
    assert_eq!(request(Approval::Members(1)).phase, Phase::AwaitingApproval);
    assert_eq!(request(Approval::Automatic { domains: Vec::new() }).phase, Phase::Provisioning);
}

#[test]
fn row_t11_a_rejection_is_told_to_the_requester_only() {
    let mut clicks = Context::new(noon(), Actor::LinkHolder);
    clicks.link_shown = true;
    let state = step(&access(Approval::Members(1)), &Command::VerifyRequester, &clicks);
    let decision = decide(Some(&state), &Command::Reject, &by("carol")).unwrap();
    assert_eq!(decision.notices.len(), 1);
    assert_eq!(apply(Some(&state), &decision).phase, Phase::Closed(Closed::Rejected));
    let unsent = decide(Some(&unapproved(1)), &Command::Reject, &by("carol")).unwrap();
    let inviter = Told::Principal(PrincipalId::parse("ada").unwrap());
    assert_eq!(unsent.notices, [NoticePlan::new(inviter, Tell::Rejected)], "the invitee was never told of it");
}

#[test]
fn row_t19_t20_a_booking_waits_for_its_payment() {
    let offer = Offer::Booking {
        booking: MeetingKey::parse("lesson-42").unwrap(),
        draft: Box::new(draft()),
        organizer: account(),
    };
    let state = create(offer, Vec::new(), Quorum::Any);
    assert_eq!((&state.phase, state.is_answerable()), (&Phase::Pending, false));
    let state = step(&state, &Command::PaymentFailed, &system(noon()));
    assert_eq!(state.phase, Phase::Pending);
    let pay = Command::ConfirmPayment { payment: Reference::parse("pay-1").unwrap() };
    let late = step(&state, &pay, &system(noon() + Duration::days(7)));
    assert_eq!(late.phase, Phase::Provisioning, "money has moved, whatever the time");
    let paid = step(&state, &pay, &system(noon()));
    assert_eq!(paid.phase, Phase::Provisioning);
    assert_eq!(refused(&paid, &pay, &system(noon())), Refusal::AlreadyYours);
    let second = Command::ConfirmPayment { payment: Reference::parse("pay-2").unwrap() };
    assert_eq!(refused(&paid, &second, &system(noon())), Refusal::NotApplicable);
    assert_eq!(refused(&meeting_for(&["bob"], Quorum::Any), &pay, &system(noon())), Refusal::NotApplicable);
    let cancelled = step(&paid, &Command::Cancel, &by("ada"));
    assert_eq!(cancelled.holds(), ["payment\npay-1"], "a payment is never used twice");
}

#[test]
fn row_t26_an_amendment_asks_everybody_anew_and_keeps_to_the_ceiling() {
    let state = step(&to_address(), &Command::Tentative, &verified("bob", "bob@x.example"));
    let later = Command::Amend(Box::new(Amendment::new().with_slot(slot(10))));
    let decision = decide(Some(&state), &later, &by("ada")).unwrap();
    assert!(decision.kill_links && decision.links == [LinkPurpose::Answer]);
    let after = apply(Some(&state), &decision);
    assert_eq!((after.revision, after.link_generation, after.invitees[0].response), (1, 2, Response::None));
    assert_eq!(after.expires_at, Some(noon() + Duration::hours(10)), "nobody answers after it has begun");
    let past = Command::Amend(Box::new(Amendment::new().with_slot(slot(-10))));
    assert_eq!(refused(&state, &past, &by("ada")), Refusal::Expired);
    for useless in [Amendment::new(), Amendment::new().with_role(Role::parse("x").unwrap())] {
        assert_eq!(refused(&state, &Command::Amend(Box::new(useless)), &by("ada")), Refusal::NotApplicable);
    }
    let owner = Command::Amend(Box::new(Amendment::new().with_role(Role::parse("owner").unwrap())));
    let mut teacher = by("ada");
    teacher.verdict = Verdict::Allowed { ceiling: Some(Role::parse("teacher").unwrap()) };
    assert_eq!(refused(&membership("new@school.example"), &owner, &teacher), Refusal::Forbidden);
    assert_eq!(refused(&accepted(), &owner, &by("ada")), Refusal::InProgress);
}

#[test]
fn row_t27_sending_again_waits_a_moment_and_makes_a_new_link() {
    let state = to_address();
    let soon = system(noon() + Duration::seconds(59));
    let until = noon() + Duration::seconds(60);
    assert_eq!(refused(&state, &Command::Resend, &soon), Refusal::Cooldown { until });
    let decision = decide(Some(&state), &Command::Resend, &system(until)).unwrap();
    assert!(decision.kill_links && decision.links == [LinkPurpose::Answer]);
    let after = apply(Some(&state), &decision);
    assert_eq!((after.link_generation, after.resent_at), (2, Some(until)));
    assert!(matches!(refused(&after, &Command::Resend, &system(until)), Refusal::Cooldown { .. }));
    let late = system(noon() + Duration::days(7));
    assert_eq!(refused(&state, &Command::Resend, &late), Refusal::Expired);
}

#[test]
fn row_t28_a_life_is_extended_within_limits() {
    let state = membership("new@school.example");
    let until = |days| Command::Extend { until: noon() + Duration::days(days) };
    let after = step(&state, &until(20), &by("ada"));
    assert_eq!(after.deadline(), Some(noon() + Duration::days(20)));
    assert_eq!(refused(&after, &until(20), &by("ada")), Refusal::NotApplicable);
    assert_eq!(refused(&after, &until(91), &by("ada")), Refusal::LimitReached);
    assert_eq!(refused(&meeting_for(&["bob"], Quorum::Any), &until(8), &by("ada")), Refusal::NotApplicable);
}

#[test]
fn row_t29_whoever_asks_may_think_better_of_it() {
    let mut nobody = verified("guest", "guest@outside.example");
    nobody.verdict = Verdict::Denied;
    let state = step(&access(Approval::Members(1)), &Command::Revoke, &nobody);
    assert_eq!(state.phase, Phase::Closed(Closed::Revoked));
    let mut mallory = verified("mallory", "mallory@outside.example");
    mallory.verdict = Verdict::Denied;
    assert_eq!(refused(&access(Approval::Members(1)), &Command::Revoke, &mallory), Refusal::Forbidden);
}

#[test]
fn row_t30_a_newer_one_takes_its_place() {
    let by_two = Command::Supersede { by: InvitationId::parse("two").unwrap() };
    let state = step(&membership("new@school.example"), &by_two, &by("ada"));
    assert_eq!(state.phase, Phase::Closed(Closed::Superseded));
    assert!(state.holds().is_empty());
    assert_eq!(refused(&fulfilled(), &by_two, &by("ada")), Refusal::NotApplicable);
}

#[test]
fn row_t77_cancelling_what_nobody_has_accepted_takes_it_back() {
    assert_eq!(step(&to_address(), &Command::Cancel, &by("ada")).phase, Phase::Closed(Closed::Revoked));
}

#[test]
fn an_inviter_who_may_no_longer_invite_lets_nobody_in() {
    let mut who = verified("new", "new@school.example");
    who.inviter = Verdict::Denied;
    assert_eq!(refused(&membership("new@school.example"), &Command::Accept, &who), Refusal::Forbidden);
    who.inviter = Verdict::Allowed { ceiling: Some(Role::parse("pupil").unwrap()) };
    assert_eq!(refused(&membership("new@school.example"), &Command::Accept, &who), Refusal::Forbidden);
    who.inviter = Verdict::Allowed { ceiling: Some(Role::parse("teacher").unwrap()) };
    assert_eq!(step(&membership("new@school.example"), &Command::Accept, &who).phase, Phase::Fulfilled);
}

#[test]
fn an_invitation_lives_ninety_days_at_most() {
    let mut new = with_policy(Policy::default());
    new.expires_at = noon() + Duration::days(91);
    assert_eq!(decide(None, &Command::Create(Box::new(new)), &by("ada")), Err(Refusal::LimitReached));
}

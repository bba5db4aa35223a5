use super::*;
use crate::invitation::link::LinkPurpose;

fn link_holder() -> Context {
    let mut context = Context::new(noon(), Actor::LinkHolder);
    context.link_shown = true;
    context
}

#[test]
fn row_t01_create_waits_for_an_answer() {
    let state = meeting_for(&["bob"], Quorum::Any);
    assert_eq!(state.phase, Phase::Pending);
    assert_eq!(state.deadline(), Some(noon() + Duration::days(7)));
    let offer = Offer::Membership { role: Role::parse("teacher").unwrap() };
    let to = Recipient::Address(EmailAddress::parse("new@school.example").unwrap());
    let (id, tenant) = (InvitationId::parse("one").unwrap(), TenantId::parse("school").unwrap());
    let inviter = PrincipalId::parse("ada").unwrap();
    let new = NewInvitation::new(id, tenant, inviter, offer, vec![to], noon() + Duration::days(7));
    let decision = decide(None, &Command::Create(Box::new(new.clone())), &by("ada")).unwrap();
    assert_eq!(decision.links, [LinkPurpose::Answer]);
    assert_eq!(decision.notices.len(), 1);
    let mut nobody = new.clone();
    nobody.recipients.clear();
    assert_eq!(decide(None, &Command::Create(Box::new(nobody)), &by("ada")), Err(Refusal::NotApplicable));
    let mut past = new;
    past.expires_at = noon();
    assert_eq!(decide(None, &Command::Create(Box::new(past)), &by("ada")), Err(Refusal::Expired));
}

#[test]
fn a_ceiling_limits_the_role() {
    let offer = Offer::Membership { role: Role::parse("admin").unwrap() };
    let (id, tenant) = (InvitationId::parse("one").unwrap(), TenantId::parse("school").unwrap());
    let inviter = PrincipalId::parse("ada").unwrap();
    let new = NewInvitation::new(id, tenant, inviter, offer, vec![person("bob")], noon() + Duration::days(7));
    let mut context = by("ada");
    context.verdict = Verdict::Allowed { ceiling: Some(Role::parse("teacher").unwrap()) };
    assert_eq!(decide(None, &Command::Create(Box::new(new)), &context), Err(Refusal::Forbidden));
}

#[test]
fn row_t03_t06_t09_access_is_verified_then_approved() {
    let state = access(Approval::Members(1));
    assert_eq!(state.phase, Phase::AwaitingVerification);
    assert_eq!(refused(&state, &Command::Approve, &by("carol")), Refusal::NotApplicable);
    let mut without = link_holder();
    without.link_shown = false;
    assert_eq!(refused(&state, &Command::VerifyRequester, &without), Refusal::NotFound);
    let state = step(&state, &Command::VerifyRequester, &link_holder());
    assert_eq!(state.phase, Phase::AwaitingApproval);
    assert_eq!(refused(&state, &Command::VerifyRequester, &link_holder()), Refusal::AlreadyYours);
    let state = step(&state, &Command::Approve, &by("carol"));
    assert_eq!(state.phase, Phase::Provisioning);
    assert_eq!(state.effects.len(), 2);
}

#[test]
fn row_t07_a_rule_approves_known_domains() {
    let rule = |domains: &[&str]| Approval::Automatic { domains: domains.iter().map(ToString::to_string).collect() };
    let verify = |approval| step(&access(approval), &Command::VerifyRequester, &link_holder()).phase;
    assert_eq!(verify(rule(&[])), Phase::Provisioning);
    assert_eq!(verify(rule(&["outside.example"])), Phase::Provisioning);
    assert_eq!(verify(rule(&["elsewhere.example"])), Phase::AwaitingApproval);
}

#[test]
fn row_t08_m_of_n_counts_different_members_and_never_the_requester() {
    let state = step(&access(Approval::Members(2)), &Command::VerifyRequester, &link_holder());
    let once = step(&state, &Command::Approve, &by("carol"));
    assert_eq!(once.phase, Phase::AwaitingApproval);
    assert_eq!(refused(&once, &Command::Approve, &by("carol")), Refusal::AlreadyYours);
    assert_eq!(refused(&once, &Command::Approve, &verified("x", "guest@outside.example")), Refusal::Forbidden);
    assert_eq!(step(&once, &Command::Approve, &by("dan")).phase, Phase::Provisioning);
}

#[test]
fn row_t11_reject_closes() {
    let state = step(&access(Approval::Members(1)), &Command::VerifyRequester, &link_holder());
    assert_eq!(step(&state, &Command::Reject, &by("carol")).phase, Phase::Closed(Closed::Rejected));
}

#[test]
fn row_t12_t13_accept_claims_when_the_quorum_is_met() {
    let state = meeting_for(&["bob", "eve"], Quorum::All);
    let state = step(&state, &Command::Accept, &by("bob"));
    assert_eq!((&state.phase, state.accepted()), (&Phase::Pending, 1));
    let decision = decide(Some(&state), &Command::Accept, &by("eve")).unwrap();
    assert!(decision.kill_links);
    let state = apply(Some(&state), &decision);
    assert_eq!(state.phase, Phase::Provisioning);
    assert_eq!(state.winner.as_ref().map(PrincipalId::as_str), Some("eve"));
    assert_eq!(state.claimed_at, Some(noon()));
}

#[test]
fn the_same_person_again_is_told_so_and_another_is_not_let_in() {
    let state = accepted();
    assert_eq!(refused(&state, &Command::Accept, &by("bob")), Refusal::AlreadyYours);
    assert_eq!(refused(&state, &Command::Accept, &by("eve")), Refusal::InProgress);
    let open = meeting_for(&["bob"], Quorum::Any);
    assert_eq!(refused(&open, &Command::Accept, &by("eve")), Refusal::NotFound);
    let mut shown = by("eve");
    shown.link_shown = true;
    assert_eq!(refused(&open, &Command::Accept, &shown), Refusal::WrongRecipient);
    assert_eq!(refused(&open, &Command::Accept, &link_holder()), Refusal::Forbidden);
}

#[test]
fn row_t14_membership_is_there_at_once() {
    let state = membership("new@school.example");
    let decision = decide(Some(&state), &Command::Accept, &verified("newcomer", "New@School.example")).unwrap();
    assert_eq!(decision.members.len(), 1);
    assert_eq!(decision.members[0].role.as_str(), "teacher");
    assert!(decision.kill_links);
    assert_eq!(apply(Some(&state), &decision).phase, Phase::Fulfilled);
    let stranger = verified("x", "other@school.example");
    assert_eq!(refused(&state, &Command::Accept, &stranger), Refusal::NotFound);
}

#[test]
fn row_t15_t16_decline_closes_when_the_quorum_is_out_of_reach() {
    let any = step(&meeting_for(&["bob", "eve"], Quorum::Any), &Command::Decline, &by("bob"));
    assert_eq!(any.phase, Phase::Pending);
    assert_eq!(step(&any, &Command::Decline, &by("eve")).phase, Phase::Closed(Closed::Declined));
    let all = step(&meeting_for(&["bob", "eve"], Quorum::All), &Command::Decline, &by("bob"));
    assert_eq!(all.phase, Phase::Closed(Closed::Declined));
}

#[test]
fn a_link_alone_declines_for_the_one_invited_address() {
    let state = membership("new@school.example");
    assert_eq!(step(&state, &Command::Decline, &link_holder()).phase, Phase::Closed(Closed::Declined));
    let mut without = link_holder();
    without.link_shown = false;
    assert_eq!(refused(&state, &Command::Decline, &without), Refusal::NotFound);
}

#[test]
fn row_t31_expiry_is_the_same_lazily_and_by_tick() {
    let end = noon() + Duration::days(7);
    let state = meeting_for(&["bob"], Quorum::Any);
    let mut late = by("bob");
    late.now = end;
    assert_eq!(refused(&state, &Command::Accept, &late), Refusal::Expired);
    assert_eq!(refused(&state, &Command::ExpireTick, &system(end - Duration::microseconds(1))), Refusal::NotApplicable);
    assert_eq!(step(&state, &Command::ExpireTick, &system(end)).phase, Phase::Closed(Closed::Expired));
    late.now = end - Duration::microseconds(1);
    assert_eq!(step(&state, &Command::Accept, &late).phase, Phase::Provisioning);
}

#[test]
fn row_t29_revoke_closes_what_is_open() {
    let state = step(&meeting_for(&["bob"], Quorum::Any), &Command::Revoke, &by("ada"));
    assert_eq!(state.phase, Phase::Closed(Closed::Revoked));
    for command in [
        Command::Accept,
        Command::Decline,
        Command::Revoke,
        Command::Cancel,
        Command::ExpireTick,
        Command::Resume { probe: false },
    ] {
        assert_eq!(refused(&state, &command, &by("bob")), Refusal::Closed(Status::Revoked), "{command:?}");
    }
}

#[test]
fn row_t55_a_later_acceptance_adds_an_attendee() {
    let state = one_more_of_two();
    assert_eq!(state.phase, Phase::Fulfilled);
    assert_eq!(state.next_effect().map(|effect| effect.id.as_str()), Some("add_to_meeting.1.1"));
}

#[test]
fn an_attendee_that_waits_for_a_permission_takes_nothing_back() {
    let state = begin(&one_more_of_two(), 1, Reconciliation::Reissue, noon());
    let report = report_of(&state, 1, EffectReport::NeedsAction(problem()));
    let decision = decide(Some(&state), &report, &system(noon())).unwrap();
    assert_eq!(decision.notices.len(), 1);
    let state = apply(Some(&state), &decision);
    assert_eq!((&state.phase, state.next_effect().unwrap().status), (&Phase::Fulfilled, EffectStatus::Retry));
}

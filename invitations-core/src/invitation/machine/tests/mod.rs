//! Rows of the table, and what holds in every reachable state. Names carry the row: `row_t13_…`.

mod after;
mod answers;
mod changes;
mod counters;
mod effects;
mod explore;
mod page;
mod ticks;
mod undo;

use chrono::{DateTime, Duration, TimeZone as _, Utc};

use super::*;
use crate::{
    ids::{
        CalendarId, EffectId, EventId, InvitationId, MeetingKey, PrincipalId, ProviderId, Reference, ResourceId, Role,
        TenantId, UserId,
    },
    invitation::{
        EffectStatus, Reconciliation,
        effect::{EffectReport, ExternalRef, Problem},
    },
    people::{Actor, EmailAddress, Principal, Verdict},
    provider::{Account, MeetingDraft},
};

pub(super) fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 2, 12, 0, 0).unwrap()
}

pub(super) fn account() -> Account {
    Account::application(
        TenantId::parse("school").unwrap(),
        ProviderId::parse("memory").unwrap(),
        UserId::parse("organizer").unwrap(),
    )
}

pub(super) fn draft() -> MeetingDraft {
    MeetingDraft::new("Maths", noon() + Duration::days(1)..noon() + Duration::days(1) + Duration::hours(1))
}

pub(super) fn principal(id: &str) -> Principal {
    Principal::new(PrincipalId::parse(id).unwrap())
}

pub(super) fn by(id: &str) -> Context {
    Context::new(noon(), Actor::Principal(principal(id)))
}

pub(super) fn verified(id: &str, address: &str) -> Context {
    let who = principal(id).with_verified(EmailAddress::parse(address).unwrap());
    Context::new(noon(), Actor::Principal(who))
}

pub(super) fn system(at: DateTime<Utc>) -> Context {
    Context::new(at, Actor::System)
}

pub(super) fn person(id: &str) -> Recipient {
    Recipient::Principal(PrincipalId::parse(id).unwrap())
}

pub(super) fn meeting_for(recipients: &[&str], quorum: Quorum) -> State {
    let offer = Offer::Meeting { draft: Box::new(draft()), organizer: account() };
    create(offer, recipients.iter().map(|id| person(id)).collect(), quorum)
}

pub(super) fn create(offer: Offer, recipients: Vec<Recipient>, quorum: Quorum) -> State {
    let (id, tenant) = (InvitationId::parse("one").unwrap(), TenantId::parse("school").unwrap());
    let inviter = PrincipalId::parse("ada").unwrap();
    let mut new = NewInvitation::new(id, tenant, inviter, offer, recipients, noon() + Duration::days(7));
    new.quorum = quorum;
    let decision = decide(None, &Command::Create(Box::new(new)), &by("ada")).unwrap();
    apply(None, &decision)
}

pub(super) fn access(approval: Approval) -> State {
    let event = EventAccess::new(
        account(),
        CalendarId::parse("default").unwrap(),
        EventId::parse("webinar-event").unwrap(),
        "https://app.example/webinar".parse().unwrap(),
    );
    let new = NewAccessRequest::new(
        InvitationId::parse("one").unwrap(),
        TenantId::parse("school").unwrap(),
        ResourceId::parse("webinar").unwrap(),
        EmailAddress::parse("guest@outside.example").unwrap(),
        event.with_approval(approval),
        noon() + Duration::days(7),
    );
    let decision = decide(None, &Command::RequestAccess(Box::new(new)), &system(noon())).unwrap();
    apply(None, &decision)
}

pub(super) fn apply(state: Option<&State>, decision: &Decision) -> State {
    decision.events.iter().fold(state.cloned(), evolve).unwrap()
}

pub(super) fn step(state: &State, command: &Command, context: &Context) -> State {
    apply(Some(state), &decide(Some(state), command, context).unwrap())
}

pub(super) fn refused(state: &State, command: &Command, context: &Context) -> Refusal {
    decide(Some(state), command, context).unwrap_err()
}

pub(super) fn first(state: &State) -> EffectId {
    state.effects[0].id.clone()
}

pub(super) fn begin(state: &State, place: usize, reconciliation: Reconciliation, at: DateTime<Utc>) -> State {
    let request_deadline = at + Duration::seconds(20);
    let command = Command::BeginEffect { effect: state.effects[place].id.clone(), reconciliation, request_deadline };
    step(state, &command, &system(at))
}

pub(super) fn report_of(state: &State, place: usize, report: EffectReport) -> Command {
    let effect = &state.effects[place];
    Command::Report { effect: effect.id.clone(), attempt: effect.attempt, report }
}

pub(super) fn object(id: &str) -> Box<ExternalRef> {
    Box::new(ExternalRef::new(account(), id))
}

pub(super) fn problem() -> Problem {
    Problem::new("create meeting failed: unavailable")
}

pub(super) fn accepted() -> State {
    step(&meeting_for(&["bob"], Quorum::Any), &Command::Accept, &by("bob"))
}

pub(super) fn fulfilled() -> State {
    let state = begin(&accepted(), 0, Reconciliation::Reissue, noon());
    step(&state, &report_of(&state, 0, EffectReport::Succeeded(Some(object("m1")))), &system(noon()))
}

/// Accepted by one invitee and made; then by the other, who is not on the meeting yet.
pub(super) fn one_more_of_two() -> State {
    let to = |address| Recipient::Address(EmailAddress::parse(address).unwrap());
    let offer = Offer::Meeting { draft: Box::new(draft()), organizer: account() };
    let state = create(offer, vec![to("bob@x.example"), to("eve@x.example")], Quorum::Any);
    let state = step(&state, &Command::Accept, &verified("bob", "bob@x.example"));
    let state = begin(&state, 0, Reconciliation::Reissue, noon());
    let state = step(&state, &report_of(&state, 0, EffectReport::Succeeded(Some(object("m1")))), &system(noon()));
    step(&state, &Command::Accept, &verified("eve", "eve@x.example"))
}

/// Being taken back while one effect is done and the next one is under way.
pub(super) fn stopping_half_way() -> State {
    let mut link = Context::new(noon(), Actor::LinkHolder);
    link.link_shown = true;
    let state = step(&access(Approval::Automatic { domains: Vec::new() }), &Command::VerifyRequester, &link);
    let state = begin(&state, 0, Reconciliation::Reissue, noon());
    let state = step(&state, &report_of(&state, 0, EffectReport::Succeeded(Some(object("guest")))), &system(noon()));
    step(&begin(&state, 1, Reconciliation::Reissue, noon()), &Command::Revoke, &by("ada"))
}

/// Used by the rows about memberships.
pub(super) fn membership(address: &str) -> State {
    let offer = Offer::Membership { role: Role::parse("teacher").unwrap() };
    create(offer, vec![Recipient::Address(EmailAddress::parse(address).unwrap())], Quorum::Any)
}

pub(super) fn booking() -> State {
    let new = NewBooking::new(
        InvitationId::parse("one").unwrap(),
        TenantId::parse("school").unwrap(),
        MeetingKey::parse("lesson-42").unwrap(),
        draft(),
        account(),
    );
    apply(None, &decide(None, &Command::ProvisionPaid(Box::new(new)), &system(noon())).unwrap())
}

#[test]
fn statuses_have_one_word_each() {
    let words: std::collections::HashSet<_> = Status::ALL.iter().map(|status| status.as_str()).collect();
    assert_eq!(words.len(), Status::ALL.len());
}

#[test]
fn an_effect_is_due_one_at_a_time() {
    let state = step(&access(Approval::Members(1)), &Command::VerifyRequester, &{
        let mut context = Context::new(noon(), Actor::LinkHolder);
        context.link_shown = true;
        context
    });
    let state = step(&state, &Command::Approve, &by("carol"));
    assert_eq!(state.schedule().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["invite_guest.1"]);
    let state = begin(&state, 0, Reconciliation::Reissue, noon());
    let state = step(&state, &report_of(&state, 0, EffectReport::Succeeded(Some(object("guest")))), &system(noon()));
    assert_eq!(state.schedule().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["add_to_event.1"]);
    assert_eq!(state.phase, Phase::Provisioning);
    assert_eq!(state.effects[0].status, EffectStatus::Done);
}

#[test]
fn a_denied_actor_changes_nothing() {
    let mut context = by("mallory");
    context.verdict = Verdict::Denied;
    for command in [Command::Revoke, Command::Cancel, Command::Approve, Command::Reject] {
        assert_eq!(refused(&accepted(), &command, &context), Refusal::Forbidden, "{command:?}");
    }
}

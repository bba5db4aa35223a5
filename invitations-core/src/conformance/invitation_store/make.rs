//! Values for the cases.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    Result,
    conformance::Finding,
    ids::{EffectId, EffectName, InvitationId, MeetingKey, PrincipalId, ProviderId, Role, TenantId, UserId, WorkerId},
    invitation::{
        Claim, Claimed, Commit, Effect, EffectKind, EffectStatus, Event, InvitationStore, State,
        link::{LinkPurpose, StoredLink},
        machine::{Closed, Invitee, Offer, Phase, Policy, Recipient, Reminder},
        store::OutboxWrite,
    },
    people::EmailAddress,
    provider::{Account, MeetingDraft},
    secret::Sealed,
};

/// The lease that the cases ask for.
pub(super) const LEASE: Duration = Duration::from_secs(60);
/// Less than [`LEASE`].
pub(super) const SOON: Duration = Duration::from_secs(20);
/// Long after the present and after every lease.
pub(super) const LATER: Duration = Duration::from_secs(3600);

pub(super) fn tenant() -> Result<TenantId> {
    TenantId::parse("organisation")
}

pub(super) fn id(name: &str) -> Result<InvitationId> {
    InvitationId::parse(name)
}

pub(super) fn address(name: &str) -> Result<EmailAddress> {
    EmailAddress::parse(format!("{name}@people.example"))
}

pub(super) fn account() -> Result<Account> {
    Ok(Account::application(tenant()?, ProviderId::parse("provider")?, UserId::parse("organizer")?))
}

/// A pending invitation to a role, for the address of the same name, without a deadline.
pub(super) fn invitation(name: &str, now: DateTime<Utc>) -> Result<State> {
    let offer = Offer::Membership { role: Role::parse("editor")? };
    let mut state = State::new(id(name)?, tenant()?, offer, now);
    state.inviter = Some(PrincipalId::parse("inviter")?);
    state.invitees = vec![Invitee::new(Recipient::Address(address(name)?))];
    Ok(state)
}

/// The same, being taken back, with one effect for each given time; the effects are called `work.0`, `work.1`, …
pub(super) fn working(name: &str, now: DateTime<Utc>, due: &[DateTime<Utc>]) -> Result<State> {
    let mut state = invitation(name, now)?;
    state.phase = Phase::Compensating { target: Closed::Cancelled };
    let account = account()?;
    for (place, at) in due.iter().enumerate() {
        let kind =
            EffectKind::Custom { name: EffectName::parse("work")?, payload: serde_json::json!({ "place": place }) };
        let key = MeetingKey::parse(format!("{name}-{place}"))?;
        state.effects.push(Effect::planned(effect(place)?, kind, account.clone(), key, *at));
    }
    Ok(state)
}

/// The same at rest, with everything due: each effect is to be looked at again, and somebody is to be reminded of a meeting.
pub(super) fn resting(name: &str, now: DateTime<Utc>, due: &[DateTime<Utc>]) -> Result<State> {
    let mut state = working(name, now, due)?;
    let draft = Box::new(MeetingDraft::new("Maths", now + SOON..now + SOON * 2));
    state.offer = Offer::Meeting { draft, organizer: account()? };
    (state.phase, state.on_since) = (Phase::Fulfilled, Some(now - TimeDelta::hours(1)));
    state.policy = Policy::default().with_reminders([Reminder::before_start(SOON)]);
    for effect in &mut state.effects {
        effect.status = EffectStatus::Done;
    }
    Ok(state)
}

pub(super) fn effect(place: usize) -> Result<EffectId> {
    EffectId::parse(format!("work.{place}"))
}

/// The first commit of an invitation.
pub(super) fn insert(state: State) -> Commit {
    let event = Event::Created { state: Box::new(state.clone()) };
    Commit::new(None, state, vec![event])
}

/// A later commit.
pub(super) fn update(version: u64, state: State) -> Commit {
    Commit::new(Some(version), state, vec![Event::RequesterVerified { at: None }])
}

/// The commit with one notice more.
pub(super) fn with_notice(mut commit: Commit, dedupe: &str) -> Commit {
    commit.outbox.push(OutboxWrite::new(dedupe, sealed(dedupe)));
    commit
}

pub(super) fn sealed(text: &str) -> Sealed {
    Sealed::from_bytes(format!("sealed {text} \0\u{ff}").into_bytes())
}

/// A link of the invitation; different numbers are different links.
pub(super) fn link(name: &str, number: u8) -> Result<StoredLink> {
    let (selector, digest) = ([number; 12], [number.wrapping_add(100); 32]);
    let generation = u32::from(number);
    Ok(StoredLink::new(tenant()?, id(name)?, LinkPurpose::Answer, generation, selector, digest))
}

/// A claim by the worker of this name.
pub(super) fn claim(worker: &str, limit: usize) -> Result<Claim> {
    Ok(Claim::new(WorkerId::parse(worker)?, LEASE, limit))
}

/// What the worker of this name gets, with room for everything.
pub(super) async fn claimed(store: &dyn InvitationStore, worker: &str) -> Result<Vec<Claimed>> {
    store.claim(&claim(worker, 100)?).await
}

/// Closes the state in this way.
pub(super) fn closed(mut state: State, how: Closed) -> State {
    state.phase = Phase::Closed(how);
    for effect in &mut state.effects {
        effect.due_at = None;
    }
    state
}

/// What is claimed, in short: for comparing and for findings.
pub(super) fn summary(rows: &[Claimed]) -> Vec<String> {
    let mut names: Vec<String> = rows
        .iter()
        .map(|row| match row {
            Claimed::Effect { invitation, effect, .. } => format!("effect {invitation} {effect}"),
            Claimed::Deadline { invitation, .. } => format!("deadline {invitation}"),
            Claimed::Delivery { invitation, dedupe, .. } => format!("delivery {invitation} {dedupe}"),
        })
        .collect();
    names.sort();
    names
}

/// A finding unless exactly these rows (as [`summary`] names them) were claimed.
pub(super) fn expect(rows: &[Claimed], expected: &[&str], when: &str) -> Result<(), Finding> {
    let found = summary(rows);
    if found == expected { Ok(()) } else { Err(Finding(format!("{when}: claimed {found:?}, expected {expected:?}"))) }
}

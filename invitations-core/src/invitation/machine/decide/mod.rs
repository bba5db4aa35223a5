//! The table of `decide`, by what the command is about: answers, other times, payment, what is offered, its end, blocks, workers, undo.

mod answer;
mod approve;
mod block;
mod change;
mod counter;
mod create;
mod effects;
mod end;
mod payment;
mod plan;
mod resolve;
mod sweep;
mod tick;
mod undo;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Command, Context, Decision, Event, NoticePlan, Phase, Recipient, Refusal, State, Status, Tell, Told};
use crate::people::Verdict;

/// What `command` would do. Pure; every pair of state and command without a row of the [table](super::table) is a typed refusal.
///
/// # Errors
/// A [`Refusal`], which has no effect and is safe to show.
pub fn decide(state: Option<&State>, command: &Command, context: &Context) -> Result<Decision, Refusal> {
    let state = match (state, command) {
        (None, Command::Create(new)) => return create::invitation(new, context),
        (None, Command::ProvisionPaid(new)) => return create::booking(new, context),
        (None, Command::RequestAccess(new)) => return create::access_request(new, context),
        (None, _) => return Err(Refusal::NotFound),
        (Some(_), Command::Create(_) | Command::ProvisionPaid(_) | Command::RequestAccess(_)) => {
            return Err(Refusal::NotApplicable);
        }
        (Some(state), _) => state,
    };
    if let (Phase::Closed(how), false) = (&state.phase, sweep::is_one(state, command)) {
        return Err(Refusal::Closed((*how).into()));
    }
    let decision = match command {
        Command::VerifyRequester => answer::verify(state, context),
        Command::Accept => answer::accept(state, context),
        Command::Decline => answer::decline(state, context),
        Command::Tentative => answer::tentative(state, context),
        Command::Counter { slots } => counter::offer(state, slots, context),
        Command::AcceptCounter { slot } => counter::accept(state, *slot, context),
        Command::DeclineCounter => counter::decline(state, context),
        Command::ConfirmPayment { payment } => payment::confirm(state, payment, context),
        Command::PaymentFailed => payment::fail(state, context),
        Command::Approve => approve::approve(state, context),
        Command::Reject => approve::reject(state, context),
        Command::Amend(amendment) => change::amend(state, amendment, context),
        Command::Resend => change::resend(state, context),
        Command::Extend { until } => change::extend(state, *until, context),
        Command::Reschedule { slot } => change::reschedule(state, slot, context),
        Command::Regenerate => change::regenerate(state, context),
        Command::ExternalChanged { drift } => change::external(state, *drift, context),
        Command::ChangeOccurrence { .. } => change::occurrence(state, context),
        Command::Revoke => end::revoke(state, context),
        Command::Cancel => end::cancel(state, context),
        Command::Supersede { by } => end::supersede(state, by, context),
        Command::ExpireTick => tick::expire(state, context),
        Command::RemindTick { reminder, nobody_joined } => tick::remind(state, *reminder, *nobody_joined, context),
        Command::BlockedTick => tick::give_up(state, context),
        Command::Resume { probe } => block::resume(state, *probe, context),
        Command::ReassignOrganizer { organizer } => block::reassign(state, organizer, context),
        Command::ResolveFound { found } => resolve::found(state, found, context),
        Command::ResolveAbsent => resolve::absent(state, context),
        Command::BeginEffect { effect, reconciliation, request_deadline } => {
            effects::begin(state, effect, *reconciliation, *request_deadline, context)
        }
        Command::Report { effect, attempt, report } => effects::report(state, effect, *attempt, report, context),
        Command::Create(_) | Command::ProvisionPaid(_) | Command::RequestAccess(_) => Err(Refusal::NotApplicable),
    };
    decision.map(|decision| sweep::plan(state, decision, context))
}

/// Every open state is live before its deadline only; the same answer whether or not the tick has come by.
fn live(state: &State, context: &Context) -> Result<(), Refusal> {
    match state.expires_at {
        Some(end) if context.now >= end => Err(Refusal::Expired),
        _ => Ok(()),
    }
}

/// An answer to something that has changed meanwhile is no answer.
fn seen(state: &State, context: &Context) -> Result<(), Refusal> {
    match context.revision {
        Some(seen) if seen != state.revision => Err(Refusal::Stale { current: state.revision }),
        _ => Ok(()),
    }
}

fn allowed(context: &Context) -> Result<(), Refusal> {
    match context.verdict {
        Verdict::Allowed { .. } => Ok(()),
        Verdict::Denied => Err(Refusal::Forbidden),
    }
}

/// Roles have no order here: a ceiling names the one role that may be given.
fn within(verdict: &Verdict, role: &crate::ids::Role) -> Result<(), Refusal> {
    match verdict {
        Verdict::Allowed { ceiling: None } => Ok(()),
        Verdict::Allowed { ceiling: Some(ceiling) } if role == ceiling => Ok(()),
        Verdict::Allowed { .. } | Verdict::Denied => Err(Refusal::Forbidden),
    }
}

/// Who is told to come back: what is claimed is in progress, what is made is accepted.
fn not_open(state: &State) -> Refusal {
    match (&state.phase, state.status()) {
        (Phase::Rescheduling, _) | (_, Status::Accepting | Status::Cancelling) => Refusal::InProgress,
        _ => Refusal::NotApplicable,
    }
}

fn closed(how: super::Closed, context: &Context) -> Event {
    Event::Closed { how, by: context.actor.principal().cloned(), at: Some(context.now) }
}

fn one(event: Event) -> Decision {
    Decision { events: vec![event], ..Decision::default() }
}

/// The same to every invitee.
fn to_invitees(state: &State, tell: &Tell) -> Vec<NoticePlan> {
    state.invitees.iter().map(|invitee| to_recipient(&invitee.recipient, tell.clone())).collect()
}

fn to_recipient(recipient: &Recipient, tell: Tell) -> NoticePlan {
    NoticePlan::new(Told::Recipient(recipient.clone()), tell)
}

/// To the inviter, if there is one.
fn to_inviter(state: &State, tell: Tell) -> Option<NoticePlan> {
    state.inviter.clone().map(|inviter| NoticePlan::new(Told::Principal(inviter), tell))
}

/// Whether somebody is invited by address, and so needs a link.
fn needs_link(state: &State) -> bool {
    state.invitees.iter().any(|invitee| matches!(invitee.recipient, Recipient::Address(_)))
}

/// The end of an invitation whose meeting moves: it ended with the old start, or before both.
fn end_with(state: &State, start: DateTime<Utc>, context: &Context) -> Result<DateTime<Utc>, Refusal> {
    let end = state.expires_at.ok_or(Refusal::NotApplicable)?;
    let ended_with_it = state.draft().is_some_and(|draft| draft.slot.start_instant() == end);
    let longest = state.created_at + context.timing.life_most;
    Ok(if ended_with_it { start.min(longest) } else { end.min(start) })
}

/// So long after now, in whole microseconds as stores keep them: who comes at that time must not come a fraction too early.
fn later(context: &Context, wait: Duration) -> DateTime<Utc> {
    let wait = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX / 1000);
    context.now.checked_add_signed(TimeDelta::microseconds(wait)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Folds events over a state that exists.
fn fold(state: &State, events: &[Event]) -> State {
    events.iter().fold(Some(state.clone()), super::evolve).unwrap_or_else(|| state.clone())
}

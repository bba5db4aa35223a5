//! The table of `decide`, by who sends the command: people's answers, the administration, workers, undo.

mod admin;
mod answer;
mod create;
mod effects;
mod plan;
mod undo;

use super::{Closed, Command, Context, Decision, Event, Phase, Refusal, State, Status};
use crate::people::Verdict;

/// What `command` would do. Pure; every pair of state and command without a row of the table is a typed refusal.
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
    if let Phase::Closed(how) = state.phase {
        return Err(Refusal::Closed(how.into()));
    }
    match command {
        Command::VerifyRequester => answer::verify(state, context),
        Command::Accept => answer::accept(state, context),
        Command::Decline => answer::decline(state, context),
        Command::Approve => admin::approve(state, context),
        Command::Reject => admin::reject(state, context),
        Command::Revoke => admin::revoke(state, context),
        Command::Cancel => admin::cancel(state, context),
        Command::ExpireTick => admin::expire(state, context),
        Command::Resume => admin::resume(state, context),
        Command::BeginEffect { effect, reconciliation, request_deadline } => {
            effects::begin(state, effect, *reconciliation, *request_deadline, context)
        }
        Command::Report { effect, attempt, report } => effects::report(state, effect, *attempt, report, context),
        Command::Create(_) | Command::ProvisionPaid(_) | Command::RequestAccess(_) => Err(Refusal::NotApplicable),
    }
}

/// Every open state is live before its deadline only; the same answer whether or not the tick has come by.
fn live(state: &State, context: &Context) -> Result<(), Refusal> {
    match state.expires_at {
        Some(end) if context.now >= end => Err(Refusal::Expired),
        _ => Ok(()),
    }
}

fn allowed(context: &Context) -> Result<(), Refusal> {
    match context.verdict {
        Verdict::Allowed { .. } => Ok(()),
        Verdict::Denied => Err(Refusal::Forbidden),
    }
}

/// Who is told to come back: what is claimed is in progress, what is made is accepted.
fn not_open(state: &State) -> Refusal {
    match state.status() {
        Status::Accepting | Status::Cancelling => Refusal::InProgress,
        _ => Refusal::NotApplicable,
    }
}

fn closed(how: Closed, context: &Context) -> Event {
    Event::Closed { how, by: context.actor.principal().cloned() }
}

/// Folds events over a state that exists.
fn fold(state: &State, events: &[Event]) -> State {
    events.iter().fold(Some(state.clone()), super::evolve).unwrap_or_else(|| state.clone())
}

//! T44, T45, T48, T49, T57, T62, T63 and T66 to T74: taking back what was made, last made first.

use super::{
    block::block,
    effects::{absent, again_at, quarantine, reconcile_at},
    fold, one, to_invitees,
};
use crate::invitation::{
    Effect, EffectStatus, ExternalRef,
    effect::{EffectReport, Problem},
    machine::{Closed, Context, Decision, Event, Phase, Refusal, State, Tell},
};

/// What was never begun is dropped; what is done is undone; what is in flight is looked at first.
pub(super) fn start(state: &State, target: Closed, context: &Context) -> Result<Decision, Refusal> {
    let mut events = vec![Event::CompensationStarted { target, at: Some(context.now) }];
    for effect in state.effects.iter().rev().filter(|effect| effect.kind.leaves_something()) {
        let undo = match effect.status {
            EffectStatus::Done => true,
            EffectStatus::Planned | EffectStatus::Retry => effect.tainted,
            EffectStatus::InFlight | EffectStatus::UndoPlanned | EffectStatus::Undoing | EffectStatus::Undone => false,
        };
        if undo {
            events.push(Event::UndoPlanned { effect: effect.id.clone(), at: context.now });
        }
    }
    Ok(ended(state, events, context))
}

/// Closes when it is being taken back and nothing is left.
fn ended(state: &State, mut events: Vec<Event>, context: &Context) -> Decision {
    let after = fold(state, &events);
    let gone = after.effects.iter().all(|effect| effect.status == EffectStatus::Undone);
    let Phase::Compensating { target } = after.phase else { return Decision { events, ..Decision::default() } };
    if !gone {
        return Decision { events, ..Decision::default() };
    }
    events.push(Event::Closed { how: target, by: None, at: Some(context.now) });
    let notices = to_invitees(state, &Tell::Cancelled);
    Decision { events, kill_links: true, notices, ..Decision::default() }
}

/// A create that was under way when the undo began.
pub(super) fn report_of_making(
    state: &State,
    effect: &Effect,
    report: &EffectReport,
    context: &Context,
) -> Result<Decision, Refusal> {
    let id = effect.id.clone();
    let undone = |id| ended(state, vec![Event::EffectUndone { effect: id }], context);
    Ok(match report {
        EffectReport::Succeeded(found) => made(state, effect, found.clone(), context),
        EffectReport::Found { object, .. } => made(state, effect, Some(object.clone()), context),
        // it surely did nothing this time, but an earlier try may have: look before believing it
        EffectReport::Retryable { .. } | EffectReport::Permanent(_) | EffectReport::NeedsAction(_)
            if effect.tainted && effect.kind.leaves_something() =>
        {
            one(Event::UndoPlanned { effect: id, at: context.now })
        }
        EffectReport::Retryable { .. } | EffectReport::Permanent(_) | EffectReport::NeedsAction(_) => undone(id),
        EffectReport::Unknown(problem) | EffectReport::StillUnknown(problem) => {
            let reconcile_at = reconcile_at(effect, context);
            one(Event::EffectUnknown { effect: id, reconcile_at, problem: problem.clone() })
        }
        EffectReport::Absent => match absent(effect, context) {
            Some(Event::EffectAbsent { .. }) => undone(id),
            Some(event) => one(event),
            None => undecided(effect, context),
        },
        EffectReport::Swept { .. } => return Err(Refusal::NotApplicable),
    })
}

/// It exists, so it is taken away; what leaves nothing behind is over.
fn made(state: &State, effect: &Effect, found: Option<Box<ExternalRef>>, context: &Context) -> Decision {
    let done = Event::EffectDone { effect: effect.id.clone(), at: context.now, found };
    if !effect.kind.leaves_something() {
        return ended(state, vec![done, Event::EffectUndone { effect: effect.id.clone() }], context);
    }
    let planned = Event::UndoPlanned { effect: effect.id.clone(), at: context.now };
    Decision { events: vec![done, planned], ..Decision::default() }
}

fn undecided(effect: &Effect, context: &Context) -> Decision {
    quarantine(effect.id.clone(), Problem::new("nobody can tell whether it was made"), context)
}

/// What a worker learnt while undoing; also of an old meeting that is replaced.
pub(super) fn report(
    state: &State,
    effect: &Effect,
    report: &EffectReport,
    context: &Context,
) -> Result<Decision, Refusal> {
    let id = effect.id.clone();
    let undone = || ended(state, vec![Event::EffectUndone { effect: effect.id.clone() }], context);
    Ok(match report {
        EffectReport::Succeeded(_) => undone(),
        EffectReport::Absent => match absent(effect, context) {
            Some(Event::EffectAbsent { .. }) => undone(),
            Some(event) => one(event),
            None => undecided(effect, context),
        },
        EffectReport::Found { object, .. } => made(state, effect, Some(object.clone()), context),
        EffectReport::Retryable { after, problem } if effect.refusals < context.timing.retry_limit => {
            one(Event::EffectRetry { effect: id, at: again_at(effect, *after, context), problem: problem.clone() })
        }
        EffectReport::Retryable { problem, .. } | EffectReport::Permanent(problem) => {
            let why = Problem::new(format!("it could not be taken back: {}", problem.summary));
            quarantine(id, why, context)
        }
        EffectReport::Unknown(problem) | EffectReport::StillUnknown(problem) => {
            let at = reconcile_at(effect, context);
            one(Event::EffectUnknown { effect: id, reconcile_at: at, problem: problem.clone() })
        }
        EffectReport::NeedsAction(problem) => block(state, &id, problem, context),
        EffectReport::Swept { .. } => return Err(Refusal::NotApplicable),
    })
}

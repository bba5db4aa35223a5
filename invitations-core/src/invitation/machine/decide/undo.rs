//! T44, T45, T48, T62, T63 and T66 to T74: taking back what was made, last made first.

use super::{
    effects::{absent, again_at, alert, one, quarantine, reconcile_at},
    fold,
};
use crate::invitation::{
    Effect, EffectStatus, Reconciliation,
    effect::{EffectReport, Problem},
    machine::{BlockCause, Closed, Context, Decision, Event, NoticePlan, Refusal, State, Tell, Told},
};

/// What was never begun is dropped; what is done is undone; what is in flight is looked at first.
pub(super) fn start(state: &State, target: Closed, context: &Context) -> Result<Decision, Refusal> {
    let mut events = vec![Event::CompensationStarted { target }];
    for effect in state.effects.iter().rev() {
        let undo = match effect.status {
            EffectStatus::Done => true,
            EffectStatus::Planned | EffectStatus::Retry => effect.tainted,
            EffectStatus::InFlight | EffectStatus::UndoPlanned | EffectStatus::Undoing | EffectStatus::Undone => false,
        };
        if undo {
            events.push(Event::UndoPlanned { effect: effect.id.clone(), at: context.now });
        }
    }
    Ok(ended(state, events, target))
}

/// Closes when nothing is left.
fn ended(state: &State, mut events: Vec<Event>, target: Closed) -> Decision {
    let after = fold(state, &events);
    let over = after.effects.iter().all(|effect| effect.status == EffectStatus::Undone);
    let mut notices = Vec::new();
    if over {
        events.push(Event::Closed { how: target, by: None });
        let told = |invitee: &crate::invitation::machine::Invitee| Told::Recipient(invitee.recipient.clone());
        notices = state.invitees.iter().map(|invitee| NoticePlan::new(told(invitee), Tell::Cancelled)).collect();
    }
    Decision { events, kill_links: over, notices, ..Decision::default() }
}

/// A create that was under way when the undo began.
pub(super) fn report_of_making(
    state: &State,
    effect: &Effect,
    target: Closed,
    report: &EffectReport,
    context: &Context,
) -> Result<Decision, Refusal> {
    let id = effect.id.clone();
    let made = |found: Option<Box<crate::invitation::ExternalRef>>| {
        let done = Event::EffectDone { effect: id.clone(), at: context.now, found };
        Decision {
            events: vec![done, Event::UndoPlanned { effect: id.clone(), at: context.now }],
            ..Decision::default()
        }
    };
    match report {
        EffectReport::Succeeded(found) => Ok(made(found.clone())),
        EffectReport::Found { object, .. } => Ok(made(Some(object.clone()))),
        // it surely did nothing this time, but an earlier try may have: look before believing it
        EffectReport::Retryable { .. } | EffectReport::Permanent(_) | EffectReport::NeedsAction(_)
            if effect.tainted =>
        {
            Ok(one(Event::UndoPlanned { effect: id, at: context.now }))
        }
        EffectReport::Retryable { .. } | EffectReport::Permanent(_) | EffectReport::NeedsAction(_) => {
            Ok(ended(state, vec![Event::EffectUndone { effect: id }], target))
        }
        EffectReport::Unknown(problem) | EffectReport::StillUnknown(problem) => {
            let reconcile_at = reconcile_at(effect, context);
            Ok(one(Event::EffectUnknown { effect: id, reconcile_at, problem: problem.clone() }))
        }
        EffectReport::Absent => {
            let decision = absent(effect, context);
            match decision.events.first() {
                Some(Event::EffectAbsent { .. }) => Ok(ended(state, vec![Event::EffectUndone { effect: id }], target)),
                _ => Ok(decision),
            }
        }
    }
}

/// What a worker learnt while undoing.
pub(super) fn report(
    state: &State,
    effect: &Effect,
    report: &EffectReport,
    context: &Context,
) -> Result<Decision, Refusal> {
    let target = state.phase.undo_target().ok_or(Refusal::NotApplicable)?;
    let id = effect.id.clone();
    match report {
        EffectReport::Succeeded(_) => Ok(ended(state, vec![Event::EffectUndone { effect: id }], target)),
        EffectReport::Absent => match effect.reconciliation {
            Some(Reconciliation::LookUp { exact: false, .. })
                if effect.absent_answers + 1 < context.timing.absent_answers =>
            {
                Ok(absent(effect, context))
            }
            Some(Reconciliation::Quarantine) | None => Ok(absent(effect, context)),
            Some(_) => Ok(ended(state, vec![Event::EffectUndone { effect: id }], target)),
        },
        EffectReport::Found { object, .. } => {
            let done = Event::EffectDone { effect: id.clone(), at: context.now, found: Some(object.clone()) };
            let planned = Event::UndoPlanned { effect: id, at: context.now };
            Ok(Decision { events: vec![done, planned], ..Decision::default() })
        }
        EffectReport::Retryable { after, problem } if effect.refusals < context.timing.retry_limit => {
            Ok(one(Event::EffectRetry { effect: id, at: again_at(effect, *after, context), problem: problem.clone() }))
        }
        EffectReport::Retryable { problem, .. } | EffectReport::Permanent(problem) => {
            Ok(quarantine(id, Problem::new(format!("it could not be taken back: {}", problem.summary))))
        }
        EffectReport::Unknown(problem) | EffectReport::StillUnknown(problem) => {
            let at = reconcile_at(effect, context);
            Ok(one(Event::EffectUnknown { effect: id, reconcile_at: at, problem: problem.clone() }))
        }
        EffectReport::NeedsAction(problem) => {
            let cause = if problem.reconnect { BlockCause::NeedsReconsent } else { BlockCause::NeedsAction };
            let blocked = Event::Blocked { cause, effect: id, problem: problem.clone() };
            Ok(Decision { events: vec![blocked], notices: vec![alert(problem)], ..Decision::default() })
        }
    }
}

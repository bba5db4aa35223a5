//! T50, T51, T53, T54: a person decides what the machine could not.

use super::{allowed, effects, fold, not_open, undo};
use crate::invitation::{
    Effect, EffectStatus, ExternalRef,
    machine::{Closed, Context, Decision, Event, Phase, Refusal, Resume, State},
};

pub(super) fn found(state: &State, object: &ExternalRef, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    let (effect, resume_to) = quarantined(state)?;
    let done = Event::EffectDone { effect: effect.id.clone(), at: context.now, found: Some(Box::new(object.clone())) };
    let mut events = vec![decided(effect, context), done];
    match resume_to {
        // an old meeting that could not be taken away before its successor is made: it is tried again
        Resume::Provisioning if is_undo(effect) => {
            events.push(Event::UndoPlanned { effect: effect.id.clone(), at: context.now });
            Ok(Decision { events, ..Decision::default() })
        }
        Resume::Compensating { target } => then_undo(state, events, target, context),
        // the change is there: it is as if its answer had come
        Resume::Rescheduling | Resume::Provisioning => Ok(effects::after(state, events, context)),
    }
}

pub(super) fn absent(state: &State, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    let (effect, resume_to) = quarantined(state)?;
    let id = effect.id.clone();
    match resume_to {
        // its late answer has come meanwhile: it is there
        Resume::Compensating { .. } if effect.status == EffectStatus::UndoPlanned => Err(Refusal::NotApplicable),
        Resume::Compensating { target } => {
            then_undo(state, vec![decided(effect, context), Event::EffectUndone { effect: id }], target, context)
        }
        Resume::Provisioning if is_undo(effect) => {
            Ok(effects::after(state, vec![decided(effect, context), Event::EffectUndone { effect: id }], context))
        }
        Resume::Rescheduling | Resume::Provisioning if effect.status == EffectStatus::Done => {
            Err(Refusal::NotApplicable)
        }
        Resume::Rescheduling | Resume::Provisioning => {
            let events = vec![decided(effect, context), Event::EffectAbsent { effect: id, at: context.now }];
            Ok(Decision { events, ..Decision::default() })
        }
    }
}

fn is_undo(effect: &Effect) -> bool {
    matches!(effect.status, EffectStatus::UndoPlanned | EffectStatus::Undoing)
}

fn quarantined(state: &State) -> Result<(&Effect, Resume), Refusal> {
    let Phase::Quarantined { effect, resume_to } = &state.phase else { return Err(not_open(state)) };
    let effect = state.effect(effect).ok_or(Refusal::NotFound)?;
    Ok((effect, *resume_to))
}

fn decided(effect: &Effect, context: &Context) -> Event {
    Event::ResolvedManually { at: context.now, effect: effect.id.clone(), by: context.actor.principal().cloned() }
}

fn then_undo(state: &State, mut events: Vec<Event>, target: Closed, context: &Context) -> Result<Decision, Refusal> {
    let mut decision = undo::start(&fold(state, &events), target, context)?;
    events.append(&mut decision.events);
    decision.events = events;
    Ok(decision)
}

//! Looking at an effect again long after it came to rest: a request that was held up beyond every deadline may have landed since.

use super::{change, effects, one};
use crate::invitation::{
    Effect, EffectKind, EffectStatus,
    effect::{EffectReport, Problem},
    machine::{Command, Context, Decision, Drift, Event, Phase, Refusal, State},
};

/// Whether the command is about an effect at rest; only this is heard when an invitation is closed.
pub(super) fn is_one(state: &State, command: &Command) -> bool {
    let Command::Report { effect, report: EffectReport::Swept { .. } | EffectReport::StillUnknown(_), .. } = command
    else {
        return false;
    };
    state.effect(effect).is_some_and(Effect::is_at_rest)
}

/// Effects that this decision brings to rest are looked at again later.
pub(super) fn plan(state: &State, mut decision: Decision, context: &Context) -> Decision {
    let Some(first) = context.timing.sweeps.first() else { return decision };
    let at = context.now + *first;
    let mut events = Vec::with_capacity(decision.events.len());
    for event in decision.events {
        let rests = match &event {
            Event::EffectDone { effect, .. } | Event::EffectUndone { effect } => Some(effect.clone()),
            _ => None,
        };
        events.push(event);
        let swept = rests.filter(|id| state.effect(id).is_some_and(is_swept));
        events.extend(swept.map(|effect| Event::SweepPlanned { effect, at }));
    }
    decision.events = events;
    decision
}

/// A guest or an attendee is who they are, however often they were added; a meeting may be there twice.
fn is_swept(effect: &Effect) -> bool {
    matches!(effect.kind, EffectKind::CreateMeeting(_)) && effect.attempt > 0
}

pub(super) fn report(
    state: &State,
    effect: &Effect,
    report: &EffectReport,
    context: &Context,
) -> Result<Decision, Refusal> {
    if effect.due_at.is_none_or(|at| context.now < at) {
        return Err(Refusal::NotApplicable);
    }
    let id = effect.id.clone();
    match report {
        EffectReport::Swept { removed, missing } => {
            let sweeps = &context.timing.sweeps;
            let (this, next) = (sweeps.get(effect.swept as usize), sweeps.get(effect.swept as usize + 1));
            let next_at = next.zip(this).map(|(next, this)| context.now + next.saturating_sub(*this));
            let mut decision = one(Event::Swept { effect: id, removed: *removed, next_at });
            let gone = *missing && effect.status == EffectStatus::Done && state.phase == Phase::Fulfilled;
            if gone && state.drift != Some(Drift::Gone) {
                let mut drifted = change::drifted(Drift::Gone, context);
                decision.events.append(&mut drifted.events);
                decision.notices = drifted.notices;
            }
            Ok(decision)
        }
        EffectReport::StillUnknown(_) if effect.refusals < context.timing.retry_limit => {
            Ok(one(Event::SweepPlanned { effect: id, at: context.now + context.timing.retry_most }))
        }
        // the account may be gone by now; what is left then is found by `orphans`
        EffectReport::StillUnknown(problem) => {
            let mut problem = Problem::new(format!("a second meeting may be left: {}", problem.summary));
            problem.remedy = Some(format!("{}; look with `orphans` and in the organizer's calendar", problem.summary));
            let notices = vec![effects::alert(&problem)];
            Ok(Decision { notices, ..one(Event::Swept { effect: id, removed: 0, next_at: None }) })
        }
        _ => Err(Refusal::NotApplicable),
    }
}

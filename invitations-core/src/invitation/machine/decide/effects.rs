//! T34 to T44: what workers begin and report while things are made. Undo reports are in `undo`.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{block, fold, later, not_open, one, sweep, to_inviter, undo};
use crate::{
    ids::EffectId,
    invitation::{
        Effect, EffectKind, EffectStatus, Reconciliation,
        effect::{EffectReport, Problem},
        machine::{Closed, Context, Decision, Event, NoticePlan, Phase, Refusal, State, Tell, Told},
    },
    time::Slot,
};

pub(super) fn begin(
    state: &State,
    id: &EffectId,
    reconciliation: Reconciliation,
    request_deadline: DateTime<Utc>,
    context: &Context,
) -> Result<Decision, Refusal> {
    let effect = state.effect(id).ok_or(Refusal::NotFound)?;
    let making = matches!(state.phase, Phase::Provisioning | Phase::Fulfilled | Phase::Rescheduling);
    let undoing = state.phase.undo_target().is_some();
    let right = match effect.status {
        EffectStatus::Planned | EffectStatus::Retry => making,
        // also before a meeting is made anew
        EffectStatus::UndoPlanned => undoing || making,
        // sent, nobody reported, and the same again is the same object: the way out of an unknown outcome
        EffectStatus::InFlight => (making || undoing) && reissuable(effect) && settled(effect, context),
        EffectStatus::Undoing => (making || undoing) && settled(effect, context),
        EffectStatus::Done | EffectStatus::Undone => false,
    };
    let early = effect.due_at.is_none_or(|at| context.now < at);
    let in_turn = state.next_effect().is_some_and(|next| next.id == *id);
    if !right || early || !in_turn {
        return Err(not_open(state));
    }
    Ok(one(Event::EffectStarted {
        effect: id.clone(),
        attempt: effect.attempt + 1,
        reconciliation,
        request_deadline,
        reconcile_at: request_deadline + context.timing.settle,
    }))
}

fn reissuable(effect: &Effect) -> bool {
    effect.reconciliation == Some(Reconciliation::Reissue)
}

fn settled(effect: &Effect, context: &Context) -> bool {
    effect.request_deadline.is_none_or(|deadline| context.now >= deadline + context.timing.settle)
}

pub(super) fn report(
    state: &State,
    id: &EffectId,
    attempt: u32,
    report: &EffectReport,
    context: &Context,
) -> Result<Decision, Refusal> {
    let effect = state.effect(id).ok_or(Refusal::NotFound)?;
    #[cfg(seeded)]
    let attempt = if crate::seeded::seeded("B09") { effect.attempt } else { attempt };
    if effect.attempt != attempt {
        return Err(Refusal::Stale { current: effect.attempt });
    }
    let undoing = state.phase.undo_target().is_some();
    match (&state.phase, effect.status) {
        (Phase::Fulfilled | Phase::Closed(_), EffectStatus::Done | EffectStatus::Undone) => {
            sweep::report(state, effect, report, context)
        }
        // what waits for a person has no time of its own: only its late answer, if it says that something exists, is heard
        _ if is_parked(state, effect) && !exists(report) => Err(Refusal::NotApplicable),
        (_, EffectStatus::InFlight) if undoing => undo::report_of_making(state, effect, report, context),
        (_, EffectStatus::Undoing) => undo::report(state, effect, report, context),
        (Phase::Provisioning | Phase::Fulfilled | Phase::Rescheduling, EffectStatus::InFlight) => {
            making(state, effect, report, context)
        }
        (Phase::Blocked { .. } | Phase::Quarantined { .. }, EffectStatus::InFlight) if exists(report) => {
            making(state, effect, report, context)
        }
        _ => Err(not_open(state)),
    }
}

fn is_parked(state: &State, effect: &Effect) -> bool {
    matches!(state.phase, Phase::Blocked { .. } | Phase::Quarantined { .. }) && effect.due_at.is_none()
}

fn exists(report: &EffectReport) -> bool {
    matches!(report, EffectReport::Succeeded(_) | EffectReport::Found { extra: 0, .. })
}

fn making(state: &State, effect: &Effect, report: &EffectReport, context: &Context) -> Result<Decision, Refusal> {
    let id = effect.id.clone();
    let done = |found| Event::EffectDone { effect: id.clone(), at: context.now, found };
    Ok(match report {
        EffectReport::Succeeded(found) => after(state, vec![done(found.clone())], context),
        EffectReport::Found { object, extra: 0 } => after(state, vec![done(Some(object.clone()))], context),
        EffectReport::Found { extra, .. } => {
            undecided(state, effect, Problem::new(format!("{} objects carry the same key", extra + 1)), context)
        }
        #[cfg(seeded)]
        EffectReport::NeedsAction(problem) if crate::seeded::seeded("S09") => {
            one(Event::EffectRetry { effect: id, at: context.now, problem: problem.clone() })
        }
        EffectReport::Retryable { after, problem } if effect.refusals < context.timing.retry_limit => {
            one(Event::EffectRetry { effect: id, at: again_at(effect, *after, context), problem: problem.clone() })
        }
        EffectReport::Retryable { problem, .. } | EffectReport::Permanent(problem) => {
            return failed(state, effect, problem, context);
        }
        EffectReport::Unknown(problem) => {
            let reconcile_at = reconcile_at(effect, context);
            one(Event::EffectUnknown { effect: id, reconcile_at, problem: problem.clone() })
        }
        EffectReport::StillUnknown(problem) => {
            let reconcile_at = context.now + context.timing.settle;
            one(Event::EffectUnknown { effect: id, reconcile_at, problem: problem.clone() })
        }
        EffectReport::Absent => match absent(effect, context) {
            Some(event) => one(event),
            None => undecided(state, effect, Problem::new("nobody can tell whether it was made"), context),
        },
        // the meeting is on: one attendee does not put it in question
        EffectReport::NeedsAction(problem) if state.phase == Phase::Fulfilled => {
            if effect.refusals >= context.timing.retry_limit {
                return failed(state, effect, problem, context);
            }
            let at = again_at(effect, Some(context.timing.probe_first), context);
            let mut decision = one(Event::EffectRetry { effect: id, at, problem: problem.clone() });
            decision.notices = if effect.refusals == 0 { vec![alert(problem)] } else { Vec::new() };
            decision
        }
        EffectReport::NeedsAction(problem) => block::block(state, &id, problem, context),
        EffectReport::Swept { .. } => return Err(Refusal::NotApplicable),
    })
}

/// The last one done fulfils, or ends the move; before that, the next one is due at once.
pub(super) fn after(state: &State, mut events: Vec<Event>, context: &Context) -> Decision {
    let next = fold(state, &events);
    let mut notices = Vec::new();
    if next.is_at_rest() {
        match next.phase {
            Phase::Provisioning => {
                events.push(Event::Fulfilled { at: Some(context.now) });
                notices = super::to_invitees(state, &Tell::Accepted);
                notices.extend(to_inviter(state, Tell::Accepted));
            }
            Phase::Rescheduling => {
                if let Some(slot) = moved_to(&next) {
                    events.push(Event::Rescheduled { at: context.now, slot });
                    notices = super::tick::to_participants(state, &Tell::Rescheduled);
                }
            }
            _ => {}
        }
    }
    Decision { events, notices, ..Decision::default() }
}

/// The new time of the last change.
fn moved_to(state: &State) -> Option<Slot> {
    state.effects.iter().rev().find_map(|effect| match &effect.kind {
        EffectKind::UpdateMeeting(patch) => patch.slot.clone(),
        _ => None,
    })
}

/// Refused for good. What an earlier try may have done is looked at before it is over.
fn failed(state: &State, effect: &Effect, problem: &Problem, context: &Context) -> Result<Decision, Refusal> {
    match state.phase {
        Phase::Rescheduling => return Ok(update_failed(effect, problem, context)),
        // one attendee could not be added or taken off; the meeting stands
        Phase::Fulfilled => {
            let events = vec![Event::EffectFailed { effect: effect.id.clone(), problem: problem.clone() }];
            return Ok(Decision { events, notices: vec![alert(problem)], ..Decision::default() });
        }
        _ => {}
    }
    let over = if effect.tainted {
        Event::EffectRetry { effect: effect.id.clone(), at: context.now, problem: problem.clone() }
    } else {
        Event::EffectFailed { effect: effect.id.clone(), problem: problem.clone() }
    };
    let mut events = vec![over];
    let next = fold(state, &events);
    let touched = |other: &Effect| {
        other.tainted && !other.is_at_rest() || matches!(other.status, EffectStatus::Done | EffectStatus::InFlight)
    };
    if next.effects.iter().any(touched) {
        let mut decision = undo::start(&next, Closed::Failed, context)?;
        events.append(&mut decision.events);
        decision.events = events;
        decision.notices.push(alert(problem));
        decision.notices.extend(to_inviter(state, Tell::Cancelled));
        return Ok(decision);
    }
    events.push(Event::Closed { how: Closed::Failed, by: None, at: Some(context.now) });
    let notices = [Some(alert(problem)), to_inviter(state, Tell::Cancelled)].into_iter().flatten().collect();
    Ok(Decision { events, kill_links: true, notices, ..Decision::default() })
}

/// The meeting could not be moved. The old time is valid, unless an earlier try may have moved it: then a person looks.
pub(super) fn update_failed(effect: &Effect, problem: &Problem, context: &Context) -> Decision {
    if effect.tainted {
        let why = format!("the meeting may have been moved: {}", problem.summary);
        return quarantine(effect.id.clone(), Problem { summary: why, ..problem.clone() }, context);
    }
    let failed = Event::EffectFailed { effect: effect.id.clone(), problem: problem.clone() };
    let stays = Event::RescheduleFailed { at: context.now, problem: problem.clone() };
    Decision { events: vec![failed, stays], notices: vec![alert(problem)], ..Decision::default() }
}

fn undecided(state: &State, effect: &Effect, problem: Problem, context: &Context) -> Decision {
    if state.phase != Phase::Fulfilled {
        return quarantine(effect.id.clone(), problem, context);
    }
    let notices = vec![alert(&problem)];
    let events = vec![Event::EffectFailed { effect: effect.id.clone(), problem }];
    Decision { events, notices, ..Decision::default() }
}

pub(super) fn alert(problem: &Problem) -> NoticePlan {
    let remedy = problem.remedy.clone().unwrap_or_else(|| problem.summary.clone());
    NoticePlan::new(Told::Operators, Tell::OperatorAlert { remedy })
}

pub(super) fn quarantine(effect: EffectId, problem: Problem, context: &Context) -> Decision {
    let notices = vec![alert(&problem)];
    let events = vec![Event::Quarantined { effect, problem, at: Some(context.now) }];
    Decision { events, notices, ..Decision::default() }
}

/// "Nothing there" is proof from an exact look-up; from an inexact one only after several, spread over the lag. `None`: from nothing.
pub(super) fn absent(effect: &Effect, context: &Context) -> Option<Event> {
    let id = effect.id.clone();
    match effect.reconciliation {
        #[cfg(seeded)]
        Some(Reconciliation::LookUp { .. }) if crate::seeded::seeded("B08") => {
            Some(Event::EffectAbsent { effect: id, at: context.now })
        }
        Some(Reconciliation::LookUp { exact: false, lag })
            if effect.absent_answers + 1 < context.timing.absent_answers =>
        {
            let gaps = context.timing.absent_answers.saturating_sub(1).max(1);
            let reconcile_at = later(context, lag.max(context.timing.absence_span) / gaps);
            Some(Event::EffectNotSeen { effect: id, reconcile_at })
        }
        Some(Reconciliation::Quarantine) | None => None,
        Some(_) => Some(Event::EffectAbsent { effect: id, at: context.now }),
    }
}

pub(super) fn reconcile_at(effect: &Effect, context: &Context) -> DateTime<Utc> {
    effect.request_deadline.unwrap_or(context.now).max(context.now) + context.timing.settle
}

/// Doubles from the first wait up to the longest, spread by a fifth; the provider's own wait counts when it is longer.
pub(super) fn again_at(effect: &Effect, after: Option<Duration>, context: &Context) -> DateTime<Utc> {
    #[cfg(seeded)]
    if crate::seeded::seeded("S10")
        && !effect.tainted
        && effect.found.is_none()
        && !matches!(effect.kind, EffectKind::UpdateMeeting(_))
    {
        return later(context, Duration::from_secs(365 * 24 * 3600));
    }
    let timing = &context.timing;
    let wait = timing.retry_first.saturating_mul(1 << effect.refusals.min(20)).min(timing.retry_most);
    let wait = wait.mul_f64(0.9 + 0.2 * context.jitter.clamp(0.0, 1.0));
    later(context, wait.max(after.unwrap_or_default()))
}

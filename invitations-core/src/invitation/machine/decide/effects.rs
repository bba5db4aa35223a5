//! T34 to T44: what workers begin and report while things are made. Undo reports are in `undo`.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{fold, undo};
use crate::{
    ids::EffectId,
    invitation::{
        Effect, EffectStatus, Reconciliation,
        effect::{EffectReport, Problem},
        machine::{BlockCause, Closed, Context, Decision, Event, NoticePlan, Phase, Refusal, State, Tell, Told},
    },
};

pub(super) fn begin(
    state: &State,
    id: &EffectId,
    reconciliation: Reconciliation,
    request_deadline: DateTime<Utc>,
    context: &Context,
) -> Result<Decision, Refusal> {
    let place = state.effects.iter().position(|effect| effect.id == *id).ok_or(Refusal::NotFound)?;
    let effect = &state.effects[place];
    let making = matches!(state.phase, Phase::Provisioning | Phase::Fulfilled | Phase::Rescheduling);
    // one effect that waits for a person does not hold up the others
    let undoing = state.phase.undo_target().is_some();
    let right = match effect.status {
        EffectStatus::Planned | EffectStatus::Retry => making,
        EffectStatus::UndoPlanned => undoing,
        // sent, nobody reported, and the same again is the same object: the way out of an unknown outcome
        EffectStatus::InFlight => (making || undoing) && reissuable(effect) && settled(effect, context),
        EffectStatus::Undoing => undoing && settled(effect, context),
        EffectStatus::Done | EffectStatus::Undone => false,
    };
    if !right {
        return Err(if state.phase.status() == super::Status::Cancelling {
            Refusal::InProgress
        } else {
            Refusal::NotApplicable
        });
    }
    if making && state.effects[..place].iter().any(|before| before.status != EffectStatus::Done) {
        return Err(Refusal::NotApplicable);
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

pub(super) fn one(event: Event) -> Decision {
    Decision { events: vec![event], ..Decision::default() }
}

pub(super) fn report(
    state: &State,
    id: &EffectId,
    attempt: u32,
    report: &EffectReport,
    context: &Context,
) -> Result<Decision, Refusal> {
    let effect = state.effect(id).ok_or(Refusal::NotFound)?;
    if effect.attempt != attempt {
        return Err(Refusal::Stale { current: effect.attempt });
    }
    match (state.phase.undo_target(), effect.status) {
        (_, EffectStatus::Undoing) => undo::report(state, effect, report, context),
        (Some(target), EffectStatus::InFlight) => undo::report_of_making(state, effect, target, report, context),
        // also when blocked or quarantined because of another effect: what exists must still be known
        (None, EffectStatus::InFlight) if !state.phase.is_open() => making(state, effect, report, context),
        _ => Err(Refusal::NotApplicable),
    }
}

fn making(state: &State, effect: &Effect, report: &EffectReport, context: &Context) -> Result<Decision, Refusal> {
    let id = effect.id.clone();
    match report {
        EffectReport::Succeeded(found) => {
            Ok(done(state, Event::EffectDone { effect: id, at: context.now, found: found.clone() }))
        }
        EffectReport::Found { object, extra: 0 } => {
            Ok(done(state, Event::EffectDone { effect: id, at: context.now, found: Some(object.clone()) }))
        }
        EffectReport::Found { extra, .. } => {
            Ok(quarantine(id, Problem::new(format!("{} objects carry the same key", extra + 1))))
        }
        EffectReport::Retryable { after, problem } if effect.refusals < context.timing.retry_limit => {
            Ok(one(Event::EffectRetry { effect: id, at: again_at(effect, *after, context), problem: problem.clone() }))
        }
        EffectReport::Retryable { problem, .. } | EffectReport::Permanent(problem) => {
            failed(state, effect, problem, context)
        }
        EffectReport::Unknown(problem) => Ok(one(Event::EffectUnknown {
            effect: id,
            reconcile_at: reconcile_at(effect, context),
            problem: problem.clone(),
        })),
        EffectReport::StillUnknown(problem) => {
            let reconcile_at = context.now + context.timing.settle;
            Ok(one(Event::EffectUnknown { effect: id, reconcile_at, problem: problem.clone() }))
        }
        EffectReport::Absent => Ok(absent(effect, context)),
        // what was told stands: what is added to it waits, and goes on by itself
        EffectReport::NeedsAction(problem) if state.phase == Phase::Fulfilled => {
            let after = Some(context.timing.retry_most);
            let waits = EffectReport::Retryable { after, problem: problem.clone() };
            let mut decision = making(state, effect, &waits, context)?;
            if effect.refusals == 0 {
                decision.notices = vec![action_wanted(state, problem)];
            }
            Ok(decision)
        }
        EffectReport::NeedsAction(problem) => {
            let cause = if problem.reconnect { BlockCause::NeedsReconsent } else { BlockCause::NeedsAction };
            let blocked = Event::Blocked { cause, effect: id, problem: problem.clone() };
            Ok(Decision { events: vec![blocked], notices: vec![action_wanted(state, problem)], ..Decision::default() })
        }
    }
}

fn action_wanted(state: &State, problem: &Problem) -> NoticePlan {
    match (&state.inviter, problem.reconnect) {
        (Some(owner), true) => NoticePlan::new(Told::Principal(owner.clone()), Tell::ReconnectWanted),
        _ => alert(problem),
    }
}

/// The last one done fulfils; before that, the next one is due at once.
fn done(state: &State, event: Event) -> Decision {
    let after = fold(state, std::slice::from_ref(&event));
    let mut decision = one(event);
    if state.phase == Phase::Provisioning && after.effects.iter().all(|effect| effect.status == EffectStatus::Done) {
        decision.events.push(Event::Fulfilled);
        let to = state.invitees.iter().map(|invitee| Told::Recipient(invitee.recipient.clone()));
        let to = to.chain(state.inviter.iter().cloned().map(Told::Principal));
        decision.notices = to.map(|to| NoticePlan::new(to, Tell::Accepted)).collect();
    }
    decision
}

fn failed(state: &State, effect: &Effect, problem: &Problem, context: &Context) -> Result<Decision, Refusal> {
    if effect.tainted && state.phase == Phase::Provisioning {
        // this try made nothing, an earlier one may have: look before it is over
        let retry = Event::EffectRetry { effect: effect.id.clone(), at: context.now, problem: problem.clone() };
        let mut decision = undo::start(&fold(state, std::slice::from_ref(&retry)), Closed::Failed, context)?;
        decision.events.insert(0, retry);
        decision.notices.push(alert(problem));
        return Ok(decision);
    }
    let mut events = vec![Event::EffectFailed { effect: effect.id.clone(), problem: problem.clone() }];
    if state.phase == Phase::Fulfilled {
        // one attendee could not be added; the meeting stands
        return Ok(Decision { events, notices: vec![alert(problem)], ..Decision::default() });
    }
    let touched = |other: &Effect| {
        other.id != effect.id && (other.tainted || matches!(other.status, EffectStatus::Done | EffectStatus::InFlight))
    };
    if state.effects.iter().any(touched) {
        let mut decision = undo::start(&fold(state, &events), Closed::Failed, context)?;
        events.append(&mut decision.events);
        decision.events = events;
        decision.notices.push(alert(problem));
        return Ok(decision);
    }
    events.push(Event::Closed { how: Closed::Failed, by: None });
    Ok(Decision { events, kill_links: true, notices: vec![alert(problem)], ..Decision::default() })
}

pub(super) fn alert(problem: &Problem) -> NoticePlan {
    let remedy = problem.remedy.clone().unwrap_or_else(|| problem.summary.clone());
    NoticePlan::new(Told::Operators, Tell::OperatorAlert { remedy })
}

pub(super) fn quarantine(effect: EffectId, problem: Problem) -> Decision {
    let notices = vec![alert(&problem)];
    Decision { events: vec![Event::Quarantined { effect, problem }], notices, ..Decision::default() }
}

/// "Nothing there" is proof from an exact look-up; from an inexact one only after several, spread over the lag.
pub(super) fn absent(effect: &Effect, context: &Context) -> Decision {
    let id = effect.id.clone();
    match effect.reconciliation {
        Some(Reconciliation::LookUp { exact: false, lag })
            if effect.absent_answers + 1 < context.timing.absent_answers =>
        {
            let gaps = context.timing.absent_answers.saturating_sub(1).max(1);
            one(Event::EffectNotSeen {
                effect: id,
                reconcile_at: context.now + lag.max(context.timing.absence_span) / gaps,
            })
        }
        Some(Reconciliation::Quarantine) | None => quarantine(id, Problem::new("nobody can tell whether it was made")),
        Some(_) => one(Event::EffectAbsent { effect: id, at: context.now }),
    }
}

pub(super) fn reconcile_at(effect: &Effect, context: &Context) -> DateTime<Utc> {
    effect.request_deadline.unwrap_or(context.now).max(context.now) + context.timing.settle
}

/// Doubles from the first wait up to the longest, spread by a fifth; the provider's own wait counts when it is longer.
pub(super) fn again_at(effect: &Effect, after: Option<Duration>, context: &Context) -> DateTime<Utc> {
    let timing = &context.timing;
    let wait = timing.retry_first.saturating_mul(1 << effect.refusals.min(20)).min(timing.retry_most);
    let wait = wait.mul_f64(0.9 + 0.2 * context.jitter.clamp(0.0, 1.0));
    context.now + wait.max(after.unwrap_or_default())
}

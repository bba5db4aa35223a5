//! T42, T46, T47, T61, T73: what somebody has to do first.

use std::time::Duration;

use super::{allowed, effects::alert, later, not_open, one, plan, to_inviter};
use crate::{
    ids::EffectId,
    invitation::{
        EffectStatus,
        effect::Problem,
        machine::{BlockCause, Blocking, Context, Decision, Event, Offer, Phase, Refusal, Resume, State, Tell},
    },
    provider::Account,
};

/// Somebody has to do something first. Told once, however often it is tried again in between.
pub(super) fn block(state: &State, effect: &EffectId, problem: &Problem, context: &Context) -> Decision {
    let cause = if problem.reconnect { BlockCause::NeedsReconsent } else { BlockCause::NeedsAction };
    let known = state.blocking.as_ref();
    let notice = match problem.reconnect {
        true => to_inviter(state, Tell::ReconnectWanted).unwrap_or_else(|| alert(problem)),
        false => alert(problem),
    };
    let notices = if known.is_none() { vec![notice] } else { Vec::new() };
    let blocking = Some(blocking(known, context));
    let blocked = Event::Blocked { cause, effect: effect.clone(), problem: problem.clone(), blocking };
    Decision { events: vec![blocked], notices, ..Decision::default() }
}

/// Tried again by itself with growing gaps: permissions spread slowly, and consents come back without anybody telling us.
fn blocking(known: Option<&Blocking>, context: &Context) -> Blocking {
    let (timing, now) = (&context.timing, context.now);
    let since = known.map_or(now, |known| known.since);
    let probes = known.map_or(0, |known| known.probes);
    let wait = timing.probe_first.saturating_mul(1 << probes.min(20)).min(timing.probe_most);
    let at = later(context, spread(wait, context));
    let probe_at = (at < since + timing.probe_span).then_some(at);
    // a chain of blocks that was given up once begins anew
    let give_up_at = known.map(|known| known.give_up_at).filter(|at| now < *at).unwrap_or(now + timing.blocked_most);
    Blocking { since, probes, probe_at, give_up_at }
}

fn spread(wait: Duration, context: &Context) -> Duration {
    wait.mul_f64(0.9 + 0.2 * context.jitter.clamp(0.0, 1.0))
}

pub(super) fn resume(state: &State, probe: bool, context: &Context) -> Result<Decision, Refusal> {
    let Phase::Blocked { .. } = state.phase else { return Err(not_open(state)) };
    allowed(context)?;
    if probe && state.blocking.as_ref().and_then(|blocking| blocking.probe_at).is_none_or(|at| context.now < at) {
        return Err(Refusal::NotApplicable);
    }
    Ok(one(Event::Resumed { at: context.now, probe }))
}

/// The organizer is part of what a provider knows a meeting by: another one is another key, which is safe only while nothing was sent.
pub(super) fn reassign(state: &State, organizer: &Account, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    let Phase::Blocked { resume_to: Resume::Provisioning, .. } = state.phase else { return Err(not_open(state)) };
    let changed = |offer: &Offer| match offer {
        Offer::Meeting { organizer: old, .. } | Offer::Booking { organizer: old, .. } => old != organizer,
        Offer::Membership { .. } | Offer::Access { .. } => false,
    };
    if !changed(&state.offer) || organizer.tenant != state.tenant {
        return Err(Refusal::NotApplicable);
    }
    let begun = |status| matches!(status, EffectStatus::Planned | EffectStatus::Retry | EffectStatus::Undone);
    if state.effects.iter().any(|effect| !begun(effect.status) || (effect.tainted && !effect.is_at_rest())) {
        return Err(Refusal::NotApplicable);
    }
    let mut events = vec![Event::OrganizerChanged { at: context.now, organizer: organizer.clone() }];
    events.push(plan::start(&super::fold(state, &events), context)?);
    Ok(Decision { events, ..Decision::default() })
}

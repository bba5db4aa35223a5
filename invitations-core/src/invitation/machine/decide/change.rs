//! T26 to T28, T58, T64, T65: what changes an invitation, or what it has made.

use chrono::{DateTime, Utc};

use super::{allowed, end_with, live, needs_link, not_open, one, plan, seen, to_invitees, within};
use crate::{
    invitation::{
        EffectStatus,
        effect::Problem,
        link::LinkPurpose,
        machine::{Amendment, Context, Decision, Drift, Event, Offer, Phase, Refusal, State, Tell},
    },
    time::Slot,
};

pub(super) fn amend(state: &State, amendment: &Amendment, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    waits_for_answers(state)?;
    live(state, context)?;
    seen(state, context)?;
    let offer = amended(&state.offer, amendment, context)?;
    if offer == state.offer {
        return Err(Refusal::NotApplicable);
    }
    if let Offer::Membership { role } = &offer {
        within(&context.verdict, role)?;
    }
    let expires_at = match &offer {
        Offer::Meeting { draft, .. } => end_with(state, draft.slot.start_instant(), context)?,
        _ => state.expires_at.ok_or(Refusal::NotApplicable)?,
    };
    let offer = Box::new(offer);
    let event = Event::Amended { at: context.now, revision: state.revision + 1, offer, expires_at };
    Ok(sent_anew(state, event, Tell::Updated))
}

fn amended(offer: &Offer, amendment: &Amendment, context: &Context) -> Result<Offer, Refusal> {
    let Amendment { subject, slot, role } = amendment;
    let mut offer = offer.clone();
    match &mut offer {
        Offer::Meeting { draft, .. } if role.is_none() => {
            if let Some(subject) = subject {
                draft.subject.clone_from(subject);
            }
            if let Some(slot) = slot {
                ahead(slot, context)?;
                draft.slot = slot.clone();
            }
        }
        Offer::Membership { role: old } if subject.is_none() && slot.is_none() => {
            if let Some(role) = role {
                old.clone_from(role);
            }
        }
        _ => return Err(Refusal::NotApplicable),
    }
    Ok(offer)
}

fn ahead(slot: &Slot, context: &Context) -> Result<(), Refusal> {
    if slot.start_instant() <= context.now {
        return Err(Refusal::Expired);
    }
    if slot.duration.is_zero() { Err(Refusal::NotApplicable) } else { Ok(()) }
}

pub(super) fn resend(state: &State, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    waits_for_answers(state)?;
    live(state, context)?;
    let until = state.resent_at.unwrap_or(state.created_at) + context.timing.resend_cooldown;
    if context.now < until {
        return Err(Refusal::Cooldown { until });
    }
    let (last, end) = (state.resent_at.unwrap_or(state.created_at), state.expires_at.ok_or(Refusal::NotApplicable)?);
    // as long as it had, from now on; never beyond the start of what it is about, nor its longest life
    let mut expires_at = (context.now + (end - last)).min(state.created_at + context.timing.life_most).max(end);
    if let Some(draft) = state.draft() {
        expires_at = expires_at.min(draft.slot.start_instant().max(end));
    }
    Ok(sent_anew(state, Event::Resent { at: context.now, expires_at }, Tell::Invited))
}

/// With a new link; the old ones die.
fn sent_anew(state: &State, event: Event, tell: Tell) -> Decision {
    let mut decision = one(event);
    decision.kill_links = true;
    if needs_link(state) {
        decision.events.push(Event::LinkMade { generation: state.link_generation + 1 });
        decision.links = vec![LinkPurpose::Answer];
    }
    decision.notices = to_invitees(state, &tell);
    decision
}

fn waits_for_answers(state: &State) -> Result<(), Refusal> {
    match (&state.phase, &state.offer) {
        // a booking waits for its payment, not for anybody's answer
        (Phase::Pending | Phase::Countered, Offer::Meeting { .. } | Offer::Membership { .. }) => Ok(()),
        (Phase::Pending | Phase::Countered, _) => Err(Refusal::NotApplicable),
        _ => Err(not_open(state)),
    }
}

pub(super) fn extend(state: &State, until: DateTime<Utc>, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    if !state.phase.is_open() {
        return Err(not_open(state));
    }
    live(state, context)?;
    if until > state.created_at + context.timing.life_most {
        return Err(Refusal::LimitReached);
    }
    let start = match &state.offer {
        Offer::Meeting { draft, .. } => Some(draft.slot.start_instant()),
        _ => None,
    };
    if state.expires_at.is_some_and(|end| until <= end) || start.is_some_and(|start| until > start) {
        return Err(Refusal::NotApplicable);
    }
    Ok(one(Event::Extended { until }))
}

pub(super) fn reschedule(state: &State, slot: &Slot, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    if state.phase != Phase::Fulfilled {
        return Err(not_open(state));
    }
    let draft = state.draft().ok_or(Refusal::NotApplicable)?;
    seen(state, context)?;
    at_rest(state)?;
    ahead(slot, context)?;
    if draft.slot == *slot {
        return Err(Refusal::NotApplicable);
    }
    let revision = state.revision + 1;
    let effect = Box::new(plan::update(state, slot, revision, context)?);
    Ok(one(Event::RescheduleStarted { at: context.now, revision, effect }))
}

pub(super) fn regenerate(state: &State, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    if state.phase != Phase::Fulfilled {
        return Err(not_open(state));
    }
    if matches!(state.offer, Offer::Membership { .. }) {
        return Err(Refusal::NotApplicable);
    }
    at_rest(state)?;
    let mut events = vec![Event::Regenerating { at: context.now }];
    events.push(plan::start(&super::fold(state, &events), context)?);
    Ok(Decision { events, ..Decision::default() })
}

/// One change at a time: what is under way might be about the meeting that this one replaces.
fn at_rest(state: &State) -> Result<(), Refusal> {
    if state.is_at_rest() { Ok(()) } else { Err(Refusal::InProgress) }
}

pub(super) fn external(state: &State, drift: Drift, context: &Context) -> Result<Decision, Refusal> {
    if state.phase != Phase::Fulfilled || !state.effects.iter().any(|effect| effect.status == EffectStatus::Done) {
        return Err(not_open(state));
    }
    if state.drift == Some(drift) {
        return Err(Refusal::AlreadyYours);
    }
    Ok(drifted(drift, context))
}

/// Nothing is mended by itself: it may have been meant.
pub(super) fn drifted(drift: Drift, context: &Context) -> Decision {
    let mut problem = Problem::new(match drift {
        Drift::Changed => "it was changed at the provider",
        Drift::Gone => "it is no longer at the provider",
    });
    problem.remedy = Some(match drift {
        Drift::Changed => {
            "Move the invitation to the new time, or change it back in the organizer's calendar.".to_owned()
        }
        Drift::Gone => "Make it anew with `regenerate`, or cancel the invitation.".to_owned(),
    });
    let mut decision = one(Event::DriftObserved { at: context.now, drift });
    decision.notices = vec![super::effects::alert(&problem)];
    decision
}

/// A series is made, moved and taken away as a whole: no provider-neutral key names one of its meetings.
pub(super) fn occurrence(state: &State, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    match state.draft() {
        Some(draft) if draft.recurrence.is_some() => Err(Refusal::WholeSeriesOnly),
        _ => Err(Refusal::NotApplicable),
    }
}

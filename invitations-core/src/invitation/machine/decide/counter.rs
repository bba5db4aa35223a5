//! T18, T21 to T23: other times.

use super::{allowed, answer::place_of, end_with, fold, live, needs_link, not_open, one, plan, seen, to_recipient};
use crate::{
    invitation::{
        link::LinkPurpose,
        machine::{Context, Counter, Decision, Event, Offer, Phase, Refusal, Response, State, Tell},
    },
    people::Actor,
    time::Slot,
};

/// More times than anybody reads.
const MOST: usize = 20;

pub(super) fn offer(state: &State, slots: &[Slot], context: &Context) -> Result<Decision, Refusal> {
    let Actor::Principal(by) = &context.actor else { return Err(Refusal::Forbidden) };
    if state.phase != Phase::Pending {
        return Err(not_open(state));
    }
    live(state, context)?;
    let invitee = place_of(state, context, Response::Accepted)?;
    seen(state, context)?;
    let allowed = matches!(state.offer, Offer::Meeting { .. }) && state.policy.counters;
    let ahead = |slot: &Slot| slot.start_instant() > context.now && !slot.duration.is_zero();
    if !allowed || slots.is_empty() || slots.len() > MOST || !slots.iter().all(ahead) {
        return Err(Refusal::NotApplicable);
    }
    let counter = Counter { invitee, by: by.id.clone(), slots: slots.to_vec() };
    let mut decision = one(Event::Countered { at: context.now, counter });
    decision.notices.extend(super::to_inviter(state, Tell::CounterProposed));
    Ok(decision)
}

pub(super) fn accept(state: &State, slot: usize, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    let counter = countered(state)?;
    live(state, context)?;
    seen(state, context)?;
    let slot = counter.slots.get(slot).ok_or(Refusal::NotApplicable)?;
    let start = slot.start_instant();
    if start <= context.now {
        return Err(Refusal::Expired);
    }
    let revision = state.revision + 1;
    // whoever is asked anew can answer until the new start at most
    let expires_at = end_with(state, start, context)?;
    let mut events = vec![Event::CounterAccepted { at: context.now, revision, slot: slot.clone(), expires_at }];
    let answered = fold(state, &events);
    if answered.accepted() >= state.quorum.needed(state.invitees.len()) {
        events.push(Event::Won { winner: counter.by.clone() });
        events.push(plan::start(&answered, context)?);
        return Ok(Decision { events, kill_links: true, ..Decision::default() });
    }
    let mut decision = Decision { events, kill_links: true, ..Decision::default() };
    let others = state.invitees.iter().enumerate().filter(|(place, _)| *place != counter.invitee);
    decision.notices = others.map(|(_, invitee)| to_recipient(&invitee.recipient, Tell::Updated)).collect();
    if needs_link(state) {
        decision.events.push(Event::LinkMade { generation: state.link_generation + 1 });
        decision.links = vec![LinkPurpose::Answer];
    }
    Ok(decision)
}

pub(super) fn decline(state: &State, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    let counter = countered(state)?;
    live(state, context)?;
    let mut decision = one(Event::CounterDeclined { at: context.now });
    let proposer = state.invitees.get(counter.invitee);
    decision.notices.extend(proposer.map(|invitee| to_recipient(&invitee.recipient, Tell::CounterDeclined)));
    Ok(decision)
}

fn countered(state: &State) -> Result<&Counter, Refusal> {
    match (&state.phase, &state.counter) {
        (Phase::Countered, Some(counter)) => Ok(counter),
        _ => Err(not_open(state)),
    }
}

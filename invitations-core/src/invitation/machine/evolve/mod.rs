mod effects;

use chrono::{DateTime, Utc};

use super::{Event, Offer, Phase, Response, Resume, State};
use crate::{ids::PrincipalId, invitation::EffectStatus, time::Slot};

/// Applies what happened. Total: an event about an effect or invitee that is not there changes nothing.
///
/// `None` and an event other than [`Event::Created`] stay `None`.
pub fn evolve(state: Option<State>, event: &Event) -> Option<State> {
    if let Event::Created { state } = event {
        return Some((**state).clone());
    }
    let mut state = state?;
    if !answers(&mut state, event) && !offers(&mut state, event) && !phases(&mut state, event) {
        effects::apply(&mut state, event);
    }
    Some(state)
}

/// What people say. Answers whether the event was one of these.
fn answers(state: &mut State, event: &Event) -> bool {
    match event {
        Event::RequesterVerified { at } => enter(state, Phase::AwaitingApproval, *at),
        Event::ApprovalRecorded { by } => state.approvals.extend(by.clone()),
        Event::ApprovedToSend { at } => {
            enter(state, Phase::Pending, Some(*at));
            // only now it is sent
            state.resent_at = Some(*at);
        }
        Event::InviteeAccepted { invitee, by } => answer(state, *invitee, Response::Accepted, Some(by)),
        Event::InviteeDeclined { invitee, by } => answer(state, *invitee, Response::Declined, by.as_ref()),
        Event::InviteeTentative { invitee, by } => answer(state, *invitee, Response::Tentative, Some(by)),
        Event::Won { winner } => state.winner = Some(winner.clone()),
        Event::Countered { at, counter } => {
            enter(state, Phase::Countered, Some(*at));
            state.counter = Some(counter.clone());
        }
        Event::CounterDeclined { at } | Event::CounterWithdrawn { at } => {
            enter(state, Phase::Pending, Some(*at));
            state.counter = None;
        }
        Event::PaymentConfirmed { payment } => state.payment.clone_from(payment),
        Event::PaymentFailed { .. } | Event::SupersededBy { .. } => {}
        Event::Reminded { reminder } => state.reminded.push(*reminder),
        Event::LinkMade { generation } => state.link_generation = *generation,
        Event::DriftObserved { drift, .. } => state.drift = Some(*drift),
        _ => return false,
    }
    true
}

/// What changes the offer.
fn offers(state: &mut State, event: &Event) -> bool {
    match event {
        Event::CounterAccepted { at, revision, slot, expires_at } => {
            let proposer = state.counter.take();
            ask_again(state, proposer.as_ref().map(|counter| counter.invitee));
            if let Some(counter) = &proposer {
                answer(state, counter.invitee, Response::Accepted, Some(&counter.by));
            }
            offered_anew(state, *at, *revision, *expires_at);
            move_to(state, slot);
        }
        Event::Amended { at, revision, offer, expires_at } => {
            state.offer = (**offer).clone();
            ask_again(state, None);
            offered_anew(state, *at, *revision, *expires_at);
        }
        Event::Resent { at, expires_at } => {
            offered_anew(state, *at, state.revision, *expires_at);
            state.resent_at = Some(*at);
        }
        Event::Extended { until } => {
            state.expires_at = Some(*until);
            state.reminded.clear();
        }
        Event::Rescheduled { at, slot } => {
            move_to(state, slot);
            if state.policy.ask_again_when_moved {
                ask_again(state, None);
            }
            state.reminded.clear();
            enter(state, Phase::Fulfilled, Some(*at));
            state.on_since = Some(*at);
            state.blocking = None;
            state.attention = None;
        }
        Event::OrganizerChanged { organizer: new, .. } => {
            if let Offer::Meeting { organizer, .. } | Offer::Booking { organizer, .. } = &mut state.offer {
                organizer.clone_from(new);
            }
            (state.blocking, state.attention) = (None, None);
            for effect in state.effects.iter_mut().filter(|effect| !effect.is_at_rest()) {
                effects::rest(effect, EffectStatus::Undone);
            }
        }
        _ => return false,
    }
    true
}

/// What moves the invitation as a whole.
fn phases(state: &mut State, event: &Event) -> bool {
    match event {
        Event::ProvisioningStarted { at, epoch, effects } => {
            state.claimed_at.get_or_insert(*at);
            state.epoch = *epoch;
            state.effects.extend(effects.iter().cloned());
            (state.counter, state.drift) = (None, None);
            enter(state, Phase::Provisioning, Some(*at));
        }
        Event::Fulfilled { at } => {
            enter(state, Phase::Fulfilled, *at);
            state.on_since = *at;
            (state.attention, state.blocking) = (None, None);
        }
        Event::CompensationStarted { target, at } => {
            enter(state, Phase::Compensating { target: *target }, *at);
            (state.attention, state.blocking) = (None, None);
            effects::drop_unbegun(state);
            if let Some(at) = at {
                // also what a block had put to rest
                effects::wake(state, *at);
            }
        }
        Event::Blocked { cause, effect, problem, blocking } => {
            let resume_to = resume_to(&state.phase);
            effects::block(state, effect, problem);
            state.attention = Some(problem.clone());
            enter(state, Phase::Blocked { cause: *cause, resume_to }, blocking.as_ref().map(|blocking| blocking.since));
            state.blocking.clone_from(blocking);
        }
        Event::Quarantined { effect, problem, at } => {
            let resume_to = resume_to(&state.phase);
            effects::park(state, effect, problem);
            state.attention = Some(problem.clone());
            enter(state, Phase::Quarantined { effect: effect.clone(), resume_to }, *at);
        }
        Event::RevokeRequested { target, .. } => {
            if let Phase::Quarantined { resume_to, .. } = &mut state.phase {
                *resume_to = Resume::Compensating { target: *target };
            }
            effects::drop_unbegun(state);
        }
        Event::Resumed { at, probe } => {
            match &mut state.blocking {
                Some(blocking) if *probe => {
                    blocking.probes += 1;
                    blocking.probe_at = None;
                }
                other => *other = None,
            }
            go_on(state, *at);
        }
        Event::ResolvedManually { at, .. } => go_on(state, *at),
        Event::RescheduleStarted { at, revision, effect } => {
            enter(state, Phase::Rescheduling, Some(*at));
            state.revision = *revision;
            state.effects.push((**effect).clone());
        }
        Event::RescheduleFailed { at, problem } => {
            enter(state, Phase::Fulfilled, Some(*at));
            state.blocking = None;
            state.attention = Some(problem.clone());
        }
        Event::Regenerating { at } => {
            effects::replace(state, *at);
            state.reminded.clear();
        }
        Event::Closed { how, at, .. } => {
            enter(state, Phase::Closed(*how), *at);
            (state.counter, state.blocking) = (None, None);
        }
        _ => return false,
    }
    true
}

fn enter(state: &mut State, phase: Phase, at: Option<DateTime<Utc>>) {
    state.phase = phase;
    state.since = at;
}

/// After a block or a quarantine.
fn go_on(state: &mut State, at: DateTime<Utc>) {
    if let Phase::Blocked { resume_to, .. } | Phase::Quarantined { resume_to, .. } = state.phase {
        let phase = match resume_to {
            Resume::Provisioning => Phase::Provisioning,
            Resume::Rescheduling => Phase::Rescheduling,
            Resume::Compensating { target } => Phase::Compensating { target },
        };
        enter(state, phase, Some(at));
    }
    state.attention = None;
    for effect in &mut state.effects {
        effect.refusals = 0;
    }
    effects::wake(state, at);
}

fn resume_to(phase: &Phase) -> Resume {
    match phase {
        Phase::Compensating { target } => Resume::Compensating { target: *target },
        Phase::Rescheduling => Resume::Rescheduling,
        Phase::Blocked { resume_to, .. } | Phase::Quarantined { resume_to, .. } => *resume_to,
        _ => Resume::Provisioning,
    }
}

fn answer(state: &mut State, invitee: usize, response: Response, by: Option<&PrincipalId>) {
    if let Some(invitee) = state.invitees.get_mut(invitee) {
        (invitee.response, invitee.answered_by) = (response, by.cloned());
    }
}

/// Everybody but `except` has to answer again.
fn ask_again(state: &mut State, except: Option<usize>) {
    for (place, invitee) in state.invitees.iter_mut().enumerate() {
        if Some(place) != except {
            (invitee.response, invitee.answered_by) = (Response::None, None);
        }
    }
}

fn offered_anew(state: &mut State, at: DateTime<Utc>, revision: u32, expires_at: DateTime<Utc>) {
    enter(state, Phase::Pending, Some(at));
    state.revision = revision;
    state.expires_at = Some(expires_at);
    state.counter = None;
    state.reminded.clear();
}

fn move_to(state: &mut State, slot: &Slot) {
    if let Offer::Meeting { draft, .. } | Offer::Booking { draft, .. } = &mut state.offer {
        draft.slot = slot.clone();
    }
}

//! T29, T30, T45, T48, T52, T57, T62, T63: what ends an invitation before its time, or after.

use super::{allowed, answer, approve, closed, not_open, to_invitees, undo};
use crate::{
    ids::InvitationId,
    invitation::machine::{Closed, Context, Decision, Event, Offer, Phase, Refusal, Resume, State, Tell},
    people::Member,
};

pub(super) fn revoke(state: &State, context: &Context) -> Result<Decision, Refusal> {
    // whoever asked for access may think better of it
    if !(state.phase.is_open() && approve::asks_for_it(state, &context.actor)) {
        allowed(context)?;
    }
    take_back(state, Closed::Revoked, context)
}

pub(super) fn cancel(state: &State, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    match state.phase {
        Phase::Fulfilled | Phase::Rescheduling => {
            let mut decision = undo::start(state, Closed::Cancelled, context)?;
            decision.leaving = members(state);
            Ok(decision)
        }
        // before anybody has said yes there is nothing to cancel, only to take back
        _ if state.phase.is_open() => take_back(state, Closed::Revoked, context),
        _ => take_back(state, Closed::Cancelled, context),
    }
}

fn take_back(state: &State, target: Closed, context: &Context) -> Result<Decision, Refusal> {
    match &state.phase {
        #[cfg(seeded)]
        phase if phase.is_open() && crate::seeded::seeded("S07") => {
            Ok(Decision { kill_links: true, ..super::one(closed(Closed::Cancelled, context)) })
        }
        phase if phase.is_open() => {
            // whose address is not proven, or who was never told of it, is told nothing
            let told = matches!(state.phase, Phase::Pending | Phase::Countered)
                || (state.phase == Phase::AwaitingApproval && matches!(state.offer, Offer::Access { .. }));
            let notices = if told { to_invitees(state, &Tell::Cancelled) } else { Vec::new() };
            let events = vec![closed(target, context)];
            Ok(Decision { events, kill_links: true, notices, ..Decision::default() })
        }
        // people were told that it is on, and it is only made anew
        _ if target == Closed::Revoked && state.is_made_anew() => Err(not_open(state)),
        #[cfg(seeded)]
        Phase::Fulfilled if crate::seeded::seeded("S05") && !matches!(state.offer, Offer::Membership { .. }) => {
            undo::start(state, target, context)
        }
        #[cfg(seeded)]
        Phase::Provisioning if crate::seeded::seeded("B04") => Ok(super::one(closed(target, context))),
        Phase::Provisioning | Phase::Blocked { resume_to: Resume::Provisioning, .. } => {
            undo::start(state, target, context)
        }
        // blocked while a meeting is moved: the meeting is on, so it is cancelled
        Phase::Blocked { resume_to: Resume::Rescheduling, .. } if target == Closed::Cancelled => {
            undo::start(state, target, context)
        }
        // nobody knows what there is to undo: the wish is kept until a person has looked
        Phase::Quarantined { resume_to: Resume::Provisioning | Resume::Rescheduling, .. } => {
            let by = context.actor.principal().cloned();
            Ok(super::one(Event::RevokeRequested { target, by }))
        }
        // what is accepted is cancelled, not revoked; what is being taken back is in progress
        _ => Err(not_open(state)),
    }
}

pub(super) fn supersede(state: &State, by: &InvitationId, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    if !state.phase.is_open() {
        return Err(not_open(state));
    }
    let events = vec![Event::SupersededBy { invitation: by.clone() }, closed(Closed::Superseded, context)];
    Ok(Decision { events, kill_links: true, ..Decision::default() })
}

/// Who is a member by this invitation.
fn members(state: &State) -> Vec<Member> {
    let Offer::Membership { role } = &state.offer else { return Vec::new() };
    answer::members(state).map(|who| answer::member(state, who, role)).collect()
}

//! T08 to T11: what members say of a request, or of an invitation that must be approved before it is sent.

use super::{allowed, closed, live, needs_link, not_open, plan, to_invitees};
use crate::{
    invitation::{
        link::LinkPurpose,
        machine::{Approval, Closed, Context, Decision, Event, Offer, Phase, Recipient, Refusal, State, Tell},
    },
    people::Actor,
};

pub(super) fn approve(state: &State, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    if state.phase != Phase::AwaitingApproval {
        return Err(not_open(state));
    }
    live(state, context)?;
    let by = context.actor.principal().ok_or(Refusal::Forbidden)?;
    if state.approvals.contains(by) {
        return Err(Refusal::AlreadyYours);
    }
    // nobody approves what they want themselves
    if asks_for_it(state, &context.actor) || state.inviter.as_ref() == Some(by) {
        return Err(Refusal::Forbidden);
    }
    let needed = match &state.offer {
        Offer::Access { access, .. } => match access.approval {
            Approval::Members(n) => n,
            Approval::Automatic { .. } => 1,
        },
        _ => state.policy.approvals,
    };
    let mut events = vec![Event::ApprovalRecorded { by: Some(by.clone()) }];
    if state.approvals.len() + 1 < usize::from(needed.max(1)) {
        return Ok(Decision { events, ..Decision::default() });
    }
    if matches!(state.offer, Offer::Access { .. }) {
        events.push(plan::start(state, context)?);
        return Ok(Decision { events, ..Decision::default() });
    }
    events.push(Event::ApprovedToSend { at: context.now });
    let links = if needs_link(state) { vec![LinkPurpose::Answer] } else { Vec::new() };
    Ok(Decision { events, links, notices: to_invitees(state, &Tell::Invited), ..Decision::default() })
}

pub(super) fn reject(state: &State, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    if state.phase != Phase::AwaitingApproval {
        return Err(not_open(state));
    }
    live(state, context)?;
    // those who were never told of an invitation are not told of its end
    let notices = match state.offer {
        Offer::Access { .. } => to_invitees(state, &Tell::Rejected),
        _ => super::to_inviter(state, Tell::Rejected).into_iter().collect(),
    };
    Ok(Decision { events: vec![closed(Closed::Rejected, context)], kill_links: true, notices, ..Decision::default() })
}

/// Whether the actor is the one who asks for access.
pub(super) fn asks_for_it(state: &State, actor: &Actor) -> bool {
    let Actor::Principal(member) = actor else { return false };
    let own = |recipient: &Recipient| recipient.address().is_some_and(|address| member.verified.contains(address));
    matches!(state.offer, Offer::Access { .. }) && state.invitees.iter().any(|invitee| own(&invitee.recipient))
}

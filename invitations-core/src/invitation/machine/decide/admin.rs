//! T08, T09, T11, T29, T31, T45, T46, T48, T63: what members, administrators and timers do.

use super::{allowed, closed, live, not_open, plan, undo};
use crate::invitation::machine::{
    Approval, Closed, Context, Decision, Event, NoticePlan, Offer, Phase, Recipient, Refusal, State, Status, Tell, Told,
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
    let Offer::Access { access, .. } = &state.offer else { return Err(Refusal::NotApplicable) };
    if let crate::people::Actor::Principal(member) = &context.actor {
        let own = |recipient: &Recipient| matches!(recipient, Recipient::Address(one) if member.verified.contains(one));
        if state.invitees.iter().any(|invitee| own(&invitee.recipient)) {
            return Err(Refusal::Forbidden);
        }
    }
    let needed = match access.approval {
        Approval::Members(n) => usize::from(n.max(1)),
        Approval::Automatic { .. } => 1,
    };
    let mut events = vec![Event::ApprovalRecorded { by: Some(by.clone()) }];
    if state.approvals.len() + 1 >= needed {
        events.push(plan::start(state, context)?);
    }
    Ok(Decision { events, ..Decision::default() })
}

pub(super) fn reject(state: &State, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    if state.phase != Phase::AwaitingApproval {
        return Err(not_open(state));
    }
    Ok(Decision {
        events: vec![closed(Closed::Rejected, context)],
        kill_links: true,
        notices: recipients(state, &Tell::Rejected),
        ..Decision::default()
    })
}

pub(super) fn revoke(state: &State, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    match &state.phase {
        phase if phase.is_open() => {
            let told = state.phase != Phase::AwaitingVerification;
            let notices = if told { recipients(state, &Tell::Cancelled) } else { Vec::new() };
            Ok(Decision {
                events: vec![closed(Closed::Revoked, context)],
                kill_links: true,
                notices,
                ..Decision::default()
            })
        }
        Phase::Provisioning => undo::start(state, Closed::Revoked, context),
        Phase::Blocked { resume_to: crate::invitation::machine::Resume::Provisioning, .. } => {
            undo::start(state, Closed::Revoked, context)
        }
        Phase::Compensating { .. } => Err(Refusal::InProgress),
        // what is accepted is cancelled, not revoked; what is quarantined waits for a person
        _ => Err(not_open(state)),
    }
}

pub(super) fn cancel(state: &State, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    match state.phase {
        Phase::Fulfilled if matches!(state.offer, Offer::Membership { .. }) => Err(Refusal::NotApplicable),
        Phase::Fulfilled | Phase::Rescheduling => undo::start(state, Closed::Cancelled, context),
        Phase::Provisioning | Phase::Blocked { .. } if state.status() == Status::Accepting => {
            undo::start(state, Closed::Cancelled, context)
        }
        _ if state.phase.is_open() => revoke(state, context),
        _ => Err(not_open(state)),
    }
}

pub(super) fn expire(state: &State, context: &Context) -> Result<Decision, Refusal> {
    if !state.phase.is_open() {
        return Err(not_open(state));
    }
    match state.expires_at {
        Some(end) if context.now >= end => Ok(Decision {
            events: vec![Event::Closed { how: Closed::Expired, by: None }],
            kill_links: true,
            ..Decision::default()
        }),
        _ => Err(Refusal::NotApplicable),
    }
}

pub(super) fn resume(state: &State, context: &Context) -> Result<Decision, Refusal> {
    match state.phase {
        Phase::Blocked { .. } => {
            Ok(Decision { events: vec![Event::Resumed { at: context.now }], ..Decision::default() })
        }
        _ => Err(Refusal::NotApplicable),
    }
}

fn recipients(state: &State, tell: &Tell) -> Vec<NoticePlan> {
    let told = |recipient: &Recipient| NoticePlan::new(Told::Recipient(recipient.clone()), tell.clone());
    state.invitees.iter().map(|invitee| told(&invitee.recipient)).collect()
}

//! T01 to T05: from nothing.

use super::{allowed, answer, needs_link, plan, to_invitees, within};
use crate::{
    ids::{InvitationId, TenantId},
    invitation::{
        link::LinkPurpose,
        machine::{
            Context, Decision, Event, Invitee, NewAccessRequest, NewBooking, NewInvitation, NoticePlan, Offer, Phase,
            Policy, Recipient, Refusal, State, Tell, Told,
        },
    },
};

fn blank(id: &InvitationId, tenant: &TenantId, offer: Offer, policy: Policy, context: &Context) -> State {
    let mut state = State::new(id.clone(), tenant.clone(), offer, context.now);
    (state.policy, state.since) = (policy, Some(context.now));
    state
}

fn created(state: State) -> Event {
    Event::Created { state: Box::new(state) }
}

pub(super) fn invitation(new: &NewInvitation, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    if let Offer::Membership { role } = &new.offer {
        within(&context.verdict, role)?;
    }
    let right = match &new.offer {
        Offer::Meeting { .. } | Offer::Membership { .. } => !new.recipients.is_empty(),
        // it waits for its payment, not for people
        Offer::Booking { .. } => new.recipients.is_empty() && new.policy.approvals == 0,
        Offer::Access { .. } => false,
    };
    if !right || !new.policy.fits(&new.offer) {
        return Err(Refusal::NotApplicable);
    }
    if new.expires_at <= context.now {
        return Err(Refusal::Expired);
    }
    if new.expires_at > context.now + context.timing.life_most {
        return Err(Refusal::LimitReached);
    }
    let mut state = blank(&new.id, &new.tenant, new.offer.clone(), new.policy.clone(), context);
    state.inviter = Some(new.inviter.clone());
    state.inviter_name.clone_from(&new.inviter_name);
    state.invitees = new.recipients.iter().cloned().map(Invitee::new).collect();
    state.quorum = new.quorum;
    state.expires_at = Some(new.expires_at);
    if new.policy.approvals > 0 {
        // nobody is told, and no link exists, before it is approved
        state.phase = Phase::AwaitingApproval;
        let notices = vec![NoticePlan::new(Told::Approvers, Tell::ApprovalWanted)];
        return Ok(Decision { events: vec![created(state)], notices, ..Decision::default() });
    }
    let links = if needs_link(&state) { vec![LinkPurpose::Answer] } else { Vec::new() };
    let notices = to_invitees(&state, &Tell::Invited);
    Ok(Decision { events: vec![created(state)], links, notices, ..Decision::default() })
}

pub(super) fn booking(new: &NewBooking, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    let (draft, organizer) = (Box::new(new.draft.clone()), new.organizer.clone());
    let offer = Offer::Booking { booking: new.booking.clone(), draft, organizer };
    if !new.policy.fits(&offer) {
        return Err(Refusal::NotApplicable);
    }
    let blank = blank(&new.id, &new.tenant, offer, new.policy.clone(), context);
    let paid = new.payment.clone().map(|payment| Event::PaymentConfirmed { payment: Some(payment) });
    let started = plan::start(&blank, context)?;
    let events = [Some(created(blank)), paid, Some(started)].into_iter().flatten().collect();
    Ok(Decision { events, ..Decision::default() })
}

pub(super) fn access_request(new: &NewAccessRequest, context: &Context) -> Result<Decision, Refusal> {
    if new.expires_at <= context.now {
        return Err(Refusal::Expired);
    }
    if new.expires_at > context.now + context.timing.life_most {
        return Err(Refusal::LimitReached);
    }
    let offer = Offer::Access { resource: new.resource.clone(), access: Box::new(new.access.clone()) };
    let policy = Policy::for_offer(&offer);
    let mut state = blank(&new.id, &new.tenant, offer, policy, context);
    let requester = Recipient::Address(new.requester.clone());
    state.invitees = vec![Invitee::new(requester.clone())];
    state.expires_at = Some(new.expires_at);
    if new.verified {
        state.phase = Phase::AwaitingApproval;
        let mut decision = answer::proven(&state, context)?;
        decision.events.insert(0, created(state));
        return Ok(decision);
    }
    state.phase = Phase::AwaitingVerification;
    Ok(Decision {
        events: vec![created(state)],
        links: vec![LinkPurpose::VerifyAddress],
        notices: vec![NoticePlan::new(Told::Recipient(requester), Tell::ConfirmAddress)],
        ..Decision::default()
    })
}

//! T01, T03, T05: from nothing.

use super::{allowed, fold, plan};
use crate::invitation::{
    link::LinkPurpose,
    machine::{
        Context, Decision, Event, Invitee, NewAccessRequest, NewBooking, NewInvitation, NoticePlan, Offer, Phase,
        Quorum, Recipient, Refusal, State, Tell, Told,
    },
};
use crate::people::Verdict;

fn blank(id: &crate::ids::InvitationId, tenant: &crate::ids::TenantId, offer: Offer, context: &Context) -> State {
    State {
        id: id.clone(),
        tenant: tenant.clone(),
        phase: Phase::Pending,
        revision: 0,
        offer,
        inviter: None,
        invitees: Vec::new(),
        quorum: Quorum::Any,
        winner: None,
        approvals: Vec::new(),
        effects: Vec::new(),
        epoch: 0,
        link_generation: 1,
        created_at: context.now,
        claimed_at: None,
        expires_at: None,
        attention: None,
    }
}

fn created(state: State) -> Event {
    Event::Created { state: Box::new(state) }
}

pub(super) fn invitation(new: &NewInvitation, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    if let (Offer::Membership { role }, Verdict::Allowed { ceiling: Some(ceiling) }) = (&new.offer, &context.verdict)
        && role != ceiling
    {
        // roles have no order here: a ceiling names the one role the actor may give
        return Err(Refusal::Forbidden);
    }
    let addressed = matches!(new.offer, Offer::Meeting { .. } | Offer::Membership { .. });
    if new.recipients.is_empty() || !addressed {
        return Err(Refusal::NotApplicable);
    }
    if new.expires_at <= context.now {
        return Err(Refusal::Expired);
    }
    let mut state = blank(&new.id, &new.tenant, new.offer.clone(), context);
    state.inviter = Some(new.inviter.clone());
    state.invitees = new.recipients.iter().cloned().map(Invitee::new).collect();
    state.quorum = new.quorum;
    state.expires_at = Some(new.expires_at);
    let linked = new.recipients.iter().any(|recipient| matches!(recipient, Recipient::Address(_)));
    let notices = new.recipients.iter().map(|to| NoticePlan::new(Told::Recipient(to.clone()), Tell::Invited)).collect();
    Ok(Decision {
        events: vec![created(state)],
        links: if linked { vec![LinkPurpose::Answer] } else { Vec::new() },
        notices,
        ..Decision::default()
    })
}

pub(super) fn booking(new: &NewBooking, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    let (draft, organizer) = (Box::new(new.draft.clone()), new.organizer.clone());
    let offer = Offer::Booking { booking: new.booking.clone(), draft, organizer };
    let first = created(blank(&new.id, &new.tenant, offer.clone(), context));
    let started = plan::start(&fold(&blank(&new.id, &new.tenant, offer, context), &[]), context)?;
    Ok(Decision { events: vec![first, started], ..Decision::default() })
}

pub(super) fn access_request(new: &NewAccessRequest, context: &Context) -> Result<Decision, Refusal> {
    if new.expires_at <= context.now {
        return Err(Refusal::Expired);
    }
    let offer = Offer::Access { resource: new.resource.clone(), access: Box::new(new.access.clone()) };
    let mut state = blank(&new.id, &new.tenant, offer, context);
    let requester = Recipient::Address(new.requester.clone());
    state.phase = Phase::AwaitingVerification;
    state.invitees = vec![Invitee::new(requester.clone())];
    state.expires_at = Some(new.expires_at);
    Ok(Decision {
        events: vec![created(state)],
        links: vec![LinkPurpose::VerifyAddress],
        notices: vec![NoticePlan::new(Told::Recipient(requester), Tell::ConfirmAddress)],
        ..Decision::default()
    })
}

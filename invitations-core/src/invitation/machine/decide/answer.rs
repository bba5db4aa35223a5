//! T06, T07, T12 to T16, T25, T55: what requesters and invitees say.

use super::{closed, fold, live, not_open, plan};
use crate::{
    ids::PrincipalId,
    invitation::machine::{
        Approval, Closed, Context, Decision, Event, NoticePlan, Offer, Phase, Recipient, Refusal, Response, State,
        Tell, Told,
    },
    people::{Actor, Member},
};

pub(super) fn verify(state: &State, context: &Context) -> Result<Decision, Refusal> {
    if state.phase != Phase::AwaitingVerification {
        // clicked twice, or by a mail scanner first: the first click counts
        return Err(if state.phase.is_open() { Refusal::AlreadyYours } else { not_open(state) });
    }
    live(state, context)?;
    if !context.link_shown {
        return Err(Refusal::NotFound);
    }
    let Offer::Access { access, .. } = &state.offer else { return Err(Refusal::NotApplicable) };
    let mut events = vec![Event::RequesterVerified];
    if let Approval::Automatic { domains } = &access.approval {
        let domain = state.invitees.first().and_then(|invitee| match &invitee.recipient {
            Recipient::Address(address) => Some(address.domain()),
            Recipient::Principal(_) => None,
        });
        if domains.is_empty() || domain.is_some_and(|domain| domains.iter().any(|one| one == domain)) {
            events.push(Event::ApprovalRecorded { by: None });
            events.push(plan::start(state, context)?);
            return Ok(Decision { events, kill_links: true, ..Decision::default() });
        }
    }
    let notices = vec![NoticePlan::new(Told::Approvers, Tell::ApprovalWanted)];
    Ok(Decision { events, kill_links: true, notices, ..Decision::default() })
}

pub(super) fn accept(state: &State, context: &Context) -> Result<Decision, Refusal> {
    let Actor::Principal(by) = &context.actor else { return Err(Refusal::Forbidden) };
    let mine = state
        .invitees
        .iter()
        .any(|invitee| invitee.response == Response::Accepted && invitee.answered_by.as_ref() == Some(&by.id));
    if mine {
        return Err(Refusal::AlreadyYours);
    }
    match state.phase {
        Phase::Pending | Phase::Countered => live(state, context)?,
        Phase::Fulfilled => {}
        _ => return Err(not_open(state)),
    }
    let place = place_of(state, context)?;
    let mut events = vec![Event::InviteeAccepted { invitee: place, by: by.id.clone() }];
    if state.phase == Phase::Fulfilled {
        events.extend(plan::one_more(state, place, context)?);
        return Ok(Decision { events, ..Decision::default() });
    }
    let answered = fold(state, &events);
    if answered.accepted() < state.quorum.needed(state.invitees.len()) {
        return Ok(Decision { events, ..Decision::default() });
    }
    events.push(Event::Won { winner: by.id.clone() });
    if let Offer::Membership { role } = &state.offer {
        events.push(Event::Fulfilled);
        let member = Member::new(state.tenant.clone(), by.id.clone(), role.clone(), state.id.clone());
        return Ok(Decision {
            events,
            kill_links: true,
            members: vec![member],
            notices: yes(state),
            ..Decision::default()
        });
    }
    events.push(plan::start(&answered, context)?);
    Ok(Decision { events, kill_links: true, ..Decision::default() })
}

fn yes(state: &State) -> Vec<NoticePlan> {
    state.inviter.iter().map(|inviter| NoticePlan::new(Told::Principal(inviter.clone()), Tell::Accepted)).collect()
}

pub(super) fn decline(state: &State, context: &Context) -> Result<Decision, Refusal> {
    match state.phase {
        Phase::Pending | Phase::Countered => live(state, context)?,
        _ => return Err(not_open(state)),
    }
    let place = place_of(state, context)?;
    let by: Option<PrincipalId> = context.actor.principal().cloned();
    let mut events = vec![Event::InviteeDeclined { invitee: place, by }];
    let answered = fold(state, &events);
    let still = answered.invitees.iter().filter(|invitee| invitee.response != Response::Declined).count();
    if still >= state.quorum.needed(state.invitees.len()) {
        return Ok(Decision { events, ..Decision::default() });
    }
    events.push(closed(Closed::Declined, context));
    let notices =
        state.inviter.iter().map(|inviter| NoticePlan::new(Told::Principal(inviter.clone()), Tell::Declined)).collect();
    Ok(Decision { events, kill_links: true, notices, ..Decision::default() })
}

/// Which invitee the actor is. A link alone names nobody: the person must have the invited address verified, or be the invited person.
fn place_of(state: &State, context: &Context) -> Result<usize, Refusal> {
    let fits = |recipient: &Recipient| match (recipient, &context.actor) {
        (Recipient::Principal(id), Actor::Principal(by)) => *id == by.id,
        (Recipient::Address(address), Actor::Principal(by)) => by.verified.contains(address),
        // declining through the mailed link needs no account, when only one can be meant
        (Recipient::Address(_), Actor::LinkHolder) => context.link_shown && state.invitees.len() == 1,
        _ => false,
    };
    let unanswered = |place: &usize| state.invitees[*place].response == Response::None;
    let mut fitting = (0..state.invitees.len()).filter(|place| fits(&state.invitees[*place].recipient)).peekable();
    if fitting.peek().is_none() {
        return Err(if context.link_shown { Refusal::WrongRecipient } else { Refusal::NotFound });
    }
    fitting.find(unanswered).ok_or(Refusal::NotApplicable)
}

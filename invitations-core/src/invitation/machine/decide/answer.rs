//! T06, T07, T12 to T17, T24, T25, T55 to T57: what requesters and invitees say.

use super::{closed, fold, live, not_open, one, plan, seen, to_inviter, undo, within};
use crate::{
    ids::{PrincipalId, Role},
    invitation::machine::{
        Approval, Closed, Context, Decision, Event, NoticePlan, Offer, Phase, Recipient, Refusal, Response, State,
        Tell, Told,
    },
    people::{Actor, Member, Verdict},
};

pub(super) fn verify(state: &State, context: &Context) -> Result<Decision, Refusal> {
    if state.phase != Phase::AwaitingVerification {
        // clicked twice, or by a mail scanner first: the first click counts, whatever has become of it since
        let asked = matches!(state.offer, Offer::Access { .. });
        return Err(if asked { Refusal::AlreadyYours } else { not_open(state) });
    }
    live(state, context)?;
    if !context.link_shown {
        return Err(Refusal::NotFound);
    }
    let mut decision = proven(state, context)?;
    decision.events.insert(0, Event::RequesterVerified { at: Some(context.now) });
    Ok(decision)
}

/// What follows when the requester's address is proven.
pub(super) fn proven(state: &State, context: &Context) -> Result<Decision, Refusal> {
    let Offer::Access { access, .. } = &state.offer else { return Err(Refusal::NotApplicable) };
    if let Approval::Automatic { domains } = &access.approval {
        let domain = state.invitees.first().and_then(|invitee| invitee.recipient.address());
        let domain = domain.map(crate::people::EmailAddress::domain);
        if domains.is_empty() || domain.is_some_and(|domain| domains.iter().any(|one| one == domain)) {
            let events = vec![Event::ApprovalRecorded { by: None }, plan::start(state, context)?];
            return Ok(Decision { events, kill_links: true, ..Decision::default() });
        }
    }
    let notices = vec![NoticePlan::new(Told::Approvers, Tell::ApprovalWanted)];
    Ok(Decision { kill_links: true, notices, ..Decision::default() })
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
    let place = place_of(state, context, Response::Accepted)?;
    seen(state, context)?;
    entitled_inviter(state, context)?;
    let mut events = vec![Event::InviteeAccepted { invitee: place, by: by.id.clone() }];
    if let (Phase::Fulfilled, Offer::Membership { role }) = (&state.phase, &state.offer) {
        let members = vec![member(state, &by.id, role)];
        return Ok(Decision { events, members, ..Decision::default() });
    }
    if state.phase == Phase::Fulfilled {
        events.extend(plan::one_more(state, place, context)?);
        #[cfg(seeded)]
        if crate::seeded::seeded("S04") {
            events.push(Event::Won { winner: by.id.clone() });
        }
        return Ok(Decision { events, ..Decision::default() });
    }
    if state.counter.as_ref().is_some_and(|counter| counter.invitee == place) {
        events.insert(0, Event::CounterWithdrawn { at: context.now });
    }
    let answered = fold(state, &events);
    if answered.accepted() < state.quorum.needed(state.invitees.len()) {
        return Ok(Decision { events, ..Decision::default() });
    }
    events.push(Event::Won { winner: by.id.clone() });
    if let Offer::Membership { role } = &state.offer {
        events.push(Event::Fulfilled { at: Some(context.now) });
        // everybody who has said yes, not only whose yes was enough
        let members = members(&answered).map(|who| member(state, who, role)).collect();
        let notices = to_inviter(state, Tell::Accepted).into_iter().collect();
        return Ok(Decision { events, kill_links: true, members, notices, ..Decision::default() });
    }
    events.push(plan::start(&answered, context)?);
    #[cfg(seeded)]
    if crate::seeded::seeded("B17") {
        return Ok(Decision { events, ..Decision::default() });
    }
    Ok(Decision { events, kill_links: true, ..Decision::default() })
}

/// Those who have accepted.
pub(super) fn members(state: &State) -> impl Iterator<Item = &PrincipalId> {
    let accepted = state.invitees.iter().filter(|invitee| invitee.response == Response::Accepted);
    accepted.filter_map(|invitee| invitee.answered_by.as_ref())
}

pub(super) fn member(state: &State, who: &PrincipalId, role: &Role) -> Member {
    Member::new(state.tenant.clone(), who.clone(), role.clone(), state.id.clone())
}

/// Whoever invited may have lost the right to since.
fn entitled_inviter(state: &State, context: &Context) -> Result<(), Refusal> {
    match &state.offer {
        _ if context.inviter == Verdict::Denied => Err(Refusal::Forbidden),
        Offer::Membership { role } => within(&context.inviter, role),
        _ => Ok(()),
    }
}

pub(super) fn decline(state: &State, context: &Context) -> Result<Decision, Refusal> {
    match state.phase {
        Phase::Pending | Phase::Countered => live(state, context)?,
        Phase::Fulfilled => return withdraw(state, context),
        _ => return Err(not_open(state)),
    }
    let place = place_of(state, context, Response::Declined)?;
    seen(state, context)?;
    let by: Option<PrincipalId> = context.actor.principal().cloned();
    let mut events = vec![Event::InviteeDeclined { invitee: place, by }];
    if state.counter.as_ref().is_some_and(|counter| counter.invitee == place) {
        events.insert(0, Event::CounterWithdrawn { at: context.now });
    }
    if can_still_be(&fold(state, &events)) {
        return Ok(Decision { events, ..Decision::default() });
    }
    events.push(closed(Closed::Declined, context));
    let notices = to_inviter(state, Tell::Declined).into_iter().collect();
    Ok(Decision { events, kill_links: true, notices, ..Decision::default() })
}

/// Whether those who have not said no are enough.
fn can_still_be(state: &State) -> bool {
    let still = state.invitees.iter().filter(|invitee| invitee.response != Response::Declined).count();
    still >= state.quorum.needed(state.invitees.len())
}

/// Somebody who had accepted does not come after all, or somebody who had not answered says so now.
fn withdraw(state: &State, context: &Context) -> Result<Decision, Refusal> {
    if !matches!(state.offer, Offer::Meeting { .. } | Offer::Access { .. }) {
        return Err(Refusal::NotApplicable);
    }
    let place = place_of(state, context, Response::Declined)?;
    seen(state, context)?;
    let invitee = &state.invitees[place];
    let had_accepted = invitee.response == Response::Accepted || matches!(state.offer, Offer::Access { .. });
    let mut events = vec![Event::InviteeDeclined { invitee: place, by: context.actor.principal().cloned() }];
    let answered = fold(state, &events);
    let kept = answered.accepted() >= state.quorum.needed(state.invitees.len());
    if had_accepted && !kept && state.policy.cancel_on_quorum_loss {
        let mut decision = undo::start(&answered, Closed::Cancelled, context)?;
        events.append(&mut decision.events);
        decision.events = events;
        return Ok(decision);
    }
    if let Some(address) = invitee.recipient.address().filter(|address| plan::is_listed(state, address)) {
        events.extend(plan::one_fewer(state, place, address, context)?);
    }
    let notices = to_inviter(state, Tell::Declined).into_iter().collect();
    Ok(Decision { events, notices, ..Decision::default() })
}

pub(super) fn tentative(state: &State, context: &Context) -> Result<Decision, Refusal> {
    let Actor::Principal(by) = &context.actor else { return Err(Refusal::Forbidden) };
    if state.phase != Phase::Pending {
        return Err(not_open(state));
    }
    live(state, context)?;
    let invitee = place_of(state, context, Response::Tentative)?;
    seen(state, context)?;
    if !matches!(state.offer, Offer::Meeting { .. }) {
        return Err(Refusal::NotApplicable);
    }
    Ok(one(Event::InviteeTentative { invitee, by: by.id.clone() }))
}

/// Which invitee the actor is. A link alone names nobody: the person must have the invited address verified, or be the invited person.
///
/// An answer may be changed, but not given twice, and nobody takes an acceptance over.
pub(super) fn place_of(state: &State, context: &Context, answer: Response) -> Result<usize, Refusal> {
    let fits = |recipient: &Recipient| match (recipient, &context.actor) {
        (Recipient::Principal(id), Actor::Principal(by)) => *id == by.id,
        (Recipient::Address(address), Actor::Principal(by)) => by.verified.contains(address),
        // declining through the mailed link needs no account, when only one can be meant
        (Recipient::Address(_), Actor::LinkHolder) => context.link_shown && state.invitees.len() == 1,
        _ => false,
    };
    let mut fitting = (0..state.invitees.len()).filter(|place| fits(&state.invitees[*place].recipient)).peekable();
    if fitting.peek().is_none() {
        return Err(if context.link_shown { Refusal::WrongRecipient } else { Refusal::NotFound });
    }
    fitting.find(|place| state.invitees[*place].response != answer).ok_or(match answer {
        Response::Accepted => Refusal::NotApplicable,
        _ => Refusal::AlreadyYours,
    })
}

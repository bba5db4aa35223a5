//! T31, T32, T49: what time does.

use super::{effects, live, needs_link, not_open, one, to_inviter, to_recipient, undo};
use crate::invitation::{
    link::LinkPurpose,
    machine::{
        Closed, Context, Decision, Event, NoticePlan, Offer, Phase, Recipient, Refusal, Reminder, Response, Resume,
        State, Tell, Tick, Told,
    },
};

pub(super) fn expire(state: &State, context: &Context) -> Result<Decision, Refusal> {
    if !state.phase.is_open() {
        return Err(not_open(state));
    }
    match state.expires_at {
        Some(end) if context.now >= end => Ok(Decision {
            events: vec![Event::Closed { how: Closed::Expired, by: None, at: Some(context.now) }],
            kill_links: true,
            ..Decision::default()
        }),
        _ => Err(Refusal::NotApplicable),
    }
}

pub(super) fn remind(
    state: &State,
    reminder: Reminder,
    nobody_joined: bool,
    context: &Context,
) -> Result<Decision, Refusal> {
    let due = state.next_tick().is_some_and(|(at, tick)| tick == Tick::Remind(reminder) && at <= context.now);
    if !due {
        return Err(not_open(state));
    }
    let mut decision = one(Event::Reminded { reminder });
    let started = state.draft().is_some_and(|draft| draft.slot.start_instant() <= context.now);
    match reminder {
        // whoever is late reminds nobody of what is over or has begun
        Reminder::BeforeExpiry { .. } if live(state, context).is_err() => {}
        Reminder::BeforeExpiry { .. } => await_answers(state, &mut decision),
        Reminder::BeforeStart { .. } if started => {}
        Reminder::BeforeStart { .. } => decision.notices = to_participants(state, &Tell::StartsSoon),
        Reminder::NobodyJoined { .. } => {
            let to = to_inviter(state, Tell::NobodyJoined);
            let to = to.unwrap_or_else(|| NoticePlan::new(Told::Operators, Tell::NobodyJoined));
            decision.notices = nobody_joined.then_some(to).into_iter().collect();
        }
    }
    Ok(decision)
}

/// Whoever it waits for gets a new link beside the old one: either may be used, both die with the answer.
fn await_answers(state: &State, decision: &mut Decision) {
    match state.phase {
        Phase::AwaitingApproval => decision.notices = vec![NoticePlan::new(Told::Approvers, Tell::ApprovalWanted)],
        Phase::Countered => decision.notices = to_inviter(state, Tell::CounterProposed).into_iter().collect(),
        _ => {
            let (purpose, tell) = match state.phase {
                Phase::AwaitingVerification => (LinkPurpose::VerifyAddress, Tell::ConfirmAddress),
                _ => (LinkPurpose::Answer, Tell::AnswerWanted),
            };
            if needs_link(state) {
                decision.events.push(Event::LinkMade { generation: state.link_generation + 1 });
                decision.links = vec![purpose];
            }
            let silent = state.invitees.iter().filter(|invitee| invitee.response == Response::None);
            decision.notices = silent.map(|invitee| to_recipient(&invitee.recipient, tell.clone())).collect();
        }
    }
}

/// Those who have accepted, the inviter, and for a booking whoever its draft lists.
pub(super) fn to_participants(state: &State, tell: &Tell) -> Vec<NoticePlan> {
    let coming = state.invitees.iter().filter(|invitee| invitee.response == Response::Accepted);
    let mut notices: Vec<_> = coming.map(|invitee| to_recipient(&invitee.recipient, tell.clone())).collect();
    if let Offer::Booking { draft, .. } = &state.offer {
        let listed = draft.attendees.iter().map(|attendee| Recipient::Address(attendee.email.clone()));
        notices.extend(listed.map(|recipient| to_recipient(&recipient, tell.clone())));
    }
    notices.extend(to_inviter(state, tell.clone()));
    notices
}

pub(super) fn give_up(state: &State, context: &Context) -> Result<Decision, Refusal> {
    let Phase::Blocked { resume_to, .. } = state.phase else { return Err(not_open(state)) };
    if state.blocking.as_ref().is_none_or(|blocking| context.now < blocking.give_up_at) {
        return Err(Refusal::NotApplicable);
    }
    match resume_to {
        // what could not be taken back for so long is tried again, and blocks again if it must: it is never forgotten
        Resume::Compensating { target } => undo::start(state, target, context),
        Resume::Provisioning => {
            let mut decision = undo::start(state, Closed::Failed, context)?;
            decision.notices.extend(state.attention.iter().map(effects::alert));
            decision.notices.extend(to_inviter(state, Tell::Cancelled));
            Ok(decision)
        }
        Resume::Rescheduling => {
            let effect = state.next_effect().ok_or(Refusal::NotApplicable)?;
            let problem = state.attention.clone().or_else(|| effect.problem.clone());
            Ok(effects::update_failed(effect, &problem.ok_or(Refusal::NotApplicable)?, context))
        }
    }
}

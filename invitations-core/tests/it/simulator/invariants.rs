//! What must hold after every change, in the store and outside, and what must hold when everything has come to rest.

use std::{collections::BTreeMap, time::Instant};

use invitations_core::{
    invitation::{
        Effect, EffectKind, EffectStatus, Reconciliation, State, Status,
        link::StoredLink,
        machine::{Closed, Offer, Phase, Response, Resume},
    },
    provider::Idempotency,
};

use super::{
    actors::event,
    case::Case,
    edges,
    hit::Hit,
    outside::{Outside, meeting_id},
    swarm::Kind,
};

/// One invitation and the world around it, at one moment.
pub(super) struct Scene<'a> {
    pub(super) case: &'a Case,
    pub(super) cases: &'a [Case],
    pub(super) outside: &'a Outside,
    pub(super) now: Instant,
    pub(super) interrupted: bool,
}

pub(super) type Verdict = Result<(), String>;

/// A rule with a name.
pub(super) struct Invariant {
    pub(super) name: &'static str,
    /// After every change.
    pub(super) always: fn(&Scene<'_>) -> Verdict,
    /// When everything has come to rest.
    pub(super) end: fn(&Scene<'_>) -> Verdict,
}

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant { name: "one meeting", always: one_meeting, end: no_copy_left },
    Invariant { name: "fulfilled is made", always: fulfilled_is_made, end: made_is_fulfilled },
    Invariant { name: "closed leaves nothing", always: closed_leaves_nothing, end: closed_leaves_nobody },
    Invariant { name: "one winner", always: one_winner, end: fine },
    Invariant { name: "what was told stays true", always: told_stays_true, end: fine },
    Invariant { name: "state is the fold", always: state_is_the_fold, end: fine },
    Invariant { name: "edges of the machine", always: edges_only, end: fine },
    Invariant { name: "held once", always: held_once, end: fine },
    Invariant { name: "links die", always: links_die, end: fine },
    Invariant { name: "one mail per purpose", always: one_mail, end: fine },
    Invariant { name: "one key", always: one_key, end: fine },
    Invariant { name: "only the lease holder writes", always: holder_writes, end: fine },
    Invariant { name: "organisations are apart", always: apart, end: fine },
    Invariant { name: "requests are bounded", always: bounded, end: fine },
    Invariant { name: "comes to rest", always: fine, end: comes_to_rest },
];

/// So many requests to providers are more than any schedule needs for one invitation; half as many for whatever is begun later.
const MOST_REQUESTS: u32 = 60;

fn fine(_: &Scene<'_>) -> Verdict {
    Ok(())
}

fn holds(condition: bool, text: impl FnOnce() -> String) -> Verdict {
    if condition { Ok(()) } else { Err(text()) }
}

/// The wire doubled a request of ours, which nobody could prevent.
fn wire_made_copies(scene: &Scene<'_>) -> bool {
    scene.case.hits.contains(&Hit::WireTwice)
}

/// A copy of the wire's at a provider that nobody can ask: not even its maker's sweeps see it.
fn out_of_sight(scene: &Scene<'_>) -> bool {
    wire_made_copies(scene) && matches!(scene.case.plan.idempotency, Idempotency::None)
}

fn one_meeting(scene: &Scene<'_>) -> Verdict {
    let live: Vec<usize> = scene.outside.live(scene.case.plan.number).map(|(number, _)| number).collect();
    let heals = matches!(scene.case.plan.idempotency, Idempotency::InexactLookup { .. });
    let excused = wire_made_copies(scene) || heals && scene.case.hits.contains(&Hit::LateAfter);
    holds(live.len() < 2 || excused, || format!("meetings {live:?} live at once"))
}

fn no_copy_left(scene: &Scene<'_>) -> Verdict {
    let live = scene.outside.live(scene.case.plan.number).count();
    // who must decide what the machine cannot, also sees the copies
    let decided = !matches!(scene.case.phase(), Some(Phase::Quarantined { .. }));
    let excused = out_of_sight(scene) || wire_made_copies(scene) && !decided || scene.case.given_up;
    holds(live < 2 || excused, || format!("{live} meetings live in the end"))
}

fn the_meeting(state: &State) -> Option<&Effect> {
    state.effects.iter().rev().find(|effect| matches!(effect.kind, EffectKind::CreateMeeting(_)))
}

fn fulfilled_is_made(scene: &Scene<'_>) -> Verdict {
    let Some(state) = &scene.case.state else { return Ok(()) };
    if state.phase != Phase::Fulfilled {
        return Ok(());
    }
    let case = &scene.case;
    match case.plan.kind {
        Kind::Meeting | Kind::Booking => {
            let found = the_meeting(state).and_then(|effect| effect.found.as_ref());
            let found = found.ok_or("fulfilled without a meeting")?;
            let live: Vec<_> = scene.outside.live(case.plan.number).map(|(number, _)| meeting_id(number)).collect();
            holds(live.iter().any(|id| id.as_str() == found.id), || format!("stored {}, live {live:?}", found.id))?;
            holds(found.join.is_some(), || "fulfilled without a join link".to_owned())?;
            holds(live.len() == 1 || wire_made_copies(scene), || format!("fulfilled, live {live:?}"))?;
            let slot = |number: usize| scene.outside.meetings[number].draft.slot.clone();
            let made =
                scene.outside.live(case.plan.number).find(|(number, _)| meeting_id(*number).as_str() == found.id);
            let (there, told) = (made.map(|(number, _)| slot(number)), state.draft().map(|draft| draft.slot.clone()));
            holds(there == told, || format!("it is at {there:?}, people were told {told:?}"))
        }
        Kind::Access => {
            let seated = scene.outside.seated(&event(&case.plan), case.plan.number);
            holds(seated == 1, || "fulfilled and not on the event".to_owned())
        }
        Kind::Membership => holds(state.winner.is_some(), || "fulfilled without a member".to_owned()),
    }
}

/// What is alive outside when all is over belongs to somebody.
fn made_is_fulfilled(scene: &Scene<'_>) -> Verdict {
    let Some(state) = &scene.case.state else { return Ok(()) };
    let live = scene.outside.live(scene.case.plan.number).count();
    let known = match state.phase {
        Phase::Fulfilled | Phase::Blocked { .. } | Phase::Quarantined { .. } => true,
        _ => live == 0 || out_of_sight(scene),
    };
    holds(known, || format!("{live} live, but {:?}", state.phase))?;
    let told = state.phase != Phase::Fulfilled || scene.case.plan.kind != Kind::Membership;
    holds(told || scene.case.members.len() == 1, || format!("members: {:?}", scene.case.members))
}

fn closed_leaves_nothing(scene: &Scene<'_>) -> Verdict {
    let Some(Phase::Closed(how)) = scene.case.phase() else { return Ok(()) };
    let plan = &scene.case.plan;
    // a copy that the wire or a late request made lives until it is swept
    let late = wire_made_copies(scene) || scene.case.hits.contains(&Hit::LateAfter);
    let live = scene.outside.live(plan.number).count();
    holds(live == 0 || late, || format!("{how:?}, and {live} meetings live"))?;
    let seats = scene.outside.seated(&event(plan), plan.number);
    holds(seats == 0, || format!("{how:?}, and still on the event"))?;
    let under_way = scene.outside.under_way(plan.number, scene.now);
    holds(under_way == 0, || format!("{how:?}, and {under_way} requests may still take effect"))
}

fn closed_leaves_nobody(scene: &Scene<'_>) -> Verdict {
    let closed = matches!(scene.case.phase(), Some(Phase::Closed(_)));
    holds(!closed || scene.case.members.is_empty(), || format!("closed, and members: {:?}", scene.case.members))
}

fn one_winner(scene: &Scene<'_>) -> Verdict {
    let winners = &scene.case.winners;
    holds(winners.len() < 2, || format!("winners {winners:?}"))?;
    let stored = scene.case.state.as_ref().and_then(|state| state.winner.as_ref());
    holds(stored == winners.last(), || format!("stored winner {stored:?}, events say {winners:?}"))
}

fn told_stays_true(scene: &Scene<'_>) -> Verdict {
    let Some(state) = &scene.case.state else { return Ok(()) };
    let (status, told) = (state.status(), &scene.case.told);
    let stopping = |status: &Status| {
        matches!(status, Status::Cancelling | Status::Cancelled | Status::Revoked | Status::Declined)
            || matches!(status, Status::Expired | Status::Rejected | Status::Failed | Status::Superseded)
    };
    let on = matches!(status, Status::Accepted | Status::Accepting | Status::Pending);
    holds(!(on && told.iter().any(stopping)), || format!("told {told:?}, now {status}"))?;
    let taken_back = matches!(status, Status::Revoked | Status::Declined | Status::Expired | Status::Rejected);
    holds(!(taken_back && told.contains(&Status::Accepted)), || format!("told {told:?}, now {status}"))?;
    scene.case.misled.clone().map_or(Ok(()), Err)
}

fn state_is_the_fold(scene: &Scene<'_>) -> Verdict {
    let case = scene.case;
    holds(case.state == case.folded, || {
        format!("stored {:?}, the events say {:?}", case.phase(), case.folded.as_ref().map(|state| &state.phase))
    })?;
    holds(case.version == case.commits, || format!("version {} after {} commits", case.version, case.commits))
}

fn edges_only(scene: &Scene<'_>) -> Verdict {
    let Some(to) = scene.case.phase() else { return Ok(()) };
    edges::check(scene.case.before.as_ref(), to)
}

fn links_die(scene: &Scene<'_>) -> Verdict {
    use invitations_core::invitation::link::LinkPurpose;
    let case = scene.case;
    let Some(phase) = case.phase() else { return Ok(()) };
    let live = |purpose| case.live_links.iter().any(|link| link.purpose == purpose);
    let answer = !phase.is_open() && live(LinkPurpose::Answer);
    holds(!answer, || format!("an accept link verifies in {phase:?}"))?;
    let verify = *phase != Phase::AwaitingVerification && live(LinkPurpose::VerifyAddress);
    holds(!verify, || format!("a link to verify an address verifies in {phase:?}"))?;
    let old = |link: &&StoredLink| case.links[..case.dead_links].iter().any(|old| old.selector == link.selector);
    let old = case.live_links.iter().find(old);
    holds(old.is_none(), || {
        format!("a link to what is no longer offered verifies: {:?}", old.map(|old| old.generation))
    })
}

/// People get one mail for one thing, and another when it happens again; those who act may be asked again.
fn one_mail(scene: &Scene<'_>) -> Verdict {
    let case = scene.case;
    let again = case.mails.iter().find(|((_, purpose, revision), dedupes)| {
        let occasions = case.occasions.get(&(*purpose, *revision)).copied().unwrap_or_default();
        dedupes.len() > occasions.max(1) && !matches!(*purpose, "reconnect_wanted" | "operator_alert")
    });
    holds(again.is_none(), || format!("mailed too often: {again:?}"))?;
    let mut guests = BTreeMap::new();
    for (_, entry) in &scene.outside.journal {
        if let super::outside::Entry::GuestMailed { email } = entry {
            *guests.entry(email).or_insert(0) += 1;
        }
    }
    let twice = guests.iter().find(|(_, mails)| **mails > 1);
    holds(twice.is_none(), || format!("a guest was mailed twice: {twice:?}"))
}

fn one_key(scene: &Scene<'_>) -> Verdict {
    let Some(state) = &scene.case.state else { return Ok(()) };
    let planned = |key: &&String| state.effects.iter().any(|effect| effect.key.as_str() == key.as_str());
    let other = scene.case.keys.iter().find(|key| !planned(key));
    holds(other.is_none(), || format!("asked for under {:?}, planned otherwise", scene.case.keys))?;
    let epochs = usize::try_from(state.epoch).unwrap_or(usize::MAX);
    holds(scene.case.keys.len() <= epochs, || format!("{:?} in {epochs} epochs", scene.case.keys))
}

/// One open invitation to the organisation per person, one booking per payment.
fn held_once(scene: &Scene<'_>) -> Verdict {
    let of_one = |state: &State| {
        let open = matches!(state.offer, Offer::Membership { .. }) && state.phase.is_open();
        let person = state.invitees.first().filter(|_| open).map(|invitee| invitee.recipient.clone());
        (state.tenant.clone(), person, state.payment.clone())
    };
    let Some((tenant, person, payment)) = scene.case.state.as_ref().map(of_one) else { return Ok(()) };
    let others = scene.cases.iter().filter(|case| case.plan.number != scene.case.plan.number);
    for (other, theirs, paid) in others.filter_map(|case| case.state.as_ref()).map(of_one) {
        let twice = other == tenant && (person.is_some() && person == theirs || payment.is_some() && payment == paid);
        holds(!twice, || format!("{person:?} or {payment:?} is another's too"))?;
    }
    Ok(())
}

fn holder_writes(scene: &Scene<'_>) -> Verdict {
    scene.case.stale.clone().map_or(Ok(()), Err)
}

fn apart(scene: &Scene<'_>) -> Verdict {
    scene.case.leaked.clone().map_or(Ok(()), Err)
}

fn bounded(scene: &Scene<'_>) -> Verdict {
    let most = MOST_REQUESTS + MOST_REQUESTS / 2 * scene.case.begun.saturating_sub(1);
    holds(scene.case.requests <= most, || format!("{} requests, at most {most} expected", scene.case.requests))
}

/// Everything rests, or waits for a person for a reason that the schedule's faults explain.
fn comes_to_rest(scene: &Scene<'_>) -> Verdict {
    let case = scene.case;
    let Some(state) = &case.state else { return Err("never made".to_owned()) };
    if let Some(unfinished) = &case.unfinished {
        return Err(format!("{:?}: {unfinished}", state.phase));
    }
    match &state.phase {
        // what was in the way is gone, and it is tried again by itself
        Phase::Blocked { cause, .. } => Err(format!("still blocked: {cause:?}")),
        Phase::Quarantined { effect, resume_to } => {
            let effect = state.effect(effect);
            let undecided = effect.is_some_and(|effect| {
                matches!(effect.reconciliation, Some(Reconciliation::Quarantine) | None)
                    && (scene.interrupted || case.hits.iter().any(|hit| hit.is_unclear()))
            });
            let undo = effect.is_some_and(|effect| {
                matches!(effect.status, EffectStatus::UndoPlanned | EffectStatus::Undoing)
                    || matches!(effect.kind, EffectKind::UpdateMeeting(_))
            });
            let stuck = (undo || matches!(resume_to, Resume::Compensating { .. })) && refused(case);
            let copies = wire_made_copies(scene);
            holds(undecided || stuck || copies, || format!("{effect:?} is quarantined for no reason"))
        }
        Phase::Closed(Closed::Failed) => holds(refused(case), || "failed for no reason".to_owned()),
        Phase::Provisioning | Phase::Rescheduling | Phase::Compensating { .. } => {
            Err(format!("rests in {:?}", state.phase))
        }
        Phase::Fulfilled => {
            let undone = state.effects.iter().find(|effect| match effect.status {
                EffectStatus::Done => false,
                // of this meeting; those before it are gone
                EffectStatus::Undone => epoch(effect) == state.epoch && !refused(case),
                _ => true,
            });
            holds(undone.is_none(), || format!("fulfilled with {undone:?}"))?;
            attendees_sit(scene, state)
        }
        _ => Ok(()),
    }
}

/// Whether some effect was refused for good, or so often that it counts as that.
fn refused(case: &Case) -> bool {
    let hit = |hits: &[Hit]| hits.iter().any(|hit| case.hits.contains(hit));
    let too_long = case.plan.impatient && hit(&[Hit::ConsentDead, Hit::Forbidden]);
    hit(&[Hit::RefusedForGood]) || case.refusals > 2 || too_long
}

/// The number of the plan that an effect belongs to.
fn epoch(effect: &Effect) -> u32 {
    effect.id.as_str().split('.').nth(1).and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// Whoever said yes is on the meeting, and whoever has withdrawn is not.
fn attendees_sit(scene: &Scene<'_>, state: &State) -> Verdict {
    let Some((_, made)) = state.meeting().filter(|_| scene.case.plan.kind == Kind::Meeting) else { return Ok(()) };
    let list = scene.outside.seats.get(&made.id);
    for invitee in &state.invitees {
        let Some(address) = invitee.recipient.address() else { continue };
        let sits = list.is_some_and(|list| list.contains(address.canonical()));
        let wrong = match invitee.response {
            Response::Accepted => !sits,
            Response::Declined => sits,
            _ => false,
        };
        holds(!wrong || refused(scene.case), || {
            format!("{address} said {:?}, on the meeting: {sits}", invitee.response)
        })?;
    }
    Ok(())
}

use super::{Event, Phase, Response, Resume, State};
use crate::{
    ids::EffectId,
    invitation::{Effect, EffectStatus, Reconciliation},
};

/// Applies what happened. Total: an event about an effect or invitee that is not there changes nothing.
///
/// `None` and an event other than [`Event::Created`] stay `None`.
pub fn evolve(state: Option<State>, event: &Event) -> Option<State> {
    if let Event::Created { state } = event {
        return Some((**state).clone());
    }
    let mut state = state?;
    match event {
        Event::Created { .. } => {}
        Event::RequesterVerified => state.phase = Phase::AwaitingApproval,
        Event::ApprovalRecorded { by } => state.approvals.extend(by.clone()),
        Event::InviteeAccepted { invitee, by } => answer(&mut state, *invitee, Response::Accepted, Some(by.clone())),
        Event::InviteeDeclined { invitee, by } => answer(&mut state, *invitee, Response::Declined, by.clone()),
        Event::Won { winner } => state.winner = Some(winner.clone()),
        Event::ProvisioningStarted { at, epoch, effects } => {
            state.claimed_at = Some(*at);
            state.epoch = *epoch;
            state.effects.extend(effects.iter().cloned());
            state.phase = Phase::Provisioning;
        }
        Event::EffectAdded { effect } => state.effects.push((**effect).clone()),
        Event::Fulfilled => {
            state.phase = Phase::Fulfilled;
            state.attention = None;
        }
        Event::CompensationStarted { target } => {
            state.phase = Phase::Compensating { target: *target };
            state.attention = None;
            // what waits for a look or is in flight keeps its time; what was never begun is not begun any more
            for effect in &mut state.effects {
                if matches!(effect.status, EffectStatus::Planned | EffectStatus::Retry) && !effect.tainted {
                    rest(effect, EffectStatus::Undone);
                }
            }
        }
        Event::Blocked { cause, effect, problem } => {
            let resume_to = resume_to(&state.phase);
            on(&mut state, effect, |effect| {
                effect.due_at = None;
                effect.problem = Some(problem.clone());
                effect.status = match effect.status {
                    EffectStatus::Undoing | EffectStatus::UndoPlanned => EffectStatus::UndoPlanned,
                    EffectStatus::InFlight => EffectStatus::Retry,
                    other => other,
                };
            });
            state.attention = Some(problem.clone());
            state.phase = Phase::Blocked { cause: *cause, resume_to };
        }
        Event::Quarantined { effect, problem } => {
            let resume_to = resume_to(&state.phase);
            on(&mut state, effect, |effect| {
                effect.due_at = None;
                effect.problem = Some(problem.clone());
            });
            state.attention = Some(problem.clone());
            state.phase = Phase::Quarantined { effect: effect.clone(), resume_to };
        }
        Event::Resumed { at } => {
            if let Phase::Blocked { resume_to, .. } | Phase::Quarantined { resume_to, .. } = state.phase {
                state.phase = match resume_to {
                    Resume::Provisioning => Phase::Provisioning,
                    Resume::Rescheduling => Phase::Rescheduling,
                    Resume::Compensating { target } => Phase::Compensating { target },
                };
            }
            state.attention = None;
            for effect in &mut state.effects {
                effect.refusals = 0;
            }
            wake(&mut state, *at);
        }
        Event::Closed { how, .. } => {
            state.phase = Phase::Closed(*how);
            for effect in &mut state.effects {
                effect.due_at = None;
            }
        }
        Event::EffectStarted { .. }
        | Event::EffectDone { .. }
        | Event::EffectRetry { .. }
        | Event::EffectUnknown { .. }
        | Event::EffectNotSeen { .. }
        | Event::EffectAbsent { .. }
        | Event::EffectFailed { .. }
        | Event::UndoPlanned { .. }
        | Event::EffectUndone { .. } => effect_event(&mut state, event),
    }
    Some(state)
}

fn effect_event(state: &mut State, event: &Event) {
    match event {
        Event::EffectStarted { effect, attempt, reconciliation, request_deadline, reconcile_at } => {
            on(state, effect, |effect| {
                let undoing = matches!(effect.status, EffectStatus::UndoPlanned | EffectStatus::Undoing);
                // begun again without a report: whatever was sent before may have acted
                effect.tainted |= effect.status == EffectStatus::InFlight;
                effect.status = if undoing { EffectStatus::Undoing } else { EffectStatus::InFlight };
                effect.attempt = *attempt;
                effect.absent_answers = 0;
                effect.reconciliation = Some(*reconciliation);
                effect.request_deadline = Some(*request_deadline);
                effect.due_at = Some(*reconcile_at);
            });
        }
        Event::EffectDone { effect, at, found } => {
            on(state, effect, |effect| {
                if let Some(found) = found {
                    effect.found = Some((**found).clone());
                }
                effect.refusals = 0;
                effect.problem = None;
                rest(effect, EffectStatus::Done);
            });
            wake(state, *at);
        }
        Event::EffectRetry { effect, at, problem } => on(state, effect, |effect| {
            let undoing = matches!(effect.status, EffectStatus::UndoPlanned | EffectStatus::Undoing);
            effect.status = if undoing { EffectStatus::UndoPlanned } else { EffectStatus::Retry };
            effect.refusals += 1;
            effect.request_deadline = None;
            effect.due_at = Some(*at);
            effect.problem = Some(problem.clone());
        }),
        Event::EffectUnknown { effect, reconcile_at, problem } => on(state, effect, |effect| {
            effect.tainted = true;
            effect.due_at = Some(*reconcile_at);
            effect.problem = Some(problem.clone());
        }),
        Event::EffectNotSeen { effect, reconcile_at } => on(state, effect, |effect| {
            effect.absent_answers += 1;
            effect.due_at = Some(*reconcile_at);
        }),
        Event::EffectAbsent { effect, at } => on(state, effect, |effect| {
            effect.status = EffectStatus::Retry;
            effect.tainted = !matches!(effect.reconciliation, Some(Reconciliation::LookUp { exact: true, .. }));
            effect.absent_answers = 0;
            effect.request_deadline = None;
            effect.due_at = Some(*at);
        }),
        Event::EffectFailed { effect, problem } => on(state, effect, |effect| {
            effect.problem = Some(problem.clone());
            rest(effect, EffectStatus::Undone);
        }),
        Event::UndoPlanned { effect, at } => on(state, effect, |effect| {
            effect.status = EffectStatus::UndoPlanned;
            effect.refusals = 0;
            effect.request_deadline = None;
            effect.due_at = Some(*at);
        }),
        Event::EffectUndone { effect } => on(state, effect, |effect| rest(effect, EffectStatus::Undone)),
        _ => {}
    }
}

fn on(state: &mut State, id: &EffectId, change: impl FnOnce(&mut Effect)) {
    if let Some(effect) = state.effects.iter_mut().find(|effect| effect.id == *id) {
        change(effect);
    }
}

/// While making, the first effect that is not done is due; while undoing, all that are left; while a person has to act, none.
fn wake(state: &mut State, at: chrono::DateTime<chrono::Utc>) {
    if matches!(state.phase, Phase::Blocked { .. } | Phase::Quarantined { .. }) {
        return;
    }
    let undoing = matches!(state.phase, Phase::Compensating { .. });
    let left = |effect: &&mut Effect| !matches!(effect.status, EffectStatus::Done | EffectStatus::Undone);
    let most = if undoing { usize::MAX } else { 1 };
    for effect in state.effects.iter_mut().filter(left).take(most) {
        effect.due_at = effect.due_at.or(Some(at));
    }
}

fn rest(effect: &mut Effect, status: EffectStatus) {
    effect.status = status;
    effect.due_at = None;
    effect.request_deadline = None;
}

fn answer(state: &mut State, invitee: usize, response: Response, by: Option<crate::ids::PrincipalId>) {
    if let Some(invitee) = state.invitees.get_mut(invitee) {
        (invitee.response, invitee.answered_by) = (response, by);
    }
}

fn resume_to(phase: &Phase) -> Resume {
    match phase {
        Phase::Compensating { target } => Resume::Compensating { target: *target },
        Phase::Rescheduling => Resume::Rescheduling,
        Phase::Blocked { resume_to, .. } | Phase::Quarantined { resume_to, .. } => *resume_to,
        _ => Resume::Provisioning,
    }
}

//! Events about single effects.

use chrono::{DateTime, Utc};

use crate::{
    ids::EffectId,
    invitation::{
        Effect, EffectKind, EffectStatus, Reconciliation,
        effect::Problem,
        machine::{Event, Phase, State},
    },
};

pub(super) fn apply(state: &mut State, event: &Event) {
    match event {
        Event::EffectAdded { effect } => state.effects.push((**effect).clone()),
        Event::EffectStarted { effect, attempt, reconciliation, request_deadline, reconcile_at } => {
            on(state, effect, |effect| {
                let undoing = is_undo(effect);
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
            let mut found = found.as_deref().cloned();
            if let Some(found) = &mut found {
                // made anew, it is still what we had put there
                found.created |= state
                    .effects
                    .iter()
                    .filter_map(|other| other.found.as_ref())
                    .any(|known| known.created && (&known.id, &known.account) == (&found.id, &found.account));
            }
            on(state, effect, |effect| {
                effect.found = found.or(effect.found.take());
                effect.problem = None;
                rest(effect, EffectStatus::Done);
            });
            progress(state);
            wake(state, *at);
        }
        Event::EffectRetry { effect, at, problem } => on(state, effect, |effect| {
            effect.status = if is_undo(effect) { EffectStatus::UndoPlanned } else { EffectStatus::Retry };
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
        Event::UndoPlanned { effect, at } => on(state, effect, |effect| plan_undo(effect, *at)),
        Event::EffectUndone { effect } => {
            on(state, effect, |effect| rest(effect, EffectStatus::Undone));
            progress(state);
        }
        Event::SweepPlanned { effect, at } => on(state, effect, |effect| {
            // planned again: it could not be looked at
            effect.refusals += u32::from(effect.due_at.is_some());
            effect.due_at = Some(*at);
        }),
        Event::Swept { effect, next_at, .. } => on(state, effect, |effect| {
            effect.swept += 1;
            effect.refusals = 0;
            effect.due_at = *next_at;
        }),
        _ => {}
    }
}

/// What stands in an effect's way is for a person; what it had begun it begins again afterwards.
pub(super) fn block(state: &mut State, id: &EffectId, problem: &Problem) {
    park(state, id, problem);
    on(state, id, |effect| {
        effect.status = match effect.status {
            EffectStatus::Undoing | EffectStatus::UndoPlanned => EffectStatus::UndoPlanned,
            EffectStatus::InFlight => EffectStatus::Retry,
            other => other,
        };
    });
}

pub(super) fn park(state: &mut State, id: &EffectId, problem: &Problem) {
    on(state, id, |effect| {
        effect.due_at = None;
        effect.problem = Some(problem.clone());
    });
}

/// What was never begun is not begun any more, and what leaves nothing behind needs no undo. What waits for a look or is in flight
/// keeps its time.
pub(super) fn drop_unbegun(state: &mut State) {
    for effect in &mut state.effects {
        let lasting = effect.kind.leaves_something();
        let drop = match effect.status {
            EffectStatus::Planned | EffectStatus::Retry => !effect.tainted || !lasting,
            EffectStatus::Done => !lasting,
            EffectStatus::InFlight | EffectStatus::UndoPlanned | EffectStatus::Undoing | EffectStatus::Undone => false,
        };
        if drop {
            rest(effect, EffectStatus::Undone);
        }
    }
}

/// The meeting and what the embedder has made go first; attendees go with the meeting. A guest and a place at an event stay, are made
/// sure of once more, and are taken back with everything else.
pub(super) fn replace(state: &mut State, at: DateTime<Utc>) {
    for effect in state.effects.iter_mut().filter(|effect| effect.status == EffectStatus::Done) {
        match effect.kind {
            EffectKind::CreateMeeting(_) | EffectKind::Custom { .. } => plan_undo(effect, at),
            EffectKind::InviteGuest(_) | EffectKind::AddToEvent { .. } => {}
            _ => rest(effect, EffectStatus::Undone),
        }
    }
}

/// Everything that is left is due; while things are made, only the first of it is looked at, and while a person has to act, what
/// waits for the person waits on.
pub(super) fn wake(state: &mut State, at: DateTime<Utc>) {
    if matches!(state.phase, Phase::Blocked { .. } | Phase::Quarantined { .. }) {
        return;
    }
    for effect in state.effects.iter_mut().filter(|effect| !effect.is_at_rest()) {
        effect.due_at = effect.due_at.or(Some(at));
    }
}

pub(super) fn rest(effect: &mut Effect, status: EffectStatus) {
    effect.status = status;
    effect.due_at = None;
    effect.request_deadline = None;
    (effect.refusals, effect.swept) = (0, 0);
}

fn plan_undo(effect: &mut Effect, at: DateTime<Utc>) {
    effect.status = EffectStatus::UndoPlanned;
    effect.refusals = 0;
    effect.request_deadline = None;
    effect.due_at = Some(at);
}

/// Something went well: what was blocked before is over, unless somebody is still waited for because of another effect.
fn progress(state: &mut State) {
    if !matches!(state.phase, Phase::Blocked { .. }) {
        state.blocking = None;
    }
}

fn is_undo(effect: &Effect) -> bool {
    matches!(effect.status, EffectStatus::UndoPlanned | EffectStatus::Undoing)
}

fn on(state: &mut State, id: &EffectId, change: impl FnOnce(&mut Effect)) {
    if let Some(effect) = state.effects.iter_mut().find(|effect| effect.id == *id) {
        change(effect);
    }
}

//! What is known about every invitation from its commits and from outside, and the check of the invariants at every change.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use invitations_core::{
    ids::EffectId,
    invitation::{
        Claimed, Commit, Event, Standing, State,
        link::StoredLink,
        machine::{Offer, Phase},
    },
};

use super::{
    case::Case,
    invariants::{INVARIANTS, Scene},
    outside::{Outside, case_in},
    swarm::Plan,
};

/// A broken invariant.
#[derive(Clone, Debug)]
pub(super) struct Violation {
    pub(super) invariant: &'static str,
    pub(super) text: String,
    pub(super) step: u64,
}

type Row = (usize, EffectId);

#[derive(Debug)]
pub(super) struct Oracle {
    pub(super) cases: Vec<Case>,
    pub(super) outside: Outside,
    /// Somebody crashed or was paused, or the store failed.
    pub(super) interrupted: bool,
    pub(super) violations: Vec<Violation>,
    /// The newest lease of every row.
    leases: BTreeMap<Row, u64>,
    /// The newest lease that each task was given, and the attempt it began under it.
    held: BTreeMap<(usize, Row), (u64, Option<u32>)>,
}

impl Oracle {
    pub(super) fn new(plans: &[Arc<Plan>]) -> Self {
        Self {
            cases: plans.iter().map(Case::new).collect(),
            outside: Outside::default(),
            interrupted: false,
            violations: Vec::new(),
            leases: BTreeMap::new(),
            held: BTreeMap::new(),
        }
    }

    /// What was answered to somebody.
    pub(super) fn told(&mut self, case: usize, standing: &Standing) {
        let case = &mut self.cases[case];
        // an answer about the one before it
        let current = case.id.as_ref() == Some(&standing.id);
        if current && case.told.last() != Some(&standing.status) {
            case.told.push(standing.status);
        }
    }

    pub(super) fn claimed(&mut self, task: usize, rows: &[Claimed]) {
        for row in rows {
            if let Claimed::Effect { invitation, effect, fence, .. } = row
                && let Some(case) = self.cases.iter().position(|case| case.id.as_ref() == Some(invitation))
            {
                self.leases.insert((case, effect.clone()), *fence);
                self.held.insert((task, (case, effect.clone())), (*fence, None));
            }
        }
    }

    /// A commit was written; `stored` is what the store now has.
    pub(super) fn committed(
        &mut self,
        task: usize,
        commit: &Commit,
        stored: (State, u64),
        live_links: Vec<StoredLink>,
    ) -> Option<usize> {
        let number = case_of(&commit.state)?;
        self.fenced(task, number, commit);
        let case = self.cases.get_mut(number)?;
        if case.is_too_late(commit) {
            case.begin_anew();
        }
        case.committed(task, commit, stored);
        case.live_links = live_links;
        Some(number)
    }

    /// Whoever writes about an effect under a lease must hold the newest one, and report on the attempt it began.
    fn fenced(&mut self, task: usize, number: usize, commit: &Commit) {
        for event in &commit.events {
            let Some(effect) = about(event) else { continue };
            // nobody's report: what was blocked for too long
            let blocked = matches!(self.cases[number].phase(), Some(Phase::Blocked { .. }));
            if blocked && matches!(event, Event::Quarantined { .. } | Event::EffectFailed { .. }) {
                continue;
            }
            let row = (number, effect.clone());
            let Some((fence, began)) = self.held.get_mut(&(task, row.clone())) else { continue };
            let newest = self.leases.get(&row).copied().unwrap_or_default();
            let case = &mut self.cases[number];
            if *fence != newest {
                case.stale = Some(format!("{effect}: written under lease {fence}, {newest} was given out"));
            }
            match event {
                Event::EffectStarted { attempt, .. } => *began = Some(*attempt),
                _ => {
                    let now = case.state.as_ref().and_then(|state| state.effect(effect)).map(|effect| effect.attempt);
                    if began.is_some() && *began != now {
                        case.stale = Some(format!("{effect}: a report of attempt {began:?} during {now:?}"));
                    }
                }
            }
        }
    }

    /// Checks every invariant on one invitation.
    pub(super) fn check(&mut self, case: usize, now: Instant, step: u64) {
        self.judge(case, now, step, false);
    }

    /// As [`check`](Self::check), when everything has come to rest.
    pub(super) fn check_end(&mut self, case: usize, now: Instant, step: u64) {
        self.judge(case, now, step, true);
    }

    fn judge(&mut self, number: usize, now: Instant, step: u64, end: bool) {
        let live = self.outside.live(number).count();
        let case = &mut self.cases[number];
        case.most_live = case.most_live.max(live);
        let scene = Scene {
            case: &self.cases[number],
            cases: &self.cases,
            outside: &self.outside,
            now,
            interrupted: self.interrupted,
        };
        let mut found = Vec::new();
        for invariant in INVARIANTS {
            if self.violations.iter().any(|one| one.invariant == invariant.name) {
                continue;
            }
            let verdict = (invariant.always)(&scene).and_then(|()| if end { (invariant.end)(&scene) } else { Ok(()) });
            if let Err(text) = verdict {
                found.push(Violation { invariant: invariant.name, text: format!("case {number}: {text}"), step });
            }
        }
        self.violations.extend(found);
    }
}

/// The effect that a worker's event is about.
fn about(event: &Event) -> Option<&EffectId> {
    match event {
        Event::EffectStarted { effect, .. }
        | Event::EffectDone { effect, .. }
        | Event::EffectRetry { effect, .. }
        | Event::EffectUnknown { effect, .. }
        | Event::EffectNotSeen { effect, .. }
        | Event::EffectAbsent { effect, .. }
        | Event::EffectFailed { effect, .. }
        | Event::EffectUndone { effect }
        | Event::Blocked { effect, .. }
        | Event::Quarantined { effect, .. } => Some(effect),
        _ => None,
    }
}

fn case_of(state: &State) -> Option<usize> {
    match &state.offer {
        Offer::Meeting { draft, .. } | Offer::Booking { draft, .. } => case_in(&draft.subject),
        // whom it is for may be somebody whom another invites too
        Offer::Membership { role } => case_in(role.as_str()),
        _ => state.invitees.iter().find_map(|invitee| case_in(invitee.recipient.address()?.canonical())),
    }
}

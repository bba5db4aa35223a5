//! One invitation, as the simulator knows it: from its commits, from its callers, and from what was asked of providers for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use invitations_core::{
    ids::{InvitationId, PrincipalId},
    invitation::{
        Commit, Event, State, Status, evolve,
        link::StoredLink,
        machine::{Closed, Phase, Reminder},
    },
    secret::InvitationLink,
};

use super::{
    hit::Hit,
    swarm::{Kind, Plan},
};

#[derive(Debug)]
pub(super) struct Case {
    pub(super) plan: Arc<Plan>,
    pub(super) id: Option<InvitationId>,
    /// As stored.
    pub(super) state: Option<State>,
    /// As the events say.
    pub(super) folded: Option<State>,
    pub(super) before: Option<Phase>,
    pub(super) commits: u64,
    pub(super) version: u64,
    pub(super) winners: Vec<PrincipalId>,
    pub(super) links: Vec<StoredLink>,
    /// The first so many of them must be dead: what they offer is no longer offered.
    pub(super) dead_links: usize,
    /// Those that still verify.
    pub(super) live_links: Vec<StoredLink>,
    /// The links to answer by that people have got, oldest first.
    pub(super) answer_links: Vec<InvitationLink>,
    pub(super) told: Vec<Status>,
    /// The revision that a caller was shown, by task.
    pub(super) shown: BTreeMap<usize, u32>,
    /// An acceptance of something else than was shown.
    pub(super) misled: Option<String>,
    /// Under which keys a create was asked for.
    pub(super) keys: BTreeSet<String>,
    /// To whom, for what: under which dedupe values.
    pub(super) mails: BTreeMap<(String, &'static str, u32), BTreeSet<String>>,
    /// How often there was a reason for what, at which revision.
    pub(super) occasions: BTreeMap<(&'static str, u32), usize>,
    /// Whom the embedder was told about.
    pub(super) members: BTreeSet<PrincipalId>,
    pub(super) hits: BTreeSet<Hit>,
    pub(super) refusals: u32,
    pub(super) requests: u32,
    /// How often somebody set workers to work.
    pub(super) begun: u32,
    /// A write without the lease.
    pub(super) stale: Option<String>,
    /// Something of one organisation reached another.
    pub(super) leaked: Option<String>,
    pub(super) most_live: usize,
    /// No look at what was too much succeeded; the operator was told.
    pub(super) given_up: bool,
    /// What was still to be done in the end.
    pub(super) unfinished: Option<String>,
}

impl Case {
    pub(super) fn new(plan: &Arc<Plan>) -> Self {
        Self {
            plan: Arc::clone(plan),
            id: None,
            state: None,
            folded: None,
            before: None,
            commits: 0,
            version: 0,
            winners: Vec::new(),
            links: Vec::new(),
            dead_links: 0,
            live_links: Vec::new(),
            answer_links: Vec::new(),
            told: Vec::new(),
            shown: BTreeMap::new(),
            misled: None,
            keys: BTreeSet::new(),
            mails: BTreeMap::new(),
            occasions: BTreeMap::new(),
            members: BTreeSet::new(),
            hits: BTreeSet::new(),
            refusals: 0,
            requests: 0,
            begun: 0,
            stale: None,
            leaked: None,
            most_live: 0,
            given_up: false,
            unfinished: None,
        }
    }

    pub(super) fn phase(&self) -> Option<&Phase> {
        self.state.as_ref().map(|state| &state.phase)
    }

    /// Whether what was prepared had expired when it was paid, so that another invitation follows it.
    pub(super) fn is_too_late(&self, commit: &Commit) -> bool {
        let other = self.id.as_ref().is_some_and(|id| *id != commit.id);
        other && self.plan.kind == Kind::Booking && self.phase() == Some(&Phase::Closed(Closed::Expired))
    }

    /// All that counts on is what was done outside.
    pub(super) fn begin_anew(&mut self) {
        let (hits, keys) = (std::mem::take(&mut self.hits), std::mem::take(&mut self.keys));
        let Self { refusals, requests, begun, most_live, .. } = *self;
        *self = Self { hits, keys, refusals, requests, begun, most_live, ..Self::new(&self.plan) };
    }

    pub(super) fn committed(&mut self, task: usize, commit: &Commit, (state, version): (State, u64)) {
        let revision = self.state.as_ref().map(|state| state.revision);
        self.id = Some(commit.id.clone());
        self.before = self.phase().cloned();
        self.commits += 1;
        for event in &commit.events {
            self.folded = evolve(self.folded.take(), event);
            for occasion in occasions(event) {
                *self.occasions.entry((occasion, state.revision)).or_default() += 1;
            }
            self.begun += u32::from(sets_to_work(event));
            match event {
                Event::Won { winner } => self.winners.push(winner.clone()),
                // who was asked before answers something else
                Event::Amended { .. } | Event::Resent { .. } | Event::CounterAccepted { .. } => {
                    self.dead_links = self.links.len();
                }
                Event::InviteeAccepted { .. } => self.answered(task, revision),
                _ => {}
            }
        }
        self.given_up |= matches!(commit.events[..], [Event::Swept { .. }]) && !commit.outbox.is_empty();
        self.links.extend(commit.links.iter().cloned());
        (self.state, self.version) = (Some(state), version);
    }

    fn answered(&mut self, task: usize, revision: Option<u32>) {
        let shown = self.shown.get(&task).copied();
        if shown.is_some() && shown != revision {
            self.misled = Some(format!("revision {shown:?} was shown, {revision:?} accepted"));
        }
    }
}

/// What people may be told because of it.
fn occasions(event: &Event) -> &'static [&'static str] {
    match event {
        Event::Created { .. } => &["confirm_address", "approval_wanted", "invited"],
        Event::RequesterVerified { .. } => &["approval_wanted"],
        Event::ApprovedToSend { .. } | Event::Resent { .. } => &["invited"],
        Event::Amended { .. } | Event::CounterAccepted { .. } => &["updated"],
        Event::Countered { .. } => &["counter_proposed"],
        Event::CounterDeclined { .. } => &["counter_declined"],
        Event::InviteeDeclined { .. } => &["declined"],
        Event::Fulfilled { .. } => &["accepted"],
        Event::Rescheduled { .. } => &["rescheduled"],
        Event::Reminded { reminder: Reminder::BeforeExpiry { .. } } => {
            &["confirm_address", "approval_wanted", "answer_wanted", "counter_proposed"]
        }
        Event::Reminded { .. } => &["starts_soon", "nobody_joined"],
        _ => &[],
    }
}

fn sets_to_work(event: &Event) -> bool {
    matches!(
        event,
        Event::ProvisioningStarted { .. }
            | Event::CompensationStarted { .. }
            | Event::RescheduleStarted { .. }
            | Event::EffectAdded { .. }
            | Event::ResolvedManually { .. }
            | Event::Resumed { probe: false, .. }
    )
}

use chrono::{DateTime, Utc};

use super::{Closed, Invitee, Offer, Phase, Policy, Quorum, Recipient, Reminder, Response, Status};
use crate::{
    ids::{EffectId, InvitationId, PrincipalId, Reference, TenantId},
    invitation::{Effect, EffectKind, EffectStatus, ExternalRef, effect::Problem},
    provider::MeetingDraft,
    time::Slot,
};

/// An invitation, as the fold of its events.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct State {
    /// Its id.
    pub id: InvitationId,
    /// In which organisation.
    pub tenant: TenantId,
    /// Where it stands.
    pub phase: Phase,
    /// Counts the changes of what is offered (iTIP SEQUENCE); starts at 0.
    pub revision: u32,
    /// What is offered.
    pub offer: Offer,
    /// Who invited; `None` when nobody did (a booking, an access request).
    pub inviter: Option<PrincipalId>,
    /// Who is invited.
    pub invitees: Vec<Invitee>,
    /// How many must accept.
    pub quorum: Quorum,
    /// Whose acceptance met the quorum.
    pub winner: Option<PrincipalId>,
    /// Who approved.
    pub approvals: Vec<PrincipalId>,
    /// What is made outside, in order.
    pub effects: Vec<Effect>,
    /// Counts the plans; part of every effect's key.
    pub epoch: u32,
    /// Counts the links given out.
    pub link_generation: u32,
    /// When it was made, UTC.
    pub created_at: DateTime<Utc>,
    /// When it was claimed (accepted, approved or paid), UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_at: Option<DateTime<Utc>>,
    /// It is live before this time (UTC), as long as it waits for an answer.
    pub expires_at: Option<DateTime<Utc>>,
    /// What stands in the way, for people.
    pub attention: Option<Problem>,
    /// Where its makers had a choice.
    #[serde(default, skip_serializing_if = "is_default")]
    pub policy: Policy,
    /// The inviter's name for people, as it was when they invited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inviter_name: Option<String>,
    /// Since when it stands where it stands, UTC; `None` in rows of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// Since when it is on, at the time at which it is on now, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_since: Option<DateTime<Utc>>,
    /// The times an invitee has offered instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counter: Option<Counter>,
    /// What the block waits for; kept while it probes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocking: Option<Blocking>,
    /// When it was sent last, UTC; `None`: once, when it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resent_at: Option<DateTime<Utc>>,
    /// The reminders that are done, for what is offered now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reminded: Vec<Reminder>,
    /// The payment it was made for. Stays taken for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Reference>,
    /// How what exists outside differs from what was made, as far as anybody has said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<Drift>,
}

/// Other times, offered by an invitee.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct Counter {
    /// Which invitee, by place.
    pub invitee: usize,
    /// Who offered.
    pub by: PrincipalId,
    /// The times; one or more, all in the future when they were offered.
    pub slots: Vec<Slot>,
}

/// A block: since when, and what happens by itself.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct Blocking {
    /// Since when, UTC; probes in between do not count as an end.
    pub since: DateTime<Utc>,
    /// How often it was tried again by itself.
    pub probes: u32,
    /// When it is tried again by itself, UTC; `None`: no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe_at: Option<DateTime<Utc>>,
    /// When it is given up and undone, UTC.
    pub give_up_at: DateTime<Utc>,
}

impl Blocking {
    /// A block that is tried again by itself at `probe_at` and given up at `give_up_at`.
    pub fn new(since: DateTime<Utc>, probe_at: Option<DateTime<Utc>>, give_up_at: DateTime<Utc>) -> Self {
        Self { since, probes: 0, probe_at, give_up_at }
    }
}

/// A difference between what was made and what exists.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Drift {
    /// Somebody changed it at the provider.
    Changed,
    /// It is no longer there.
    Gone,
}

/// What the machine itself has to do at some time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Tick {
    /// It expires ([`Command::ExpireTick`](super::Command::ExpireTick)).
    Expire,
    /// Somebody is to be reminded ([`Command::RemindTick`](super::Command::RemindTick)).
    Remind(Reminder),
    /// A block is tried again ([`Command::Resume`](super::Command::Resume) by the system).
    Probe,
    /// A block has lasted too long ([`Command::BlockedTick`](super::Command::BlockedTick)).
    GiveUp,
}

fn is_default(policy: &Policy) -> bool {
    *policy == Policy::default()
}

impl State {
    /// Somebody may be invited to `offer`: waiting, with nobody in it yet.
    pub fn new(id: InvitationId, tenant: TenantId, offer: Offer, created_at: DateTime<Utc>) -> Self {
        Self {
            id,
            tenant,
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
            created_at,
            claimed_at: None,
            expires_at: None,
            attention: None,
            policy: Policy::default(),
            inviter_name: None,
            since: None,
            on_since: None,
            counter: None,
            blocking: None,
            resent_at: None,
            reminded: Vec::new(),
            payment: None,
            drift: None,
        }
    }

    /// What outsiders see.
    pub fn status(&self) -> Status {
        self.phase.status()
    }

    /// The next thing the machine itself has to do, and when (UTC).
    pub fn next_tick(&self) -> Option<(DateTime<Utc>, Tick)> {
        let reminders = self.policy.reminders.iter().filter(|reminder| !self.reminded.contains(reminder));
        let reminders = reminders.filter_map(|one| Some((self.reminder_at(*one)?, Tick::Remind(*one))));
        let expiry = self.expires_at.filter(|_| self.phase.is_open()).map(|at| (at, Tick::Expire));
        let blocking = self.blocking.as_ref().filter(|_| matches!(self.phase, Phase::Blocked { .. }));
        let probe = blocking.and_then(|blocking| blocking.probe_at).map(|at| (at, Tick::Probe));
        let give_up = blocking.map(|blocking| (blocking.give_up_at, Tick::GiveUp));
        // at the same moment the end comes first: nobody is reminded of what is over
        expiry.into_iter().chain(give_up).chain(probe).chain(reminders).min_by_key(|(at, _)| *at)
    }

    /// When the machine itself has something to do, UTC.
    pub fn deadline(&self) -> Option<DateTime<Utc>> {
        self.next_tick().map(|(at, _)| at)
    }

    /// When a reminder is due, UTC. One whose time was over before there was anything to be reminded of is never due.
    fn reminder_at(&self, reminder: Reminder) -> Option<DateTime<Utc>> {
        let seconds = |seconds: u64| chrono::Duration::try_seconds(i64::try_from(seconds).ok()?);
        let start = || self.draft().filter(|_| self.phase == Phase::Fulfilled).map(|draft| draft.slot.start_instant());
        let (at, since) = match reminder {
            Reminder::BeforeExpiry { seconds: before } => {
                let end = self.expires_at.filter(|_| self.phase.is_open())?;
                (end.checked_sub_signed(seconds(before)?)?, self.resent_at.unwrap_or(self.created_at))
            }
            Reminder::BeforeStart { seconds: before } => {
                (start()?.checked_sub_signed(seconds(before)?)?, self.on_since.unwrap_or(self.created_at))
            }
            Reminder::NobodyJoined { seconds: after } => {
                (start()?.checked_add_signed(seconds(after)?)?, self.on_since.unwrap_or(self.created_at))
            }
        };
        (at > since).then_some(at)
    }

    /// The meeting that is offered, if one is.
    pub fn draft(&self) -> Option<&MeetingDraft> {
        match &self.offer {
            Offer::Meeting { draft, .. } | Offer::Booking { draft, .. } => Some(draft),
            Offer::Membership { .. } | Offer::Access { .. } => None,
        }
    }

    /// The meeting that was made, and the effect that made it.
    pub fn meeting(&self) -> Option<(&Effect, &ExternalRef)> {
        let made = self.effects.iter().rev().filter(|effect| effect.status == EffectStatus::Done);
        let mut meetings = made.filter(|effect| matches!(effect.kind, EffectKind::CreateMeeting(_)));
        meetings.find_map(|effect| Some((effect, effect.found.as_ref()?)))
    }

    /// The effect that is to be made or undone next. They are made in order and undone in reverse: while all is taken back, and before a
    /// meeting is made anew.
    pub fn next_effect(&self) -> Option<&Effect> {
        let mut latest = self.effects.iter().rev();
        if self.phase.undo_target().is_some() {
            // what waits for a person, and has no time, does not hold up the others
            return latest.find(|effect| !effect.is_at_rest() && effect.due_at.is_some());
        }
        let old = |effect: &&Effect| matches!(effect.status, EffectStatus::UndoPlanned | EffectStatus::Undoing);
        latest.find(old).or_else(|| self.effects.iter().find(|effect| !effect.is_at_rest()))
    }

    /// The effects a worker should look at, and when (UTC). Every other effect of this invitation is not due.
    pub fn schedule(&self) -> impl Iterator<Item = (&EffectId, DateTime<Utc>)> {
        let making = matches!(self.phase, Phase::Provisioning | Phase::Fulfilled | Phase::Rescheduling);
        let working = making || self.phase.undo_target().is_some();
        let next = self.next_effect().filter(|_| working).map(|effect| &effect.id);
        let sweeping = matches!(self.phase, Phase::Fulfilled | Phase::Closed(_));
        self.effects.iter().filter_map(move |effect| {
            let wanted = if effect.is_at_rest() { sweeping } else { next == Some(&effect.id) };
            Some((&effect.id, effect.due_at.filter(|_| wanted)?))
        })
    }

    /// Names that only one invitation of the organisation may hold at a time. A payment's is held for good.
    pub fn holds(&self) -> Vec<String> {
        let payment = self.payment.iter().map(|payment| format!("payment\n{payment}"));
        if matches!(self.phase, Phase::Closed(_)) {
            return payment.collect();
        }
        #[cfg(seeded)]
        if crate::seeded::seeded("S13") {
            return Vec::new();
        }
        let addresses = self.invitees.iter().filter_map(|invitee| match &invitee.recipient {
            Recipient::Address(address) => Some(address.canonical()),
            Recipient::Principal(_) => None,
        });
        let holds: Vec<_> = match &self.offer {
            // once fulfilled, a further invitation (another role) is the embedder's business
            Offer::Membership { .. } if self.phase.is_open() => {
                addresses.map(|address| format!("membership\n{address}")).collect()
            }
            Offer::Access { resource, .. } => {
                addresses.map(|address| format!("access\n{resource}\n{address}")).collect()
            }
            Offer::Membership { .. } | Offer::Meeting { .. } | Offer::Booking { .. } => Vec::new(),
        };
        holds.into_iter().chain(payment).collect()
    }

    /// The effect with this id.
    pub fn effect(&self, id: &EffectId) -> Option<&Effect> {
        self.effects.iter().find(|effect| effect.id == *id)
    }

    /// Whether an invitee may answer it now.
    pub fn is_answerable(&self) -> bool {
        matches!(self.phase, Phase::Pending | Phase::Countered) && !self.invitees.is_empty()
    }

    /// How it ended, if it is over.
    pub fn closed(&self) -> Option<Closed> {
        match self.phase {
            Phase::Closed(how) => Some(how),
            _ => None,
        }
    }

    /// How many invitees have accepted.
    pub fn accepted(&self) -> usize {
        self.invitees.iter().filter(|invitee| invitee.response == Response::Accepted).count()
    }

    /// Whether it was on before: what is made now comes after something of the kind that was made.
    pub(super) fn is_made_anew(&self) -> bool {
        self.effects.iter().enumerate().any(|(place, old)| {
            old.found.is_some() && self.effects[place + 1..].iter().any(|new| new.kind.name() == old.kind.name())
        })
    }

    /// Whether nothing is in flight or left to do.
    pub fn is_at_rest(&self) -> bool {
        self.effects.iter().all(Effect::is_at_rest)
    }
}

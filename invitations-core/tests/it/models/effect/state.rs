//! All that the model remembers, and what must always hold of it.

/// Where the invitation stands.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Phase {
    Pending,
    /// Accepted; the effect runs.
    Provisioning,
    Fulfilled,
    /// Being undone, on the way to the target.
    Compensating,
    /// A person has to look, on the way to the target.
    Quarantined,
    Cancelled,
    Declined,
    Expired,
    Revoked,
}

impl Phase {
    pub(super) fn is_closed(self) -> bool {
        matches!(self, Self::Cancelled | Self::Declined | Self::Expired | Self::Revoked)
    }
}

/// The effect's row.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Effect {
    NotPlanned,
    Planned,
    Leased,
    /// The intent is written; the request may be anywhere.
    InFlight,
    /// Planned once more, tainted: an earlier request may have acted.
    Retry,
    RetryLeased,
    Done,
    Undone,
}

/// Somebody who accepts without a claim.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Accepter {
    Idle,
    ReadPending,
    CreatedObject,
    Marked,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Worker {
    pub(super) doing: Doing,
    /// What the worker itself cannot know: whether nobody else may hold its effect.
    pub(super) lease_is_current: bool,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Doing {
    Nothing,
    /// Has leased the effect.
    Leased,
    /// Has written the intent; will send.
    AboutToSend,
    AwaitsReply,
    /// Will record it.
    HasReply,
}

impl Worker {
    pub(super) const IDLE: Self = Self { doing: Doing::Nothing, lease_is_current: false };

    pub(super) fn now(self, doing: Doing) -> Self {
        Self { doing, ..self }
    }
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct State {
    pub(super) phase: Phase,
    /// Where an undo or a person's answer leads; kept afterwards.
    pub(super) target: Option<Phase>,
    pub(super) effect: Effect,
    /// Who holds the lease, dead or alive.
    pub(super) lease: Option<usize>,
    pub(super) workers: [Worker; 2],
    /// Create requests on their way, by sender.
    pub(super) in_network: [u8; 2],
    /// Objects at the provider.
    pub(super) live: u8,
    pub(super) accepters: [Accepter; 2],
    /// Who was told that the invitation is theirs.
    pub(super) accepted: [bool; 2],
    /// Whether the inviter was told that it is revoked.
    pub(super) told_revoked: bool,
}

/// What must always hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Invariant {
    OneObject,
    FulfilledHasItsObject,
    ClosedHasNoObject,
    /// No request that may still make one, either.
    ClosedForGood,
    AcceptedOnce,
    RevokedIsNeverFulfilled,
}

impl State {
    pub(super) const START: Self = Self {
        phase: Phase::Pending,
        target: None,
        effect: Effect::NotPlanned,
        lease: None,
        workers: [Worker::IDLE; 2],
        in_network: [0; 2],
        live: 0,
        accepters: [Accepter::Idle; 2],
        accepted: [false; 2],
        told_revoked: false,
    };

    pub(super) fn violated(&self) -> Option<Invariant> {
        let closed = self.phase.is_closed();
        let fulfilled = self.phase == Phase::Fulfilled;
        let violations = [
            (self.live > 1, Invariant::OneObject),
            (fulfilled && self.live != 1, Invariant::FulfilledHasItsObject),
            (closed && self.live > 0, Invariant::ClosedHasNoObject),
            (closed && !self.network_is_empty(), Invariant::ClosedForGood),
            (self.accepted == [true; 2], Invariant::AcceptedOnce),
            (fulfilled && self.told_revoked, Invariant::RevokedIsNeverFulfilled),
        ];
        violations.into_iter().find_map(|(violated, invariant)| violated.then_some(invariant))
    }

    pub(super) fn is_rest(&self) -> bool {
        self.phase == Phase::Fulfilled || self.phase.is_closed()
    }

    pub(super) fn network_is_empty(&self) -> bool {
        self.in_network == [0; 2]
    }

    /// Sent, and nobody is left who would report what became of it.
    pub(super) fn outcome_is_unknown(&self) -> bool {
        self.effect == Effect::InFlight && self.lease.is_none()
    }

    /// Closes, and tells whoever asked for it.
    pub(super) fn close(&mut self, how: Phase) {
        self.phase = how;
        self.told_revoked |= how == Phase::Revoked;
    }

    /// Closes what was undone, or never done.
    pub(super) fn undone(&mut self) {
        self.effect = Effect::Undone;
        if let Some(target) = self.target {
            self.close(target);
        }
    }
}

//! What the provider does, and the rules, each of which can be taken away.
//!
//! The code under search is the real one and has no switches. A rule is taken away where the code meets the world, by a store that
//! does not keep its side or by an answer that is out of date: to the code this is as if it had never asked.

use invitations_core::token::Rotation;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// The refresh token stays.
    Same,
    /// Every refresh brings a new one, and the older ones stay good.
    Keep,
    /// The one before stays good until the new one is used.
    Grace,
    /// One that was used is refused from then on.
    Reject,
    /// One that was used kills all of its family when it is used again.
    Strict,
}

impl Kind {
    pub(super) fn rotation(self) -> Rotation {
        match self {
            Self::Same => Rotation::Same,
            Self::Keep => Rotation::Keep,
            Self::Grace => Rotation::Grace(super::time::TICK * 100),
            Self::Reject | Self::Strict => Rotation::Strict,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) kind: Kind,
    /// One lease at a time. Without: the store gives one to whoever asks, and asks for none when it writes.
    pub(crate) lease: bool,
    /// A lease lasts longer than a request. Without: it is over as soon as it is given.
    pub(crate) long_lease: bool,
    /// With the lease in hand the row is read again. Without: the answer is what was read before.
    pub(crate) read_again: bool,
    /// After a refusal the row is read again. Without: as above.
    pub(crate) recheck: bool,
    /// A write names the generation and the lease it is for. Without: the store writes whatever comes.
    pub(crate) conditional: bool,
    /// So does the record of a refresh. Without: the store puts it on whatever row is there.
    pub(crate) conditional_intent: bool,
    /// So does "needs consent". Without: as above.
    pub(crate) conditional_mark: bool,
    /// What is won late is written over "needs consent". Without: the store refuses that.
    pub(crate) revive: bool,
    /// A refresh is recorded before it is sent. Without: the store drops the record.
    pub(crate) intent: bool,
    /// How many faults there may be.
    pub(crate) faults: u8,
    /// For how many a pause counts: it makes by far the most states.
    pub(crate) pause: u8,
}

impl Rules {
    pub(crate) const fn all(kind: Kind) -> Self {
        Self {
            kind,
            lease: true,
            long_lease: true,
            read_again: true,
            recheck: true,
            conditional: true,
            conditional_intent: true,
            conditional_mark: true,
            revive: true,
            intent: true,
            faults: 2,
            pause: 2,
        }
    }

    pub(crate) const fn unharmed(self) -> Self {
        Self { faults: 0, ..self }
    }

    /// Of any kind.
    pub(crate) const fn with_a_fault(self) -> Self {
        Self { faults: 1, pause: 1, ..self }
    }
}

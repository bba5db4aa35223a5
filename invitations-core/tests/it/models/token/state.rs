//! All that two processes, the store and the provider are in at one moment, and what must never be.

use super::{rows::Row, rules::Kind, unrolled::IDLE};

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Invariant {
    /// T1: no family of tokens is revoked while nothing failed.
    FamilyLives,
    /// T2: nobody is asked for consent while the stored token works, nor left with that question when nothing failed.
    ConsentIsNeeded,
    /// Both tokens of a row came in one reply.
    PairIsWhole,
    /// T3: while nothing failed, the stored token is the provider's newest.
    StoredIsNewest,
    /// T5: what is stored never goes back.
    NeverBack,
    /// T6: the newest token is never thrown away while it is the only one that works.
    NewestIsKept,
    /// Nobody takes a grant back here: whoever is asked for consent is told that an answer was lost.
    CauseIsTrue,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct State {
    /// The row, by its number.
    pub(super) row: usize,
    pub(super) lease: Lease,
    /// The newest refresh token.
    pub(super) newest: u8,
    /// The family is revoked.
    pub(super) dead: bool,
    pub(super) requests: Vec<Request>,
    pub(super) processes: [Doing; 2],
    pub(super) faults: u8,
    /// How often all of a token's life went by.
    pub(super) lives: u8,
    /// What went wrong on the way here.
    pub(super) trouble: Option<Invariant>,
}

/// The last lease that was given out.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Lease {
    /// The process and the number of the lease among those that it was given; nobody once that process knows of none.
    pub(super) of: Option<(usize, u64)>,
    /// Ticks to its end.
    pub(super) left: u8,
}

/// What a process does: its history, by its place in the tree.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct Doing {
    pub(super) node: usize,
    /// It stands still, for so many ticks by now.
    pub(super) paused: Option<u8>,
    /// Its request is out.
    pub(super) sent: bool,
    /// The newest refresh token that it was given and that may be nowhere else.
    pub(super) won: Option<u8>,
}

impl Doing {
    pub(super) const NOTHING: Self = Self { node: IDLE, paused: None, sent: false, won: None };
}

/// A request that may still act.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct Request {
    /// Who waits for the answer.
    pub(super) asker: Option<usize>,
    /// With which refresh token.
    pub(super) number: u8,
    /// In how many ticks it can act no more.
    pub(super) left: u8,
}

impl State {
    /// The same with the processes' places changed.
    pub(super) fn mirror(&mut self) {
        self.processes.swap(0, 1);
        if let Some((holder, _)) = &mut self.lease.of {
            *holder = 1 - *holder;
        }
        for asker in self.requests.iter_mut().filter_map(|request| request.asker.as_mut()) {
            *asker = 1 - *asker;
        }
        self.requests.sort_unstable();
    }

    /// Crashed, or done.
    pub(super) fn forgets(&mut self, me: usize) {
        self.processes[me] = Doing::NOTHING;
        if self.lease.of.is_some_and(|(holder, _)| holder == me) {
            self.lease.of = None;
        }
        for request in self.requests.iter_mut().filter(|request| request.asker == Some(me)) {
            request.asker = None;
        }
    }

    /// What the provider does with a refresh token: the next one, or a refusal.
    pub(super) fn acts(&mut self, kind: Kind, number: u8) -> Option<u8> {
        if self.dead {
            return None;
        }
        if kind == Kind::Same {
            return Some(self.newest);
        }
        if self.works(kind, number) {
            self.newest += 1;
            return Some(self.newest);
        }
        self.dead = kind != Kind::Reject;
        None
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.requests.is_empty() && self.processes == [Doing::NOTHING; 2]
    }

    /// Whether a refresh with this token would succeed.
    pub(super) fn works(&self, kind: Kind, number: u8) -> bool {
        let accepted = match kind {
            Kind::Same | Kind::Keep => true,
            Kind::Grace => number + 1 >= self.newest,
            Kind::Reject | Kind::Strict => number == self.newest,
        };
        accepted && !self.dead
    }

    pub(super) fn violated(&self, kind: Kind, row: &Row) -> Option<Invariant> {
        let asks = !row.is_valid();
        let unharmed = self.faults == 0;
        if self.trouble.is_some() {
            return self.trouble;
        }
        if !row.is_whole {
            return Some(Invariant::PairIsWhole);
        }
        if self.dead && unharmed {
            return Some(Invariant::FamilyLives);
        }
        if asks && (self.works(kind, row.number) || unharmed && self.is_quiet()) {
            return Some(Invariant::ConsentIsNeeded);
        }
        if unharmed && self.is_quiet() && row.is_fresh() && kind != Kind::Same && row.number != self.newest {
            return Some(Invariant::StoredIsNewest);
        }
        (asks && self.is_quiet() && self.lives == 0 && !row.is_told_of_a_loss()).then_some(Invariant::CauseIsTrue)
    }
}

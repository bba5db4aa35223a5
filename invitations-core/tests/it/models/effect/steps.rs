//! Everything that may happen, actor by actor. Steps are named by what they do; the number says which person or worker.

use super::{
    rules::Protocol,
    state::{Phase, State},
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Step {
    // people
    Accept(usize),
    Decline,
    Revoke,
    /// Says "revoked" while the effect runs.
    RevokeAtOnce,
    RevokeWhileQuarantined,
    Cancel,
    // people without a claim
    Read(usize),
    Create(usize),
    Mark(usize),
    // time
    Expire,
    LeaseExpires,
    // workers
    Crash(usize),
    Lease(usize),
    Begin(usize),
    AbandonLostLease(usize),
    Send(usize),
    DoNotSendLate(usize),
    Timeout(usize),
    ReleaseOnTimeout(usize),
    Record(usize),
    DropStaleReply(usize),
    // requests on their way
    TakeEffect(usize),
    TakeEffectUnanswered(usize),
    GetLost(usize),
    // sweeps over unknown outcomes
    Found,
    AbsentSoAgain,
    GetByKeyToUndo,
    FoundToUndo,
    AbsentSoUndone,
    Quarantine,
    QuarantineUndo,
    // undo
    TaintedIsUnknown,
    NothingToUndo,
    Undo,
    // a person who looks
    OperatorFound,
    OperatorFoundNone,
}

/// Everything that may happen next, always in the same order.
pub(super) fn next(protocol: &Protocol, state: &State) -> Vec<(Step, State)> {
    let mut next = Next { protocol, state, found: Vec::new() };
    if protocol.claim {
        next.accepters();
    } else {
        next.accepters_without_claim();
    }
    next.inviter_and_deadline();
    if !protocol.claim {
        // whoever accepts makes the object: no workers
        return next.found;
    }
    for worker in 0..2 {
        next.worker(worker);
    }
    for sender in 0..2 {
        next.request_of(sender);
    }
    next.lease_end();
    match state.phase {
        Phase::Provisioning => next.sweep(),
        Phase::Compensating => next.undo(),
        Phase::Quarantined => next.operator(),
        _ => {}
    }
    next.found
}

/// What may happen next, as it is gathered.
pub(super) struct Next<'a> {
    pub(super) protocol: &'a Protocol,
    pub(super) state: &'a State,
    found: Vec<(Step, State)>,
}

impl Next<'_> {
    pub(super) fn add(&mut self, step: Step, change: impl FnOnce(&mut State)) {
        let mut after = *self.state;
        change(&mut after);
        self.found.push((step, after));
    }
}

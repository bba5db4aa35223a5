//! What becomes of an outcome that nobody knows, and of what is to be undone.

use super::{
    state::{Effect, Phase, State},
    steps::{Next, Step},
};

impl Next<'_> {
    fn may_decide(&self) -> bool {
        self.state.outcome_is_unknown() && (!self.protocol.settle_delay || self.state.network_is_empty())
    }

    fn look_up_finds(&self) -> bool {
        self.state.live > 0
    }

    fn look_up_finds_nothing(&self) -> bool {
        self.state.live == 0 || self.protocol.look_up_may_miss
    }

    fn absence_is_proof(&self) -> bool {
        !(self.protocol.quarantine && self.protocol.look_up_may_miss)
    }

    pub(super) fn sweep(&mut self) {
        if !self.may_decide() {
            return;
        }
        if self.look_up_finds() {
            self.add(Step::Found, |after| {
                after.effect = Effect::Done;
                after.phase = Phase::Fulfilled;
            });
        }
        if self.look_up_finds_nothing() {
            if self.absence_is_proof() {
                let again = if self.protocol.taint { Effect::Retry } else { Effect::Planned };
                self.add(Step::AbsentSoAgain, |after| after.effect = again);
            } else {
                self.add(Step::Quarantine, |after| {
                    after.phase = Phase::Quarantined;
                    after.target = Some(Phase::Fulfilled);
                });
            }
        }
    }

    pub(super) fn undo(&mut self) {
        let unleased = self.state.lease.is_none();
        match self.state.effect {
            Effect::InFlight if self.may_decide() => self.undo_of_unknown(),
            Effect::Retry | Effect::RetryLeased if unleased => {
                self.add(Step::TaintedIsUnknown, |after| after.effect = Effect::InFlight);
            }
            Effect::Planned | Effect::Leased if unleased => self.add(Step::NothingToUndo, State::undone),
            Effect::Done => self.add(Step::Undo, |after| {
                after.live -= 1;
                after.undone();
            }),
            _ => {}
        }
    }

    fn undo_of_unknown(&mut self) {
        if self.protocol.get_then_undo {
            self.add(Step::GetByKeyToUndo, |after| {
                after.effect = Effect::Done;
                after.live = after.live.max(1);
            });
            return;
        }
        if self.look_up_finds() {
            self.add(Step::FoundToUndo, |after| after.effect = Effect::Done);
        }
        if self.look_up_finds_nothing() {
            if self.absence_is_proof() {
                self.add(Step::AbsentSoUndone, State::undone);
            } else {
                self.add(Step::QuarantineUndo, |after| after.phase = Phase::Quarantined);
            }
        }
    }

    /// A person sees what is there, once nothing is on its way any more.
    pub(super) fn operator(&mut self) {
        if !self.state.network_is_empty() {
            return;
        }
        let wanted = self.state.target == Some(Phase::Fulfilled);
        if self.state.live > 0 {
            self.add(Step::OperatorFound, |after| {
                after.effect = Effect::Done;
                after.phase = if wanted { Phase::Fulfilled } else { Phase::Compensating };
            });
        } else if wanted {
            self.add(Step::OperatorFoundNone, |after| {
                after.effect = Effect::Retry;
                after.phase = Phase::Provisioning;
            });
        } else {
            self.add(Step::OperatorFoundNone, State::undone);
        }
        if wanted {
            self.add(Step::RevokeWhileQuarantined, |after| after.target = Some(Phase::Revoked));
        }
    }
}

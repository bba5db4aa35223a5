//! People: those who accept, and the inviter. The deadline stands with them, as it too ends what waits for an answer.

use super::{
    state::{Accepter, Effect, Phase, State},
    steps::{Next, Step},
};

impl Next<'_> {
    pub(super) fn accepters(&mut self) {
        for person in 0..2 {
            if self.state.phase == Phase::Pending {
                self.add(Step::Accept(person), |after| {
                    after.phase = Phase::Provisioning;
                    after.effect = Effect::Planned;
                    after.accepted[person] = true;
                });
            }
        }
    }

    pub(super) fn accepters_without_claim(&mut self) {
        for person in 0..2 {
            match self.state.accepters[person] {
                Accepter::Idle if self.state.phase == Phase::Pending => {
                    self.add(Step::Read(person), |after| after.accepters[person] = Accepter::ReadPending);
                }
                Accepter::Idle | Accepter::Marked => {}
                Accepter::ReadPending => self.add(Step::Create(person), |after| {
                    after.accepters[person] = Accepter::CreatedObject;
                    after.live += 1;
                }),
                Accepter::CreatedObject => self.add(Step::Mark(person), |after| {
                    after.accepters[person] = Accepter::Marked;
                    after.accepted[person] = true;
                    after.phase = Phase::Fulfilled;
                    after.effect = Effect::Done;
                }),
            }
        }
    }

    pub(super) fn inviter_and_deadline(&mut self) {
        let compensate = |target| {
            move |after: &mut State| {
                after.phase = Phase::Compensating;
                after.target = Some(target);
            }
        };
        match self.state.phase {
            Phase::Pending => {
                self.add(Step::Decline, |after| after.close(Phase::Declined));
                self.add(Step::Expire, |after| after.close(Phase::Expired));
                self.add(Step::Revoke, |after| after.close(Phase::Revoked));
            }
            Phase::Provisioning if self.protocol.compensation => self.add(Step::Revoke, compensate(Phase::Revoked)),
            Phase::Provisioning => self.add(Step::RevokeAtOnce, |after| after.close(Phase::Revoked)),
            Phase::Fulfilled if self.protocol.claim && self.protocol.compensation => {
                self.add(Step::Cancel, compensate(Phase::Cancelled));
            }
            _ => {}
        }
    }
}

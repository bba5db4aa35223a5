//! Workers, the requests they sent, and the end of their leases.

use super::{
    rules::Protocol,
    state::{Doing, Effect, Phase, State, Worker},
    steps::{Next, Step},
};

impl Next<'_> {
    pub(super) fn worker(&mut self, me: usize) {
        let Protocol { intent, fence, send_deadline, kept_on_timeout, .. } = *self.protocol;
        let State { phase, effect, lease, .. } = *self.state;
        let worker = self.state.workers[me];
        let may_write = worker.lease_is_current || !fence;
        if worker.doing != Doing::Nothing {
            self.add(Step::Crash(me), |after| after.workers[me] = Worker::IDLE);
        }
        match worker.doing {
            Doing::Nothing => {
                let leased = match effect {
                    Effect::Planned | Effect::Leased => Effect::Leased,
                    Effect::Retry | Effect::RetryLeased => Effect::RetryLeased,
                    _ => return,
                };
                if phase == Phase::Provisioning && lease.is_none() {
                    self.add(Step::Lease(me), |after| {
                        after.lease = Some(me);
                        after.effect = leased;
                        after.workers[me] = Worker { doing: Doing::Leased, lease_is_current: true };
                    });
                }
            }
            // laxer than the machine, which begins nothing while it compensates: the protocol holds without that
            Doing::Leased if may_write && matches!(effect, Effect::Leased | Effect::RetryLeased) => {
                self.add(Step::Begin(me), |after| {
                    after.workers[me] = worker.now(Doing::AboutToSend);
                    if intent {
                        after.effect = Effect::InFlight;
                    }
                });
            }
            Doing::Leased => self.add(Step::AbandonLostLease(me), |after| after.workers[me] = Worker::IDLE),
            Doing::AboutToSend if worker.lease_is_current || !send_deadline => self.add(Step::Send(me), |after| {
                after.workers[me] = worker.now(Doing::AwaitsReply);
                after.in_network[me] += 1;
            }),
            Doing::AboutToSend => self.add(Step::DoNotSendLate(me), |after| after.workers[me] = Worker::IDLE),
            Doing::AwaitsReply if kept_on_timeout => {
                self.add(Step::Timeout(me), |after| after.workers[me] = Worker::IDLE);
            }
            Doing::AwaitsReply => self.add(Step::ReleaseOnTimeout(me), |after| {
                after.workers[me] = Worker::IDLE;
                after.lease = None;
                after.effect = Effect::NotPlanned;
                if phase == Phase::Provisioning {
                    after.phase = Phase::Pending;
                }
            }),
            Doing::HasReply if may_write && is_unfinished(effect) => self.add(Step::Record(me), |after| {
                after.workers[me] = Worker::IDLE;
                after.lease = None;
                after.effect = Effect::Done;
                if phase == Phase::Provisioning {
                    after.phase = Phase::Fulfilled;
                }
            }),
            Doing::HasReply => self.add(Step::DropStaleReply(me), |after| after.workers[me] = Worker::IDLE),
        }
    }

    /// A request acts or gets lost at any time, whatever its sender does by then.
    pub(super) fn request_of(&mut self, sender: usize) {
        if self.state.in_network[sender] == 0 {
            return;
        }
        let same_object = self.protocol.native_key && self.state.live > 0;
        let arrive = |after: &mut State| {
            after.in_network[sender] -= 1;
            if !same_object {
                after.live += 1;
            }
        };
        let worker = self.state.workers[sender];
        if worker.doing == Doing::AwaitsReply {
            self.add(Step::TakeEffect(sender), |after| {
                arrive(after);
                after.workers[sender] = worker.now(Doing::HasReply);
            });
        }
        self.add(Step::TakeEffectUnanswered(sender), arrive);
        self.add(Step::GetLost(sender), |after| after.in_network[sender] -= 1);
    }

    /// Workers are not told that their lease is over; they may be paused.
    pub(super) fn lease_end(&mut self) {
        if let Some(holder) = self.state.lease {
            self.add(Step::LeaseExpires, |after| {
                after.lease = None;
                after.workers[holder].lease_is_current = false;
            });
        }
    }
}

fn is_unfinished(effect: Effect) -> bool {
    !matches!(effect, Effect::NotPlanned | Effect::Done | Effect::Undone)
}

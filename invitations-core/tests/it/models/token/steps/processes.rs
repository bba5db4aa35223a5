//! What processes do, and what becomes of them.

use std::rc::Rc;

use super::super::{
    border::Call,
    rows::Store,
    state::{Doing, Lease, Request},
    time::{LEASE, MAY_ACT},
    unrolled::Next,
};
use super::{MOST_TOKENS, Step, World};

impl World<'_> {
    pub(super) fn process(&mut self, me: usize) {
        let doing = self.state.processes[me];
        let row = self.rows.row(self.state.row);
        let node = &self.code.nodes[doing.node];
        let (idle, first_time) = (doing == Doing::NOTHING, node.starts == 0);
        let calls = Rc::clone(&node.calls);
        if first_time && !row.is_fresh() && row.is_valid() && self.state.newest < MOST_TOKENS {
            let mut after = self.state.clone();
            self.goes_on(&mut after, me, Next::Start);
            self.add(Step::Start(me), after);
        }
        if idle {
            return;
        }
        if let Some(lag) = doing.paused {
            if lag > 0 {
                let mut after = self.state.clone();
                after.processes[me].paused = None;
                self.goes_on(&mut after, me, Next::Pass(lag));
                self.add(Step::Resume(me), after);
            }
            return;
        }
        // who is paused could as well have crashed at once
        if self.may_fail() {
            let mut after = self.state.clone();
            after.faults += 1;
            after.forgets(me);
            self.add(Step::Crash(me), after);
        }
        let may_pause = self.state.faults + self.rules.pause <= self.rules.faults;
        if may_pause && calls.iter().any(|call| is_own_work(call, doing)) {
            let mut after = self.state.clone();
            after.faults += self.rules.pause;
            after.processes[me].paused = Some(0);
            self.add(Step::Pause(me), after);
        }
        for (place, call) in calls.iter().enumerate() {
            match call {
                Call::Read => self.read(me, place),
                Call::Lease => self.lease(me, place),
                Call::Commit(commit) => self.commit(me, place, commit),
                Call::Redeem(_) if doing.sent => {}
                Call::Redeem(number) => {
                    let mut after = self.state.clone();
                    after.processes[me].sent = true;
                    after.requests.push(Request { asker: Some(me), number: *number, left: MAY_ACT });
                    self.add(Step::Send(me), after);
                }
            }
        }
    }

    fn read(&mut self, me: usize, place: usize) {
        let mut after = self.state.clone();
        let stale = match self.code.nodes[after.processes[me].node].last {
            Some(Next::Lease(_, true)) => !self.rules.read_again,
            Some(Next::GrantDead(_)) => !self.rules.recheck,
            _ => false,
        };
        let (step, next) = if stale {
            (Step::ReadsNothingNew(me), Next::Seen(place))
        } else {
            (Step::Read(me), Next::Row(place, after.row))
        };
        self.goes_on(&mut after, me, next);
        self.add(step, after);
    }

    fn lease(&mut self, me: usize, place: usize) {
        let mut after = self.state.clone();
        let store = Store::holding(&self.rows.row(after.row).connection, after.lease.left);
        let ticks = if self.rules.long_lease { LEASE } else { 0 };
        let given = store.leases(ticks) || !self.rules.lease;
        self.goes_on(&mut after, me, Next::Lease(place, given));
        if given {
            let number = self.code.nodes[after.processes[me].node].leases;
            let left = if self.rules.lease { ticks } else { 0 };
            after.lease = Lease { of: Some((me, number)), left };
        }
        self.add(if given { Step::Lease(me) } else { Step::NoLease(me) }, after);
    }
}

/// What a process does at once, when it is not paused.
pub(super) fn is_own_work(call: &Call, doing: Doing) -> bool {
    !(doing.sent && matches!(call, Call::Redeem(_)))
}

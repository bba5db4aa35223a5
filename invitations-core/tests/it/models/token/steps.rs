//! Everything that may happen next, actor by actor.

mod commits;
mod outside;
mod processes;

use super::border::Call;
use super::{
    rows::Rows,
    rules::Rules,
    state::{Invariant, State},
    unrolled::{Next, Unrolled},
};

/// The number says which process.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Step {
    Start(usize),
    Read(usize),
    /// It reads what it had read before: a rule is off.
    ReadsNothingNew(usize),
    Lease(usize),
    NoLease(usize),
    Write(usize),
    Conflict(usize),
    Release(usize),
    Send(usize),
    // the provider, and the way there and back; the number is that of the refresh token
    Refresh(usize),
    Refuse(usize),
    ActUnanswered(u8),
    LoseRequest(u8),
    // faults of processes
    Crash(usize),
    Pause(usize),
    Resume(usize),
    // time
    Tick,
    LifeGoesBy,
}

const MOST_LIVES: u8 = 1;
/// From this refresh token on nobody asks for another.
pub(super) const MOST_TOKENS: u8 = 4;

pub(super) struct World<'a> {
    pub(super) rules: &'a Rules,
    pub(super) rows: &'a mut Rows,
    pub(super) code: &'a mut Unrolled,
    pub(super) state: &'a State,
    /// Take two states that differ in who is who for one.
    pub(super) mirror: bool,
    pub(super) found: Vec<(Step, State)>,
}

impl World<'_> {
    pub(super) fn gather(&mut self) {
        for process in 0..2 {
            self.process(process);
        }
        for place in 0..self.state.requests.len() {
            // equal ones act alike
            if !self.state.requests[..place].contains(&self.state.requests[place]) {
                self.request(place);
            }
        }
        self.tick();
        self.life_goes_by();
    }

    fn add(&mut self, step: Step, mut after: State) {
        after.requests.sort_unstable();
        if self.mirror && after.processes[1] > after.processes[0] {
            after.mirror();
        }
        self.found.push((step, after));
    }

    fn may_fail(&self) -> bool {
        self.state.faults < self.rules.faults
    }

    /// One more thing happens to a process; one that has done all it had to do starts from nothing the next time.
    fn goes_on(&mut self, after: &mut State, me: usize, next: Next) {
        let row = &self.rows.row(after.row).connection;
        let doing = &mut after.processes[me];
        doing.node = self.code.after(doing.node, next, row);
        let node = &self.code.nodes[doing.node];
        if doing.sent && !node.calls.iter().any(|call| matches!(call, Call::Redeem(_))) {
            doing.sent = false;
            // it has given up on a request that is still out
            for request in after.requests.iter_mut().filter(|request| request.asker == Some(me)) {
                request.asker = None;
                after.faults += 1;
            }
        }
        let stored = self.rows.row(after.row).number;
        doing.won = doing.won.filter(|won| *won > stored);
        if node.is_idle {
            if let Some(won) = after.processes[me].won
                && won == after.newest
                && !after.dead
                && !after.works(self.rules.kind, stored)
            {
                after.trouble = Some(Invariant::NewestIsKept);
            }
            after.forgets(me);
        }
    }
}

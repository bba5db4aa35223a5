//! The provider, the way there and back, and time.

use super::super::{
    border::Call,
    state::{Doing, Request},
    time::{LONG_PAUSE, expired},
    unrolled::{IDLE, Next},
};
use super::{MOST_LIVES, MOST_TOKENS, Step, World, processes::is_own_work};

impl World<'_> {
    pub(super) fn request(&mut self, place: usize) {
        let mut after = self.state.clone();
        let Request { asker, number, .. } = after.requests.remove(place);
        let fault = u8::from(asker.is_some());
        let may_fail = self.may_fail() || asker.is_none();
        if may_fail {
            let mut lost = after.clone();
            lost.faults += fault;
            self.add(Step::LoseRequest(number), lost);
        }
        let refreshed = after.acts(self.rules.kind, number);
        if may_fail {
            let mut unanswered = after.clone();
            unanswered.faults += fault;
            self.add(Step::ActUnanswered(number), unanswered);
        }
        if let Some(me) = asker {
            let calls = &self.code.nodes[after.processes[me].node].calls;
            let place = calls.iter().position(|call| matches!(call, Call::Redeem(_))).unwrap();
            let (step, next) = match refreshed {
                Some(new) => {
                    let stored = self.rows.row(after.row).number;
                    after.processes[me].won = Some(new).filter(|new| *new > stored);
                    (Step::Refresh(me), Next::Tokens(place, new))
                }
                None => (Step::Refuse(me), Next::GrantDead(place)),
            };
            self.goes_on(&mut after, me, next);
            self.add(step, after);
        }
    }

    /// Time passes only where nobody has anything to do at once; whoever has is paused.
    pub(super) fn tick(&mut self) {
        let at_once = self.state.processes.iter().any(|doing| {
            let calls = &self.code.nodes[doing.node].calls;
            doing.paused.is_none() && calls.iter().any(|call| is_own_work(call, *doing))
        });
        if at_once || self.state.requests.iter().any(|request| request.left == 1) {
            return;
        }
        let mut after = self.state.clone();
        after.row = self.rows.a_tick_later(after.row);
        after.lease.left = after.lease.left.saturating_sub(1);
        for request in &mut after.requests {
            request.left -= 1;
        }
        for me in 0..2 {
            match &mut after.processes[me].paused {
                Some(lag) => *lag = (*lag + 1).min(LONG_PAUSE),
                None if after.processes[me].node == IDLE => {}
                None => self.goes_on(&mut after, me, Next::Pass(1)),
            }
        }
        if after.faults <= self.rules.faults {
            self.add(Step::Tick, after);
        }
    }

    /// Nothing happens until long after the end of the token, but to those who stand still.
    pub(super) fn life_goes_by(&mut self) {
        let still = self.state.processes.iter().all(|doing| *doing == Doing::NOTHING || doing.paused.is_some());
        let row = self.rows.row(self.state.row);
        let in_use = row.is_fresh() && self.state.lives < MOST_LIVES && self.state.newest < MOST_TOKENS;
        if !still || !in_use || !self.state.requests.is_empty() {
            return;
        }
        let mut after = self.state.clone();
        after.lives += 1;
        after.lease.left = 0;
        after.row = self.rows.number(expired(&row.connection));
        for doing in &mut after.processes {
            doing.paused = doing.paused.map(|_| LONG_PAUSE);
        }
        self.add(Step::LifeGoesBy, after);
    }
}

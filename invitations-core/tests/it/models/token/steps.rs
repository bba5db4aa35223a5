//! Everything that may happen next, actor by actor.

use std::rc::Rc;

use invitations_core::token::{Connection, ConnectionStatus, TokenCommit};

use super::{
    border::Call,
    rows::{LAST, Row, Rows, Store},
    rules::{Kind, Rules},
    state::{Doing, Invariant, Lease, Request, State},
    time::{LEASE, LONG_PAUSE, MAY_ACT, expired, moved, span},
    unrolled::{IDLE, Next, Unrolled},
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

    fn process(&mut self, me: usize) {
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

    fn commit(&mut self, me: usize, place: usize, commit: &TokenCommit) {
        let mut after = self.state.clone();
        let before = self.rows.row(after.row).connection.clone();
        let store = Store::holding(&before, after.lease.left);
        let age = self.code.nodes[after.processes[me].node].age;
        let real = |fence: u64| if after.lease.of == Some((me, fence)) { LAST } else { LAST - 1 };
        let (written, step) = match commit {
            TokenCommit::Update { epoch, generation, fence, release, to } => {
                let mut to = moved(to, -span(age));
                if !self.rules.intent {
                    to.intent = None;
                }
                let is_valid = |row: &Connection| row.status == ConnectionStatus::Valid;
                let revives = is_valid(&to) && !is_valid(&before);
                let update = match self.blindly(&before, &to, *generation) {
                    Some(to) => TokenCommit::Update {
                        epoch: before.epoch,
                        generation: before.generation,
                        fence: None,
                        release: *release,
                        to: Box::new(to),
                    },
                    None => TokenCommit::Update {
                        epoch: *epoch,
                        generation: *generation,
                        fence: fence.filter(|_| self.rules.lease).map(real),
                        release: *release,
                        to: Box::new(to),
                    },
                };
                let written = (self.rules.revive || !revives) && store.commits(update);
                (written, if written { Step::Write(me) } else { Step::Conflict(me) })
            }
            TokenCommit::Release { id, fence } => {
                (store.commits(TokenCommit::Release { id: id.clone(), fence: real(*fence) }), Step::Release(me))
            }
            other => unreachable!("{other:?}"),
        };
        after.row = self.rows.number(store.row());
        if !store.is_leased() {
            after.lease.left = 0;
        }
        let (old, new) = (self.rows.row(self.state.row), self.rows.row(after.row));
        let version = |row: &Row| (row.connection.epoch, row.connection.generation);
        if new.number < old.number || version(new) < version(old) {
            after.trouble = Some(Invariant::NeverBack);
        }
        self.goes_on(&mut after, me, Next::Written(place, written));
        self.add(step, after);
    }

    /// What a store that does not look writes.
    fn blindly(&self, before: &Connection, to: &Connection, generation: u64) -> Option<Connection> {
        let is_intent = to.generation == generation && to.intent.is_some();
        let is_mark = to.status != ConnectionStatus::Valid;
        match self.rules {
            Rules { conditional: false, .. } => Some(to.clone()),
            Rules { conditional_intent: false, .. } if is_intent => {
                let mut row = before.clone();
                row.intent.clone_from(&to.intent);
                Some(row)
            }
            Rules { conditional_mark: false, .. } if is_mark => {
                let mut row = before.clone();
                row.status.clone_from(&to.status);
                row.intent = None;
                Some(row)
            }
            _ => None,
        }
    }

    fn request(&mut self, place: usize) {
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
    fn tick(&mut self) {
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
    fn life_goes_by(&mut self) {
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

/// What a process does at once, when it is not paused.
fn is_own_work(call: &Call, doing: Doing) -> bool {
    !(doing.sent && matches!(call, Call::Redeem(_)))
}

impl State {
    fn mirror(&mut self) {
        self.processes.swap(0, 1);
        if let Some((holder, _)) = &mut self.lease.of {
            *holder = 1 - *holder;
        }
        for asker in self.requests.iter_mut().filter_map(|request| request.asker.as_mut()) {
            *asker = 1 - *asker;
        }
        self.requests.sort_unstable();
    }

    fn forgets(&mut self, me: usize) {
        self.processes[me] = Doing::NOTHING;
        if self.lease.of.is_some_and(|(holder, _)| holder == me) {
            self.lease.of = None;
        }
        for request in self.requests.iter_mut().filter(|request| request.asker == Some(me)) {
            request.asker = None;
        }
    }

    /// What the provider does with a refresh token: the next one, or a refusal.
    fn acts(&mut self, kind: Kind, number: u8) -> Option<u8> {
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
}

//! What all parts of one schedule share: time, dice, faults still to come, the oracle, the trace.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use invitations_core::runtime::{Clock as _, ManualClock};

use super::{
    dice::Dice,
    executor::{GiveWay, NewTask, Role},
    hit::{Hit, Tally},
    oracle::Oracle,
    swarm::Swarm,
};

/// Where a task gave way, as far as crash points go.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Place {
    /// Before or after a verb of the store.
    Verb,
    /// After a report was written and its lease given back.
    Reported,
    /// Between the sending of a request and the reading of its reply.
    Request,
    /// At any other await.
    #[default]
    Elsewhere,
}

pub(super) struct World {
    pub(super) clock: ManualClock,
    pub(super) swarm: Swarm,
    began: Instant,
    dice: Mutex<Dice>,
    run: Mutex<Run>,
    oracle: Mutex<Oracle>,
}

#[derive(Default)]
struct Run {
    new: Vec<NewTask>,
    /// How many callers, detached tasks and messages are under way.
    active: usize,
    polled: usize,
    mortal: bool,
    places: BTreeMap<usize, Place>,
    crash: Option<Hit>,
    calm: bool,
    faults: u32,
    crashes: u32,
    stalls: u32,
    trouble: BTreeMap<String, (Hit, Instant)>,
    store_down: Option<(Hit, Instant)>,
    late_after: bool,
    tally: Tally,
    hash: u64,
    trace: Option<Vec<String>>,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "World of seed {}", self.swarm.seed)
    }
}

impl World {
    pub(super) fn new(clock: ManualClock, swarm: Swarm, traced: bool) -> Arc<Self> {
        let run = Run { trace: traced.then(Vec::new), ..Run::default() };
        Arc::new(Self {
            began: clock.instant(),
            dice: Mutex::new(Dice::new(swarm.seed)),
            oracle: Mutex::new(Oracle::new(&swarm.plans)),
            clock,
            swarm,
            run: Mutex::new(run),
        })
    }

    pub(super) fn dice(&self) -> MutexGuard<'_, Dice> {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) -> MutexGuard<'_, Run> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn oracle(&self) -> MutexGuard<'_, Oracle> {
        self.oracle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // tasks

    pub(super) fn spawn(&self, task: NewTask) {
        let mut run = self.run();
        run.active += usize::from(counts(task.role));
        run.new.push(task);
    }

    pub(super) fn take_new(&self) -> Vec<NewTask> {
        std::mem::take(&mut self.run().new)
    }

    pub(super) fn ended(&self, role: Role) {
        self.run().active -= usize::from(counts(role));
    }

    pub(super) fn active(&self) -> usize {
        self.run().active
    }

    /// A task is polled now.
    pub(super) fn polling(&self, task: usize, mortal: bool) {
        let elapsed = self.elapsed().as_micros();
        let mut run = self.run();
        (run.polled, run.mortal) = (task, mortal);
        run.places.insert(task, Place::Elsewhere);
        run.tally.steps += 1;
        let mixed = (run.hash ^ task as u64 ^ u64::try_from(elapsed).unwrap_or_default() << 8).rotate_left(23);
        run.hash = mixed.wrapping_mul(0x0100_0000_01b3);
    }

    pub(super) fn at(&self, place: Place) {
        let mut run = self.run();
        let task = run.polled;
        run.places.insert(task, place);
    }

    pub(super) fn place_of(&self, task: usize) -> Place {
        self.run().places.get(&task).copied().unwrap_or_default()
    }

    /// The task that is being polled.
    pub(super) fn task(&self) -> usize {
        self.run().polled
    }

    /// Gives way, mostly.
    pub(super) async fn give_way(&self, place: Place, one_in: u32) {
        if self.dice().one_in(one_in) {
            GiveWay { world: self, place, given: false }.await;
        }
    }

    // crashes

    pub(super) fn may_crash(&self) -> bool {
        let left = {
            let run = self.run();
            !run.calm && run.crashes < self.swarm.crashes
        };
        let yes = left && self.dice().one_in(self.swarm.crash_rate);
        self.run().crashes += u32::from(yes);
        yes
    }

    /// Whether time goes on although somebody could act.
    pub(super) fn may_jump(&self) -> bool {
        let yes = !self.is_calm() && self.dice().one_in(self.swarm.jump_rate);
        self.oracle().interrupted |= yes;
        yes
    }

    pub(super) fn may_stall(&self) -> bool {
        let left = {
            let run = self.run();
            !run.calm && run.stalls < self.swarm.stalls
        };
        let yes = left && self.dice().one_in(self.swarm.crash_rate);
        self.run().stalls += u32::from(yes);
        yes
    }

    /// The task that is polled ends here.
    pub(super) async fn crash_here(&self, hit: Hit) {
        self.run().crash = Some(hit);
        std::future::pending::<()>().await;
    }

    pub(super) fn take_crash(&self) -> Option<Hit> {
        self.run().crash.take()
    }

    // faults

    pub(super) fn is_calm(&self) -> bool {
        self.run().calm
    }

    /// From now on nothing goes wrong any more.
    pub(super) fn calm_down(&self) {
        self.note(|| "CALM: no more faults".to_owned());
        let mut run = self.run();
        run.calm = true;
        run.trouble.clear();
        run.store_down = None;
    }

    /// One of `of`, unless all goes well.
    pub(super) fn fault(&self, of: &[Hit], rate: u32) -> Option<Hit> {
        let left = {
            let run = self.run();
            !run.calm && run.faults < self.swarm.faults
        };
        if !left || of.is_empty() || !self.dice().one_in(rate) {
            return None;
        }
        let hit = *self.dice().pick(of);
        if matches!(hit, Hit::CrashBeforeWrite | Hit::CrashAfterWrite) && !self.run().mortal {
            return None;
        }
        if hit == Hit::LateAfter && std::mem::replace(&mut self.run().late_after, true) {
            return None;
        }
        self.run().faults += 1;
        Some(hit)
    }

    /// What is wrong with an account for a while.
    pub(super) fn trouble(&self, account: &str) -> Option<Hit> {
        let now = self.clock.instant();
        self.run().trouble.get(account).filter(|(_, until)| now < *until).map(|(hit, _)| *hit)
    }

    pub(super) fn trouble_begins(&self, account: &str, hit: Hit, span: Duration) {
        let until = self.clock.instant() + span;
        self.run().trouble.insert(account.to_owned(), (hit, until));
    }

    pub(super) fn store_down(&self) -> Option<Hit> {
        let now = self.clock.instant();
        self.run().store_down.filter(|(_, until)| now < *until).map(|(hit, _)| hit)
    }

    pub(super) fn store_goes_down(&self, hit: Hit, span: Duration) {
        let until = self.clock.instant() + span;
        self.run().store_down = Some((hit, until));
    }

    // books

    pub(super) fn hit(&self, hit: Hit) {
        self.run().tally.hit(hit);
        if hit.is_interruption() {
            self.oracle().interrupted = true;
        }
    }

    pub(super) fn count(&self, add: impl FnOnce(&mut Tally)) {
        add(&mut self.run().tally);
    }

    pub(super) fn step(&self) -> u64 {
        self.run().tally.steps
    }

    pub(super) fn beginning(&self) -> chrono::DateTime<chrono::Utc> {
        self.clock.now() - self.elapsed()
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.clock.instant() - self.began
    }

    /// One line of the trace, when there is one.
    pub(super) fn note(&self, text: impl FnOnce() -> String) {
        let elapsed = self.elapsed();
        let mut run = self.run();
        let (step, task) = (run.tally.steps, run.polled);
        if let Some(trace) = &mut run.trace {
            trace.push(format!("{step:>5} +{:>9.3}s task {task:>2}  {}", elapsed.as_secs_f64(), text()));
        }
    }

    pub(super) fn close(&self) -> (u64, Tally, Vec<String>) {
        let mut run = self.run();
        run.new.clear();
        run.tally.schedules = 1;
        (run.hash, run.tally.clone(), run.trace.take().unwrap_or_default())
    }
}

fn counts(role: Role) -> bool {
    matches!(role, Role::Host | Role::Caller | Role::Detached | Role::Network)
}

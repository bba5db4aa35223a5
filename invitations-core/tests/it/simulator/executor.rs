//! One thread, seeded: which woken task is polled next, when time jumps, who crashes and who is paused.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use invitations_core::runtime::{BoxFuture, Clock as _};

use super::{
    hit::Hit,
    world::{Place, World},
};

/// What a task is, and so whether it may crash.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Role {
    /// A process's worker; a crash brings a fresh one.
    Worker,
    /// Makes an invitation and sends everybody to it.
    Host,
    /// Somebody who calls the façade.
    Caller,
    /// Started by the core through its `Spawner`.
    Detached,
    /// A request or reply on its way: outlives whoever sent it.
    Network,
    /// The simulator's own.
    Helper,
}

pub(super) struct NewTask {
    pub(super) role: Role,
    pub(super) process: usize,
    pub(super) future: BoxFuture<'static, ()>,
}

struct Task {
    role: Role,
    process: usize,
    future: Option<BoxFuture<'static, ()>>,
    bell: Arc<Bell>,
    waker: Waker,
}

type Ready = Arc<Mutex<Vec<usize>>>;

struct Bell {
    task: usize,
    queued: AtomicBool,
    paused: AtomicBool,
    ready: Ready,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::Relaxed) {
            self.ready.lock().unwrap_or_else(PoisonError::into_inner).push(self.task);
        }
    }
}

/// What a step did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Step {
    Moved,
    /// Nothing can ever happen again.
    Idle,
}

type Revive = Box<dyn Fn(usize, Duration) -> NewTask>;

pub(super) struct Executor {
    world: Arc<World>,
    tasks: Vec<Task>,
    ready: Ready,
    revive: Revive,
}

impl Executor {
    /// `revive` makes a worker for a process that crashed, which starts after the given time.
    pub(super) fn new(world: Arc<World>, revive: Revive) -> Self {
        Self { world, tasks: Vec::new(), ready: Ready::default(), revive }
    }

    pub(super) fn step(&mut self) -> Step {
        self.absorb();
        let waiting = self.woken();
        if waiting == 0 || self.world.may_jump() {
            match self.world.clock.next_wake() {
                Some(by) => self.world.clock.advance(by),
                None if waiting == 0 => return Step::Idle,
                None => {}
            }
        }
        let waiting = self.woken();
        if waiting == 0 {
            return Step::Moved;
        }
        let place = self.world.dice().below(waiting);
        let number = self.ready.lock().unwrap_or_else(PoisonError::into_inner).swap_remove(place);
        self.tasks[number].bell.queued.store(false, Ordering::Relaxed);
        if self.tasks[number].future.is_some() && !self.tasks[number].bell.paused.load(Ordering::Relaxed) {
            self.run(number);
        }
        Step::Moved
    }

    fn woken(&self) -> usize {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn absorb(&mut self) {
        for NewTask { role, process, future } in self.world.take_new() {
            let task = self.tasks.len();
            let bell = Arc::new(Bell {
                task,
                queued: AtomicBool::new(false),
                paused: AtomicBool::new(false),
                ready: Arc::clone(&self.ready),
            });
            let waker = Waker::from(Arc::clone(&bell));
            bell.wake_by_ref();
            self.tasks.push(Task { role, process, future: Some(future), bell, waker });
        }
    }

    fn run(&mut self, number: usize) {
        let mortal = matches!(self.tasks[number].role, Role::Worker | Role::Caller | Role::Detached);
        if mortal && self.world.may_crash() {
            let hit = match self.world.place_of(number) {
                Place::Verb => Hit::AtVerb,
                Place::Reported => Hit::BetweenEffects,
                Place::Request => Hit::InRequest,
                Place::Elsewhere => Hit::AtAwait,
            };
            return self.crash(number, hit);
        }
        if mortal && self.world.may_stall() {
            return self.pause(number);
        }
        let task = &mut self.tasks[number];
        self.world.polling(number, mortal);
        let Some(future) = &mut task.future else { return };
        let done = future.as_mut().poll(&mut Context::from_waker(&task.waker));
        if done.is_ready() {
            self.end(number);
        } else if let Some(hit) = self.world.take_crash() {
            self.crash(number, hit);
        }
    }

    fn end(&mut self, number: usize) {
        let task = &mut self.tasks[number];
        if task.future.take().is_some() {
            self.world.ended(task.role);
        }
    }

    /// Drops a task at the await where it stands; or everything of its process.
    fn crash(&mut self, number: usize, hit: Hit) {
        let (role, process) = (self.tasks[number].role, self.tasks[number].process);
        self.world.hit(hit);
        self.world.note(|| format!("CRASH of task {number} ({role:?} of process {process}): {}", hit.label()));
        let mut dead = vec![number];
        if self.world.dice().one_in(2) {
            self.world.hit(Hit::Process);
            self.world.note(|| format!("      and all of process {process}"));
            let of_process = |task: &Task| {
                task.process == process && matches!(task.role, Role::Worker | Role::Caller | Role::Detached)
            };
            dead = (0..self.tasks.len()).filter(|number| of_process(&self.tasks[*number])).collect();
        }
        let mut worker_died = false;
        for number in dead {
            worker_died |= self.tasks[number].role == Role::Worker && self.tasks[number].future.is_some();
            self.end(number);
        }
        if worker_died {
            let delay = self.world.dice().up_to(Duration::from_secs(90));
            self.world.spawn((self.revive)(process, delay));
        }
    }

    /// A task that is not polled for longer than a lease: a paused machine.
    fn pause(&mut self, number: usize) {
        self.world.hit(Hit::Stall);
        let pause = Duration::from_secs(50) + self.world.dice().up_to(Duration::from_secs(60));
        self.world.note(|| format!("PAUSE of task {number} for {pause:?}"));
        let bell = Arc::clone(&self.tasks[number].bell);
        bell.paused.store(true, Ordering::Relaxed);
        let sleep = self.world.clock.sleep(pause);
        let future = Box::pin(async move {
            sleep.await;
            bell.paused.store(false, Ordering::Relaxed);
            bell.wake_by_ref();
        });
        self.world.spawn(NewTask { role: Role::Helper, process: 0, future });
    }
}

/// Gives way once.
pub(super) struct GiveWay<'a> {
    pub(super) world: &'a World,
    pub(super) place: Place,
    pub(super) given: bool,
}

impl Future for GiveWay<'_> {
    type Output = ();

    fn poll(mut self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.given {
            return Poll::Ready(());
        }
        self.given = true;
        self.world.at(self.place);
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Says where a future waits.
pub(super) struct Placed<'a, F> {
    pub(super) world: &'a World,
    pub(super) place: Place,
    pub(super) future: F,
}

impl<F: Future + Unpin> Future for Placed<'_, F> {
    type Output = F::Output;

    fn poll(mut self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let polled = std::pin::Pin::new(&mut self.future).poll(cx);
        if polled.is_pending() {
            self.world.at(self.place);
        }
        polled
    }
}

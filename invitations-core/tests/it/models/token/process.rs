//! One process: the real [`Connections`] on an executor of its own, run until everything in it waits.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures_util::stream::{FuturesUnordered, Stream as _};
use invitations_core::{
    ids::{ClientId, ProviderId, WorkerId},
    runtime::{BoxFuture, ManualClock, Spawner},
    token::{Connections, Rotation, ServerProfile},
};
use url::Url;

use super::{
    border::{Answer, Border, Call, Glass},
    time::{START, TICK, ticks, timing},
};

/// What happens to a process.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// Somebody asks for a token.
    Start,
    Pass(u8),
    /// One of the waiting calls is answered.
    Answer(usize, Answer),
}

#[derive(Debug, Default)]
struct Spawned(Mutex<Vec<Task>>);

struct Task(BoxFuture<'static, ()>);

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Task")
    }
}

impl Spawner for Spawned {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        self.0.lock().unwrap().push(Task(task));
    }
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}

pub(super) struct Process {
    clock: ManualClock,
    border: Border,
    connections: Connections,
    spawned: Arc<Spawned>,
    tasks: FuturesUnordered<BoxFuture<'static, ()>>,
    woken: Arc<Woken>,
}

impl Process {
    pub(super) fn new(rotation: Rotation) -> Self {
        let clock = ManualClock::new(START);
        let mut profile =
            ServerProfile::new(ProviderId::parse("provider").unwrap(), ClientId::parse("client").unwrap());
        profile.rotation = rotation;
        let border = Border::new(&clock, profile);
        let spawned = Arc::new(Spawned::default());
        let connections = Connections::builder(Arc::new(border.clone()), Arc::new(Glass))
            .server(Arc::new(border.clone()), Url::parse("https://app.example/callback").unwrap())
            .clock(Arc::new(clock.clone()))
            .spawner(Arc::clone(&spawned) as Arc<dyn Spawner>)
            .timing(timing())
            .worker(WorkerId::parse("worker").unwrap())
            .build()
            .unwrap();
        Self { clock, border, connections, spawned, tasks: FuturesUnordered::new(), woken: Arc::default() }
    }

    pub(super) fn happens(&mut self, event: &Event) {
        match event {
            Event::Start => {
                // the job that refreshes what is due: as a caller would, without the look before
                let connections = self.connections.clone();
                self.tasks.push(Box::pin(async move { drop(connections.run_once(1).await) }));
            }
            Event::Pass(number) => self.clock.advance(TICK * u32::from(*number)),
            Event::Answer(place, answer) => self.border.answer(*place, answer.clone()),
        }
        self.run();
    }

    /// Until nothing moves without an answer from outside, or time.
    fn run(&mut self) {
        let waker = Waker::from(Arc::clone(&self.woken));
        let mut context = Context::from_waker(&waker);
        loop {
            self.woken.0.store(false, SeqCst);
            let polled = std::pin::Pin::new(&mut self.tasks).poll_next(&mut context);
            let new: Vec<_> = std::mem::take(&mut *self.spawned.0.lock().unwrap());
            let quiet = new.is_empty() && !self.woken.0.load(SeqCst) && !matches!(polled, Poll::Ready(Some(())));
            self.tasks.extend(new.into_iter().map(|task| task.0));
            if quiet {
                return;
            }
        }
    }

    pub(super) fn waiting(&self) -> Vec<Call> {
        self.border.waiting()
    }

    /// Whether it does nothing, and has nothing to do later either.
    pub(super) fn is_idle(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Since it was started.
    pub(super) fn age(&self) -> u8 {
        ticks(&self.clock)
    }
}

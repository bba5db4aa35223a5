//! Workers that run until they are told to stop.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Result,
    ids::WorkerId,
    invitation::{Invitations, Notice, Notifier, Proof, Status, TenantInvitations, Worker},
    memory::MemoryMeetings,
    provider::{Account, MeetingProvider, Open, Providers},
    runtime::{Clock as _, ManualClock},
};

use crate::service_world::{HOUR, MINUTE, World, builder, known, mailed, person, provider, school, world};

const SECOND: Duration = Duration::from_secs(1);

/// A post office that takes its time, or is closed.
#[derive(Clone, Debug)]
struct Post {
    clock: ManualClock,
    takes: Duration,
    begun: Arc<AtomicUsize>,
    done: Arc<AtomicUsize>,
    closed: Arc<AtomicUsize>,
}

impl Post {
    fn new(world: &World, takes: Duration) -> Self {
        let (begun, done, closed) = Default::default();
        Self { clock: world.clock.clone(), takes, begun, done, closed }
    }

    fn counts(&self) -> (usize, usize) {
        (self.begun.load(Ordering::SeqCst), self.done.load(Ordering::SeqCst))
    }
}

#[async_trait]
impl Notifier for Post {
    async fn deliver(&self, _: &Notice) -> Result<()> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.clock.sleep(self.takes).await;
        if self.closed.load(Ordering::SeqCst) > 0 {
            self.closed.fetch_sub(1, Ordering::SeqCst);
            return Err(Error::new(ErrorKind::Unavailable, "deliver"));
        }
        self.done.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

fn posting(world: &World, post: &Post) -> (Invitations, TenantInvitations, Worker) {
    let providers = Providers::new().with(provider(), Arc::new(world.meetings.clone()));
    let built = builder(&world.clock, Arc::clone(&world.store), providers).notifier(Arc::new(post.clone()));
    let invitations = built.build().unwrap();
    let worker = invitations.worker(WorkerId::parse("w").unwrap());
    (invitations.clone(), invitations.tenant(&school()), worker)
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_finishes_its_round() {
    let world = world();
    let post = Post::new(&world, 10 * SECOND);
    let (_, org, worker) = posting(&world, &post);
    org.invite(&person("ada"), world.meeting(mailed("rosa"))).await.unwrap();
    let at = world.clock.now();
    world.drive(worker.run_until(world.clock.sleep(3 * SECOND))).await.unwrap();
    assert_eq!((world.clock.now() - at).num_seconds(), 10);
    assert_eq!(post.counts(), (1, 1));
    // and has said so: nobody delivers it again
    world.clock.advance(HOUR);
    world.drive(worker.run_once(8)).await.unwrap();
    assert_eq!(post.counts(), (1, 1));
}

#[tokio::test]
async fn a_worker_that_is_dropped_leaves_the_rest_to_others() {
    let world = world();
    let post = Post::new(&world, 10 * SECOND);
    let (_, org, worker) = posting(&world, &post);
    org.invite(&person("ada"), world.meeting(mailed("rosa"))).await.unwrap();
    let dropped =
        invitations_core::runtime::timeout(&world.clock, 3 * SECOND, worker.run_until(std::future::pending()));
    world.drive(dropped).await.unwrap_err();
    assert_eq!(post.counts(), (1, 0));
    // when its lease is over
    world.clock.advance(61 * SECOND);
    world.drive(worker.run_once(8)).await.unwrap();
    assert_eq!(post.counts(), (2, 1));
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_while_nothing_is_due_stops_at_once() {
    let world = world();
    let post = Post::new(&world, Duration::ZERO);
    let (_, _, worker) = posting(&world, &post);
    let at = world.clock.now();
    world.drive(worker.run_until(world.clock.sleep(7 * SECOND / 2))).await.unwrap();
    assert_eq!((world.clock.now() - at).num_milliseconds(), 3500);
}

#[tokio::test]
async fn a_waiting_worker_wakes_when_something_is_written() {
    let world = world();
    let post = Post::new(&world, Duration::ZERO);
    let (_, org, worker) = posting(&world, &post);
    let running = worker.run_until(world.clock.sleep(HOUR));
    let invited = async {
        world.clock.sleep(SECOND).await;
        org.invite(&person("ada"), world.meeting(known("bob"))).await.unwrap();
        // far less than it waits by itself
        world.clock.sleep(SECOND / 100).await;
        post.counts()
    };
    let (stopped, counts) = world.drive(futures_util::future::join(running, invited)).await;
    stopped.unwrap();
    assert_eq!(counts, (1, 1));
}

#[tokio::test]
async fn what_could_not_be_delivered_is_delivered_later_and_once() {
    let world = world();
    let post = Post::new(&world, Duration::ZERO);
    post.closed.store(3, Ordering::SeqCst);
    let (_, org, worker) = posting(&world, &post);
    org.invite(&person("ada"), world.meeting(known("bob"))).await.unwrap();
    world.drive(worker.run_until(world.clock.sleep(HOUR / 2))).await.unwrap();
    assert_eq!(post.counts(), (4, 1));
}

/// An account that cannot be opened for a moment.
#[derive(Clone, Debug)]
struct Moody(MemoryMeetings, Arc<AtomicUsize>);

#[async_trait]
impl Open<dyn MeetingProvider> for Moody {
    async fn open(&self, account: &Account) -> Result<Arc<dyn MeetingProvider>> {
        if self.1.load(Ordering::SeqCst) > 0 {
            self.1.fetch_sub(1, Ordering::SeqCst);
            return Err(Error::new(ErrorKind::Unavailable, "open account"));
        }
        self.0.open(account).await
    }
}

/// Nothing was sent, so nothing is unknown.
#[tokio::test]
async fn an_account_that_cannot_be_opened_for_a_moment_needs_no_person() {
    let world = world();
    let opener = Moody(world.meetings.clone(), Arc::new(AtomicUsize::new(2)));
    let providers = Providers::new().with_meetings(provider(), Arc::new(opener));
    let invitations = builder(&world.clock, Arc::clone(&world.store), providers).build().unwrap();
    let (org, worker) = (invitations.tenant(&school()), invitations.worker(WorkerId::parse("w").unwrap()));
    let id = org.invite(&person("ada"), world.meeting(known("bob"))).await.unwrap().id;
    world.drive(org.accept(&Proof::Inbox(id.clone()), &person("bob"))).await.unwrap();
    for _ in 0..20 {
        world.clock.advance(MINUTE);
        world.drive(worker.run_once(8)).await.unwrap();
    }
    let standing = org.standing(&id).await.unwrap();
    assert_eq!(standing.status, Status::Accepted, "{:?}", standing.phase);
}

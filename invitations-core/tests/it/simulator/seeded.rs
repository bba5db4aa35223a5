//! Bugs on purpose: each is caught, and each invariant is needed to catch one.
//!
//! `RUSTFLAGS="--cfg seeded" CARGO_TARGET_DIR=target/seeded cargo test -p invitations-core --test it simulator::seeded`

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use invitations_core::seeded::{BUGS, choose};

use super::{invariants::INVARIANTS, schedule::run};

/// A bug that is not caught within so many schedules, or so long, has survived.
const MOST: u64 = 50_000;
const PATIENCE: Duration = Duration::from_secs(30);
/// How many schedules with a breach are looked at, to see which invariants catch a bug.
const CAUGHT: usize = 30;

/// What was seen of one bug.
struct Hunt {
    /// The schedule that caught it first.
    first: Option<u64>,
    /// In how many schedules each invariant broke.
    by: BTreeMap<&'static str, usize>,
    schedules: u64,
}

#[expect(clippy::disallowed_methods, reason = "a budget in real time; nothing in a schedule depends on it")]
fn hunt(bug: &'static str) -> Hunt {
    choose(bug);
    let mut hunt = Hunt { first: None, by: BTreeMap::new(), schedules: 0 };
    let began = Instant::now();
    let mut caught = 0;
    while hunt.schedules < MOST && began.elapsed() < PATIENCE && caught < CAUGHT {
        // to its end: whatever else breaks would have caught it too
        let outcome = run(hunt.schedules, false, true);
        if !outcome.violations.is_empty() {
            hunt.first = hunt.first.or(Some(hunt.schedules));
            caught += 1;
            for violation in &outcome.violations {
                *hunt.by.entry(violation.invariant).or_default() += 1;
            }
        }
        hunt.schedules += 1;
    }
    choose("");
    hunt
}

/// Every bug, on every core: which one a thread has is its own affair.
fn hunts() -> Vec<Hunt> {
    let next = AtomicUsize::new(0);
    let some = || {
        let mut hunts = Vec::new();
        loop {
            let place = next.fetch_add(1, Relaxed);
            let Some((bug, _)) = BUGS.get(place) else { return hunts };
            hunts.push((place, hunt(bug)));
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut hunts: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(some)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    hunts.sort_by_key(|(place, _)| *place);
    hunts.into_iter().map(|(_, hunt)| hunt).collect()
}

#[test]
fn each_bug_is_caught_and_each_invariant_is_needed() {
    let mut alone: BTreeSet<&str> = BTreeSet::new();
    let mut survivors = Vec::new();
    for ((bug, what), Hunt { first, by, schedules }) in BUGS.iter().zip(hunts()) {
        let caught: Vec<String> = by.iter().map(|(invariant, times)| format!("{invariant} {times}")).collect();
        println!("{bug} {what}: first by schedule {first:?} of {schedules}; {}", caught.join(", "));
        if first.is_none() {
            survivors.push(*bug);
        }
        if by.len() == 1 {
            alone.extend(by.keys());
        }
    }
    println!("count: {} bugs", BUGS.len());
    assert_eq!(survivors, Vec::<&str>::new(), "not caught");
    let idle: Vec<_> = INVARIANTS.iter().map(|one| one.name).filter(|name| !alone.contains(name)).collect();
    assert_eq!(idle, Vec::<&str>::new(), "no bug needs these invariants");
}

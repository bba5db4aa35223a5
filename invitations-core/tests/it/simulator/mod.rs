//! A simulator of the real core: seeded schedules of people, workers, faults and crashes, with a journal of what really happened.
//!
//! `SIMULATE_SEED=n cargo test -p invitations-core --test it simulator` runs one schedule and shows its trace; with `SIMULATE_BUG=B01` in
//! a build with `--cfg seeded`, with that bug.

mod actors;
mod case;
mod dice;
mod edges;
mod executor;
mod hit;
mod invariants;
mod network;
mod oracle;
mod outside;
mod people;
mod provider;
mod schedule;
#[cfg(seeded)]
mod seeded;
mod store;
mod swarm;
mod world;

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use self::{
    hit::Tally,
    schedule::{Outcome, run},
};

/// How many schedules an ordinary run makes.
const SCHEDULES: u64 = 20_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// What schedules from `first` on have seen, on every core; or the first one that breaks an invariant.
fn schedules(first: u64, enough: &(impl Fn(u64) -> bool + Sync)) -> Result<Tally, u64> {
    let (next, broken) = (AtomicU64::new(first), AtomicU64::new(u64::MAX));
    let some = || {
        let mut tally = Tally::default();
        loop {
            let seed = next.fetch_add(1, Relaxed);
            if enough(seed) || seed > broken.load(Relaxed) {
                return tally;
            }
            let outcome = run(seed, false, false);
            if !outcome.violations.is_empty() {
                broken.fetch_min(seed, Relaxed);
            }
            tally.add(&outcome.tally);
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let tally = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(some)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).fold(Tally::default(), |mut all, tally| {
            all.add(&tally);
            all
        })
    });
    match broken.into_inner() {
        u64::MAX => Ok(tally),
        seed => Err(seed),
    }
}

/// The failure for people: what broke, how it came to it, how to see it again.
fn report(seed: u64) -> String {
    let Outcome { violations, trace, .. } = run(seed, true, false);
    let broken: Vec<String> =
        violations.iter().map(|one| format!("step {}: {}: {}", one.step, one.invariant, one.text)).collect();
    format!("{}\nseed {seed}:\n{}\n", trace.join("\n"), broken.join("\n"))
}

/// Which invariants break how often, with the first seed of each kind of breach.
fn survey(schedules: u64) -> String {
    let mut kinds = BTreeMap::new();
    for seed in 0..schedules {
        for violation in run(seed, false, true).violations {
            let text: String = violation.text.chars().filter(|c| !c.is_ascii_digit()).take(90).collect();
            kinds.entry((violation.invariant, text)).or_insert((seed, 0)).1 += 1;
        }
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, (_, times))| std::cmp::Reverse(*times));
    let line = |((invariant, text), (seed, times))| format!("{times:>6}  {invariant}: {text} (first seed {seed})\n");
    kinds.into_iter().map(line).collect()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a budget in real time; nothing in a schedule depends on it")]
fn every_schedule_keeps_the_invariants() {
    #[cfg(seeded)]
    if let Ok(bug) = std::env::var("SIMULATE_BUG") {
        invitations_core::seeded::choose(bug.leak());
    }
    if let Some(seed) = number("SIMULATE_SEED") {
        println!("{}", report(seed));
        assert!(run(seed, false, false).violations.is_empty(), "seed {seed} breaks an invariant");
        return;
    }
    if let Some(schedules) = number("SIMULATE_SURVEY") {
        println!("{}", survey(schedules));
        return;
    }
    let long = std::env::var_os("LONG").is_some();
    let budget = Duration::from_secs(number("LONG_BUDGET_S").unwrap_or(60));
    let first = number("SIMULATE_FROM").unwrap_or(if long { 1_000_000 } else { 0 });
    let began = Instant::now();
    let tally = schedules(first, &|seed| if long { began.elapsed() > budget } else { seed >= first + SCHEDULES });
    let tally = tally.unwrap_or_else(|seed| panic!("{}", report(seed)));
    println!("{}", tally.table());
    println!("count: {} schedules ({} steps, {} meetings)", tally.schedules, tally.steps, tally.meetings);
    assert!(!long || tally.missing().is_empty(), "never hit: {:?}", tally.missing());
}

#[test]
fn the_same_seed_is_the_same_schedule() {
    for seed in 0..50 {
        let (one, two) = (run(seed, false, false), run(seed, true, false));
        assert_eq!((one.hash, &one.tally), (two.hash, &two.tally), "seed {seed}");
    }
}

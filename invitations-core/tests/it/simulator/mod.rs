//! A simulator of the real core: seeded schedules of people, workers, faults and crashes, with a journal of what really happened.
//!
//! `SIMULATE_SEED=n cargo test -p invitations-core --test it simulator` runs one schedule and shows its trace.

mod actors;
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
mod store;
mod swarm;
mod world;

use std::time::{Duration, Instant};

use self::{
    hit::Tally,
    schedule::{Outcome, run},
};

/// How many schedules an ordinary run makes.
const SCHEDULES: u64 = 20_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// The failure for people: what broke, how it came to it, how to see it again.
fn report(seed: u64) -> String {
    let Outcome { violations, trace, .. } = run(seed, true, false);
    let broken: Vec<String> =
        violations.iter().map(|one| format!("step {}: {}: {}", one.step, one.invariant, one.text)).collect();
    format!("{}\nseed {seed}:\n{}\n", trace.join("\n"), broken.join("\n"))
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a budget in real time; nothing in a schedule depends on it")]
fn every_schedule_keeps_the_invariants() {
    if let Some(seed) = number("SIMULATE_SEED") {
        println!("{}", report(seed));
        assert!(run(seed, false, false).violations.is_empty(), "seed {seed} breaks an invariant");
        return;
    }
    let long = std::env::var_os("LONG").is_some();
    let budget = Duration::from_secs(number("LONG_BUDGET_S").unwrap_or(60));
    let first = number("SIMULATE_FROM").unwrap_or(if long { 1_000_000 } else { 0 });
    let (began, mut tally, mut seed) = (Instant::now(), Tally::default(), first);
    while if long { began.elapsed() < budget } else { seed < first + SCHEDULES } {
        let outcome = run(seed, false, false);
        assert!(outcome.violations.is_empty(), "{}", report(seed));
        tally.add(&outcome.tally);
        seed += 1;
    }
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

//! Two worker processes over one SQLite file, killed at random moments and started again.
//!
//! The provider is a file too, so that it outlives them. It loses requests and replies and delivers late, and its journal, not our
//! store, decides at the end: nothing exists twice, nothing is left over, nothing is lost.

mod child;
mod choices;
mod double;
mod fate;
mod judge;
mod moment;
mod office;
mod provider;
mod round;
mod rows;
mod setting;
mod told;
mod world;

use std::time::{Duration, Instant};

use invitations_core::provider::Idempotency;

use self::{
    choices::Choices,
    round::{Tally, round},
    setting::timing,
};

/// Kills in the normal run and in a long one, for each of the three kinds of provider.
const WANTED: [usize; 2] = [8, 100];

#[expect(clippy::disallowed_methods, reason = "a long stage has a budget of real time")]
#[expect(clippy::print_stdout, reason = "a long stage prints its count")]
async fn rounds(name: &str, first_seed: u64, idempotency: fn(&mut Choices) -> Idempotency) {
    let wanted = WANTED[usize::from(std::env::var_os("LONG").is_some())];
    let budget = std::env::var("LONG_BUDGET_S").ok().and_then(|text| text.parse().ok()).map(Duration::from_secs);
    let (began, mut all, mut done) = (Instant::now(), Tally::default(), 0);
    while all.kills < wanted && budget.is_none_or(|budget| began.elapsed() < budget) {
        let seed = first_seed + done;
        match round(seed, idempotency(&mut Choices::about(seed, "provider", 0))).await {
            Ok(tally) => all.add(tally),
            Err(problem) => panic!("{name}, seed {seed}, after {} kills: {problem}", all.kills),
        }
        done += 1;
    }
    let Tally { kills, writes, given_up, orphaned } = all;
    println!(
        "count: {kills} kills ({name}, {done} rounds; of {writes} writes {given_up} given up, {orphaned} orphaned)"
    );
    assert!(kills > 0 && writes > 0, "nothing was tried");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_native_key() {
    rounds("native key", 1, |_| Idempotency::NativeKey).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_an_exact_look_up() {
    rounds("exact look-up", 1000, |_| Idempotency::ExactLookup).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_an_inexact_look_up() {
    // shorter and longer than the span over which we look by ourselves
    let provider =
        |choices: &mut Choices| Idempotency::InexactLookup { lag: choices.up_to(timing().absence_span * 5 / 4) };
    rounds("inexact look-up", 2000, provider).await;
}

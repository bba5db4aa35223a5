//! `kill -9` at random moments, then the same command again: it finishes, and nothing exists twice.

use std::time::{Duration, Instant};

use meetings_sandbox::{Fault, FaultPlan, FaultRule, Sandbox, SandboxConfig};

use crate::{
    judge,
    run::{against, all_ok, start},
};

/// A small generator: the moments differ from round to round, and a failing round can be run again by its seed.
struct Moments(u64);

impl Moments {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % below
    }
}

fn rounds(normal: usize, long: usize) -> usize {
    if std::env::var_os("LONG").is_some() { long } else { normal }
}

fn losing_and_throttling() -> FaultPlan {
    FaultPlan::new()
        .with(FaultRule::new(Fault::LostReply).every(3))
        .with(FaultRule::new(Fault::Throttle { retry_after: Some("0".to_owned()) }).every(5))
}

/// Kills the program up to three times in one week, then lets it finish; answers how often it was really killed.
async fn one_week(seed: u64, faults: Option<FaultPlan>) -> Result<usize, String> {
    let sandbox = Sandbox::start(SandboxConfig::new().with_seed(seed)).await.map_err(|error| error.to_string())?;
    if let Some(plan) = faults {
        sandbox.set_faults(plan);
    }
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let db = folder.path().join("week.db");
    let url = sandbox.url().to_string();
    let (mut moments, mut kills) = (Moments(seed), 0);
    for _ in 0..1 + moments.next(3) {
        let mut child = start(against(&url, &db));
        let pause = Duration::from_millis(20 + moments.next(1500));
        // the moment of a kill is real time, whatever it hits: that is what is tested
        let killed = tokio::task::spawn_blocking(move || {
            wait(pause);
            let alive = matches!(child.try_wait(), Ok(None));
            let killed = child.kill();
            child.wait().and(killed).map(|()| usize::from(alive))
        });
        kills += killed.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
    }
    let last = against(&url, &db);
    let output = tokio::task::spawn_blocking(move || start(last).wait_with_output());
    let output = output.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
    all_ok(&output)?;
    let problems = judge::problems(&sandbox.state());
    if problems.is_empty() { Ok(kills) } else { Err(problems.join("\n")) }
}

#[expect(clippy::disallowed_methods, reason = "another process is killed at a moment of real time")]
fn wait(pause: Duration) {
    std::thread::sleep(pause);
}

#[expect(clippy::disallowed_methods, reason = "a long stage has a budget of real time")]
#[expect(clippy::print_stdout, reason = "a long stage prints its count")]
async fn weeks(name: &str, first_seed: u64, wanted: usize, faults: fn() -> Option<FaultPlan>) {
    let budget = std::env::var("LONG_BUDGET_S").ok().and_then(|text| text.parse().ok()).map(Duration::from_secs);
    let (began, mut kills, mut done) = (Instant::now(), 0, 0);
    while kills < wanted && budget.is_none_or(|budget| began.elapsed() < budget) {
        let seed = first_seed + done;
        match one_week(seed, faults()).await {
            Ok(killed) => kills += killed,
            Err(problem) => panic!("{name}, seed {seed}, after {kills} kills: {problem}"),
        }
        done += 1;
        assert!(done < 10 * wanted as u64 + 10, "{name}: the program ends before it can be killed");
    }
    println!("count: {kills} kills ({name}, {done} weeks)");
    assert!(kills > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_at_any_moment_then_finish() {
    weeks("kill", 1, rounds(8, 50), || None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_while_replies_are_lost_and_calls_throttled() {
    weeks("kill with faults", 1000, rounds(4, 20), || Some(losing_and_throttling())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_third_reply_lost_and_every_fifth_call_throttled() {
    let sandbox = Sandbox::start(SandboxConfig::new().with_seed(5)).await.unwrap();
    sandbox.set_faults(losing_and_throttling());
    let folder = tempfile::tempdir().unwrap();
    let command = against(sandbox.url().as_ref(), &folder.path().join("week.db"));
    let output = tokio::task::spawn_blocking(move || start(command).wait_with_output()).await.unwrap().unwrap();
    all_ok(&output).unwrap();
    assert_eq!(judge::problems(&sandbox.state()), Vec::<String>::new());
    let lost = sandbox.journal().iter().filter(|entry| entry.fault.is_some()).count();
    assert!(lost > 10, "only {lost} faults happened");
}

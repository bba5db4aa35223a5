//! `cargo xtask ci`: what a change must pass, ordered by cost, done within 75 minutes on two cores.

use std::time::{Duration, Instant};

use house_tests::workspace;

use crate::summary::{Count, Outcome, Row, Summary};
use crate::{check, environment, features, process, test};

/// The whole run.
const TOTAL: Duration = Duration::from_secs(75 * 60);

type Step = fn(Duration) -> Result<Outcome, String>;

/// What follows the tests: name, hard limit in seconds, work.
const STEPS: &[(&str, u64, Step)] = &[
    ("clippy", 1_200, |limit| clippy(limit).map(|()| Outcome::Ok)),
    ("documentation", 900, |limit| documentation(limit).map(|()| Outcome::Ok)),
    ("feature checks", 1_500, |limit| again(&["check-features"], limit)),
    ("system TLS", 900, |limit| again(&["check-system-tls"], limit)),
    ("public API", 1_200, |limit| again(&["public-api"], limit)),
    ("packages, consumer", 1_200, |limit| again(&["package"], limit)),
];

pub(crate) fn run() -> Result<(), String> {
    let end = environment::now() + TOTAL;
    let mut summary = Summary::default();
    let done = all(end, &mut summary);
    println!("\n{}\n{}", summary.table(), summary.last_line());
    done
}

fn all(end: Instant, summary: &mut Summary) -> Result<(), String> {
    step(summary, "fetch", end, 600, |limit| {
        process::run(process::cargo().args(["fetch", "--locked"]), limit).map(|()| Outcome::Ok)
    })?;
    check::all(summary);
    if summary.failed() {
        return Err("a cheap check failed: nothing was compiled".to_owned());
    }
    test::stages(true, Some(end), summary)?;
    if summary.failed() {
        return Err("a test stage failed".to_owned());
    }
    for (name, limit, work) in STEPS {
        step(summary, name, end, *limit, work)?;
    }
    Ok(())
}

fn step(
    summary: &mut Summary,
    name: &str,
    end: Instant,
    limit_s: u64,
    work: impl FnOnce(Duration) -> Result<Outcome, String>,
) -> Result<(), String> {
    println!("\n==> {name}");
    let start = environment::now();
    let limit = Duration::from_secs(limit_s).min(end.saturating_duration_since(start));
    let outcome = if limit.is_zero() { Err("the 75 minutes are over".to_owned()) } else { work(limit) };
    let outcome = outcome.unwrap_or_else(Outcome::Failed);
    summary.add(Row { name: name.to_owned(), took: start.elapsed(), outcome, count: Count::default() });
    if summary.failed() { Err(format!("{name} failed")) } else { Ok(()) }
}

/// A command of ours with many parts, in a process of its own so that one limit holds for all of it.
fn again(arguments: &[&str], limit: Duration) -> Result<Outcome, String> {
    let program = std::env::current_exe().map_err(|error| format!("this program is nowhere: {error}"))?;
    let mut skipped = None;
    process::stream(std::process::Command::new(program).args(arguments), limit, |line| {
        if let Some(why) = line.strip_prefix("skipped: ") {
            skipped = Some(why.to_owned());
        }
    })?;
    match skipped {
        Some(why) if environment::in_ci() => Err(format!("skipped: {why}")),
        Some(why) => Ok(Outcome::Skipped(why)),
        None => Ok(Outcome::Ok),
    }
}

/// `check-features`, called by [`again`].
pub(crate) fn check_features() -> Result<(), String> {
    features::check(&workspace::packages(&workspace::metadata()?))
}

/// `check-system-tls`, called by [`again`].
pub(crate) fn check_system_tls() -> Result<(), String> {
    if let Some(why) = features::check_system_tls()? {
        println!("skipped: {why}");
    }
    Ok(())
}

fn clippy(limit: Duration) -> Result<(), String> {
    let features = features::of_workspace(&workspace::packages(&workspace::metadata()?), &[]);
    let mut command = process::cargo();
    command.args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--features",
        &features,
        "--",
        "-D",
        "warnings",
    ]);
    process::run(&mut command, limit)
}

fn documentation(limit: Duration) -> Result<(), String> {
    let features = features::of_workspace(&workspace::packages(&workspace::metadata()?), &[]);
    let mut command = process::cargo();
    command.env("RUSTDOCFLAGS", "-D warnings");
    command.args(["doc", "--workspace", "--no-deps", "--locked", "--features", &features]);
    process::run(&mut command, limit)
}

//! The checks that need no compiler, in seconds: all run, then the run stops if one failed.

mod dependencies;
mod links;
mod msrv;
mod sources;

use std::time::Duration;

use house_tests::workspace;

use crate::summary::{Count, Outcome, Row, Summary};
use crate::{environment, process, tools};

type Check = (&'static str, fn() -> Result<(), String>);

const CHECKS: &[Check] = &[
    ("format", format),
    ("dependencies", dependencies::check),
    ("names and clock", names),
    ("rust versions", msrv::check),
    ("sources", sources::check),
    ("links", links::check),
    ("bans licences sources", deny),
];

/// `cargo xtask check`
pub(crate) fn run() -> Result<(), String> {
    let mut summary = Summary::default();
    all(&mut summary);
    if summary.failed() { Err("a cheap check failed".to_owned()) } else { Ok(()) }
}

/// Runs every cheap check into `summary`.
pub(crate) fn all(summary: &mut Summary) {
    for (name, check) in CHECKS {
        let start = environment::now();
        let outcome = check().map_or_else(Outcome::Failed, |()| Outcome::Ok);
        summary.add(Row { name: (*name).to_owned(), took: start.elapsed(), outcome, count: Count::default() });
    }
}

/// Findings as a result.
fn none(findings: Vec<String>) -> Result<(), String> {
    if findings.is_empty() { Ok(()) } else { Err(findings.join("\n")) }
}

fn format() -> Result<(), String> {
    process::output(process::cargo().args(["fmt", "--all", "--check", "--", "--color", "never"])).map(drop)
}

fn names() -> Result<(), String> {
    let root = workspace::root();
    let read = |name: &str| house_tests::files::read(&root.join(name));
    let mut findings = house_tests::clock_lint::check(&read("clippy.toml")?, &read("Cargo.toml")?);
    findings.extend(house_tests::provider_names::check_core(&root.join("invitations-core/src"))?);
    findings.extend(house_tests::provider_names::check_peer(&root.join("graph-meetings"), "webex_meetings")?);
    findings.extend(house_tests::provider_names::check_peer(&root.join("webex-meetings"), "graph_meetings")?);
    none(findings)
}

/// Advisories need a clone of the advisory database over the network, so that a new advisory would turn an old commit red.
fn deny() -> Result<(), String> {
    let program = tools::DENY.find()?;
    println!("advisories are not checked here: run `cargo deny check advisories`");
    let mut command = std::process::Command::new(program);
    command.current_dir(workspace::root());
    command.args(["--log-level", "error", "--all-features", "check", "bans", "licenses", "sources"]);
    process::run(&mut command, Duration::from_secs(300))
}

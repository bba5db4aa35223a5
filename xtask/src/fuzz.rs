//! `cargo xtask fuzz`: the targets of `support/fuzz` under libFuzzer, on the stable toolchain.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use house_tests::workspace;

use crate::summary::{Count, Outcome};
use crate::{environment, process};

/// The targets, each a file below `support/fuzz/targets`.
pub(crate) const TARGETS: &[&str] = &["link_header", "webhook", "webex_error", "graph_error", "retry_after"];
/// So many run at a time.
pub(crate) const AT_A_TIME: usize = 2;
/// Inputs are no longer.
const LONGEST: usize = 4096;
/// What cargo-fuzz passes on nightly; all of it is stable.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions=on -Coverflow-checks=on";

/// Builds all targets and runs each for so many seconds.
pub(crate) fn run(seconds: &str) -> Result<(), String> {
    let seconds: u64 = seconds.parse().map_err(|_| format!("`{seconds}` is not a number of seconds"))?;
    let mut count = Count::default();
    let each = Duration::from_secs(seconds);
    let limit = each * rounds() + Duration::from_secs(1_200);
    perform(each, environment::now() + limit, &mut count)?;
    for remark in &count.remarks {
        println!("{remark}");
    }
    Ok(())
}

/// How often `each` fits into a whole run.
pub(crate) fn rounds() -> u32 {
    u32::try_from(TARGETS.len().div_ceil(AT_A_TIME)).unwrap_or(u32::MAX)
}

/// The same for the test run: what was tried stands in `count`.
pub(crate) fn perform(each: Duration, end: Instant, count: &mut Count) -> Result<Outcome, String> {
    let folder = environment::target().join("fuzz");
    let programs = build(&folder, end)?;
    for some in TARGETS.chunks(AT_A_TIME) {
        let done: Vec<_> = std::thread::scope(|scope| {
            let running: Vec<_> =
                some.iter().map(|name| scope.spawn(|| target(name, &folder, &programs, each, end))).collect();
            running.into_iter().map(|one| one.join().unwrap_or_else(|_| Err("a thread ended".to_owned()))).collect()
        });
        for (name, executed) in some.iter().zip(done) {
            count.remarks.push(format!("{} inputs of {name}", executed?));
        }
    }
    Ok(Outcome::Ok)
}

/// Where the programs are.
fn build(folder: &Path, end: Instant) -> Result<PathBuf, String> {
    let version = process::output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("rustc names no host")?.to_owned();
    let mut command = process::cargo();
    command.env("RUSTFLAGS", FLAGS).env("CARGO_TARGET_DIR", folder);
    // with a target of its own, the flags are not for build scripts
    command.args(["build", "--release", "--locked", "--bins", "--target", &host, "--manifest-path"]);
    command.arg(workspace::root().join("support/fuzz/Cargo.toml"));
    process::run(&mut command, left(end))?;
    Ok(folder.join(host).join("release"))
}

/// Runs one target; how many inputs it had.
fn target(name: &str, folder: &Path, programs: &Path, each: Duration, end: Instant) -> Result<u64, String> {
    let corpus = folder.join("corpus").join(name);
    let artifacts = folder.join("artifacts");
    for folder in [&corpus, &artifacts] {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    // libFuzzer says much, and says it to its standard error
    let log = folder.join(format!("{name}.log"));
    let mut command = Command::new("sh");
    command.args(["-c", r#"exec "$0" "$@" >"$LOG" 2>&1"#]).arg(programs.join(name)).env("LOG", &log);
    command.arg(format!("-max_total_time={}", each.as_secs().max(1)));
    command.arg(format!("-max_len={LONGEST}")).args([
        "-timeout=5",
        "-rss_limit_mb=1024",
        "-print_final_stats=1",
        "-verbosity=0",
    ]);
    command.arg(format!("-artifact_prefix={}/{name}-", artifacts.display()));
    command.arg(corpus).arg(workspace::root().join("support/fuzz/seeds").join(name));
    let done = process::run(&mut command, left(end));
    let said = std::fs::read(&log).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    done.map_err(|error| format!("{error}\n{}", last_lines(&said)))?;
    match said.lines().find_map(units) {
        Some(0) | None => Err(format!("{name}: nothing was tried\n{}", last_lines(&said))),
        Some(executed) => Ok(executed),
    }
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

/// `stat::number_of_executed_units: 123`.
fn units(line: &str) -> Option<u64> {
    line.strip_prefix("stat::number_of_executed_units:")?.trim().parse().ok()
}

fn left(end: Instant) -> Duration {
    end.saturating_duration_since(environment::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_a_file_and_seeds_and_every_file_is_a_target() {
        let fuzz = workspace::root().join("support/fuzz");
        let files = std::fs::read_dir(fuzz.join("targets")).expect("targets").flatten();
        let mut files: Vec<_> = files.map(|file| file.path().file_stem().expect("a name").to_owned()).collect();
        let mut targets: Vec<_> = TARGETS.iter().map(std::ffi::OsString::from).collect();
        files.sort();
        targets.sort();
        assert_eq!(files, targets);
        for target in TARGETS {
            assert!(
                fuzz.join("seeds").join(target).read_dir().is_ok_and(|mut seeds| seeds.next().is_some()),
                "{target}"
            );
        }
    }

    #[test]
    fn the_count_is_read() {
        assert_eq!(units("stat::number_of_executed_units: 1048576"), Some(1_048_576));
        assert_eq!(units("stat::average_exec_per_sec:     52428"), None);
    }
}

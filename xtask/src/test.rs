//! `cargo xtask test`: the stages of [`crate::stage::STAGES`], on PostgreSQL, too, where one can be had.

use std::process::Command;
use std::time::{Duration, Instant};

use house_tests::workspace::{self, Package};

use crate::stage::{STAGES, Stage, Tier, Work, given_budget};
use crate::summary::{Count, Outcome, Row, Summary};
use crate::{environment, features, fuzz, postgres, process, tools};

/// The features whose tests need a PostgreSQL.
const ON_POSTGRES: &[&str] = &["invitations-sqlx/postgres", "house-tests/postgres"];

/// Runs the fast stages and, when `long`, the long ones; the last line is `N passed, N failed`.
pub(crate) fn run(long: bool) -> Result<(), String> {
    let mut summary = Summary::default();
    let stopped = stages(long, None, &mut summary);
    println!("\n{}", summary.table());
    if let Err(message) = &stopped {
        println!("{message}");
    }
    println!("{}", summary.last_line());
    stopped?;
    if summary.failed() { Err("a stage failed".to_owned()) } else { Ok(()) }
}

/// Runs the stages into `summary`, none of them beyond `end`.
pub(crate) fn stages(long: bool, end: Option<Instant>, summary: &mut Summary) -> Result<(), String> {
    let packages = workspace::packages(&workspace::metadata()?);
    let budget = given_budget()?;
    let database = Database::prepare(summary)?;
    for stage in STAGES.iter().filter(|stage| long || stage.tier == Tier::Fast) {
        summary.add(perform(stage, budget, end, &packages, &database));
    }
    Ok(())
}

/// Runs one stage.
pub(crate) fn single(stage: &Stage, budget: Duration) -> Result<(), String> {
    let packages = workspace::packages(&workspace::metadata()?);
    let mut summary = Summary::default();
    // the others name their features themselves, and none of these
    let needs_database = matches!(stage.work, Work::Workspace);
    let database = if needs_database { Database::prepare(&mut summary)? } else { Database::NotNeeded };
    summary.add(perform(stage, Some(budget), None, &packages, &database));
    println!("{}", summary.last_line());
    if summary.failed() { Err(format!("stage {} failed", stage.name)) } else { Ok(()) }
}

fn perform(
    stage: &Stage,
    given: Option<Duration>,
    end: Option<Instant>,
    packages: &[Package],
    database: &Database,
) -> Row {
    println!("\n==> {}", stage.name);
    let (start, mut count) = (environment::now(), Count::default());
    let budget = stage.budget(given);
    let limit = stage.limit(budget).min(end.map_or(Duration::MAX, |end| end.saturating_duration_since(start)));
    let done = match stage.work {
        Work::Models => models(limit),
        Work::Workspace => {
            let arguments = workspace_arguments(packages, database);
            tests(process::cargo(), arguments, stage, None, limit, database, &mut count)
        }
        Work::Tests(arguments) => {
            tests(process::cargo(), words(arguments), stage, Some(budget), limit, database, &mut count)
        }
        Work::Prism(arguments) => tools::prism().and_then(|found| match found {
            Ok(program) => {
                let mut command = process::cargo();
                command.env("PRISM", program);
                tests(command, words(arguments), stage, Some(budget), limit, database, &mut count)
            }
            Err(why) if environment::in_ci() => Err(why),
            Err(why) => Ok(Outcome::Skipped(why)),
        }),
        Work::WebexSdk(arguments) => tools::webex_sdk().and_then(|found| match found {
            Ok(python) => {
                let mut command = process::cargo();
                command.env("WEBEX_PYTHON", python);
                tests(command, words(arguments), stage, Some(budget), limit, database, &mut count)
            }
            Err(why) if environment::in_ci() => Err(why),
            Err(why) => Ok(Outcome::Skipped(why)),
        }),
        Work::Fuzz => fuzz::perform(budget, start + limit, &mut count),
        Work::Seeded(arguments) => tests(seeded(), words(arguments), stage, Some(budget), limit, database, &mut count),
    };
    let outcome = done.unwrap_or_else(Outcome::Failed);
    Row { name: stage.name.to_owned(), took: start.elapsed(), outcome, count }
}

fn workspace_arguments(packages: &[Package], database: &Database) -> Vec<String> {
    let leave_out = if database.is_missing() { ON_POSTGRES } else { &[] };
    ["--workspace", "--features", &features::of_workspace(packages, leave_out)].map(str::to_owned).to_vec()
}

fn words(arguments: &[&str]) -> Vec<String> {
    arguments.iter().map(|word| (*word).to_owned()).collect()
}

/// Other flags make another build: in a folder of its own, the ordinary one stays as it is.
fn seeded() -> Command {
    let mut command = process::cargo();
    command.env("RUSTFLAGS", "--cfg seeded").env("CARGO_TARGET_DIR", environment::target().join("seeded"));
    command
}

fn tests(
    mut command: Command,
    arguments: Vec<String>,
    stage: &Stage,
    budget: Option<Duration>,
    limit: Duration,
    database: &Database,
    count: &mut Count,
) -> Result<Outcome, String> {
    command.args(["test", "--locked", "--no-fail-fast"]).args(arguments);
    if let Some(budget) = budget {
        command.env("LONG", "1").env("LONG_BUDGET_S", budget.as_secs().to_string());
        // a passed test's `count:` line is shown too
        command.args(["--", "--show-output"]);
    } else {
        command.env_remove("LONG").env_remove("LONG_BUDGET_S");
    }
    if let Some(specs) = environment::specs() {
        command.env("SPECS_DIR", specs);
    }
    if let Database::There(server) = database {
        command.env("DATABASE_URL", &server.url);
    }
    process::stream(&mut command, limit, |line| count.see(line))?;
    judge(stage, count)
}

/// A command that succeeded may still have run nothing, or left something out.
fn judge(stage: &Stage, count: &Count) -> Result<Outcome, String> {
    if count.passed == 0 {
        return Err("no test ran".to_owned());
    }
    if count.ignored > 0 {
        return Err(format!("{} ignored: every test runs", count.ignored));
    }
    if stage.tier == Tier::Long && count.remarks.is_empty() {
        return Err("no `count: N things` was printed, so nobody knows how much was tried".to_owned());
    }
    Ok(Outcome::Ok)
}

fn models(limit: Duration) -> Result<Outcome, String> {
    let folder = environment::specs().map(|specs| specs.join("models"));
    let entries = folder.as_ref().and_then(|folder| std::fs::read_dir(folder).ok());
    let mut models: Vec<_> = entries.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    models.retain(|path| path.extension().is_some_and(|ending| ending == "py"));
    models.sort();
    if models.is_empty() {
        let why = "no models/*.py below SPECS_DIR (default ../shared)".to_owned();
        return if environment::in_ci() { Err(why) } else { Ok(Outcome::Skipped(why)) };
    }
    for model in models {
        process::run(Command::new("python3").arg("-B").arg(model), limit)?;
    }
    Ok(Outcome::Ok)
}

/// Whether the tests get a PostgreSQL.
enum Database {
    NotNeeded,
    There(postgres::Server),
    Missing,
}

impl Database {
    fn prepare(summary: &mut Summary) -> Result<Self, String> {
        let start = environment::now();
        match postgres::obtain() {
            Ok(server) => Ok(Self::There(server)),
            Err(why) if environment::in_ci() => Err(format!("PostgreSQL is needed: {why}")),
            Err(why) => {
                let outcome = Outcome::Skipped(format!("tests on PostgreSQL did not run: {why}"));
                summary.add(Row {
                    name: "PostgreSQL".to_owned(),
                    took: start.elapsed(),
                    outcome,
                    count: Count::default(),
                });
                Ok(Self::Missing)
            }
        }
    }

    fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn without_a_database_only_its_tests_are_left_out() {
        let packages = workspace::packages(&workspace::metadata().expect("cargo metadata"));
        let features = |database| workspace_arguments(&packages, &database).pop().unwrap_or_default();
        let (all, without) = (features(Database::NotNeeded), features(Database::Missing));
        let of = |features: &str| features.split(',').map(str::to_owned).collect::<BTreeSet<_>>();
        let left_out: BTreeSet<_> = of(&all).difference(&of(&without)).cloned().collect();
        assert_eq!(left_out, ON_POSTGRES.iter().map(|feature| (*feature).to_owned()).collect());
    }

    #[test]
    fn a_stage_that_ran_nothing_or_left_something_out_fails() {
        let fast = STAGES.iter().find(|stage| stage.tier == Tier::Fast).expect("a fast stage");
        let long = STAGES.iter().find(|stage| stage.tier == Tier::Long).expect("a long stage");
        let count = |passed, ignored, remarks: &[&str]| Count {
            passed,
            ignored,
            failed: 0,
            remarks: remarks.iter().map(|remark| (*remark).to_owned()).collect(),
        };
        assert!(judge(fast, &count(1, 0, &[])).is_ok());
        assert!(judge(fast, &count(0, 0, &[])).is_err());
        assert!(judge(fast, &count(1, 1, &[])).is_err());
        assert!(judge(long, &count(1, 0, &["50 kills"])).is_ok());
        assert!(judge(long, &count(1, 0, &[])).is_err());
    }
}

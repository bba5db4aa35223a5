//! The stages of the test run, as data: adding one is one line.

use std::time::Duration;

use crate::fuzz;

/// Which run a stage belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    /// Every run.
    Fast,
    /// Only with `--long`.
    Long,
}

/// What a stage does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Work {
    /// The executable models, with python3.
    Models,
    /// `cargo test` over the workspace with every feature but the operating system's TLS.
    Workspace,
    /// `cargo test` with these arguments; a filter that matches no test is a failure.
    Tests(&'static [&'static str]),
    /// The same with Prism, a server that checks requests against an OpenAPI document; it comes from npm.
    Prism(&'static [&'static str]),
    /// The same with Cisco's own Python client; it comes from PyPI.
    WebexSdk(&'static [&'static str]),
    /// The fuzz targets, each for the budget.
    Fuzz,
    /// The same with `--cfg seeded`, in a target folder of its own: bugs on purpose, which must be caught.
    Seeded(&'static [&'static str]),
}

/// One stage.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    pub(crate) tier: Tier,
    /// Fast stages: the hard limit. Long stages: how long the tests work before they stop by themselves and print a count.
    pub(crate) budget: Duration,
    pub(crate) work: Work,
}

const fn fast(name: &'static str, limit_s: u64, work: Work) -> Stage {
    Stage { name, tier: Tier::Fast, budget: Duration::from_secs(limit_s), work }
}

const fn long(name: &'static str, budget_s: u64, work: Work) -> Stage {
    Stage { name, tier: Tier::Long, budget: Duration::from_secs(budget_s), work }
}

/// Every stage in the order in which it runs.
///
/// A long stage's tests are ordinary tests that also run in the fast tier. They find `LONG=1` and `LONG_BUDGET_S` in their
/// environment, do rounds until the budget is spent, and print `count: N things`.
pub(crate) const STAGES: &[Stage] = &[
    fast("models", 60, Work::Models),
    fast("tests", 1_800, Work::Workspace),
    long("kills", 240, Work::Tests(&["-p", "quickstart", "--test", "it", "kill"])),
    long("kills on SQLite", 120, Work::Tests(&["-p", "invitations-sqlx", "--test", "it", "killed::"])),
    long(
        "simulator",
        60,
        Work::Tests(&["-p", "invitations-core", "--all-features", "--test", "it", "simulator::every"]),
    ),
    long(
        "token model",
        120,
        Work::Tests(&["-p", "invitations-core", "--all-features", "--test", "it", "models::token::as_it_is"]),
    ),
    long(
        "seeded bugs",
        120,
        Work::Seeded(&["-p", "invitations-core", "--all-features", "--test", "it", "seeded::each"]),
    ),
    long("seeded bugs of requests", 20, Work::Seeded(&["-p", "meetings-http", "--test", "it", "seeded::each"])),
    long("seeded bugs of Webex", 20, Work::Seeded(&["-p", "webex-meetings", "--test", "it", "seeded::each"])),
    long("prism", 60, Work::Prism(&["-p", "house-tests", "--test", "it", "contract::webex::prism"])),
    long("Webex in Python", 60, Work::WebexSdk(&["-p", "house-tests", "--test", "it", "peers::"])),
    long("fuzz", 20, Work::Fuzz),
];

impl Stage {
    /// The budget: `LONG_BUDGET_S` when given, for long stages.
    pub(crate) fn budget(&self, given: Option<Duration>) -> Duration {
        match self.tier {
            Tier::Fast => self.budget,
            Tier::Long => given.unwrap_or(self.budget),
        }
    }

    /// When the stage is stopped from outside: a long stage may also have to build, and its last round to end.
    pub(crate) fn limit(&self, budget: Duration) -> Duration {
        match (self.tier, self.work) {
            (Tier::Fast, _) => budget,
            (Tier::Long, Work::Fuzz) => budget * fuzz::rounds() + Duration::from_secs(900),
            (Tier::Long, _) => budget * 2 + Duration::from_secs(600),
        }
    }
}

/// `LONG_BUDGET_S`.
pub(crate) fn given_budget() -> Result<Option<Duration>, String> {
    let Ok(text) = std::env::var("LONG_BUDGET_S") else { return Ok(None) };
    let seconds: u64 = text.parse().map_err(|_| format!("LONG_BUDGET_S is `{text}`, not a number of seconds"))?;
    Ok(Some(Duration::from_secs(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_fast_stages_come_first() {
        let mut names: Vec<&str> = STAGES.iter().map(|stage| stage.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STAGES.len());
        assert!(STAGES.is_sorted_by_key(|stage| stage.tier == Tier::Long));
    }

    #[test]
    fn a_given_budget_is_for_long_stages_only() {
        let given = Some(Duration::from_secs(7));
        for stage in STAGES {
            let budget = stage.budget(given);
            assert_eq!(budget == Duration::from_secs(7), stage.tier == Tier::Long);
            assert!(stage.limit(budget) >= budget);
        }
    }
}

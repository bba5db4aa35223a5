//! Counting tests out of cargo's output, and the table at the end.

use std::time::Duration;

/// What the `test result:` lines of one command add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) ignored: u64,
    /// Lines `count: N things`, as printed by long stages.
    pub(crate) remarks: Vec<String>,
}

impl Count {
    /// Reads one line of output.
    pub(crate) fn see(&mut self, line: &str) {
        if let Some(remark) = line.trim().strip_prefix("count: ") {
            self.remarks.push(remark.to_owned());
        }
        let Some(result) = line.trim().strip_prefix("test result: ") else { return };
        for part in result.split([';', '.']) {
            let mut words = part.split_whitespace();
            let (Some(number), Some(word)) = (words.next().and_then(|word| word.parse::<u64>().ok()), words.next())
            else {
                continue;
            };
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }
}

/// How a stage ended.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Ok,
    Failed(String),
    Skipped(String),
}

/// One line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) took: Duration,
    pub(crate) outcome: Outcome,
    pub(crate) count: Count,
}

impl Row {
    fn line(&self) -> String {
        let outcome = match &self.outcome {
            Outcome::Ok => "ok",
            Outcome::Failed(_) => "FAILED",
            Outcome::Skipped(_) => "SKIPPED",
        };
        let mut line = format!("{:<24}{:>8.1} s  {outcome}", self.name, self.took.as_secs_f64());
        if self.count.passed + self.count.failed > 0 {
            line.push_str(&format!(", {} passed, {} failed", self.count.passed, self.count.failed));
        }
        for remark in &self.count.remarks {
            line.push_str(&format!(", {remark}"));
        }
        match &self.outcome {
            Outcome::Ok => {}
            Outcome::Failed(why) => line.push_str(&format!("\n    {}", why.replace('\n', "\n    "))),
            Outcome::Skipped(why) => line.push_str(&format!(": {why}")),
        }
        line
    }
}

/// What happened, stage by stage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Summary {
    rows: Vec<Row>,
}

impl Summary {
    pub(crate) fn add(&mut self, row: Row) {
        println!("==> {}", row.line());
        self.rows.push(row);
    }

    pub(crate) fn failed(&self) -> bool {
        self.rows.iter().any(|row| matches!(row.outcome, Outcome::Failed(_)))
    }

    /// Tests that passed and failed. A stage that failed without a failed test (it did not compile, it ran over) counts as
    /// one failure, so that the last line never says `0 failed` after a failure.
    fn totals(&self) -> (u64, u64) {
        let passed = self.rows.iter().map(|row| row.count.passed).sum();
        let failed = self.rows.iter().map(|row| match row.outcome {
            Outcome::Failed(_) => row.count.failed.max(1),
            Outcome::Ok | Outcome::Skipped(_) => row.count.failed,
        });
        (passed, failed.sum())
    }

    /// The table without totals.
    pub(crate) fn table(&self) -> String {
        self.rows.iter().map(Row::line).collect::<Vec<_>>().join("\n")
    }

    /// The last line of a test run.
    pub(crate) fn last_line(&self) -> String {
        let (passed, failed) = self.totals();
        format!("{passed} passed, {failed} failed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(outcome: Outcome, lines: &[&str]) -> Row {
        let mut count = Count::default();
        lines.iter().for_each(|line| count.see(line));
        Row { name: "tests".to_owned(), took: Duration::from_millis(1_500), outcome, count }
    }

    #[test]
    fn results_of_several_binaries_are_summed() {
        let ok = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s";
        let bad = "test result: FAILED. 7 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s";
        let row = row(Outcome::Failed("x".to_owned()), &[ok, "12 passed", bad, "count: 50 kills"]);
        assert_eq!(row.count, Count { passed: 12, failed: 3, ignored: 1, remarks: vec!["50 kills".to_owned()] });
    }

    #[test]
    fn the_last_line_is_plain_and_never_hides_a_failure() {
        let mut summary = Summary::default();
        summary.add(row(Outcome::Ok, &["test result: ok. 5 passed; 0 failed; 0 ignored"]));
        assert_eq!(summary.last_line(), "5 passed, 0 failed");
        assert!(!summary.failed());
        summary.add(row(Outcome::Failed("does not compile".to_owned()), &[]));
        assert_eq!(summary.last_line(), "5 passed, 1 failed");
        assert!(summary.failed() && summary.table().contains("does not compile"));
    }
}

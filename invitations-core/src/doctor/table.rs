//! A diagnosis as text: no colour, at most [`WIDTH`] columns.

use std::fmt;

use super::{Diagnosis, Finding, Verdict};

const WIDTH: usize = 100;
/// Where details begin: behind the margin, the verdict and the question.
const INDENT: usize = 2 + 5 + 18;

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in self.parts() {
            for line in wrapped(&plain(&part.subject), WIDTH) {
                writeln!(f, "{line}")?;
            }
            for finding in &part.findings {
                write_finding(f, finding)?;
            }
            writeln!(f)?;
        }
        let counts =
            [(Verdict::Ok, "ok"), (Verdict::Warn, "warn"), (Verdict::Fail, "fail"), (Verdict::NotAsked, "not asked")];
        let counts = counts.map(|(verdict, word)| format!("{} {word}", self.count(verdict)));
        write!(f, "{}", counts.join(", "))
    }
}

fn write_finding(f: &mut fmt::Formatter<'_>, finding: &Finding) -> fmt::Result {
    let detail = match &finding.subject {
        Some(subject) => format!("{subject}: {}", finding.detail),
        None => finding.detail.to_string(),
    };
    let mut lines = wrapped(&plain(&detail), WIDTH - INDENT).into_iter();
    writeln!(f, "  {:<4} {:<17} {}", finding.verdict, finding.question, lines.next().unwrap_or_default())?;
    for line in lines {
        writeln!(f, "{:INDENT$}{line}", "")?;
    }
    let Some(remedy) = &finding.remedy else { return Ok(()) };
    for (number, line) in wrapped(&plain(&remedy.action), WIDTH - INDENT - 3).into_iter().enumerate() {
        writeln!(f, "{:INDENT$}{}{line}", "", if number == 0 { "-> " } else { "   " })?;
    }
    // addresses and commands as they are: wrapped ones cannot be copied
    for line in remedy.docs.iter().map(url::Url::as_str).chain(remedy.commands.iter().map(AsRef::as_ref)) {
        writeln!(f, "       {}", plain(line))?;
    }
    Ok(())
}

/// One line: what came from outside may hold characters that move a terminal's cursor or turn the reading direction.
fn plain(text: &str) -> String {
    let moves = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if moves(c) { ' ' } else { c }).collect()
}

/// At spaces where there are some, else in the middle of a word.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let (mut lines, mut line, mut length) = (Vec::new(), String::new(), 0);
    for word in text.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for piece in letters.chunks(width) {
            if length > 0 && length + 1 + piece.len() > width {
                lines.push(std::mem::take(&mut line));
                length = 0;
            }
            if length > 0 {
                line.push(' ');
                length += 1;
            }
            line.extend(piece);
            length += piece.len();
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Question, diagnosis::Part},
        *,
    };
    use crate::Remedy;

    fn diagnosis() -> Diagnosis {
        let long = "word ".repeat(30);
        let remedy = Remedy::new("Grant it, and wait. ".repeat(6))
            .with_docs("https://docs.example/page")
            .with_commands(["Grant-It -To 'somebody'", "Wait-ForIt"]);
        let findings = vec![
            Finding::ok(Question::NETWORK, "reached"),
            Finding::fail(Question::PERMISSIONS, long).about("application 1").with_remedy(remedy),
            Finding::not_asked(Question::SCOPES, "x".repeat(200)),
            Finding::warn(Question::CLOCK, "a\u{1b}[2Jb\nc\u{202e}d"),
        ];
        Diagnosis::of(vec![Part { subject: "provider, client 1".to_owned(), findings }])
    }

    #[test]
    fn the_table_is_a_table() {
        let text = diagnosis().to_string();
        assert_eq!(text.trim(), include_str!("table.txt").trim(), "\n{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    }

    #[test]
    fn an_empty_diagnosis_is_not_a_good_one() {
        assert_eq!(Diagnosis::default().verdict(), Verdict::NotAsked);
        assert_eq!(Diagnosis::default().to_string(), "0 ok, 0 warn, 0 fail, 0 not asked");
    }

    #[test]
    fn the_worst_verdict_counts() {
        let diagnosis = diagnosis();
        assert_eq!(diagnosis.verdict(), Verdict::Fail);
        assert_eq!((diagnosis.count(Verdict::Warn), diagnosis.of_question(Question::CLOCK).count()), (1, 1));
        assert!(Verdict::Ok < Verdict::NotAsked && Verdict::NotAsked < Verdict::Warn && Verdict::Warn < Verdict::Fail);
    }
}

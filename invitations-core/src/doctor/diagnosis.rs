use super::{Finding, Question, Verdict};

/// All findings, in the order in which they were made. `Display` prints them as a table of at most 100 columns; addresses and
/// lines to type are printed as they are, so that they can be copied.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Diagnosis {
    parts: Vec<Part>,
}

/// The findings about one thing that was examined.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Part {
    pub(super) subject: String,
    pub(super) findings: Vec<Finding>,
}

impl Diagnosis {
    pub(super) fn of(parts: Vec<Part>) -> Self {
        Self { parts }
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The worst verdict there is; [`NotAsked`](Verdict::NotAsked) when nothing was found at all.
    pub fn verdict(&self) -> Verdict {
        self.iter().map(|(_, finding)| finding.verdict).max().unwrap_or(Verdict::NotAsked)
    }

    /// Every finding, with the name of what was examined.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Finding)> {
        self.parts.iter().flat_map(|part| part.findings.iter().map(|finding| (part.subject.as_str(), finding)))
    }

    /// The findings of one question.
    pub fn of_question(&self, question: Question) -> impl Iterator<Item = &Finding> {
        self.iter().map(|(_, finding)| finding).filter(move |finding| finding.question == question)
    }

    /// How many findings have this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.iter().filter(|(_, finding)| finding.verdict == verdict).count()
    }
}

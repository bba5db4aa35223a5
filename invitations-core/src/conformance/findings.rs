use std::fmt;

use crate::{Error, ErrorKind, Result};

/// What a case saw that must not be.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a finding is its text")]
pub struct Finding(pub String);

impl Finding {
    /// A finding with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Finding {}

/// An error where the contract asks for success: lets a case use `?` on calls that must work.
impl From<Error> for Finding {
    fn from(error: Error) -> Self {
        Self(format!("a call that must work did not: {error}"))
    }
}

/// What a case answers.
pub type Verdict = Result<(), Finding>;

/// A finding with `text` unless `holds`.
///
/// # Errors
/// The finding.
pub fn ensure(holds: bool, text: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(Finding(text())) }
}

/// A finding unless `result` failed with `kind`; `call` names what was tried.
///
/// # Errors
/// The finding.
pub fn ensure_kind<T: fmt::Debug>(result: Result<T>, kind: ErrorKind, call: &str) -> Verdict {
    match result {
        Err(error) if error.kind() == kind => Ok(()),
        other => Err(Finding(format!("{call}: expected \"{kind}\", got {other:?}"))),
    }
}

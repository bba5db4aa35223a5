//! Suites that any implementation of a contract can run. Cases return findings; they do not panic.

mod findings;
mod macros;

pub use findings::{Finding, Verdict, ensure, ensure_kind};

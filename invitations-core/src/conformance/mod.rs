//! Suites that any implementation of a contract can run. Cases return findings; they do not panic.

pub mod attendee_list;
pub mod calendar_provider;
mod findings;
pub mod guest_directory;
mod macros;
pub mod meeting_provider;

pub use findings::{Finding, Verdict, ensure, ensure_kind};

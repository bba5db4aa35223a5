//! The doctor as a process: what it prints, and how it ends.
#![expect(clippy::unwrap_used, reason = "a test may fail by panic, also in its helpers")]

mod live;
mod offline;
mod run;

//! What the measurements stand on.
#![expect(clippy::unwrap_used, reason = "a test may fail by panic, also in its helpers")]

mod counts;
mod event;
mod link;
mod log;
mod statements;
mod token;

//! One binary for all integration tests of this crate.
#![expect(clippy::unwrap_used, reason = "a test may fail by panic, also in its helpers")]

mod invitation_store;
mod token;
mod wrong;
mod wrong_store;

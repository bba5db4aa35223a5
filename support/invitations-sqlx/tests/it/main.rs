//! One binary for all integration tests of this crate.
#![expect(clippy::unwrap_used, reason = "a test may fail by panic, also in its helpers")]

mod batches;
mod counting;
mod counts;
mod embedder;
mod files;
mod fixture;
mod killed;
mod pages;
mod plans;
#[cfg(feature = "postgres")]
mod postgres;
mod processes;
mod resealed;
mod stored;
mod stored_whole;
mod suites;

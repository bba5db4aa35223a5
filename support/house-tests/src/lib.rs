//! The house rules that a machine can check, as pure functions over text and `cargo metadata`.
//!
//! They stand in a library because two callers need them: `cargo xtask ci` runs them before anything is compiled, and
//! `tests/it` runs them with every test run. Each check returns its findings, one sentence each; none means it holds.

pub mod clock_lint;
pub mod dependencies;
pub mod fidelity;
pub mod files;
pub mod provider_names;
pub mod public_api;
pub mod rust_text;
pub mod secretless;
pub mod workspace;

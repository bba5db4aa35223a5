//! The crate through its public interface: over a scripted transport, and against the sandbox.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
mod authorization;
mod copies;
mod deliveries;
mod device;
mod doctor;
mod files;
mod fixtures;
mod guests;
mod held;
mod invitees;
mod many_invitees;
mod meetings;
mod own_words;
mod paging;
mod participants;
mod protections;
mod quota;
mod sandbox;
#[cfg(seeded)]
mod seeded;
mod series;
mod service_app;
mod support;
mod webhooks;
mod webhooks_sandbox;

//! The crate through its public interface: over a scripted transport, and against the sandbox.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
mod authorization;
mod device;
mod doctor;
mod files;
mod fixtures;
mod guests;
mod held;
mod invitees;
mod meetings;
mod participants;
mod sandbox;
mod service_app;
mod support;

//! The crate through its public interface: over a scripted transport, and against the sandbox.

mod accounts;
mod authorization;
mod fixtures;
mod invitees;
mod meetings;
mod sandbox;
mod support;

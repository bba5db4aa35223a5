//! The client against scripted answers and against the sandbox.
#![expect(clippy::tests_outside_test_module, reason = "an integration test is one")]

mod attendees;
mod calendars;
mod client;
mod delegated;
mod documented;
mod guests;
mod meetings;
mod scripted;
mod support;

//! One binary for all integration tests of this crate.

mod memory_providers;
mod wrong_attendees;
mod wrong_calendars;
mod wrong_guests;
mod wrong_meetings;

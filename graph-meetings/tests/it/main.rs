//! The client against scripted answers and against the sandbox.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod attendees;
mod availability;
mod calendar_meetings;
mod calendars;
mod client;
#[cfg(feature = "certificate")]
mod credentials;
mod delegated;
mod device;
mod doctor;
mod doctor_organizers;
mod documented;
mod guests;
#[cfg(feature = "rustls")]
mod https;
mod meetings;
mod outlook;
mod personal;
mod protections;
mod repeating_meetings;
mod scripted;
mod series;
mod support;
mod teams_options;

//! Outlook calendars: events, their attendees, and the marker that finds an event again.

mod attendees;
mod decode;
mod provider;
mod recurrence;
mod request;
mod text;
mod wire_event;

pub use attendees::EventAttendees;
pub use provider::OutlookCalendars;
pub use recurrence::UnsupportedRecurrence;

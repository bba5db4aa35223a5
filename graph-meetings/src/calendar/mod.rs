//! Outlook calendars: events, their attendees, and the marker that finds an event again.

mod attendee_limit;
mod attendees;
mod availability;
mod decode;
mod event_body;
mod events;
pub mod outlook;
mod provider;
pub(crate) mod recurrence;
mod request;
mod text;
mod wire_event;

pub(crate) use attendee_limit::{MOST_ATTENDEES, check_attendees};
pub use attendees::EventAttendees;
pub use availability::{FindMeetingTimes, MeetingTime, MeetingTimes, NoMeetingTime, OutlookAvailability};
pub use events::OutlookEvents;
pub use provider::OutlookCalendars;
pub use recurrence::UnsupportedRecurrence;

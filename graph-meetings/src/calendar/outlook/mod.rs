//! Outlook's own words: events, calendars and categories with everything that Graph says about them.
//!
//! The contract of [`CalendarProvider`](invitations_core::provider::CalendarProvider) has what all providers have. Here is the rest:
//! rooms and optional attendees, several places, show-as, sensitivity, categories, reminders, answers, occurrences of a series.
//!
//! | you want to | use |
//! |---|---|
//! | read | [`OutlookEvent`], [`OutlookCalendar`], [`MasterCategory`] |
//! | make an event | [`NewEvent`] with [`OutlookEvents::create`](crate::OutlookEvents::create) |
//! | change one | [`EventPatch`] with [`OutlookEvents::patch`](crate::OutlookEvents::patch) |
//! | answer one | [`Answer`] with [`accept`](crate::OutlookEvents::accept), [`decline`](crate::OutlookEvents::decline), [`tentatively_accept`](crate::OutlookEvents::tentatively_accept) |
//!
//! Readers are lenient: a word that is not known is kept as it was said ([`ShowAs::Unknown`]), a member that is not known or has another
//! form than documented stands in the `extras`. What is written is checked first, and refused with a remedy before anything is sent.
//!
//! Members and words: <https://learn.microsoft.com/graph/api/resources/event>.

mod answer;
mod attendee;
mod body;
mod category;
mod event;
mod members;
mod new_event;
mod outlook_calendar;
mod patch;
mod place;
mod time;
mod words;
mod written;

pub use answer::{Answer, Forward};
pub use attendee::{AttendeeStatus, MailAddress, OutlookAttendee, ProposedTime};
pub use body::Body;
pub use category::{EventCategory, MasterCategory};
pub use event::{OnlineMeetingInfo, OutlookEvent};
pub use new_event::{NewEvent, Reminder, incarnation};
pub use outlook_calendar::{NewCalendar, OutlookCalendar};
pub use patch::{EventPatch, Patch};
pub use place::Location;
pub use time::ZonedTime;
pub use words::{
    AttendeeKind, BodyKind, CalendarColor, CategoryColor, EventKind, Importance, LocationKind, OnlineMeetingProvider,
    Response, Sensitivity, ShowAs,
};
pub use written::{AskedMeeting, CategoryOutcome, WrittenCategory, WrittenEvent};

pub(super) use members::Members;

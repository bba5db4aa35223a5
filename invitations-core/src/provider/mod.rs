//! What a provider can be asked for, and how one is opened for an account.

mod account;
mod attendance;
mod attendee_list;
mod availability;
mod calendar;
mod complete;
mod event;
mod meeting;
mod options;

pub use account::{Account, AccountActor, Open, Providers};
pub use attendance::{AttendanceCapabilities, AttendanceProvider, Presence};
pub use attendee_list::{AttendeeChange, AttendeeList, Gathering};
pub use availability::{Availability, AvailabilityProvider, Busy};
pub use calendar::{
    CalendarCapabilities, CalendarProvider, ChangePage, ChangesFrom, EventChange, EventPage, EventWrite, Next,
    NextChange, WriteOutcome,
};
pub use complete::{CalendarProviderExt, Complete};
pub use event::{CalendarEvent, EventDraft, Marker};
pub use meeting::{
    Idempotency, Lobby, Meeting, MeetingCapabilities, MeetingDraft, MeetingPatch, MeetingProvider, MeetingSettings,
    Presenters,
};
pub use options::{Page, Resend, WriteOptions};

//! Teams meetings: as a link to meet at, and as an event in the organizer's calendar.
//!
//! [`TeamsMeetings`] makes online meetings (`onlineMeetings`), [`CalendarMeetings`] makes calendar events with a Teams meeting behind
//! them. Both are [`MeetingProvider`](invitations_core::provider::MeetingProvider)s.
//!
//! | | [`TeamsMeetings`] | [`CalendarMeetings`] |
//! |---|---|---|
//! | opened by | [`Graph::meetings_of`](crate::Graph::meetings_of) | [`Graph::calendar_meetings_of`](crate::Graph::calendar_meetings_of) |
//! | by a stored account | [`MeetingForm::LinkOnly`] (default) | [`MeetingForm::CalendarEvent`] |
//! | a meeting's id is | the online meeting's | the event's |
//! | Outlook mails attendees | never | at create if the draft says `notify`; always about a change and a cancellation |
//! | stands in calendars | no | the organizer's and the attendees' |
//! | recordings, transcripts, attendance through Graph | attendance only | yes |
//! | [`MeetingOptions`] | all; passcode and template as far as `createOrGet` takes them | all but passcode and template, set on the meeting behind the event |
//! | idempotency | native key (`externalId`, per organizer) | look-up by key, inexact; a create sent again also finds the event by its `transactionId` |
//! | find by key | no; by join link or join meeting id | yes |
//! | list | no | yes |
//! | recurrence | no | yes: a series is one meeting, and in no listing |
//! | versions (`if_match`) | no | yes |
//! | application permission | `OnlineMeetings.ReadWrite.All` | `Calendars.ReadWrite`; for options and roles the other one, too |
//! | Teams application access policy | always | only for options and roles |
//! | personal accounts | no | no |

mod backing;
mod calendar;
mod calendar_attendees;
mod calendar_create;
mod calendar_provider;
mod decode;
mod defaults;
mod event;
mod event_request;
mod handle;
mod meeting;
mod options;
mod participants;
mod patch;
mod provider;
mod recurrence;
mod request;
mod settings;
mod words;

pub use calendar::CalendarMeetings;
pub(crate) use calendar_attendees::CalendarMeetingAttendees;
pub(crate) use defaults::MeetingDefaults;
pub use defaults::MeetingForm;
pub use handle::TeamsMeetings;
pub use meeting::{DialIn, ExtraMembers, JoinInformation, Participant, PrivateUrl, TeamsMeeting};
pub use options::{MeetingOptions, Setting};
pub use patch::TeamsPatch;
pub use words::{
    AllowedPresenters, ChatHistory, ChatMode, LiveShare, LobbyAdmitters, LobbyScope, MeetingRole, MeetingType,
};

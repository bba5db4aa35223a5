#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
mod client;
mod doctor;
mod errors;
mod extra;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod guests;
mod ids;
pub mod invitees;
pub mod meetings;
mod paging;
mod participants;
mod people;
mod protection;
mod quota;
mod recordings;
mod reports;
mod resource;
mod service_app;
mod transcripts;
pub mod webhooks;
mod wire;

use invitations_core::ids::ProviderId;

/// What each of Webex's answers becomes: kind of error, whether the call may be sent again, and what a person should do. The first row that
/// fits counts; an empty cell is anything. A text counts in the body's `message` or first description, in any letter case. Made from the table
/// that the crate itself uses.
///
/// *Safe* means that nothing happened, *unclear* that it may have: look before it is sent again. Every error carries Webex's id of the request,
/// from the header `trackingid` or the body, and a `Retry-After`, be it an hour.
#[doc = include_str!("errors/table.md")]
pub mod error_table {}

pub use invitations_core;

pub use client::{Integration, TokenSourceOf, Webex, WebexBuilder};
pub use doctor::{Feature, WebexDoctor};
pub use guests::GuestToken;
pub use ids::{ParticipantId, RecordingId, TranscriptId};
pub use meetings::WebexMeetings;
pub use meetings_http::{CallProtection, Protection};
pub use participants::{
    AudioType, BreakoutSession, Participant, ParticipantDevice, ParticipantQuery, ParticipantState, Video,
    WebexParticipants,
};
pub use people::{Person, PersonKind, Site};
pub use protection::PROTECTIONS;
pub use recordings::{
    DeleteReason, DownloadLink, Recording, RecordingFormat, RecordingLinks, RecordingQuery, RecordingService,
    RecordingStatus, WebexRecordings,
};
pub use reports::{AttendeeReportEntry, AttendeeReportQuery, ParticipantType, ReportedMeeting};
pub use resource::{Download, DownloadLimits};
pub use service_app::{ServiceApp, ServiceAppTokens};
pub use transcripts::{Snippet, Transcript, TranscriptFormat, TranscriptQuery, TranscriptStatus, WebexTranscripts};

/// The name of this provider in accounts and errors: `webex`.
pub fn provider_id() -> ProviderId {
    ProviderId::parse("webex").unwrap_or_else(|_| unreachable!("the name is well formed"))
}

//! Microsoft Teams meetings, Outlook calendars and guests, through Microsoft Graph.
//!
//! A Teams meeting, by an application with a client secret; no store, no database:
//!
//! ```
//! # tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
//! # use meetings_sandbox::{Sandbox, SandboxConfig, defaults};
//! # let sandbox = Sandbox::start(SandboxConfig::new()).await?;
//! # sandbox.grant_access_policy(defaults::ORGANIZER);
//! # let (directory, client, secret) = (defaults::DIRECTORY_ID, defaults::MICROSOFT_CLIENT_ID, defaults::MICROSOFT_CLIENT_SECRET);
//! # let (organizer, starts) = (defaults::ORGANIZER, sandbox.now());
//! # let cloud = graph_meetings::Cloud::at(sandbox.url(), sandbox.url());
//! use graph_meetings::{App, DirectoryId, Graph, core::{ids::*, provider::*, secret::ClientSecret}};
//!
//! let app = App::with_secret(DirectoryId::parse(directory)?, ClientId::parse(client)?, ClientSecret::new(secret));
//! # let app = app.with_cloud(cloud);
//! let graph = Graph::app_only(app.clone());
//! # let graph = Graph::builder(app).dangerous_loopback_http().build();
//! let meetings = graph?.meetings_of(&UserId::parse(organizer)?);
//! let draft = MeetingDraft::new("Algebra, lesson 42", starts..starts + std::time::Duration::from_secs(3600));
//! let draft = draft.with_settings(MeetingSettings::open_room());
//! let meeting = meetings.create(&MeetingKey::parse("lesson-42")?, &draft, WriteOptions::new()).await?;
//! println!("join at {}", meeting.join_url.expose());
//! # assert_eq!(meetings.create(&MeetingKey::parse("lesson-42")?, &draft, WriteOptions::new()).await?.id, meeting.id);
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
//! ```
//!
//! The same key is the same meeting, however often it is asked for. An application needs the permission
//! `OnlineMeetings.ReadWrite.All` **and** a Teams application access policy for the organizer; without the policy the error says so
//! and names the page to read.
//!
//! # What is where
//!
//! | you want | use | contract |
//! |---|---|---|
//! | a link to meet at, and nothing in a calendar | [`Graph::meetings_of`], [`Graph::my_meetings`] | [`MeetingProvider`](core::provider::MeetingProvider) |
//! | a meeting in the calendar, with invitations by Outlook and recordings | [`Graph::calendar_meetings_of`], [`Graph::my_calendar_meetings`] | [`MeetingProvider`](core::provider::MeetingProvider) |
//! | every option of a Teams meeting | [`MeetingOptions`], for one create, a handle, an organizer or the client | |
//! | an event, with or without a Teams link | [`Graph::calendars_of`], [`Graph::my_calendars`] | [`CalendarProvider`](core::provider::CalendarProvider) |
//! | everything that an Outlook event has: rooms, categories, answers, single events of a series | [`OutlookCalendars::events_in`], [`outlook`] | |
//! | one more attendee, nobody lost | [`Graph::attendees_of`], [`Graph::my_attendees`] | [`AttendeeList`](core::provider::AttendeeList) |
//! | who has time, and when everybody has | [`Graph::availability_of`], [`Graph::my_availability`] | [`AvailabilityProvider`](core::provider::AvailabilityProvider) |
//! | somebody from outside in the directory | [`Graph::guests`] | [`GuestDirectory`](core::people::GuestDirectory) |
//! | all of these by a stored account | [`Graph`] itself | [`Open`](core::provider::Open) |
//! | users' own consent | [`Graph::authorization_server`], [`GraphBuilder::connections`] | [`AuthorizationServer`](core::token::AuthorizationServer) |
//! | anything else of Graph | [`Graph::send`] | |
//! | what is wrong with the set-up | [`Graph::doctor`] | [`Diagnose`](core::doctor::Diagnose) |
//!
//! # Signing in
//!
//! | the application has | give |
//! |---|---|
//! | a client secret | [`App::with_secret`] |
//! | a certificate | [`Credential::Certificate`] with a [`ClientCertificate`] |
//! | a workload identity: somebody else signs | [`Credential::assertions`], or an [`AssertionSource`] of your own |
//! | an old and a new one of these | [`App::and_credential`]: switched when the old one is refused, without a failed call |
//! | a credential that ends | [`Credential::with_expiry`]; [`Graph::expiring_credentials`], the doctor and the log name it 30 days ahead; feature `metrics` has a gauge |
//! | no permissions yet | [`App::admin_consent_url`], for an administrator's browser |
//!
//! A directory given as `common`, `organizations` or `consumers` serves users' consent only. Personal Microsoft accounts have
//! calendars; Teams meetings are refused as unsupported before anything is sent.
//!
//! # Online meeting or event?
//!
//! [`teams`] has the table. In short: an online meeting (`meetings_of`) has an exact idempotency key and all options, stands in no
//! calendar, mails nobody, and has no recordings or transcripts through Graph. A calendar meeting (`calendar_meetings_of`) stands in
//! the organizer's calendar, is mailed to its attendees by Outlook, and has recordings; its options are set on the meeting behind it.
//! What invitations of a stored account make is one line: `GraphBuilder::meeting_form(MeetingForm::CalendarEvent)`.
//!
//! A calendar meeting with options of its own:
//!
//! ```
//! # tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
//! # use meetings_sandbox::{Sandbox, SandboxConfig, defaults};
//! # use graph_meetings::{App, Cloud, DirectoryId, Graph, core::{ids::*, people::*, provider::*, secret::ClientSecret}};
//! # let sandbox = Sandbox::start(SandboxConfig::new()).await?;
//! # sandbox.grant_access_policy(defaults::ORGANIZER);
//! # let (directory, client) = (DirectoryId::parse(defaults::DIRECTORY_ID)?, ClientId::parse(defaults::MICROSOFT_CLIENT_ID)?);
//! # let app = App::with_secret(directory, client, ClientSecret::new(defaults::MICROSOFT_CLIENT_SECRET));
//! # let app = app.with_cloud(Cloud::at(sandbox.url(), sandbox.url()));
//! # let graph = Graph::builder(app).dangerous_loopback_http().build()?;
//! # let (organizer, starts) = (UserId::parse(defaults::ORGANIZER)?, sandbox.now());
//! use graph_meetings::{MeetingOptions, teams::LobbyScope};
//!
//! let meetings = graph.calendar_meetings_of(&organizer);
//! let lobby = MeetingOptions::new().with_lobby(LobbyScope::OrganizationExcludingGuests).with_whiteboard(false);
//! let draft = MeetingDraft::new("Algebra", starts..starts + std::time::Duration::from_secs(3600))
//!     .with_attendee(Attendee::new(EmailAddress::parse("ada@contoso.example")?))
//!     .with_provider_mails();
//! let meeting = meetings.create_with(&MeetingKey::parse("lesson-42")?, &draft, &lobby, WriteOptions::new()).await?;
//! # assert_eq!(sandbox.mails().len(), 1);
//! # assert_eq!(meetings.details(&meeting.id).await?.options.whiteboard, Some(false));
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
//! ```
//!
//! # Is it set up?
//!
//! ```
//! # tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
//! # use std::sync::Arc;
//! # use meetings_sandbox::{Sandbox, SandboxConfig, defaults};
//! # use graph_meetings::{App, Cloud, DirectoryId, Graph, core::{ids::ClientId, runtime::SystemClock, secret::ClientSecret}};
//! # let sandbox = Sandbox::start(SandboxConfig::new()).await?;
//! # sandbox.set_application_roles(defaults::MICROSOFT_CLIENT_ID, ["Calendars.ReadWrite"]);
//! # let (directory, client) = (DirectoryId::parse(defaults::DIRECTORY_ID)?, ClientId::parse(defaults::MICROSOFT_CLIENT_ID)?);
//! # let app = App::with_secret(directory, client, ClientSecret::new(defaults::MICROSOFT_CLIENT_SECRET));
//! # let app = app.with_cloud(Cloud::at(sandbox.url(), sandbox.url()));
//! # let graph = Graph::builder(app).dangerous_loopback_http().build()?;
//! use graph_meetings::{Feature, core::{self, doctor::{Doctor, Question, Verdict}}};
//!
//! let olga = core::ids::UserId::parse("olga@contoso.example")?;
//! let application = graph.doctor().features([Feature::Meetings, Feature::Calendars]).organizers([olga]);
//! let diagnosis = Doctor::new(Arc::new(SystemClock)).with(Arc::new(application)).diagnose().await;
//! println!("{diagnosis}"); // a table: network, clock, sign-in, permissions, ends of credentials; remedies with PowerShell lines
//! let permissions = diagnosis.of_question(Question::PERMISSIONS).next().ok_or("asked")?;
//! assert_eq!(permissions.verdict, Verdict::Fail);
//! assert!(permissions.detail.starts_with("missing: OnlineMeetings.ReadWrite.All (for meetings)"));
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
//! ```
//!
//! It sends one token request per credential and a few reads per organizer: directory, account, licence, the Teams application access policy
//! (a filtered read that finds nothing, or is refused), mailbox. Nothing is made. What the token carries is read as a hint for people only: a token is
//! opaque to clients.
//!
//! # Features
//!
//! | feature | default | gives |
//! |---|---|---|
//! | `rustls` | yes | TLS through rustls |
//! | `certificate` | yes | `ClientCertificate`; adds nothing to what `rustls` brings |
//! | `native-tls` | no | TLS of the operating system |
//! | `metrics` | no | the metrics of `meetings-http`, and the gauge `graph_meetings_credential_expiry_timestamp_seconds{client,credential,kind}` for credentials with a known end: alert when it is less than 30 days after now |
//!
//! With neither, give [`GraphBuilder`] a transport, a clock and a spawner.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
mod calendar;
mod client;
mod doctor;
mod errors;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod guests;
mod owner;
mod protection;
pub mod teams;
mod wire;
mod zones;

/// What each of Graph's answers becomes: kind of error, whether the call may be sent again, and what a person should do. The first row
/// that fits counts; an empty cell is anything. Made from the table that the crate itself uses.
///
/// *Safe* means that nothing happened, *unclear* that it may have: look before it is sent again.
#[doc = include_str!("errors/table.md")]
pub mod error_table {}

pub use auth::{AdminConsent, DEFAULT_SCOPES};
pub use calendar::{
    EventAttendees, FindMeetingTimes, MeetingTime, MeetingTimes, NoMeetingTime, OutlookAvailability, OutlookCalendars,
    OutlookEvents, UnsupportedRecurrence, outlook,
};
#[cfg(feature = "certificate")]
#[cfg_attr(docsrs, doc(cfg(feature = "certificate")))]
pub use client::ClientCertificate;
pub use client::{
    App, Cloud, Credential, CredentialKind, DatedCredential, DirectoryId, ExpiringCredential, Graph, GraphBuilder,
    TokenSourceOf,
};
pub use doctor::{Feature, GraphDoctor};
pub use guests::{DirectoryGuest, GuestInvitation, GuestKind, Guests, InvitationMail, InviteOutcome, guest_attendee};
pub use invitations_core as core;
pub use meetings_http::{AssertionSource, CallProtection, Protection};
pub use protection::PROTECTIONS;
pub use teams::{CalendarMeetings, MeetingForm, MeetingOptions, TeamsMeetings};
pub use zones::{UnknownTimeZone, time_zone, windows_time_zone};

/// The name of this provider: `microsoft`.
#[expect(clippy::expect_used, reason = "a constant, parsed by every test")]
pub fn provider_id() -> core::ids::ProviderId {
    core::ids::ProviderId::parse("microsoft").expect("a constant id")
}

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
//! ```
//! # tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
//! # use meetings_sandbox::{Sandbox, SandboxConfig, defaults};
//! # use graph_meetings::{App, Cloud, DirectoryId, Graph, core::secret::ClientSecret};
//! # let sandbox = Sandbox::start(SandboxConfig::new()).await?;
//! # let (directory, client) = (DirectoryId::parse(defaults::DIRECTORY_ID)?, ClientId::parse(defaults::MICROSOFT_CLIENT_ID)?);
//! # let app = App::with_secret(directory, client, ClientSecret::new(defaults::MICROSOFT_CLIENT_SECRET));
//! # let app = app.with_cloud(Cloud::at(sandbox.url(), sandbox.url()));
//! # let graph = Graph::builder(app).dangerous_loopback_http().build()?;
//! # let (organizer, starts) = (defaults::ORGANIZER, sandbox.now());
//! use graph_meetings::{core::{ids::*, people::*, provider::*}, outlook::*};
//!
//! let events = graph.calendars_of(&UserId::parse(organizer)?).events_in(&CalendarId::parse("primary")?);
//! let ada = Attendee::new(EmailAddress::parse("ada@contoso.example")?);
//! let lesson = NewEvent::new("Algebra", starts, starts + std::time::Duration::from_secs(3600))
//!     .with_body(Body::text("Bring a pen"))
//!     .with_attendee(OutlookAttendee::optional(&ada))
//!     .with_category(EventCategory::new("Lessons").with_color(CategoryColor::Teal))
//!     .with_online_meeting();
//! let made = events.create(&Marker::parse("lesson-42")?, &lesson, WriteOptions::new()).await?;
//! assert_eq!(made.meeting, AskedMeeting::Made); // or left out, where the mailbox has no Teams
//! let later = EventPatch::new().with_subject("Algebra, at last").with_body(Body::text("Bring two"));
//! let options = WriteOptions::new().with_if_match(made.event.etag.clone().ok_or("a version")?);
//! let changed = events.patch(&made.event.id, &later, options).await?.event;
//! assert!(changed.join_url().is_some()); // a new text leaves the meeting in its place
//! events.cancel(&changed.id, "The teacher is ill", WriteOptions::new()).await?;
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
//! ```
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

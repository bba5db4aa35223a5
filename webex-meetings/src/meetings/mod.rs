//! Meetings in Webex's own words.
//!
//! [`WebexMeetings`] is a [`MeetingProvider`](invitations_core::provider::MeetingProvider), and beside that takes and tells everything that
//! Webex's API has: [`create_with`](WebexMeetings::create_with), [`details`](WebexMeetings::details),
//! [`list_with`](WebexMeetings::list_with), [`change`](WebexMeetings::change), [`delete`](WebexMeetings::delete),
//! [`end`](WebexMeetings::end), [`join_links`](WebexMeetings::join_links), [`occurrences`](WebexMeetings::occurrences),
//! [`reassign_host`](WebexMeetings::reassign_host), and the [`invitees`](crate::invitees).
//!
//! A meeting has up to three kinds of ids: of the series (a single meeting is one, too), of an occurrence, and of an instance, which comes into
//! being when the meeting starts. [`MeetingType`] tells them apart.
//!
//! ```
//! # tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
//! # use meetings_sandbox::{AuthorizationSide, Sandbox, SandboxConfig, defaults};
//! # use invitations_core::{ids::ClientId, runtime::{Clock as _, SystemClock}, secret::{ClientSecret, TokenText}};
//! # let sandbox = Sandbox::start(SandboxConfig::new()).await.unwrap();
//! # let token = sandbox.access_token(AuthorizationSide::Webex, None).unwrap();
//! # let client = ClientId::parse(defaults::WEBEX_CLIENT_ID)?;
//! # let integration = webex_meetings::Integration::new(client, ClientSecret::new(defaults::WEBEX_CLIENT_SECRET));
//! # let builder = webex_meetings::Webex::builder(integration).access_token(TokenText::new(token));
//! # let meetings = builder.base(sandbox.url()).dangerous_loopback_http().build()?.my_meetings()?;
//! # let start = SystemClock.now() + chrono::TimeDelta::days(7);
//! # let lesson = start..start + chrono::TimeDelta::minutes(45);
//! use invitations_core::{ids::MeetingKey, provider::{MeetingDraft, WriteOptions}, time::Recurrence};
//! use webex_meetings::meetings::{BreakoutRoom, CreateOptions, MeetingChange, MeetingOptions, Patch, SendEmail};
//!
//! let key = MeetingKey::parse("maths-7b")?;
//! let draft = MeetingDraft::new("Maths", lesson).with_recurrence(Recurrence::parse("FREQ=WEEKLY;COUNT=10")?);
//! let wanted = CreateOptions::new()
//!     .with_agenda("Fractions")
//!     .with_breakout_room(BreakoutRoom::new("Group 1"))
//!     .with_options(MeetingOptions::new().with_join_before_host(true).with_join_before_host_minutes(5));
//! let series = meetings.create_with(&key, &draft, &wanted, WriteOptions::new()).await?;
//! assert!(series.left_out(&wanted.options).is_empty(), "the site has breakout sessions");
//!
//! let change = MeetingChange::new(SendEmail::No).with_title("Maths, group B").with_agenda(Patch::Clear);
//! meetings.change(&series.id, &change, WriteOptions::new()).await?;
//! println!("{} of {} creates of this day are left", meetings.quota().left, meetings.quota().limit);
//! # assert_eq!(meetings.quota().left, 99);
//! # Ok::<(), invitations_core::Error>(()) }).unwrap();
//! ```

mod change;
mod copies;
mod create;
mod decode;
mod filter;
mod handle;
mod hosts;
mod join;
mod meeting;
mod options;
mod parts;
mod provider;
mod recurrence;
mod request;
mod series;
mod settings;
mod words;

pub use crate::extra::ExtraMembers;
pub use crate::quota::{CreateLimits, CreateLimitsOf, CreateQuota};
pub use change::{MeetingChange, Patch, SendEmail, TimeChange};
pub use create::{CreateOptions, OtherMembers};
pub use filter::{Leftover, MeetingFilter, Place};
pub(crate) use handle::refuse_condition;
pub use handle::{ReadOptions, WebexMeetings};
pub use hosts::HostReassignment;
pub use join::{JoinLinks, JoinRequest, JoinTarget};
pub use meeting::WebexMeeting;
pub use options::{AttendeePrivileges, AudioOptions, MeetingFeatures, MeetingOptions};
pub use parts::{BreakoutRoom, CallInNumber, Objects, Registration, Telephony, TrackingCode};
pub use words::{
    AudioConnectionType, EntryAndExitTone, JoinSecurity, MeetingState, MeetingType, NoteType, ScheduledType,
};

//! Who is invited to meetings, in Webex's own words.
//!
//! [`WebexMeetings`](crate::WebexMeetings) is an [`AttendeeList`](invitations_core::provider::AttendeeList), and beside that takes cohosts and
//! panelists and many people at once: [`invite`](crate::WebexMeetings::invite), [`invite_many`](crate::WebexMeetings::invite_many),
//! [`invited`](crate::WebexMeetings::invited), [`invitee`](crate::WebexMeetings::invitee),
//! [`change_invitee`](crate::WebexMeetings::change_invitee), [`uninvite`](crate::WebexMeetings::uninvite).
//!
//! Invitees belong to a series or to one occurrence of it, each with ids of its own.
//!
//! ```
//! # tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
//! # use meetings_sandbox::{AuthorizationSide, Sandbox, SandboxConfig, defaults};
//! # use invitations_core::{ids::{ClientId, MeetingKey}, runtime::{Clock as _, SystemClock}, secret::{ClientSecret, TokenText}};
//! # use invitations_core::provider::{MeetingDraft, MeetingProvider as _};
//! # let sandbox = Sandbox::start(SandboxConfig::new()).await.unwrap();
//! # let token = sandbox.access_token(AuthorizationSide::Webex, None).unwrap();
//! # let client = ClientId::parse(defaults::WEBEX_CLIENT_ID)?;
//! # let integration = webex_meetings::Integration::new(client, ClientSecret::new(defaults::WEBEX_CLIENT_SECRET));
//! # let builder = webex_meetings::Webex::builder(integration).access_token(TokenText::new(token));
//! # let meetings = builder.base(sandbox.url()).dangerous_loopback_http().build()?.my_meetings()?;
//! # let start = SystemClock.now() + chrono::TimeDelta::days(7);
//! # let draft = MeetingDraft::new("Maths", start..start + chrono::TimeDelta::minutes(45));
//! # let meeting = meetings.create(&MeetingKey::parse("k")?, &draft, Default::default()).await?.id;
//! use invitations_core::{people::EmailAddress, provider::WriteOptions};
//! use webex_meetings::{invitees::NewInvitee, meetings::SendEmail};
//!
//! let ada = NewInvitee::new(EmailAddress::parse("ada@contoso.example")?).with_name("Ada").as_co_host();
//! let grace = NewInvitee::new(EmailAddress::parse("grace@contoso.example")?);
//! let both = [ada.clone(), grace];
//! let done = meetings.invite_many(&meeting, &both, SendEmail::No, WriteOptions::new()).await?;
//! assert_eq!((done.added.len(), done.already_there.len()), (2, 0));
//! // safe to call again: who is there already is found out
//! let again = meetings.invite_many(&meeting, &both, SendEmail::No, WriteOptions::new()).await?;
//! assert_eq!((again.added.len(), again.already_there.len()), (0, 2));
//! # Ok::<(), invitations_core::Error>(()) }).unwrap();
//! ```

mod decode;
mod handle;
mod id;
mod invitee;
mod many;
mod provider;
mod request;

pub use handle::Invited;
pub use id::InviteeId;
pub(crate) use invitee::write;
pub use invitee::{Invitee, NewInvitee};
pub use many::InvitedMany;

use std::fmt;

use chrono::{DateTime, Utc};
use invitations_core::{
    ids::{MeetingId, MeetingKey, UserId},
    provider::Meeting,
    secret::{JoinUrl, Passcode},
    time::Slot,
};
use serde_json::{Map, Value};
use url::Url;

use super::{
    options::MeetingOptions,
    words::{MeetingRole, MeetingType},
};

/// A Teams meeting with everything Graph tells about it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TeamsMeeting {
    /// Graph's id. Opaque: it has had several shapes.
    pub id: MeetingId,
    /// The title; empty where there is none.
    pub subject: String,
    /// When, in UTC.
    pub slot: Option<Slot>,
    /// When it was made.
    pub created: Option<DateTime<Utc>>,
    /// The `externalId`, where it is one of our keys.
    pub key: Option<MeetingKey>,
    /// How it came to be.
    pub kind: Option<MeetingType>,
    /// Where to join. Admits whoever holds it.
    pub join_url: JoinUrl,
    /// The number to join by instead (`joinMeetingIdSettings.joinMeetingId`); older meetings have none.
    pub join_meeting_id: Option<String>,
    /// What has to be typed with that number.
    pub passcode: Option<Passcode>,
    /// The page on which the organizer changes the options.
    pub options_url: Option<PrivateUrl>,
    /// The text of an invitation in the language that was asked for (`Accept-Language`).
    pub join_information: Option<JoinInformation>,
    /// How to join by phone (`audioConferencing`), where the organizer's licence has it.
    pub dial_in: Option<DialIn>,
    /// The chat (`chatInfo.threadId`).
    pub chat_thread: Option<String>,
    /// The id by which room systems join (`videoTeleconferenceId`).
    pub video_teleconference_id: Option<Passcode>,
    /// Whose it is.
    pub organizer: Option<Participant>,
    /// Who is listed, as far as Graph tells them apart.
    pub attendees: Vec<Participant>,
    /// What is set.
    pub options: MeetingOptions,
    /// What this version does not model, as Graph said it: the type is open (trap 30).
    pub extra: ExtraMembers,
}

/// Somebody in a meeting.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Participant {
    /// The directory object; people from outside and on the phone have none.
    pub id: Option<UserId>,
    /// The user principal name.
    pub upn: Option<String>,
    /// The name shown.
    pub name: Option<String>,
    /// What the person may do.
    pub role: Option<MeetingRole>,
}

/// How to join by phone. The conference id admits whoever dials it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct DialIn {
    /// What is typed after dialling.
    pub conference_id: Option<Passcode>,
    /// Numbers that cost a call.
    pub toll_numbers: Vec<String>,
    /// Numbers that are free.
    pub toll_free_numbers: Vec<String>,
    /// A page with more numbers.
    pub url: Option<PrivateUrl>,
}

/// The text of an invitation. It holds the join link, so `Debug` does not show it.
#[derive(Clone)]
#[non_exhaustive]
pub struct JoinInformation {
    /// Whether it is HTML; else it is plain text. Graph sends it as a `data:` URL.
    pub is_html: bool,
    content: String,
}

impl JoinInformation {
    pub(super) fn new(is_html: bool, content: String) -> Self {
        Self { is_html, content }
    }

    /// The text itself. Never log it.
    pub fn expose(&self) -> &str {
        &self.content
    }
}

impl fmt::Debug for JoinInformation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinInformation").field("is_html", &self.is_html).finish_non_exhaustive()
    }
}

/// A link that is not for everybody. `Debug` shows the host only.
#[derive(Clone)]
pub struct PrivateUrl(Url);

impl PrivateUrl {
    pub(super) fn new(url: Url) -> Self {
        Self(url)
    }

    /// The link itself. Never log it.
    pub fn expose(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for PrivateUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateUrl({}/…)", self.0.host_str().unwrap_or("?"))
    }
}

/// Members that are not modelled. They may hold links and names, so `Debug` shows their names only.
#[derive(Clone, Default)]
pub struct ExtraMembers(Map<String, Value>);

impl ExtraMembers {
    pub(super) fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// The members themselves. Never log them.
    pub fn expose(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl fmt::Debug for ExtraMembers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl From<TeamsMeeting> for Meeting {
    fn from(teams: TeamsMeeting) -> Self {
        let mut meeting = Self::new(teams.id, teams.subject, teams.join_url);
        meeting.slot = teams.slot;
        meeting.organizer = teams.organizer.and_then(|organizer| organizer.id);
        meeting.key = teams.key;
        meeting.passcode = teams.passcode;
        meeting
    }
}

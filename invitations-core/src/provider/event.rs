use std::fmt;

use crate::{
    Error, Result,
    ids::{Etag, EventId},
    people::Attendee,
    secret::JoinUrl,
    time::{EventTime, Recurrence},
};

/// Who owns an event we wrote; found again by it. 1 to 64 characters of `A-Z a-z 0-9 - _ . :`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Marker(String);

impl Marker {
    /// Checks `text` and keeps it.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for anything outside the allowed characters and length: a marker stands in
    /// filter expressions.
    pub fn parse(text: impl AsRef<str>) -> Result<Self> {
        let text = text.as_ref();
        let fine = |c: u8| c.is_ascii_alphanumeric() || b"-_.:".contains(&c);
        if text.is_empty() || text.len() > 64 || !text.bytes().all(fine) {
            return Err(Error::invalid("parse marker", "a marker is 1 to 64 characters of A-Z a-z 0-9 - _ . :"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The marker's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Marker {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        Self::parse(text)
    }
}
impl From<Marker> for String {
    fn from(marker: Marker) -> Self {
        marker.0
    }
}
impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The content of a calendar event.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct EventDraft {
    /// The title.
    pub subject: String,
    /// When.
    pub time: EventTime,
    /// Plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Who is invited. Providers mail them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attendees: Vec<Attendee>,
    /// Whether it repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<Recurrence>,
    /// Who owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<Marker>,
    /// Whether the provider makes an online meeting for it.
    #[serde(default)]
    pub online: bool,
}

impl EventDraft {
    /// An event with a title and a time.
    pub fn new(subject: impl Into<String>, time: EventTime) -> Self {
        Self {
            subject: subject.into(),
            time,
            body: None,
            location: None,
            attendees: Vec::new(),
            recurrence: None,
            marker: None,
            online: false,
        }
    }

    /// Sets the text.
    #[must_use]
    pub fn with_body(mut self, text: impl Into<String>) -> Self {
        self.body = Some(text.into());
        self
    }

    /// Sets the place.
    #[must_use]
    pub fn with_location(mut self, place: impl Into<String>) -> Self {
        self.location = Some(place.into());
        self
    }

    /// Sets the owner.
    #[must_use]
    pub fn with_marker(mut self, marker: Marker) -> Self {
        self.marker = Some(marker);
        self
    }

    /// Lists one more attendee.
    #[must_use]
    pub fn with_attendee(mut self, attendee: Attendee) -> Self {
        self.attendees.push(attendee);
        self
    }

    /// Asks the provider for an online meeting.
    #[must_use]
    pub fn with_online_meeting(mut self) -> Self {
        self.online = true;
        self
    }
}

/// An event as the provider has it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CalendarEvent {
    /// The provider's id.
    pub id: EventId,
    /// Its version.
    pub etag: Option<Etag>,
    /// What it says.
    pub content: EventDraft,
    /// Where to join, for an online event. Admits whoever holds it.
    pub join_url: Option<JoinUrl>,
}

impl CalendarEvent {
    /// An event without a version and without a join link.
    pub fn new(id: EventId, content: EventDraft) -> Self {
        Self { id, etag: None, content, join_url: None }
    }

    /// Sets the version.
    #[must_use]
    pub fn with_etag(mut self, etag: Etag) -> Self {
        self.etag = Some(etag);
        self
    }

    /// Sets where to join.
    #[must_use]
    pub fn with_join_url(mut self, link: JoinUrl) -> Self {
        self.join_url = Some(link);
        self
    }
}

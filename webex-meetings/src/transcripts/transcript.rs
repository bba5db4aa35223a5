use std::{fmt, time::Duration};

use chrono::{DateTime, Utc};
use invitations_core::{
    ids::{MeetingId, UserId},
    people::EmailAddress,
};
use serde_json::Value;

use crate::{
    TranscriptId,
    wire::{address, instant, length, text, word, words},
};

words! {
    /// What has become of a transcript.
    TranscriptStatus {
        /// It can be read.
        Available = "available",
        /// It was deleted.
        Deleted = "deleted",
    }
}

/// What a transcript is written as.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TranscriptFormat {
    /// WebVTT, with times and speakers.
    WebVtt,
    /// Plain text.
    Text,
}

/// A transcript. Webex's links to it are left out: they lead to other hosts.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Transcript {
    /// Its id; `None` where Webex names none.
    pub id: Option<TranscriptId>,
    /// The site that has it.
    pub site: Option<String>,
    /// When the meeting started.
    pub started: Option<DateTime<Utc>>,
    /// The meeting's topic.
    pub topic: String,
    /// The instance of the meeting.
    pub meeting: Option<MeetingId>,
    /// The occurrence.
    pub occurrence: Option<MeetingId>,
    /// The series.
    pub series: Option<MeetingId>,
    /// Who hosted it.
    pub host: Option<UserId>,
    /// What has become of it.
    pub status: Option<TranscriptStatus>,
}

impl Transcript {
    pub(super) fn read(value: &Value) -> Self {
        let meeting = |name| text(value, name).and_then(|id| MeetingId::parse(id).ok());
        Self {
            id: text(value, "id").and_then(|id| TranscriptId::parse(id).ok()),
            site: text(value, "siteUrl"),
            started: instant(value, "startTime"),
            topic: text(value, "meetingTopic").unwrap_or_default(),
            meeting: meeting("meetingId"),
            occurrence: meeting("scheduledMeetingId"),
            series: meeting("meetingSeriesId"),
            host: text(value, "hostUserId").and_then(|id| UserId::parse(id).ok()),
            status: word(value, "status"),
        }
    }
}

/// Something that somebody said. `Debug` does not show what.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub struct Snippet {
    /// Webex's id of it.
    pub id: Option<String>,
    /// What was said.
    pub text: String,
    /// Who said it.
    pub name: Option<String>,
    /// Their address.
    pub email: Option<EmailAddress>,
    /// How long after the transcript's start.
    pub offset: Option<Duration>,
    /// How long it took.
    pub duration: Option<Duration>,
}

impl Snippet {
    pub(super) fn read(value: &Value) -> Self {
        // the schema has both names, examples the shorter one
        let time = |long, short| {
            let unit = Duration::from_millis(1);
            length(value, long, unit).or_else(|| length(value, short, unit))
        };
        Self {
            id: text(value, "id"),
            text: text(value, "text").unwrap_or_default(),
            name: text(value, "personName"),
            email: address(value, "personEmail"),
            offset: time("offsetMillisecond", "offset"),
            duration: time("durationMillisecond", "duration"),
        }
    }
}

impl fmt::Debug for Snippet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snippet")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("email", &self.email)
            .field("offset", &self.offset)
            .field("duration", &self.duration)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn snippets_say_when_in_milliseconds() {
        for (value, offset, duration) in [
            (json!({ "offset": 1000, "duration": 1500 }), Some(1000), Some(1500)),
            (json!({ "offsetMillisecond": 20, "offset": 1000, "durationMillisecond": 7.0 }), Some(20), Some(7)),
            (json!({ "offset": -1, "duration": "soon" }), None, None),
            (json!(null), None, None),
        ] {
            let read = Snippet::read(&value);
            assert_eq!(read.offset, offset.map(Duration::from_millis), "{value}");
            assert_eq!(read.duration, duration.map(Duration::from_millis), "{value}");
        }
    }

    #[test]
    fn what_is_missing_is_left_out() {
        let read = Transcript::read(
            &json!({ "id": "t1", "status": "AVAILABLE", "vttDownloadLink": "http://elsewhere.example" }),
        );
        assert_eq!((read.id.unwrap().as_str(), read.status), ("t1", Some(TranscriptStatus::Available)));
        assert!(Transcript::read(&json!({ "id": "." })).id.is_none());
    }
}

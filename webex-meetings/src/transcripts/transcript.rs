use std::{fmt, time::Duration};

use chrono::{DateTime, Utc};
use invitations_core::{
    ids::{MeetingId, UserId},
    people::EmailAddress,
};
use serde_json::Value;

use crate::{
    TranscriptId,
    extra::ExtraMembers,
    wire::{Members, words},
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

/// A transcript. Webex's links to it stand in [`extra`](Self::extra): they lead to other hosts, and `download` needs none.
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
    /// All else that Webex told.
    pub extra: ExtraMembers,
}

impl Transcript {
    pub(super) fn read(value: &Value) -> Self {
        let mut members = Members::of(value);
        let meeting = |id| MeetingId::parse(id).ok();
        Self {
            id: members.parsed("id", |id| TranscriptId::parse(id).ok()),
            site: members.text("siteUrl"),
            started: members.instant("startTime"),
            topic: members.text("meetingTopic").unwrap_or_default(),
            meeting: members.parsed("meetingId", meeting),
            occurrence: members.parsed("scheduledMeetingId", meeting),
            series: members.parsed("meetingSeriesId", meeting),
            host: members.parsed("hostUserId", |id| UserId::parse(id).ok()),
            status: members.word("status"),
            extra: members.left(),
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
    /// All else that Webex told.
    pub extra: ExtraMembers,
}

impl Snippet {
    pub(super) fn read(value: &Value) -> Self {
        // the schema has both names, examples the shorter one
        let mut members = Members::of(value);
        let mut time = |long, short| {
            let unit = Duration::from_millis(1);
            members.length(long, unit).or_else(|| members.length(short, unit))
        };
        let (offset, duration) = (time("offsetMillisecond", "offset"), time("durationMillisecond", "duration"));
        Self {
            id: members.text("id"),
            text: members.text("text").unwrap_or_default(),
            name: members.text("personName"),
            email: members.address("personEmail"),
            offset,
            duration,
            extra: members.left(),
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
            .field("extra", &self.extra)
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

use std::time::Duration;

use chrono::{DateTime, Utc};
use invitations_core::{
    ids::MeetingId,
    secret::{DownloadUrl, Passcode},
};
use serde_json::Value;

use crate::{
    RecordingId,
    extra::ExtraMembers,
    wire::{Members, words},
};

words! {
    /// What a recording is stored as.
    RecordingFormat {
        /// MPEG-4.
        Mp4 = "MP4",
        /// Webex's own older format.
        Arf = "ARF",
        /// A file that somebody uploaded.
        Uploaded = "UPLOADED",
    }

    /// Which of Webex's services recorded it.
    RecordingService {
        /// Meetings.
        Meeting = "MeetingCenter",
        /// Events.
        Event = "EventCenter",
        /// Trainings.
        Training = "TrainingCenter",
        /// Support.
        Support = "SupportCenter",
    }

    /// What has become of a recording.
    RecordingStatus {
        /// It can be played.
        Available = "available",
        /// It is in the recycle bin.
        Deleted = "deleted",
        /// It was removed from the recycle bin.
        Purged = "purged",
    }
}

/// A recording. Webex leaves out members that its schema requires.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Recording {
    /// Its id; `None` where Webex names none.
    pub id: Option<RecordingId>,
    /// The instance of the meeting.
    pub meeting: Option<MeetingId>,
    /// The occurrence.
    pub occurrence: Option<MeetingId>,
    /// The series.
    pub series: Option<MeetingId>,
    /// Its topic.
    pub topic: String,
    /// When it became a recording.
    pub created: Option<DateTime<Utc>>,
    /// When the recording began.
    pub recorded: Option<DateTime<Utc>>,
    /// The site that has it.
    pub site: Option<String>,
    /// A page to download from, for people who sign in there.
    pub download_page: Option<DownloadUrl>,
    /// A page to play it.
    pub playback_page: Option<DownloadUrl>,
    /// What those pages ask for, where Webex shows it.
    pub password: Option<Passcode>,
    /// The format.
    pub format: Option<RecordingFormat>,
    /// The service.
    pub service: Option<RecordingService>,
    /// How long it is.
    pub duration: Option<Duration>,
    /// How large it is.
    pub size_bytes: Option<u64>,
    /// Whether it is somebody else's, who shared it.
    pub shared: Option<bool>,
    /// The tags of its meeting, those of this client only.
    pub integration_tags: Vec<String>,
    /// What has become of it.
    pub status: Option<RecordingStatus>,
    /// Links to its files; with [`WebexRecordings::read`](crate::WebexRecordings::read) only, and not where the host prevents downloads.
    pub links: Option<RecordingLinks>,
    /// All else that Webex told.
    pub extra: ExtraMembers,
}

/// Links to the files of a recording, good for three hours.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RecordingLinks {
    /// The recording.
    pub recording: Option<DownloadLink>,
    /// Its sound.
    pub audio: Option<DownloadLink>,
    /// Its transcript.
    pub transcript: Option<DownloadLink>,
    /// All else that Webex told.
    pub extra: ExtraMembers,
}

/// A link that gives a file to whoever holds it, until it is over.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DownloadLink {
    /// The link.
    pub url: DownloadUrl,
    /// Until when it is good; `None` where Webex does not say.
    pub expires: Option<DateTime<Utc>>,
}

impl DownloadLink {
    /// A link that is good until then.
    pub fn new(url: DownloadUrl, expires: Option<DateTime<Utc>>) -> Self {
        Self { url, expires }
    }
}

impl Recording {
    pub(super) fn read(value: &Value) -> Self {
        let mut members = Members::of(value);
        let meeting = |id| MeetingId::parse(id).ok();
        Self {
            id: members.parsed("id", |id| RecordingId::parse(id).ok()),
            meeting: members.parsed("meetingId", meeting),
            occurrence: members.parsed("scheduledMeetingId", meeting),
            series: members.parsed("meetingSeriesId", meeting),
            topic: members.text("topic").unwrap_or_default(),
            created: members.instant("createTime"),
            recorded: members.instant("timeRecorded"),
            site: members.text("siteUrl"),
            download_page: members.link("downloadUrl"),
            playback_page: members.link("playbackUrl"),
            password: members.passcode("password"),
            format: members.word("format"),
            service: members.word("serviceType"),
            duration: members.length("durationSeconds", Duration::from_secs(1)),
            size_bytes: members.whole("sizeBytes"),
            shared: members.flag("shareToMe"),
            integration_tags: members.texts("integrationTags"),
            status: members.word("status"),
            links: members.object("temporaryDirectDownloadLinks", RecordingLinks::read),
            extra: members.left(),
        }
    }
}

impl RecordingLinks {
    fn read(members: &mut Members) -> Option<Self> {
        let expires = members.instant("expiration");
        let mut file = |name| members.link(name).map(|url| DownloadLink::new(url, expires));
        Some(Self {
            recording: file("recordingDownloadLink"),
            audio: file("audioDownloadLink"),
            transcript: file("transcriptDownloadLink"),
            extra: members.rest(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_masked_or_missing_is_absent() {
        let read = Recording::read(&json!({
            "id": "r1", "password": "********", "sizeBytes": 1.0, "durationSeconds": 90, "format": "mp4", "status": "frozen",
            "temporaryDirectDownloadLinks": { "recordingDownloadLink": "https://site.example/f?ticket=planted", "audioDownloadLink": "",
            "expiration": "2026-09-01T11:00:00Z" },
        }));
        assert!(read.password.is_none() && read.download_page.is_none() && read.topic.is_empty());
        assert_eq!((read.size_bytes, read.duration), (Some(1), Some(Duration::from_secs(90))));
        assert_eq!(read.format, Some(RecordingFormat::Mp4));
        assert_eq!(read.status, Some(RecordingStatus::Unknown("frozen".to_owned())));
        let shown = format!("{read:?}");
        let links = read.links.unwrap();
        assert!(links.audio.is_none() && links.transcript.is_none());
        assert_eq!(links.recording.unwrap().expires, Some("2026-09-01T11:00:00Z".parse().unwrap()));
        assert!(!shown.contains("planted"), "{shown}");
        for odd in [json!(null), json!({ "temporaryDirectDownloadLinks": [] }), json!({ "id": "" })] {
            let read = Recording::read(&odd);
            assert!(read.id.is_none() && read.links.is_none(), "{odd}");
        }
    }
}

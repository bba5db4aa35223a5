//! What stays of a Webex meeting: recordings and transcripts.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::World;

/// How long a direct link is good.
pub(crate) const LINK_HOURS: i64 = 3;
/// More than this no test needs.
const LARGEST: usize = 16 * 1024 * 1024;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct WebexRecording {
    pub(crate) id: String,
    /// The instance.
    pub(crate) instance: String,
    pub(crate) series: String,
    pub(crate) topic: String,
    pub(crate) created: DateTime<Utc>,
    pub(crate) recorded: DateTime<Utc>,
    pub(crate) seconds: u64,
    pub(crate) bytes: usize,
    pub(crate) format: String,
    /// `available`, `deleted` (in the recycle bin) or `purged`.
    pub(crate) status: String,
    pub(crate) prevent_download: bool,
    /// Tickets of direct links, what each gives, and until when.
    pub(crate) tickets: Vec<(String, String, DateTime<Utc>)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct WebexTranscript {
    pub(crate) id: String,
    pub(crate) instance: String,
    pub(crate) series: String,
    pub(crate) started: DateTime<Utc>,
    pub(crate) snippets: Vec<WebexSnippet>,
}

/// Something that somebody said; times in milliseconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebexSnippet {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) text: String,
    pub(crate) offset: u64,
    pub(crate) duration: u64,
}

/// A recording to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRecording {
    /// An instance that has ended.
    pub(crate) instance: String,
    pub(crate) topic: Option<String>,
    pub(crate) seconds: Option<u64>,
    pub(crate) bytes: Option<usize>,
    pub(crate) format: Option<String>,
    #[serde(default)]
    pub(crate) prevent_download: bool,
}

/// A transcript to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTranscript {
    /// An instance that has ended.
    pub(crate) instance: String,
    pub(crate) snippets: Vec<WebexSnippet>,
}

impl WebexRecording {
    /// The file: its size, and different for each recording and each of its files.
    pub(crate) fn content(&self, what: &str) -> Vec<u8> {
        format!("{what} of {}\n", self.id).into_bytes().into_iter().cycle().take(self.bytes).collect()
    }
}

impl World {
    fn ended_instance(&self, id: &str) -> Result<(String, String, DateTime<Utc>), String> {
        let instance = self.webex_instance(id).ok_or_else(|| format!("no Webex instance {id}"))?;
        if instance.ended.is_none() {
            return Err(format!("{id} has not ended"));
        }
        Ok((instance.id.clone(), instance.series.clone(), instance.started))
    }

    pub(crate) fn webex_record(&mut self, new: NewRecording) -> Result<String, String> {
        let (instance, series, recorded) = self.ended_instance(&new.instance)?;
        let title = self.webex_series(&series).map(|meeting| meeting.title.clone());
        let recording = WebexRecording {
            id: self.ids.hex("webex-recording"),
            instance,
            series,
            topic: new.topic.or(title).unwrap_or_default(),
            created: self.now(),
            recorded,
            seconds: new.seconds.unwrap_or(60),
            bytes: new.bytes.unwrap_or(1024).min(LARGEST),
            format: new.format.unwrap_or_else(|| "MP4".to_owned()),
            status: "available".to_owned(),
            prevent_download: new.prevent_download,
            tickets: Vec::new(),
        };
        let id = recording.id.clone();
        self.webex_recordings.push(recording);
        Ok(id)
    }

    pub(crate) fn webex_transcribe(&mut self, new: NewTranscript) -> Result<String, String> {
        let (instance, series, started) = self.ended_instance(&new.instance)?;
        let id = self.ids.hex("webex-transcript");
        let transcript = WebexTranscript { id: id.clone(), instance, series, started, snippets: new.snippets };
        self.webex_transcripts.push(transcript);
        Ok(id)
    }

    /// Moves a recording into the recycle bin, empties it of it, or brings it back. False where there is no such recording.
    pub(crate) fn webex_recording_status(&mut self, id: &str, status: &str) -> bool {
        let found = self.webex_recordings.iter_mut().find(|recording| recording.id == id);
        found.map(|recording| status.clone_into(&mut recording.status)).is_some()
    }

    /// A ticket for one file of a recording, and until when it is good.
    pub(crate) fn webex_ticket(&mut self, id: &str, what: &str) -> Option<(String, DateTime<Utc>)> {
        let until = self.now() + TimeDelta::hours(LINK_HOURS);
        let ticket = self.ids.opaque("ticket");
        let recording = self.webex_recordings.iter_mut().find(|recording| recording.id == id)?;
        recording.tickets.push((ticket.clone(), what.to_owned(), until));
        Some((ticket, until))
    }
}

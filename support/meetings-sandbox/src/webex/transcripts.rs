//! `/meetingTranscripts`.

use chrono::TimeDelta;
use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Turn, error::Failure, list::page, times};
use crate::{
    defaults,
    serve::Reply,
    world::{WebexMeeting, WebexSnippet, WebexTranscript, has_scope},
};

const READ: &str = "meeting:transcripts_read";
const SCHEDULES: &str = "meeting:schedules_read";
const READ_ALL: &str = "meeting:admin_transcripts_read";

/// `meetingId` is that of an instance which has ended, and of nothing else.
pub(super) fn list(turn: &mut Turn<'_>) -> Answer {
    turn.transcript_scopes()?;
    let parameter = |name: &'static str| turn.call.parameter(name);
    if let Some(id) = parameter("meetingId") {
        let ended = turn.world.webex_instance(id).is_some_and(|instance| instance.ended.is_some());
        if !ended {
            return Err(Failure::invalid(&format!("Meeting ID '{id}' is not allowed for this API.")));
        }
    }
    let (from, to) = turn.span(("from", parameter("from")), ("to", parameter("to")), TimeDelta::days(7))?;
    let fits = |transcript: &WebexTranscript, meeting: &WebexMeeting| {
        parameter("meetingId").is_none_or(|id| id == transcript.instance)
            && (from..to).contains(&transcript.started)
            && parameter("siteUrl").is_none_or(|site| site == defaults::WEBEX_SITE)
            && turn.hosts(meeting, READ_ALL).is_ok()
    };
    let all = turn.world.webex_transcripts.iter();
    let known = all.filter_map(|transcript| Some((transcript, turn.world.webex_series(&transcript.series)?)));
    let found = known.filter(|(transcript, meeting)| fits(transcript, meeting));
    let items = found.map(|(transcript, meeting)| turn.transcript_json(transcript, meeting)).collect();
    page(turn, items)
}

pub(super) fn download(turn: &mut Turn<'_>) -> Answer {
    let transcript = turn.transcript()?;
    let text = match turn.call.parameter("format").unwrap_or("vtt") {
        "vtt" => web_vtt(&transcript.snippets),
        "txt" => transcript.snippets.iter().map(|said| format!("{}: {}\n", said.name, said.text)).collect(),
        other => return Err(Failure::invalid(&format!("'format' {other} is invalid."))),
    };
    Ok(Reply::text(StatusCode::OK, "text/vtt", text))
}

pub(super) fn snippets(turn: &mut Turn<'_>) -> Answer {
    let transcript = turn.transcript()?;
    let said = transcript.snippets.iter().enumerate().map(|(number, said)| {
        json!({
            "id": format!("{}_{:05}", transcript.id, number + 1),
            "text": said.text,
            "personName": said.name,
            "personEmail": said.email,
            "offset": said.offset,
            "duration": said.duration,
        })
    });
    let items = said.collect();
    page(turn, items)
}

fn web_vtt(snippets: &[WebexSnippet]) -> String {
    let mut text = "WEBVTT\n".to_owned();
    for (number, said) in snippets.iter().enumerate() {
        let (from, until) = (clock(said.offset), clock(said.offset.saturating_add(said.duration)));
        text.push_str(&format!("\n{} \"{}\"\n{from} --> {until}\n{}\n", number + 1, said.name, said.text));
    }
    text
}

fn clock(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    format!("{:02}:{:02}:{:02}.{:03}", seconds / 3600, seconds / 60 % 60, seconds % 60, milliseconds % 1000)
}

impl Turn<'_> {
    /// Both are needed.
    fn transcript_scopes(&self) -> Result<(), Failure> {
        if has_scope(&self.token.scope, READ_ALL) {
            return Ok(());
        }
        self.scope(READ, READ)?;
        self.scope(SCHEDULES, SCHEDULES)
    }

    fn transcript(&self) -> Result<WebexTranscript, Failure> {
        self.transcript_scopes()?;
        let unknown = || Failure::not_found(&format!("Transcript ID '{}' does not exist.", self.id));
        let found = self.world.webex_transcripts.iter().find(|one| one.id == self.id).ok_or_else(unknown)?;
        self.hosts(self.world.webex_series(&found.series).ok_or_else(unknown)?, READ_ALL)?;
        Ok(found.clone())
    }

    /// The links lead to the site, and without TLS, as was seen.
    fn transcript_json(&self, transcript: &WebexTranscript, meeting: &WebexMeeting) -> Value {
        let link = |format: &str| {
            let site = defaults::WEBEX_SITE;
            format!(
                "http://{site}/v1/meetingTranscripts/{}/download?format={format}&meetingId={}",
                transcript.id, transcript.instance
            )
        };
        json!({
            "id": transcript.id,
            "siteUrl": defaults::WEBEX_SITE,
            "startTime": times::write(transcript.started, self.reading_zone()),
            "meetingTopic": meeting.title,
            "meetingId": transcript.instance,
            "scheduledMeetingId": self.occurrence_id(&transcript.instance),
            "meetingSeriesId": transcript.series,
            "hostUserId": meeting.host,
            "vttDownloadLink": link("vtt"),
            "txtDownloadLink": link("txt"),
            "status": "available",
        })
    }
}

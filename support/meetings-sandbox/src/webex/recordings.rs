//! `/recordings`, and the host that gives their files.

use chrono::TimeDelta;
use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Turn, error::Failure, list::page, times};
use crate::{
    defaults,
    serve::{Call, Reply},
    world::{WebexMeeting, WebexRecording, World},
};

const READ: (&str, &str) = ("meeting:recordings_read", "meeting:admin_recordings_read");
const WRITE: (&str, &str) = ("meeting:recordings_write", "meeting:admin_recordings_write");
const LONGEST_COMMENT: usize = 255;
/// The files of a recording, each behind a link of its own.
const FILES: [(&str, &str); 3] =
    [("recordingDownloadLink", "recording"), ("audioDownloadLink", "audio"), ("transcriptDownloadLink", "transcript")];

pub(super) fn list(turn: &mut Turn<'_>) -> Answer {
    turn.scope(READ.0, READ.1)?;
    let parameter = |name: &'static str| turn.call.parameter(name);
    let one_of = |name: &'static str, words: &[&str]| match parameter(name) {
        Some(word) if !words.contains(&word) => Err(Failure::invalid(&format!("'{name}' {word} is invalid."))),
        word => Ok(word),
    };
    let (from, to) = turn.span(("from", parameter("from")), ("to", parameter("to")), TimeDelta::days(7))?;
    let format = one_of("format", &["MP4", "ARF"])?;
    let service = one_of("serviceType", &["MeetingCenter", "EventCenter", "SupportCenter", "TrainingCenter"])?;
    let status = one_of("status", &["available", "deleted", "purged"])?.unwrap_or("available");
    let fits = |recording: &WebexRecording, meeting: &WebexMeeting| {
        let named = parameter("meetingId").is_none_or(|id| {
            id == recording.instance
                || id == recording.series
                || Some(id) == turn.occurrence_id(&recording.instance).as_deref()
        });
        let tagged = parameter("integrationTag")
            .is_none_or(|tag| meeting.tags_of(&turn.token.client).iter().any(|known| known == tag));
        named
            && tagged
            && (from..to).contains(&recording.created)
            && recording.status == status
            && format.is_none_or(|format| recording.format == format)
            && service.is_none_or(|service| service == "MeetingCenter")
            && parameter("siteUrl").is_none_or(|site| site == defaults::WEBEX_SITE)
            && parameter("topic").is_none_or(|topic| recording.topic.to_lowercase().contains(&topic.to_lowercase()))
            && turn.hosts(meeting, READ.1).is_ok()
    };
    let all = turn.world.webex_recordings.iter();
    let mut found: Vec<_> = all
        .filter_map(|recording| Some((recording, turn.world.webex_series(&recording.series)?)))
        .filter(|(recording, meeting)| fits(recording, meeting))
        .collect();
    found.sort_by_key(|(recording, _)| std::cmp::Reverse(recording.created));
    let items = found.into_iter().map(|(recording, meeting)| turn.recording_json(recording, meeting)).collect();
    page(turn, items)
}

/// The site stands in a header here. Links are made anew for each read.
pub(super) fn read(turn: &mut Turn<'_>) -> Answer {
    turn.scope(READ.0, READ.1)?;
    let (recording, meeting) = turn.recording(READ.1)?;
    let mut shown = turn.recording_json(&recording, &meeting);
    if !recording.prevent_download && recording.status == "available" {
        let mut links = json!({});
        for (name, what) in FILES {
            let Some((ticket, until)) = turn.world.webex_ticket(&recording.id, what) else { continue };
            links[name] = format!("{}/nbr/download?ticket={ticket}", elsewhere(&turn.call.origin)).into();
            links["expiration"] = times::write(until, turn.reading_zone()).into();
        }
        shown["temporaryDirectDownloadLinks"] = links;
    }
    Ok(Reply::json(StatusCode::OK, &shown))
}

/// A body may say why.
pub(super) fn delete(turn: &mut Turn<'_>) -> Answer {
    turn.scope(WRITE.0, WRITE.1)?;
    let body = turn.body()?;
    for name in ["reason", "comment"] {
        if body.get(name).is_some_and(|value| !value.is_string()) {
            return Err(Failure::invalid(&format!("'{name}' is invalid.")));
        }
    }
    if body.get("comment").and_then(Value::as_str).is_some_and(|said| said.chars().count() > LONGEST_COMMENT) {
        return Err(Failure::invalid("'comment' must not exceed 255 characters."));
    }
    let (recording, _) = turn.recording(WRITE.1)?;
    turn.world.webex_recording_status(&recording.id, "purged");
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// `GET /nbr/download?ticket=`: the ticket is the whole right, and a bearer token has no business here.
pub(super) fn file(world: &World, call: &Call) -> Reply {
    let refuse = |status, text: &str| Reply::text(status, "text/html", format!("<html><body>{text}</body></html>"));
    if call.header("authorization").is_some() {
        return refuse(StatusCode::BAD_REQUEST, "A bearer token was sent to a host that is not Webex's API.");
    }
    let (ticket, now) = (call.parameter("ticket").unwrap_or_default(), world.now());
    let found =
        world.webex_recordings.iter().filter(|recording| recording.status == "available").find_map(|recording| {
            let known = recording.tickets.iter().find(|(known, _, until)| known == ticket && *until > now)?;
            Some((recording, known.1.as_str()))
        });
    let Some((recording, what)) = found else { return refuse(StatusCode::FORBIDDEN, "The link has expired.") };
    let media_type = match what {
        "transcript" => "text/vtt",
        "audio" => "audio/mpeg",
        _ => "video/mp4",
    };
    Reply::text(StatusCode::OK, media_type, recording.content(what))
}

/// The same server by another name: to a client it is another origin.
fn elsewhere(origin: &str) -> String {
    origin.replace("127.0.0.1", "localhost")
}

impl Turn<'_> {
    fn recording(&self, administrator: &str) -> Result<(WebexRecording, WebexMeeting), Failure> {
        let unknown = || Failure::not_found(&format!("Recording ID '{}' does not exist.", self.id));
        let site = self.call.header("siteurl").is_none_or(|site| site == defaults::WEBEX_SITE);
        let all = self.world.webex_recordings.iter();
        let recording = all.filter(|one| site && one.status != "purged").find(|one| one.id == self.id);
        let recording = recording.ok_or_else(unknown)?;
        let meeting = self.world.webex_series(&recording.series).ok_or_else(unknown)?;
        self.hosts(meeting, administrator)?;
        Ok((recording.clone(), meeting.clone()))
    }

    fn recording_json(&self, recording: &WebexRecording, meeting: &WebexMeeting) -> Value {
        let zone = self.reading_zone();
        let at_site =
            |page: &str| format!("https://{0}/contoso/{page}.php?RCID={1}", defaults::WEBEX_SITE, recording.id);
        let mut shown = json!({
            "id": recording.id,
            "meetingId": recording.instance,
            "scheduledMeetingId": self.occurrence_id(&recording.instance),
            "meetingSeriesId": recording.series,
            "topic": recording.topic,
            "createTime": times::write(recording.created, zone),
            "timeRecorded": times::write(recording.recorded, zone),
            "siteUrl": defaults::WEBEX_SITE,
            "downloadUrl": at_site("lsr"),
            "playbackUrl": at_site("ldr"),
            "password": "********",
            "format": recording.format,
            "serviceType": "MeetingCenter",
            "durationSeconds": recording.seconds,
            "sizeBytes": recording.bytes,
            "shareToMe": false,
            "status": recording.status,
        });
        let tags = meeting.tags_of(&self.token.client);
        if !tags.is_empty() {
            shown["integrationTags"] = json!(tags);
        }
        shown
    }
}

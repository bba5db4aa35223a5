//! Recordings and transcripts as files: links without a token, caps, broken connections.

use std::sync::Arc;

use invitations_core::{
    ErrorKind, RetryClass, provider::Resend, provider::WriteOptions, runtime::ManualClock, secret::DownloadUrl,
    time::TimeRange,
};
use meetings_http::{ScriptedTransport, Sent, Step};
use serde_json::{Value, json};
use url::Url;
use webex_meetings::{
    AttendeeReportQuery, DeleteReason, DownloadLimits, DownloadLink, RecordingId, RecordingQuery, TranscriptFormat,
    TranscriptId, WebexMeetings,
};

use crate::support::{once, scripted_by, utc};

fn meetings(steps: Vec<Step>) -> (WebexMeetings, Arc<ScriptedTransport>) {
    let clock = Arc::new(ManualClock::new(utc("2026-09-01T09:00:00Z")));
    let (webex, transport) = scripted_by(steps, |builder| builder.clock(clock));
    (webex.my_meetings().unwrap(), transport)
}

fn link(text: &str, expires: &str) -> DownloadLink {
    DownloadLink::new(DownloadUrl::new(Url::parse(text).unwrap()), Some(utc(expires)))
}

fn good() -> DownloadLink {
    link("https://site.example/nbr/f?ticket=a%2Bb", "2026-09-01T11:00:00Z")
}

fn limits(most: u64) -> DownloadLimits {
    DownloadLimits::new(most)
}

#[tokio::test]
async fn a_link_is_followed_without_a_token() {
    let file = Step::reply(200).with_header("content-type", "video/mp4").with_body("film");
    let (meetings, transport) = meetings(vec![file]);
    let download = meetings.recordings().download(&good(), limits(4)).await.unwrap();
    assert_eq!(download.media_type(), Some("video/mp4"));
    assert!(!format!("{download:?}").contains("film"));
    assert_eq!(download.collect().await.unwrap(), "film");
    let sent = &transport.requests()[0];
    assert_eq!(sent.uri().to_string(), "https://site.example/nbr/f?ticket=a%2Bb", "as it is");
    assert!(!sent.headers().contains_key("authorization"));
}

#[tokio::test]
async fn a_link_that_is_over_is_not_followed() {
    let (meetings, transport) =
        meetings(vec![Step::reply(403), Step::reply(302).with_header("location", "https://x.example")]);
    let recordings = meetings.recordings();
    let over = link("https://site.example/f", "2026-09-01T09:00:00Z");
    let error = recordings.download(&over, limits(9)).await.unwrap_err();
    assert_eq!((error.kind(), transport.requests().len()), (ErrorKind::NotFound, 0));
    assert!(error.remedy().unwrap().action.contains("Read the recording again"));
    let error = recordings.download(&good(), limits(9)).await.unwrap_err();
    assert!(
        error.kind() == ErrorKind::NotFound
            && error.status() == Some(403)
            && error.remedy().unwrap().action.contains("Read the recording again")
    );
    let error = recordings.download(&good(), limits(9)).await.unwrap_err();
    assert_eq!((error.kind(), transport.requests().len()), (ErrorKind::Protocol, 2), "redirects are not followed");
    for plain in ["http://site.example/f", "http://127.0.0.1/f", "https://user:word@site.example/f"] {
        let error = recordings.download(&link(plain, "2026-09-01T11:00:00Z"), limits(9)).await.unwrap_err();
        assert_eq!((error.kind(), transport.requests().len()), (ErrorKind::Protocol, 2), "{plain}");
    }
}

#[tokio::test]
async fn a_file_is_never_larger_than_allowed() {
    let said = || Step::reply(200).with_header("content-length", "5").with_body("large");
    let (meetings, _) = meetings(vec![said(), Step::reply(200).with_body("large"), said()]);
    let recordings = meetings.recordings();
    let error = recordings.download(&good(), limits(4)).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Protocol, RetryClass::Never));
    let mut unsaid = recordings.download(&good(), limits(4)).await.unwrap();
    assert_eq!(unsaid.piece().await.unwrap().unwrap_err().kind(), ErrorKind::Protocol);
    assert!(unsaid.piece().await.is_none(), "nothing comes after an error");
    let fits = recordings.download(&good(), limits(5)).await.unwrap();
    assert_eq!(fits.length(), Some(5));
    assert_eq!(fits.collect().await.unwrap(), "large");
}

#[tokio::test]
async fn a_broken_connection_is_no_end_of_the_file() {
    let (meetings, _) = meetings(vec![Step::reply(200).with_body("half").cut_off()]);
    let mut download = meetings.recordings().download(&good(), limits(9)).await.unwrap();
    assert_eq!(download.piece().await.unwrap().unwrap(), "half");
    let error = download.piece().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, RetryClass::Safe { after: None }));
    assert!(download.piece().await.is_none());
}

#[tokio::test]
async fn a_transcript_comes_from_webex_itself() {
    let listed =
        json!({ "items": [{ "id": "t/1", "vttDownloadLink": "http://evil.example/v1/meetingTranscripts/t" }] });
    let file = Step::reply(200).with_header("content-type", "text/vtt").with_body("WEBVTT\n");
    let gone = Step::json(404, &json!({ "message": "x", "trackingId": "T-9" }));
    let (meetings, transport) = meetings(vec![Step::json(200, &listed), file, gone]);
    let transcripts = meetings.transcripts();
    let window = TimeRange::new(utc("2026-08-01T00:00:00Z"), utc("2026-09-01T00:00:00Z"));
    let found = transcripts.list(&webex_meetings::TranscriptQuery::new(window)).await.unwrap();
    let id = found[0].id.clone().unwrap();
    let text = transcripts.download(&id, TranscriptFormat::WebVtt, limits(99)).await.unwrap().collect().await.unwrap();
    assert_eq!(text, "WEBVTT\n");
    let sent = &transport.requests()[1];
    assert_eq!(sent.uri().to_string(), "https://webexapis.com/v1/meetingTranscripts/t%2F1/download?format=vtt");
    assert!(sent.headers().contains_key("authorization"));
    let none = TranscriptId::parse("none").unwrap();
    let error = transcripts.download(&none, TranscriptFormat::Text, limits(99)).await.unwrap_err();
    assert_eq!((error.kind(), error.request_id().unwrap().as_str()), (ErrorKind::NotFound, "T-9"));
}

#[tokio::test]
async fn a_delete_says_why_and_may_be_sent_again() {
    let (meetings, transport) = meetings(vec![Step::fails(Sent::Maybe), Step::reply(404)]);
    let id = RecordingId::parse("r1").unwrap();
    let why = DeleteReason::new("audit").with_comment("asked for");
    let lost =
        meetings.recordings().delete(&id, &why, WriteOptions::new().with_resend(Resend::Caller)).await.unwrap_err();
    assert_eq!(lost.retry(), RetryClass::Unclear { after: None });
    let gone = meetings.recordings().delete(&id, &why, once()).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
    let body: Value = serde_json::from_slice(transport.requests()[0].body()).unwrap();
    assert_eq!(body, json!({ "reason": "audit", "comment": "asked for" }));
}

#[tokio::test]
async fn refusals_name_the_scope_of_what_was_asked_for() {
    let (meetings, _) = meetings((0..6).map(|_| Step::reply(403)).collect());
    let window = TimeRange::new(utc("2026-08-10T00:00:00Z"), utc("2026-09-01T00:00:00Z"));
    let id = RecordingId::parse("r1").unwrap();
    let errors = [
        (meetings.recordings().list(&RecordingQuery::new(window)).await.unwrap_err(), "meeting:recordings_read"),
        (
            meetings.recordings().delete(&id, &DeleteReason::none(), once()).await.unwrap_err(),
            "meeting:recordings_write",
        ),
        (
            meetings.transcripts().snippets(&TranscriptId::parse("t").unwrap()).await.unwrap_err(),
            "meeting:transcripts_read",
        ),
        (
            meetings.attendee_report(&AttendeeReportQuery::new("s.example", window)).await.unwrap_err(),
            "meeting:participants_read",
        ),
        (meetings.sites().await.unwrap_err(), "meeting:preferences_read"),
        (meetings.me().await.unwrap_err(), "spark:people_read"),
    ];
    for (error, scope) in errors {
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{scope}");
        assert!(error.remedy().unwrap().action.contains(scope), "{scope}: {}", error.remedy().unwrap());
    }
}

#[tokio::test]
async fn nothing_is_concluded_from_an_answer_that_cannot_be_read() {
    let bodies = ["", "<html>", "[]", "{}", r#"{"sites":null,"items":null}"#];
    for body in bodies {
        let (meetings, _) = meetings((0..3).map(|_| Step::reply(200).with_body(body)).collect());
        let window = TimeRange::new(utc("2026-08-10T00:00:00Z"), utc("2026-09-01T00:00:00Z"));
        let listed = meetings.recordings().list(&RecordingQuery::new(window)).await;
        assert_eq!(listed.unwrap_err().kind(), ErrorKind::Protocol, "{body}");
        assert_eq!(meetings.sites().await.unwrap_err().kind(), ErrorKind::Protocol, "{body}");
        if !body.starts_with('{') {
            assert_eq!(meetings.me().await.unwrap_err().kind(), ErrorKind::Protocol, "{body}");
        }
    }
}

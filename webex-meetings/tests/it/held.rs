//! A meeting that takes place, against the sandbox over real sockets: who came, and what stays of it.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use invitations_core::{
    ErrorKind,
    ids::MeetingId,
    people::EmailAddress,
    provider::{AttendanceProvider as _, MeetingProvider as _},
    time::TimeRange,
};
use meetings_sandbox::{Handled, Sandbox, defaults};
use serde_json::{Value, json};
use webex_meetings::{
    AttendeeReportQuery, DeleteReason, DownloadLimits, ParticipantId, ParticipantQuery, ParticipantState, RecordingId,
    RecordingQuery, RecordingStatus, ReportedMeeting, TranscriptFormat, TranscriptQuery, WebexMeetings,
};

use crate::support::{draft, key, meetings_of, once, sandbox, utc};

async fn control(sandbox: &Sandbox, what: &str, body: Value) -> Value {
    let request = Request::post(format!("/_sandbox/{what}")).body(Bytes::from(body.to_string())).unwrap();
    match sandbox.handle(request).await {
        Handled::Reply(reply) => {
            assert_eq!(reply.status(), 200, "{what}: {:?}", reply.body());
            serde_json::from_slice(reply.body()).unwrap()
        }
        other => panic!("no reply: {other:?}"),
    }
}

pub(crate) async fn join(sandbox: &Sandbox, body: Value) -> (MeetingId, ParticipantId) {
    let joined = control(sandbox, "webex/join", body).await;
    let text = |name: &str| joined[name].as_str().unwrap();
    (MeetingId::parse(text("instance")).unwrap(), ParticipantId::parse(text("participant")).unwrap())
}

async fn leave(sandbox: &Sandbox, id: &ParticipantId) {
    control(sandbox, "webex/leave", json!({ "participant": id.as_str() })).await;
}

fn minutes(sandbox: &Sandbox, minutes: u64) {
    sandbox.advance(Duration::from_secs(60 * minutes));
}

/// A window around the sandbox's days.
fn days() -> TimeRange {
    TimeRange::new(utc("2026-08-20T00:00:00Z"), utc("2026-09-10T00:00:00Z"))
}

/// The client's clock is the system's, so the windows are said.
fn query() -> ParticipantQuery {
    ParticipantQuery::new().with_started(days()).with_joined(days())
}

/// A meeting that was held for half an hour: series, instance.
async fn held(sandbox: &Sandbox, meetings: &WebexMeetings) -> (MeetingId, MeetingId) {
    let made = meetings.create(&key("lesson-42"), &draft(), once()).await.unwrap();
    let (instance, host) = join(sandbox, json!({ "meeting": made.id.as_str(), "email": defaults::ORGANIZER })).await;
    minutes(sandbox, 30);
    leave(sandbox, &host).await;
    (made.id, instance)
}

#[tokio::test]
async fn people_come_wait_are_let_in_and_go() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let people = meetings.participants();
    let made = meetings.create(&key("lesson-42"), &draft(), once()).await.unwrap();
    let not_yet = people.list(&made.id, &query()).await.unwrap_err();
    assert_eq!(not_yet.kind(), ErrorKind::NotFound);
    let series = made.id.as_str();
    let (instance, host) = join(&sandbox, json!({ "meeting": series, "email": defaults::ORGANIZER })).await;
    let (_, guest) = join(&sandbox, json!({ "meeting": series, "name": "Guest", "lobby": true })).await;
    let listed = people.list(&made.id, &query()).await.unwrap();
    assert_eq!((listed.len(), listed[0].host, listed[0].left), (2, Some(true), None));
    assert_eq!((listed[1].state.clone(), listed[1].joined), (Some(ParticipantState::Lobby), None));
    people.admit(std::slice::from_ref(&guest), once()).await.unwrap();
    let inside = people.read(&guest).await.unwrap();
    assert_eq!((inside.state, inside.email), (Some(ParticipantState::Joined), None));
    assert_eq!(people.mute(&guest, true, once()).await.unwrap().muted, Some(true));
    minutes(&sandbox, 10);
    let out = people.expel(&guest, once()).await.unwrap();
    assert_eq!((out.state, out.left), (Some(ParticipantState::Ended), Some(utc("2026-09-01T00:10:00Z"))));
    leave(&sandbox, &host).await;
    let addresses = [EmailAddress::parse(defaults::ORGANIZER).unwrap()];
    let found = people.with_addresses(&instance, &addresses, &query()).await.unwrap();
    assert_eq!(found.iter().map(|one| one.id.clone().unwrap()).collect::<Vec<_>>(), [host]);
    let others = meetings_of(&sandbox, "ada@contoso.example").participants();
    assert_eq!(others.list(&made.id, &query()).await.unwrap_err().kind(), ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn a_recording_from_its_list_to_its_file_to_its_end() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let (series, instance) = held(&sandbox, &meetings).await;
    let mut made = Vec::new();
    for number in 0..12 {
        let new = json!({ "instance": instance.as_str(), "bytes": 200_000, "topic": format!("Part {number}") });
        made.push(control(&sandbox, "webex/recordings", new).await["id"].as_str().unwrap().to_owned());
        minutes(&sandbox, 1);
    }
    let recordings = meetings.recordings();
    let listed = recordings.list(&RecordingQuery::new(days()).with_meeting(series)).await.unwrap();
    assert_eq!(listed.len(), 12);
    assert_eq!((listed[0].topic.as_str(), listed[0].meeting.clone()), ("Part 11", Some(instance)));
    let tagged = RecordingQuery::new(days()).with_integration_tag("lesson-42").with_topic("part 3");
    let one = &recordings.list(&tagged).await.unwrap()[0];
    let read = recordings.read(one.id.as_ref().unwrap(), Some(defaults::WEBEX_SITE)).await.unwrap();
    let mut link = read.links.unwrap().recording.unwrap();
    assert_ne!(link.url.expose().host_str(), sandbox.url().host_str(), "another host");
    assert_eq!(link.expires, Some(sandbox.now() + chrono::TimeDelta::hours(3)));
    // the client's clock is the system's, and the sandbox's stands
    link.expires = None;
    let file = recordings.download(&link, DownloadLimits::new(200_000)).await.unwrap();
    assert_eq!((file.media_type(), file.length()), (Some("video/mp4"), Some(200_000)));
    assert_eq!(file.collect().await.unwrap().len(), 200_000);
    let entry = sandbox.journal().pop().unwrap();
    assert_eq!(
        (entry.operation.as_str(), entry.status, entry.actor.as_str()),
        ("webex.recordings.download", Some(200), "nobody")
    );
    let too_large = recordings.download(&link, DownloadLimits::new(199_999)).await.unwrap_err();
    assert_eq!(too_large.kind(), ErrorKind::Protocol);
    minutes(&sandbox, 180);
    let over = recordings.download(&link, DownloadLimits::new(200_000)).await.unwrap_err();
    assert!(over.remedy().unwrap().action.contains("fresh links"));
    let id = RecordingId::parse(&made[3]).unwrap();
    recordings.delete(&id, &DeleteReason::new("audit").with_comment("asked for"), once()).await.unwrap();
    assert_eq!(recordings.read(&id, None).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(recordings.delete(&id, &DeleteReason::none(), once()).await.unwrap_err().kind(), ErrorKind::NotFound);
    let purged = RecordingQuery::new(days()).with_status(RecordingStatus::Purged);
    assert_eq!(recordings.list(&purged).await.unwrap()[0].status, Some(RecordingStatus::Purged));
}

#[tokio::test]
async fn a_transcript_is_read_in_both_forms_and_in_pieces() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let (series, instance) = held(&sandbox, &meetings).await;
    let said: Vec<_> = (0..130_u32)
        .map(|at| json!({ "name": "Ada", "email": "ada@contoso.example", "text": format!("word {at}"), "offset": at * 1000, "duration": 900 }))
        .collect();
    control(&sandbox, "webex/transcripts", json!({ "instance": instance.as_str(), "snippets": said })).await;
    let transcripts = meetings.transcripts();
    let listed = transcripts.list(&TranscriptQuery::new(days()).with_instance(instance.clone())).await.unwrap();
    assert_eq!((listed.len(), listed[0].series.clone()), (1, Some(series.clone())));
    let id = listed[0].id.clone().unwrap();
    for (format, begins) in [(TranscriptFormat::WebVtt, "WEBVTT\n"), (TranscriptFormat::Text, "Ada: word 0\n")] {
        let file = transcripts.download(&id, format, DownloadLimits::new(100_000)).await.unwrap();
        let text = file.collect().await.unwrap();
        assert!(text.starts_with(begins.as_bytes()), "{text:?}");
    }
    let snippets = transcripts.snippets(&id).await.unwrap();
    assert_eq!((snippets.len(), snippets[129].offset), (130, Some(Duration::from_secs(129))));
    let of_series = transcripts.list(&TranscriptQuery::new(days()).with_instance(series)).await.unwrap_err();
    assert_eq!(of_series.kind(), ErrorKind::InvalidInput, "ended instances only");
}

#[tokio::test]
async fn the_report_the_sites_and_the_person() {
    let sandbox = sandbox().await;
    let token = sandbox.access_token(meetings_sandbox::AuthorizationSide::Webex, Some(defaults::ORGANIZER)).unwrap();
    let clock = std::sync::Arc::new(invitations_core::runtime::ManualClock::new(utc("2026-09-02T00:00:00Z")));
    let webex = crate::support::client(&sandbox).clock(clock);
    let webex = webex.access_token(invitations_core::secret::TokenText::new(token)).build().unwrap();
    let meetings = webex.my_meetings().unwrap();
    let (series, _) = held(&sandbox, &meetings).await;
    let sites = meetings.sites().await.unwrap();
    assert!(sites[0].preferred);
    let report = AttendeeReportQuery::new(
        sites[0].host_name.as_str(),
        TimeRange::new(utc("2026-08-25T00:00:00Z"), utc("2026-09-02T00:00:00Z")),
    );
    let entries = meetings.attendee_report(&report.clone().with_meeting(ReportedMeeting::Id(series))).await.unwrap();
    assert_eq!((entries.len(), entries[0].duration), (1, Some(Duration::from_secs(30 * 60))));
    let other = meetings.attendee_report(&report.with_meeting(ReportedMeeting::Title("Physics".to_owned()))).await;
    assert!(other.unwrap().is_empty());
    let me = meetings.me().await.unwrap();
    assert_eq!(me.emails[0].canonical(), defaults::ORGANIZER);
    assert_eq!(me.id, meetings.read(&MeetingId::parse(series_of(&entries)).unwrap()).await.unwrap().organizer);
}

fn series_of(entries: &[webex_meetings::AttendeeReportEntry]) -> &str {
    entries[0].meeting.as_ref().unwrap().as_str().split('_').next().unwrap()
}

#[tokio::test]
async fn attendance_is_what_webex_can_prove() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let made = meetings.create(&key("lesson-42"), &draft(), once()).await.unwrap();
    assert!(!meetings.participants().capabilities().absence);
    let nobody = meetings.participants().attendance(&made.id, None).await.unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::NotFound);
}

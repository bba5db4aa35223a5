//! What `webex-meetings` asks about meetings that take place. Changes of participants are in no document at hand, and files come from
//! elsewhere: neither is asked here.

use std::time::Duration;

use bytes::Bytes;
use invitations_core::{
    ids::{MeetingId, MeetingKey},
    people::EmailAddress,
    provider::{AttendanceProvider as _, MeetingProvider as _, WriteOptions},
    time::TimeRange,
};
use meetings_sandbox::{Handled, Sandbox, defaults};
use serde_json::{Value, json};
use webex_meetings::{
    AttendeeReportQuery, DeleteReason, DownloadLimits, ParticipantId, ParticipantQuery, RecordingFormat, RecordingId,
    RecordingQuery, RecordingService, RecordingStatus, ReportedMeeting, TranscriptFormat, TranscriptQuery,
    WebexMeetings, meetings::MeetingState,
};

async fn control(sandbox: &Sandbox, what: &str, body: Value) -> Value {
    let request = http::Request::post(format!("/_sandbox/webex/{what}")).body(Bytes::from(body.to_string()));
    match sandbox.handle(request.expect("a request")).await {
        Handled::Reply(reply) if reply.status().is_success() => serde_json::from_slice(reply.body()).expect("JSON"),
        other => panic!("{what}: {other:?}"),
    }
}

/// One meeting with people, a recording and a transcript, and every question about them. The client's clock stands at the sandbox's time.
pub(super) async fn held(sandbox: &Sandbox, meetings: &WebexMeetings) {
    let key = MeetingKey::parse("held").expect("a key");
    let made = meetings.create(&key, &super::drive::lesson(), WriteOptions::new()).await.expect("a meeting");
    let began = sandbox.now();
    let host = json!({ "meeting": made.id.as_str(), "email": defaults::ORGANIZER });
    let joined = control(sandbox, "join", host).await;
    let text = |name: &str| joined[name].as_str().expect("an id").to_owned();
    let (instance, host) = (text("instance"), text("participant"));
    let caller = json!({ "meeting": made.id.as_str(), "name": "Caller", "lobby": true });
    control(sandbox, "join", caller).await;
    participants(meetings, &made.id, &host).await;
    instances(sandbox, meetings, &made.id, MeetingState::InProgress).await;
    sandbox.advance(Duration::from_secs(1800));
    control(sandbox, "leave", json!({ "participant": host })).await;
    participants(meetings, &MeetingId::parse(&instance).expect("an id"), &host).await;
    instances(sandbox, meetings, &made.id, MeetingState::Ended).await;
    ended(sandbox, meetings).await;

    let days = TimeRange::new(began, sandbox.now()).widened(Duration::from_secs(86_400));
    recordings(sandbox, meetings, &instance, days).await;
    transcripts(sandbox, meetings, &instance, days).await;
    let report = AttendeeReportQuery::new(defaults::WEBEX_SITE, days);
    for which in [
        ReportedMeeting::Id(made.id),
        ReportedMeeting::Number("1234567890".to_owned()),
        ReportedMeeting::Title("Lesson".to_owned()),
    ] {
        meetings.attendee_report(&report.clone().with_meeting(which)).await.expect("a report");
    }
    meetings.sites().await.expect("sites");
    meetings.me().await.expect("a person");
}

/// The occurrences and the one instance of a meeting, listed and read.
async fn instances(sandbox: &Sandbox, meetings: &WebexMeetings, series: &MeetingId, state: MeetingState) {
    let days = TimeRange::new(sandbox.now(), super::drive::lesson().slot.end_instant());
    let days = days.widened(Duration::from_secs(86_400));
    for occurrence in meetings.occurrences(series, days).await.expect("a list") {
        meetings.details(&occurrence.id).await.expect("an occurrence");
    }
    let listed = meetings.instances(series, days).await.expect("a list");
    let [one] = listed.as_slice() else { panic!("one instance: {listed:?}") };
    let read = meetings.details(&one.id).await.expect("an instance");
    assert_eq!((one.state.as_ref(), read.state.as_ref()), (Some(&state), Some(&state)));
}

/// A meeting that its host ends, with a reason and without.
async fn ended(sandbox: &Sandbox, meetings: &WebexMeetings) {
    let key = MeetingKey::parse("ended").expect("a key");
    let made = meetings.create(&key, &super::drive::lesson(), WriteOptions::new()).await.expect("a meeting");
    for reason in [Some("All is said."), None] {
        let host = json!({ "meeting": made.id.as_str(), "email": defaults::ORGANIZER });
        let instance = control(sandbox, "join", host).await["instance"].as_str().map(MeetingId::parse);
        let instance = instance.expect("a text").expect("an id");
        let state = async || meetings.details(&instance).await.expect("an instance").state;
        assert_eq!(state().await, Some(MeetingState::InProgress));
        meetings.end(&made.id, reason, WriteOptions::new()).await.expect("ended");
        assert_eq!(state().await, Some(MeetingState::Ended));
    }
    meetings.end(&made.id, None, WriteOptions::new()).await.expect_err("over already");
}

async fn participants(meetings: &WebexMeetings, meeting: &MeetingId, host: &str) {
    let (people, query) = (meetings.participants(), ParticipantQuery::new().with_breakout_session("b"));
    assert!(!people.list(meeting, &query).await.expect("a list").is_empty());
    people.attendance(meeting, None).await.expect("people");
    let ada = [EmailAddress::parse(defaults::ORGANIZER).expect("an address")];
    assert_eq!(people.with_addresses(meeting, &ada, &query).await.expect("a list").len(), 1);
    people.read(&ParticipantId::parse(host).expect("an id")).await.expect("a participant");
}

async fn recordings(sandbox: &Sandbox, meetings: &WebexMeetings, instance: &str, days: TimeRange) {
    let mut id = None;
    for format in ["MP4", "ARF"] {
        let new = json!({ "instance": instance, "format": format });
        id = control(sandbox, "recordings", new).await["id"].as_str().map(str::to_owned);
    }
    let (recordings, id) = (meetings.recordings(), RecordingId::parse(id.expect("an id")).expect("an id"));
    assert_eq!(recordings.list(&RecordingQuery::new(days)).await.expect("a list").len(), 2);
    let query = RecordingQuery::new(days)
        .with_meeting(MeetingId::parse(instance).expect("an id"))
        .with_site(defaults::WEBEX_SITE)
        .with_integration_tag("held")
        .with_topic("Lesson")
        .with_format(RecordingFormat::Mp4)
        .with_service(RecordingService::Meeting)
        .with_status(RecordingStatus::Available);
    assert_eq!(recordings.list(&query).await.expect("a list").len(), 1);
    recordings.read(&id, Some(defaults::WEBEX_SITE)).await.expect("a recording");
    let why = DeleteReason::new("audit").with_comment("asked for");
    recordings.delete(&id, &why, WriteOptions::new()).await.expect("done");
    recordings.delete(&id, &DeleteReason::none(), WriteOptions::new()).await.expect_err("gone already");
}

async fn transcripts(sandbox: &Sandbox, meetings: &WebexMeetings, instance: &str, days: TimeRange) {
    let said =
        json!({ "name": "Ada", "email": "ada@contoso.example", "text": "Hello", "offset": 1000, "duration": 1500 });
    control(sandbox, "transcripts", json!({ "instance": instance, "snippets": [said] })).await;
    let transcripts = meetings.transcripts();
    let instance = MeetingId::parse(instance).expect("an id");
    let query = TranscriptQuery::new(days).with_instance(instance).with_site(defaults::WEBEX_SITE);
    let listed = transcripts.list(&query).await.expect("a list");
    let id = listed[0].id.clone().expect("an id");
    for format in [TranscriptFormat::WebVtt, TranscriptFormat::Text] {
        transcripts
            .download(&id, format, DownloadLimits::new(10_000))
            .await
            .expect("a file")
            .collect()
            .await
            .expect("a file");
    }
    transcripts.snippets(&id).await.expect("a list");
}

//! Webex's own example bodies, where they are at hand.

use std::path::PathBuf;

use invitations_core::{
    ErrorKind,
    provider::{AttendeeChange, AttendeeList as _, MeetingProvider as _},
};
use meetings_http::Step;
use serde_json::{Value, json};
use webex_meetings::{
    AttendeeReportQuery, AudioType, DeleteReason, ParticipantId, ParticipantQuery, ParticipantState, ParticipantType,
    PersonKind, RecordingFormat, RecordingQuery, RecordingService, TranscriptId,
};

use crate::support::{around, attendee, draft, gathering, id, key, once, scripted, scripted_by, scripted_meetings};

/// `None` where the examples are not there; `SPECS_DIR` names their parent folder.
fn fixture(name: &str) -> Option<String> {
    let parent = std::env::var_os("SPECS_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    std::fs::read_to_string(parent.join("fixtures/webex").join(name)).ok()
}

fn step(status: u16, name: &str) -> Option<Step> {
    Some(Step::reply(status).with_header("content-type", "application/json;charset=UTF-8").with_body(fixture(name)?))
}

#[tokio::test]
async fn documented_meetings_are_read() {
    let Some(created) = step(200, "createMeeting__response.json") else { return };
    let (meetings, _) = scripted_meetings(vec![created]);
    let meeting = meetings.create(&key("dbaeceebea5c4a63ac9d5ef1edfe36b9"), &draft(), once()).await.unwrap();
    assert!(meeting.slot.is_some() && meeting.passcode.is_some() && meeting.organizer.is_some());
    let Some(read) = step(200, "getMeeting__response.json") else { return };
    let (meetings, _) = scripted_meetings(vec![read]);
    let meeting = meetings.read(&id("870f51ff287b41be84648412901e0402")).await.unwrap();
    assert_eq!(meeting.id.as_str(), "870f51ff287b41be84648412901e0402");
    assert_eq!(meeting.slot.unwrap().start_instant().to_rfc3339(), "2019-11-01T12:00:00+00:00");
    assert_eq!(meeting.passcode.unwrap().expose(), "BgJep@43");
}

#[tokio::test]
async fn a_documented_list_holds_no_series() {
    let Some(listed) = step(200, "listMeetings__response.json") else { return };
    let (meetings, _) = scripted_meetings(vec![listed]);
    let found = meetings.find_by_key(&key("85e1d6319aa94c0583a6891280e3437d"), around()).await.unwrap();
    assert!(found.is_empty(), "occurrences and instances are no series");
}

#[tokio::test]
async fn documented_invitees_are_read() {
    let (Some(listed), Some(twice)) =
        (step(200, "listInvitees__response.json"), step(409, "createInvitee__response_409.json"))
    else {
        return;
    };
    let (meetings, _) = scripted_meetings(vec![listed, twice]);
    let to = gathering(&id("870f51ff287b41be84648412901e0402"));
    let attendees = meetings.attendees(&to).await.unwrap();
    assert_eq!(attendees.len(), 2);
    let change = meetings.add(&to, &attendee("john.andersen@example.com"), once()).await.unwrap();
    assert_eq!(change, AttendeeChange::AlreadyThere);
}

#[tokio::test]
async fn documented_refusals_are_told_apart() {
    for (status, name, kind, detail) in [
        (400, "createMeeting__response_400.json", ErrorKind::InvalidInput, "password"),
        (400, "error_startInPast__response_SYNTH.json", ErrorKind::InvalidInput, "in the past"),
        (401, "error_401_invalidToken__response.json", ErrorKind::Unauthenticated, "401"),
        (403, "error_403__response_3.json", ErrorKind::PermissionDenied, "403"),
    ] {
        let Some(step) = step(status, name) else { return };
        let (meetings, _) = scripted_meetings(vec![step]);
        let error = meetings.create(&key("k"), &draft(), once()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{name}");
        assert!(error.detail().unwrap().contains(detail), "{name}: {error}");
        assert!(error.request_id().is_some(), "{name}");
    }
}

#[tokio::test]
async fn documented_participants_are_read_whole() {
    for name in ["listParticipants__response.json", "queryParticipants__response.json"] {
        let Some(listed) = step(200, name) else { return };
        let (meetings, _) = scripted_meetings(vec![listed]);
        let people = meetings.participants().list(&id("m"), &ParticipantQuery::new()).await.unwrap();
        let [one] = people.as_slice() else { panic!("{name}: {people:?}") };
        assert!(one.host == Some(true) && one.state == Some(ParticipantState::Lobby), "{name}");
        assert_eq!(one.devices[0].audio, Some(AudioType::Phone), "{name}");
        assert_eq!(one.breakout_sessions[0].name.as_deref(), Some("Breakout session 1"), "{name}");
        assert!(nothing_is_missing(&format!("{one:?}")), "{name}: {one:?}");
    }
    for name in ["getParticipant__response.json", "updateParticipant__response.json"] {
        let Some(read) = step(200, name) else { return };
        let (meetings, _) = scripted_meetings(vec![read]);
        let one = meetings.participants().read(&ParticipantId::parse("p").unwrap()).await.unwrap();
        assert!(one.id.is_some() && one.email.is_some() && one.meeting.is_some(), "{name}: {one:?}");
    }
}

#[tokio::test]
async fn the_documented_changes_of_participants_can_be_made() {
    let (Some(muted), Some(admitted)) =
        (fixture("updateParticipant__request.json"), fixture("admitParticipants__request.json"))
    else {
        return;
    };
    let (webex, transport) = scripted(vec![Step::json(200, &json!({})), Step::reply(204)]);
    let people = webex.my_meetings().unwrap().participants();
    people.mute(&ParticipantId::parse("p").unwrap(), false, once()).await.unwrap();
    let admitted: Value = serde_json::from_str(&admitted).unwrap();
    let ids: Vec<_> =
        admitted["items"].as_array().unwrap().iter().map(|item| item["participantId"].as_str().unwrap()).collect();
    let ids: Vec<_> = ids.into_iter().map(|id| ParticipantId::parse(id).unwrap()).collect();
    people.admit(&ids, once()).await.unwrap();
    let sent = transport.requests();
    let bodies: Vec<Value> = sent.iter().map(|request| serde_json::from_slice(request.body()).unwrap()).collect();
    assert_eq!(bodies, [serde_json::from_str::<Value>(&muted).unwrap(), admitted]);
}

#[tokio::test]
async fn documented_recordings_are_read_whole() {
    let (Some(listed), Some(read), Some(deleted)) = (
        step(200, "listRecordings__response.json"),
        step(200, "getRecording__response.json"),
        fixture("deleteRecording__request.json"),
    ) else {
        return;
    };
    let (webex, transport) = scripted(vec![listed, read, Step::reply(204)]);
    let recordings = webex.my_meetings().unwrap().recordings();
    let found = recordings.list(&RecordingQuery::new(around())).await.unwrap();
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|one| one.links.is_none() && one.password.is_none() && one.integration_tags.len() == 3));
    let one = recordings.read(found[0].id.as_ref().unwrap(), None).await.unwrap();
    assert_eq!(
        (one.format.clone(), one.service.clone()),
        (Some(RecordingFormat::Arf), Some(RecordingService::Meeting))
    );
    assert_eq!((one.duration.unwrap().as_secs(), one.size_bytes), (18416, Some(168_103)));
    let links = one.links.as_ref().unwrap();
    assert!(links.recording.is_some() && links.audio.is_some() && links.transcript.is_some());
    let expires = links.recording.as_ref().unwrap().expires.unwrap();
    assert_eq!(expires.to_rfc3339(), "2022-05-01T10:30:25+00:00");
    let shown = format!("{one:?}");
    assert!(!shown.contains("ticket") && !shown.contains("RCID"), "{shown}");
    let deleted: Value = serde_json::from_str(&deleted).unwrap();
    let why = DeleteReason::new(deleted["reason"].as_str().unwrap()).with_comment(deleted["comment"].as_str().unwrap());
    recordings.delete(one.id.as_ref().unwrap(), &why, once()).await.unwrap();
    let sent: Value = serde_json::from_slice(transport.requests()[2].body()).unwrap();
    assert_eq!(sent, deleted);
}

#[tokio::test]
async fn documented_snippets_reports_and_people_are_read_whole() {
    if let Some(snippets) = step(200, "listTranscriptSnippets__response.json") {
        let (meetings, _) = scripted_meetings(vec![snippets]);
        let said = meetings.transcripts().snippets(&TranscriptId::parse("t").unwrap()).await.unwrap();
        assert_eq!((said[0].offset.unwrap().as_millis(), said[0].duration.unwrap().as_millis()), (1000, 1500));
        assert_eq!(said[0].text, "Hello everyone");
        assert!(nothing_is_missing(&format!("{:?}", said[0])));
    }
    if let Some(report) = step(200, "listAttendeeReports__response.json") {
        let clock = std::sync::Arc::new(invitations_core::runtime::ManualClock::new(around().until));
        let (webex, _) = scripted_by(vec![report], |builder| builder.clock(clock));
        let query = AttendeeReportQuery::new("example.webex.com", around());
        let entries = webex.my_meetings().unwrap().attendee_report(&query).await.unwrap();
        assert_eq!(entries[0].participant_type, Some(ParticipantType::Attendee));
        assert_eq!(entries[0].duration.unwrap().as_secs(), 20 * 60);
        assert!(nothing_is_missing(&format!("{:?}", entries[0])), "{:?}", entries[0]);
    }
    if let Some(people) = fixture("listPeople__response.json") {
        let people: Value = serde_json::from_str(&people).unwrap();
        let (meetings, _) = scripted_meetings(vec![Step::json(200, &people["items"][0])]);
        let person = meetings.me().await.unwrap();
        assert_eq!((person.kind.clone(), person.invite_pending), (Some(PersonKind::Person), Some(false)));
        assert!(nothing_is_missing(&format!("{person:?}")), "{person:?}");
    }
}

/// Nothing of a full example was left out, and no word of it is unknown.
fn nothing_is_missing(shown: &str) -> bool {
    !shown.contains("None") && !shown.contains("Unknown")
}

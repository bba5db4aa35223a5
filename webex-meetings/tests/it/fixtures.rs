//! Webex's own example bodies, where they are at hand.

use std::path::PathBuf;

use invitations_core::{
    ErrorKind,
    provider::{AttendeeChange, AttendeeList as _, MeetingProvider as _},
};
use meetings_http::Step;

use crate::support::{around, attendee, draft, gathering, id, key, once, scripted_meetings};

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
    let meeting = meetings.create(&key("k"), &draft(), once()).await.unwrap();
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

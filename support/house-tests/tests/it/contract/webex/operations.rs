//! Which of the document's operations each call of `webex-meetings` asks for. What a call does by way of a contract of `invitations-core`
//! it does by one of these.

use std::collections::BTreeSet;

use house_tests::{public_api, workspace};

use super::super::schema::document;

/// A call that the document has no operation for, or that asks for none of its own.
enum Asks {
    These(&'static [&'static str]),
    Nothing(&'static str),
}

use Asks::{Nothing, These};

const NO_OPERATION: &str = "the document at hand has no such operation";

const CALLS: &[(&str, Asks)] = &[
    ("Download::collect", Nothing("goes on with a download")),
    ("Download::piece", Nothing("goes on with a download")),
    ("Received::busy", Nothing("answers")),
    ("Receiver::handle", Nothing("receives")),
    ("Receiver::read_body", Nothing("receives")),
    ("Watchdog::run_once", These(&["createAWebhook", "deleteAWebhook", "listWebhooks", "updateAWebhook"])),
    ("Webex::guest_token", These(&["createAGuest"])),
    ("Webex::send", Nothing("whatever it is given")),
    ("Webex::service_app_tokens", These(&["createServiceAppAccessToken"])),
    ("WebexMeetings::adopt", These(&["deleteMeeting", "getMeetingById", "listMeetings"])),
    ("WebexMeetings::attendee_report", These(&["listMeetingAttendeeReports"])),
    ("WebexMeetings::attendee_report_page", These(&["listMeetingAttendeeReports"])),
    ("WebexMeetings::change", These(&["getMeetingById", "listMeetings", "patchMeeting"])),
    ("WebexMeetings::change_invitee", These(&["updateAMeetingInvitee"])),
    ("WebexMeetings::create_with", These(&["createMeeting"])),
    ("WebexMeetings::delete", These(&["deleteMeeting"])),
    ("WebexMeetings::details", These(&["getMeetingById"])),
    ("WebexMeetings::details_with", These(&["getMeetingById"])),
    ("WebexMeetings::end", These(&["endMeeting"])),
    ("WebexMeetings::find", These(&["listMeetings"])),
    ("WebexMeetings::instances", These(&["listMeetings"])),
    ("WebexMeetings::invite", These(&["createAMeetingInvitee"])),
    ("WebexMeetings::invite_many", These(&["createMeetingInvitees", "listMeetingInvitees"])),
    ("WebexMeetings::invited", These(&["listMeetingInvitees"])),
    ("WebexMeetings::invitee", These(&["getAMeetingInvitee"])),
    ("WebexMeetings::join_links", These(&["meetingJoin"])),
    ("WebexMeetings::list_with", These(&["listMeetings"])),
    ("WebexMeetings::me", These(&["getMyOwnDetails"])),
    ("WebexMeetings::occurrences", These(&["listMeetings"])),
    ("WebexMeetings::prune", These(&["deleteMeeting", "getMeetingById", "listMeetings"])),
    ("WebexMeetings::reassign_host", Nothing(NO_OPERATION)),
    ("WebexMeetings::send", Nothing("whatever it is given")),
    ("WebexMeetings::sites", These(&["getSiteList"])),
    ("WebexMeetings::uninvite", These(&["deleteAMeetingInvitee"])),
    ("WebexParticipants::admit", Nothing(NO_OPERATION)),
    ("WebexParticipants::expel", Nothing(NO_OPERATION)),
    ("WebexParticipants::list", These(&["listMeetingParticipants"])),
    ("WebexParticipants::mute", Nothing(NO_OPERATION)),
    ("WebexParticipants::page", These(&["listMeetingParticipants"])),
    ("WebexParticipants::read", These(&["getMeetingParticipantDetails"])),
    ("WebexParticipants::read_when_known", These(&["getMeetingParticipantDetails"])),
    ("WebexParticipants::with_addresses", These(&["queryMeetingParticipantsWithEmail"])),
    ("WebexRecordings::delete", These(&["deleteRecordingByRecordId"])),
    ("WebexRecordings::download", Nothing("a file of another host")),
    ("WebexRecordings::list", These(&["listRecordings"])),
    ("WebexRecordings::page", These(&["listRecordings"])),
    ("WebexRecordings::read", These(&["getRecordByRecordId"])),
    ("WebexTranscripts::download", These(&["downloadAMeetingTranscript"])),
    ("WebexTranscripts::list", These(&["listMeetingTranscripts"])),
    ("WebexTranscripts::page", These(&["listMeetingTranscripts"])),
    ("WebexTranscripts::snippets", These(&["listSnippetsOfAMeetingTranscript"])),
    ("WebexWebhooks::create", These(&["createAWebhook"])),
    ("WebexWebhooks::delete", These(&["deleteAWebhook"])),
    ("WebexWebhooks::ensure", These(&["createAWebhook", "deleteAWebhook", "listWebhooks", "updateAWebhook"])),
    ("WebexWebhooks::list", These(&["listWebhooks"])),
    ("WebexWebhooks::read", These(&["getWebhookDetails"])),
    ("WebexWebhooks::renew", These(&["updateAWebhook"])),
    ("WebexWebhooks::update", These(&["updateAWebhook"])),
    ("webhooks::reread", Nothing("the call that it is given")),
];

/// Operations of the document that nothing asks for.
const NOT_ASKED: &[(&str, &str)] = &[
    ("listPeople", "only one's own person is asked for"),
    (
        "updateMeeting",
        "the document does not say what becomes of members that are left out; patchMeeting leaves them alone",
    ),
];

/// What `webex-meetings` can ask of Webex, by the document's names. All of it must pass by, and nothing else.
pub(super) fn asked() -> Vec<&'static str> {
    let asked =
        CALLS.iter().filter_map(|(_, asks)| if let These(operations) = asks { Some(*operations) } else { None });
    asked.flatten().copied().collect::<BTreeSet<_>>().into_iter().collect()
}

/// The public calls that do something, by the last two parts of their names.
fn public_calls() -> BTreeSet<String> {
    let list = public_api::read(&workspace::root().join("webex-meetings")).expect("a committed list");
    let names = list.lines().filter_map(|line| line.strip_prefix("pub async fn ")?.split(['(', '<']).next());
    let short = names.map(|name| name.rsplitn(3, "::").take(2).collect::<Vec<_>>());
    short.map(|mut parts| (parts.reverse(), parts.join("::")).1).collect()
}

#[test]
fn every_call_says_what_it_asks_for() {
    let named: BTreeSet<String> = CALLS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(named.len(), CALLS.len(), "a call twice");
    assert_eq!(public_calls(), named, "calls, and rows");
    assert!(CALLS.iter().all(|(_, asks)| !matches!(asks, Nothing(""))), "without a reason");
}

#[test]
fn every_operation_of_the_document_is_asked_for_or_said_why_not() {
    let Some(document) = document("webex-subset.strict.json") else { return };
    let paths = document["paths"].as_object().expect("paths").values();
    let operations = paths.flat_map(|path| path.as_object().expect("operations").values());
    let there: BTreeSet<&str> = operations.filter_map(|operation| operation["operationId"].as_str()).collect();
    let known: BTreeSet<&str> = asked().into_iter().chain(NOT_ASKED.iter().map(|(name, _)| *name)).collect();
    assert_eq!(there, known);
    assert_eq!(known.len(), asked().len() + NOT_ASKED.len(), "asked for after all");
}

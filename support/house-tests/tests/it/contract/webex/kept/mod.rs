//! Nothing that Webex says gets lost: what a typed call reads of an answer holds every member of it, in a field or in an `extra`.
//!
//! Each leaf of each documented answer is changed, one at a time, and what is read has to differ. The answers are the documented bodies, the
//! examples of the document, and one body with every member that the document knows.

mod read;
mod sample;
mod sent_back;

use std::fs;

use serde_json::{Value, json};

use self::{
    read::Kind,
    sample::{answers, leaves, other},
};
use super::{
    super::schema::{at_hand, document},
    fixtures::{How, TABLE, calls::Reads},
};

/// What the answers of the document's operations are.
const OPERATIONS: &[(&str, Kind)] = &[
    ("createAGuest", Kind::Guest),
    ("createAMeetingInvitee", Kind::Invitee),
    ("createAWebhook", Kind::Webhook),
    ("createMeeting", Kind::Meeting),
    ("createMeetingInvitees", Kind::InvitedMany),
    ("createServiceAppAccessToken", Kind::ServiceApp),
    ("getAMeetingInvitee", Kind::Invitee),
    ("getMeetingById", Kind::Meeting),
    ("getMeetingParticipantDetails", Kind::Participant),
    ("getMyOwnDetails", Kind::Person),
    ("getRecordByRecordId", Kind::Recording),
    ("getSiteList", Kind::Sites),
    ("getWebhookDetails", Kind::Webhook),
    ("listMeetingAttendeeReports", Kind::Report),
    ("listMeetingInvitees", Kind::Invitees),
    ("listMeetingParticipants", Kind::Participants),
    ("listMeetingTranscripts", Kind::Transcripts),
    ("listMeetings", Kind::Meetings),
    ("listPeople", Kind::People),
    ("listRecordings", Kind::Recordings),
    ("listSnippetsOfAMeetingTranscript", Kind::Snippets),
    ("listWebhooks", Kind::Webhooks),
    ("meetingJoin", Kind::JoinLinks),
    ("patchMeeting", Kind::Meeting),
    ("queryMeetingParticipantsWithEmail", Kind::Participants),
    ("updateAMeetingInvitee", Kind::Invitee),
    ("updateAWebhook", Kind::Webhook),
    ("updateMeeting", Kind::Meeting),
];

/// What the documented bodies are.
const BODIES: &[(&str, Kind)] = &[
    ("adminGetMeeting__response.json", Kind::Meeting),
    ("adminListMeetings__response.json", Kind::Meetings),
    ("createGuestToken__response.json", Kind::Guest),
    ("createInvitees__response.json", Kind::InvitedMany),
    ("createMeeting__response.json", Kind::Meeting),
    ("createServiceAppToken__response.json", Kind::ServiceApp),
    ("createWebhook__response.json", Kind::Webhook),
    ("getMeeting__response.json", Kind::Meeting),
    ("getParticipant__response.json", Kind::Participant),
    ("getRecording__response.json", Kind::Recording),
    ("joinMeeting__response.json", Kind::JoinLinks),
    ("listAttendeeReports__response.json", Kind::Report),
    ("listInvitees__response.json", Kind::Invitees),
    ("listMeetings__response.json", Kind::Meetings),
    ("listParticipants__response.json", Kind::Participants),
    ("listPeople__response.json", Kind::People),
    ("listRecordings__response.json", Kind::Recordings),
    ("listTranscriptSnippets__response.json", Kind::Snippets),
    ("listWebhooks__response.json", Kind::Webhooks),
    ("queryParticipants__response.json", Kind::Participants),
    ("reassignHost__response_207.json", Kind::Reassigned),
    ("updateInvitee__response.json", Kind::Invitee),
    ("updateParticipant__response.json", Kind::Participant),
    ("updateWebhook__response.json", Kind::Webhook),
    ("webhookDelivery_meetings_ended__request.json", Kind::Delivery),
];

/// Members that are read, and whose change need not be seen.
const READ: &[(Kind, &str, &str)] = &[
    (Kind::Reassigned, "/httpStatus", "all successes are one, and all refusals of a kind"),
    (Kind::People, "/notFoundIds/0", "beside the list of people, of which the client asks for one only"),
];

async fn lost(kind: Kind, body: &Value) -> Vec<String> {
    let before = read::shown(kind, body).await;
    let mut lost = Vec::new();
    for path in leaves(body) {
        let mut changed = body.clone();
        let leaf = changed.pointer_mut(&path).expect("a leaf");
        *leaf = other(leaf);
        if read::shown(kind, &changed).await == before
            && !READ.iter().any(|(of, name, _)| *of == kind && path.ends_with(name))
        {
            lost.push(path);
        }
    }
    lost
}

#[tokio::test]
async fn no_member_of_a_documented_body_gets_lost() {
    let Some(folder) = at_hand("fixtures/webex") else { return };
    let mut count = 0;
    for (name, kind) in BODIES {
        let body: Value = serde_json::from_slice(&fs::read(folder.join(name)).expect("a file")).expect("JSON");
        assert_eq!(lost(*kind, &body).await, [] as [String; 0], "{name}");
        count += leaves(&body).len();
    }
    println!("count: {count} leaves of {} documented answers of Webex are kept", BODIES.len());
}

#[tokio::test]
async fn no_member_of_the_document_gets_lost() {
    let Some(document) = document("webex-subset.strict.json") else { return };
    let answers = answers(&document);
    let names: Vec<&str> = OPERATIONS.iter().map(|(name, _)| *name).collect();
    assert_eq!(answers.keys().map(String::as_str).collect::<Vec<_>>(), names, "every answer has a reader");
    let mut count = 0;
    for (name, kind) in OPERATIONS {
        for body in &answers[*name] {
            assert_eq!(lost(*kind, body).await, [] as [String; 0], "{name}: {body:#}");
            count += leaves(body).len();
        }
    }
    println!("count: {count} leaves of {} answers of Webex's document are kept", OPERATIONS.len());
}

/// Every body that is read is looked through, but those of OAuth, which `invitations-core` reads by the standard.
#[test]
fn every_body_that_is_read_is_looked_through() {
    let known = |name: &str| BODIES.iter().any(|(body, _)| *body == name);
    for (name, how) in TABLE {
        let read = match how {
            How::Reads(Reads::Tokens | Reads::Device | Reads::NoDevice | Reads::NoServiceApp) => false,
            How::Reads(_) => true,
            How::InTheCrate => !name.contains("error_") && name.contains("__response.") || name.contains("Delivery"),
            How::Sends(_) | How::Refused(..) | How::Not(_) => false,
        };
        assert_eq!(read, known(name), "{name}");
    }
}

/// A reader that drops a member is found.
#[tokio::test]
async fn a_lost_member_is_found() {
    // beside the list no object holds anything
    let body = json!({ "items": [{ "id": "w", "name": "Ours" }], "dropped": 1 });
    assert_eq!(lost(Kind::Webhooks, &body).await, ["/dropped"]);
}

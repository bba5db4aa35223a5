//! Objects of Webex whose members are no secrets; what it adds to them may be one.

use invitations_core::{
    ids::MeetingId,
    people::EmailAddress,
    provider::WriteOptions,
    runtime::{Clock as _, SystemClock},
    time::TimeRange,
};
use serde_json::{Value, json};
use webex_meetings::{
    AttendeeReportEntry, AttendeeReportQuery, Participant, ParticipantId, Person, Site, Transcript, TranscriptQuery,
    WebexMeetings,
    invitees::{Invited, InvitedMany, Invitee, InviteeId, NewInvitee},
    meetings::{HostReassignment, SendEmail},
};

use super::{SECRET, make::*, table::Planted};

pub(super) const WITH_EXTRAS: &[Planted] = &[
    ("webex_meetings::AttendeeReportEntry", || vec![show(&report())]),
    ("webex_meetings::BreakoutSession", || vec![show(&participant().breakout_sessions)]),
    ("webex_meetings::Participant", || vec![show(&participant())]),
    ("webex_meetings::ParticipantDevice", || vec![show(&participant().devices)]),
    ("webex_meetings::Person", || vec![show(&person())]),
    ("webex_meetings::Site", || vec![show(&sites())]),
    ("webex_meetings::Transcript", || vec![show(&transcripts())]),
    ("webex_meetings::invitees::Invited", || vec![show(&invited())]),
    ("webex_meetings::invitees::InvitedMany", || vec![show(&invited_many())]),
    ("webex_meetings::invitees::Invitee", || vec![show(&invitee())]),
    ("webex_meetings::meetings::CallInNumber", || {
        let phone = webex_meeting().telephony.expect("a phone");
        assert!(!phone.numbers.is_empty());
        vec![show(&phone.numbers)]
    }),
    ("webex_meetings::meetings::HostReassignment", || vec![show(&reassigned())]),
];

/// Asks an account to which Webex tells something new.
fn told(body: &Value) -> WebexMeetings {
    webex_meetings_answering(body)
}

/// Something new, for one object.
fn new() -> Value {
    json!({ "id": "i", "new": { "deep": SECRET }, "token": SECRET, "email": "ada@contoso.example" })
}

fn meeting() -> MeetingId {
    MeetingId::parse("m").expect("an id")
}

fn days() -> TimeRange {
    // reports reach back 90 days from now
    let until = SystemClock.now();
    TimeRange::new(until - chrono::TimeDelta::days(1), until)
}

fn ada() -> NewInvitee {
    NewInvitee::new(EmailAddress::parse("ada@contoso.example").expect("an address"))
}

fn participant() -> Participant {
    let mut body = new();
    (body["devices"], body["breakoutSessionsAttended"]) = (json!([new()]), json!([new()]));
    let read = at_once(told(&body).participants().read(&ParticipantId::parse("p").expect("an id")));
    assert!(!read.devices.is_empty() && !read.breakout_sessions.is_empty());
    read
}

fn person() -> Person {
    at_once(told(&new()).me())
}

fn sites() -> Vec<Site> {
    let site = json!({ "siteUrl": "contoso.webex.example", "new": SECRET });
    some(at_once(told(&json!({ "sites": [site] })).sites()))
}

fn transcripts() -> Vec<Transcript> {
    let body = json!({ "items": [new()] });
    some(at_once(told(&body).transcripts().list(&TranscriptQuery::new(days()))))
}

fn report() -> Vec<AttendeeReportEntry> {
    let query = AttendeeReportQuery::new("contoso.webex.example", days());
    some(at_once(told(&json!({ "items": [new()] })).attendee_report(&query)))
}

fn invitee() -> Invitee {
    at_once(told(&new()).invitee(&InviteeId::parse("i").expect("an id")))
}

fn invited() -> Invited {
    at_once(told(&new()).invite(&meeting(), &ada(), SendEmail::No, WriteOptions::new()))
}

fn invited_many() -> InvitedMany {
    let body = json!({ "items": [new()] });
    at_once(told(&body).invite_many(&meeting(), &[ada()], SendEmail::No, WriteOptions::new()))
}

fn reassigned() -> Vec<HostReassignment> {
    let body = json!({ "items": [{ "meetingId": "m", "httpStatus": 200, "new": SECRET }] });
    let transport = meetings_http::ScriptedTransport::new(vec![meetings_http::Step::json(207, &body)]);
    let webex =
        webex_meetings::Webex::builder(integration()).transport(std::sync::Arc::new(transport)).tokens(tokens());
    let meetings = webex.build().expect("a client").my_meetings().expect("tokens");
    some(at_once(meetings.reassign_host(&ada().email, &[meeting()], None, WriteOptions::new())))
}

fn some<T>(list: Vec<T>) -> Vec<T> {
    assert!(!list.is_empty());
    list
}

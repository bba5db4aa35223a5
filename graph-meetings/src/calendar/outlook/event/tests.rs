use invitations_core::ErrorKind;
use serde_json::json;

use super::*;
use crate::calendar::outlook::{AttendeeKind, BodyKind, Response};

const LINK: &str = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x";

const FULL: &str = r#"{
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users('u')/events/$entity",
        "@odata.etag": "W/\"abc==\"", "id": "AAMk==", "changeKey": "abc==", "iCalUId": "0400",
        "transactionId": "lesson-42", "type": "SingleInstance", "seriesMasterId": null, "originalStart": null,
        "createdDateTime": "2026-07-01T08:00:00.1234567Z", "lastModifiedDateTime": "0001-01-01T00:00:00Z",
        "subject": "Lesson", "bodyPreview": "Bring a pen",
        "body": { "contentType": "HTML", "content": "<p>Bring a pen</p>" },
        "start": { "dateTime": "2026-07-15T09:00:00.0000000", "timeZone": "UTC" },
        "end": { "dateTime": "2026-07-15T10:00:00.0000000", "timeZone": "UTC" },
        "isAllDay": false, "originalStartTimeZone": "tzone://Microsoft/Custom", "originalEndTimeZone": "UTC",
        "recurrence": null,
        "location": { "displayName": "Room 1", "locationType": "ConferenceRoom", "uniqueId": "r", "coordinates": { "latitude": 1.5 } },
        "locations": [{ "displayName": "Room 1" }],
        "attendees": [
            { "type": "Required", "status": { "response": "Accepted", "time": "2026-07-02T00:00:00Z" },
              "emailAddress": { "name": "Ada", "address": "Ada@contoso.example" }, "futureMember": 1 },
            { "type": "RESOURCE", "status": { "response": "none", "time": "0001-01-01T00:00:00Z" },
              "emailAddress": { "name": "Room 1", "address": "room@contoso.example" },
              "proposedNewTime": { "start": { "dateTime": "2026-07-16T09:00:00", "timeZone": "UTC" },
                                   "end": { "dateTime": "2026-07-16T10:00:00", "timeZone": "UTC" } } }
        ],
        "organizer": { "emailAddress": { "name": "Tutor", "address": "tutor@contoso.example" } },
        "isOrganizer": true, "isCancelled": false, "isDraft": false,
        "responseStatus": { "response": "organizer", "time": "0001-01-01T00:00:00Z" },
        "showAs": "Busy", "sensitivity": "Normal", "importance": "HIGH", "categories": ["Red category"],
        "isReminderOn": true, "reminderMinutesBeforeStart": 15, "responseRequested": true,
        "allowNewTimeProposals": false, "hideAttendees": true, "hasAttachments": false,
        "isOnlineMeeting": true, "onlineMeetingProvider": "TeamsForBusiness", "onlineMeetingUrl": null,
        "onlineMeeting": { "joinUrl": "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x", "conferenceId": "12345", "tollNumber": "+1" },
        "webLink": "https://outlook.office365.com/x", "somethingNew": { "a": 1 },
        "singleValueExtendedProperties": [
            { "id": "String {5C1C7D2E-93B4-4B63-8F0D-2F6F6D7A9B14} Name InvitationMarker", "value": "lesson-42" }, { "id": "String {x} Name Other", "value": "theirs" }
        ]
    }"#;

fn full() -> Value {
    serde_json::from_str(FULL).unwrap()
}

fn read(body: &Value) -> Result<OutlookEvent> {
    let reply = http::Response::builder().status(200).body(Bytes::from(body.to_string())).unwrap();
    OutlookEvent::decode("read event", &reply)
}

fn with(name: &str, value: Value) -> Value {
    let mut body = full();
    body[name] = value;
    body
}

#[test]
fn trap_07_every_member_is_read_whatever_its_case() {
    let event = read(&full()).unwrap();
    assert_eq!((event.id.as_str(), event.etag.as_ref().unwrap().as_str()), ("AAMk==", "W/\"abc==\""));
    assert_eq!(event.kind, EventKind::SingleInstance);
    assert_eq!(event.body.as_ref().unwrap().kind, BodyKind::Html);
    assert_eq!(event.body.as_ref().unwrap().said().as_deref(), Some("Bring a pen"));
    assert_eq!(event.show_as, Some(ShowAs::Busy));
    assert_eq!((event.importance, event.sensitivity), (Some(Importance::High), Some(Sensitivity::Normal)));
    assert_eq!(event.online_meeting_provider, Some(OnlineMeetingProvider::Teams));
    let [ada, room] = event.attendees.as_slice() else { panic!("{:?}", event.attendees) };
    assert_eq!((&ada.kind, &room.kind), (&AttendeeKind::Required, &AttendeeKind::Resource));
    assert_eq!(ada.status.as_ref().unwrap().response, Response::Accepted);
    assert_eq!(ada.extras["futureMember"], 1);
    assert!(room.proposed.is_some());
    assert_eq!(event.time.as_ref().unwrap().range().from.to_rfc3339(), "2026-07-15T09:00:00+00:00");
    assert_eq!(event.location.as_ref().unwrap().extras["coordinates"]["latitude"], 1.5);
    assert_eq!(event.allow_new_time_proposals, Some(false));
    assert!(event.hide_attendees && event.is_organizer && event.is_reminder_on);
}

#[test]
fn an_answer_in_the_year_one_was_never_given() {
    let event = read(&full()).unwrap();
    assert!(event.attendees[0].status.as_ref().unwrap().at.is_some());
    assert_eq!(event.attendees[1].status.as_ref().unwrap().at, None);
    assert_eq!(event.response.unwrap().at, None);
    let shifted = json!({ "response": "none", "time": "0001-01-01T08:00:00-08:00" });
    assert_eq!(read(&with("responseStatus", shifted)).unwrap().response.unwrap().at, None);
}

#[test]
fn trap_23_our_property_is_the_marker_and_others_stay() {
    let event = read(&full()).unwrap();
    assert_eq!(event.marker.as_ref().map(Marker::as_str), Some("lesson-42"));
    assert_eq!(event.extras["singleValueExtendedProperties"].as_array().unwrap().len(), 1);
    assert_eq!(event.extras["somethingNew"]["a"], 1);
    assert_eq!(event.extras.len(), 2, "{:?}", event.extras.keys());
    assert_eq!(read(&with("type", "occurrence".into())).unwrap().marker, None);
}

#[test]
fn trap_18_whole_days_float() {
    let mut body = with("isAllDay", true.into());
    body["start"] = json!({ "dateTime": "2026-02-28T00:00:00.0000000", "timeZone": "Tonga Standard Time" });
    body["end"] = json!({ "dateTime": "2026-03-02T00:00:00.0000000", "timeZone": "Tonga Standard Time" });
    let event = read(&body).unwrap();
    assert_eq!(event.time, Some(EventTime::AllDay { from: "2026-02-28".parse().unwrap(), days: 2 }));
    assert_eq!(event.start.unwrap().local.date().to_string(), "2026-02-28");
    // a day and a half is tolerated
    body["end"]["dateTime"] = "2026-03-01T12:00:00".into();
    assert!(read(&body).unwrap().end.is_some());
}

#[test]
fn what_has_another_form_stays_and_hides_nothing_else() {
    for (name, value) in [
        ("showAs", json!(7)),
        ("attendees", json!("nobody")),
        ("location", json!([])),
        ("start", json!({ "dateTime": "soon" })),
        ("body", json!("text")),
        ("categories", json!([1])),
        ("recurrence", json!({ "pattern": { "type": "lunar" }, "range": {} })),
        ("reminderMinutesBeforeStart", json!("15")),
        ("onlineMeeting", json!("yes")),
    ] {
        let event = read(&with(name, value.clone())).unwrap();
        assert_eq!(event.extras.get(name), Some(&value), "{name}");
        assert_eq!(event.subject, "Lesson", "{name}");
    }
    let later = read(&with("onlineMeetingProvider", "future".into())).unwrap();
    assert_eq!(later.online_meeting_provider.unwrap().as_str(), "future");
}

#[test]
fn trap_19_an_unknown_zone_is_kept_and_is_no_instant() {
    let event =
        read(&with("start", json!({ "dateTime": "2026-07-15T09:00:00", "timeZone": "tzone://Microsoft/Custom" })))
            .unwrap();
    assert_eq!(event.start.as_ref().unwrap().zone, "tzone://Microsoft/Custom");
    assert_eq!(event.start.unwrap().instant().unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(event.time, None);
}

#[test]
fn trap_12_only_an_https_link_is_a_join_link() {
    assert_eq!(read(&full()).unwrap().join_url().unwrap().expose().as_str(), LINK);
    for bad in ["javascript:alert(1)", "http://teams.example/x", "not a link", ""] {
        let event = read(&with("onlineMeeting", json!({ "joinUrl": bad }))).unwrap();
        assert!(event.join_url().is_none(), "{bad}");
    }
    let none = read(&with("onlineMeetingUrl", "https://teams.example/old".into()));
    assert!(none.unwrap().join_url().is_some(), "the old member is not looked at");
}

#[test]
fn a_series_is_its_rule_on_the_wall_of_its_zone() {
    let mut body = with("type", "seriesMaster".into());
    body["originalStartTimeZone"] = "W. Europe Standard Time".into();
    body["recurrence"] = json!({
        "pattern": { "type": "weekly", "interval": 1, "month": 0, "dayOfMonth": 0, "daysOfWeek": ["wednesday"],
                     "firstDayOfWeek": "sunday", "index": "first" },
        "range": { "type": "numbered", "startDate": "2026-07-15", "endDate": "0001-01-01",
                   "recurrenceTimeZone": "W. Europe Standard Time", "numberOfOccurrences": 3 },
    });
    let event = read(&body).unwrap();
    assert!(event.recurrence.unwrap().as_rrule().contains("FREQ=WEEKLY"));
    let Some(EventTime::Timed(slot)) = event.time else { panic!("a time") };
    assert_eq!(slot.start.local().to_string(), "2026-07-15 11:00:00");
    assert!(!event.extras.contains_key("recurrence"));
}

#[test]
fn what_is_no_event_is_unclear_and_never_taken_for_one() {
    let twice = format!("{{\"id\":\"a\",{}", &full().to_string()[1..]);
    for body in [
        "".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        r#"{"id":null}"#.to_owned(),
        r#"{"id":7}"#.to_owned(),
        r#"{"id":""}"#.to_owned(),
        r#"{"id":"\ud800"}"#.to_owned(),
        r#"{"id":"a","#.to_owned(),
        "<html>".to_owned(),
        with("@odata.type", "#microsoft.graph.message".into()).to_string(),
        twice,
    ] {
        let reply = http::Response::builder().status(201).body(Bytes::from(body.clone())).unwrap();
        let error = OutlookEvent::decode("create event", &reply).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{body}");
        assert!(matches!(error.retry(), invitations_core::RetryClass::Unclear { .. }), "{body}");
    }
    assert!(read(&with("@odata.type", "#microsoft.graph.event".into())).is_ok());
}

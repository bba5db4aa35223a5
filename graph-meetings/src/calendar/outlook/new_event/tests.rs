use chrono::{DateTime, Utc};
use invitations_core::{
    ErrorKind,
    people::{Attendee, EmailAddress},
};

use super::*;
use crate::calendar::outlook::{CategoryColor, LocationKind};

const OPERATION: &str = "create event";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn event() -> NewEvent {
    NewEvent::new("Lesson", at("2026-07-15T09:00:00Z"), at("2026-07-15T10:00:00Z"))
}

fn local(text: &str, zone: &str) -> ZonedTime {
    ZonedTime::new(text.parse().unwrap(), zone)
}

fn person(address: &str) -> Attendee {
    Attendee::new(EmailAddress::parse(address).unwrap())
}

fn refused(event: &NewEvent) -> String {
    let error = event.members(OPERATION).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported), "{error}");
    assert!(error.remedy().is_some(), "{error}: no remedy");
    error.detail().unwrap_or_default().to_owned()
}

#[test]
fn every_member_is_written_as_graph_takes_it() {
    let mut event = event()
        .with_body(Body::html("<p>Pen</p>"))
        .with_location(Location::room("Room 1", &person("room@contoso.example").email))
        .with_attendee(OutlookAttendee::required(&person("ada@contoso.example").with_name("Ada")))
        .with_attendee(OutlookAttendee::optional(&person("bert@contoso.example")))
        .with_attendee(OutlookAttendee::resource(&person("room@contoso.example")))
        .with_category("Plain")
        .with_category(EventCategory::new("Red").with_color(CategoryColor::Red))
        .with_online_meeting();
    (event.show_as, event.sensitivity, event.importance) =
        (Some(ShowAs::OutOfOffice), Some(Sensitivity::Private), Some(Importance::High));
    (event.response_requested, event.allow_new_time_proposals, event.hide_attendees) =
        (Some(false), Some(false), Some(true));
    event.reminder = Some(Reminder::MinutesBefore(30));
    event.other.insert("isDraftLike".to_owned(), json!(1));
    assert_eq!(event.location.as_ref().unwrap().kind, Some(LocationKind::ConferenceRoom));
    let expected = json!({
        "subject": "Lesson",
        "start": { "dateTime": "2026-07-15T09:00:00", "timeZone": "UTC" },
        "end": { "dateTime": "2026-07-15T10:00:00", "timeZone": "UTC" },
        "isAllDay": false,
        "body": { "contentType": "html", "content": "<p>Pen</p>" },
        "location": { "displayName": "Room 1", "locationType": "conferenceRoom", "locationEmailAddress": "room@contoso.example" },
        "attendees": [
            { "type": "required", "emailAddress": { "name": "Ada", "address": "ada@contoso.example" } },
            { "type": "optional", "emailAddress": { "address": "bert@contoso.example" } },
            { "type": "resource", "emailAddress": { "address": "room@contoso.example" } },
        ],
        "showAs": "oof", "sensitivity": "private", "importance": "high",
        "responseRequested": false, "allowNewTimeProposals": false, "hideAttendees": true,
        "isReminderOn": true, "reminderMinutesBeforeStart": 30,
        "isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness",
        "isDraftLike": 1,
    });
    assert_eq!(Value::Object(event.members(OPERATION).unwrap()), expected);
    event.reminder = Some(Reminder::Off);
    let members = event.members(OPERATION).unwrap();
    assert_eq!((&members["isReminderOn"], members.get("reminderMinutesBeforeStart")), (&json!(false), None));
}

#[test]
fn trap_18_whole_days_are_from_midnight_to_midnight_in_one_zone() {
    let days = |start: ZonedTime, end: ZonedTime| NewEvent::new("Holiday", start, end).all_day();
    let date = |text: &str| ZonedTime::midnight(text.parse().unwrap());
    let members = days(date("2026-02-28"), date("2026-03-02")).members(OPERATION).unwrap();
    assert_eq!(members["start"], json!({ "dateTime": "2026-02-28T00:00:00", "timeZone": "UTC" }));
    assert_eq!((&members["end"]["dateTime"], &members["isAllDay"]), (&json!("2026-03-02T00:00:00"), &json!(true)));
    let tokyo = |day: u32| local(&format!("2026-02-{day:02}T00:00:00"), "Tokyo Standard Time");
    let members = days(tokyo(27), tokyo(28)).members(OPERATION).unwrap();
    assert_eq!(members["start"]["dateTime"], "2026-02-27T00:00:00", "the date floats");
    for (start, end) in [
        (local("2026-02-28T01:00:00", "UTC"), date("2026-03-02")),
        (date("2026-02-28"), local("2026-03-01T12:00:00", "UTC")),
        (date("2026-02-27"), tokyo(28)),
        (date("2026-02-28"), date("2026-02-28")),
        (date("2026-03-02"), date("2026-02-28")),
    ] {
        assert!(refused(&days(start.clone(), end)).contains("all-day"), "{start:?}");
    }
}

#[test]
fn what_outlook_cannot_take_is_refused_with_a_remedy() {
    let change = |change: &dyn Fn(&mut NewEvent)| {
        let mut event = event();
        change(&mut event);
        refused(&event)
    };
    assert!(change(&|event| event.end = event.start.clone()).contains("ends"));
    assert!(change(&|event| std::mem::swap(&mut event.start, &mut event.end)).contains("ends"));
    assert!(change(&|event| event.start.zone = "Mars".to_owned()).contains("zone"));
    assert!(change(&|event| event.categories = vec![EventCategory::new(" ")]).contains("category"));
    assert!(change(&|event| event.show_as = Some(ShowAs::from("unknownFutureValue"))).contains("showAs"));
    assert!(change(&|event| event.recurrence = Some(Recurrence::parse("FREQ=DAILY;BYHOUR=9").unwrap())).len() > 5);
    for name in
        ["transactionId", "TransactionID", "subject", "id", "@odata.type", "iCalUId", "singleValueExtendedProperties"]
    {
        change(&|event| drop(event.other.insert(name.to_owned(), json!("x"))));
    }
}

#[test]
fn the_501st_attendee_is_refused_and_an_address_counts_once() {
    let list = |count: usize| {
        let people = (0..count).map(|n| OutlookAttendee::required(&person(&format!("guest{n}@fabrikam.example"))));
        NewEvent { attendees: people.collect(), ..event() }
    };
    assert_eq!(list(500).members(OPERATION).unwrap()["attendees"].as_array().unwrap().len(), 500);
    assert!(refused(&list(501)).contains("500"));
    let mut twice = list(500);
    twice.attendees.extend(list(500).attendees);
    twice.attendees.push(OutlookAttendee::optional(&person("GUEST1@Fabrikam.example")));
    assert_eq!(twice.members(OPERATION).unwrap()["attendees"].as_array().unwrap().len(), 500);
}

#[test]
fn a_series_is_said_in_the_windows_name_of_its_zone() {
    let start = local("2026-07-15T09:00:00", "Europe/Berlin");
    let event = NewEvent::new("Lesson", start, local("2026-07-15T10:00:00", "Europe/Berlin"));
    let members = event.with_recurrence(Recurrence::parse("FREQ=WEEKLY;COUNT=3").unwrap()).members(OPERATION).unwrap();
    assert_eq!(members["start"], json!({ "dateTime": "2026-07-15T09:00:00", "timeZone": "W. Europe Standard Time" }));
    assert_eq!(members["recurrence"]["range"]["startDate"], "2026-07-15");
    assert_eq!(members["recurrence"]["pattern"]["daysOfWeek"], json!(["wednesday"]));
}

#[test]
fn bad_112_a_series_whose_first_hour_clocks_skip_is_refused() {
    for (from, until) in [("02:30", "04:30"), ("01:30", "02:30")] {
        let (from, until) = (format!("2027-03-28T{from}:00"), format!("2027-03-28T{until}:00"));
        let event = NewEvent::new("Lesson", local(&from, "Europe/Berlin"), local(&until, "Europe/Berlin"));
        let event = event.with_recurrence(Recurrence::parse("FREQ=DAILY;COUNT=3").unwrap());
        assert!(refused(&event).contains("clocks skip"), "{from}");
    }
}

#[test]
fn trap_08_each_incarnation_of_a_key_is_another_key() {
    let key = Marker::parse("lesson-42").unwrap();
    assert_eq!(incarnation(&key, 0).unwrap(), key);
    assert_eq!(incarnation(&key, 2).unwrap().as_str(), "lesson-42:2");
    assert!(incarnation(&Marker::parse("x".repeat(64)).unwrap(), 1).is_err());
}

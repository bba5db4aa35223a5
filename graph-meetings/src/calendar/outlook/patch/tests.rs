use chrono::{DateTime, Utc};
use invitations_core::{
    ErrorKind,
    people::{Attendee, EmailAddress},
};
use serde_json::json;

use super::*;

const OPERATION: &str = "update event";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn members(patch: &EventPatch) -> Value {
    patch.members(OPERATION, true).unwrap().into()
}

fn refused(patch: &EventPatch, with_version: bool) -> String {
    let error = patch.members(OPERATION, with_version).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.remedy().is_some(), "{error}: no remedy");
    error.detail().unwrap_or_default().to_owned()
}

#[test]
fn what_is_kept_is_not_sent_what_is_cleared_is_null_and_what_is_set_is_a_value() {
    assert_eq!(members(&EventPatch::new().with_subject("New")), json!({ "subject": "New" }));
    let mut clear =
        EventPatch::new().with_location(Patch::Clear).with_attendees(Patch::Clear).with_recurrence(Patch::Clear);
    clear.subject = Patch::Clear;
    assert_eq!(members(&clear), json!({ "subject": null, "location": null, "attendees": [], "recurrence": null }));
    assert_eq!(members(&EventPatch::new().with_locations(Patch::Clear)), json!({ "locations": [] }));
    let places = EventPatch::new().with_locations(vec![Location::new("A"), Location::new("B")]);
    assert_eq!(members(&places), json!({ "locations": [{ "displayName": "A" }, { "displayName": "B" }] }));
    let moved = EventPatch::new().with_time(at("2026-07-15T09:00:00Z"), at("2026-07-15T10:00:00Z"));
    assert!(members(&moved).get("isAllDay").is_none());
    let later = EventPatch { end: Some(at("2026-07-15T11:00:00Z").into()), ..EventPatch::new() };
    assert_eq!(members(&later), json!({ "end": { "dateTime": "2026-07-15T11:00:00", "timeZone": "UTC" } }));
}

#[test]
fn a_change_that_says_nothing_is_refused() {
    assert!(refused(&EventPatch::new(), true).contains("nothing"));
}

#[test]
fn trap_09_the_whole_list_of_attendees_needs_its_version() {
    let ada = OutlookAttendee::required(&Attendee::new(EmailAddress::parse("ada@contoso.example").unwrap()));
    let patch = EventPatch::new().with_attendees(vec![ada.clone()]);
    assert!(refused(&patch, false).contains("attendees"));
    assert_eq!(members(&patch).as_object().unwrap().len(), 1, "nothing else, or everybody is mailed");
    assert!(refused(&EventPatch::new().with_attendees(Patch::Clear), false).contains("attendees"));
    let many = (0..501).map(|n| {
        OutlookAttendee::required(&Attendee::new(EmailAddress::parse(format!("g{n}@fabrikam.example")).unwrap()))
    });
    assert!(refused(&EventPatch::new().with_attendees(many.collect::<Vec<_>>()), true).contains("500"));
}

#[test]
fn trap_11_an_online_meeting_is_never_taken_out() {
    let patch = |online| EventPatch { online_meeting: Some(online), ..EventPatch::new() };
    assert!(refused(&patch(false), true).contains("online meeting"));
    assert_eq!(members(&patch(true)), json!({ "isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness" }));
}

#[test]
fn trap_18_whole_days_are_changed_together_with_start_and_end() {
    for patch in [EventPatch::new().with_all_day(true), EventPatch::new().with_all_day(false)] {
        assert!(refused(&patch, true).contains("together"));
        let half = EventPatch { start: Some(at("2026-07-15T00:00:00Z").into()), ..patch };
        assert!(refused(&half, true).contains("together"));
    }
    let days = |until| EventPatch::new().with_time(at("2026-07-15T00:00:00Z"), at(until)).with_all_day(true);
    assert_eq!(members(&days("2026-07-16T00:00:00Z"))["isAllDay"], true);
    assert!(refused(&days("2026-07-16T12:00:00Z"), true).contains("midnight"));
}

#[test]
fn what_graph_would_refuse_or_pass_over_is_refused() {
    let mut both = EventPatch::new().with_location(Location::new("A"));
    both.locations = Patch::Set(vec![Location::new("B")]);
    assert!(refused(&both, true).contains("locations"));
    let backwards = EventPatch::new().with_time(at("2026-07-15T10:00:00Z"), at("2026-07-15T09:00:00Z"));
    assert!(refused(&backwards, true).contains("ends"));
    let rule = Recurrence::parse("FREQ=DAILY").unwrap();
    assert!(refused(&EventPatch::new().with_recurrence(rule), true).contains("series"));
    let mut key = EventPatch::new();
    key.other.insert("transactionId".to_owned(), json!("x"));
    assert!(refused(&key, true).contains("transactionId"));
    assert!(refused(&EventPatch::new().with_categories(vec![EventCategory::new("")]), true).contains("category"));
}

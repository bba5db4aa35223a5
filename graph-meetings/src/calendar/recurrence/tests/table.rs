use chrono::NaiveDate;
use serde_json::json;

use super::*;

fn pattern(rule: &str, start: &str) -> Value {
    graph(rule, &at(start, "Europe/Berlin")).unwrap()["pattern"].clone()
}

fn range(rule: &str, time: &EventTime) -> Value {
    graph(rule, time).unwrap()["range"].clone()
}

#[test]
fn each_pattern_says_what_it_needs_and_nothing_else() {
    // 2026-07-15 is a Wednesday
    let start = "2026-07-15T09:00:00";
    let weekdays = json!(["monday", "tuesday", "wednesday", "thursday", "friday"]);
    for (rule, start, expected) in [
        ("FREQ=DAILY", start, json!({ "type": "daily", "interval": 1 })),
        ("freq=daily;interval=3", start, json!({ "type": "daily", "interval": 3 })),
        (
            "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
            start,
            json!({
            "type": "weekly", "interval": 1, "daysOfWeek": weekdays, "firstDayOfWeek": "monday" }),
        ),
        (
            "FREQ=WEEKLY",
            start,
            json!({
            "type": "weekly", "interval": 1, "daysOfWeek": ["wednesday"], "firstDayOfWeek": "monday" }),
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,WE,SU;WKST=SU",
            start,
            json!({
            "type": "weekly", "interval": 2, "daysOfWeek": ["wednesday", "sunday"], "firstDayOfWeek": "sunday" }),
        ),
        ("FREQ=MONTHLY", start, json!({ "type": "absoluteMonthly", "interval": 1, "dayOfMonth": 15 })),
        (
            "FREQ=MONTHLY;BYMONTHDAY=15;WKST=SU",
            start,
            json!({
            "type": "absoluteMonthly", "interval": 1, "dayOfMonth": 15 }),
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-1",
            "2026-07-31T09:00:00",
            json!({
            "type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31 }),
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1",
            "2026-07-30T09:00:00",
            json!({
            "type": "absoluteMonthly", "interval": 1, "dayOfMonth": 30 }),
        ),
        (
            "FREQ=MONTHLY;BYDAY=3WE",
            start,
            json!({
            "type": "relativeMonthly", "interval": 1, "daysOfWeek": ["wednesday"], "index": "third" }),
        ),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "2026-07-31T09:00:00",
            json!({
            "type": "relativeMonthly", "interval": 1, "daysOfWeek": weekdays, "index": "last" }),
        ),
        ("FREQ=YEARLY", start, json!({ "type": "absoluteYearly", "interval": 1, "month": 7, "dayOfMonth": 15 })),
        (
            "FREQ=YEARLY;BYMONTH=7",
            start,
            json!({
            "type": "absoluteYearly", "interval": 1, "month": 7, "dayOfMonth": 15 }),
        ),
        (
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1",
            "2027-02-28T09:00:00",
            json!({
            "type": "absoluteYearly", "interval": 1, "month": 2, "dayOfMonth": 29 }),
        ),
        (
            "FREQ=YEARLY;INTERVAL=2;BYMONTH=7;BYDAY=3WE",
            start,
            json!({
            "type": "relativeYearly", "interval": 2, "month": 7, "daysOfWeek": ["wednesday"], "index": "third" }),
        ),
    ] {
        assert_eq!(pattern(rule, start), expected, "{rule}");
    }
}

#[test]
fn a_range_begins_with_the_event_and_ends_on_the_wall_of_its_zone() {
    // half past midnight in Kiritimati (+14) is the morning before in UTC
    let (berlin, early) = (at("2026-07-15T09:00:00", "Europe/Berlin"), at("2026-07-15T00:30:00", "Pacific/Kiritimati"));
    let late = at("2026-07-15T23:30:00", "America/Los_Angeles");
    let days = EventTime::AllDay { from: NaiveDate::from_ymd_opt(2026, 7, 15).unwrap(), days: 1 };
    let ends = |date: &str| json!({ "type": "endDate", "startDate": "2026-07-15", "endDate": date });
    for (rule, time, expected) in [
        ("FREQ=DAILY", &berlin, json!({ "type": "noEnd", "startDate": "2026-07-15" })),
        (
            "FREQ=DAILY;COUNT=1",
            &berlin,
            json!({
            "type": "numbered", "startDate": "2026-07-15", "numberOfOccurrences": 1 }),
        ),
        ("FREQ=DAILY;UNTIL=20260720T070000Z", &berlin, ends("2026-07-20")),
        ("FREQ=DAILY;UNTIL=20260720T065959Z", &berlin, ends("2026-07-19")),
        // winter time by then: nine in Berlin is eight in UTC
        ("FREQ=DAILY;UNTIL=20261120T070000Z", &berlin, ends("2026-11-19")),
        ("FREQ=DAILY;UNTIL=20260720T090000", &berlin, ends("2026-07-20")),
        ("FREQ=DAILY;UNTIL=20260720T085959", &berlin, ends("2026-07-19")),
        ("FREQ=DAILY;UNTIL=20260720", &berlin, ends("2026-07-20")),
        ("FREQ=DAILY;UNTIL=20260720T103000Z", &early, ends("2026-07-21")),
        ("FREQ=DAILY;UNTIL=20260720T102959Z", &early, ends("2026-07-20")),
        ("FREQ=DAILY;UNTIL=20260720T063000Z", &late, ends("2026-07-19")),
        ("FREQ=DAILY;UNTIL=20260720T062959Z", &late, ends("2026-07-18")),
        ("FREQ=DAILY;UNTIL=20260720", &days, ends("2026-07-20")),
        ("FREQ=DAILY;UNTIL=20260720T235959Z", &days, ends("2026-07-20")),
    ] {
        assert_eq!(range(rule, time), expected, "{rule}");
        let there = series("write event", &parsed(rule), time).unwrap();
        let back = super::rule(&there, time).unwrap();
        assert_eq!(series("write event", &back, time).unwrap(), there, "{rule} -> {back}");
    }
}

#[test]
fn zero_values_and_letter_case_of_replies_do_not_count() {
    let time = at("2026-07-15T09:00:00", "Europe/Berlin");
    let there = from_graph(json!({
        "pattern": { "type": "Weekly", "interval": 1, "month": 0, "dayOfMonth": 0, "daysOfWeek": ["Wednesday"],
            "firstDayOfWeek": "sunday", "index": "first", "futureMember": 1 },
        "range": { "type": "NoEnd", "startDate": "2026-07-15", "endDate": "0001-01-01",
            "recurrenceTimeZone": "W. Europe Standard Time", "numberOfOccurrences": 0 },
    }));
    assert_eq!(rule(&there.unwrap(), &time).unwrap().as_rrule(), "FREQ=WEEKLY;BYDAY=WE");
    // the week begins on Sunday unless it is said
    let there = from_graph(json!({
        "pattern": { "type": "weekly", "interval": 2, "daysOfWeek": ["sunday", "wednesday"], "index": null, "month": null },
        "range": { "type": "numbered", "startDate": "2026-07-15", "numberOfOccurrences": 4, "endDate": null },
    }));
    assert_eq!(rule(&there.unwrap(), &time).unwrap().as_rrule(), "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE,SU;WKST=SU;COUNT=4");
    // the index is the first unless it is said
    let there = from_graph(json!({
        "pattern": { "type": "relativeMonthly", "interval": 1, "daysOfWeek": ["wednesday"] },
        "range": { "type": "endDate", "startDate": "2026-07-01", "endDate": "2026-12-02" },
    }));
    assert_eq!(rule(&there.unwrap(), &time).unwrap().as_rrule(), "FREQ=MONTHLY;BYDAY=1WE;UNTIL=20261202T080000Z");
}

#[test]
fn a_day_that_no_such_month_has_is_its_last() {
    for (month, day, rule_text) in
        [(4, 31, "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=-1"), (2, 29, "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1")]
    {
        let there = from_graph(json!({
            "pattern": { "type": "absoluteYearly", "interval": 1, "month": month, "dayOfMonth": day },
            "range": { "type": "noEnd", "startDate": "2026-01-01" },
        }));
        let rule = rule(&there.unwrap(), &at("2026-01-01T09:00:00", "UTC")).unwrap();
        assert_eq!(rule.as_rrule(), rule_text);
    }
}

//! The bad inputs of recurrence, by their numbers.

use invitations_core::{ErrorKind, time::TimeZone};
use serde_json::json;

use super::{UnsupportedRecurrence as Refusal, *};

fn wednesday() -> EventTime {
    at("2026-07-15T09:00:00", "Europe/Berlin")
}

#[test]
fn what_outlook_has_no_word_for_is_refused_by_name() {
    for (rule, why) in [
        ("FREQ=DAILY;BYHOUR=9", Refusal::TimeOfDay),
        ("FREQ=DAILY;BYMINUTE=0", Refusal::TimeOfDay),
        ("FREQ=DAILY;BYSECOND=0", Refusal::TimeOfDay),
        ("FREQ=YEARLY;BYWEEKNO=20", Refusal::WeekNumber),
        ("FREQ=YEARLY;BYYEARDAY=1", Refusal::YearDay),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", Refusal::SeveralMonthDays),
        ("FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=1,15", Refusal::SeveralMonthDays),
        ("FREQ=MONTHLY;BYMONTHDAY=-2", Refusal::NegativeMonthDay),
        ("FREQ=MONTHLY;BYMONTHDAY=29", Refusal::MonthDayNotInEveryMonth),
        ("FREQ=MONTHLY;BYMONTHDAY=31", Refusal::MonthDayNotInEveryMonth),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", Refusal::MonthDayNotInEveryMonth),
        ("FREQ=DAILY;BYMONTHDAY=15", Refusal::MonthDayHere),
        ("FREQ=WEEKLY;BYMONTHDAY=15", Refusal::MonthDayHere),
        ("FREQ=YEARLY;BYMONTHDAY=15", Refusal::MonthDayHere),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", Refusal::MonthDayHere),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=5", Refusal::SetPosition),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-2", Refusal::SetPosition),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1,2", Refusal::SetPosition),
        ("FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=1", Refusal::SetPosition),
        ("FREQ=MONTHLY;BYMONTHDAY=1,2;BYSETPOS=-1", Refusal::SetPosition),
        ("FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=1", Refusal::SetPosition),
        ("FREQ=DAILY;BYSETPOS=1", Refusal::SetPosition),
        ("FREQ=MONTHLY;BYDAY=5WE", Refusal::NumberedDay),
        ("FREQ=MONTHLY;BYDAY=-2WE", Refusal::NumberedDay),
        ("FREQ=MONTHLY;BYDAY=1MO,1TU", Refusal::NumberedDay),
        ("FREQ=WEEKLY;BYDAY=1WE", Refusal::NumberedDay),
        ("FREQ=MONTHLY;BYDAY=WE", Refusal::EveryDayOfMonth),
        ("FREQ=YEARLY;BYMONTH=7;BYDAY=WE", Refusal::EveryDayOfMonth),
        ("FREQ=DAILY;INTERVAL=2;BYDAY=WE", Refusal::DaysOfDailyInterval),
        ("FREQ=YEARLY;BYDAY=20MO", Refusal::DayOfYear),
        ("FREQ=YEARLY;BYMONTH=1,7", Refusal::SeveralMonths),
        ("FREQ=DAILY;BYMONTH=7", Refusal::MonthHere),
        ("FREQ=MONTHLY;BYMONTH=7;BYMONTHDAY=15", Refusal::MonthHere),
    ] {
        assert_eq!(refused(rule, &wednesday()), why, "{rule}");
        let error = series("write event", &parsed(rule), &wednesday()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{rule}");
    }
    for start in ["2026-07-31T09:00:00", "2028-02-29T09:00:00"] {
        let rule = if start.contains("-02-") { "FREQ=YEARLY" } else { "FREQ=MONTHLY" };
        assert_eq!(refused(rule, &at(start, "UTC")), Refusal::MonthDayNotInEveryMonth, "{rule} from {start}");
    }
}

#[test]
fn a_series_starts_on_a_day_of_its_rule() {
    for rule in [
        "FREQ=WEEKLY;BYDAY=MO",
        "FREQ=DAILY;BYDAY=MO",
        "FREQ=MONTHLY;BYMONTHDAY=1",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=MONTHLY;BYDAY=2WE",
        "FREQ=MONTHLY;BYDAY=-1WE",
        "FREQ=YEARLY;BYMONTH=8",
        "FREQ=YEARLY;BYMONTH=8;BYDAY=3WE",
    ] {
        assert_eq!(refused(rule, &wednesday()), Refusal::StartNotInRule, "{rule}");
    }
}

#[test]
fn bad_105_rules_within_a_day_and_lists_of_dates_are_no_rules() {
    for rule in ["FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=HOURLY", "RDATE=20260715", "FREQ=DAILY;EXDATE=20260716"] {
        assert_eq!(Recurrence::parse(rule).unwrap_err().kind(), ErrorKind::InvalidInput, "{rule}");
    }
}

#[test]
fn bad_106_nothing_repeats_no_times_or_every_no_days() {
    for rule in ["FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=0"] {
        assert!(Recurrence::parse(rule).is_err(), "{rule}");
    }
}

#[test]
fn bad_107_a_rule_has_one_end() {
    assert!(Recurrence::parse("FREQ=DAILY;COUNT=2;UNTIL=20260801").is_err());
}

#[test]
fn bad_108_a_day_that_never_comes_is_refused_at_once() {
    assert_eq!(refused("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", &wednesday()), Refusal::NeverOccurs);
    assert_eq!(refused("FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=31", &wednesday()), Refusal::NeverOccurs);
    // the crate that the other tests lean on answers nothing, in bounded time
    assert!(
        expand::rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-07-15T09:00:00".parse().unwrap(), chrono_tz::UTC, 5)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn bad_109_numbers_out_of_all_measure_are_refused() {
    assert_eq!(refused("FREQ=DAILY;COUNT=4294967295", &wednesday()), Refusal::Count);
    assert_eq!(refused("FREQ=DAILY;INTERVAL=65535", &wednesday()), Refusal::Interval);
    let hours = format!("FREQ=DAILY;BYHOUR={}", vec!["1"; 100_000].join(","));
    assert!(Recurrence::parse(&hours).is_err());
    assert!(expand::rule(&hours, "2026-07-15T09:00:00".parse().unwrap(), chrono_tz::UTC, 5).is_none());
}

#[test]
fn bad_111_replies_that_make_no_series_are_none() {
    let range = json!({ "type": "noEnd", "startDate": "2026-07-15" });
    let daily = json!({ "type": "daily", "interval": 1 });
    for (pattern, range) in [
        (daily.clone(), json!({ "type": "numbered", "startDate": "2026-07-15", "numberOfOccurrences": 0 })),
        (daily.clone(), json!({ "type": "numbered", "startDate": "2026-07-15", "numberOfOccurrences": -1 })),
        (daily.clone(), json!({ "type": "endDate", "startDate": "2026-07-15", "endDate": "2026-07-14" })),
        (daily.clone(), json!({ "type": "endDate", "startDate": "2026-07-15", "endDate": "2026-13-01" })),
        (daily.clone(), json!({ "type": "endDate", "startDate": "2026-07-15" })),
        (daily.clone(), json!({ "type": "noEnd" })),
        (daily.clone(), json!({ "type": "forEver", "startDate": "2026-07-15" })),
        (daily, Value::Null),
        (json!({ "type": "daily", "interval": 0 }), range.clone()),
        (json!({ "type": "daily", "interval": -1 }), range.clone()),
        (json!({ "type": "daily", "interval": 4_294_967_296_i64 }), range.clone()),
        (json!({ "type": "hourly", "interval": 1 }), range.clone()),
        (json!({ "type": "weekly", "interval": 1, "daysOfWeek": [] }), range.clone()),
        (json!({ "type": "weekly", "interval": 1, "daysOfWeek": ["monday", "someday"] }), range.clone()),
        (json!({ "type": "weekly", "interval": 1 }), range.clone()),
        (
            json!({ "type": "relativeMonthly", "interval": 1, "daysOfWeek": ["monday"], "index": "fifth" }),
            range.clone(),
        ),
        (json!({ "type": "absoluteMonthly", "interval": 1, "dayOfMonth": 0 }), range.clone()),
        (json!({ "type": "absoluteMonthly", "interval": 1, "dayOfMonth": 32 }), range.clone()),
        (json!({ "type": "absoluteYearly", "interval": 1, "dayOfMonth": 1, "month": 13 }), range.clone()),
        (Value::Null, range),
    ] {
        let body = json!({ "pattern": pattern, "range": range });
        assert_eq!(from_graph(body.clone()), None, "{body}");
    }
    assert_eq!(refused("FREQ=DAILY;UNTIL=20260714T235959Z", &wednesday()), Refusal::EndsBeforeItBegins);
}

#[test]
fn bad_112_a_start_that_clocks_skip_is_kept_on_the_wall() {
    let gap = at("2026-03-29T02:30:00", "Europe/Paris");
    assert_eq!(graph("FREQ=DAILY;COUNT=3", &gap).unwrap()["range"]["startDate"], "2026-03-29");
    // a time that is shown twice is the first of the two
    let twice = at("2026-10-25T02:30:00", "Europe/Paris");
    let there = graph("FREQ=DAILY;UNTIL=20261025T003000Z", &twice).unwrap();
    assert_eq!(there["range"]["endDate"], "2026-10-25");
    assert_eq!(refused("FREQ=DAILY;UNTIL=20261025T002959Z", &twice), Refusal::EndsBeforeItBegins);
    assert!(TimeZone::parse("Europe/Paris").is_ok());
}

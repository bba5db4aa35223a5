//! Two expanders that share nothing: the crate `rrule` for rules, and a walk over the days of the calendar for Graph's JSON.

use chrono::{Datelike as _, Days, NaiveDate, NaiveDateTime, TimeZone as _, Weekday};
use chrono_tz::Tz;
use rrule::{RRule, Unvalidated};
use serde_json::Value;

/// How many days from the start on are looked at.
const MOST_DAYS: u64 = 60 * 366;

/// The first dates of a rule, by `rrule` behind a guard: ASCII of at most 512 bytes (it panics on other text), at most `most` dates,
/// and its own limit on work. `None` when it does not take the rule or the start.
pub(super) fn rule(text: &str, start: NaiveDateTime, zone: Tz, most: u16) -> Option<Vec<NaiveDate>> {
    if !text.is_ascii() || text.len() > 512 {
        return None;
    }
    let start = rrule::Tz::from(zone).from_local_datetime(&start).earliest()?;
    let rule: RRule<Unvalidated> = text.parse().ok()?;
    let dates = rule.build(start).ok()?.limit().all(most).dates;
    let horizon = start.date_naive().checked_add_days(Days::new(MOST_DAYS))?;
    Some(dates.iter().map(|date| date.date_naive()).filter(|date| *date < horizon).collect())
}

/// The first dates of a `patternedRecurrence`, day by day.
pub(super) fn graph(body: &Value, most: usize) -> Vec<NaiveDate> {
    let (pattern, range) = (&body["pattern"], &body["range"]);
    let start: NaiveDate = range["startDate"].as_str().unwrap().parse().unwrap();
    let last: Option<NaiveDate> = range["endDate"].as_str().map(|date| date.parse().unwrap());
    let most = range["numberOfOccurrences"].as_u64().map_or(most, |count| most.min(usize::try_from(count).unwrap()));
    start
        .iter_days()
        .take(usize::try_from(MOST_DAYS).unwrap())
        .take_while(|day| last.is_none_or(|last| *day <= last))
        .filter(|day| falls_on(pattern, start, *day))
        .take(most)
        .collect()
}

fn falls_on(pattern: &Value, start: NaiveDate, day: NaiveDate) -> bool {
    let interval = pattern["interval"].as_i64().unwrap();
    let number = |name: &str| u32::try_from(pattern[name].as_u64().unwrap()).unwrap();
    let months = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month0());
    let in_turn = |passed: i64| passed % interval == 0;
    let years = i64::from(day.year() - start.year());
    match pattern["type"].as_str().unwrap() {
        "daily" => in_turn((day - start).num_days()),
        "weekly" => {
            let first: Weekday = pattern["firstDayOfWeek"].as_str().unwrap().parse().unwrap();
            let week = |day: NaiveDate| day.week(first).first_day();
            is_one(pattern, day) && in_turn((week(day) - week(start)).num_days() / 7)
        }
        "absoluteMonthly" => in_turn(months(day) - months(start)) && is_day(day, number("dayOfMonth")),
        "relativeMonthly" => in_turn(months(day) - months(start)) && is_nth(pattern, day),
        "absoluteYearly" => in_turn(years) && day.month() == number("month") && is_day(day, number("dayOfMonth")),
        "relativeYearly" => in_turn(years) && day.month() == number("month") && is_nth(pattern, day),
        other => panic!("{other}"),
    }
}

fn is_one(pattern: &Value, day: NaiveDate) -> bool {
    let days = pattern["daysOfWeek"].as_array().unwrap();
    days.iter().any(|name| name.as_str().unwrap().parse::<Weekday>().unwrap() == day.weekday())
}

fn is_day(day: NaiveDate, wanted: u32) -> bool {
    day.day() == wanted || (day.day() < wanted && day.succ_opt().unwrap().month() != day.month())
}

fn is_nth(pattern: &Value, day: NaiveDate) -> bool {
    let first = day.with_day(1).unwrap();
    let month = first.iter_days().take_while(|other| other.month() == day.month());
    let fitting: Vec<NaiveDate> = month.filter(|other| is_one(pattern, *other)).collect();
    let wanted = match pattern["index"].as_str().unwrap() {
        "first" => fitting.first(),
        "second" => fitting.get(1),
        "third" => fitting.get(2),
        "fourth" => fitting.get(3),
        _ => fitting.last(),
    };
    wanted == Some(&day)
}

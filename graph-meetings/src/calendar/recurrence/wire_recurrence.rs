use chrono::{NaiveDate, Weekday};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    rule::DAYS,
    series::{Days, End, Index, Nth, Pattern, Series},
};
use crate::wire::or_default;

/// `patternedRecurrence` as Graph answers: all members are there, those that do not count with a zero value.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct WireRecurrence {
    #[serde(deserialize_with = "or_default")]
    pattern: WirePattern,
    #[serde(deserialize_with = "or_default")]
    range: WireRange,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WirePattern {
    #[serde(rename = "type", deserialize_with = "or_default")]
    kind: String,
    interval: Option<i64>,
    month: Option<i64>,
    day_of_month: Option<i64>,
    #[serde(deserialize_with = "or_default")]
    days_of_week: Vec<String>,
    first_day_of_week: Option<String>,
    index: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireRange {
    #[serde(rename = "type", deserialize_with = "or_default")]
    kind: String,
    start_date: Option<String>,
    end_date: Option<String>,
    number_of_occurrences: Option<i64>,
    recurrence_time_zone: Option<String>,
}

impl WireRecurrence {
    /// The zone the dates are in, where it is said.
    pub(crate) fn zone(&self) -> Option<&str> {
        self.range.recurrence_time_zone.as_deref().filter(|name| !name.trim().is_empty())
    }
}

/// The members that count for its type are read and the others are not looked at; letter case varies (trap 7).
pub(super) fn read(wire: &WireRecurrence) -> Option<Series> {
    let (said, range) = (&wire.pattern, &wire.range);
    let interval = u32::try_from(said.interval.unwrap_or(1)).ok().filter(|interval| *interval > 0)?;
    let pattern = match said.kind.to_ascii_lowercase().as_str() {
        "daily" => Pattern::Daily,
        "weekly" => {
            let first = said.first_day_of_week.as_deref().map_or(Some(Weekday::Sun), weekday)?;
            let first = if interval == 1 { Weekday::Mon } else { first };
            Pattern::Weekly { days: days(said)?, first }
        }
        "absolutemonthly" => Pattern::AbsoluteMonthly { day: within(said.day_of_month, 31)? },
        "relativemonthly" => Pattern::RelativeMonthly(nth(said)?),
        "absoluteyearly" => {
            Pattern::AbsoluteYearly { month: within(said.month, 12)?, day: within(said.day_of_month, 31)? }
        }
        "relativeyearly" => Pattern::RelativeYearly { month: within(said.month, 12)?, nth: nth(said)? },
        _ => return None,
    };
    let start = date(range.start_date.as_deref())?;
    let end = match range.kind.to_ascii_lowercase().as_str() {
        "noend" => End::Never,
        "enddate" => End::On(date(range.end_date.as_deref()).filter(|end| *end >= start)?),
        "numbered" => End::After(within(range.number_of_occurrences, i32::MAX.unsigned_abs())?),
        _ => return None,
    };
    Some(Series { pattern, interval, start, end })
}

fn within(number: Option<i64>, most: u32) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok()).filter(|number| (1..=most).contains(number))
}

fn date(text: Option<&str>) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text?, "%Y-%m-%d").ok()
}

fn weekday(name: &str) -> Option<Weekday> {
    DAYS.iter().find(|(_, _, long)| long.eq_ignore_ascii_case(name)).map(|(day, _, _)| *day)
}

/// One day that is not known makes the whole pattern unknown.
fn days(said: &WirePattern) -> Option<Days> {
    let days: Option<Vec<Weekday>> = said.days_of_week.iter().map(|name| weekday(name)).collect();
    Days::new(days?)
}

fn nth(said: &WirePattern) -> Option<Nth> {
    let index = said.index.as_deref().unwrap_or("first");
    let index = Index::ALL.iter().find(|(_, name, _)| name.eq_ignore_ascii_case(index)).map(|(index, _, _)| *index)?;
    Some(Nth { days: days(said)?, index })
}

pub(super) fn written(series: &Series) -> Value {
    let mut pattern = Map::new();
    let mut say = |name: &str, value: Value| pattern.insert(name.to_owned(), value);
    say("interval", series.interval.into());
    let kind = match &series.pattern {
        Pattern::Daily => "daily",
        Pattern::Weekly { days, first } => {
            say("daysOfWeek", names(days));
            say("firstDayOfWeek", long(*first).into());
            "weekly"
        }
        Pattern::AbsoluteMonthly { day } => {
            say("dayOfMonth", (*day).into());
            "absoluteMonthly"
        }
        Pattern::RelativeMonthly(nth) => {
            say("daysOfWeek", names(&nth.days));
            say("index", index(nth));
            "relativeMonthly"
        }
        Pattern::AbsoluteYearly { month, day } => {
            say("month", (*month).into());
            say("dayOfMonth", (*day).into());
            "absoluteYearly"
        }
        Pattern::RelativeYearly { month, nth } => {
            say("month", (*month).into());
            say("daysOfWeek", names(&nth.days));
            say("index", index(nth));
            "relativeYearly"
        }
    };
    say("type", kind.into());
    let start = series.start.to_string();
    let range = match series.end {
        End::Never => json!({ "type": "noEnd", "startDate": start }),
        End::On(date) => json!({ "type": "endDate", "startDate": start, "endDate": date.to_string() }),
        End::After(count) => json!({ "type": "numbered", "startDate": start, "numberOfOccurrences": count }),
    };
    json!({ "pattern": pattern, "range": range })
}

fn names(days: &Days) -> Value {
    days.iter().map(|day| Value::from(long(day))).collect()
}

fn index(nth: &Nth) -> Value {
    Index::ALL.iter().find(|(index, _, _)| *index == nth.index).map_or("first", |(_, name, _)| *name).into()
}

fn long(day: Weekday) -> &'static str {
    DAYS.iter().find(|(known, _, _)| *known == day).map_or("monday", |(_, _, long)| *long)
}

//! Series on the wire: what is taken, how it is answered, and `instances`.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use super::{Answer, Failure, Turn, lists, zones};
use crate::world::{Event, Moment, date, weekday, zone_of};

/// Members that Graph answers whether they count or not, with zero values (documented sample).
const ZERO_DATE: &str = "0001-01-01";

/// Checks a `patternedRecurrence`. Documented: what is sent and does not count is checked all the same.
pub(crate) fn check(recurrence: &Value, start: &Moment) -> Result<(), Failure> {
    let (pattern, range) = (&recurrence["pattern"], &recurrence["range"]);
    // the code is assumed: no page names one
    let bad = |what: &str| {
        Err(Failure::bad_request("ErrorPropertyValidationFailure", format!("The recurrence is invalid: {what}.")))
    };
    let kind = pattern["type"].as_str().unwrap_or_default().to_ascii_lowercase();
    let needs: &[&str] = match kind.as_str() {
        "daily" => &[],
        "weekly" => &["daysOfWeek"],
        "absolutemonthly" => &["dayOfMonth"],
        "relativemonthly" => &["daysOfWeek"],
        "absoluteyearly" => &["dayOfMonth", "month"],
        "relativeyearly" => &["daysOfWeek", "month"],
        _ => return bad("pattern.type"),
    };
    if let Some(missing) = needs.iter().find(|name| pattern.get(**name).is_none_or(Value::is_null)) {
        return bad(missing);
    }
    let within = |value: &Value, most: i64| value.is_null() || value.as_i64().is_some_and(|n| (1..=most).contains(&n));
    let days = pattern["daysOfWeek"].as_array();
    let known = ["first", "second", "third", "fourth", "last"];
    let index = pattern["index"].as_str().map(str::to_ascii_lowercase);
    for (holds, what) in [
        (pattern["interval"].as_i64().is_some_and(|n| n > 0), "pattern.interval"),
        (within(&pattern["dayOfMonth"], 31), "pattern.dayOfMonth"),
        (within(&pattern["month"], 12), "pattern.month"),
        (
            days.is_none_or(|days| !days.is_empty() && days.iter().all(|day| weekday(day).is_some())),
            "pattern.daysOfWeek",
        ),
        (
            pattern["firstDayOfWeek"].is_null() || weekday(&pattern["firstDayOfWeek"]).is_some(),
            "pattern.firstDayOfWeek",
        ),
        (index.is_none_or(|index| known.contains(&index.as_str())), "pattern.index"),
        (date(&range["startDate"]) == Some(start.local.date()), "range.startDate is not the date of the event's start"),
        (within(&range["numberOfOccurrences"], i64::from(i32::MAX)), "range.numberOfOccurrences"),
        (range["recurrenceTimeZone"].as_str().is_none_or(|zone| zone_of(zone).is_some()), "range.recurrenceTimeZone"),
    ] {
        if !holds {
            return bad(what);
        }
    }
    let end = date(&range["endDate"]);
    let ends = match range["type"].as_str().unwrap_or_default().to_ascii_lowercase().as_str() {
        "noend" => true,
        "enddate" => end.is_some_and(|end| end >= start.local.date()),
        "numbered" => range["numberOfOccurrences"].is_i64(),
        _ => false,
    };
    if ends && (range["endDate"].is_null() || end.is_some()) { Ok(()) } else { bad("range") }
}

/// A series as it is answered: every member, whether it counts or not.
pub(super) fn shown(recurrence: &Value, start: &Moment) -> Value {
    let (pattern, range) = (&recurrence["pattern"], &recurrence["range"]);
    let or = |value: &Value, zero: Value| if value.is_null() { zero } else { value.clone() };
    json!({
        "pattern": {
            "type": pattern["type"], "interval": pattern["interval"], "month": or(&pattern["month"], json!(0)),
            "dayOfMonth": or(&pattern["dayOfMonth"], json!(0)), "daysOfWeek": or(&pattern["daysOfWeek"], json!([])),
            "firstDayOfWeek": or(&pattern["firstDayOfWeek"], json!("sunday")), "index": or(&pattern["index"], json!("first")),
        },
        "range": {
            "type": range["type"], "startDate": range["startDate"], "endDate": or(&range["endDate"], json!(ZERO_DATE)),
            "recurrenceTimeZone": or(&range["recurrenceTimeZone"], json!(zones::windows_name(&start.zone))),
            "numberOfOccurrences": or(&range["numberOfOccurrences"], json!(0)),
        },
    })
}

/// `GET …/events/{id}/instances`: the occurrences of a window.
pub(super) fn instances(turn: &mut Turn<'_>) -> Answer {
    let mailbox = turn.mailbox()?;
    let (from, until) = turn.window()?;
    let id = turn.id(0).to_owned();
    let series = turn.world.event(&mailbox.id, &id).cloned().ok_or_else(Failure::no_such_item)?;
    if series.recurrence().is_none() {
        // assumed: no page says what single events answer
        return Err(Failure::bad_request("ErrorInvalidRequest", "The event is not the master of a series."));
    }
    let items = series.occurrences(from, until).iter().map(|event| turn.event_json(event)).collect();
    turn.page(&format!("users('{}')/events('{id}')/instances", mailbox.id), items, lists::EVENTS_PER_PAGE)
}

impl Turn<'_> {
    /// The occurrence that an id names, and its series.
    pub(super) fn addressed_occurrence(&self, mailbox: &str, id: &str) -> Option<(Event, NaiveDate)> {
        let series = self.world.events.iter().filter(|e| e.mailbox == mailbox && !e.deleted);
        series.filter_map(|event| Some((event.occurrence(id)?, event.occurrence_date(id)?))).next()
    }

    /// What a delta says of a changed series: the series, and its occurrences with their times only (observed); exceptions are whole.
    pub(super) fn series_changes(&self, event: &Event, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Value> {
        let occurrences = event.occurrences(from, until);
        if occurrences.is_empty() {
            return Vec::new();
        }
        let short = |occurrence: &Event| {
            let full = self.event_json(occurrence);
            if occurrence.is_exception {
                return full;
            }
            let kept = ["@odata.etag", "seriesMasterId", "type", "id", "start", "end"];
            let mut short: serde_json::Map<String, Value> =
                kept.iter().map(|name| ((*name).to_owned(), full[*name].clone())).collect();
            short.insert("@odata.type".to_owned(), json!("#microsoft.graph.event"));
            Value::Object(short)
        };
        std::iter::once(self.event_json(event)).chain(occurrences.iter().map(short)).collect()
    }
}

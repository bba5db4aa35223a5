//! Webex's rules for dates.

use chrono::{DateTime, Duration, Offset as _, TimeDelta, TimeZone as _, Timelike as _, Utc};
use chrono_tz::Tz;
use http::StatusCode;

use super::error::Failure;
use crate::time::parse_local;

/// Reads a zone; IANA names only.
pub(crate) fn zone(name: Option<&str>) -> Result<Tz, Failure> {
    let name = name.unwrap_or("UTC");
    name.parse().map_err(|_| Failure::invalid(&format!("'timezone' {name} is invalid.")))
}

/// Reads a time of a create or patch. Without offset it is wall time in the zone; an offset must be the zone's own
/// at that moment. Seconds are dropped.
pub(crate) fn instant(text: &str, zone: Tz, name: &str) -> Result<DateTime<Utc>, Failure> {
    let spaced = text.replacen(' ', "T", 1);
    let found = match DateTime::parse_from_rfc3339(&spaced)
        .or_else(|_| DateTime::parse_from_str(&spaced, "%Y-%m-%dT%H:%M%:z"))
    {
        Ok(instant) => {
            let expected = zone.offset_from_utc_datetime(&instant.naive_utc()).fix();
            if expected != *instant.offset() {
                let message = format!("timezone '{zone}' and timezone offset in '{text}' do not match");
                return Err(Failure::bare(StatusCode::NOT_FOUND, message));
            }
            Some(instant.with_timezone(&Utc))
        }
        Err(_) => parse_local(text)
            .and_then(|local| zone.from_local_datetime(&local).earliest())
            .map(|i| i.with_timezone(&Utc)),
    };
    let found = found.ok_or_else(|| Failure::invalid(&format!("'{name}' is not an ISO 8601 date: {text}")))?;
    Ok(whole_minute(found))
}

fn whole_minute(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant.with_second(0).and_then(|i| i.with_nanosecond(0)).unwrap_or(instant)
}

/// Checks a new span and moves a start in the current minute to the next.
pub(crate) fn span(
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(DateTime<Utc>, DateTime<Utc>), Failure> {
    let this_minute = whole_minute(now);
    if start < this_minute || end < now {
        return Err(Failure::invalid("Parameter 'start' or 'end' is before current time."));
    }
    if start > now + Duration::days(3650) {
        return Err(Failure::invalid("Parameter 'start' is more than 10 years from now."));
    }
    let length = end - start;
    if length < TimeDelta::minutes(10) || length > TimeDelta::minutes(23 * 60 + 59) {
        return Err(Failure::invalid("The duration of a meeting must be between 10 minutes and 23 hours 59 minutes."));
    }
    let start = if start == this_minute { start + TimeDelta::minutes(1) } else { start };
    Ok((start, end))
}

/// A time of a query: an instant, or wall time in the zone.
pub(crate) fn of_query(text: &str, zone: Tz, name: &str) -> Result<DateTime<Utc>, Failure> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.with_timezone(&Utc));
    }
    let local = parse_local(text).and_then(|local| zone.from_local_datetime(&local).earliest());
    local.map(|i| i.with_timezone(&Utc)).ok_or_else(|| Failure::invalid(&format!("'{name}' is not a date: {text}")))
}

/// `2019-11-01T20:00:00+08:00`, or with `Z` in UTC.
pub(crate) fn write(instant: DateTime<Utc>, zone: Tz) -> String {
    instant.with_timezone(&zone).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

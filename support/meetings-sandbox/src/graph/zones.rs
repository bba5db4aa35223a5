//! Time zones as Outlook writes them.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::Failure;
use crate::{
    time::parse_local,
    world::{Moment, zone_of},
};

/// The Windows name of a zone, or the name as it is.
pub(crate) fn windows_name(zone: &str) -> String {
    let found = zone.parse::<Tz>().ok().and_then(|tz| windows_timezones::WindowsTimezone::try_from(tz).ok());
    match found {
        Some(_) if zone == "UTC" => zone.to_owned(),
        Some(windows) => windows.name().to_owned(),
        None => zone.to_owned(),
    }
}

/// Reads a `dateTimeTimeZone`. A value with an offset is taken as that instant.
pub(crate) fn read(value: &Value, property: &str) -> Result<Moment, Failure> {
    let text = value["dateTime"].as_str();
    let Some(text) = text else {
        return Err(Failure::bad_request("ErrorInvalidRequest", format!("'{property}.dateTime' is missing.")));
    };
    let zone = value["timeZone"].as_str().unwrap_or("UTC");
    if zone_of(zone).is_none() {
        let message = format!(
            "A valid TimeZone value must be specified. The following TimeZone value is not supported: '{zone}'."
        );
        return Err(Failure::bad_request("TimeZoneNotSupportedException", message));
    }
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(at(instant.with_timezone(&Utc), zone));
    }
    let local = parse_local(text);
    let local =
        local.ok_or_else(|| Failure::bad_request("ErrorInvalidRequest", format!("'{text}' is not a date-time.")))?;
    Ok(Moment { local, zone: zone.to_owned() })
}

/// The same instant in another zone.
pub(crate) fn at(instant: DateTime<Utc>, zone: &str) -> Moment {
    let local = zone_of(zone).map_or_else(|| instant.naive_utc(), |tz| instant.with_timezone(&tz).naive_local());
    Moment { local, zone: zone.to_owned() }
}

/// Writes a moment in the zone the client prefers. Dates of all-day events float: they keep their value.
pub(crate) fn write(moment: &Moment, preferred: &str, all_day: bool) -> Value {
    let local = if all_day { moment.local } else { at(moment.utc(), preferred).local };
    let fraction = local.and_utc().timestamp_subsec_nanos() / 100;
    json!({ "dateTime": format!("{}.{fraction:07}", local.format("%Y-%m-%dT%H:%M:%S")), "timeZone": preferred })
}

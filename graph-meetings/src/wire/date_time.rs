use std::borrow::Cow;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use invitations_core::time::{TimeZone, WallTime};
use serde::{Deserialize, Serialize};

use crate::zones;

/// Graph's `dateTimeTimeZone`: a wall time without an offset, and the zone beside it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DateTimeTimeZone {
    pub(crate) date_time: String,
    #[serde(default)]
    pub(crate) time_zone: Option<Cow<'static, str>>,
}

impl DateTimeTimeZone {
    /// An instant, said in UTC.
    pub(crate) fn utc(instant: DateTime<Utc>) -> Self {
        Self::local(instant.naive_utc())
    }

    /// A wall time in UTC; for whole days the zone does not count.
    pub(crate) fn local(time: NaiveDateTime) -> Self {
        Self::in_zone(time, "UTC")
    }

    /// A wall time in a zone of this name.
    pub(crate) fn in_zone(time: NaiveDateTime, zone: impl Into<Cow<'static, str>>) -> Self {
        let mut date_time = String::with_capacity("2026-07-15T09:00:00".len());
        // a string takes it all
        let _ = time.format("%Y-%m-%dT%H:%M:%S").write_to(&mut date_time);
        Self { date_time, time_zone: Some(zone.into()) }
    }

    /// The wall time, whatever the zone. Seven fraction digits are usual; some servers add a `Z`.
    pub(crate) fn wall(&self) -> Option<NaiveDateTime> {
        let text = self.date_time.trim_end_matches('Z');
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()
    }

    /// The instant. Every request prefers UTC, so another zone is an exception.
    pub(crate) fn instant(&self) -> Option<DateTime<Utc>> {
        let zone = self.time_zone.as_deref().map_or(Some(TimeZone::UTC), |name| zones::known(name).ok())?;
        Some(WallTime::new(self.wall()?, zone).instant())
    }
}

/// Graph's `DateTimeOffset`, as meetings have it.
pub(crate) fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

/// An instant in a form that `DateTimeOffset` members and view windows take.
pub(crate) fn utc_text(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(date_time: &str, zone: Option<&str>) -> Option<String> {
        let value =
            DateTimeTimeZone { date_time: date_time.to_owned(), time_zone: zone.map(|zone| zone.to_owned().into()) };
        value.instant().map(utc_text)
    }

    #[test]
    fn trap_19_times_have_seven_fraction_digits_and_no_offset() {
        assert_eq!(at("2026-07-15T09:00:00.0000000", Some("UTC")).as_deref(), Some("2026-07-15T09:00:00Z"));
        assert_eq!(at("2026-07-15T09:00:00", Some("Europe/Berlin")).as_deref(), Some("2026-07-15T07:00:00Z"));
        let windows = at("2026-07-15T09:00:00", Some("W. Europe Standard Time"));
        assert_eq!(windows.as_deref(), Some("2026-07-15T07:00:00Z"));
        assert_eq!(at("2026-07-15T09:00:00", Some("Mars Standard Time")), None);
        assert_eq!(at("15.07.2026", Some("UTC")), None);
    }

    #[test]
    fn meetings_have_an_offset() {
        let text = "2020-02-06T01:49:21.3524945+01:00";
        assert_eq!(instant(text).map(utc_text).as_deref(), Some("2020-02-06T00:49:21Z"));
        assert_eq!(instant("2020-02-06T01:49:21"), None);
    }
}

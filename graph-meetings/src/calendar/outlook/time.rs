use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use invitations_core::{
    Result,
    time::{TimeZone, WallTime},
};
use serde_json::{Value, json};

use crate::{wire::DateTimeTimeZone, zones};

/// A time on the wall of a zone (`dateTimeTimeZone`): it has no offset, and the zone stands beside it (trap 19).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct ZonedTime {
    /// What the clock on the wall shows.
    pub local: NaiveDateTime,
    /// A Windows name ("Pacific Standard Time"), an IANA name, or `UTC`. Whole days float: their zone does not count when read.
    pub zone: String,
}

impl ZonedTime {
    /// A time on the wall of a zone.
    pub fn new(local: NaiveDateTime, zone: impl Into<String>) -> Self {
        Self { local, zone: zone.into() }
    }

    /// The beginning of a day, as whole days begin.
    pub fn midnight(date: NaiveDate) -> Self {
        Self::new(date.and_time(NaiveTime::MIN), "UTC")
    }

    /// The instant.
    ///
    /// # Errors
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) for a zone that is not known: it is never taken for UTC.
    pub fn instant(&self) -> Result<DateTime<Utc>> {
        Ok(WallTime::new(self.local, self.known_zone()?).instant())
    }

    pub(super) fn known_zone(&self) -> Result<TimeZone> {
        zones::time_zone(&self.zone)
    }

    pub(super) fn is_midnight(&self) -> bool {
        self.local.time() == NaiveTime::MIN
    }

    /// `None` when the date cannot be read.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let wire: DateTimeTimeZone = serde::Deserialize::deserialize(value).ok()?;
        Some(Self { local: wire.wall()?, zone: wire.time_zone.map_or_else(|| "UTC".to_owned(), Into::into) })
    }

    /// In a Windows zone, which every mailbox server knows; zones that Windows does not have are said in UTC.
    pub(super) fn written(&self) -> Result<Value> {
        let zone = self.known_zone()?;
        let (local, name) = match zones::windows_time_zone(zone) {
            Ok(windows) => (self.local, windows),
            Err(_) => (self.instant()?.naive_utc(), "UTC"),
        };
        let name = if zone == TimeZone::UTC { "UTC" } else { name };
        Ok(json!(DateTimeTimeZone::in_zone(local, name)))
    }
}

impl From<DateTime<Utc>> for ZonedTime {
    fn from(instant: DateTime<Utc>) -> Self {
        Self::new(instant.naive_utc(), "UTC")
    }
}

impl From<WallTime> for ZonedTime {
    fn from(time: WallTime) -> Self {
        Self::new(time.local(), time.zone().name())
    }
}

#[cfg(test)]
mod tests {
    use invitations_core::ErrorKind;

    use super::*;

    fn at(zone: &str) -> ZonedTime {
        ZonedTime::new("2026-07-15T09:00:00".parse().unwrap(), zone)
    }

    #[test]
    fn trap_19_a_zone_is_written_by_its_windows_name_and_an_unknown_one_is_never_utc() {
        for (zone, said, local) in [
            ("UTC", "UTC", "2026-07-15T09:00:00"),
            ("Europe/Berlin", "W. Europe Standard Time", "2026-07-15T09:00:00"),
            ("Pacific Standard Time", "Pacific Standard Time", "2026-07-15T09:00:00"),
            ("Antarctica/Troll", "UTC", "2026-07-15T07:00:00"),
        ] {
            assert_eq!(at(zone).written().unwrap(), json!({ "dateTime": local, "timeZone": said }), "{zone}");
        }
        for unknown in ["", "UTC+01:00", "tzone://Microsoft/Custom", "Mars"] {
            let errors = [at(unknown).written().unwrap_err(), at(unknown).instant().unwrap_err()];
            for error in errors {
                assert_eq!(error.kind(), ErrorKind::InvalidInput, "{unknown}");
                assert!(error.remedy().is_some(), "{unknown}");
            }
        }
    }

    #[test]
    fn times_are_read_with_seven_digits() {
        let read = ZonedTime::read(&json!({ "dateTime": "2026-07-15T09:00:00.0000000", "timeZone": "UTC" })).unwrap();
        assert_eq!(read, at("UTC"));
        assert_eq!(ZonedTime::read(&json!({ "dateTime": "soon", "timeZone": "UTC" })), None);
        assert_eq!(ZonedTime::read(&json!("2026-07-15")), None);
    }
}

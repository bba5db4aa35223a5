//! Names of time zones: Outlook's are those of Windows ("Pacific Standard Time"), ours those of IANA ("America/Los_Angeles").

mod unknown;
mod windows;

use chrono::{DateTime, NaiveDateTime, Offset as _, TimeZone as _, Utc};
use chrono_tz::Tz;
use invitations_core::{Error, Result, time::TimeZone};
use windows_timezones::WindowsTimezone;

pub use unknown::UnknownTimeZone;

/// The zone that a name of Graph means: a Windows name, an IANA name, or `tzone://Microsoft/Utc`.
///
/// A Windows zone stands for several IANA ones; the answer is the one that the Unicode CLDR names for the whole world
/// (`windowsZones`, territory 001), so "W. Europe Standard Time" is "Europe/Berlin".
///
/// # Errors
/// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) with [`UnknownTimeZone`] as its source. A zone that is not known is
/// never taken for UTC.
pub fn time_zone(name: &str) -> Result<TimeZone> {
    known(name).map_err(|unknown| {
        Error::invalid("read time zone", unknown.to_string()).with_remedy(unknown.remedy()).with_source(unknown)
    })
}

/// The Windows name of a zone, as Outlook has to be told it where a series repeats in that zone.
///
/// # Errors
/// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) with [`UnknownTimeZone::NoWindowsName`] as its source: Windows has
/// no zone with these rules.
pub fn windows_time_zone(zone: TimeZone) -> Result<&'static str> {
    windows::name(zone).ok_or_else(|| {
        let unknown = UnknownTimeZone::NoWindowsName;
        Error::invalid("write time zone", format!("{}: {unknown}", zone.name()))
            .with_remedy(unknown.remedy())
            .with_source(unknown)
    })
}

/// What a zone shows at an instant. Unlike `WallTime::from_instant` it stays in the zone: a series follows its wall.
pub(crate) fn wall(instant: DateTime<Utc>, zone: TimeZone) -> Option<NaiveDateTime> {
    let zone: Tz = zone.name().parse().ok()?;
    let offset = zone.offset_from_utc_datetime(&instant.naive_utc()).fix();
    instant.naive_utc().checked_add_offset(offset)
}

/// The zone that a name of Graph means.
pub(crate) fn known(name: &str) -> Result<TimeZone, UnknownTimeZone> {
    match name.trim() {
        "" => Err(UnknownTimeZone::Unnamed),
        "UTC" | "tzone://Microsoft/Utc" => Ok(TimeZone::UTC),
        // rules of its own, made by another program; Graph does not tell them
        "tzone://Microsoft/Custom" | "Customized Time Zone" => Err(UnknownTimeZone::Custom),
        name => {
            let iana = name.parse::<WindowsTimezone>().map_or(name, |windows| Tz::from(windows).name());
            TimeZone::parse(iana).map_err(|_| UnknownTimeZone::NoSuchName)
        }
    }
}

#[cfg(test)]
mod tests;

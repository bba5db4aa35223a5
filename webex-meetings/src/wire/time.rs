use chrono::{DateTime, Datelike as _, NaiveDateTime, SecondsFormat, Timelike as _, Utc};
use chrono_tz::Tz;
use invitations_core::time::{Slot, TimeZone, WallTime};

/// The shortest meeting, and the longest: 10 minutes, and 23 hours 59 minutes (`POST /meetings`).
const LENGTHS: std::ops::RangeInclusive<i64> = 10..=23 * 60 + 59;

/// Start, end and zone of a slot, as Webex takes them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct WrittenSlot {
    pub(crate) start: String,
    pub(crate) end: String,
    pub(crate) timezone: &'static str,
}

/// Wall time with the offset that the zone has at that moment, and the zone: any other offset is refused, and without
/// the zone a series would not follow its clock changes. Webex drops seconds; so does this.
pub(crate) fn write_slot(slot: &Slot) -> Result<WrittenSlot, &'static str> {
    let (start, end) = (whole_minute(slot.start_instant()), whole_minute(slot.end_instant()));
    if !(1970..=9998).contains(&start.year()) || !(1970..=9998).contains(&end.year()) {
        return Err("the time is not between the years 1970 and 9998");
    }
    if !LENGTHS.contains(&(end - start).num_minutes()) {
        return Err("a Webex meeting lasts from 10 minutes to 23 hours 59 minutes");
    }
    let zone = Some(slot.start.zone()).filter(|zone| *zone != TimeZone::UNTOLD).unwrap_or_default();
    let known: Tz = zone.name().parse().map_err(|_| "the time zone is not known")?;
    let write = |instant: DateTime<Utc>| {
        instant.with_timezone(&known).to_rfc3339_opts(SecondsFormat::Secs, zone == TimeZone::UTC)
    };
    Ok(WrittenSlot { start: write(start), end: write(end), timezone: zone.name() })
}

/// An instant for a query, in UTC. Webex has no times outside four-digit years.
pub(crate) fn write_instant(instant: DateTime<Utc>) -> String {
    let first = DateTime::UNIX_EPOCH;
    let last = DateTime::from_timestamp(253_370_764_800, 0).unwrap_or(first); // the year 9999
    instant.clamp(first, last).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Webex drops seconds.
pub(crate) fn whole_minute(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant.with_second(0).and_then(|instant| instant.with_nanosecond(0)).unwrap_or(instant)
}

/// Any documented form: with `Z` or an offset, with or without seconds and fractions, with `T` or a space. Without an
/// offset it is wall time in `zone`.
pub(crate) fn read_instant(text: &str, zone: TimeZone) -> Option<DateTime<Utc>> {
    let text = text.trim().replacen(' ', "T", 1);
    if let Ok(instant) = DateTime::parse_from_rfc3339(&text) {
        return Some(instant.to_utc());
    }
    // `%#z` takes +08, +0800 and +08:00
    let with_offset = ["%Y-%m-%dT%H:%M%#z", "%Y-%m-%dT%H:%M:%S%.f%#z"];
    if let Some(instant) = with_offset.iter().find_map(|form| DateTime::parse_from_str(&text, form).ok()) {
        return Some(instant.to_utc());
    }
    let (local, zone) = match text.strip_suffix(['Z', 'z']) {
        Some(local) => (local, TimeZone::UTC),
        None => (text.as_str(), zone),
    };
    let forms = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    let local = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(local, form).ok())?;
    Some(WallTime::new(local, zone).instant())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn slot(local: &str, zone: &str, minutes: u64) -> Slot {
        let zone = TimeZone::parse(zone).unwrap();
        Slot { start: WallTime::new(local.parse().unwrap(), zone), duration: Duration::from_secs(60 * minutes) }
    }

    #[test]
    fn the_offset_is_the_zones_own_at_that_moment() {
        for (local, zone, start, end) in [
            ("2026-07-15T09:00:00", "UTC", "2026-07-15T09:00:00Z", "2026-07-15T10:00:00Z"),
            ("2026-07-15T09:00:00", "Europe/Paris", "2026-07-15T09:00:00+02:00", "2026-07-15T10:00:00+02:00"),
            ("2026-01-15T09:00:00", "Europe/Paris", "2026-01-15T09:00:00+01:00", "2026-01-15T10:00:00+01:00"),
            ("2026-01-15T09:00:00", "Europe/London", "2026-01-15T09:00:00+00:00", "2026-01-15T10:00:00+00:00"),
            ("2026-01-15T09:00:00", "Asia/Calcutta", "2026-01-15T09:00:00+05:30", "2026-01-15T10:00:00+05:30"),
            // clocks go back while it lasts: the end is the second 02:30
            ("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"),
            // a time that is never shown
            ("2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T03:30:00+02:00", "2026-03-29T04:30:00+02:00"),
            // a time that was read
            ("2026-07-15T09:00:00", "Etc/Universal", "2026-07-15T09:00:00Z", "2026-07-15T10:00:00Z"),
            // seconds are dropped
            ("2026-07-15T09:00:59", "UTC", "2026-07-15T09:00:00Z", "2026-07-15T10:00:00Z"),
        ] {
            let written = write_slot(&slot(local, zone, 60)).unwrap();
            assert_eq!((written.start.as_str(), written.end.as_str()), (start, end), "{local} {zone}");
            assert_eq!(written.timezone, if zone == "Etc/Universal" { "UTC" } else { zone });
        }
    }

    #[test]
    fn too_short_and_too_long_are_refused() {
        for (minutes, fits) in [(0, false), (9, false), (10, true), (23 * 60 + 59, true), (24 * 60, false)] {
            assert_eq!(write_slot(&slot("2026-07-15T09:00:00", "UTC", minutes)).is_ok(), fits, "{minutes}");
        }
        assert!(write_slot(&slot("+12026-07-15T09:00:00", "Asia/Tokyo", 30)).is_err());
        assert_eq!(write_instant(DateTime::<Utc>::MAX_UTC), "9999-01-01T00:00:00Z");
        assert_eq!(write_instant(DateTime::<Utc>::MIN_UTC), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn every_documented_form_is_read() {
        let shanghai = TimeZone::parse("Asia/Shanghai").unwrap();
        for (text, instant) in [
            ("2019-11-01T12:00:00Z", "2019-11-01T12:00:00Z"),
            ("2019-11-01T20:00:00+08:00", "2019-11-01T12:00:00Z"),
            ("2019-11-01T20:00:00+0800", "2019-11-01T12:00:00Z"),
            ("2019-11-01T20:00+08:00", "2019-11-01T12:00:00Z"),
            ("2020-06-02T20:30:15.042Z", "2020-06-02T20:30:15.042Z"),
            ("2015-10-18T14:26:16+00:00", "2015-10-18T14:26:16Z"),
            ("2019-11-01 20:00:00", "2019-11-01T12:00:00Z"),
            ("2019-11-01T20:00", "2019-11-01T12:00:00Z"),
            ("2019-11-01T12:00Z", "2019-11-01T12:00:00Z"),
        ] {
            assert_eq!(read_instant(text, shanghai), Some(utc(instant)), "{text}");
        }
        for none in ["", "soon", "2019-11-01", "2019-13-01T00:00:00Z", "é019-11-01T20:00:00+08:00"] {
            assert_eq!(read_instant(none, shanghai), None, "{none}");
        }
    }
}

use std::{ops::Range, time::Duration};

use chrono::{DateTime, NaiveDateTime, Offset as _, TimeZone as _, Utc};
use chrono_tz::GapInfo;

use super::{TimeRange, TimeZone};
use crate::{Error, Result};

/// The longest slot, in seconds: 366 days.
const LONGEST: u64 = 366 * 24 * 60 * 60;

/// What the clock on the wall shows in a zone. This is the truth; the instant is derived, because the rules of zones change.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
pub struct WallTime {
    local: NaiveDateTime,
    zone: TimeZone,
}

impl WallTime {
    /// `local` as shown in `zone`.
    pub fn new(local: NaiveDateTime, zone: TimeZone) -> Self {
        Self { local, zone }
    }

    /// What `zone` shows at `instant`; always reads back as the same [`instant`](Self::instant).
    ///
    /// An instant that no wall time of the zone can name is kept in UTC instead: one in the second of the two hours that are
    /// shown twice when clocks go back, or at the far ends of the calendar.
    pub fn from_instant(instant: DateTime<Utc>, zone: TimeZone) -> Self {
        let utc = instant.naive_utc();
        let offset = zone.tz().offset_from_utc_datetime(&utc).fix();
        utc.checked_add_offset(offset)
            .map(|local| Self { local, zone })
            .filter(|wall| wall.instant() == instant)
            .unwrap_or(Self { local: utc, zone: TimeZone::UTC })
    }

    /// The date and time on the wall.
    pub fn local(&self) -> NaiveDateTime {
        self.local
    }

    /// The zone of the wall.
    pub fn zone(&self) -> TimeZone {
        self.zone
    }

    /// The instant in UTC, by today's rules of the zone.
    ///
    /// A time that is shown twice (clocks go back) is the earlier one; a time that is never shown (clocks go forward) is moved
    /// forward by the gap, as RFC 5545, 3.3.5 says.
    pub fn instant(&self) -> DateTime<Utc> {
        let zone = self.zone.tz();
        let found = match zone.offset_from_local_datetime(&self.local) {
            chrono::LocalResult::Single(offset) => self.local.checked_sub_offset(offset.fix()),
            chrono::LocalResult::Ambiguous(one, other) => {
                let read = |offset| self.local.checked_sub_offset(offset);
                read(one.fix()).min(read(other.fix()))
            }
            // read with the offset before the gap, which is the same as moving it forward
            chrono::LocalResult::None => GapInfo::new(&self.local, &zone)
                .and_then(|gap| gap.begin)
                .and_then(|(_, before)| self.local.checked_sub_offset(before.fix())),
        };
        found.unwrap_or(self.local).and_utc()
    }
}

/// When something takes place: from when, for how long.
///
/// `duration` is elapsed time, so the end on the wall differs when clocks change meanwhile. Providers count whole seconds and
/// refuse a duration of zero as [`InvalidInput`](crate::ErrorKind::InvalidInput).
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[expect(clippy::exhaustive_structs, reason = "start and duration are what a slot is; literals read well")]
pub struct Slot {
    /// When it begins.
    pub start: WallTime,
    /// For how long. Stored in whole seconds; a part of a second is dropped.
    #[serde(with = "whole_seconds")]
    pub duration: Duration,
}

impl Slot {
    /// A slot that begins at `start` and belongs to `zone` (see [`WallTime::from_instant`]). A part of a second in `duration`
    /// is dropped.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when it lasts less than a second or more than 366 days.
    pub fn at(start: DateTime<Utc>, duration: Duration, zone: TimeZone) -> Result<Self> {
        let seconds = duration.as_secs();
        if !(1..=LONGEST).contains(&seconds) || duration > Duration::from_secs(LONGEST) {
            return Err(Error::invalid("make slot", "a slot lasts from one second to 366 days"));
        }
        Ok(Self { start: WallTime::from_instant(start, zone), duration: Duration::from_secs(seconds) })
    }

    /// When it begins, in UTC.
    pub fn start_instant(&self) -> DateTime<Utc> {
        self.start.instant()
    }

    /// When it ends, in UTC; the end of the calendar when it would be later.
    pub fn end_instant(&self) -> DateTime<Utc> {
        chrono::Duration::from_std(self.duration)
            .ok()
            .and_then(|duration| self.start_instant().checked_add_signed(duration))
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// From its start to its end, in UTC.
    pub fn range(&self) -> TimeRange {
        TimeRange::new(self.start_instant(), self.end_instant())
    }
}

/// In UTC; [`Slot::at`] for a zone. An inverted range, or one of less than a second, lasts zero seconds, which providers refuse
/// as [`InvalidInput`](crate::ErrorKind::InvalidInput).
impl From<Range<DateTime<Utc>>> for Slot {
    fn from(range: Range<DateTime<Utc>>) -> Self {
        let seconds = range.end.signed_duration_since(range.start).num_seconds();
        let duration = Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
        Self { start: WallTime::new(range.start.naive_utc(), TimeZone::UTC), duration }
    }
}

mod whole_seconds {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(duration.as_secs())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_secs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn wall(local: &str, zone: &str) -> WallTime {
        WallTime::new(local.parse().unwrap(), TimeZone::parse(zone).unwrap())
    }

    #[test]
    fn wall_time_follows_the_zone() {
        for (local, zone, instant) in [
            ("2026-01-15T09:00:00", "Europe/Berlin", "2026-01-15T08:00:00Z"),
            ("2026-07-15T09:00:00", "Europe/Berlin", "2026-07-15T07:00:00Z"),
            ("2026-07-15T09:00:00", "Asia/Kathmandu", "2026-07-15T03:15:00Z"),
            ("2026-07-15T09:00:00", "UTC", "2026-07-15T09:00:00Z"),
        ] {
            let wall = wall(local, zone);
            assert_eq!(wall.instant(), utc(instant), "{local} {zone}");
            assert_eq!(WallTime::from_instant(utc(instant), wall.zone()), wall);
        }
    }

    #[test]
    fn a_time_that_is_never_shown_moves_forward_by_the_gap() {
        for (local, zone, instant) in [
            // 02:00 to 03:00 is skipped: 02:30 is 03:30 in summer time
            ("2026-03-29T02:00:00", "Europe/Berlin", "2026-03-29T01:00:00Z"),
            ("2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T01:30:00Z"),
            ("2026-03-29T03:00:00", "Europe/Berlin", "2026-03-29T01:00:00Z"),
            ("2026-03-08T02:30:00", "America/New_York", "2026-03-08T07:30:00Z"),
            // half an hour only
            ("2026-10-04T02:15:00", "Australia/Lord_Howe", "2026-10-03T15:45:00Z"),
            // a whole day: Samoa went over the date line
            ("2011-12-30T12:00:00", "Pacific/Apia", "2011-12-30T22:00:00Z"),
        ] {
            assert_eq!(wall(local, zone).instant(), utc(instant), "{local} {zone}");
        }
    }

    #[test]
    fn a_time_that_is_shown_twice_is_the_earlier_one() {
        for (local, zone, instant) in [
            ("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T00:30:00Z"),
            ("2026-11-01T01:30:00", "America/New_York", "2026-11-01T05:30:00Z"),
            ("2026-04-05T01:45:00", "Australia/Lord_Howe", "2026-04-04T14:45:00Z"),
        ] {
            assert_eq!(wall(local, zone).instant(), utc(instant), "{local} {zone}");
        }
    }

    #[test]
    fn an_instant_always_reads_back() {
        let berlin = TimeZone::parse("Europe/Berlin").unwrap();
        // 02:30 is shown at 00:30 and again at 01:30; only the earlier one has a name
        let (first, second) = (utc("2026-10-25T00:30:00Z"), utc("2026-10-25T01:30:00Z"));
        assert_eq!(WallTime::from_instant(first, berlin), wall("2026-10-25T02:30:00", "Europe/Berlin"));
        assert_eq!(WallTime::from_instant(second, berlin), wall("2026-10-25T01:30:00", "UTC"));
        for zone in ["Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns"] {
            let zone = TimeZone::parse(zone).unwrap();
            for quarter in 0..4 * 24 * 366 {
                let instant = utc("2011-01-01T00:00:00Z") + chrono::Duration::minutes(15 * quarter);
                assert_eq!(WallTime::from_instant(instant, zone).instant(), instant, "{instant} {zone}");
            }
        }
    }

    #[test]
    fn the_ends_of_the_calendar_do_not_panic() {
        for zone in ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin"] {
            let zone = TimeZone::parse(zone).unwrap();
            for local in [NaiveDateTime::MIN, NaiveDateTime::MAX] {
                let slot = Slot { start: WallTime::new(local, zone), duration: Duration::MAX };
                assert_eq!(slot.end_instant(), DateTime::<Utc>::MAX_UTC);
            }
            for instant in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
                assert_eq!(WallTime::from_instant(instant, zone).instant(), instant);
            }
        }
    }

    #[test]
    fn a_slot_lasts_elapsed_time_over_a_change_of_clocks() {
        let slot = Slot { start: wall("2026-03-29T01:30:00", "Europe/Berlin"), duration: Duration::from_secs(3600) };
        assert_eq!(slot.range(), TimeRange::new(utc("2026-03-29T00:30:00Z"), utc("2026-03-29T01:30:00Z")));
    }

    #[test]
    fn slots_of_no_length_or_over_a_year_are_refused() {
        let zone = TimeZone::parse("Europe/Berlin").unwrap();
        let start = utc("2026-07-15T07:00:00Z");
        let longest = Duration::from_secs(LONGEST);
        for bad in [Duration::ZERO, Duration::from_millis(999), longest + Duration::from_nanos(1), Duration::MAX] {
            assert_eq!(Slot::at(start, bad, zone).unwrap_err().kind(), ErrorKind::InvalidInput, "{bad:?}");
        }
        assert!(Slot::at(start, longest, zone).is_ok());
        let slot = Slot::at(start, Duration::from_millis(2700), zone).unwrap();
        assert_eq!(
            slot,
            Slot { start: wall("2026-07-15T09:00:00", "Europe/Berlin"), duration: Duration::from_secs(2) }
        );
    }

    #[test]
    fn a_range_of_instants_is_a_slot_in_utc() {
        let (start, end) = (utc("2026-07-15T09:00:00Z"), utc("2026-07-15T10:30:00Z"));
        let slot = Slot::from(start..end);
        assert_eq!(slot, Slot { start: wall("2026-07-15T09:00:00", "UTC"), duration: Duration::from_secs(5400) });
        assert_eq!((slot.start_instant(), slot.end_instant()), (start, end));
        assert_eq!(Slot::from(end..start).duration, Duration::ZERO);
        assert_eq!(Slot::from(DateTime::<Utc>::MAX_UTC..DateTime::<Utc>::MIN_UTC).duration, Duration::ZERO);
    }

    #[test]
    fn json_keeps_wall_time_and_whole_seconds() {
        let slot = Slot { start: wall("2026-03-29T02:30:00", "Europe/Berlin"), duration: Duration::from_secs(90) };
        let json = serde_json::to_string(&slot).unwrap();
        assert_eq!(json, r#"{"start":{"local":"2026-03-29T02:30:00","zone":"Europe/Berlin"},"duration":90}"#);
        assert_eq!(serde_json::from_str::<Slot>(&json).unwrap(), slot);
    }
}

use std::{ops::Range, time::Duration};

use chrono::{DateTime, Utc};

/// Instants in UTC from `from` (in it) to `until` (no longer in it). Inverted bounds are an empty range.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[expect(clippy::exhaustive_structs, reason = "two bounds, complete by definition")]
pub struct TimeRange {
    /// The first instant of it.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub until: DateTime<Utc>,
}

impl TimeRange {
    /// From `from` up to, but without, `until`.
    pub fn new(from: DateTime<Utc>, until: DateTime<Utc>) -> Self {
        Self { from, until }
    }

    /// Whether no instant is in it.
    pub fn is_empty(&self) -> bool {
        self.from >= self.until
    }

    /// Whether `instant` is in it.
    pub fn contains(&self, instant: DateTime<Utc>) -> bool {
        self.from <= instant && instant < self.until
    }

    /// Whether some instant is in both. Ranges that only touch do not overlap.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.from.max(other.from) < self.until.min(other.until)
    }

    /// The range with `by` more on both ends, as far as the calendar goes.
    #[must_use]
    pub fn widened(&self, by: Duration) -> Self {
        let by = chrono::Duration::from_std(by).unwrap_or(chrono::Duration::MAX);
        Self {
            from: self.from.checked_sub_signed(by).unwrap_or(DateTime::<Utc>::MIN_UTC),
            until: self.until.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC),
        }
    }
}

impl From<Range<DateTime<Utc>>> for TimeRange {
    fn from(range: Range<DateTime<Utc>>) -> Self {
        Self::new(range.start, range.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn range(from: i64, until: i64) -> TimeRange {
        TimeRange::new(at(from), at(until))
    }

    #[test]
    fn the_end_is_not_in_it() {
        let range = range(10, 20);
        assert!(range.contains(at(10)) && range.contains(at(19)));
        assert!(!range.contains(at(9)) && !range.contains(at(20)));
    }

    #[test]
    fn overlap_means_a_common_instant() {
        for (one, other, common) in [
            (range(0, 10), range(10, 20), false),
            (range(0, 11), range(10, 20), true),
            (range(0, 30), range(10, 20), true),
            (range(0, 30), range(10, 10), false),
            (range(0, 30), range(20, 10), false),
            (range(0, 5), range(10, 20), false),
        ] {
            assert_eq!((one.overlaps(&other), other.overlaps(&one)), (common, common), "{one:?} {other:?}");
        }
        assert!(range(20, 10).is_empty() && range(10, 10).is_empty() && !range(10, 11).is_empty());
    }

    #[test]
    fn widening_stops_at_the_ends_of_the_calendar() {
        assert_eq!(range(10, 20).widened(Duration::from_secs(5)), range(5, 25));
        let widest = TimeRange::new(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        assert_eq!(range(10, 20).widened(Duration::MAX), widest);
        assert_eq!(widest.widened(Duration::from_nanos(1)), widest);
    }

    #[test]
    fn json_is_two_instants() {
        let json = serde_json::to_string(&range(0, 60)).unwrap();
        assert_eq!(json, r#"{"from":"1970-01-01T00:00:00Z","until":"1970-01-01T00:01:00Z"}"#);
        assert_eq!(serde_json::from_str::<TimeRange>(&json).unwrap(), range(0, 60));
    }
}

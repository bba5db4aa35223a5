use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};

use super::{Slot, TimeRange};

/// When a calendar event takes place.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventTime {
    /// Whole days, without a zone: the same dates for everybody.
    AllDay {
        /// The first day.
        from: NaiveDate,
        /// How many days; providers refuse zero.
        days: u16,
    },
    /// From an hour on, for a while.
    Timed(Slot),
}

impl EventTime {
    /// The instants it covers, in UTC.
    ///
    /// Whole days are taken from midnight to midnight in UTC; widen the range by 14 hours for every place on earth.
    pub fn range(&self) -> TimeRange {
        match self {
            Self::AllDay { from, days } => {
                let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc();
                let until = from.checked_add_days(Days::new((*days).into()));
                TimeRange::new(midnight(*from), until.map_or(DateTime::<Utc>::MAX_UTC, midnight))
            }
            Self::Timed(slot) => slot.range(),
        }
    }
}

impl From<Slot> for EventTime {
    fn from(slot: Slot) -> Self {
        Self::Timed(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn whole_days_end_at_midnight() {
        let time = EventTime::AllDay { from: "2026-02-28".parse().unwrap(), days: 2 };
        assert_eq!(time.range(), TimeRange::new(utc("2026-02-28T00:00:00Z"), utc("2026-03-02T00:00:00Z")));
        let none = EventTime::AllDay { from: "2026-02-28".parse().unwrap(), days: 0 };
        assert!(none.range().is_empty());
    }

    #[test]
    fn the_last_day_of_the_calendar_does_not_panic() {
        let time = EventTime::AllDay { from: NaiveDate::MAX, days: u16::MAX };
        assert_eq!(time.range().until, DateTime::<Utc>::MAX_UTC);
    }

    #[test]
    fn json_tells_the_two_kinds_apart() {
        let slot = Slot::from(utc("2026-07-15T09:00:00Z")..utc("2026-07-15T10:00:00Z"));
        let timed = EventTime::from(slot.clone());
        assert_eq!(timed.range(), slot.range());
        let all_day = EventTime::AllDay { from: "2026-07-15".parse().unwrap(), days: 1 };
        for (time, json) in [
            (timed, r#"{"timed":{"start":{"local":"2026-07-15T09:00:00","zone":"UTC"},"duration":3600}}"#),
            (all_day, r#"{"all_day":{"from":"2026-07-15","days":1}}"#),
        ] {
            assert_eq!(serde_json::to_string(&time).unwrap(), json);
            assert_eq!(serde_json::from_str::<EventTime>(json).unwrap(), time);
        }
    }
}

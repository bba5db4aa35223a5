//! Meetings that repeat: events do, online meetings do not.

use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    provider::MeetingDraft,
    time::{EventTime, Slot, TimeZone},
};
use serde_json::{Map, Value, json};

use crate::{
    calendar::recurrence::{self, Series, WireRecurrence},
    zones,
};

/// How an event repeats.
pub(super) enum Repeats {
    /// It does not, or is one event of a series.
    Once,
    /// As a series, on the walls of this zone, where both can be read.
    Series(Option<(Series, TimeZone)>),
}

impl Repeats {
    /// As Graph answers. What is not known here is no obstacle to joining.
    pub(super) fn read(kind: &str, there: Option<&WireRecurrence>, original_zone: Option<&str>) -> Self {
        let Some(there) = there else {
            return if kind.eq_ignore_ascii_case("seriesMaster") { Self::Series(None) } else { Self::Once };
        };
        let zone = zones::known(there.zone().or(original_zone).unwrap_or_default());
        Self::Series(recurrence::read(there).zip(zone.ok()))
    }
}

/// An online meeting does not repeat.
pub(super) fn refuse(draft: &MeetingDraft) -> Result<()> {
    match draft.recurrence {
        None => Ok(()),
        Some(_) => Err(Error::new(ErrorKind::Unsupported, "create meeting")
            .with_provider(crate::provider_id())
            .with_detail("the meeting would repeat")
            .with_remedy(Remedy::new("Make one meeting for each time, or a calendar event that repeats."))),
    }
}

/// `start`, `end` and `recurrence` of a draft that repeats; `None` for one that does not.
pub(super) fn written(draft: &MeetingDraft) -> Result<Option<Map<String, Value>>> {
    let operation = "create meeting";
    let Some(rule) = &draft.recurrence else { return Ok(None) };
    let series = recurrence::series(operation, rule, &EventTime::Timed(draft.slot.clone()))?;
    let mut members = times(operation, &draft.slot)?;
    members.insert("recurrence".to_owned(), recurrence::written(&series));
    Ok(Some(members))
}

/// `start` and `end` of a series that gets another time, and the series itself where its dates or its zone change: saying it again
/// undoes what was changed in single occurrences.
pub(super) fn moved(there: Option<&(Series, TimeZone)>, slot: &Slot) -> Result<Map<String, Value>> {
    let operation = "update meeting";
    let Some((series, zone)) = there else {
        return Err(Error::new(ErrorKind::Unsupported, operation)
            .with_provider(crate::provider_id())
            .with_detail("the series repeats in a way, or in a time zone, that is not known")
            .with_remedy(Remedy::new("Change its time in Outlook, or cancel it and make another.")));
    };
    let mut members = times(operation, slot)?;
    let date = slot.start.local().date();
    let same_clock = zones::windows_time_zone(*zone).ok() == zones::windows_time_zone(slot.start.zone()).ok();
    if date != series.start() || !same_clock {
        let series = recurrence::moved(operation, series, date)?;
        members.insert("recurrence".to_owned(), recurrence::written(&series));
    }
    Ok(members)
}

/// In the series' own zone.
fn times(operation: &'static str, slot: &Slot) -> Result<Map<String, Value>> {
    let [start, end] = recurrence::wall::written(operation, slot)?;
    Ok(Map::from_iter([("start".to_owned(), json!(start)), ("end".to_owned(), json!(end))]))
}

#[cfg(test)]
mod tests {
    use invitations_core::time::{Recurrence, WallTime};

    use super::*;

    fn slot(local: &str, zone: &str) -> Slot {
        let start = WallTime::new(local.parse().unwrap(), TimeZone::parse(zone).unwrap());
        Slot { start, duration: std::time::Duration::from_secs(3600) }
    }

    fn series(rule: &str, start: &str) -> (Series, TimeZone) {
        let slot = slot(start, "Europe/Berlin");
        let zone = slot.start.zone();
        (recurrence::series("test", &Recurrence::parse(rule).unwrap(), &slot.into()).unwrap(), zone)
    }

    #[test]
    fn the_rule_is_said_again_only_where_date_or_zone_change() {
        let there = series("FREQ=WEEKLY;COUNT=4", "2027-03-15T10:00:00");
        for (local, zone, said) in [
            ("2027-03-15T11:00:00", "Europe/Berlin", false),
            // the same clock by Windows' reckoning
            ("2027-03-15T11:00:00", "Europe/Vienna", false),
            ("2027-03-15T10:00:00", "Europe/London", true),
            ("2027-03-15T10:00:00", "UTC", true),
            ("2027-03-22T10:00:00", "Europe/Berlin", true),
        ] {
            let members = moved(Some(&there), &slot(local, zone)).unwrap();
            assert_eq!(members.contains_key("recurrence"), said, "{local} {zone}");
        }
    }

    #[test]
    fn a_series_begins_in_no_zone_that_was_not_told() {
        let untold = Slot {
            start: WallTime::new("2027-03-15T10:00:00".parse().unwrap(), TimeZone::UNTOLD),
            ..slot("2027-03-15T10:00:00", "UTC")
        };
        let there = series("FREQ=WEEKLY;COUNT=4", "2027-03-15T10:00:00");
        let draft = |slot: &Slot| MeetingDraft::new("Maths", slot.clone());
        let weekly = draft(&untold).with_recurrence(Recurrence::parse("FREQ=WEEKLY").unwrap());
        for error in [moved(Some(&there), &untold).unwrap_err(), written(&weekly).unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.remedy().unwrap().action.contains("TimeZone::UTC"), "{error}");
        }
        assert!(written(&draft(&untold)).unwrap().is_none(), "a single meeting has nothing but its instant");
    }

    #[test]
    fn the_day_of_a_rule_on_one_day_goes_along() {
        let pattern = |rule: &str, from: &str, to: &str| {
            let there = series(rule, &format!("{from}T10:00:00"));
            let members = moved(Some(&there), &slot(&format!("{to}T10:00:00"), "Europe/Berlin"));
            members.map(|members| members["recurrence"]["pattern"].clone())
        };
        let monthly = pattern("FREQ=MONTHLY", "2027-03-15", "2027-03-16").unwrap();
        assert_eq!(monthly["dayOfMonth"], 16);
        let yearly = pattern("FREQ=YEARLY", "2027-03-15", "2027-04-16").unwrap();
        assert_eq!((&yearly["month"], &yearly["dayOfMonth"]), (&json!(4), &json!(16)));
        // what is not one day stays, and has to have the new date
        assert!(pattern("FREQ=MONTHLY;BYDAY=3MO", "2027-03-15", "2027-03-16").is_err());
        assert!(pattern("FREQ=MONTHLY;BYDAY=3MO", "2027-03-15", "2027-04-19").is_ok());
        assert!(pattern("FREQ=MONTHLY", "2027-03-15", "2027-03-30").is_err(), "a day that months lack");
        assert!(pattern("FREQ=MONTHLY;BYMONTHDAY=-1", "2027-03-31", "2027-04-30").is_ok());
        assert!(pattern("FREQ=DAILY;UNTIL=20270320T090000Z", "2027-03-15", "2027-03-22").is_err(), "after its end");
    }
}

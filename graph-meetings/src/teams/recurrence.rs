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

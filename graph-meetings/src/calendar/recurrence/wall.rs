use chrono::{Duration, NaiveDateTime};
use invitations_core::{
    Error, Result,
    time::{Slot, TimeZone, WallTime},
};

use super::UnsupportedRecurrence;
use crate::{wire::DateTimeTimeZone, zones};

/// Start and end of a series' first event, in its own zone by the Windows name: said in UTC it would move when clocks change.
pub(crate) fn written(operation: &'static str, slot: &Slot) -> Result<[DateTimeTimeZone; 2]> {
    let zone = zones::windows_time_zone(slot.start.zone())?;
    let local = slot.start.local();
    // on the wall: when clocks change in the first event, they do not in the others
    let until = Duration::from_std(slot.duration).ok().and_then(|length| local.checked_add_signed(length));
    let until = until.ok_or_else(|| Error::invalid(operation, "the event ends after the calendar"))?;
    shown(operation, [local, until], slot.start.zone())?;
    Ok([DateTimeTimeZone::in_zone(local, zone), DateTimeTimeZone::in_zone(until, zone)])
}

/// Refuses a first event that begins or ends in an hour that clocks skip: Graph has no word for it, for it would answer the same instant
/// for both ends, or another length, and the series would never be read as it was written.
///
/// And refuses a zone that was not told: in UTC the series would not follow its own clocks.
pub(crate) fn shown(operation: &'static str, walls: [NaiveDateTime; 2], zone: TimeZone) -> Result<()> {
    if zone == TimeZone::UNTOLD {
        return Err(UnsupportedRecurrence::ZoneNotTold.into_error(operation));
    }
    let is_shown = |local: NaiveDateTime| zones::wall(WallTime::new(local, zone).instant(), zone) == Some(local);
    match walls.into_iter().all(is_shown) {
        true => Ok(()),
        false => Err(UnsupportedRecurrence::SkippedHour.into_error(operation)),
    }
}

/// The first event of a series on the wall of its zone, where it lasts as long as the others. What was asked for is UTC.
pub(crate) fn read(start: &DateTimeTimeZone, end: &DateTimeTimeZone, zone: TimeZone) -> Option<Slot> {
    let wall = |moment: &DateTimeTimeZone| zones::wall(moment.instant()?, zone);
    let (start, end) = (wall(start)?, wall(end)?);
    let duration = (end - start).to_std().ok()?;
    Some(Slot { start: WallTime::new(start, zone), duration })
}

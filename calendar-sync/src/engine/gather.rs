//! What a run begins with: the records, the rows that they no longer name, the events of a store that was lost.

use std::collections::{BTreeMap, HashMap, HashSet};

use invitations_core::{
    Error, ErrorKind, Result,
    ids::BindingId,
    provider::{CalendarEvent, CalendarProvider, CalendarProviderExt as _, Marker},
    time::TimeRange,
};

use super::CalendarSync;
use crate::{Binding, Desired, Mapping, MappingState, Source, SourceId, SourceNext, canonical, plan};

/// How many rows are read at a time.
pub(super) const ROWS: usize = 500;

/// How many incarnations of a record are looked for in a calendar whose rows were lost.
const INCARNATIONS: u32 = 8;

/// Everybody on earth has a day's midnight within 14 hours of UTC's; a day is enough for both ends.
const A_DAY: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

/// Rows whose records are missing from a complete reading of the source.
#[derive(Debug, Default)]
pub(super) struct Missing {
    pub(super) gone: Vec<Desired>,
    live: usize,
}

impl Missing {
    pub(super) fn held(&self) -> bool {
        plan::too_many(self.gone.len(), self.live)
    }
}

/// Events of ours that were found in the calendar, by their keys.
pub(super) type Known = HashMap<Marker, CalendarEvent>;

/// Every record, and whether the end proves that there are no others.
pub(super) async fn read(source: &dyn Source) -> Result<(Vec<Desired>, bool)> {
    let (mut records, mut seen, mut page) = (Vec::new(), HashSet::new(), None);
    loop {
        let got = source.all(page.as_ref()).await?;
        records.extend(got.items);
        match got.next {
            SourceNext::EndOfAll => return Ok((records, true)),
            SourceNext::EndOfChanges(_) => return Ok((records, false)),
            SourceNext::More(next) => {
                if !seen.insert(next.clone()) {
                    return Err(Error::new(ErrorKind::Protocol, "read source")
                        .with_detail("a page leads back to one already read"));
                }
                page = Some(next);
            }
        }
    }
}

/// The newest version of each record, in order. Of two equal versions the first counts.
pub(super) fn latest(records: &[Desired]) -> BTreeMap<&SourceId, &Desired> {
    let mut latest: BTreeMap<&SourceId, &Desired> = BTreeMap::new();
    for record in records {
        let place = latest.entry(&record.id).or_insert(record);
        if record.version > place.version {
            *place = record;
        }
    }
    latest
}

/// The event of a record that has no row.
pub(super) fn known<'a>(
    binding: &Binding,
    record: &Desired,
    known: &'a Known,
) -> Result<Option<(u32, &'a CalendarEvent)>> {
    if known.is_empty() {
        return Ok(None);
    }
    for incarnation in (0..INCARNATIONS).rev() {
        if let Some(event) = known.get(&canonical::event_key(binding, &record.id, 0, incarnation)?) {
            return Ok(Some((incarnation, event)));
        }
    }
    Ok(None)
}

impl CalendarSync {
    /// With no row at all, the store is new or was lost. The calendar knows which: what it has of ours is adopted, not made again.
    pub(super) async fn scan(
        &self,
        binding: &Binding,
        calendar: &dyn CalendarProvider,
        records: &[Desired],
    ) -> Result<Known> {
        let ranges: Vec<TimeRange> =
            records.iter().filter_map(|record| record.event.as_ref()).map(|event| event.time.range()).collect();
        let (from, until) = (ranges.iter().map(|range| range.from).min(), ranges.iter().map(|range| range.until).max());
        let (Some(from), Some(until)) = (from, until) else { return Ok(Known::new()) };
        let nothing_known = self.0.store.mappings(&binding.id, None, 1).await?.is_empty();
        if !nothing_known || !calendar.capabilities().marker {
            return Ok(Known::new());
        }
        let within = TimeRange::new(from, until).widened(A_DAY);
        let marked =
            calendar.complete_with(&binding.calendar, within, |event| event.content.marker.is_some().then_some(event));
        let mut known = Known::new();
        for event in marked.await?.items().iter().flatten() {
            if let Some(marker) = &event.content.marker {
                known.entry(marker.clone()).or_insert_with(|| event.clone());
            }
        }
        Ok(known)
    }

    /// Rows that a complete reading of the source no longer names.
    pub(super) async fn missing(&self, binding: &BindingId, records: &[Desired]) -> Result<Missing> {
        let named: HashSet<&SourceId> = records.iter().map(|record| &record.id).collect();
        let mut missing = Missing::default();
        self.each(binding, |row| {
            let exists = !matches!(row.state, MappingState::Tombstone | MappingState::Detached);
            missing.live += usize::from(exists);
            if exists && !named.contains(&row.source) {
                missing.gone.push(Desired::gone(row.source, row.version));
            }
        })
        .await?;
        Ok(missing)
    }

    /// Hands every row of a binding to `with`, in order.
    pub(super) async fn each(&self, binding: &BindingId, mut with: impl FnMut(Mapping)) -> Result<()> {
        let mut after: Option<(SourceId, u16)> = None;
        loop {
            let last = after.as_ref().map(|(source, slot)| (source, *slot));
            let rows = self.0.store.mappings(binding, last, ROWS).await?;
            let Some(row) = rows.last() else { return Ok(()) };
            after = Some((row.source.clone(), row.slot));
            rows.into_iter().for_each(&mut with);
        }
    }
}

//! Mappings in memory, for embedders' own tests.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use invitations_core::{
    Error, ErrorKind, Result,
    ids::{BindingId, WorkerId},
    runtime::Clock,
};

use crate::{BindingRow, Fence, Mapping, MappingStore, SourceId, SyncWrite};

/// A [`MappingStore`] that forgets everything with the process.
#[derive(Clone, Debug)]
pub struct MemoryMappings {
    clock: Arc<dyn Clock>,
    rows: Arc<Mutex<BTreeMap<BindingId, Rows>>>,
}

#[derive(Debug, Default)]
struct Rows {
    about: BindingRow,
    marked_at: Option<DateTime<Utc>>,
    mappings: BTreeMap<(SourceId, u16), Mapping>,
    fence: u64,
    holder: Option<(WorkerId, DateTime<Utc>)>,
}

impl MemoryMappings {
    /// An empty store on this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, rows: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<BindingId, Rows>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl MappingStore for MemoryMappings {
    async fn now(&self) -> Result<DateTime<Utc>> {
        Ok(self.clock.now())
    }

    async fn lease(&self, binding: &BindingId, owner: &WorkerId, ttl: Duration) -> Result<Option<Fence>> {
        let (now, mut all) = (self.clock.now(), self.lock());
        let rows = all.entry(binding.clone()).or_default();
        match &rows.holder {
            Some((holder, until)) if now < *until && holder != owner => return Ok(None),
            Some((holder, until)) if now < *until && holder == owner => {}
            _ => rows.fence += 1,
        }
        rows.holder = Some((owner.clone(), now + ttl));
        Ok(Some(Fence(rows.fence)))
    }

    async fn release(&self, binding: &BindingId, fence: Fence) -> Result<()> {
        if let Some(rows) = self.lock().get_mut(binding)
            && rows.fence == fence.0
        {
            rows.holder = None;
        }
        Ok(())
    }

    async fn mappings(
        &self,
        binding: &BindingId,
        after: Option<(&SourceId, u16)>,
        limit: usize,
    ) -> Result<Vec<Mapping>> {
        let all = self.lock();
        let Some(rows) = all.get(binding) else { return Ok(Vec::new()) };
        let later = |row: &&Mapping| after.is_none_or(|(source, slot)| (&row.source, row.slot) > (source, slot));
        Ok(rows.mappings.values().filter(later).take(limit).cloned().collect())
    }

    async fn find(&self, binding: &BindingId, ids: &[SourceId]) -> Result<Vec<Mapping>> {
        let all = self.lock();
        let Some(rows) = all.get(binding) else { return Ok(Vec::new()) };
        Ok(rows.mappings.values().filter(|row| ids.contains(&row.source)).cloned().collect())
    }

    async fn binding(&self, binding: &BindingId) -> Result<BindingRow> {
        Ok(self.lock().get(binding).map(|rows| rows.about.clone()).unwrap_or_default())
    }

    async fn commit(&self, binding: &BindingId, fence: Fence, writes: Vec<SyncWrite>) -> Result<()> {
        let mut all = self.lock();
        let rows = all.entry(binding.clone()).or_default();
        if rows.fence != fence.0 || rows.fence == 0 {
            return Err(Error::new(ErrorKind::Conflict, "write mappings").with_detail("a later lease was given out"));
        }
        for write in writes {
            match write {
                SyncWrite::Put(row) => _ = rows.mappings.insert((row.source.clone(), row.slot), *row),
                SyncWrite::Drop(source, slot) => _ = rows.mappings.remove(&(source, slot)),
                SyncWrite::Cursor(cursor) => rows.about.cursor = Some(cursor),
                SyncWrite::Synced(at) => rows.about.last_synced_at = Some(at),
                SyncWrite::Clean(before) => {
                    rows.marked_at = rows.marked_at.filter(|marked| *marked >= before);
                    rows.about.dirty = rows.marked_at.is_some();
                }
            }
        }
        Ok(())
    }

    async fn mark_dirty(&self, binding: &BindingId) -> Result<()> {
        let (now, mut all) = (self.clock.now(), self.lock());
        let rows = all.entry(binding.clone()).or_default();
        (rows.about.dirty, rows.marked_at) = (true, Some(now));
        Ok(())
    }

    async fn due(&self, limit: usize) -> Result<Vec<BindingId>> {
        let (now, all) = (self.clock.now(), self.lock());
        let free = |rows: &Rows| rows.holder.as_ref().is_none_or(|(_, until)| *until <= now);
        let due = all.iter().filter(|(_, rows)| rows.about.dirty && free(rows));
        Ok(due.map(|(id, _)| id.clone()).take(limit).collect())
    }
}

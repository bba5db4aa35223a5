//! For each case of the suite one store that is wrong in just that way, and that the case reports.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use calendar_sync::{
    BindingRow, Fence, Mapping, MappingStore, SourceId, SyncWrite,
    conformance::mapping_store::{self as suite, MappingFixture},
    memory::MemoryMappings,
};
use chrono::{DateTime, Utc};
use invitations_core::{
    Result,
    ids::{BindingId, WorkerId},
    runtime::ManualClock,
};

use crate::world::start;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    CleansLaterMarks,
    DropsEverySlot,
    DueThoughHeld,
    ForgetsProblems,
    HalfCommits,
    IgnoresExtensions,
    IgnoresFences,
    InventsBindings,
    MixesBindings,
    OneOwnerForAll,
    ReleasesSuccessors,
    SortsBackwards,
}

#[derive(Debug)]
struct Wrong {
    inner: MemoryMappings,
    fault: Fault,
    last: Mutex<HashMap<BindingId, Fence>>,
}

impl Wrong {
    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn place(&self, binding: &BindingId) -> BindingId {
        if self.is(Fault::MixesBindings) { BindingId::parse("the-only-one").unwrap() } else { binding.clone() }
    }

    fn last(&self, binding: &BindingId) -> Option<Fence> {
        self.last.lock().unwrap().get(binding).copied()
    }
}

#[async_trait]
impl MappingStore for Wrong {
    async fn now(&self) -> Result<DateTime<Utc>> {
        self.inner.now().await
    }
    async fn lease(&self, binding: &BindingId, owner: &WorkerId, ttl: Duration) -> Result<Option<Fence>> {
        let place = self.place(binding);
        if self.is(Fault::IgnoresExtensions)
            && let Some(fence) = self.last(&place)
        {
            return Ok(match owner.as_str() {
                "one" => Some(fence),
                _ => self.inner.lease(&place, owner, ttl).await?,
            });
        }
        let owner = if self.is(Fault::OneOwnerForAll) { WorkerId::parse("all")? } else { owner.clone() };
        let lease = self.inner.lease(&place, &owner, ttl).await?;
        if let Some(fence) = lease {
            self.last.lock().unwrap().insert(place, fence);
        }
        // with one place for all bindings, the second one must seem free
        Ok(if self.is(Fault::MixesBindings) { self.last(&self.place(binding)) } else { lease })
    }
    async fn release(&self, binding: &BindingId, fence: Fence) -> Result<()> {
        let fence = if self.is(Fault::ReleasesSuccessors) { self.last(binding).unwrap_or(fence) } else { fence };
        self.inner.release(&self.place(binding), fence).await
    }
    async fn mappings(
        &self,
        binding: &BindingId,
        after: Option<(&SourceId, u16)>,
        limit: usize,
    ) -> Result<Vec<Mapping>> {
        let mut rows = self.inner.mappings(&self.place(binding), after, limit).await?;
        if self.is(Fault::SortsBackwards) {
            rows.reverse();
        }
        Ok(rows)
    }
    async fn find(&self, binding: &BindingId, ids: &[SourceId]) -> Result<Vec<Mapping>> {
        let mut rows = self.inner.find(&self.place(binding), ids).await?;
        if self.is(Fault::ForgetsProblems) {
            rows.iter_mut().for_each(|row| row.problem = None);
        }
        Ok(rows)
    }
    async fn binding(&self, binding: &BindingId) -> Result<BindingRow> {
        let mut row = self.inner.binding(&self.place(binding)).await?;
        row.dirty |= self.is(Fault::InventsBindings);
        Ok(row)
    }
    async fn commit(&self, binding: &BindingId, fence: Fence, writes: Vec<SyncWrite>) -> Result<()> {
        let (place, mut done) = (self.place(binding), Vec::new());
        for write in writes {
            match write {
                SyncWrite::Drop(source, _) if self.is(Fault::DropsEverySlot) => {
                    done.extend((0..10).map(|slot| SyncWrite::Drop(source.clone(), slot)));
                }
                SyncWrite::Clean(at) if self.is(Fault::CleansLaterMarks) => {
                    done.push(SyncWrite::Clean(at + chrono::Duration::days(1)));
                }
                write => done.push(write),
            }
        }
        match (self.fault, self.last(&place)) {
            (Fault::HalfCommits, Some(last)) => self.inner.commit(&place, last, done[..1].to_vec()).await?,
            (Fault::IgnoresFences, Some(last)) => return self.inner.commit(&place, last, done).await,
            _ => {}
        }
        self.inner.commit(&place, fence, done).await
    }
    async fn mark_dirty(&self, binding: &BindingId) -> Result<()> {
        self.inner.mark_dirty(&self.place(binding)).await
    }
    async fn due(&self, limit: usize) -> Result<Vec<BindingId>> {
        if self.is(Fault::DueThoughHeld) {
            let mut due = Vec::new();
            for name in ["suite-due-a", "suite-due-b"] {
                due.push(BindingId::parse(name)?);
            }
            return Ok(due);
        }
        self.inner.due(limit).await
    }
}

struct With(Fault, ManualClock);

impl MappingFixture for With {
    async fn store(&self) -> Arc<dyn MappingStore> {
        let inner = MemoryMappings::new(Arc::new(self.1.clone()));
        Arc::new(Wrong { inner, fault: self.0, last: Mutex::default() })
    }
    async fn pass(&self, time: Duration) {
        self.1.advance(time);
    }
}

macro_rules! reports { ($($case:ident: $fault:ident;)+) => {$(
    #[tokio::test]
    async fn $case() {
        let fixture = With(Fault::$fault, ManualClock::new(start()));
        suite::$case(&fixture).await.expect_err("the case reports the fault");
    }
)+}}

reports! {
    rows_read_back_unchanged: ForgetsProblems;
    rows_are_paged_in_order: SortsBackwards;
    a_dropped_row_is_gone: DropsEverySlot;
    a_refused_commit_writes_nothing: HalfCommits;
    a_lease_excludes_others: OneOwnerForAll;
    the_holder_extends_its_lease: IgnoresExtensions;
    a_released_lease_is_free: ReleasesSuccessors;
    an_old_fence_writes_nothing: IgnoresFences;
    one_of_many_gets_the_lease: OneOwnerForAll;
    bindings_are_apart: MixesBindings;
    later_marks_stay: CleansLaterMarks;
    due_are_marked_and_free: DueThoughHeld;
    an_unknown_binding_is_empty: InventsBindings;
}

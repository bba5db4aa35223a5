//! The engine: takes the lease, reads, plans, carries out, gives the lease back.

mod builder;
mod gather;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

pub use builder::CalendarSyncBuilder;
use gather::{Known, Missing, ROWS, known, latest, read};
use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    ids::{BindingId, WorkerId},
    provider::Providers,
    runtime::{Clock, Timing},
};

use crate::{
    Binding, Desired, Disconnect, MappingState, MappingStore, Plan, PlannedOp, Report, Source, SourceId, SyncStatus,
    SyncWrite,
    execute::{Parts, Run},
    plan,
};

/// Keeps calendars true. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CalendarSync(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Arc<dyn MappingStore>,
    providers: Providers,
    clock: Arc<dyn Clock>,
    timing: Timing,
    worker: String,
    runs: AtomicU64,
}

/// What a run that ended well lets us say about the binding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Extent {
    /// Some records were brought into the calendar.
    Some,
    /// All of them, as they were when the run began.
    All,
    /// The binding has ended.
    End,
}

impl CalendarSync {
    /// Begins to put the parts together.
    pub fn builder(store: Arc<dyn MappingStore>, providers: Providers) -> CalendarSyncBuilder {
        CalendarSyncBuilder::new(store, providers)
    }

    /// Brings these records into the calendar. What did not change costs no call. Push the same records again while the report says that
    /// some are pending.
    ///
    /// # Errors
    /// [`Conflict`](ErrorKind::Conflict), to be tried again, while another run works on the binding; what the store or the opening of the
    /// provider says; a refusal of the account itself, such as [`NeedsReconsent`](ErrorKind::NeedsReconsent). What goes wrong with a single
    /// record is counted in the report.
    pub async fn push(&self, binding: &Binding, changes: &[Desired]) -> Result<Report> {
        self.leased(binding, Extent::Some, async |run| self.bring(run, changes, &Known::new()).await).await
    }

    /// Brings the calendar to what the source says, reading all of it: a record that is not there any more is deleted, unless too many are
    /// missing at once. Those are counted as held; [`plan`](Self::plan) lists them and [`approve`](Self::approve) deletes them.
    ///
    /// # Errors
    /// As [`push`](Self::push); when the source cannot be read to its end, nothing is deleted.
    pub async fn sync_now(&self, binding: &Binding, source: &dyn Source) -> Result<Report> {
        self.leased(binding, Extent::All, async |run| {
            let (records, missing) = self.gather(binding, source).await?;
            self.bring_all(run, &records).await?;
            if missing.held() {
                run.hold(missing.gone.len());
                return Ok(());
            }
            self.bring(run, &missing.gone, &Known::new()).await
        })
        .await
    }

    /// What [`sync_now`](Self::sync_now) would do; sends nothing.
    ///
    /// # Errors
    /// When source or store cannot be read.
    pub async fn plan(&self, binding: &Binding, source: &dyn Source) -> Result<Plan> {
        let (records, missing) = self.gather(binding, source).await?;
        self.plan_of(&binding.id, &records, &missing).await
    }

    /// Carries out the plan with this fingerprint, its held deletions included.
    ///
    /// # Errors
    /// [`Conflict`](ErrorKind::Conflict) when the records or the rows have changed since the plan was made; nothing is done then. Else as
    /// [`push`](Self::push).
    pub async fn approve(&self, binding: &Binding, source: &dyn Source, fingerprint: &str) -> Result<Report> {
        self.leased(binding, Extent::All, async |run| {
            let (records, missing) = self.gather(binding, source).await?;
            let plan = self.plan_of(&binding.id, &records, &missing).await?;
            if plan.fingerprint != fingerprint {
                return Err(Error::new(ErrorKind::Conflict, "approve plan")
                    .with_detail("the plan has changed; make it again and look at it"));
            }
            self.bring_all(run, &records).await?;
            self.bring(run, &missing.gone, &Known::new()).await
        })
        .await
    }

    /// How the binding stands. Sends nothing.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn status(&self, binding: &Binding) -> Result<SyncStatus> {
        let row = self.0.store.binding(&binding.id).await?;
        let mut status = SyncStatus { last_synced_at: row.last_synced_at, ..SyncStatus::default() };
        self.each(&binding.id, |mapping| match mapping.state {
            MappingState::Live => status.live += 1,
            MappingState::Intent(_) | MappingState::Blocked { until: Some(_) } => status.pending += 1,
            MappingState::Blocked { until: None } => status.blocked += 1,
            MappingState::Detached => status.detached += 1,
            MappingState::Tombstone => {}
        })
        .await?;
        Ok(status)
    }

    /// Ends a binding. With [`Disconnect::Purge`] its events are deleted first; call it again while the report says that some are pending.
    /// What could not be deleted is not forgotten.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub async fn disconnect(&self, binding: &Binding, how: Disconnect) -> Result<Report> {
        self.leased(binding, Extent::End, async |run| {
            if how == Disconnect::Purge {
                let mut gone = Vec::new();
                self.each(&binding.id, |row| gone.push(Desired::gone(row.source, row.version))).await?;
                self.bring(run, &gone, &Known::new()).await?;
            }
            let mut forget = Vec::new();
            self.each(&binding.id, |row| {
                let over = matches!(row.state, MappingState::Tombstone | MappingState::Detached);
                if over || how == Disconnect::Keep {
                    forget.push(SyncWrite::Drop(row.source, row.slot));
                }
            })
            .await?;
            self.0.store.commit(&binding.id, run.fence, forget).await
        })
        .await
    }

    /// The records, and the rows that a complete reading no longer names.
    async fn gather(&self, binding: &Binding, source: &dyn Source) -> Result<(Vec<Desired>, Missing)> {
        let (records, complete) = read(source).await?;
        let missing = if complete { self.missing(&binding.id, &records).await? } else { Missing::default() };
        Ok((records, missing))
    }

    async fn bring_all(&self, run: &mut Run<'_>, records: &[Desired]) -> Result<()> {
        let in_calendar = self.scan(run.binding, &run.calendar, records).await?;
        self.bring(run, records, &in_calendar).await
    }

    async fn bring(&self, run: &mut Run<'_>, records: &[Desired], in_calendar: &Known) -> Result<()> {
        let (latest, now) = (latest(records), self.0.store.now().await?);
        let records: Vec<&Desired> = latest.into_values().collect();
        for chunk in records.chunks(ROWS) {
            let mut rows = self.rows(&run.binding.id, chunk).await?;
            for record in chunk {
                let row = rows.remove(&record.id);
                if row.is_none()
                    && let Some((incarnation, event)) = known(run.binding, record, in_calendar)?
                {
                    run.adopt(record, incarnation, event)?;
                    continue;
                }
                let step = plan::step(record, row.as_ref(), now)?;
                run.add(record, row, step).await?;
            }
            run.flush().await?;
        }
        Ok(())
    }

    /// The first row of each of these records.
    async fn rows(&self, binding: &BindingId, records: &[&Desired]) -> Result<BTreeMap<SourceId, crate::Mapping>> {
        let ids: Vec<SourceId> = records.iter().map(|record| record.id.clone()).collect();
        let found = self.0.store.find(binding, &ids).await?;
        Ok(found.into_iter().filter(|row| row.slot == 0).map(|row| (row.source.clone(), row)).collect())
    }

    async fn plan_of(&self, binding: &BindingId, records: &[Desired], missing: &Missing) -> Result<Plan> {
        let mut ops = self.planned(binding, records).await?;
        if missing.held() {
            return Ok(Plan::of(ops, missing.gone.iter().map(|record| record.id.clone()).collect()));
        }
        ops.extend(self.planned(binding, &missing.gone).await?);
        Ok(Plan::of(ops, Vec::new()))
    }

    async fn planned(&self, binding: &BindingId, records: &[Desired]) -> Result<Vec<PlannedOp>> {
        let (latest, now) = (latest(records), self.0.store.now().await?);
        let (records, mut ops): (Vec<&Desired>, _) = (latest.into_values().collect(), Vec::new());
        for chunk in records.chunks(ROWS) {
            let rows = self.rows(binding, chunk).await?;
            for record in chunk {
                ops.extend(plan::step(record, rows.get(&record.id), now)?.planned(record));
            }
        }
        Ok(ops)
    }

    async fn leased(
        &self,
        binding: &Binding,
        extent: Extent,
        work: impl AsyncFnOnce(&mut Run<'_>) -> Result<()>,
    ) -> Result<Report> {
        let inner = &*self.0;
        let calendar = inner.providers.calendars(&binding.account).await?;
        let owner = WorkerId::parse(format!("{}-{}", inner.worker, inner.runs.fetch_add(1, Ordering::Relaxed)))?;
        let asked = inner.clock.instant();
        let Some(fence) = inner.store.lease(&binding.id, &owner, inner.timing.lease).await? else {
            return Err(Error::new(ErrorKind::Conflict, "sync calendar")
                .with_detail("another run works on this calendar")
                .with_retry(RetryClass::Safe { after: Some(inner.timing.retry_first) }));
        };
        let begun = inner.store.now().await?;
        let parts = Parts { store: &*inner.store, clock: &*inner.clock, timing: &inner.timing };
        let mut run = Run::new(parts, binding, calendar, (owner, fence, asked));
        let mut done = work(&mut run).await;
        let report = run.report();
        if done.is_ok() && report.pending == 0 {
            let words = match extent {
                Extent::Some => vec![SyncWrite::Synced(begun)],
                Extent::All => vec![SyncWrite::Synced(begun), SyncWrite::Clean(begun)],
                Extent::End => vec![SyncWrite::Clean(begun)],
            };
            done = inner.store.commit(&binding.id, fence, words).await;
        }
        // given back also after a failure: whoever comes next need not wait
        let released = inner.store.release(&binding.id, fence).await;
        done.and(released).map(|()| report)
    }
}

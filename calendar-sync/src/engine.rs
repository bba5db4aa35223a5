use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use invitations_core::{
    Error, ErrorKind, Remedy, Result, RetryClass,
    ids::{BindingId, WorkerId},
    provider::Providers,
    runtime::{Clock, Entropy as _, SystemEntropy, Timing},
};

use crate::{
    Binding, Desired, Disconnect, Mapping, MappingState, MappingStore, Plan, Report, Source, SourceId, SourceNext,
    SyncStatus, SyncWrite, execute::Run, plan,
};

/// How many rows are read at a time.
const ROWS: usize = 500;

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

/// Puts the parts of [`CalendarSync`] together.
#[derive(Debug)]
pub struct CalendarSyncBuilder {
    store: Arc<dyn MappingStore>,
    providers: Providers,
    clock: Option<Arc<dyn Clock>>,
    timing: Timing,
    worker: Option<WorkerId>,
}

impl CalendarSyncBuilder {
    /// The clock; by default the system's (feature `tokio`).
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// The waits of the protocol.
    #[must_use]
    pub fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// The name under which bindings are held; by default a random one.
    #[must_use]
    pub fn worker(mut self, worker: WorkerId) -> Self {
        self.worker = Some(worker);
        self
    }

    /// Checks that nothing is missing.
    ///
    /// # Errors
    /// [`Misconfigured`](ErrorKind::Misconfigured), naming the missing part.
    pub fn build(self) -> Result<CalendarSync> {
        let clock = self.clock.or_else(default_clock).ok_or_else(|| {
            Error::new(ErrorKind::Misconfigured, "build calendar sync")
                .with_remedy(Remedy::new("Pass a clock with `clock`, or enable the feature `tokio`."))
        })?;
        let mut random = [0; 8];
        SystemEntropy.fill(&mut random)?;
        let random = data_encoding::HEXLOWER.encode(&random);
        let worker = self.worker.map_or(random.clone(), |worker| format!("{worker}-{random}"));
        let Self { store, providers, timing, .. } = self;
        let runs = AtomicU64::new(0);
        Ok(CalendarSync(Arc::new(Inner { store, providers, clock, timing, worker, runs })))
    }
}

#[cfg(feature = "tokio")]
#[expect(clippy::unnecessary_wraps, reason = "without the feature there is none")]
fn default_clock() -> Option<Arc<dyn Clock>> {
    Some(Arc::new(invitations_core::runtime::SystemClock))
}

#[cfg(not(feature = "tokio"))]
fn default_clock() -> Option<Arc<dyn Clock>> {
    None
}

impl CalendarSync {
    /// Begins to put the parts together.
    pub fn builder(store: Arc<dyn MappingStore>, providers: Providers) -> CalendarSyncBuilder {
        CalendarSyncBuilder { store, providers, clock: None, timing: Timing::default(), worker: None }
    }

    /// Brings these records into the calendar. What did not change costs no call. Push the same records again while the report says that
    /// some are pending.
    ///
    /// # Errors
    /// [`Conflict`](ErrorKind::Conflict), to be tried again, while another process works on the binding; what the store or the opening of the
    /// provider says. What goes wrong with a single record is counted in the report.
    pub async fn push(&self, binding: &Binding, changes: &[Desired]) -> Result<Report> {
        self.leased(binding, async |run| self.bring(run, changes).await).await
    }

    /// Brings the calendar to what the source says, reading all of it: a record that is not there any more is deleted, unless too many are
    /// missing at once.
    ///
    /// # Errors
    /// As [`push`](Self::push); when the source cannot be read to its end, nothing is deleted.
    pub async fn sync_now(&self, binding: &Binding, source: &dyn Source) -> Result<Report> {
        self.leased(binding, async |run| {
            let (records, complete) = read(source).await?;
            let missing = if complete { self.missing(&binding.id, &records).await? } else { Missing::default() };
            self.bring(run, &records).await?;
            if missing.held() {
                run.report.held = missing.gone.len() as u64;
                return Ok(());
            }
            self.bring(run, &missing.gone).await
        })
        .await
    }

    /// What [`sync_now`](Self::sync_now) would do; sends nothing.
    ///
    /// # Errors
    /// When source or store cannot be read.
    pub async fn plan(&self, binding: &Binding, source: &dyn Source) -> Result<Plan> {
        let (records, complete) = read(source).await?;
        let missing = if complete { self.missing(&binding.id, &records).await? } else { Missing::default() };
        let mut ops = self.planned(&binding.id, &records).await?;
        if missing.held() {
            return Ok(Plan::of(ops, missing.gone.into_iter().map(|record| record.id).collect()));
        }
        ops.extend(self.planned(&binding.id, &missing.gone).await?);
        Ok(Plan::of(ops, Vec::new()))
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
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub async fn disconnect(&self, binding: &Binding, how: Disconnect) -> Result<Report> {
        self.leased(binding, async |run| {
            let mut rows = Vec::new();
            self.each(&binding.id, |mapping| rows.push(mapping)).await?;
            if how == Disconnect::Purge {
                let gone: Vec<_> = rows.iter().map(|row| Desired::gone(row.source.clone(), row.version)).collect();
                self.bring(run, &gone).await?;
                if run.report.pending > 0 {
                    return Ok(());
                }
            }
            let forget = rows.into_iter().map(|row| SyncWrite::Drop(row.source, row.slot)).collect();
            self.0.store.commit(&binding.id, run.fence, forget).await
        })
        .await
    }

    async fn bring(&self, run: &mut Run<'_>, records: &[Desired]) -> Result<()> {
        let (mut latest, now) = (BTreeMap::new(), self.0.store.now().await?);
        for record in records {
            let place = latest.entry(&record.id).or_insert(record);
            if record.version > place.version {
                *place = record;
            }
        }
        let ids: Vec<SourceId> = latest.keys().map(|id| (*id).clone()).collect();
        for chunk in ids.chunks(ROWS) {
            let found = self.0.store.find(&run.binding.id, chunk).await?;
            let mut rows: BTreeMap<_, _> = found.into_iter().map(|row| (row.source.clone(), row)).collect();
            for id in chunk {
                if let Some(record) = latest.get(id) {
                    let row = rows.remove(id);
                    let step = plan::step(record, row.as_ref(), now)?;
                    run.add(record, row, step).await?;
                }
            }
            run.flush().await?;
        }
        Ok(())
    }

    async fn leased(&self, binding: &Binding, work: impl AsyncFnOnce(&mut Run<'_>) -> Result<()>) -> Result<Report> {
        let inner = &*self.0;
        let calendar = inner.providers.calendars(&binding.account).await?;
        let owner = WorkerId::parse(format!("{}-{}", inner.worker, inner.runs.fetch_add(1, Ordering::Relaxed)))?;
        let Some(fence) = inner.store.lease(&binding.id, &owner, inner.timing.lease).await? else {
            return Err(Error::new(ErrorKind::Conflict, "sync calendar")
                .with_detail("another run works on this calendar")
                .with_retry(RetryClass::Safe { after: Some(inner.timing.retry_first) }));
        };
        let mut run = Run::new(&*inner.store, &*inner.clock, &inner.timing, binding, calendar, owner, fence);
        let done = work(&mut run).await;
        let report = run.report;
        if done.is_ok() && report.pending == 0 {
            let now = inner.store.now().await?;
            inner.store.commit(&binding.id, fence, vec![SyncWrite::Synced(now)]).await?;
        }
        // given back also after a failure: whoever comes next need not wait
        inner.store.release(&binding.id, fence).await?;
        done.map(|()| report)
    }

    async fn planned(&self, binding: &BindingId, records: &[Desired]) -> Result<Vec<crate::PlannedOp>> {
        let now = self.0.store.now().await?;
        let mut ops = Vec::new();
        for chunk in records.chunks(ROWS) {
            let ids: Vec<_> = chunk.iter().map(|record| record.id.clone()).collect();
            let found = self.0.store.find(binding, &ids).await?;
            for record in chunk {
                let row = found.iter().find(|row| row.source == record.id);
                ops.extend(plan::step(record, row, now)?.planned(record));
            }
        }
        Ok(ops)
    }

    /// Rows that a complete reading of the source no longer names.
    async fn missing(&self, binding: &BindingId, records: &[Desired]) -> Result<Missing> {
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

    async fn each(&self, binding: &BindingId, mut with: impl FnMut(Mapping)) -> Result<()> {
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

#[derive(Debug, Default)]
struct Missing {
    gone: Vec<Desired>,
    live: usize,
}

impl Missing {
    fn held(&self) -> bool {
        plan::too_many(self.gone.len(), self.live)
    }
}

/// Every record, and whether the end proves that there are no others.
async fn read(source: &dyn Source) -> Result<(Vec<Desired>, bool)> {
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

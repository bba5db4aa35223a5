//! The executor: intents first, then the writes, then what came of them.

use std::{sync::Arc, time::Instant};

use futures_util::future::join_all;
use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    ids::WorkerId,
    provider::{CalendarEvent, CalendarProvider, EventDraft, EventWrite, Resend, WriteOptions, WriteOutcome},
    runtime::{Clock, Timing},
};

use crate::{
    Binding, Desired, Fence, Mapping, MappingState, MappingStore, Op, Report, SyncWrite, canonical, plan::Step,
};

/// One run over one binding, under its lease.
pub(crate) struct Run<'a> {
    pub(crate) binding: &'a Binding,
    pub(crate) fence: Fence,
    pub(crate) report: Report,
    store: &'a dyn MappingStore,
    clock: &'a dyn Clock,
    timing: &'a Timing,
    calendar: Arc<dyn CalendarProvider>,
    owner: WorkerId,
    leased_at: Instant,
    /// Rows that change without a call.
    quiet: Vec<SyncWrite>,
    /// Writes that wait for a full round.
    waiting: Vec<Pending>,
}

/// A write and the row it is about, as the row stands with the intent.
struct Pending {
    row: Mapping,
    op: Op,
    draft: Option<Box<EventDraft>>,
    /// Whether a write with a stale version was tried again already.
    again: bool,
}

impl<'a> Run<'a> {
    pub(crate) fn new(
        store: &'a dyn MappingStore,
        clock: &'a dyn Clock,
        timing: &'a Timing,
        binding: &'a Binding,
        calendar: Arc<dyn CalendarProvider>,
        owner: WorkerId,
        fence: Fence,
    ) -> Self {
        let (report, leased_at) = (Report::default(), clock.instant());
        let (quiet, waiting) = (Vec::new(), Vec::new());
        Self { binding, fence, report, store, clock, timing, calendar, owner, leased_at, quiet, waiting }
    }

    /// Takes up one decision; what needs a call waits for [`flush`](Self::flush) or a full round.
    pub(crate) async fn add(&mut self, desired: &Desired, row: Option<Mapping>, step: Step) -> Result<()> {
        match (step, row) {
            (Step::Stale, _) => self.report.stale += 1,
            (Step::Nothing, row) => self.nothing(desired, row),
            (Step::Forget, row) => {
                self.report.unchanged += 1;
                let mut row = row.unwrap_or_else(|| self.blank(desired));
                (row.version, row.state, row.external) = (desired.version, MappingState::Tombstone, None);
                self.quiet.push(SyncWrite::Put(Box::new(row)));
            }
            (Step::LookUp, Some(row)) => self.look_up(desired, row).await?,
            (Step::LookUp, None) => {}
            (Step::Create(incarnation), row) => {
                let mut row = row.unwrap_or_else(|| self.blank(desired));
                (row.incarnation, row.external, row.etag) = (incarnation, None, None);
                self.wait_for(desired, row, Op::Create)?;
            }
            (Step::Update, Some(row)) => self.wait_for(desired, row, Op::Update)?,
            (Step::Delete, Some(row)) => self.wait_for(desired, row, Op::Delete)?,
            (Step::Update | Step::Delete, None) => {}
        }
        if self.waiting.len() >= self.width() {
            self.flush().await?;
        }
        Ok(())
    }

    fn width(&self) -> usize {
        let capabilities = self.calendar.capabilities();
        capabilities.batch.max(1) * capabilities.lanes.max(1)
    }

    fn blank(&self, desired: &Desired) -> Mapping {
        Mapping::new(desired.id.clone(), desired.version, MappingState::Intent(Op::Create))
    }

    fn nothing(&mut self, desired: &Desired, row: Option<Mapping>) {
        let Some(mut row) = row else { return };
        match row.state {
            MappingState::Blocked { until: Some(_) } => self.report.pending += 1,
            MappingState::Blocked { until: None } => self.report.blocked += 1,
            MappingState::Detached => self.report.detached += 1,
            MappingState::Live | MappingState::Tombstone | MappingState::Intent(_) => self.report.unchanged += 1,
        }
        if desired.version > row.version {
            row.version = desired.version;
            self.quiet.push(SyncWrite::Put(Box::new(row)));
        }
    }

    fn wait_for(&mut self, desired: &Desired, mut row: Mapping, op: Op) -> Result<()> {
        let draft = desired.event.clone().map(Box::new);
        if let Some(draft) = &draft {
            row.pushed = canonical::hash(draft)?;
        }
        (row.version, row.state, row.problem) = (desired.version, MappingState::Intent(op), None);
        self.waiting.push(Pending { row, op, draft, again: false });
        Ok(())
    }

    /// An earlier try may have made the event. Found: ours, go on from there. Absent, by a look-up that names it exactly: make it.
    async fn look_up(&mut self, desired: &Desired, mut row: Mapping) -> Result<()> {
        let settled = match row.settled_at {
            Some(at) => self.store.now().await? >= at,
            None => true,
        };
        // a request may still be on its way; where the key makes a second one harmless there is no need to wait
        if !settled && !self.calendar.capabilities().idempotent_create {
            self.report.pending += 1;
            return Ok(());
        }
        let key = canonical::event_key(self.binding, &row.source, row.slot, row.incarnation)?;
        self.report.calls += 1;
        let found = match self.calendar.find_by_marker(&self.binding.calendar, &key).await {
            Ok(found) => found,
            Err(error) => {
                row.problem = Some(error.to_string());
                self.report.pending += 1;
                self.quiet.push(SyncWrite::Put(Box::new(row)));
                return Ok(());
            }
        };
        let Some(event) = found.into_iter().next() else {
            let deleting = row.state == MappingState::Intent(Op::Delete);
            return match &desired.event {
                Some(_) => {
                    // deleted before, wanted again: a new event needs a new key
                    row.incarnation += u32::from(deleting);
                    (row.external, row.etag) = (None, None);
                    self.wait_for(desired, row, Op::Create)
                }
                None => {
                    (row.version, row.state, row.external) = (desired.version, MappingState::Tombstone, None);
                    self.quiet.push(SyncWrite::Put(Box::new(row)));
                    Ok(())
                }
            };
        };
        self.report.adopted += 1;
        (row.external, row.etag) = (Some(event.id), event.etag);
        let Some(draft) = &desired.event else { return self.wait_for(desired, row, Op::Delete) };
        // what the earlier try sent is in the row; the same again needs no write
        if row.state == MappingState::Intent(Op::Create) && canonical::hash(draft)? == row.pushed {
            (row.version, row.state, row.problem) = (desired.version, MappingState::Live, None);
            self.quiet.push(SyncWrite::Put(Box::new(row)));
            return Ok(());
        }
        self.wait_for(desired, row, Op::Update)
    }

    /// Writes the intents, then to the provider, then what came of it.
    pub(crate) async fn flush(&mut self) -> Result<()> {
        while !self.waiting.is_empty() || !self.quiet.is_empty() {
            self.keep_lease().await?;
            let width = self.width().min(self.waiting.len());
            let mut round: Vec<Pending> = self.waiting.drain(..width).collect();
            let settled_at = self.store.now().await? + self.timing.request + self.timing.settle;
            for pending in &mut round {
                pending.row.settled_at = Some(settled_at);
            }
            let mut writes = std::mem::take(&mut self.quiet);
            writes.extend(round.iter().map(|pending| SyncWrite::Put(Box::new(pending.row.clone()))));
            self.store.commit(&self.binding.id, self.fence, writes).await?;
            if !round.is_empty() {
                self.send(round).await?;
            }
        }
        Ok(())
    }

    async fn send(&mut self, round: Vec<Pending>) -> Result<()> {
        let send_before = self.leased_at + self.timing.lease / 2;
        let batch = self.calendar.capabilities().batch.max(1);
        let (calendar, binding, timing) = (&*self.calendar, self.binding, self.timing);
        let (mut rest, mut calls) = (round, Vec::new());
        while !rest.is_empty() {
            let later = rest.split_off(batch.min(rest.len()));
            let these = std::mem::replace(&mut rest, later);
            calls.push(async move {
                let mut writes = Vec::with_capacity(these.len());
                for pending in &these {
                    writes.push(write(binding, pending)?);
                }
                let options = WriteOptions::new()
                    .with_resend(Resend::Caller)
                    .with_timeout(timing.request)
                    .with_send_before(send_before);
                let outcomes = calendar.write(&binding.calendar, writes, options).await;
                Ok::<_, Error>((these, outcomes))
            });
        }
        self.report.calls += calls.len() as u64;
        let mut puts = Vec::new();
        for done in join_all(calls).await {
            let (these, outcomes) = done?;
            match outcomes {
                Ok(outcomes) if outcomes.len() == these.len() => {
                    for (pending, outcome) in these.into_iter().zip(outcomes) {
                        self.record(pending, outcome, &mut puts).await?;
                    }
                }
                // refused as a whole before anything was sent, or an answer that fits nothing
                other => {
                    let error = other.err().unwrap_or_else(|| Error::new(ErrorKind::Protocol, "write events"));
                    for pending in these {
                        self.refused(pending, &error, &mut puts).await?;
                    }
                }
            }
        }
        self.store.commit(&self.binding.id, self.fence, puts).await
    }

    async fn record(&mut self, pending: Pending, outcome: WriteOutcome, puts: &mut Vec<SyncWrite>) -> Result<()> {
        let Pending { mut row, op, draft, again } = pending;
        match (outcome, op) {
            (WriteOutcome::Applied(event), Op::Create | Op::Update) => {
                let counter = if op == Op::Create { &mut self.report.created } else { &mut self.report.updated };
                *counter += 1;
                live(&mut row, *event);
            }
            (WriteOutcome::Deleted | WriteOutcome::Missing, Op::Delete) => {
                self.report.deleted += 1;
                (row.state, row.external, row.etag) = (MappingState::Tombstone, None, None);
            }
            // gone, though we did not delete it: the user did, and it is the user's calendar
            (WriteOutcome::Missing, Op::Update) => {
                self.report.detached += 1;
                row.state = MappingState::Detached;
            }
            (WriteOutcome::Precondition, Op::Update | Op::Delete) if !again => {
                return self.read_again(Pending { row, op, draft, again }, puts).await;
            }
            (WriteOutcome::Rejected(error), _) => {
                return self.refused(Pending { row, op, draft, again }, &error, puts).await;
            }
            // the key was used before, or nobody knows: the next round looks first
            (WriteOutcome::Unclear(error), _) => {
                self.report.pending += 1;
                row.problem = Some(error.to_string());
            }
            (_, _) => self.report.pending += 1,
        }
        puts.push(SyncWrite::Put(Box::new(row)));
        Ok(())
    }

    /// The event has another version: somebody changed it. Our fields are ours, everybody else's stay.
    async fn read_again(&mut self, mut pending: Pending, puts: &mut Vec<SyncWrite>) -> Result<()> {
        let Some(id) = pending.row.external.clone() else { return Ok(()) };
        self.report.calls += 1;
        match self.calendar.event(&self.binding.calendar, &id).await {
            Ok(event) => {
                pending.row.etag = event.etag;
                pending.again = true;
                puts.push(SyncWrite::Put(Box::new(pending.row.clone())));
                self.waiting.push(pending);
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let gone = pending.op == Op::Delete;
                let counter = if gone { &mut self.report.deleted } else { &mut self.report.detached };
                *counter += 1;
                pending.row.state = if gone { MappingState::Tombstone } else { MappingState::Detached };
                puts.push(SyncWrite::Put(Box::new(pending.row)));
            }
            Err(error) => {
                self.report.pending += 1;
                pending.row.problem = Some(error.to_string());
                puts.push(SyncWrite::Put(Box::new(pending.row)));
            }
        }
        Ok(())
    }

    /// Nothing happened: now, or for good.
    async fn refused(&mut self, pending: Pending, error: &Error, puts: &mut Vec<SyncWrite>) -> Result<()> {
        let mut row = pending.row;
        row.problem = Some(error.to_string());
        let passing = matches!(error.kind(), ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Timeout);
        // a matter of the connection, not of the record
        let account = matches!(
            error.kind(),
            ErrorKind::NeedsReconsent
                | ErrorKind::Unauthenticated
                | ErrorKind::Misconfigured
                | ErrorKind::PermissionDenied
        );
        row.state = match error.retry() {
            RetryClass::Unclear { .. } => row.state,
            RetryClass::Safe { after } => MappingState::Blocked {
                until: Some(self.store.now().await? + after.unwrap_or(self.timing.retry_first)),
            },
            RetryClass::Never if passing || account => {
                MappingState::Blocked { until: Some(self.store.now().await? + self.timing.retry_first) }
            }
            RetryClass::Never => MappingState::Blocked { until: None },
            _ => row.state,
        };
        let counter = match row.state {
            MappingState::Blocked { until: None } => &mut self.report.blocked,
            _ => &mut self.report.pending,
        };
        *counter += 1;
        puts.push(SyncWrite::Put(Box::new(row)));
        Ok(())
    }

    /// A long run asks for its lease again in time.
    async fn keep_lease(&mut self) -> Result<()> {
        if self.clock.instant() < self.leased_at + self.timing.lease / 4 {
            return Ok(());
        }
        let asked = self.clock.instant();
        match self.store.lease(&self.binding.id, &self.owner, self.timing.lease).await? {
            Some(fence) if fence == self.fence => {
                self.leased_at = asked;
                Ok(())
            }
            _ => Err(Error::new(ErrorKind::Conflict, "sync calendar")
                .with_detail("the lease was lost")
                .with_retry(RetryClass::Safe { after: None })),
        }
    }
}

fn live(row: &mut Mapping, event: CalendarEvent) {
    (row.external, row.etag) = (Some(event.id), event.etag);
    (row.state, row.settled_at, row.problem) = (MappingState::Live, None, None);
}

fn write(binding: &Binding, pending: &Pending) -> Result<EventWrite> {
    let row = &pending.row;
    let lost = || Error::new(ErrorKind::Protocol, "write event").with_detail("the row does not name its event");
    Ok(match (pending.op, &pending.draft) {
        (Op::Create, Some(draft)) => {
            let key = canonical::event_key(binding, &row.source, row.slot, row.incarnation)?;
            let draft = (**draft).clone().with_marker(key.clone());
            EventWrite::Create { key, draft: Box::new(draft) }
        }
        (Op::Update, Some(draft)) => {
            let id = row.external.clone().ok_or_else(lost)?;
            EventWrite::Update { id, if_match: row.etag.clone(), draft: draft.clone() }
        }
        (Op::Delete, _) => {
            EventWrite::Delete { id: row.external.clone().ok_or_else(lost)?, if_match: row.etag.clone() }
        }
        (Op::Create | Op::Update, None) => return Err(lost()),
    })
}

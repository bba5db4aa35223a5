//! The executor: intents first, then the writes, then what came of them.

mod counted;
mod find;
mod outcome;
mod send;

use std::{sync::Arc, time::Instant};

pub(crate) use counted::Counted;
use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    ids::WorkerId,
    provider::{CalendarEvent, CalendarProvider, EventDraft},
    runtime::{Clock, Timing},
};

use crate::{
    Binding, Desired, Fence, Mapping, MappingState, MappingStore, Op, Report, SyncWrite, canonical,
    plan::{Step, after_look_up},
};

/// What a run works with.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a> {
    pub(crate) store: &'a dyn MappingStore,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) timing: &'a Timing,
}

/// One run over one binding, under its lease.
pub(crate) struct Run<'a> {
    pub(crate) binding: &'a Binding,
    pub(crate) fence: Fence,
    pub(crate) calendar: Counted,
    report: Report,
    parts: Parts<'a>,
    owner: WorkerId,
    leased_at: Instant,
    /// Rows that change without a call.
    quiet: Vec<SyncWrite>,
    /// Writes that wait for a full round.
    waiting: Vec<Pending>,
    /// What makes every further call useless: the account itself was refused.
    refused: Option<Error>,
}

/// A write and the row it is about, as the row stands with the intent.
struct Pending {
    row: Mapping,
    op: Op,
    draft: Option<Box<EventDraft>>,
    /// Whether this is the second try after a look at the event.
    again: bool,
}

impl<'a> Run<'a> {
    /// `leased_at`: an instant before the lease was asked for.
    pub(crate) fn new(
        parts: Parts<'a>,
        binding: &'a Binding,
        calendar: Arc<dyn CalendarProvider>,
        (owner, fence, leased_at): (WorkerId, Fence, Instant),
    ) -> Self {
        let (report, calendar) = (Report::default(), Counted::new(calendar));
        let (quiet, waiting, refused) = (Vec::new(), Vec::new(), None);
        Self { binding, fence, calendar, report, parts, owner, leased_at, quiet, waiting, refused }
    }

    pub(crate) fn report(&self) -> Report {
        Report { calls: self.calendar.calls(), ..self.report.clone() }
    }

    /// Counts deletions that were not carried out.
    pub(crate) fn hold(&mut self, deletions: usize) {
        self.report.held += deletions as u64;
    }

    /// Takes up one decision; what needs a call waits for [`flush`](Self::flush) or a full round.
    pub(crate) async fn add(&mut self, desired: &Desired, row: Option<Mapping>, step: Step) -> Result<()> {
        match (step, row) {
            (Step::Stale, _) => self.report.stale += 1,
            (Step::Nothing, row) => self.nothing(desired, row),
            (Step::Forget, row) => {
                self.report.unchanged += 1;
                let row = row.unwrap_or_else(|| blank(desired));
                self.forget(desired, row);
            }
            (Step::LookUp, Some(row)) => self.look_up(desired, row).await?,
            (Step::Create(incarnation), row) => {
                let row = row.unwrap_or_else(|| blank(desired));
                self.create(desired, row, incarnation)?;
            }
            (Step::Update, Some(row)) if self.may_be_overtaken(&row).await? => self.report.pending += 1,
            (Step::Update, Some(row)) => self.wait_for(desired, row, Op::Update)?,
            (Step::Delete, Some(row)) => self.wait_for(desired, row, Op::Delete)?,
            (Step::LookUp | Step::Update | Step::Delete, None) => {}
        }
        if self.waiting.len() >= self.width() {
            self.flush().await?;
        }
        Ok(())
    }

    /// The record has no row, but its event was seen in the calendar: ours, from a store that was lost.
    pub(crate) fn adopt(&mut self, desired: &Desired, incarnation: u32, event: &CalendarEvent) -> Result<()> {
        let mut row = blank(desired);
        (row.incarnation, row.state) = (incarnation, MappingState::Intent(Op::Create));
        let after = after_look_up(desired, &row, Some(&event.content), true)?;
        self.go_on(desired, row, after, Some(event))
    }

    fn width(&self) -> usize {
        let capabilities = self.calendar.capabilities();
        capabilities.batch.max(1) * capabilities.lanes.max(1)
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
            self.put(row);
        }
    }

    fn put(&mut self, row: Mapping) {
        self.quiet.push(SyncWrite::Put(Box::new(row)));
    }

    fn forget(&mut self, desired: &Desired, mut row: Mapping) {
        (row.version, row.state) = (desired.version, MappingState::Tombstone);
        (row.external, row.etag) = (None, None);
        (row.settled_at, row.unclear, row.problem) = (None, None, None);
        self.put(row);
    }

    fn create(&mut self, desired: &Desired, mut row: Mapping, incarnation: u32) -> Result<()> {
        (row.incarnation, row.external, row.etag) = (incarnation, None, None);
        self.wait_for(desired, row, Op::Create)
    }

    fn wait_for(&mut self, desired: &Desired, mut row: Mapping, op: Op) -> Result<()> {
        let draft = desired.event.clone().map(Box::new);
        if let Some(draft) = &draft {
            row.pushed = canonical::hash(draft)?;
        }
        row.unclear = row.in_doubt();
        (row.version, row.state, row.problem) = (desired.version, MappingState::Intent(op), None);
        self.waiting.push(Pending { row, op, draft, again: false });
        Ok(())
    }

    async fn is_settled(&self, row: &Mapping) -> Result<bool> {
        Ok(match row.settled_at {
            Some(at) => self.parts.store.now().await? >= at,
            None => true,
        })
    }

    /// Whether an earlier update of unknown outcome could still arrive and overwrite a later one.
    async fn may_be_overtaken(&self, row: &Mapping) -> Result<bool> {
        let guarded = row.etag.is_some() && self.calendar.capabilities().conditional_write;
        Ok(!guarded && matches!(row.state, MappingState::Intent(_)) && !self.is_settled(row).await?)
    }

    /// A long run asks for its lease again in time.
    async fn keep_lease(&mut self) -> Result<()> {
        let (asked, lease) = (self.parts.clock.instant(), self.parts.timing.lease);
        if asked < self.leased_at + lease / 4 {
            return Ok(());
        }
        match self.parts.store.lease(&self.binding.id, &self.owner, lease).await? {
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

/// A record that has no event yet.
fn blank(desired: &Desired) -> Mapping {
    Mapping::new(desired.id.clone(), desired.version, MappingState::Tombstone)
}

/// A matter of the connection, not of one record: every other call would fail the same way.
fn concerns_the_account(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NeedsReconsent | ErrorKind::Unauthenticated | ErrorKind::Misconfigured)
}

use std::{fmt::Debug, sync::Arc};

use async_trait::async_trait;

use super::{CalendarEvent, EventDraft, Marker, WriteOptions};
use crate::{
    Error, Result,
    ids::{CalendarId, Etag, EventId, PageToken, ProviderId, SyncCursor},
    time::TimeRange,
};

/// One write to a calendar.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EventWrite {
    /// Makes an event that carries `key` as its marker and, where the provider has one, as its idempotency key.
    Create {
        /// Same key, same event.
        key: Marker,
        /// What it says.
        draft: Box<EventDraft>,
    },
    /// Writes all managed fields of an event. Attendees are written only when the draft lists any.
    Update {
        /// Which event.
        id: EventId,
        /// Only this version.
        if_match: Option<Etag>,
        /// What it says from now on.
        draft: Box<EventDraft>,
    },
    /// Takes an event away.
    Delete {
        /// Which event.
        id: EventId,
        /// Only this version.
        if_match: Option<Etag>,
    },
}

/// What became of one write. Only `Rejected` (and `Missing`, `Precondition`) proves that nothing happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum WriteOutcome {
    /// Done; this is how the provider has it now.
    Applied(Box<CalendarEvent>),
    /// Done; it is gone.
    Deleted,
    /// There is no such event.
    Missing,
    /// The event has another version by now.
    Precondition,
    /// The key was used before; look the event up.
    Duplicate,
    /// Nothing happened, for this reason.
    Rejected(Error),
    /// It may have happened; look before sending again.
    Unclear(Error),
}

/// One page of events.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a page is items and where it goes on")]
pub struct EventPage {
    /// The events; may be none although there is a next page.
    pub items: Vec<CalendarEvent>,
    /// Where it goes on.
    pub next: Next,
}

/// A listing's next step: exactly one of two.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a listing goes on or ends")]
pub enum Next {
    /// There is more.
    More(PageToken),
    /// This was the last page.
    End,
}

/// One page of changes.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a page is items and where it goes on")]
pub struct ChangePage {
    /// The changes; may repeat, in any order.
    pub changes: Vec<EventChange>,
    /// Where it goes on.
    pub next: NextChange,
}

/// One change in a calendar.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EventChange {
    /// Made or changed.
    Upserted(Box<CalendarEvent>),
    /// Deleted, or out of the window: a hint to check, never an order.
    RemovedHint(EventId),
}

/// The next step of a round of changes.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a round goes on or is done")]
pub enum NextChange {
    /// There is more in this round.
    More(PageToken),
    /// The round is complete; the next one starts here.
    Done(SyncCursor),
}

/// Where a round of changes starts.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ChangesFrom {
    /// From nothing, for this window.
    Start(TimeRange),
    /// After an earlier round.
    Cursor(SyncCursor),
    /// Within a round.
    Page(PageToken),
}

/// What a provider can do with calendars.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct CalendarCapabilities {
    /// How many writes one call takes (at least 1).
    pub batch: usize,
    /// How many calls one mailbox takes at a time (at least 1).
    pub lanes: usize,
    /// The same create key again makes no second event.
    pub idempotent_create: bool,
    /// Events can be found by marker.
    pub marker: bool,
    /// Versions are checked on write.
    pub conditional_write: bool,
    /// [`CalendarProvider::changes`] works.
    pub delta: bool,
    /// A cursor is bound to the window it began with.
    pub window_frozen: bool,
}

impl CalendarCapabilities {
    /// One write at a time and nothing else.
    pub fn new() -> Self {
        Self { batch: 1, lanes: 1, ..Self::default() }
    }

    /// Sets how many writes one call takes and how many calls a mailbox takes at a time.
    #[must_use]
    pub fn with_width(mut self, batch: usize, lanes: usize) -> Self {
        (self.batch, self.lanes) = (batch.max(1), lanes.max(1));
        self
    }

    /// The same create key again makes no second event.
    #[must_use]
    pub fn with_idempotent_create(mut self) -> Self {
        self.idempotent_create = true;
        self
    }

    /// Events can be found by marker.
    #[must_use]
    pub fn with_marker(mut self) -> Self {
        self.marker = true;
        self
    }

    /// Versions are checked on write.
    #[must_use]
    pub fn with_conditional_write(mut self) -> Self {
        self.conditional_write = true;
        self
    }

    /// Changes can be read; `frozen`: a cursor is bound to its window.
    #[must_use]
    pub fn with_delta(mut self, frozen: bool) -> Self {
        (self.delta, self.window_frozen) = (true, frozen);
        self
    }
}

/// The calendars of one account. New abilities arrive as new traits, never as new methods.
#[async_trait]
pub trait CalendarProvider: Debug + Send + Sync + 'static {
    /// Which provider this is.
    fn provider(&self) -> &ProviderId;

    /// What it can do.
    fn capabilities(&self) -> CalendarCapabilities;

    /// Reads an event.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is none.
    async fn event(&self, calendar: &CalendarId, id: &EventId) -> Result<CalendarEvent>;

    /// Every live event that carries the marker.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) unless the capabilities say so.
    async fn find_by_marker(&self, calendar: &CalendarId, marker: &Marker) -> Result<Vec<CalendarEvent>>;

    /// Events that touch `within`, page by page. Use [`complete`](super::CalendarProviderExt::complete) to draw conclusions.
    ///
    /// # Errors
    /// When the page cannot be read.
    async fn events(&self, calendar: &CalendarId, within: TimeRange, page: Option<&PageToken>) -> Result<EventPage>;

    /// What changed.
    ///
    /// # Errors
    /// [`ResyncRequired`](crate::ErrorKind::ResyncRequired) when the cursor is too old; [`Unsupported`](crate::ErrorKind::Unsupported)
    /// unless the capabilities say so.
    async fn changes(&self, calendar: &CalendarId, from: ChangesFrom) -> Result<ChangePage>;

    /// At most `capabilities().batch` writes; one outcome each, in the same order.
    ///
    /// # Errors
    /// When the whole call was refused before anything was sent; everything else is an outcome.
    async fn write(
        &self,
        calendar: &CalendarId,
        writes: Vec<EventWrite>,
        options: WriteOptions,
    ) -> Result<Vec<WriteOutcome>>;
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<T: CalendarProvider + ?Sized> CalendarProvider for Arc<T> {
    fn provider(&self) -> &ProviderId {
        (**self).provider()
    }
    fn capabilities(&self) -> CalendarCapabilities {
        (**self).capabilities()
    }
    async fn event(&self, calendar: &CalendarId, id: &EventId) -> Result<CalendarEvent> {
        (**self).event(calendar, id).await
    }
    async fn find_by_marker(&self, calendar: &CalendarId, marker: &Marker) -> Result<Vec<CalendarEvent>> {
        (**self).find_by_marker(calendar, marker).await
    }
    async fn events(&self, calendar: &CalendarId, within: TimeRange, page: Option<&PageToken>) -> Result<EventPage> {
        (**self).events(calendar, within, page).await
    }
    async fn changes(&self, calendar: &CalendarId, from: ChangesFrom) -> Result<ChangePage> {
        (**self).changes(calendar, from).await
    }
    async fn write(
        &self,
        calendar: &CalendarId,
        writes: Vec<EventWrite>,
        options: WriteOptions,
    ) -> Result<Vec<WriteOutcome>> {
        (**self).write(calendar, writes, options).await
    }
}

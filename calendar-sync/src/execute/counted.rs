use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use invitations_core::{
    Result,
    ids::{CalendarId, EventId, PageToken, ProviderId},
    provider::{
        CalendarCapabilities, CalendarEvent, CalendarProvider, ChangePage, ChangesFrom, EventPage, EventWrite, Marker,
        WriteOptions, WriteOutcome,
    },
    time::TimeRange,
};

/// A provider that counts the calls it gets.
#[derive(Debug)]
pub(crate) struct Counted {
    inner: Arc<dyn CalendarProvider>,
    calls: AtomicU64,
}

impl Counted {
    pub(crate) fn new(inner: Arc<dyn CalendarProvider>) -> Self {
        Self { inner, calls: AtomicU64::new(0) }
    }

    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    fn counted(&self) -> &dyn CalendarProvider {
        self.calls.fetch_add(1, Ordering::Relaxed);
        &*self.inner
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl CalendarProvider for Counted {
    fn provider(&self) -> &ProviderId {
        self.inner.provider()
    }
    fn capabilities(&self) -> CalendarCapabilities {
        self.inner.capabilities()
    }
    async fn event(&self, calendar: &CalendarId, id: &EventId) -> Result<CalendarEvent> {
        self.counted().event(calendar, id).await
    }
    async fn find_by_marker(&self, calendar: &CalendarId, marker: &Marker) -> Result<Vec<CalendarEvent>> {
        self.counted().find_by_marker(calendar, marker).await
    }
    async fn events(&self, calendar: &CalendarId, within: TimeRange, page: Option<&PageToken>) -> Result<EventPage> {
        self.counted().events(calendar, within, page).await
    }
    async fn changes(&self, calendar: &CalendarId, from: ChangesFrom) -> Result<ChangePage> {
        self.counted().changes(calendar, from).await
    }
    async fn write(
        &self,
        calendar: &CalendarId,
        writes: Vec<EventWrite>,
        options: WriteOptions,
    ) -> Result<Vec<WriteOutcome>> {
        self.counted().write(calendar, writes, options).await
    }
}

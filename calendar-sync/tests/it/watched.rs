//! A calendar and a store that stop before and after every call, and a calendar that remembers what it was asked.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    future::poll_fn,
    sync::{Arc, Mutex},
    task::Poll,
    time::Duration,
};

use async_trait::async_trait;
use calendar_sync::{BindingRow, Fence, Mapping, MappingStore, SourceId, SyncWrite, memory::MemoryMappings};
use chrono::{DateTime, Utc};
use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    ids::{BindingId, CalendarId, EventId, PageToken, ProviderId, WorkerId},
    memory::MemoryCalendar,
    provider::{
        Account, CalendarCapabilities, CalendarEvent, CalendarProvider, ChangePage, ChangesFrom, EventPage, EventWrite,
        Marker, Open, WriteOptions, WriteOutcome,
    },
    time::TimeRange,
};

/// Lets the caller be dropped here.
async fn stop() {
    let mut stopped = false;
    poll_fn(|context| {
        if stopped {
            return Poll::Ready(());
        }
        stopped = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[derive(Clone, Debug)]
pub(crate) struct Watched {
    pub(crate) inner: MemoryCalendar,
    seen: Arc<Mutex<Seen>>,
    /// What a refusal asks to wait, instead of what it says.
    waits: Arc<Mutex<Option<Duration>>>,
}

#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// "write", "find", "event", "events" or "changes".
    pub(crate) calls: Vec<&'static str>,
    pub(crate) options: Vec<WriteOptions>,
    /// Every call's writes.
    pub(crate) writes: Vec<Vec<EventWrite>>,
}

impl Watched {
    pub(crate) fn new(inner: MemoryCalendar) -> Self {
        Self { inner, seen: Arc::default(), waits: Arc::default() }
    }

    /// From now on every refusal asks to wait that long.
    pub(crate) fn asks_to_wait(&self, wait: Duration) {
        *self.waits.lock().unwrap() = Some(wait);
    }

    /// What was asked since the last time.
    pub(crate) fn take(&self) -> Seen {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }

    fn saw(&self, call: &'static str) {
        self.seen.lock().unwrap().calls.push(call);
    }
}

#[async_trait]
impl CalendarProvider for Watched {
    fn provider(&self) -> &ProviderId {
        self.inner.provider()
    }
    fn capabilities(&self) -> CalendarCapabilities {
        self.inner.capabilities()
    }
    async fn event(&self, calendar: &CalendarId, id: &EventId) -> Result<CalendarEvent> {
        self.saw("event");
        stop().await;
        self.inner.event(calendar, id).await
    }
    async fn find_by_marker(&self, calendar: &CalendarId, marker: &Marker) -> Result<Vec<CalendarEvent>> {
        self.saw("find");
        stop().await;
        self.inner.find_by_marker(calendar, marker).await
    }
    async fn events(&self, calendar: &CalendarId, within: TimeRange, page: Option<&PageToken>) -> Result<EventPage> {
        self.saw("events");
        stop().await;
        self.inner.events(calendar, within, page).await
    }
    async fn changes(&self, calendar: &CalendarId, from: ChangesFrom) -> Result<ChangePage> {
        self.saw("changes");
        self.inner.changes(calendar, from).await
    }
    async fn write(
        &self,
        calendar: &CalendarId,
        writes: Vec<EventWrite>,
        options: WriteOptions,
    ) -> Result<Vec<WriteOutcome>> {
        stop().await;
        {
            let mut seen = self.seen.lock().unwrap();
            seen.calls.push("write");
            seen.options.push(options.clone());
            seen.writes.push(writes.clone());
        }
        let mut outcomes = self.inner.write(calendar, writes, options).await;
        let asked = *self.waits.lock().unwrap();
        let longer = |error: Error| match asked {
            Some(wait) => error.with_retry(RetryClass::Safe { after: Some(wait) }),
            None => error,
        };
        if let Ok(outcomes) = &mut outcomes {
            for outcome in outcomes {
                if let WriteOutcome::Rejected(error) = outcome {
                    let told = std::mem::replace(error, Error::new(ErrorKind::Unavailable, "write events"));
                    *error = longer(told);
                }
            }
        }
        stop().await;
        outcomes
    }
}

#[async_trait]
impl Open<dyn CalendarProvider> for Watched {
    async fn open(&self, _: &Account) -> Result<Arc<dyn CalendarProvider>> {
        Ok(Arc::new(self.clone()))
    }
}

/// A store that stops before and after every call.
#[derive(Clone, Debug)]
pub(crate) struct Stopping(pub(crate) MemoryMappings);

#[async_trait]
impl MappingStore for Stopping {
    async fn now(&self) -> Result<DateTime<Utc>> {
        stop().await;
        self.0.now().await
    }
    async fn lease(&self, binding: &BindingId, owner: &WorkerId, ttl: Duration) -> Result<Option<Fence>> {
        stop().await;
        let lease = self.0.lease(binding, owner, ttl).await;
        stop().await;
        lease
    }
    async fn release(&self, binding: &BindingId, fence: Fence) -> Result<()> {
        stop().await;
        let released = self.0.release(binding, fence).await;
        stop().await;
        released
    }
    async fn mappings(
        &self,
        binding: &BindingId,
        after: Option<(&SourceId, u16)>,
        limit: usize,
    ) -> Result<Vec<Mapping>> {
        stop().await;
        self.0.mappings(binding, after, limit).await
    }
    async fn find(&self, binding: &BindingId, ids: &[SourceId]) -> Result<Vec<Mapping>> {
        stop().await;
        self.0.find(binding, ids).await
    }
    async fn binding(&self, binding: &BindingId) -> Result<BindingRow> {
        self.0.binding(binding).await
    }
    async fn commit(&self, binding: &BindingId, fence: Fence, writes: Vec<SyncWrite>) -> Result<()> {
        stop().await;
        let committed = self.0.commit(binding, fence, writes).await;
        stop().await;
        committed
    }
    async fn mark_dirty(&self, binding: &BindingId) -> Result<()> {
        self.0.mark_dirty(binding).await
    }
    async fn due(&self, limit: usize) -> Result<Vec<BindingId>> {
        self.0.due(limit).await
    }
}

//! An application with one binding, its calendar and its store.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use calendar_sync::{
    Binding, CalendarSync, Desired, Mapping, MappingStore as _, Report, SourceId, memory::MemoryMappings,
};
use chrono::{DateTime, Utc};
use invitations_core::{
    Result,
    ids::{BindingId, CalendarId, ConnectionId, EventId, ProviderId, TenantId},
    memory::MemoryCalendar,
    provider::{Account, CalendarCapabilities, EventDraft, Providers},
    runtime::{Clock as _, ManualClock, SeededEntropy},
    time::EventTime,
};

use crate::watched::{Stopping, Watched};

/// Longer than any lease and any request can matter.
pub(crate) const LATER: Duration = Duration::from_secs(3600);

pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) calendar: Watched,
    pub(crate) store: MemoryMappings,
    pub(crate) sync: CalendarSync,
    pub(crate) binding: Binding,
}

pub(crate) fn provider_id() -> ProviderId {
    ProviderId::parse("memory").unwrap()
}

pub(crate) fn binding(name: &str) -> Binding {
    let account = Account::connection(
        TenantId::parse("school").unwrap(),
        provider_id(),
        ConnectionId::parse("adas-outlook").unwrap(),
    );
    Binding::new(BindingId::parse(name).unwrap(), account, CalendarId::parse("default").unwrap())
}

/// Everything declared, or this.
pub(crate) fn world_with(capabilities: Option<CalendarCapabilities>) -> World {
    let clock = ManualClock::new(start());
    let mut calendar = MemoryCalendar::new(provider_id());
    if let Some(capabilities) = capabilities {
        calendar = calendar.with_capabilities(capabilities);
    }
    let (calendar, store) = (Watched::new(calendar), MemoryMappings::new(Arc::new(clock.clone())));
    let sync = engine(&clock, &calendar, &store, 1);
    World { clock, calendar, store, sync, binding: binding("assignments") }
}

pub(crate) fn world() -> World {
    world_with(None)
}

/// Another process on the same store.
pub(crate) fn engine(clock: &ManualClock, calendar: &Watched, store: &MemoryMappings, seed: u64) -> CalendarSync {
    let providers = Providers::new().with_calendars(provider_id(), Arc::new(calendar.clone()));
    CalendarSync::builder(Arc::new(Stopping(store.clone())), providers)
        .clock(Arc::new(clock.clone()))
        .entropy(Arc::new(SeededEntropy::new(seed)))
        .build()
        .unwrap()
}

pub(crate) fn start() -> DateTime<Utc> {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

pub(crate) fn source(name: &str) -> SourceId {
    SourceId::parse(name).unwrap()
}

pub(crate) fn draft(title: &str) -> EventDraft {
    EventDraft::new(title, EventTime::AllDay { from: "2026-09-01".parse().unwrap(), days: 1 })
}

pub(crate) fn wish(name: &str, version: u64, title: &str) -> Desired {
    Desired::event(source(name), version, draft(title))
}

pub(crate) fn gone(name: &str, version: u64) -> Desired {
    Desired::gone(source(name), version)
}

impl World {
    pub(crate) async fn push(&self, changes: &[Desired]) -> Report {
        self.sync.push(&self.binding, changes).await.unwrap()
    }

    /// Pushes again, later and later, until nothing is pending.
    pub(crate) async fn push_until_done(&self, changes: &[Desired]) -> Report {
        for _ in 0..5 {
            self.clock.advance(LATER);
            let report = self.sync.push(&self.binding, changes).await;
            if let Ok(report) = report
                && report.pending == 0
            {
                return report;
            }
        }
        panic!("still pending after five runs");
    }

    /// The titles in the calendar, sorted.
    pub(crate) fn titles(&self) -> Vec<String> {
        let events = self.calendar.inner.events_in(&self.binding.calendar);
        let mut titles: Vec<_> = events.into_iter().map(|event| event.content.subject).collect();
        titles.sort();
        titles
    }

    pub(crate) fn event_id(&self, title: &str) -> EventId {
        let events = self.calendar.inner.events_in(&self.binding.calendar);
        events.into_iter().find(|event| event.content.subject == title).unwrap().id
    }

    pub(crate) async fn rows(&self) -> Result<BTreeMap<String, Mapping>> {
        let rows = self.store.mappings(&self.binding.id, None, 1000).await?;
        Ok(rows.into_iter().map(|row| (row.source.to_string(), row)).collect())
    }

    pub(crate) async fn row(&self, name: &str) -> Mapping {
        self.rows().await.unwrap().remove(name).unwrap()
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

//! For each case of the suite one calendar that is wrong in just that way, and that the case reports.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use async_trait::async_trait;
use invitations_core::{
    Result,
    conformance::calendar_provider::{self as suite, CalendarFixture},
    ids::{CalendarId, EventId, PageToken, ProviderId},
    memory::MemoryCalendar,
    provider::{
        CalendarCapabilities, CalendarEvent, CalendarProvider, ChangePage, ChangesFrom, EventPage, EventWrite, Marker,
        Next, WriteOptions, WriteOutcome,
    },
    time::TimeRange,
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    ChangesAreEmpty,
    FindsNothing,
    ForgetsAttendees,
    ForgetsThePages,
    IgnoresVersions,
    OutcomesInAnotherOrder,
    SecondDeleteIsDeleted,
    UsesNoKey,
}

#[derive(Debug)]
struct Wrong(MemoryCalendar, Fault);

#[async_trait]
impl CalendarProvider for Wrong {
    fn provider(&self) -> &ProviderId {
        self.0.provider()
    }
    fn capabilities(&self) -> CalendarCapabilities {
        let declared = self.0.capabilities();
        if self.1 == Fault::UsesNoKey { declared.with_idempotent_create() } else { declared }
    }
    async fn event(&self, calendar: &CalendarId, id: &EventId) -> Result<CalendarEvent> {
        self.0.event(calendar, id).await
    }
    async fn find_by_marker(&self, calendar: &CalendarId, marker: &Marker) -> Result<Vec<CalendarEvent>> {
        if self.1 == Fault::FindsNothing {
            return Ok(Vec::new());
        }
        self.0.find_by_marker(calendar, marker).await
    }
    async fn events(&self, calendar: &CalendarId, within: TimeRange, page: Option<&PageToken>) -> Result<EventPage> {
        let mut got = self.0.events(calendar, within, page).await?;
        if self.1 == Fault::ForgetsThePages {
            got.next = Next::End;
        }
        Ok(got)
    }
    async fn changes(&self, calendar: &CalendarId, from: ChangesFrom) -> Result<ChangePage> {
        let mut got = self.0.changes(calendar, from).await?;
        if self.1 == Fault::ChangesAreEmpty {
            got.changes.clear();
        }
        Ok(got)
    }
    async fn write(
        &self,
        calendar: &CalendarId,
        mut writes: Vec<EventWrite>,
        options: WriteOptions,
    ) -> Result<Vec<WriteOutcome>> {
        for write in &mut writes {
            if let (Fault::IgnoresVersions, EventWrite::Update { if_match, .. } | EventWrite::Delete { if_match, .. }) =
                (self.1, write)
            {
                *if_match = None;
            }
        }
        let mut updated = Vec::new();
        for write in &writes {
            if let EventWrite::Update { id, .. } = write {
                updated.push(id.clone());
            }
        }
        let mut outcomes = self.0.write(calendar, writes, options).await?;
        match self.1 {
            Fault::OutcomesInAnotherOrder => outcomes.reverse(),
            Fault::SecondDeleteIsDeleted => {
                for outcome in &mut outcomes {
                    if matches!(outcome, WriteOutcome::Missing) {
                        *outcome = WriteOutcome::Deleted;
                    }
                }
            }
            Fault::ForgetsAttendees => {
                for id in updated {
                    self.0.edit(calendar, &id, |content| content.attendees.clear())?;
                }
            }
            _ => {}
        }
        Ok(outcomes)
    }
}

struct With(Fault);

impl CalendarFixture for With {
    async fn provider(&self) -> Arc<dyn CalendarProvider> {
        let mut inner = MemoryCalendar::new(ProviderId::parse("memory").unwrap());
        if self.0 == Fault::UsesNoKey {
            inner = inner.with_capabilities(CalendarCapabilities::new().with_marker());
        }
        Arc::new(Wrong(inner, self.0))
    }
    fn calendar(&self) -> CalendarId {
        CalendarId::parse("work").unwrap()
    }
}

macro_rules! reports { ($($case:ident: $fault:ident;)+) => {$(
    #[tokio::test]
    async fn $case() {
        suite::$case(&With(Fault::$fault)).await.expect_err("the case reports the fault");
    }
)+}}

reports! {
    create_then_find: FindsNothing;
    same_key_is_one_event: UsesNoKey;
    an_old_version_is_a_precondition: IgnoresVersions;
    delete_then_missing: SecondDeleteIsDeleted;
    pages_end_and_contain: ForgetsThePages;
    outcomes_are_in_order: OutcomesInAnotherOrder;
    update_keeps_the_event: ForgetsAttendees;
    changes_since_a_cursor: ChangesAreEmpty;
}

//! Cases for any [`CalendarProvider`], chosen by what it declares.

use std::{future::Future, sync::Arc, time::Duration};

use chrono::DateTime;

use super::{Finding, Verdict, ensure, ensure_kind};
use crate::{
    ErrorKind,
    ids::{CalendarId, EventId},
    people::{Attendee, EmailAddress},
    provider::{
        CalendarEvent, CalendarProvider, CalendarProviderExt as _, ChangesFrom, EventChange, EventDraft, EventWrite,
        Marker, NextChange, WriteOptions, WriteOutcome,
    },
    time::{EventTime, Slot, TimeRange},
};

/// Opens the calendar under test.
pub trait CalendarFixture: Send + Sync {
    /// A provider bound to an account.
    fn provider(&self) -> impl Future<Output = Arc<dyn CalendarProvider>> + Send;

    /// A calendar of that account, without an event under the markers of [`marker`](Self::marker).
    fn calendar(&self) -> CalendarId;

    /// When the suite's events take place. By default an hour in June 2040.
    fn time(&self) -> EventTime {
        let start = DateTime::from_timestamp(2_221_999_980, 0).unwrap_or_default();
        Slot::from(start..start + Duration::from_secs(3600)).into()
    }

    /// The marker of an event of the suite. A fixture for a live account makes it unique per run.
    ///
    /// # Errors
    /// A finding when the name makes no marker.
    fn marker(&self, name: &str) -> Result<Marker, Finding> {
        Ok(Marker::parse(format!("suite-{name}"))?)
    }
}

fn draft(fixture: &impl CalendarFixture, subject: &str) -> EventDraft {
    EventDraft::new(subject, fixture.time())
}

fn window(fixture: &impl CalendarFixture) -> TimeRange {
    fixture.time().range().widened(Duration::from_secs(24 * 3600))
}

async fn write(
    fixture: &impl CalendarFixture,
    provider: &Arc<dyn CalendarProvider>,
    write: EventWrite,
) -> Result<WriteOutcome, Finding> {
    let mut outcomes = provider.write(&fixture.calendar(), vec![write], WriteOptions::new()).await?;
    match (outcomes.pop(), outcomes.is_empty()) {
        (Some(outcome), true) => Ok(outcome),
        _ => Err(Finding::new("not one outcome for one write")),
    }
}

async fn create(
    fixture: &impl CalendarFixture,
    provider: &Arc<dyn CalendarProvider>,
    name: &str,
) -> Result<CalendarEvent, Finding> {
    let key = fixture.marker(name)?;
    let create = EventWrite::Create { key, draft: Box::new(draft(fixture, &format!("Suite {name}"))) };
    applied(write(fixture, provider, create).await?)
}

fn applied(outcome: WriteOutcome) -> Result<CalendarEvent, Finding> {
    match outcome {
        WriteOutcome::Applied(event) => Ok(*event),
        other => Err(Finding::new(format!("expected an applied write, got {other:?}"))),
    }
}

fn delete(id: &EventId) -> EventWrite {
    EventWrite::Delete { id: id.clone(), if_match: None }
}

/// What was made can be read, and found by its marker where that is declared.
///
/// # Errors
/// The finding.
pub async fn create_then_find(fixture: &impl CalendarFixture) -> Verdict {
    let provider = fixture.provider().await;
    let (calendar, marker) = (fixture.calendar(), fixture.marker("find")?);
    if !provider.capabilities().marker {
        let found = provider.find_by_marker(&calendar, &marker).await;
        return ensure_kind(found, ErrorKind::Unsupported, "undeclared find_by_marker");
    }
    let made = create(fixture, &provider, "find").await?;
    create(fixture, &provider, "find-other").await?;
    let read = provider.event(&calendar, &made.id).await?;
    ensure(read.content.subject == "Suite find", || format!("the title became {:?}", read.content.subject))?;
    ensure(read.content.time.range() == fixture.time().range(), || "the time changed".to_owned())?;
    let found: Vec<_> = provider.find_by_marker(&calendar, &marker).await?.into_iter().map(|event| event.id).collect();
    ensure(found == [made.id.clone()], || format!("looking for {}, found {found:?}", made.id))
}

/// Where creates are idempotent, the same key again makes no second event.
///
/// # Errors
/// The finding.
pub async fn same_key_is_one_event(fixture: &impl CalendarFixture) -> Verdict {
    let provider = fixture.provider().await;
    if !provider.capabilities().idempotent_create {
        return Ok(());
    }
    let first = create(fixture, &provider, "twice").await?;
    for subject in ["Suite twice", "Suite twice, changed"] {
        let again = EventWrite::Create { key: fixture.marker("twice")?, draft: Box::new(draft(fixture, subject)) };
        match write(fixture, &provider, again).await? {
            WriteOutcome::Duplicate => {}
            WriteOutcome::Applied(event) if event.id == first.id => {}
            other => return Err(Finding::new(format!("the same key again: {other:?}"))),
        }
    }
    Ok(())
}

/// Where versions are checked, a write against an old one is a `Precondition` and changes nothing.
///
/// # Errors
/// The finding.
pub async fn an_old_version_is_a_precondition(fixture: &impl CalendarFixture) -> Verdict {
    let provider = fixture.provider().await;
    if !provider.capabilities().conditional_write {
        return Ok(());
    }
    let made = create(fixture, &provider, "version").await?;
    let Some(old) = made.etag else { return Err(Finding::new("versions are checked, but an event has none")) };
    let update = |subject: &str| EventWrite::Update {
        id: made.id.clone(),
        if_match: Some(old.clone()),
        draft: Box::new(draft(fixture, subject)),
    };
    applied(write(fixture, &provider, update("Suite second")).await?)?;
    for late in [update("Suite third"), EventWrite::Delete { id: made.id.clone(), if_match: Some(old.clone()) }] {
        let outcome = write(fixture, &provider, late).await?;
        ensure(matches!(outcome, WriteOutcome::Precondition), || format!("a late write: {outcome:?}"))?;
    }
    let read = provider.event(&fixture.calendar(), &made.id).await?;
    ensure(read.content.subject == "Suite second", || format!("a late write made it {:?}", read.content.subject))
}

/// A deleted event is gone, and deleting it again is `Missing`.
///
/// # Errors
/// The finding.
pub async fn delete_then_missing(fixture: &impl CalendarFixture) -> Verdict {
    let provider = fixture.provider().await;
    let made = create(fixture, &provider, "delete").await?;
    let outcome = write(fixture, &provider, delete(&made.id)).await?;
    ensure(matches!(outcome, WriteOutcome::Deleted), || format!("delete: {outcome:?}"))?;
    ensure_kind(provider.event(&fixture.calendar(), &made.id).await, ErrorKind::NotFound, "read after delete")?;
    let outcome = write(fixture, &provider, delete(&made.id)).await?;
    ensure(matches!(outcome, WriteOutcome::Missing), || format!("second delete: {outcome:?}"))?;
    let update = EventWrite::Update { id: made.id, if_match: None, draft: Box::new(draft(fixture, "Suite late")) };
    let outcome = write(fixture, &provider, update).await?;
    ensure(matches!(outcome, WriteOutcome::Missing), || format!("update of a deleted event: {outcome:?}"))
}

/// A listing ends, and has every event once.
///
/// # Errors
/// The finding.
pub async fn pages_end_and_contain(fixture: &impl CalendarFixture) -> Verdict {
    let provider = fixture.provider().await;
    let mut made = Vec::new();
    for number in 0..25 {
        made.push(create(fixture, &provider, &format!("page-{number}")).await?.id);
    }
    let read = provider.complete_with(&fixture.calendar(), window(fixture), |event| event.id).await?;
    for id in made {
        let times = read.items().iter().filter(|found| **found == id).count();
        ensure(times == 1, || format!("{id} is listed {times} times"))?;
    }
    Ok(())
}

/// One outcome per write, in the order of the writes, as many at a time as declared.
///
/// # Errors
/// The finding.
pub async fn outcomes_are_in_order(fixture: &impl CalendarFixture) -> Verdict {
    let provider = fixture.provider().await;
    let gone = create(fixture, &provider, "order-gone").await?;
    write(fixture, &provider, delete(&gone.id)).await?;
    let make = |name: &str| -> Result<EventWrite, Finding> {
        Ok(EventWrite::Create { key: fixture.marker(name)?, draft: Box::new(draft(fixture, name)) })
    };
    let mut writes = vec![make("order-a")?, delete(&gone.id), make("order-b")?];
    writes.truncate(provider.capabilities().batch.max(1));
    let expected: Vec<_> = ["order-a", "missing", "order-b"].into_iter().take(writes.len()).collect();
    let outcomes = provider.write(&fixture.calendar(), writes, WriteOptions::new()).await?;
    let seen: Vec<_> = outcomes
        .iter()
        .map(|outcome| match outcome {
            WriteOutcome::Applied(event) => event.content.subject.as_str(),
            WriteOutcome::Missing => "missing",
            _ => "something else",
        })
        .collect();
    ensure(seen == expected, || format!("expected {expected:?}, got {seen:?}"))
}

/// An update keeps the event's id, its marker, and the attendees when the draft lists none.
///
/// # Errors
/// The finding.
pub async fn update_keeps_the_event(fixture: &impl CalendarFixture) -> Verdict {
    let provider = fixture.provider().await;
    let guest = Attendee::new(EmailAddress::parse("guest@example.com")?);
    let with_guest = draft(fixture, "Suite update").with_attendee(guest.clone());
    let create = EventWrite::Create { key: fixture.marker("update")?, draft: Box::new(with_guest) };
    let made = applied(write(fixture, &provider, create).await?)?;
    let update = EventWrite::Update {
        id: made.id.clone(),
        if_match: made.etag.clone(),
        draft: Box::new(draft(fixture, "Suite renamed")),
    };
    let updated = applied(write(fixture, &provider, update).await?)?;
    ensure(updated.id == made.id, || format!("{} became {}", made.id, updated.id))?;
    let read = provider.event(&fixture.calendar(), &made.id).await?;
    ensure(read.content.subject == "Suite renamed", || format!("the title is {:?}", read.content.subject))?;
    ensure(read.content.attendees.iter().any(|there| there.email == guest.email), || {
        "an attendee was lost".to_owned()
    })?;
    if provider.capabilities().marker {
        let found = provider.find_by_marker(&fixture.calendar(), &fixture.marker("update")?).await?;
        ensure(found.len() == 1, || "an update lost the marker".to_owned())?;
    }
    Ok(())
}

/// Declared changes end with a cursor, and the next round has what happened since; undeclared ones are `Unsupported`.
///
/// # Errors
/// The finding.
pub async fn changes_since_a_cursor(fixture: &impl CalendarFixture) -> Verdict {
    let provider = fixture.provider().await;
    let start = ChangesFrom::Start(window(fixture));
    if !provider.capabilities().delta {
        let changes = provider.changes(&fixture.calendar(), start).await;
        return ensure_kind(changes, ErrorKind::Unsupported, "undeclared changes");
    }
    let (kept, gone) = (create(fixture, &provider, "delta-a").await?, create(fixture, &provider, "delta-b").await?);
    let (first, cursor) = round(fixture, &provider, start).await?;
    ensure(first.contains(&kept.id.to_string()) && first.contains(&gone.id.to_string()), || {
        "the first round misses an event".to_owned()
    })?;
    let new = create(fixture, &provider, "delta-c").await?;
    write(fixture, &provider, delete(&gone.id)).await?;
    let (second, _) = round(fixture, &provider, ChangesFrom::Cursor(cursor)).await?;
    ensure(second.contains(&new.id.to_string()), || "the next round misses a new event".to_owned())?;
    ensure(second.contains(&format!("-{}", gone.id)), || "the next round misses a deleted event".to_owned())
}

/// The ids of one round, removed ones with a minus in front, and its cursor.
async fn round(
    fixture: &impl CalendarFixture,
    provider: &Arc<dyn CalendarProvider>,
    mut from: ChangesFrom,
) -> Result<(Vec<String>, crate::ids::SyncCursor), Finding> {
    let mut seen = Vec::new();
    for _ in 0..1000 {
        let page = provider.changes(&fixture.calendar(), from).await?;
        seen.extend(page.changes.into_iter().map(|change| match change {
            EventChange::Upserted(event) => event.id.to_string(),
            EventChange::RemovedHint(id) => format!("-{id}"),
        }));
        match page.next {
            NextChange::More(next) => from = ChangesFrom::Page(next),
            NextChange::Done(cursor) => return Ok((seen, cursor)),
        }
    }
    Err(Finding::new("the pages of a round never end"))
}

/// One test per case of [`calendar_provider`](mod@crate::conformance::calendar_provider), over a
/// [`CalendarFixture`](crate::conformance::calendar_provider::CalendarFixture).
#[macro_export]
macro_rules! calendar_provider_suite {
    ($(#[$test:meta])+ $fixture:expr) => {
        $crate::__suite! {
            $(#[$test])+ $fixture;
            calendar_provider: create_then_find, same_key_is_one_event, an_old_version_is_a_precondition,
            delete_then_missing, pages_end_and_contain, outcomes_are_in_order, update_keeps_the_event,
            changes_since_a_cursor
        }
    };
}

use std::collections::HashSet;

use super::{CalendarEvent, CalendarProvider, EventDraft, EventWrite, Marker, Next, WriteOptions, WriteOutcome};
use crate::{
    Error, ErrorKind, Result,
    ids::{CalendarId, Etag, EventId},
    time::TimeRange,
};

/// Proof that a listing was read to its end. Built only here: providers give pages, core draws the conclusion.
///
/// ```compile_fail
/// # use invitations_core::{provider::Complete, time::TimeRange};
/// fn forge(within: TimeRange) -> Complete<u8> {
///     Complete { within, items: Vec::new() }
/// }
/// ```
#[derive(Debug)]
pub struct Complete<T> {
    within: TimeRange,
    items: Vec<T>,
}

impl<T> Complete<T> {
    /// Everything there was.
    pub fn items(&self) -> &[T] {
        &self.items
    }

    /// In which window.
    pub fn within(&self) -> TimeRange {
        self.within
    }
}

/// Conveniences over any [`CalendarProvider`].
pub trait CalendarProviderExt: CalendarProvider {
    /// Reads every page.
    ///
    /// # Errors
    /// The first page's error; [`Protocol`](ErrorKind::Protocol) when a page leads back to one already read, and when three pages in
    /// a row have the same events.
    fn complete(
        &self,
        calendar: &CalendarId,
        within: TimeRange,
    ) -> impl Future<Output = Result<Complete<CalendarEvent>>> + Send {
        self.complete_with(calendar, within, |event| event)
    }

    /// Reads every page and keeps only what `keep` makes of each event, so that a large calendar does not sit in memory.
    ///
    /// # Errors
    /// As [`complete`](Self::complete).
    fn complete_with<T: Send>(
        &self,
        calendar: &CalendarId,
        within: TimeRange,
        keep: impl Fn(CalendarEvent) -> T + Send,
    ) -> impl Future<Output = Result<Complete<T>>> + Send;

    /// Makes one event.
    ///
    /// # Errors
    /// What the outcome says; a used key is [`AlreadyExists`](ErrorKind::AlreadyExists).
    fn create_event(
        &self,
        calendar: &CalendarId,
        key: &Marker,
        draft: EventDraft,
        options: WriteOptions,
    ) -> impl Future<Output = Result<CalendarEvent>> + Send;

    /// Changes one event, only if it has the version in `if_match`.
    ///
    /// # Errors
    /// What the outcome says; another version is [`Conflict`](ErrorKind::Conflict).
    fn update_event(
        &self,
        calendar: &CalendarId,
        id: &EventId,
        if_match: Option<Etag>,
        draft: EventDraft,
        options: WriteOptions,
    ) -> impl Future<Output = Result<CalendarEvent>> + Send;

    /// Takes one event away. One that is not there is [`NotFound`](ErrorKind::NotFound).
    ///
    /// # Errors
    /// What the outcome says.
    fn delete_event(
        &self,
        calendar: &CalendarId,
        id: &EventId,
        options: WriteOptions,
    ) -> impl Future<Output = Result<()>> + Send;
}

impl<P: CalendarProvider + ?Sized> CalendarProviderExt for P {
    async fn complete_with<T: Send>(
        &self,
        calendar: &CalendarId,
        within: TimeRange,
        keep: impl Fn(CalendarEvent) -> T + Send,
    ) -> Result<Complete<T>> {
        let (mut items, mut seen, mut page) = (Vec::new(), HashSet::new(), None);
        let mut repeats = Repeats::default();
        loop {
            let got = self.events(calendar, within, page.as_ref()).await?;
            repeats.check(&got.items)?;
            items.extend(got.items.into_iter().map(&keep));
            let Next::More(next) = got.next else { return Ok(Complete { within, items }) };
            if !seen.insert(next.clone()) {
                return Err(
                    Error::new(ErrorKind::Protocol, "list events").with_detail("a page leads back to one already read")
                );
            }
            page = Some(next);
        }
    }

    async fn create_event(
        &self,
        calendar: &CalendarId,
        key: &Marker,
        draft: EventDraft,
        options: WriteOptions,
    ) -> Result<CalendarEvent> {
        let write = EventWrite::Create { key: key.clone(), draft: Box::new(draft) };
        applied("create event", self.write(calendar, vec![write], options).await?)
    }

    async fn update_event(
        &self,
        calendar: &CalendarId,
        id: &EventId,
        if_match: Option<Etag>,
        draft: EventDraft,
        options: WriteOptions,
    ) -> Result<CalendarEvent> {
        let write = EventWrite::Update { id: id.clone(), if_match, draft: Box::new(draft) };
        applied("update event", self.write(calendar, vec![write], options).await?)
    }

    async fn delete_event(&self, calendar: &CalendarId, id: &EventId, options: WriteOptions) -> Result<()> {
        let write = EventWrite::Delete { id: id.clone(), if_match: options.if_match.clone() };
        match single("delete event", self.write(calendar, vec![write], options).await?)? {
            WriteOutcome::Deleted => Ok(()),
            other => Err(failure("delete event", other)),
        }
    }
}

/// Notices a listing whose links differ and whose pages do not: one that was seen to go on for ever (msgraph-sdk-dotnet issue 3082).
#[derive(Default)]
struct Repeats {
    last: Vec<EventId>,
    times: u32,
}

impl Repeats {
    /// A page may come twice when something moved meanwhile; three times the same is no progress. Empty pages say nothing.
    const MOST: u32 = 2;

    fn check(&mut self, page: &[CalendarEvent]) -> Result<()> {
        let same = !page.is_empty() && self.last.iter().eq(page.iter().map(|event| &event.id));
        if !same {
            self.last = page.iter().map(|event| event.id.clone()).collect();
            self.times = 0;
        }
        self.times += 1;
        if same && self.times > Self::MOST {
            return Err(Error::new(ErrorKind::Protocol, "list events").with_detail("pages repeat the same events"));
        }
        Ok(())
    }
}

fn single(operation: &'static str, mut outcomes: Vec<WriteOutcome>) -> Result<WriteOutcome> {
    match (outcomes.pop(), outcomes.is_empty()) {
        (Some(outcome), true) => Ok(outcome),
        _ => Err(Error::new(ErrorKind::Protocol, operation).with_detail("not one outcome per write")),
    }
}

fn applied(operation: &'static str, outcomes: Vec<WriteOutcome>) -> Result<CalendarEvent> {
    match single(operation, outcomes)? {
        WriteOutcome::Applied(event) => Ok(*event),
        other => Err(failure(operation, other)),
    }
}

fn failure(operation: &'static str, outcome: WriteOutcome) -> Error {
    match outcome {
        WriteOutcome::Rejected(error) | WriteOutcome::Unclear(error) => error,
        WriteOutcome::Missing => Error::new(ErrorKind::NotFound, operation),
        WriteOutcome::Precondition => Error::new(ErrorKind::Conflict, operation),
        WriteOutcome::Duplicate => Error::new(ErrorKind::AlreadyExists, operation),
        WriteOutcome::Applied(_) | WriteOutcome::Deleted => Error::new(ErrorKind::Protocol, operation),
    }
}

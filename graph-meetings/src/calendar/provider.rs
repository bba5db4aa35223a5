use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Result,
    ids::{CalendarId, Etag, EventId, PageToken, ProviderId},
    provider::{
        CalendarCapabilities, CalendarEvent, CalendarProvider, ChangePage, ChangesFrom, EventDraft, EventPage,
        EventWrite, Marker, Next, Resend, WriteOptions, WriteOutcome,
    },
    time::TimeRange,
};
use meetings_http::{PageGuard, Protection};

use super::{
    decode::{self, Written, refused},
    request,
};
use crate::{
    client::{Budget, Session},
    errors::Resource,
};

/// The calendars of one mailbox. The calendar ids `primary` and `default` name the mailbox's own calendar.
///
/// A draft with [`online`](EventDraft::online) asks for a Teams meeting. Where the mailbox has no Teams, Outlook makes the event
/// without one and says nothing; the event is then reported as applied, its `join_url` is `None`, and a warning is logged. Look at
/// `join_url` before you promise a link.
///
/// An event that repeats ([`EventDraft::recurrence`]) is written in its own zone, by the zone's Windows name, and keeps its time of day
/// when clocks change. A rule that Outlook has no pattern for is refused before anything is sent
/// ([`UnsupportedRecurrence`](crate::UnsupportedRecurrence)). Listings show a series as its occurrences, which carry no marker: the
/// event that was written is the series, and is found by [`find_by_marker`](CalendarProvider::find_by_marker). An update says the rule
/// only where it changes, for Outlook would undo what was changed in single occurrences.
///
/// - A first event that begins or ends in an hour that clocks skip (02:30 on the day when they go forward at two) is refused
///   ([`SkippedHour`](crate::UnsupportedRecurrence::SkippedHour)): it would be read an hour later than it was written. Such a series that
///   somebody else made is read with the instants that its first event has.
/// - A series that cannot be read, because its zone or its pattern is not known, is a [`Protocol`](ErrorKind::Protocol) error of its own
///   read, and of a [`find_by_marker`](CalendarProvider::find_by_marker) that meets it, and says which event it is: shown as a single
///   event it would be planned over. A listing is not hit, for it shows occurrences.
///   [`events_in`](Self::events_in) reads every series, and keeps what is not known as it came.
///
/// The key of a create is the event's `transactionId` and its marker. Graph answers a used key with the event that is there, or
/// refuses it; then the event is looked up by its marker ([`Duplicate`](WriteOutcome::Duplicate) where the caller keeps its own books,
/// or where the event is gone: Outlook may remember the key of a deleted event, so a new one needs another
/// [incarnation](crate::outlook::incarnation) of it).
///
/// Everything else that Outlook knows of events is in [`events_in`](Self::events_in).
///
/// An update reads the event first: the text of an online event holds the block that makes it one, and has to be written around it.
#[derive(Clone, Debug)]
pub struct OutlookCalendars {
    pub(super) session: Session,
    provider: ProviderId,
}

impl OutlookCalendars {
    pub(crate) fn new(session: Session) -> Self {
        Self { session, provider: crate::provider_id() }
    }

    async fn create(
        &self,
        calendar: &CalendarId,
        key: &Marker,
        draft: &EventDraft,
        options: &WriteOptions,
    ) -> Result<CalendarEvent> {
        let operation = "create event";
        let request = request::create(&self.session.owner, calendar, key, draft)?;
        let sent = self.session.send(operation, Resource::Events, request, Protection::Keyed, options).await;
        let reply = match sent {
            Ok(reply) => reply,
            // the key is used: what it made is the event. A caller with books of its own is told so and looks by itself
            Err(error) if is_used(&error) && options.resend == Resend::Pipeline => {
                let there = self.find_by_marker(calendar, key).await?.into_iter().next();
                return there.map(|event| checked(draft, event)).ok_or(error);
            }
            Err(error) => return Err(error),
        };
        let mut event = decode::event(operation, &reply)?;
        // the answer to a create never shows extended properties
        event.content.marker = Some(key.clone());
        Ok(checked(draft, event))
    }

    async fn update(
        &self,
        calendar: &CalendarId,
        id: &EventId,
        if_match: Option<&Etag>,
        draft: &EventDraft,
        budget: &Budget,
    ) -> Result<WriteOutcome> {
        let (operation, owner) = ("update event", &self.session.owner);
        let read = request::read_text(owner, calendar, id)?;
        let options = budget.options(&self.session.graph, operation)?;
        let reply = self.session.read_within(operation, Resource::Events, read, &options).await?;
        let (before, version) = decode::before(operation, &reply)?;
        if if_match.is_some_and(|wanted| *wanted != version) {
            return Ok(WriteOutcome::Precondition);
        }
        // even without a wanted version: the text was made for the one that was read
        let request = request::update(owner, calendar, id, Some(&version), draft, &before)?;
        let options = budget.options(&self.session.graph, operation)?;
        // not sent again when unclear: a 412 to the second request could come from the first one's success
        let reply = self.session.send(operation, Resource::Events, request, Protection::Findable, &options).await?;
        let mut event = decode::event(operation, &reply)?;
        if event.content.marker.is_none() {
            event.content.marker.clone_from(&draft.marker);
        }
        Ok(WriteOutcome::Applied(Box::new(checked(draft, event))))
    }

    async fn delete(
        &self,
        calendar: &CalendarId,
        id: &EventId,
        if_match: Option<&Etag>,
        options: &WriteOptions,
    ) -> Result<()> {
        let request = request::delete(&self.session.owner, calendar, id, if_match)?;
        // as with updates: a 412 or 404 must not come from our own first try
        let protection = if if_match.is_some() { Protection::Findable } else { Protection::Idempotent };
        self.session.send("delete event", Resource::Events, request, protection, options).await.map(drop)
    }

    async fn write_one(&self, calendar: &CalendarId, write: EventWrite, budget: &Budget) -> WriteOutcome {
        let (operation, graph) = ("write event", &self.session.graph);
        match write {
            EventWrite::Create { key, draft } => {
                let done = match budget.options(graph, operation) {
                    Ok(options) => self.create(calendar, &key, &draft, &options).await,
                    Err(error) => Err(error),
                };
                match done {
                    Ok(event) => WriteOutcome::Applied(Box::new(event)),
                    Err(error) => refused(Written::Create, error),
                }
            }
            EventWrite::Update { id, if_match, draft } => {
                let done = self.update(calendar, &id, if_match.as_ref(), &draft, budget).await;
                match (done, if_match) {
                    (Ok(outcome), _) => outcome,
                    (Err(error), None) if error.status() == Some(412) => {
                        // nobody named a version: somebody else wrote between our read and our write, so nothing happened
                        WriteOutcome::Rejected(error.with_retry(invitations_core::RetryClass::Safe { after: None }))
                    }
                    (Err(error), _) => refused(Written::Existing, error),
                }
            }
            EventWrite::Delete { id, if_match } => {
                let done = match budget.options(graph, operation) {
                    Ok(options) => self.delete(calendar, &id, if_match.as_ref(), &options).await,
                    Err(error) => Err(error),
                };
                match done {
                    Ok(()) => WriteOutcome::Deleted,
                    Err(error) => refused(Written::Existing, error),
                }
            }
            _ => WriteOutcome::Rejected(Error::new(ErrorKind::Unsupported, operation)),
        }
    }
}

/// Graph's codes for a used key differ; whatever is answered with a conflict is looked up.
fn is_used(error: &Error) -> bool {
    error.kind() == ErrorKind::AlreadyExists || error.status() == Some(409)
}

/// Says it when Outlook left the online meeting out (trap 12).
fn checked(draft: &EventDraft, event: CalendarEvent) -> CalendarEvent {
    if draft.online && event.join_url.is_none() {
        tracing::warn!(event = %event.id, "the event was written without its online meeting: does the mailbox have Teams?");
    }
    event
}

#[async_trait]
impl CalendarProvider for OutlookCalendars {
    fn provider(&self) -> &ProviderId {
        &self.provider
    }

    fn capabilities(&self) -> CalendarCapabilities {
        CalendarCapabilities::new().with_width(1, 4).with_idempotent_create().with_marker().with_conditional_write()
    }

    async fn event(&self, calendar: &CalendarId, id: &EventId) -> Result<CalendarEvent> {
        let operation = "read event";
        let request = request::read(&self.session.owner, calendar, id)?;
        decode::event(operation, &self.session.read(operation, Resource::Events, request).await?)
    }

    async fn find_by_marker(&self, calendar: &CalendarId, marker: &Marker) -> Result<Vec<CalendarEvent>> {
        let operation = "find event";
        let (mut found, mut guard) = (Vec::new(), PageGuard::new());
        let mut request = request::find(&self.session.owner, calendar, marker)?;
        loop {
            let reply = self.session.read(operation, Resource::Events, request).await?;
            let page = decode::events(operation, &reply)?;
            found.extend(page.value);
            let Some(link) = page.next else { return Ok(found) };
            guard.check(&link)?;
            request = request::page(&self.session.address_of(&link)?)?;
        }
    }

    async fn events(&self, calendar: &CalendarId, within: TimeRange, page: Option<&PageToken>) -> Result<EventPage> {
        let operation = "list events";
        let first = request::view(&self.session.owner, calendar, within)?;
        let listing = first.uri().clone();
        let request = self.session.page(operation, first, page)?;
        let page = decode::events(operation, &self.session.read(operation, Resource::Events, request).await?)?;
        let next = match page.next {
            None => Next::End,
            Some(link) => Next::More(self.session.next(&listing, &link)?),
        };
        Ok(EventPage { items: page.value, next })
    }

    async fn changes(&self, _calendar: &CalendarId, _from: ChangesFrom) -> Result<ChangePage> {
        Err(Error::new(ErrorKind::Unsupported, "read changes")
            .with_provider(self.provider.clone())
            .with_detail("delta queries are not read yet"))
    }

    async fn write(
        &self,
        calendar: &CalendarId,
        writes: Vec<EventWrite>,
        options: WriteOptions,
    ) -> Result<Vec<WriteOutcome>> {
        let budget = Budget::new(&self.session.graph, &options);
        let mut outcomes = Vec::with_capacity(writes.len());
        for write in writes {
            outcomes.push(self.write_one(calendar, write, &budget).await);
        }
        Ok(outcomes)
    }
}

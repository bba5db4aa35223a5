use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;

use super::{
    attendees,
    faults::{Fate, Faults, check_account, lock},
};
use crate::{
    Error, ErrorKind, Result, RetryClass,
    ids::{CalendarId, Etag, EventId, PageToken, ProviderId, SyncCursor},
    people::Attendee,
    provider::{
        Account, AttendeeChange, AttendeeList, CalendarCapabilities, CalendarEvent, CalendarProvider, ChangePage,
        ChangesFrom, EventChange, EventDraft, EventPage, EventWrite, Gathering, Marker, Next, NextChange, Open,
        WriteOptions, WriteOutcome,
    },
    time::{EventTime, TimeRange},
};

/// How many events a page of a listing has.
const PAGE: usize = 20;

/// Calendars in memory: a [`CalendarProvider`] with faults to order, and a user who edits behind everybody's back.
///
/// Clones and opened accounts share the events; a calendar exists as soon as something is written to it. The same create key
/// again answers the event it made, or `Duplicate` when the content is another.
#[derive(Clone, Debug)]
pub struct MemoryCalendar {
    provider: ProviderId,
    capabilities: CalendarCapabilities,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Counts everything that happens: makes ids, versions and cursors.
    sequence: usize,
    /// Cursors before this one are too old.
    oldest: usize,
    made: usize,
    hidden: u32,
    events: BTreeMap<usize, Stored>,
    /// (when, calendar, event) of every change.
    log: Vec<(usize, CalendarId, EventId)>,
    faults: Faults,
}

#[derive(Debug)]
struct Stored {
    calendar: CalendarId,
    event: CalendarEvent,
    /// What its create said, to tell a repetition from another event.
    made_from: EventDraft,
}

impl MemoryCalendar {
    /// No events yet; everything is declared: 20 writes a call, 4 calls at a time.
    pub fn new(provider: ProviderId) -> Self {
        let capabilities = CalendarCapabilities::new()
            .with_width(20, 4)
            .with_idempotent_create()
            .with_marker()
            .with_conditional_write()
            .with_delta(false);
        Self { provider, capabilities, state: Arc::default() }
    }

    /// Sets everything that is declared. What is not declared is not done.
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: CalendarCapabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// The next `calls` of [`write`](CalendarProvider::write) are carried out, but their answers are lost: `Unclear`.
    pub fn lose_reply_of_next(&self, calls: u32) {
        lock(&self.state).faults.lose_replies(calls);
    }

    /// The next `calls` of [`write`](CalendarProvider::write) never arrive, and the caller cannot tell: `Unclear`.
    pub fn lose_request_of_next(&self, calls: u32) {
        lock(&self.state).faults.lose_requests(calls);
    }

    /// All writes of the next call are `Rejected` with `kind`. Call again to refuse more.
    pub fn refuse_next(&self, kind: ErrorKind) {
        lock(&self.state).faults.refuse(kind);
    }

    /// The next `lookups` by marker find nothing: an index that lags.
    pub fn hide_from_next_lookups(&self, lookups: u32) {
        lock(&self.state).hidden += lookups;
    }

    /// Cursors given so far are too old from now on.
    pub fn expire_cursors(&self) {
        let mut state = lock(&self.state);
        state.sequence += 1;
        state.oldest = state.sequence;
    }

    /// The live events of one calendar, oldest first.
    pub fn events_in(&self, calendar: &CalendarId) -> Vec<CalendarEvent> {
        let state = lock(&self.state);
        state.events.values().filter(|stored| stored.calendar == *calendar).map(|stored| stored.event.clone()).collect()
    }

    /// How many events were ever made, deleted ones included.
    pub fn made(&self) -> usize {
        lock(&self.state).made
    }

    /// The user changes an event by hand; its version changes.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when there is no such event.
    pub fn edit(&self, calendar: &CalendarId, id: &EventId, change: impl FnOnce(&mut EventDraft)) -> Result<()> {
        let mut state = lock(&self.state);
        let number = self.find(&state, calendar, id, "edit event")?;
        state.touch(number, |stored| change(&mut stored.event.content))
    }

    /// The user deletes an event by hand.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when there is no such event.
    pub fn delete_by_hand(&self, calendar: &CalendarId, id: &EventId) -> Result<()> {
        let mut state = lock(&self.state);
        let number = self.find(&state, calendar, id, "delete event")?;
        state.delete(number);
        Ok(())
    }

    fn error(&self, kind: ErrorKind, operation: &'static str) -> Error {
        Error::new(kind, operation).with_provider(self.provider.clone())
    }

    fn find(&self, state: &State, calendar: &CalendarId, id: &EventId, operation: &'static str) -> Result<usize> {
        let found = state.events.iter().find(|(_, stored)| stored.calendar == *calendar && stored.event.id == *id);
        found.map(|(number, _)| *number).ok_or_else(|| self.error(ErrorKind::NotFound, operation))
    }

    fn carry_out(&self, state: &mut State, calendar: &CalendarId, write: EventWrite) -> Result<WriteOutcome> {
        let (id, if_match, draft) = match write {
            EventWrite::Create { key, draft } => return self.create(state, calendar, key, *draft),
            EventWrite::Update { id, if_match, draft } => (id, if_match, Some(draft)),
            EventWrite::Delete { id, if_match } => (id, if_match, None),
        };
        if let Some(problem) = draft.as_ref().and_then(|draft| problem_of(draft)) {
            return Ok(WriteOutcome::Rejected(Error::invalid("update event", problem)));
        }
        let Ok(number) = self.find(state, calendar, &id, "write event") else { return Ok(WriteOutcome::Missing) };
        let current = state.events.get(&number).and_then(|stored| stored.event.etag.clone());
        if self.capabilities.conditional_write && if_match.is_some() && if_match != current {
            return Ok(WriteOutcome::Precondition);
        }
        let Some(draft) = draft else {
            state.delete(number);
            return Ok(WriteOutcome::Deleted);
        };
        state.touch(number, |stored| {
            let old = std::mem::replace(&mut stored.event.content, *draft);
            let new = &mut stored.event.content;
            if new.attendees.is_empty() {
                new.attendees = old.attendees;
            }
            new.marker = new.marker.take().or(old.marker);
        })?;
        Ok(state
            .events
            .get(&number)
            .map_or(WriteOutcome::Missing, |stored| WriteOutcome::Applied(Box::new(stored.event.clone()))))
    }

    fn create(&self, state: &mut State, calendar: &CalendarId, key: Marker, draft: EventDraft) -> Result<WriteOutcome> {
        if let Some(problem) = problem_of(&draft) {
            return Ok(WriteOutcome::Rejected(Error::invalid("create event", problem)));
        }
        let made_from = draft.clone().with_marker(key);
        let mut live = state.events.values().filter(|stored| stored.calendar == *calendar);
        let same = live.find(|stored| stored.made_from.marker == made_from.marker);
        if let (Some(stored), true) = (same, self.capabilities.idempotent_create) {
            let repeated = stored.made_from == made_from;
            return Ok(if repeated {
                WriteOutcome::Applied(Box::new(stored.event.clone()))
            } else {
                WriteOutcome::Duplicate
            });
        }
        state.made += 1;
        let number = state.made;
        let id = EventId::parse(format!("event-{number}"))?;
        let event = CalendarEvent::new(id, made_from.clone());
        state.events.insert(number, Stored { calendar: calendar.clone(), event, made_from });
        state.touch(number, |_| {})?;
        Ok(state
            .events
            .get(&number)
            .map_or(WriteOutcome::Missing, |stored| WriteOutcome::Applied(Box::new(stored.event.clone()))))
    }
}

impl State {
    fn touch(&mut self, number: usize, change: impl FnOnce(&mut Stored)) -> Result<()> {
        self.sequence += 1;
        if let Some(stored) = self.events.get_mut(&number) {
            change(stored);
            stored.event.etag = Some(Etag::parse(format!("v{}", self.sequence))?);
            self.log.push((self.sequence, stored.calendar.clone(), stored.event.id.clone()));
        }
        Ok(())
    }

    fn delete(&mut self, number: usize) {
        self.sequence += 1;
        if let Some(stored) = self.events.remove(&number) {
            self.log.push((self.sequence, stored.calendar, stored.event.id));
        }
    }
}

fn problem_of(draft: &EventDraft) -> Option<&'static str> {
    let empty = match &draft.time {
        EventTime::AllDay { days, .. } => *days == 0,
        EventTime::Timed(slot) => slot.duration.as_secs() == 0,
    };
    match (draft.subject.trim().is_empty(), empty) {
        (true, _) => Some("the subject is empty"),
        (_, true) => Some("it lasts no time"),
        _ => None,
    }
}

#[async_trait]
impl CalendarProvider for MemoryCalendar {
    fn provider(&self) -> &ProviderId {
        &self.provider
    }

    fn capabilities(&self) -> CalendarCapabilities {
        self.capabilities.clone()
    }

    async fn event(&self, calendar: &CalendarId, id: &EventId) -> Result<CalendarEvent> {
        let state = lock(&self.state);
        let number = self.find(&state, calendar, id, "read event")?;
        let stored = state.events.get(&number).ok_or_else(|| self.error(ErrorKind::NotFound, "read event"))?;
        Ok(stored.event.clone())
    }

    async fn find_by_marker(&self, calendar: &CalendarId, marker: &Marker) -> Result<Vec<CalendarEvent>> {
        if !self.capabilities.marker {
            return Err(self.error(ErrorKind::Unsupported, "find event by marker"));
        }
        let mut state = lock(&self.state);
        if state.hidden > 0 {
            state.hidden -= 1;
            return Ok(Vec::new());
        }
        let marked = state
            .events
            .values()
            .filter(|stored| stored.calendar == *calendar && stored.event.content.marker.as_ref() == Some(marker));
        Ok(marked.map(|stored| stored.event.clone()).collect())
    }

    async fn events(&self, calendar: &CalendarId, within: TimeRange, page: Option<&PageToken>) -> Result<EventPage> {
        let after = match page {
            None => 0,
            Some(token) => {
                token.as_str().parse().map_err(|_| Error::invalid("list events", "no page has this token"))?
            }
        };
        let state = lock(&self.state);
        let mut rest = state
            .events
            .range(after + 1..)
            .filter(|(_, stored)| stored.calendar == *calendar && stored.event.content.time.range().overlaps(&within));
        let items: Vec<_> = rest.by_ref().take(PAGE).map(|(number, stored)| (*number, stored.event.clone())).collect();
        let next = match (items.last(), rest.next()) {
            (Some((last, _)), Some(_)) => Next::More(PageToken::parse(last.to_string())?),
            _ => Next::End,
        };
        Ok(EventPage { items: items.into_iter().map(|(_, event)| event).collect(), next })
    }

    async fn changes(&self, calendar: &CalendarId, from: ChangesFrom) -> Result<ChangePage> {
        if !self.capabilities.delta {
            return Err(self.error(ErrorKind::Unsupported, "read changes"));
        }
        let state = lock(&self.state);
        let live = |id: &EventId| {
            let mut events = state.events.values().filter(|stored| stored.calendar == *calendar);
            events.find(|stored| stored.event.id == *id).map(|stored| stored.event.clone())
        };
        let changes = match from {
            ChangesFrom::Start(window) => {
                let events = state.events.values().filter(|stored| stored.calendar == *calendar);
                let inside = events.filter(|stored| stored.event.content.time.range().overlaps(&window));
                inside.map(|stored| EventChange::Upserted(Box::new(stored.event.clone()))).collect()
            }
            ChangesFrom::Cursor(cursor) => {
                let bad = |_| self.error(ErrorKind::ResyncRequired, "read changes");
                let since: usize = cursor.as_str().parse().map_err(bad)?;
                if since < state.oldest {
                    return Err(self.error(ErrorKind::ResyncRequired, "read changes"));
                }
                let mut changed: Vec<_> = state
                    .log
                    .iter()
                    .filter(|(when, place, _)| *when > since && place == calendar)
                    .map(|(_, _, id)| id.clone())
                    .collect();
                changed.sort();
                changed.dedup();
                let change = |id: EventId| match live(&id) {
                    Some(event) => EventChange::Upserted(Box::new(event)),
                    None => EventChange::RemovedHint(id),
                };
                changed.into_iter().map(change).collect()
            }
            ChangesFrom::Page(_) => return Err(Error::invalid("read changes", "no page has this token")),
        };
        let next = NextChange::Done(SyncCursor::parse(state.sequence.to_string())?);
        Ok(ChangePage { changes, next })
    }

    async fn write(
        &self,
        calendar: &CalendarId,
        writes: Vec<EventWrite>,
        _options: WriteOptions,
    ) -> Result<Vec<WriteOutcome>> {
        if writes.len() > self.capabilities.batch {
            return Err(Error::invalid("write events", "more writes than one call takes"));
        }
        let mut state = lock(&self.state);
        let fate = state.faults.next("write events", &self.provider);
        let mut outcomes = Vec::with_capacity(writes.len());
        for write in writes {
            outcomes.push(match &fate {
                Fate::Normal => self.carry_out(&mut state, calendar, write)?,
                Fate::ReplyLost(error) => {
                    self.carry_out(&mut state, calendar, write)?;
                    WriteOutcome::Unclear(again(error))
                }
                Fate::RequestLost(error) => WriteOutcome::Unclear(again(error)),
                Fate::Refused(error) => WriteOutcome::Rejected(again(error)),
            });
        }
        Ok(outcomes)
    }
}

/// The same error once more, for another write of the same call.
fn again(error: &Error) -> Error {
    let copy = Error::new(error.kind(), error.operation()).with_retry(error.retry());
    match error.provider() {
        Some(provider) => copy.with_provider(provider.clone()),
        None => copy,
    }
}

impl MemoryCalendar {
    fn change_attendees(
        &self,
        of: &Gathering,
        operation: &'static str,
        change: impl FnOnce(&mut Vec<Attendee>) -> AttendeeChange,
    ) -> Result<AttendeeChange> {
        let Gathering::Event { calendar, event } = of else {
            return Err(self.error(ErrorKind::Unsupported, operation));
        };
        let mut state = lock(&self.state);
        let fate = state.faults.next(operation, &self.provider);
        if let Fate::Refused(error) | Fate::RequestLost(error) = fate {
            return Err(error);
        }
        let number = self.find(&state, calendar, event, operation)?;
        let mut done = AttendeeChange::NotThere;
        state.touch(number, |stored| done = change(&mut stored.event.content.attendees))?;
        match fate {
            Fate::ReplyLost(error) => Err(error.with_retry(RetryClass::Unclear { after: None })),
            _ => Ok(done),
        }
    }
}

#[async_trait]
impl AttendeeList for MemoryCalendar {
    async fn add(&self, to: &Gathering, attendee: &Attendee, _options: WriteOptions) -> Result<AttendeeChange> {
        self.change_attendees(to, "add attendee", |list| attendees::add(list, attendee))
    }

    async fn remove(&self, from: &Gathering, attendee: &Attendee, _options: WriteOptions) -> Result<AttendeeChange> {
        self.change_attendees(from, "remove attendee", |list| attendees::remove(list, attendee))
    }

    async fn attendees(&self, of: &Gathering) -> Result<Vec<Attendee>> {
        let Gathering::Event { calendar, event } = of else {
            return Err(self.error(ErrorKind::Unsupported, "read attendees"));
        };
        Ok(self.event(calendar, event).await?.content.attendees)
    }
}

#[async_trait]
impl Open<dyn CalendarProvider> for MemoryCalendar {
    async fn open(&self, account: &Account) -> Result<Arc<dyn CalendarProvider>> {
        check_account(account, &self.provider)?;
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Open<dyn AttendeeList> for MemoryCalendar {
    async fn open(&self, account: &Account) -> Result<Arc<dyn AttendeeList>> {
        check_account(account, &self.provider)?;
        Ok(Arc::new(self.clone()))
    }
}

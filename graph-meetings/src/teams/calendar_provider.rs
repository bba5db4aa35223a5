use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    ids::{MeetingId, MeetingKey, PageToken, ProviderId},
    provider::{
        Idempotency, Meeting, MeetingCapabilities, MeetingDraft, MeetingPatch, MeetingProvider, Page, WriteOptions,
    },
    time::TimeRange,
};
use meetings_http::{PageGuard, Protection};

use super::{
    backing::{self, Patience},
    calendar::CalendarMeetings,
    event, event_request,
    handle::{check_account, running},
    options::MeetingOptions,
};
use crate::{calendar::MOST_ATTENDEES, client::Budget, errors::Resource};

#[async_trait]
impl MeetingProvider for CalendarMeetings {
    fn provider(&self) -> &ProviderId {
        &self.provider
    }

    fn capabilities(&self) -> MeetingCapabilities {
        MeetingCapabilities::new(Idempotency::InexactLookup { lag: Self::LOOK_UP_LAG })
            .with_list()
            .with_keys()
            .with_recurrence()
            .with_series_zones()
            .with_lobby()
            .with_auto_record()
            .with_breakout_sessions()
            .with_max_attendees(MOST_ATTENDEES.into())
    }

    async fn create(&self, key: &MeetingKey, draft: &MeetingDraft, options: WriteOptions) -> Result<Meeting> {
        self.create_with(key, draft, &MeetingOptions::new(), options).await
    }

    async fn read(&self, id: &MeetingId) -> Result<Meeting> {
        let operation = "read meeting";
        check_account(&self.session, operation)?;
        let budget = Budget::new(&self.session.graph, &WriteOptions::new());
        self.event(operation, id, &budget).await?.meeting().ok_or_else(|| offline(operation))
    }

    async fn find_by_key(&self, key: &MeetingKey, around: TimeRange) -> Result<Vec<Meeting>> {
        let operation = "find meeting";
        check_account(&self.session, operation)?;
        let (mut found, mut guard) = (Vec::new(), PageGuard::new());
        let mut request = event_request::find(&self.session.owner, self.calendar.as_ref(), key)?;
        loop {
            let reply = self.session.read(operation, Resource::Events, request).await?;
            let (events, next) = event::events(operation, &reply)?;
            // a filter may ignore case, a key does not
            let ours = events.into_iter().filter(|event| !event.is_cancelled && event.key.as_ref() == Some(key));
            found.extend(ours.filter(|event| event.touches(around)).filter_map(event::Event::meeting));
            let Some(link) = next else { return Ok(found) };
            guard.check(&link)?;
            request = event_request::page(&self.session.address_of(&link)?)?;
        }
    }

    async fn update(&self, id: &MeetingId, patch: &MeetingPatch, options: WriteOptions) -> Result<Meeting> {
        let operation = "update meeting";
        check_account(&self.session, operation)?;
        let (wanted, owner) = (MeetingOptions::try_from(&patch.settings)?, &self.session.owner);
        // refused before any I/O
        event_request::check_patch(patch)?;
        let budget = Budget::new(&self.session.graph, &options);
        let before = self.event(operation, id, &budget).await?;
        if options.if_match.is_some() && options.if_match != before.etag {
            return Err(Error::new(ErrorKind::Conflict, operation)
                .with_provider(self.provider.clone())
                .with_detail("the event has another version"));
        }
        let url = before.join_url.clone().ok_or_else(|| offline(operation))?;
        let request = event_request::update(owner, id, options.if_match.as_ref(), patch, &before.repeats)?;
        if !wanted.is_empty() {
            // first, because nobody is mailed about it
            let mut patience = Patience::new(&self.session, &budget, self.patience);
            let set = backing::apply(operation, &self.session, &url, &wanted, None, &mut patience).await;
            set.map_err(|error| running(error, wanted.changes_while_running()))?;
        }
        let Some(request) = request else { return before.meeting().ok_or_else(|| offline(operation)) };
        let options = budget.options(&self.session.graph, operation)?;
        // not sent again when unclear: attendees would be mailed twice
        let reply = self.session.send(operation, Resource::Events, request, Protection::Findable, &options).await?;
        let mut after = event::event(operation, &reply)?;
        after.key = before.key;
        after.meeting().ok_or_else(|| offline(operation))
    }

    async fn cancel(&self, id: &MeetingId, options: WriteOptions) -> Result<()> {
        let operation = "cancel meeting";
        check_account(&self.session, operation)?;
        let request = event_request::delete(&self.session.owner, id, options.if_match.as_ref())?;
        // with a version, a 412 or 404 must not come from our own first try
        let protection = if options.if_match.is_some() { Protection::Findable } else { Protection::Idempotent };
        self.session.send(operation, Resource::Events, request, protection, &options).await.map(drop)
    }

    async fn list(&self, within: TimeRange, page: Option<&PageToken>) -> Result<Page<Meeting>> {
        let operation = "list meetings";
        check_account(&self.session, operation)?;
        let first = event_request::view(&self.session.owner, self.calendar.as_ref(), within)?;
        let listing = first.uri().clone();
        let request = self.session.page(operation, first, page)?;
        let (events, next) = event::events(operation, &self.session.read(operation, Resource::Events, request).await?)?;
        // a view shows a series as its occurrences, of which none is a meeting that was made
        let live = events.into_iter().filter(|event| !event.is_cancelled && !event.is_occurrence);
        let items = live.filter_map(event::Event::meeting).collect();
        let next = next.map(|link| self.session.next(&listing, &link)).transpose()?;
        Ok(Page { items, next })
    }
}

/// The event is there and has no link.
pub(super) fn offline(operation: &'static str) -> Error {
    Error::new(ErrorKind::NotFound, operation)
        .with_provider(crate::provider_id())
        .with_detail("the event is no Teams meeting")
        .with_retry(RetryClass::Never)
}

pub(super) fn cancelled(operation: &'static str) -> Error {
    Error::new(ErrorKind::NotFound, operation)
        .with_provider(crate::provider_id())
        .with_detail("the event was cancelled")
}

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use invitations_core::{
    Error, ErrorKind, Result,
    ids::{MeetingId, MeetingKey, PageToken, ProviderId},
    provider::{
        Idempotency, Meeting, MeetingCapabilities, MeetingDraft, MeetingPatch, MeetingProvider, Page, WriteOptions,
    },
    time::TimeRange,
};
use meetings_http::Protection;

use super::{decode, request};
use crate::{client::Caller, errors::Effect};

/// The meetings of one Webex account, and who is invited to them.
///
/// A meeting's key is its first integration tag. Webex tells tags to the OAuth client that set them: a meeting that another client
/// made has no key here, and neither has one whose tags somebody has replaced.
///
/// Webex has no versions: options with `if_match` are refused as [`InvalidInput`](ErrorKind::InvalidInput).
#[derive(Clone, Debug)]
pub struct WebexMeetings {
    pub(crate) caller: Caller,
    pub(crate) mails: bool,
    provider: ProviderId,
    lag: Duration,
}

impl WebexMeetings {
    pub(crate) fn new(caller: Caller, lag: Duration, mails: bool) -> Self {
        Self { caller, mails, provider: crate::provider_id(), lag }
    }

    /// As [`Webex::send`](crate::Webex::send), with this account's tokens.
    ///
    /// # Errors
    /// Any status that is no success, as for modelled calls.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        self.caller.send(request).await
    }
}

/// Webex has no etags, so a condition could not be kept.
pub(crate) fn refuse_condition(operation: &'static str, options: &WriteOptions) -> Result<()> {
    match options.if_match {
        Some(_) => Err(Error::invalid(operation, "Webex has no versions to match")),
        None => Ok(()),
    }
}

#[async_trait]
impl MeetingProvider for WebexMeetings {
    fn provider(&self) -> &ProviderId {
        &self.provider
    }

    fn capabilities(&self) -> MeetingCapabilities {
        MeetingCapabilities::new(Idempotency::InexactLookup { lag: self.lag })
            .with_list()
            .with_keys()
            .with_recurrence()
            .with_lobby()
            .with_max_attendees(request::MOST_INVITEES)
    }

    async fn create(&self, key: &MeetingKey, draft: &MeetingDraft, options: WriteOptions) -> Result<Meeting> {
        refuse_condition(request::CREATE, &options)?;
        let asked = self.caller.asked(request::CREATE, Effect::CreateMeeting);
        let request = request::create(key, draft, self.caller.host())?;
        let reply = self.caller.success(&asked, request, Protection::Findable, &options).await?;
        decode::created(&asked, &reply, key)
    }

    async fn read(&self, id: &MeetingId) -> Result<Meeting> {
        let asked = self.caller.asked("read meeting", Effect::Read);
        let request = request::read(id, self.caller.host())?;
        let reply = self.caller.success(&asked, request, Protection::Idempotent, &WriteOptions::new()).await?;
        decode::meeting(&asked, &reply)
    }

    async fn find_by_key(&self, key: &MeetingKey, around: TimeRange) -> Result<Vec<Meeting>> {
        let asked = self.caller.asked("find meeting by key", Effect::Read);
        let request = request::find_by_key(key, around, self.caller.host())?;
        let mut found: Vec<Meeting> = Vec::new();
        let read = |reply: &Response<Bytes>| {
            for meeting in decode::tagged(&asked, reply, key, self.caller.host())? {
                // a page may repeat what moved while the listing went on
                if found.iter().all(|known| known.id != meeting.id) {
                    found.push(meeting);
                }
            }
            Ok(())
        };
        self.caller.pages(&asked, request, &WriteOptions::new(), read).await?;
        Ok(found)
    }

    async fn update(&self, id: &MeetingId, patch: &MeetingPatch, options: WriteOptions) -> Result<Meeting> {
        refuse_condition(request::UPDATE, &options)?;
        let Some(request) = request::update(id, patch, self.caller.host())? else { return self.read(id).await };
        let asked = self.caller.asked(request::UPDATE, Effect::Write);
        // twice is the same meeting, but the mails would go out twice
        let protection = if patch.notify { Protection::Unprotected } else { Protection::Idempotent };
        let reply = self.caller.success(&asked, request, protection, &options).await?;
        decode::meeting(&asked, &reply)
    }

    async fn cancel(&self, id: &MeetingId, options: WriteOptions) -> Result<()> {
        refuse_condition("cancel meeting", &options)?;
        let asked = self.caller.asked("cancel meeting", Effect::Write);
        let request = request::cancel(id, self.mails, self.caller.host())?;
        self.caller.success(&asked, request, Protection::Idempotent, &options).await.map(drop)
    }

    async fn list(&self, within: TimeRange, page: Option<&PageToken>) -> Result<Page<Meeting>> {
        let asked = self.caller.asked("list meetings", Effect::Read);
        let request = match page {
            Some(place) => self.caller.link(place.as_str())?,
            None => request::list(within, self.caller.host())?,
        };
        let reply = self.caller.success(&asked, request, Protection::Idempotent, &WriteOptions::new()).await?;
        let items = decode::page(&asked, &reply, self.caller.host())?;
        let next = match self.caller.next(&reply)? {
            None => None,
            Some(link) => Some(PageToken::parse(link).map_err(|error| {
                Error::new(ErrorKind::Protocol, "list meetings").with_provider(crate::provider_id()).with_source(error)
            })?),
        };
        Ok(Page { items, next })
    }
}

//! The provider-neutral view.

use async_trait::async_trait;
use invitations_core::{
    Error, Result,
    ids::{MeetingId, MeetingKey, PageToken, ProviderId},
    provider::{
        Idempotency, Meeting, MeetingCapabilities, MeetingDraft, MeetingPatch, MeetingProvider, Page, WriteOptions,
    },
    time::TimeRange,
};
use meetings_http::Protection;

use super::{
    change::{MeetingChange, SendEmail, TimeChange},
    create::CreateOptions,
    decode,
    filter::LIST,
    handle::{WebexMeetings, protection, refuse_condition},
    request, settings,
};
use crate::errors::Effect;

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
            .with_auto_record()
            .with_breakout_sessions()
            .with_max_attendees(request::MOST_INVITEES)
    }

    async fn create(&self, key: &MeetingKey, draft: &MeetingDraft, options: WriteOptions) -> Result<Meeting> {
        let (asked, reply) = self.created(key, draft, &CreateOptions::new(), options).await?;
        decode::created(&asked, &reply, key)?.into_meeting().map_err(|why| asked.unreadable(&reply, why))
    }

    async fn read(&self, id: &MeetingId) -> Result<Meeting> {
        let asked = self.caller.asked("read meeting", Effect::Read);
        let request = request::read(id, None, self.caller.host())?;
        let reply = self.caller.success(&asked, request, Protection::Idempotent, &WriteOptions::new()).await?;
        decode::meeting(&asked, &reply)
    }

    async fn find_by_key(&self, key: &MeetingKey, around: TimeRange) -> Result<Vec<Meeting>> {
        let asked = self.caller.asked(request::FIND, Effect::Read);
        decode::under(&asked, key, self.find(key, around).await?)
    }

    /// A new time of a series makes Webex cancel those of its occurrences that were changed on their own; [`WebexMeetings::change`] asks
    /// first. A slot that was read is refused for a series, for it is not in the series' zone: see
    /// [`WebexMeeting::slot`](super::WebexMeeting::slot).
    async fn update(&self, id: &MeetingId, patch: &MeetingPatch, options: WriteOptions) -> Result<Meeting> {
        refuse_condition(request::UPDATE, &options)?;
        let change = change(patch).map_err(|why| Error::invalid(request::UPDATE, why))?;
        let request = request::change(id, &change, self.caller.host(), self.caller.now())?;
        let Some(request) = request else { return self.read(id).await };
        let began = self.caller.began();
        self.refuse_unfit(id, &change.when, &options).await?;
        let asked = self.caller.asked(request::UPDATE, Effect::Write);
        let rest = self.caller.rest_of(&options, began);
        let reply = self.caller.success(&asked, request, protection(change.send_email), &rest).await?;
        decode::echo(&asked, &reply)?.into_meeting().map_err(|why| asked.unreadable(&reply, why))
    }

    async fn cancel(&self, id: &MeetingId, options: WriteOptions) -> Result<()> {
        refuse_condition("cancel meeting", &options)?;
        let asked = self.caller.asked("cancel meeting", Effect::Write);
        let request = request::cancel(id, SendEmail::of(self.mails), self.caller.host())?;
        self.caller.success(&asked, request, Protection::Idempotent, &options).await.map(drop)
    }

    async fn list(&self, within: TimeRange, page: Option<&PageToken>) -> Result<Page<Meeting>> {
        let asked = self.caller.asked(LIST, Effect::Read);
        let request = self.caller.page(LIST, request::list(within, self.caller.host())?, page)?;
        let reply = self.caller.success(&asked, request, Protection::Idempotent, &WriteOptions::new()).await?;
        Ok(Page { items: decode::page(&asked, &reply, self.caller.host())?, next: self.caller.next(LIST, &reply)? })
    }
}

fn change(patch: &MeetingPatch) -> Result<MeetingChange, &'static str> {
    let mut change = MeetingChange::new(SendEmail::of(patch.notify)).cancelling_modified_occurrences();
    change.title.clone_from(&patch.subject);
    change.when = patch.slot.clone().map_or(TimeChange::Keep, TimeChange::Slot);
    change.options = settings::options(&patch.settings)?;
    Ok(change)
}

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use invitations_core::{
    Error, Result,
    ids::{MeetingId, MeetingKey, PageToken, ProviderId},
    provider::{MeetingDraft, Page, Resend, WriteOptions},
    secret::Passcode,
    time::TimeZone,
};
use meetings_http::Protection;

use super::{
    change::{MeetingChange, SendEmail},
    create::CreateOptions,
    decode,
    filter::{LIST, MeetingFilter},
    meeting::WebexMeeting,
    request,
};
use crate::{
    client::Caller,
    errors::Effect,
    quota::{CreateQuota, Quota},
};

/// The meetings of one Webex account, and who is invited to them.
///
/// A meeting's key is its first integration tag. Webex tells tags to the OAuth client that set them: a meeting that another client
/// made has no key here, and neither has one whose tags somebody has replaced.
///
/// Webex has no versions: options with `if_match` are refused as [`InvalidInput`](invitations_core::ErrorKind::InvalidInput).
///
/// Webex counts creates, refused ones too: one create is one request, whatever [`WriteOptions::resend`] says, and what the day has left is
/// [`quota`](Self::quota). A create beyond it is [`Throttled`](invitations_core::ErrorKind::Throttled) before any I/O, and says until when.
///
/// A new time of a series, also by the neutral `update`, makes Webex cancel those of its occurrences that were changed on their own;
/// [`change`](Self::change) asks first.
#[derive(Clone, Debug)]
pub struct WebexMeetings {
    pub(crate) caller: Caller,
    pub(crate) mails: bool,
    pub(super) provider: ProviderId,
    pub(super) lag: Duration,
    quota: Quota,
}

/// How a meeting is read.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ReadOptions {
    /// Whether start and end of a series are those of its next occurrence, instead of its own.
    pub current: bool,
    /// The zone of the times that come back; UTC unless set.
    pub zone: Option<TimeZone>,
    /// The meeting's password, for whoever is neither host nor invited.
    pub password: Option<Passcode>,
}

impl ReadOptions {
    /// The series' own times, in UTC.
    pub fn new() -> Self {
        Self::default()
    }

    /// Shows the next occurrence's start and end in the place of the series'.
    #[must_use]
    pub fn with_current(mut self, current: bool) -> Self {
        self.current = current;
        self
    }

    /// Sets the zone of the times that come back.
    #[must_use]
    pub fn with_zone(mut self, zone: TimeZone) -> Self {
        self.zone = Some(zone);
        self
    }

    /// Sets the meeting's password.
    #[must_use]
    pub fn with_password(mut self, password: Passcode) -> Self {
        self.password = Some(password);
        self
    }
}

impl WebexMeetings {
    pub(crate) fn new(caller: Caller, lag: Duration, mails: bool, quota: Quota) -> Self {
        Self { caller, mails, provider: crate::provider_id(), lag, quota }
    }

    /// As [`Webex::send`](crate::Webex::send), with this account's tokens.
    ///
    /// # Errors
    /// Any status that is no success, as for modelled calls.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        self.caller.send(request).await
    }

    /// How many meetings may still be made in these 24 hours, by what this client and its clones have sent. Other processes and the web
    /// page use up the same quota without its knowledge; when Webex answers a create with 429, the budget is closed for as long as Webex
    /// asks, here and nowhere else. [`CreateLimits`](crate::meetings::CreateLimits) says what several processes do.
    pub fn quota(&self) -> CreateQuota {
        self.quota.view()
    }

    /// Makes a meeting with options in Webex's own words, over the draft's settings. One request, see [`quota`](Self::quota).
    ///
    /// # Errors
    /// As [`create`](invitations_core::provider::MeetingProvider::create). What Webex would refuse or bend is
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) before any I/O; [`Throttled`](invitations_core::ErrorKind::Throttled), also
    /// before any I/O, when the day's creates are used up.
    pub async fn create_with(
        &self,
        key: &MeetingKey,
        draft: &MeetingDraft,
        webex: &CreateOptions,
        options: WriteOptions,
    ) -> Result<WebexMeeting> {
        let (asked, reply) = self.created(key, draft, webex, options).await?;
        decode::created(&asked, &reply, key)
    }

    pub(super) async fn created(
        &self,
        key: &MeetingKey,
        draft: &MeetingDraft,
        webex: &CreateOptions,
        options: WriteOptions,
    ) -> Result<(crate::errors::Asked, Response<Bytes>)> {
        refuse_condition(request::CREATE, &options)?;
        let asked = self.caller.asked(request::CREATE, Effect::CreateMeeting);
        let request = request::create(key, draft, webex, self.caller.host(), self.caller.now())?;
        let place = self.quota.take(request::CREATE)?;
        let once = options.with_resend(Resend::Caller);
        let sent = self.caller.success(&asked, request, Protection::Findable, &once).await;
        place.used(&sent);
        Ok((asked, sent?))
    }

    /// Reads a meeting with everything Webex tells: a series, an occurrence or an instance. Its times are its own, in UTC.
    ///
    /// # Errors
    /// [`NotFound`](invitations_core::ErrorKind::NotFound), also 180 days after its last end, when Webex forgets it.
    pub async fn details(&self, id: &MeetingId) -> Result<WebexMeeting> {
        self.details_with(id, &ReadOptions::new()).await
    }

    /// As [`details`](Self::details), with the next occurrence's times, in a zone, or with a password.
    ///
    /// # Errors
    /// As [`details`](Self::details).
    pub async fn details_with(&self, id: &MeetingId, how: &ReadOptions) -> Result<WebexMeeting> {
        const READ: &str = "read meeting";
        let asked = self.caller.asked(READ, Effect::Read);
        let mut request = request::read(id, Some(how.current), self.caller.host())?;
        let password = how.password.as_ref().map(|password| password.expose());
        request::with_headers(READ, &mut request, how.zone.map(|zone| zone.name()), password)?;
        let reply = self.caller.success(&asked, request, Protection::Idempotent, &WriteOptions::new()).await?;
        decode::whole(&asked, &reply)
    }

    /// One page of meetings of any type. An account that acts for a host also lists what that host is invited to:
    /// [`host_email`](WebexMeeting::host_email) tells.
    ///
    /// # Errors
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) before any I/O for filters that do not go together, and for a place that
    /// this listing never named: give the same filter for every page.
    pub async fn list_with(&self, filter: &MeetingFilter, page: Option<&PageToken>) -> Result<Page<WebexMeeting>> {
        let asked = self.caller.asked(LIST, Effect::Read);
        // the zone and the password go with every page
        let request = self.caller.page(LIST, request::filtered(filter, self.caller.host())?, page)?;
        let reply = self.caller.success(&asked, request, Protection::Idempotent, &WriteOptions::new()).await?;
        Ok(Page { items: decode::listed(&asked, &reply)?, next: self.caller.next(LIST, &reply)? })
    }

    /// Changes a meeting in Webex's own words (`PATCH`): a series with all its occurrences, or one occurrence.
    ///
    /// A new time or recurrence of a series makes Webex cancel those of its occurrences that were changed on their own. Unless the change
    /// says that it may, they are looked for first, and when there are some nothing is changed.
    ///
    /// A slot that does for a single meeting only (the clocks skip its start, or it was [read](WebexMeeting::slot) and so is not in the series'
    /// zone) makes the meeting be read first.
    ///
    /// # Errors
    /// [`Conflict`](invitations_core::ErrorKind::Conflict) when the meeting is in progress, or the series has occurrences that were
    /// changed on their own; [`InvalidInput`](invitations_core::ErrorKind::InvalidInput), before any I/O but for a slot that does not fit a
    /// series.
    pub async fn change(&self, id: &MeetingId, change: &MeetingChange, options: WriteOptions) -> Result<WebexMeeting> {
        refuse_condition(request::UPDATE, &options)?;
        let wanted = request::change(id, change, self.caller.host(), self.caller.now())?;
        let Some(request) = wanted else { return self.details(id).await };
        let began = self.caller.began();
        self.refuse_unfit(id, &change.when, &options).await?;
        if change.moves() && !change.cancels_modified {
            self.refuse_modified(id, &self.caller.rest_of(&options, began)).await?;
        }
        let asked = self.caller.asked(request::UPDATE, Effect::Write);
        let rest = self.caller.rest_of(&options, began);
        let reply = self.caller.success(&asked, request, protection(change.send_email), &rest).await?;
        decode::echo(&asked, &reply)
    }

    /// Deletes a meeting: a series with all its occurrences, or one occurrence. There is no undo.
    ///
    /// # Errors
    /// [`NotFound`](invitations_core::ErrorKind::NotFound) when it is gone already.
    pub async fn delete(&self, id: &MeetingId, mails: SendEmail, options: WriteOptions) -> Result<()> {
        refuse_condition("delete meeting", &options)?;
        let asked = self.caller.asked("delete meeting", Effect::Write);
        let request = request::cancel(id, mails, self.caller.host())?;
        // what is gone is gone, and mails nobody again
        self.caller.success(&asked, request, Protection::Idempotent, &options).await.map(drop)
    }

    /// Ends a meeting that is under way, for everybody in it. `reason` is kept by Webex. It is for hosts, co-hosts and compliance officers,
    /// and names nobody on whose behalf it is sent (`POST /meetings/{meetingId}/end`).
    ///
    /// # Errors
    /// Any refusal of Webex; [`NotFound`](invitations_core::ErrorKind::NotFound) when there is no such meeting.
    pub async fn end(&self, id: &MeetingId, reason: Option<&str>, options: WriteOptions) -> Result<()> {
        refuse_condition("end meeting", &options)?;
        let asked = self.caller.asked("end meeting", Effect::Write);
        let request = request::end(id, reason)?;
        // sent again it could end one that was started anew
        self.caller.success(&asked, request, Protection::Findable, &options).await.map(drop)
    }
}

/// Twice is the same meeting, but mails would go out twice.
pub(super) fn protection(mails: SendEmail) -> Protection {
    match mails {
        SendEmail::Yes => Protection::Unprotected,
        SendEmail::No => Protection::Idempotent,
    }
}

/// Webex has no etags, so a condition could not be kept.
pub(crate) fn refuse_condition(operation: &'static str, options: &WriteOptions) -> Result<()> {
    match options.if_match {
        Some(_) => Err(Error::invalid(operation, "Webex has no versions to match")),
        None => Ok(()),
    }
}

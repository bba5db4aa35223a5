use bytes::Bytes;
use http::Request;
use invitations_core::{Error, ErrorKind, Remedy, Result, ids::EventId, provider::WriteOptions};
use meetings_http::Protection;
use serde_json::json;

use super::{OutlookEvents, paths};
use crate::{
    calendar::outlook::{Answer, Forward, OutlookEvent},
    client::Budget,
    errors::Resource,
};

impl OutlookEvents {
    /// Cancels a meeting, or one occurrence of it, and mails every attendee a cancellation with these words. Only the organizer can.
    ///
    /// # Errors
    /// [`PermissionDenied`](ErrorKind::PermissionDenied) for an attendee: [`decline`](Self::decline) instead. Versions are not looked
    /// at and refused.
    pub async fn cancel(&self, id: &EventId, comment: &str, options: WriteOptions) -> Result<()> {
        self.cancel_as("cancel event", id, comment, options).await
    }

    pub(crate) async fn cancel_as(
        &self,
        operation: &'static str,
        id: &EventId,
        comment: &str,
        options: WriteOptions,
    ) -> Result<()> {
        // https://learn.microsoft.com/graph/api/event-cancel; the schema spells it with a capital
        let request = paths::action(&self.session.owner, id, "cancel", &json!({ "Comment": comment }))?;
        self.act(operation, id, request, &options, true).await
    }

    /// Accepts an invitation. Tells the organizer, unless the answer is silent.
    ///
    /// # Errors
    /// - [`InvalidInput`](ErrorKind::InvalidInput), before anything is sent: an answer that proposes another time.
    /// - [`Refused`](ErrorKind::Refused): the organizer cannot answer their own meeting.
    pub async fn accept(&self, id: &EventId, answer: &Answer, options: WriteOptions) -> Result<()> {
        let operation = "accept event";
        let body = answer.members(operation, false)?;
        let request = paths::action(&self.session.owner, id, "accept", &body)?;
        self.act(operation, id, request, &options, false).await
    }

    /// Accepts an invitation tentatively, and proposes another time where the answer says one. Tells the organizer, unless the answer
    /// is silent.
    ///
    /// # Errors
    /// - [`InvalidInput`](ErrorKind::InvalidInput), before anything is sent: a time is proposed silently, or ends before it begins.
    /// - [`Refused`](ErrorKind::Refused): the organizer cannot answer their own meeting.
    pub async fn tentatively_accept(&self, id: &EventId, answer: &Answer, options: WriteOptions) -> Result<()> {
        let operation = "tentatively accept event";
        let body = answer.members(operation, true)?;
        let request = paths::action(&self.session.owner, id, "tentativelyAccept", &body)?;
        self.act(operation, id, request, &options, false).await
    }

    /// Declines an invitation, and proposes another time where the answer says one. Tells the organizer, unless the answer is silent.
    /// The event leaves the attendee's calendar.
    ///
    /// # Errors
    /// As [`tentatively_accept`](Self::tentatively_accept).
    pub async fn decline(&self, id: &EventId, answer: &Answer, options: WriteOptions) -> Result<()> {
        let operation = "decline event";
        let body = answer.members(operation, true)?;
        let request = paths::action(&self.session.owner, id, "decline", &body)?;
        self.act(operation, id, request, &options, false).await
    }

    /// Forwards an invitation: mails it to the recipients, who may then join. When an attendee forwards, the organizer gets a notice.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput), before anything is sent: nobody to forward to.
    pub async fn forward(&self, id: &EventId, forward: &Forward, options: WriteOptions) -> Result<()> {
        let operation = "forward event";
        let request = paths::action(&self.session.owner, id, "forward", &forward.members(operation)?)?;
        let budget = self.unversioned(operation, &options)?;
        let options = budget.options(&self.session.graph, operation)?;
        self.session.send(operation, Resource::Events, request, Protection::Unprotected, &options).await.map(drop)
    }

    fn unversioned(&self, operation: &'static str, options: &WriteOptions) -> Result<Budget> {
        if options.if_match.is_some() {
            return Err(Error::invalid(operation, "this call knows no versions")
                .with_remedy(Remedy::new("Leave the version out.")));
        }
        Ok(Budget::new(&self.session.graph, options))
    }

    /// Each of these mails: never sent again while unclear.
    async fn act(
        &self,
        operation: &'static str,
        id: &EventId,
        request: Request<Bytes>,
        options: &WriteOptions,
        as_organizer: bool,
    ) -> Result<()> {
        let budget = self.unversioned(operation, options)?;
        let limits = budget.options(&self.session.graph, operation)?;
        let sent = self.session.send(operation, Resource::Events, request, Protection::Unprotected, &limits).await;
        match sent {
            Ok(_) => Ok(()),
            // one code for all reasons, and messages are not read: the event itself tells
            Err(error) if error.status() == Some(400) => match self.is_organizer(operation, id, &budget).await {
                Some(is) if is != as_organizer => Err(wrong_side(operation, as_organizer, error)),
                _ => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// `None` when it cannot be told.
    async fn is_organizer(&self, operation: &'static str, id: &EventId, budget: &Budget) -> Option<bool> {
        let options = budget.options(&self.session.graph, operation).ok()?;
        let request = paths::organizer(&self.session.owner, &self.calendar, id).ok()?;
        let reply = self.session.read_within(operation, Resource::Events, request, &options).await.ok()?;
        Some(OutlookEvent::decode(operation, &reply).ok()?.is_organizer)
    }
}

fn wrong_side(operation: &'static str, as_organizer: bool, error: Error) -> Error {
    let (kind, detail, remedy) = if as_organizer {
        (
            ErrorKind::PermissionDenied,
            "only the organizer can cancel a meeting",
            "Decline it for this attendee, or cancel it in the organizer's calendar.",
        )
    } else {
        (ErrorKind::Refused, "the organizer does not answer their own meeting", "Cancel or change the meeting instead.")
    };
    Error::new(kind, operation)
        .with_provider(crate::provider_id())
        .with_status(400)
        .with_detail(detail)
        .with_remedy(Remedy::new(remedy))
        .with_source(error)
}

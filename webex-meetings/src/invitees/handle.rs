//! One invitee at a time.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use invitations_core::{
    Result,
    ids::MeetingId,
    people::EmailAddress,
    provider::{AttendeeChange, WriteOptions},
};
use meetings_http::Protection;

use super::{Invitee, InviteeId, NewInvitee, decode, request};
use crate::{
    WebexMeetings,
    errors::{Asked, Effect},
    meetings::{SendEmail, refuse_condition},
};

/// What became of an invitation.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Invited {
    /// They are invited now.
    Added(Box<Invitee>),
    /// They were invited before, or by an earlier try. Nothing has changed.
    AlreadyThere,
}

impl WebexMeetings {
    /// Invites somebody to a series, or to one occurrence.
    ///
    /// # Errors
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) before any I/O for a name of more than 128 characters;
    /// [`NotFound`](invitations_core::ErrorKind::NotFound) when there is no such meeting; [`Conflict`](invitations_core::ErrorKind::Conflict) when
    /// Webex refuses them for another reason than that they are invited.
    pub async fn invite(
        &self,
        meeting: &MeetingId,
        who: &NewInvitee,
        mails: SendEmail,
        options: WriteOptions,
    ) -> Result<Invited> {
        refuse_condition(request::INVITE, &options)?;
        let asked = self.caller.asked(request::INVITE, Effect::Write);
        let request = request::invite(meeting, who, mails, self.caller.host())?;
        let Some(reply) = self.insert_one(&asked, request, meeting, &who.email, &options).await? else {
            return Ok(Invited::AlreadyThere);
        };
        decode::invitee(&asked, &reply).map(|invitee| Invited::Added(Box::new(invitee)))
    }

    /// `None` when this address is invited already: nothing has changed and nobody is mailed. Where Webex refuses for a conflict and does not
    /// say that it is this one, the list tells.
    pub(super) async fn insert_one(
        &self,
        asked: &Asked,
        request: Request<Bytes>,
        meeting: &MeetingId,
        address: &EmailAddress,
        options: &WriteOptions,
    ) -> Result<Option<Response<Bytes>>> {
        let began = self.caller.began();
        let reply = self.caller.answer(asked, request, Protection::Keyed, options).await?;
        if reply.status() != StatusCode::CONFLICT {
            return self.caller.checked(asked, reply).map(Some);
        }
        if decode::says_invited(&reply) {
            return Ok(None);
        }
        let reading = Asked { effect: Effect::Read, ..*asked };
        let listed = self.invitees_within(&reading, meeting, &self.caller.rest_of(options, began)).await?;
        if listed.iter().any(|invitee| invitee.is(address)) {
            return Ok(None);
        }
        self.caller.checked(asked, reply).map(Some)
    }

    /// Everybody who is invited to a series, an occurrence or an instance, in the order of their addresses.
    ///
    /// # Errors
    /// [`NotFound`](invitations_core::ErrorKind::NotFound) when there is no such meeting. A failed page is never a short list.
    pub async fn invited(&self, meeting: &MeetingId) -> Result<Vec<Invitee>> {
        let asked = self.caller.asked("list invitees", Effect::Read);
        self.invitees_within(&asked, meeting, &WriteOptions::new()).await
    }

    /// One invitee.
    ///
    /// # Errors
    /// [`NotFound`](invitations_core::ErrorKind::NotFound) when nobody is invited under this id.
    pub async fn invitee(&self, id: &InviteeId) -> Result<Invitee> {
        let asked = self.caller.asked("read invitee", Effect::Read);
        let request = request::read(id, self.caller.host())?;
        let reply = self.caller.success(&asked, request, Protection::Idempotent, &WriteOptions::new()).await?;
        decode::invitee(&asked, &reply)
    }

    /// Puts somebody as a whole in the place of an invitee: address, name, cohost, panelist (`PUT`). To change one of them begin with
    /// [`NewInvitee::of`].
    ///
    /// # Errors
    /// [`Conflict`](invitations_core::ErrorKind::Conflict) when the new address is invited already.
    pub async fn change_invitee(
        &self,
        id: &InviteeId,
        who: &NewInvitee,
        mails: SendEmail,
        options: WriteOptions,
    ) -> Result<Invitee> {
        refuse_condition(request::CHANGE, &options)?;
        let asked = self.caller.asked(request::CHANGE, Effect::Write);
        let request = request::change(id, who, mails, self.caller.host())?;
        let protection = match mails {
            SendEmail::Yes => Protection::Unprotected,
            SendEmail::No => Protection::Idempotent,
        };
        let reply = self.caller.success(&asked, request, protection, &options).await?;
        decode::invitee(&asked, &reply)
    }

    /// Takes somebody off the invitation.
    ///
    /// # Errors
    /// As every write. Who is gone already is no error.
    pub async fn uninvite(&self, id: &InviteeId, mails: SendEmail, options: WriteOptions) -> Result<AttendeeChange> {
        refuse_condition("uninvite", &options)?;
        let asked = self.caller.asked("uninvite", Effect::Write);
        let request = request::remove(id, mails, self.caller.host())?;
        let reply = self.caller.answer(&asked, request, Protection::Idempotent, &options).await?;
        if reply.status() == StatusCode::NOT_FOUND {
            // somebody else was faster, or an earlier try of ours
            return Ok(AttendeeChange::NotThere);
        }
        self.caller.checked(&asked, reply)?;
        Ok(AttendeeChange::Removed)
    }

    pub(super) async fn invitees_within(
        &self,
        asked: &Asked,
        meeting: &MeetingId,
        options: &WriteOptions,
    ) -> Result<Vec<Invitee>> {
        let first = request::list(meeting, self.caller.host())?;
        let mut found = Vec::new();
        let read = |reply: &Response<Bytes>| {
            found.append(&mut decode::page(asked, reply)?);
            Ok(())
        };
        self.caller.pages(asked, first, options, read).await?;
        Ok(found)
    }
}

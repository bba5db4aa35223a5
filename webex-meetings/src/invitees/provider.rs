use async_trait::async_trait;
use bytes::Bytes;
use http::{Response, StatusCode};
use invitations_core::{
    Error, ErrorKind, Result,
    ids::MeetingId,
    people::Attendee,
    provider::{AttendeeChange, AttendeeList, Gathering, WriteOptions},
};
use meetings_http::Protection;

use super::{decode, request};
use crate::{
    WebexMeetings,
    errors::{Asked, Effect},
    meetings::refuse_condition,
    wire::WireInvitee,
};

impl WebexMeetings {
    async fn invitees(&self, asked: &Asked, meeting: &MeetingId, options: &WriteOptions) -> Result<Vec<WireInvitee>> {
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

fn meeting_of<'a>(operation: &'static str, gathering: &'a Gathering) -> Result<&'a MeetingId> {
    match gathering {
        Gathering::Meeting(id) => Ok(id),
        _ => Err(Error::new(ErrorKind::Unsupported, operation)
            .with_provider(crate::provider_id())
            .with_detail("Webex has meetings, no calendar events")),
    }
}

#[async_trait]
impl AttendeeList for WebexMeetings {
    async fn add(&self, to: &Gathering, attendee: &Attendee, options: WriteOptions) -> Result<AttendeeChange> {
        refuse_condition(request::ADD, &options)?;
        let meeting = meeting_of(request::ADD, to)?;
        let asked = self.caller.asked(request::ADD, Effect::Write);
        let request = request::add(meeting, attendee, self.mails, self.caller.host())?;
        // the same address again answers 409 and changes nothing
        let reply = self.caller.answer(&asked, request, Protection::Keyed, &options).await?;
        if reply.status() == StatusCode::CONFLICT {
            return Ok(AttendeeChange::AlreadyThere);
        }
        self.caller.checked(&asked, reply)?;
        Ok(AttendeeChange::Added)
    }

    async fn remove(&self, from: &Gathering, attendee: &Attendee, options: WriteOptions) -> Result<AttendeeChange> {
        const REMOVE: &str = "remove attendee";
        refuse_condition(REMOVE, &options)?;
        let meeting = meeting_of(REMOVE, from)?;
        let began = self.caller.began();
        let reading = self.caller.asked(REMOVE, Effect::Read);
        let invitees = self.invitees(&reading, meeting, &options).await?;
        let Some(invitee) = invitees.iter().find(|invitee| invitee.is(&attendee.email)) else {
            return Ok(AttendeeChange::NotThere);
        };
        let Some(id) = &invitee.id else {
            let error = Error::new(ErrorKind::Protocol, REMOVE).with_provider(crate::provider_id());
            return Err(error.with_detail("the invitee has no id"));
        };
        let asked = self.caller.asked(REMOVE, Effect::Write);
        let request = request::remove(id, self.mails, self.caller.host())?;
        let rest = self.caller.rest_of(&options, began);
        let reply = self.caller.answer(&asked, request, Protection::Idempotent, &rest).await?;
        if reply.status() == StatusCode::NOT_FOUND {
            // somebody else was faster, or an earlier try of ours
            return Ok(AttendeeChange::NotThere);
        }
        self.caller.checked(&asked, reply)?;
        Ok(AttendeeChange::Removed)
    }

    async fn attendees(&self, of: &Gathering) -> Result<Vec<Attendee>> {
        const LIST: &str = "list attendees";
        let meeting = meeting_of(LIST, of)?;
        let asked = self.caller.asked(LIST, Effect::Read);
        let invitees = self.invitees(&asked, meeting, &WriteOptions::new()).await?;
        let listed = invitees.len();
        let attendees: Vec<Attendee> = invitees.into_iter().filter_map(WireInvitee::into_attendee).collect();
        if attendees.len() < listed {
            tracing::warn!(unnamed = listed - attendees.len(), "invitees whose address cannot be named are left out");
        }
        Ok(attendees)
    }
}

use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Result,
    ids::MeetingId,
    people::Attendee,
    provider::{AttendeeChange, AttendeeList, Gathering, WriteOptions},
};

use super::{Invitee, request};
use crate::{
    WebexMeetings,
    errors::Effect,
    meetings::{SendEmail, refuse_condition},
};

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
        let request = request::add(meeting, attendee, SendEmail::of(self.mails), self.caller.host())?;
        let added = self.insert_one(&asked, request, meeting, &attendee.email, &options).await?;
        Ok(if added.is_some() { AttendeeChange::Added } else { AttendeeChange::AlreadyThere })
    }

    async fn remove(&self, from: &Gathering, attendee: &Attendee, options: WriteOptions) -> Result<AttendeeChange> {
        const REMOVE: &str = "remove attendee";
        refuse_condition(REMOVE, &options)?;
        let meeting = meeting_of(REMOVE, from)?;
        let began = self.caller.began();
        let reading = self.caller.asked(REMOVE, Effect::Read);
        let invitees = self.invitees_within(&reading, meeting, &options).await?;
        let Some(invitee) = invitees.iter().find(|invitee| invitee.is(&attendee.email)) else {
            return Ok(AttendeeChange::NotThere);
        };
        let Some(id) = &invitee.id else {
            let error = Error::new(ErrorKind::Protocol, REMOVE).with_provider(crate::provider_id());
            return Err(error.with_detail("the invitee has no id"));
        };
        let rest = self.caller.rest_of(&options, began);
        self.uninvite(id, SendEmail::of(self.mails), rest).await
    }

    async fn attendees(&self, of: &Gathering) -> Result<Vec<Attendee>> {
        const LIST: &str = "list attendees";
        let meeting = meeting_of(LIST, of)?;
        let asked = self.caller.asked(LIST, Effect::Read);
        let invitees = self.invitees_within(&asked, meeting, &WriteOptions::new()).await?;
        let listed = invitees.len();
        let attendees: Vec<Attendee> = invitees.into_iter().filter_map(Invitee::into_attendee).collect();
        if attendees.len() < listed {
            tracing::warn!(unnamed = listed - attendees.len(), "invitees whose address cannot be named are left out");
        }
        Ok(attendees)
    }
}

use async_trait::async_trait;
use invitations_core::{
    Result,
    ids::{CalendarId, EventId},
    people::Attendee,
    provider::{AttendeeChange, AttendeeList, Gathering, WriteOptions},
};

use crate::calendar::EventAttendees;

/// The attendees of meetings that are events: a meeting's id is its event's, so both are changed one by one and with versions.
#[derive(Clone, Debug)]
pub(crate) struct CalendarMeetingAttendees {
    events: EventAttendees,
}

impl CalendarMeetingAttendees {
    pub(crate) fn new(events: EventAttendees) -> Self {
        Self { events }
    }
}

fn event(at: &Gathering) -> Result<Gathering> {
    Ok(match at {
        Gathering::Meeting(id) => {
            Gathering::Event { calendar: CalendarId::parse("primary")?, event: EventId::parse(id.as_str())? }
        }
        other => other.clone(),
    })
}

#[async_trait]
impl AttendeeList for CalendarMeetingAttendees {
    async fn add(&self, to: &Gathering, attendee: &Attendee, options: WriteOptions) -> Result<AttendeeChange> {
        self.events.add(&event(to)?, attendee, options).await
    }

    async fn remove(&self, from: &Gathering, attendee: &Attendee, options: WriteOptions) -> Result<AttendeeChange> {
        self.events.remove(&event(from)?, attendee, options).await
    }

    async fn attendees(&self, of: &Gathering) -> Result<Vec<Attendee>> {
        self.events.attendees(&event(of)?).await
    }
}

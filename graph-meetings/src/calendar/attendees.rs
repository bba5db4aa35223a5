use std::time::Duration;

use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Remedy, Result, RetryClass,
    ids::{CalendarId, EventId},
    people::Attendee,
    provider::{AttendeeChange, AttendeeList, Gathering, Resend, WriteOptions},
};
use meetings_http::Protection;

use super::{check_attendees, decode, request, wire_event::WireAttendee};
use crate::{
    client::{Budget, Session},
    errors::Resource,
    teams::TeamsMeetings,
};

/// So often another writer may win before the call gives up.
const MOST_TRIES: u32 = 16;
/// The first wait after another writer won; it doubles, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// The attendees of events in one mailbox, one at a time.
///
/// Outlook replaces the whole list with each write, so a change is read, made, and written only if nobody else wrote meanwhile;
/// else it begins again. Within this process the writers of one event take turns.
///
/// Outlook mails whoever was added or removed, and nobody else; with one exception: when somebody is removed who was invited as a
/// member of a distribution list, Outlook mails everybody (<https://learn.microsoft.com/graph/api/event-update>). A list itself is an
/// attendee like any other, and its members are not seen here.
///
/// An attendee is an address, also a guest of the directory: events know no directory objects, so
/// [`guest`](Attendee::guest) and [`role`](Attendee::role) are not written.
///
/// Online meetings have no versions: a change of their list could lose somebody else's, so it is
/// [`Unsupported`](ErrorKind::Unsupported); reading it works.
#[derive(Clone, Debug)]
pub struct EventAttendees {
    session: Session,
}

#[derive(Clone, Copy, Debug)]
enum Change<'a> {
    Add(&'a Attendee),
    Remove(&'a Attendee),
}

impl EventAttendees {
    pub(crate) fn new(session: Session) -> Self {
        Self { session }
    }

    async fn change(&self, at: &Gathering, change: Change<'_>, options: &WriteOptions) -> Result<AttendeeChange> {
        let operation = match change {
            Change::Add(_) => "add attendee",
            Change::Remove(_) => "remove attendee",
        };
        let (calendar, event) = self.event(operation, at)?;
        let budget = Budget::new(&self.session.graph, options);
        // in this process one writer per event at a time, so that only other processes can get in between
        let _turn = self.session.graph.attendee_locks().lock(event.as_str()).await;
        // a write of ours whose outcome is not known
        let mut doubt = None;
        for tried in 0..MOST_TRIES {
            let read = request::read_attendees(&self.session.owner, calendar, event)?;
            let options = budget.options(&self.session.graph, operation)?;
            let reply = self.session.read_within(operation, Resource::Events, read, &options).await?;
            let (list, version) = decode::attendees(operation, &reply)?;
            let (list, done) = match changed(list, change) {
                Ok(changed) => changed,
                // our own earlier write may have come through although it was not confirmed
                Err(nothing) => return Ok(if doubt.is_some() { applied(change) } else { nothing }),
            };
            if matches!(change, Change::Add(_)) {
                check_attendees(operation, list.len())?;
            }
            let write = request::write_attendees(&self.session.owner, calendar, event, &version, &list)?;
            let options = budget.options(&self.session.graph, operation)?;
            // not sent again when unclear: the next reading tells what became of it
            let sent = self.session.send(operation, Resource::Events, write, Protection::Findable, &options).await;
            match sent {
                Ok(_) => return Ok(done),
                // 412 ErrorIrresolvableConflict, 409 ConcurrentItemSave: nothing was written
                Err(error) if matches!(error.status(), Some(409 | 412)) => {}
                Err(error) if unclear(&error) && options.resend == Resend::Pipeline => doubt = Some(error),
                Err(error) => return Err(error),
            }
            self.wait(tried).await?;
        }
        Err(doubt.unwrap_or_else(|| {
            Error::new(ErrorKind::Conflict, operation)
                .with_provider(crate::provider_id())
                .with_detail("other writers kept winning")
                .with_retry(RetryClass::Safe { after: Some(LONGEST_WAIT) })
        }))
    }

    fn event<'a>(&self, operation: &'static str, at: &'a Gathering) -> Result<(&'a CalendarId, &'a EventId)> {
        match at {
            Gathering::Event { calendar, event } => Ok((calendar, event)),
            _ => Err(Error::new(ErrorKind::Unsupported, operation)
                .with_provider(crate::provider_id())
                .with_detail("online meetings have no versions, so a change could lose somebody else's")
                .with_remedy(Remedy::new(
                    "Add the attendee to a calendar event with an online meeting, or hand out the join link.",
                ))),
        }
    }

    /// Twice as long each time, by chance between half of it and all of it.
    async fn wait(&self, tried: u32) -> Result<()> {
        let longest = FIRST_WAIT.saturating_mul(1 << tried.min(10)).min(LONGEST_WAIT);
        let mut byte = [0];
        self.session.graph.entropy().fill(&mut byte)?;
        let wait = longest / 2 + longest / 2 * u32::from(byte[0]) / 255;
        self.session.graph.clock().sleep(wait).await;
        Ok(())
    }
}

fn unclear(error: &Error) -> bool {
    matches!(error.retry(), RetryClass::Unclear { .. })
}

fn applied(change: Change<'_>) -> AttendeeChange {
    match change {
        Change::Add(_) => AttendeeChange::Added,
        Change::Remove(_) => AttendeeChange::Removed,
    }
}

/// The list to write, or why there is nothing to write.
fn changed(
    mut list: Vec<WireAttendee>,
    change: Change<'_>,
) -> Result<(Vec<WireAttendee>, AttendeeChange), AttendeeChange> {
    match change {
        Change::Add(attendee) => {
            if list.iter().any(|one| one.is(&attendee.email)) {
                return Err(AttendeeChange::AlreadyThere);
            }
            list.push(WireAttendee::new(attendee));
        }
        Change::Remove(attendee) => {
            let before = list.len();
            list.retain(|one| !one.is(&attendee.email));
            if list.len() == before {
                return Err(AttendeeChange::NotThere);
            }
        }
    }
    Ok((list, applied(change)))
}

#[async_trait]
impl AttendeeList for EventAttendees {
    async fn add(&self, to: &Gathering, attendee: &Attendee, options: WriteOptions) -> Result<AttendeeChange> {
        self.change(to, Change::Add(attendee), &options).await
    }

    async fn remove(&self, from: &Gathering, attendee: &Attendee, options: WriteOptions) -> Result<AttendeeChange> {
        self.change(from, Change::Remove(attendee), &options).await
    }

    async fn attendees(&self, of: &Gathering) -> Result<Vec<Attendee>> {
        let operation = "read attendees";
        if let Gathering::Meeting(id) = of {
            return TeamsMeetings::new(self.session.clone()).listed(id).await;
        }
        let (calendar, event) = self.event(operation, of)?;
        let request = request::read_attendees(&self.session.owner, calendar, event)?;
        let reply = self.session.read(operation, Resource::Events, request).await?;
        let (list, _) = decode::attendees(operation, &reply)?;
        Ok(list.into_iter().filter_map(WireAttendee::attendee).collect())
    }
}

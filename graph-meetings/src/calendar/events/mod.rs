//! The events of one calendar, in Outlook's own words.

mod answers;
mod calendars;
mod categories;
mod change;
mod create;
mod paths;
mod read;
mod series;

use invitations_core::ids::CalendarId;

use super::OutlookCalendars;
use crate::client::Session;

/// The events of one calendar, with everything that Outlook knows of them ([`outlook`](crate::outlook)).
///
/// # Whom Outlook mails
///
/// There is no way to be silent but where it is said here. Mails go to attendees other than the organizer.
///
/// | call | mail |
/// |---|---|
/// | [`create`](Self::create) | an invitation to each attendee; none when the key found an event that is there |
/// | [`patch`](Self::patch) of attendees only | an invitation to who is new, a cancellation to who is gone, nothing to the others; but to everybody when a member of an invited distribution list is taken out |
/// | [`patch`](Self::patch) of anything else | an update to everybody; of a series with exceptions one more for each exception |
/// | [`delete`](Self::delete), [`cancel`](Self::cancel) by the organizer | a cancellation to everybody; `cancel` with words |
/// | [`delete`](Self::delete) by an attendee | none: the event leaves this calendar, and the organizer is not told. [`decline`](Self::decline) tells |
/// | [`accept`](Self::accept), [`tentatively_accept`](Self::tentatively_accept), [`decline`](Self::decline) | the answer to the organizer, unless it is [silent](crate::outlook::Answer::silent) |
/// | [`forward`](Self::forward) | the invitation to the recipients, and a notice to the organizer when an attendee forwards |
/// | everything that reads | none |
///
/// Source: <https://learn.microsoft.com/graph/api/event-update>, `event-cancel`, `event-decline`, `event-forward`.
#[derive(Clone, Debug)]
pub struct OutlookEvents {
    session: Session,
    calendar: CalendarId,
}

impl OutlookCalendars {
    /// The events of one calendar. `primary` and `default` name the mailbox's own.
    pub fn events_in(&self, calendar: &CalendarId) -> OutlookEvents {
        OutlookEvents::new(self.session.clone(), calendar.clone())
    }
}

impl OutlookEvents {
    pub(crate) fn new(session: Session, calendar: CalendarId) -> Self {
        Self { session, calendar }
    }
}

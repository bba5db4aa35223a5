use std::time::Duration;

use invitations_core::{
    Result,
    ids::{CalendarId, EventId, MeetingId, MeetingKey, ProviderId},
    provider::{Meeting, MeetingDraft, WriteOptions},
};

use super::{
    backing::{self, Patience},
    event::{self, Event},
    event_request,
    handle::{check_account, no_version},
    meeting::TeamsMeeting,
    options::MeetingOptions,
};
use crate::{
    calendar::OutlookEvents,
    client::{Budget, Session},
    errors::Resource,
};

/// The Teams meetings that are events in one organizer's calendar. A meeting's id is the event's.
///
/// # What a create does
///
/// The event is made with a Teams meeting and without attendees; it is checked that it became a meeting; the options are set on the
/// meeting behind it; and only then, in one step, it gets its key and its attendees. So Outlook invites people once, to a meeting that
/// has its link and its settings. Where something is refused for good before that last step, the event is taken back, and nobody was
/// mailed. Where the outcome is unclear the error says so ([`Unclear`](invitations_core::RetryClass::Unclear)): the same create again
/// finds the event by its `transactionId` and goes on. A create that is given up in between leaves an event without attendees in the
/// organizer's calendar.
///
/// # Whom Outlook mails
///
/// | | mail |
/// |---|---|
/// | create with [`notify`](MeetingDraft::notify) | one invitation to each attendee |
/// | create without it | none, and nobody is in the event: Outlook mails whomever it lists. Add people later with [`Graph::attendees_of`](crate::Graph::attendees_of) |
/// | update of title or time | all attendees, always: Graph has no way to be silent |
/// | update of options only | none |
/// | cancel | a cancellation to all attendees; with words of your own by [`cancel_with`](Self::cancel_with) |
/// | the same of a series | as of one meeting: each of these is one mail for the whole series |
///
/// # Options
///
/// They are set on the meeting behind the event, which only its organizer finds: an application needs `OnlineMeetings.ReadWrite.All`
/// and the Teams access policy for that, and for nothing else here. Co-organizers and presenters are listed there, too. What
/// [only a create can say](MeetingOptions::only_at_create) is refused before anything is sent: the event makes its own meeting.
///
/// # Meetings that repeat
///
/// A series is one event with one key and one Teams meeting behind it, so its settings and its link are those of all its occurrences. It
/// is written in its own zone, by the zone's Windows name, and keeps its time of day when clocks change. A rule that Outlook has no
/// pattern for is refused before anything is sent ([`UnsupportedRecurrence`](crate::UnsupportedRecurrence)). A meeting's slot is the
/// series' first occurrence, in the zone that the series follows; where that zone is not known, in UTC.
///
/// - An update or a cancellation is of the whole series. A new slot moves the first occurrence, and the others with it: of a rule on one
///   day of the week, of the month or of the year that day goes along, and with other rules the new date has to be one of theirs. Where
///   date or zone change, Outlook undoes what was changed in single occurrences.
/// - A listing is a calendar view, which shows a series as its occurrences. None of them is a meeting that was made here, so they are
///   left out: a series is in no listing. [`find_by_key`](invitations_core::provider::MeetingProvider::find_by_key) and
///   [`read`](invitations_core::provider::MeetingProvider::read) show it.
/// - A first occurrence that begins or ends in an hour that clocks skip is refused
///   ([`SkippedHour`](crate::UnsupportedRecurrence::SkippedHour)).
///
/// # Looking up by key
///
/// Finds meetings whose create came to its end. Exchange does not document how soon a filter sees a new property, so the look-up is
/// declared as inexact, with a [lag](Self::LOOK_UP_LAG) to wait.
#[derive(Clone, Debug)]
pub struct CalendarMeetings {
    pub(super) session: Session,
    pub(super) provider: ProviderId,
    pub(super) calendar: Option<CalendarId>,
    pub(super) defaults: MeetingOptions,
    pub(super) patience: Duration,
}

impl CalendarMeetings {
    /// How long a new meeting may stay invisible to the look-up by key. Longer than what was ever seen; nothing is documented.
    pub const LOOK_UP_LAG: Duration = Duration::from_secs(60);
    /// How long a create waits for the meeting behind its event, unless [`with_patience`](Self::with_patience) says otherwise.
    pub const PATIENCE: Duration = Duration::from_secs(30);

    pub(crate) fn new(session: Session) -> Self {
        let (calendar, defaults) = (None, MeetingOptions::new());
        Self { session, provider: crate::provider_id(), calendar, defaults, patience: Self::PATIENCE }
    }

    /// Takes another calendar than the mailbox's own for creates, listings and look-ups.
    #[must_use]
    pub fn in_calendar(mut self, calendar: CalendarId) -> Self {
        self.calendar = Some(calendar);
        self
    }

    /// Lays options under every create of this handle: over those of the client
    /// ([`GraphBuilder::meeting_options`](crate::GraphBuilder::meeting_options)), below those of a draft.
    #[must_use]
    pub fn with_defaults(mut self, options: MeetingOptions) -> Self {
        self.defaults = options;
        self
    }

    /// Sets how long a call waits for what Graph has made and does not show yet. The call's own timeout holds, too.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Makes a meeting with options in Teams' own words: over the draft's settings, the handle's defaults and the client's.
    ///
    /// # Errors
    /// As [`create`](invitations_core::provider::MeetingProvider::create). [`Misconfigured`](invitations_core::ErrorKind::Misconfigured)
    /// when Outlook made an event without a Teams meeting, which it does in silence where the calendar does not allow any.
    pub async fn create_with(
        &self,
        key: &MeetingKey,
        draft: &MeetingDraft,
        teams: &MeetingOptions,
        options: WriteOptions,
    ) -> Result<Meeting> {
        super::calendar_create::Create::new(self, key, draft, teams, &options).await?.run().await
    }

    /// The online meeting behind an event: its options, the numbers to dial, the chat.
    ///
    /// # Errors
    /// [`NotFound`](invitations_core::ErrorKind::NotFound) when there is no such event;
    /// [`Misconfigured`](invitations_core::ErrorKind::Misconfigured) without the Teams access policy.
    pub async fn details(&self, id: &MeetingId) -> Result<TeamsMeeting> {
        let operation = "read meeting";
        check_account(&self.session, operation)?;
        let budget = Budget::new(&self.session.graph, &WriteOptions::new());
        let event = self.event(operation, id, &budget).await?;
        let url = event.join_url.ok_or_else(|| super::calendar_provider::offline(operation))?;
        let mut patience = Patience::new(&self.session, &budget, self.patience);
        let session = self.session.graph.organizers().resolved(&self.session, &WriteOptions::new()).await?;
        backing::find(operation, &session, &url, &mut patience).await
    }

    /// Takes a meeting away and tells its attendees why. Only the organizer can.
    ///
    /// # Errors
    /// As [`cancel`](invitations_core::provider::MeetingProvider::cancel);
    /// [`PermissionDenied`](invitations_core::ErrorKind::PermissionDenied) for an attendee, who may
    /// [`decline`](crate::OutlookEvents::decline) instead. Versions are not looked at and refused.
    pub async fn cancel_with(&self, id: &MeetingId, comment: &str, options: WriteOptions) -> Result<()> {
        let operation = "cancel meeting";
        check_account(&self.session, operation)?;
        no_version(operation, &options)?;
        let calendar = self.calendar.clone().map_or_else(|| CalendarId::parse("primary"), Ok)?;
        let events = OutlookEvents::new(self.session.clone(), calendar);
        events.cancel_as(operation, &EventId::parse(id.as_str())?, comment, options).await
    }

    /// One event that is not cancelled: the organizer's calendar may keep those in its deleted items.
    pub(super) async fn event(&self, operation: &'static str, id: &MeetingId, budget: &Budget) -> Result<Event> {
        let options = budget.options(&self.session.graph, operation)?;
        let request = event_request::read(&self.session.owner, id)?;
        let reply = self.session.read_within(operation, Resource::Events, request, &options).await?;
        let event = event::event(operation, &reply)?;
        if event.is_cancelled {
            return Err(super::calendar_provider::cancelled(operation));
        }
        Ok(event)
    }
}

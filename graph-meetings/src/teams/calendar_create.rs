//! A create in steps that can be gone over again.

use invitations_core::{
    Error, ErrorKind, Remedy, Result, RetryClass,
    ids::{MeetingId, MeetingKey},
    people::{Attendee, AttendeeRole},
    provider::{Meeting, MeetingDraft, WriteOptions},
    secret::JoinUrl,
};
use meetings_http::Protection;

use super::{
    backing::{self, Patience},
    calendar::CalendarMeetings,
    event::{self, Event},
    event_request,
    handle::{TeamsMeetings, check_account, defaults_of, no_version},
    options::MeetingOptions,
    words::AllowedPresenters,
};
use crate::{client::Budget, errors::Resource};

const OPERATION: &str = "create meeting";
/// So often another writer may win before the call gives up.
const MOST_TRIES: u32 = 8;

/// One create at work.
pub(super) struct Create<'a> {
    meetings: &'a CalendarMeetings,
    key: &'a MeetingKey,
    draft: &'a MeetingDraft,
    wanted: MeetingOptions,
    budget: Budget,
}

impl<'a> Create<'a> {
    /// Refuses what cannot be done, before any I/O.
    pub(super) async fn new(
        meetings: &'a CalendarMeetings,
        key: &'a MeetingKey,
        draft: &'a MeetingDraft,
        teams: &MeetingOptions,
        options: &WriteOptions,
    ) -> Result<Self> {
        check_account(&meetings.session, OPERATION)?;
        no_version(OPERATION, options)?;
        event_request::check(draft)?;
        let said = teams.over(&MeetingOptions::try_from(&draft.settings)?);
        said.members()?;
        let session = &meetings.session;
        let resolved = match session.graph.meeting_defaults().names_organizers() {
            true => session.graph.organizers().resolved(session, options).await?,
            // events take addresses, so nothing has to be asked
            false => session.clone(),
        };
        let wanted = said.over(&defaults_of(&meetings.defaults, session, &resolved));
        wanted.members()?;
        if wanted.only_at_create() {
            return Err(TeamsMeetings::unsupported(
                OPERATION,
                "an event makes its own meeting, without passcode or template",
            )
            .with_remedy(Remedy::new("Leave passcode and template to the organizer's meeting policy.")));
        }
        Ok(Self { meetings, key, draft, wanted, budget: Budget::new(&meetings.session.graph, options) })
    }

    pub(super) async fn run(&self) -> Result<Meeting> {
        let at_once = self.is_done_at_once();
        let event = self.make(at_once).await?;
        let done = if at_once && event.join_url.is_some() { self.named(event) } else { self.go_on(&event.id).await? };
        done.meeting().ok_or_else(|| backing::not_yet(OPERATION, "the event has no join link yet"))
    }

    /// Whether nothing follows the event itself.
    fn is_done_at_once(&self) -> bool {
        self.wanted.is_empty() && self.listed().is_none() && self.invited().is_empty()
    }

    /// Whom Outlook is to invite.
    fn invited(&self) -> &[Attendee] {
        if self.draft.notify { &self.draft.attendees } else { &[] }
    }

    /// The list that Teams needs for roles; without any role the event's own list does.
    fn listed(&self) -> Option<&[Attendee]> {
        let roles = self.draft.attendees.iter().any(|attendee| attendee.role != AttendeeRole::Attendee);
        let named = self.wanted.presenters == Some(AllowedPresenters::RoleIsPresenter);
        (roles || named).then_some(&*self.draft.attendees)
    }

    async fn make(&self, finished: bool) -> Result<Event> {
        let session = &self.meetings.session;
        let calendar = self.meetings.calendar.as_ref();
        let request = event_request::create(&session.owner, calendar, self.key, self.draft, finished)?;
        let options = self.budget.options(&session.graph, OPERATION)?;
        let reply = session.send(OPERATION, Resource::Events, request, Protection::Keyed, &options).await?;
        event::event(OPERATION, &reply)
    }

    /// Everything after the event itself. It may have been made, and finished, by an earlier call.
    async fn go_on(&self, id: &MeetingId) -> Result<Event> {
        let mut patience = Patience::new(&self.meetings.session, &self.budget, self.meetings.patience);
        let event = loop {
            let read = self.meetings.event(OPERATION, id, &self.budget).await;
            match read {
                Ok(event) if event.join_url.is_some() => break event,
                Ok(event) if !event.is_online => return Err(self.taken_back(id, not_allowed()).await),
                Ok(_) => {}
                // not there yet for the next server
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(unclear(error)),
            }
            if !patience.wait().await {
                return Err(backing::not_yet(OPERATION, "the event has no join link yet"));
            }
        };
        if event.key.is_some() {
            return Ok(event);
        }
        if let Some(url) = &event.join_url
            && let Err(error) = self.set_options(url, &mut patience).await
        {
            return Err(self.after_refusal(id, error).await);
        }
        self.finish(event).await
    }

    async fn set_options(&self, url: &JoinUrl, patience: &mut Patience<'_>) -> Result<()> {
        let listed = self.listed();
        if self.wanted.is_empty() && listed.is_none() {
            return Ok(());
        }
        backing::apply(OPERATION, &self.meetings.session, url, &self.wanted, listed, patience).await
    }

    /// Writes key and attendees, if nobody else wrote meanwhile: Outlook itself touches a new event.
    async fn finish(&self, mut event: Event) -> Result<Event> {
        let session = &self.meetings.session;
        for _ in 0..MOST_TRIES {
            if event.key.is_some() {
                return Ok(event);
            }
            let Some(version) = &event.etag else {
                return Err(crate::wire::unreadable(OPERATION, "an event without a version"));
            };
            let request =
                event_request::finish(&session.owner, &event.id, version, self.key, &event.attendees, self.invited())?;
            let options = self.budget.options(&session.graph, OPERATION).map_err(unclear)?;
            // not sent again when unclear: a 412 could come from our own first try
            let sent = session.send(OPERATION, Resource::Events, request, Protection::Findable, &options).await;
            match sent {
                Ok(reply) => {
                    let after = event::event(OPERATION, &reply)?;
                    if after.join_url.is_some() {
                        return Ok(self.named(after));
                    }
                    // the answer to a change is not always the whole event
                    event.etag = after.etag;
                    return Ok(self.named(event));
                }
                Err(error) if error.status() == Some(412) => {
                    event = self.meetings.event(OPERATION, &event.id, &self.budget).await.map_err(unclear)?;
                }
                Err(error) => return Err(self.after_refusal(&event.id, error).await),
            }
        }
        Err(Error::new(ErrorKind::Conflict, OPERATION)
            .with_provider(crate::provider_id())
            .with_detail("other writers kept winning")
            .with_retry(RetryClass::Unclear { after: None }))
    }

    /// The answer to a write never shows extended properties (trap 23).
    fn named(&self, mut event: Event) -> Event {
        event.key = Some(self.key.clone());
        event
    }

    /// What is refused for good takes the event back; all else can be gone over again.
    async fn after_refusal(&self, id: &MeetingId, error: Error) -> Error {
        match error.retry() {
            RetryClass::Never => self.taken_back(id, error).await,
            _ => unclear(error),
        }
    }

    /// Takes an event back that nobody can know of: it was never finished, or has no link to hand out.
    async fn taken_back(&self, id: &MeetingId, error: Error) -> Error {
        let why = match self.take_back(id).await {
            Ok(()) => return error,
            Err(why) => why,
        };
        tracing::warn!(error = %why, "an event that could not become a meeting was not taken back");
        error
            .with_detail(
                "an event without attendees was left in the organizer's calendar: the same create again takes it back",
            )
            .with_retry(RetryClass::Unclear { after: None })
            .with_source(why)
    }

    async fn take_back(&self, id: &MeetingId) -> Result<()> {
        let session = &self.meetings.session;
        let event = match self.meetings.event(OPERATION, id, &self.budget).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            read => read?,
        };
        if !event.attendees.is_empty() || (event.key.is_some() && event.join_url.is_some()) {
            // somebody was invited, or was told: it is a meeting of an earlier call
            return Ok(());
        }
        // only as it was read: attendees of another call must not be sent cancellations
        let request = event_request::delete(&session.owner, id, event.etag.as_ref())?;
        let options = self.budget.options(&session.graph, OPERATION)?;
        match session.send(OPERATION, Resource::Events, request, Protection::Findable, &options).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            sent => sent.map(drop),
        }
    }
}

/// The event is there, so nothing that follows is surely undone.
fn unclear(error: Error) -> Error {
    let after = match error.retry() {
        RetryClass::Safe { after } | RetryClass::Unclear { after } => after,
        _ => None,
    };
    error.with_retry(RetryClass::Unclear { after })
}

/// Trap 12.
fn not_allowed() -> Error {
    Error::new(ErrorKind::Misconfigured, OPERATION)
        .with_provider(crate::provider_id())
        .with_detail("Outlook made an event without a Teams meeting, and it was taken back")
        .with_remedy(
            Remedy::new(
                "Give the organizer Teams and an Exchange Online mailbox, until the calendar's allowedOnlineMeetingProviders name \
                 teamsForBusiness.",
            )
            .with_docs("https://learn.microsoft.com/graph/outlook-calendar-online-meetings"),
        )
}

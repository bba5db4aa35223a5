use invitations_core::{
    Error, ErrorKind, Remedy, Result, RetryClass,
    ids::{MeetingId, MeetingKey, ProviderId},
    people::Attendee,
    provider::{MeetingDraft, WriteOptions},
    secret::JoinUrl,
};
use meetings_http::Protection;

use super::{
    decode,
    meeting::{Participant, TeamsMeeting},
    options::MeetingOptions,
    patch::TeamsPatch,
    request,
};
use crate::{
    client::{Budget, Session},
    errors::Resource,
    owner::Owner,
};

/// The Teams meetings of one organizer.
///
/// The key is the meeting's `externalId`, which belongs to its organizer: the same key of another organizer is another meeting.
/// [`Meeting::key`](invitations_core::provider::Meeting::key) is there when Graph tells it, which is not documented for every answer;
/// Graph lists no meetings, so what no store knows any more cannot be found there by its key.
///
/// They stand in no calendar and mail nobody, so [`MeetingDraft::notify`] has no effect; hand out the join link yourself. Attendees
/// are only listed, which matters for the roles of people in the directory: a presenter or co-organizer from outside has to be a guest
/// first, and is named by its object id ([`Attendee::with_guest`]). There are no recordings or transcripts of such meetings through
/// Graph; for those take [`CalendarMeetings`](super::CalendarMeetings).
#[derive(Clone, Debug)]
pub struct TeamsMeetings {
    pub(super) session: Session,
    pub(super) provider: ProviderId,
    defaults: MeetingOptions,
}

impl TeamsMeetings {
    pub(crate) fn new(session: Session) -> Self {
        Self { session, provider: crate::provider_id(), defaults: MeetingOptions::new() }
    }

    /// Lays options under every create of this handle: over those of the client
    /// ([`GraphBuilder::meeting_options`](crate::GraphBuilder::meeting_options)), below those of a draft.
    #[must_use]
    pub fn with_defaults(mut self, options: MeetingOptions) -> Self {
        self.defaults = options;
        self
    }

    /// Makes a meeting with options in Teams' own words: over the draft's settings, the handle's defaults and the client's.
    ///
    /// # Errors
    /// As [`create`](invitations_core::provider::MeetingProvider::create); [`Unsupported`](ErrorKind::Unsupported) when Graph did not
    /// take what [only a create can say](MeetingOptions::only_at_create), and then no new meeting stays behind.
    pub async fn create_with(
        &self,
        key: &MeetingKey,
        draft: &MeetingDraft,
        teams: &MeetingOptions,
        options: WriteOptions,
    ) -> Result<TeamsMeeting> {
        let operation = "create meeting";
        self.check_account(operation)?;
        request::check(draft)?;
        no_version(operation, &options)?;
        let said = teams.over(&MeetingOptions::try_from(&draft.settings)?);
        said.members()?;
        let budget = Budget::new(&self.session.graph, &options);
        let session = self.session(&options).await?;
        let wanted = said.over(&defaults_of(&self.defaults, &self.session, &session));
        let request = request::create(&session.owner, key, draft, &wanted)?;
        let options = budget.options(&session.graph, operation)?;
        let reply = session.send(operation, Resource::Meetings, request, Protection::Keyed, &options).await?;
        let (mut meeting, made) = decode::created(operation, &reply, key)?;
        if !wanted.agrees_at_create(&meeting.options) {
            if made {
                self.take_back(&session, &meeting.id, &options).await;
            }
            return Err(Self::unsupported(
                operation,
                "Graph did not set the passcode or the template as it was asked to",
            )
            .with_remedy(Remedy::new("Leave both to the organizer's meeting policy, or make the meeting in Teams.")));
        }
        let Some(settle) = request::settle(&session.owner, &meeting.id, &wanted, &draft.attendees, false)? else {
            return Ok(meeting);
        };
        let reply = self.settle(&session, settle, &meeting.id, made, &budget).await?;
        // the documented answer is not always the whole meeting
        meeting.options = match decode::meeting(operation, &reply) {
            Ok(settled) => settled.options,
            Err(_) => wanted.over(&meeting.options),
        };
        Ok(meeting)
    }

    /// Reads a meeting with everything Graph tells about it.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when there is no such meeting, or this organizer is neither its organizer nor invited to it.
    pub async fn details(&self, id: &MeetingId) -> Result<TeamsMeeting> {
        let operation = "read meeting";
        self.check_account(operation)?;
        let session = self.session(&WriteOptions::new()).await?;
        let reply = session.read(operation, Resource::Meetings, request::read(&session.owner, id)?).await?;
        decode::meeting(operation, &reply)
    }

    /// The meeting behind a join link, which may be one of an event in the calendar. Only its organizer finds it.
    ///
    /// # Errors
    /// As reading.
    pub async fn find_by_join_url(&self, url: &JoinUrl) -> Result<Option<TeamsMeeting>> {
        self.find(|owner| request::find_by_join_url(owner, url)).await
    }

    /// The meeting behind the number that people type to join; spaces in it do not count.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for what can be no such number; else as reading.
    pub async fn find_by_join_meeting_id(&self, id: &str) -> Result<Option<TeamsMeeting>> {
        self.find(|owner| request::find_by_join_meeting_id(owner, id)).await
    }

    async fn find(
        &self,
        ask: impl FnOnce(&Owner) -> Result<http::Request<bytes::Bytes>> + Send,
    ) -> Result<Option<TeamsMeeting>> {
        let operation = "find meeting";
        self.check_account(operation)?;
        let session = self.session(&WriteOptions::new()).await?;
        let reply = session.read(operation, Resource::Meetings, ask(&session.owner)?).await?;
        decode::found(operation, &reply)
    }

    /// Changes a meeting in Teams' own words.
    ///
    /// While a meeting is running, Graph takes only some of the options ([`TeamsPatch::changes_while_running`]); when it refuses
    /// others, the error says so.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) before any I/O for what only a create can say; [`NotFound`](ErrorKind::NotFound).
    pub async fn change(&self, id: &MeetingId, patch: &TeamsPatch, options: WriteOptions) -> Result<TeamsMeeting> {
        let operation = "update meeting";
        self.check_account(operation)?;
        no_version(operation, &options)?;
        // refused before any I/O
        request::update(&self.session.owner, id, patch)?;
        let budget = Budget::new(&self.session.graph, &options);
        let session = self.session(&options).await?;
        let Some(request) = request::update(&session.owner, id, patch)? else { return self.details(id).await };
        let options = budget.options(&session.graph, operation)?;
        let sent = session.send(operation, Resource::Meetings, request, Protection::Idempotent, &options).await;
        let reply = sent.map_err(|error| running(error, patch.changes_while_running()))?;
        match decode::meeting(operation, &reply) {
            // the documented answer is not always the whole meeting
            Err(_) => self.details(id).await,
            whole => whole,
        }
    }

    /// Who is listed in a meeting. People without a usable address are left out.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when there is no such meeting.
    pub async fn listed(&self, id: &MeetingId) -> Result<Vec<Attendee>> {
        let meeting = self.details(id).await?;
        Ok(meeting.attendees.iter().filter_map(Participant::attendee).collect())
    }

    /// Teams takes object ids only (trap 2).
    pub(super) async fn session(&self, options: &WriteOptions) -> Result<Session> {
        self.session.graph.organizers().resolved(&self.session, options).await
    }

    /// Writes the settings of a meeting that was just made or found. Setting them again is harmless.
    async fn settle(
        &self,
        session: &Session,
        settle: http::Request<bytes::Bytes>,
        id: &MeetingId,
        made: bool,
        budget: &Budget,
    ) -> Result<http::Response<bytes::Bytes>> {
        let operation = "create meeting";
        let graph = &session.graph;
        let unclear = RetryClass::Unclear { after: None };
        let options = match budget.options(graph, operation) {
            Ok(options) => options,
            Err(error) => return Err(error.with_retry(unclear)),
        };
        let sent = session.send(operation, Resource::Meetings, settle, Protection::Idempotent, &options).await;
        let error = match sent {
            Ok(reply) => return Ok(reply),
            Err(error) => error,
        };
        match error.retry() {
            // not there yet for the next server: the same create finds it again
            RetryClass::Never if error.kind() == ErrorKind::NotFound => Err(error.with_retry(unclear)),
            RetryClass::Never => {
                if made {
                    self.take_back(session, id, &options).await;
                }
                Err(error)
            }
            // the settings were not written, but the meeting is there
            RetryClass::Safe { after } => Err(error.with_retry(RetryClass::Unclear { after })),
            _ => Err(error),
        }
    }

    /// A meeting whose settings are refused for good must not stay behind with other settings.
    async fn take_back(&self, session: &Session, id: &MeetingId, options: &WriteOptions) {
        let Ok(request) = request::cancel(&session.owner, id) else { return };
        let sent = session.send("cancel meeting", Resource::Meetings, request, Protection::Idempotent, options).await;
        if let Err(error) = sent {
            tracing::warn!(%error, "a meeting with refused settings could not be taken back");
        }
    }

    /// Graph has no online meetings for personal accounts
    /// (<https://learn.microsoft.com/graph/api/application-post-onlinemeetings>): said before anything is sent.
    pub(super) fn check_account(&self, operation: &'static str) -> Result<()> {
        check_account(&self.session, operation)
    }

    pub(super) fn unsupported(operation: &'static str, detail: &'static str) -> Error {
        Error::new(ErrorKind::Unsupported, operation).with_provider(crate::provider_id()).with_detail(detail)
    }
}

/// The handle's options over the client's. The organizer may have been named by address before it was resolved.
pub(super) fn defaults_of(handle: &MeetingOptions, named: &Session, resolved: &Session) -> MeetingOptions {
    let names = [&named.owner, &resolved.owner].into_iter().filter_map(|owner| match owner {
        Owner::User(id) => Some(id),
        Owner::SignedIn => None,
    });
    handle.over(&named.graph.meeting_defaults().of(names))
}

/// A personal account has no Teams meetings through Graph, and its events do not become any.
pub(super) fn check_account(session: &Session, operation: &'static str) -> Result<()> {
    if !session.is_personal {
        return Ok(());
    }
    Err(TeamsMeetings::unsupported(operation, "a personal Microsoft account has no Teams meetings through Graph")
        .with_remedy(Remedy::new("Connect a work or school account; calendars work with this one.")))
}

/// Says that a running meeting may be why Graph refused a change.
pub(super) fn running(error: Error, changes_while_running: bool) -> Error {
    if changes_while_running || error.status().is_none_or(|status| !matches!(status, 400 | 409)) {
        return error;
    }
    error.with_remedy(
        Remedy::new(
            "Check the values; while the meeting is running only lobby, presenters, chat, microphone, camera, recording and \
             transcription can be changed, all else after it.",
        )
        .with_docs("https://learn.microsoft.com/graph/api/onlinemeeting-update"),
    )
}

/// Online meetings have no versions, so nothing can be matched.
pub(super) fn no_version(operation: &'static str, options: &WriteOptions) -> Result<()> {
    match options.if_match {
        None => Ok(()),
        Some(_) => Err(TeamsMeetings::unsupported(operation, "online meetings have no versions")
            .with_remedy(Remedy::new("Leave WriteOptions::if_match out."))),
    }
}

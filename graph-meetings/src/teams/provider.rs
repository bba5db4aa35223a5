use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Remedy, Result, RetryClass,
    ids::{MeetingId, MeetingKey, PageToken, ProviderId},
    people::Attendee,
    provider::{
        Idempotency, Meeting, MeetingCapabilities, MeetingDraft, MeetingPatch, MeetingProvider, Page, WriteOptions,
    },
    time::TimeRange,
};
use meetings_http::Protection;

use super::{decode, request};
use crate::{
    client::{Budget, Session},
    errors::Resource,
};

/// The Teams meetings of one organizer.
///
/// The key is the meeting's `externalId`. [`Meeting::key`] is there when Graph tells it, which is not documented for every answer; Graph
/// lists no meetings, so what no store knows any more cannot be found there.
///
/// They stand in no calendar and mail nobody, so [`MeetingDraft::notify`] has no effect; hand out the join link yourself. Attendees
/// are only listed, which matters for the roles of people in the directory. There are no recordings or transcripts of such
/// meetings through Graph; for those create a calendar event with an online meeting.
#[derive(Clone, Debug)]
pub struct TeamsMeetings {
    session: Session,
    provider: ProviderId,
}

impl TeamsMeetings {
    pub(crate) fn new(session: Session) -> Self {
        Self { session, provider: crate::provider_id() }
    }

    /// Teams takes object ids only.
    async fn session(&self, options: &WriteOptions) -> Result<Session> {
        self.session.graph.organizers().resolved(&self.session, options).await
    }

    /// Who is listed in a meeting. People without a usable address are left out.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when there is no such meeting.
    pub async fn listed(&self, id: &MeetingId) -> Result<Vec<Attendee>> {
        let operation = "read attendees";
        self.check_account(operation)?;
        let session = self.session(&WriteOptions::new()).await?;
        let reply = session.read(operation, Resource::Meetings, request::read(&session.owner, id)?).await?;
        decode::attendees(operation, &reply)
    }

    /// Writes the settings of a meeting that was just made or found. Setting them again is harmless.
    async fn settle(
        &self,
        session: &Session,
        draft: &MeetingDraft,
        meeting: Meeting,
        made: bool,
        budget: &Budget,
    ) -> Result<Meeting> {
        let operation = "create meeting";
        let graph = &session.graph;
        let Some(settle) = request::settle(&session.owner, &meeting.id, draft)? else { return Ok(meeting) };
        let unclear = RetryClass::Unclear { after: None };
        let options = match budget.options(graph, operation) {
            Ok(options) => options,
            Err(error) => return Err(error.with_retry(unclear)),
        };
        let sent = session.send(operation, Resource::Meetings, settle, Protection::Idempotent, &options).await;
        // settings change nothing of what a meeting tells
        let Err(error) = sent else { return Ok(meeting) };
        match error.retry() {
            // not there yet for the next server: the same create finds it again
            RetryClass::Never if error.kind() == ErrorKind::NotFound => Err(error.with_retry(unclear)),
            RetryClass::Never => {
                if made {
                    self.take_back(session, &meeting.id, &options).await;
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
    fn check_account(&self, operation: &'static str) -> Result<()> {
        if !self.session.is_personal {
            return Ok(());
        }
        Err(Self::unsupported(operation, "a personal Microsoft account has no Teams meetings through Graph")
            .with_remedy(Remedy::new("Connect a work or school account; calendars work with this one.")))
    }

    fn unsupported(operation: &'static str, detail: &'static str) -> Error {
        Error::new(ErrorKind::Unsupported, operation).with_provider(crate::provider_id()).with_detail(detail)
    }
}

#[async_trait]
impl MeetingProvider for TeamsMeetings {
    fn provider(&self) -> &ProviderId {
        &self.provider
    }

    fn capabilities(&self) -> MeetingCapabilities {
        MeetingCapabilities::new(Idempotency::NativeKey).with_lobby()
    }

    async fn create(&self, key: &MeetingKey, draft: &MeetingDraft, options: WriteOptions) -> Result<Meeting> {
        let operation = "create meeting";
        self.check_account(operation)?;
        request::check(draft)?;
        no_version(operation, &options)?;
        let budget = Budget::new(&self.session.graph, &options);
        let session = self.session(&options).await?;
        let request = request::create(&session.owner, key, draft)?;
        let options = budget.options(&session.graph, operation)?;
        let reply = session.send(operation, Resource::Meetings, request, Protection::Keyed, &options).await?;
        let (meeting, made) = decode::created(operation, &reply)?;
        self.settle(&session, draft, meeting, made, &budget).await
    }

    async fn read(&self, id: &MeetingId) -> Result<Meeting> {
        let operation = "read meeting";
        self.check_account(operation)?;
        let session = self.session(&WriteOptions::new()).await?;
        let reply = session.read(operation, Resource::Meetings, request::read(&session.owner, id)?).await?;
        decode::meeting(operation, &reply)
    }

    async fn find_by_key(&self, _key: &MeetingKey, _around: TimeRange) -> Result<Vec<Meeting>> {
        Err(Self::unsupported("find meeting", "Graph has no look-up by key; the same create answers the same meeting"))
    }

    async fn update(&self, id: &MeetingId, patch: &MeetingPatch, options: WriteOptions) -> Result<Meeting> {
        let operation = "update meeting";
        self.check_account(operation)?;
        no_version(operation, &options)?;
        let budget = Budget::new(&self.session.graph, &options);
        let session = self.session(&options).await?;
        let Some(request) = request::update(&session.owner, id, patch)? else { return self.read(id).await };
        let options = budget.options(&session.graph, operation)?;
        let reply = session.send(operation, Resource::Meetings, request, Protection::Idempotent, &options).await?;
        match decode::meeting(operation, &reply) {
            // the documented answer is not always the whole meeting
            Err(_) => self.read(id).await,
            whole => whole,
        }
    }

    async fn cancel(&self, id: &MeetingId, options: WriteOptions) -> Result<()> {
        let operation = "cancel meeting";
        self.check_account(operation)?;
        no_version(operation, &options)?;
        let budget = Budget::new(&self.session.graph, &options);
        let session = self.session(&options).await?;
        let options = budget.options(&session.graph, operation)?;
        let request = request::cancel(&session.owner, id)?;
        session.send(operation, Resource::Meetings, request, Protection::Idempotent, &options).await.map(drop)
    }

    async fn list(&self, _within: TimeRange, _page: Option<&PageToken>) -> Result<Page<Meeting>> {
        Err(Self::unsupported("list meetings", "Graph does not list online meetings"))
    }
}

/// Online meetings have no versions, so nothing can be matched.
fn no_version(operation: &'static str, options: &WriteOptions) -> Result<()> {
    match options.if_match {
        None => Ok(()),
        Some(_) => Err(TeamsMeetings::unsupported(operation, "online meetings have no versions")
            .with_remedy(Remedy::new("Leave WriteOptions::if_match out."))),
    }
}

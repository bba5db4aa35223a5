//! Who is or was in a meeting.

mod attendance;
mod participant;
mod query;
mod request;
mod wait;

use invitations_core::{
    Result,
    ids::{MeetingId, PageToken},
    people::EmailAddress,
    provider::{Page, WriteOptions},
};
use meetings_http::Protection;

pub use participant::{AudioType, BreakoutSession, Participant, ParticipantDevice, ParticipantState, Video};
pub use query::ParticipantQuery;

use crate::{
    ParticipantId, WebexMeetings,
    resource::{Resource, Scopes},
    wire::object,
};

const SCOPES: Scopes = Scopes { user: "meeting:participants_read", administrator: "meeting:admin_participants_read" };
const WRITE_SCOPES: Scopes = Scopes { user: "meeting:participants_write", administrator: "" };

const LIST: &str = "list participants";
const READ: &str = "read participant";

/// The participants of one account's meetings: who is there, who was, and who has to wait or go.
///
/// Only a meeting's host sees them (scope `meeting:participants_read`), and an administrator for the host.
///
/// A meeting's id may be that of a series (its last instance is meant), of an occurrence, or of an instance. While a meeting is under
/// way Webex lists who is in it now; after its end, everybody who joined. What is listed lags the meeting: ten minutes in 99.5 % of cases
/// ([Webex's guide to webhooks](https://developer.webex.com/docs/api/guides/webhooks)).
#[derive(Clone, Debug)]
pub struct WebexParticipants {
    resource: Resource,
}

impl WebexMeetings {
    /// The participants of this account's meetings.
    pub fn participants(&self) -> WebexParticipants {
        WebexParticipants { resource: Resource::new(self.caller.clone(), SCOPES) }
    }
}

impl WebexParticipants {
    /// One page of participants.
    ///
    /// # Errors
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) for a window that Webex does not take, before anything is sent;
    /// [`NotFound`](invitations_core::ErrorKind::NotFound) for a meeting that does not exist or has not begun;
    /// [`PermissionDenied`](invitations_core::ErrorKind::PermissionDenied) for another host's.
    pub async fn page(
        &self,
        meeting: &MeetingId,
        query: &ParticipantQuery,
        place: Option<&PageToken>,
    ) -> Result<Page<Participant>> {
        let first = request::list(meeting, query, self.resource.host(), self.resource.caller.now())?;
        self.resource.page(LIST, first, place, Participant::read).await
    }

    /// All participants, over all pages.
    ///
    /// # Errors
    /// As [`page`](Self::page).
    pub async fn list(&self, meeting: &MeetingId, query: &ParticipantQuery) -> Result<Vec<Participant>> {
        let first = request::list(meeting, query, self.resource.host(), self.resource.caller.now())?;
        self.resource.all(LIST, first, Participant::read).await
    }

    /// The participants with these addresses, out of a meeting that is under way or over. The query's breakout session does not count.
    ///
    /// # Errors
    /// As [`page`](Self::page); also `InvalidInput` without any address.
    pub async fn with_addresses(
        &self,
        meeting: &MeetingId,
        addresses: &[EmailAddress],
        query: &ParticipantQuery,
    ) -> Result<Vec<Participant>> {
        let (host, now) = (self.resource.host(), self.resource.caller.now());
        let request = request::with_addresses(meeting, addresses, query, host, now)?;
        self.resource.all(request::QUERY, request, Participant::read).await
    }

    /// One participant.
    ///
    /// # Errors
    /// [`NotFound`](invitations_core::ErrorKind::NotFound) for nobody, and for somebody whom a webhook has named and whom Webex does
    /// not list yet: [`read_when_known`](Self::read_when_known).
    pub async fn read(&self, id: &ParticipantId) -> Result<Participant> {
        self.read_within(id, &WriteOptions::new()).await
    }

    async fn read_within(&self, id: &ParticipantId, options: &WriteOptions) -> Result<Participant> {
        let request = request::read(id, self.resource.host())?;
        let (asked, reply) = self.resource.read_within(READ, request, options).await?;
        Ok(Participant::read(&object(&asked, &reply)?))
    }

    /// Mutes somebody who is in a meeting, or asks Webex to unmute them. The answer is how Webex shows them then.
    ///
    /// # Errors
    /// [`Unsupported`](invitations_core::ErrorKind::Unsupported) for an account that acts for its host, before anything is sent: Webex has
    /// no such scope; otherwise as every call. Needs `meeting:participants_write`.
    pub async fn mute(&self, id: &ParticipantId, muted: bool, options: WriteOptions) -> Result<Participant> {
        self.update(request::MUTE, request::mute(id, muted)?, options).await
    }

    /// Puts somebody out of a meeting. They can come back where the meeting lets them in.
    ///
    /// # Errors
    /// As [`mute`](Self::mute).
    pub async fn expel(&self, id: &ParticipantId, options: WriteOptions) -> Result<Participant> {
        self.update(request::EXPEL, request::expel(id)?, options).await
    }

    /// Lets people in who wait in the lobby of one meeting: 1 to 100.
    ///
    /// # Errors
    /// As [`mute`](Self::mute); [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) for none or too many.
    pub async fn admit(&self, ids: &[ParticipantId], options: WriteOptions) -> Result<()> {
        crate::meetings::refuse_condition(request::ADMIT, &options)?;
        let request = request::admit(ids)?;
        let writing = self.writing(request::ADMIT)?;
        // what it does to somebody who was put back into the lobby meanwhile is not documented
        writing.write(request::ADMIT, request, Protection::Unprotected, &options).await.map(drop)
    }

    async fn update(
        &self,
        operation: &'static str,
        request: http::Request<bytes::Bytes>,
        options: WriteOptions,
    ) -> Result<Participant> {
        crate::meetings::refuse_condition(operation, &options)?;
        let writing = self.writing(operation)?;
        // an absolute state of one stay: twice is once
        let (asked, reply) = writing.write(operation, request, Protection::Idempotent, &options).await?;
        Ok(Participant::read(&object(&asked, &reply)?))
    }

    fn writing(&self, operation: &'static str) -> Result<Resource> {
        self.resource.refuse_for_other(operation)?;
        Ok(Resource::new(self.resource.caller.clone(), WRITE_SCOPES))
    }
}

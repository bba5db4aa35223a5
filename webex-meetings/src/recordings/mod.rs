//! Recordings of meetings.

mod query;
mod recording;
mod request;

use invitations_core::{
    Result,
    ids::PageToken,
    provider::{Page, WriteOptions},
};
use meetings_http::Protection;

pub use query::{DeleteReason, RecordingQuery};
pub use recording::{DownloadLink, Recording, RecordingFormat, RecordingLinks, RecordingService, RecordingStatus};

use crate::{
    Download, DownloadLimits, RecordingId, WebexMeetings,
    resource::{Resource, Scopes},
    wire::object,
};

const SCOPES: Scopes = Scopes { user: "meeting:recordings_read", administrator: "meeting:admin_recordings_read" };
const WRITE_SCOPES: Scopes =
    Scopes { user: "meeting:recordings_write", administrator: "meeting:admin_recordings_write" };

/// The recordings of one account's meetings.
///
/// A recording appears some time after its meeting has ended; the webhook `recordings`, `created` says when. One in the recycle bin has
/// the status `deleted`, one that was removed from there `purged`.
#[derive(Clone, Debug)]
pub struct WebexRecordings {
    resource: Resource,
}

impl WebexMeetings {
    /// The recordings of this account's meetings.
    pub fn recordings(&self) -> WebexRecordings {
        WebexRecordings { resource: Resource::new(self.caller.clone(), SCOPES) }
    }
}

impl WebexRecordings {
    /// One page of recordings, the newest first. Their download links are absent: [`read`](Self::read) one.
    ///
    /// # Errors
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) for an empty window, before anything is sent;
    /// [`PermissionDenied`](invitations_core::ErrorKind::PermissionDenied) without the scope `meeting:recordings_read`.
    pub async fn page(&self, query: &RecordingQuery, place: Option<&PageToken>) -> Result<Page<Recording>> {
        let first = request::list(query, self.resource.host())?;
        self.resource.page(request::LIST, first, place, Recording::read).await
    }

    /// All recordings of the window, over all pages.
    ///
    /// # Errors
    /// As [`page`](Self::page).
    pub async fn list(&self, query: &RecordingQuery) -> Result<Vec<Recording>> {
        let first = request::list(query, self.resource.host())?;
        self.resource.all(request::LIST, first, Recording::read).await
    }

    /// One recording with fresh download links. `site` is where it is, if that is not the account's preferred site.
    ///
    /// # Errors
    /// [`NotFound`](invitations_core::ErrorKind::NotFound) for a recording that is not there; otherwise as every call.
    pub async fn read(&self, id: &RecordingId, site: Option<&str>) -> Result<Recording> {
        let request = request::read(id, site, self.resource.host())?;
        let (asked, reply) = self.resource.read(request::READ, request).await?;
        Ok(Recording::read(&object(&asked, &reply)?))
    }

    /// Begins to download what a link gives. The link carries its own right and leads to another host: no token goes there, no redirect
    /// is followed, and the time limit and the number of bytes are the caller's.
    ///
    /// # Errors
    /// [`NotFound`](invitations_core::ErrorKind::NotFound) for a link that is over, before anything is sent where it says so;
    /// [`Protocol`](invitations_core::ErrorKind::Protocol) for a link that is not https, and for a file that is said to be larger than
    /// allowed.
    pub async fn download(&self, link: &DownloadLink, limits: DownloadLimits) -> Result<Download> {
        self.resource.linked_file("download recording", &link.url, link.expires, limits).await
    }

    /// Removes a recording. Who removes others' as a compliance officer says why.
    ///
    /// # Errors
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) for a comment of more than 255 characters, before anything is sent;
    /// [`NotFound`](invitations_core::ErrorKind::NotFound) for a recording that is not there (any more).
    pub async fn delete(&self, id: &RecordingId, why: &DeleteReason, options: WriteOptions) -> Result<()> {
        crate::meetings::refuse_condition(request::DELETE, &options)?;
        let request = request::delete(id, why, self.resource.host())?;
        let writing = Resource::new(self.resource.caller.clone(), WRITE_SCOPES);
        writing.write(request::DELETE, request, Protection::Idempotent, &options).await.map(drop)
    }
}

//! Transcripts of meetings that are over.

mod query;
mod request;
mod transcript;

use invitations_core::{Result, ids::PageToken, provider::Page};

pub use query::TranscriptQuery;
pub use transcript::{Snippet, Transcript, TranscriptFormat, TranscriptStatus};

use crate::{
    Download, DownloadLimits, TranscriptId, WebexMeetings,
    resource::{Resource, Scopes},
};

const SCOPES: Scopes = Scopes {
    user: "meeting:transcripts_read and meeting:schedules_read",
    administrator: "meeting:admin_transcripts_read",
};

/// The transcripts of one account's meetings. Webex makes one after a meeting has ended, where it was recorded or transcribed.
#[derive(Clone, Debug)]
pub struct WebexTranscripts {
    resource: Resource,
}

impl WebexMeetings {
    /// The transcripts of this account's meetings.
    pub fn transcripts(&self) -> WebexTranscripts {
        WebexTranscripts { resource: Resource::new(self.caller.clone(), SCOPES) }
    }
}

impl WebexTranscripts {
    /// One page of transcripts.
    ///
    /// # Errors
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) for an empty window, before anything is sent;
    /// [`PermissionDenied`](invitations_core::ErrorKind::PermissionDenied) without the scope `meeting:transcripts_read`.
    pub async fn page(&self, query: &TranscriptQuery, place: Option<&PageToken>) -> Result<Page<Transcript>> {
        let first = request::list(query, self.resource.host())?;
        self.resource.page(request::LIST, first, place, Transcript::read).await
    }

    /// All transcripts of the window, over all pages.
    ///
    /// # Errors
    /// As [`page`](Self::page).
    pub async fn list(&self, query: &TranscriptQuery) -> Result<Vec<Transcript>> {
        let first = request::list(query, self.resource.host())?;
        self.resource.all(request::LIST, first, Transcript::read).await
    }

    /// Begins to download a transcript, with the account's token and from Webex's own API: the links that Webex lists lead to other hosts,
    /// some of them without TLS, and are never used.
    ///
    /// # Errors
    /// [`NotFound`](invitations_core::ErrorKind::NotFound) for a transcript that is not there;
    /// [`Protocol`](invitations_core::ErrorKind::Protocol) for one that is said to be larger than allowed.
    pub async fn download(
        &self,
        id: &TranscriptId,
        format: TranscriptFormat,
        limits: DownloadLimits,
    ) -> Result<Download> {
        let request = request::download(id, format, self.resource.host())?;
        self.resource.file("download transcript", request, limits).await
    }

    /// All that was said, piece by piece, over all pages.
    ///
    /// # Errors
    /// [`NotFound`](invitations_core::ErrorKind::NotFound) for a transcript that is not there.
    pub async fn snippets(&self, id: &TranscriptId) -> Result<Vec<Snippet>> {
        self.resource.all(request::SNIPPETS, request::snippets(id)?, Snippet::read).await
    }
}

//! What participants, recordings, transcripts and reports have in common: requests of one account, in pages, with the scopes that
//! a refusal is about.

mod download;
mod stream;

pub use download::{Download, DownloadLimits};

use bytes::Bytes;
use http::{Request, Response};
use invitations_core::{
    Error, ErrorKind, Remedy, Result, RetryClass,
    ids::PageToken,
    provider::{Page, WriteOptions},
};
use meetings_http::Protection;
use serde_json::Value;

use crate::{
    client::Caller,
    errors::{Asked, Effect},
    wire::items,
};

const SCOPES_PAGE: &str = "https://developer.webex.com/docs/meetings";

/// The scopes that one kind of resource needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scopes {
    /// Of whoever hosts the meeting.
    pub(crate) user: &'static str,
    /// Of an administrator who acts for the host.
    pub(crate) administrator: &'static str,
}

/// One kind of resource of one account.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub(crate) caller: Caller,
    scopes: Scopes,
}

impl Resource {
    pub(crate) fn new(caller: Caller, scopes: Scopes) -> Self {
        Self { caller, scopes }
    }

    /// Whom an administrator's token acts for.
    pub(crate) fn host(&self) -> Option<&str> {
        self.caller.host()
    }

    /// Sends a request that only reads.
    pub(crate) async fn read(
        &self,
        operation: &'static str,
        request: Request<Bytes>,
    ) -> Result<(Asked, Response<Bytes>)> {
        self.read_within(operation, request, &WriteOptions::new()).await
    }

    /// As [`read`](Self::read), within the options' time.
    pub(crate) async fn read_within(
        &self,
        operation: &'static str,
        request: Request<Bytes>,
        options: &WriteOptions,
    ) -> Result<(Asked, Response<Bytes>)> {
        let asked = self.caller.asked(operation, Effect::Read);
        let reply = self.caller.success(&asked, request, Protection::Idempotent, options).await;
        let reply = reply.map_err(|error| self.unread(error))?;
        Ok((asked, reply))
    }

    /// Sends a request that changes something.
    pub(crate) async fn write(
        &self,
        operation: &'static str,
        request: Request<Bytes>,
        protection: Protection,
        options: &WriteOptions,
    ) -> Result<(Asked, Response<Bytes>)> {
        let asked = self.caller.asked(operation, Effect::Write);
        let reply = self.caller.success(&asked, request, protection, options).await;
        Ok((asked, reply.map_err(|error| self.remedied(error))?))
    }

    /// One page: the first, or the one that `place` names.
    pub(crate) async fn page<T>(
        &self,
        operation: &'static str,
        first: Request<Bytes>,
        place: Option<&PageToken>,
        read: fn(&Value) -> T,
    ) -> Result<Page<T>> {
        let request = self.caller.page(operation, first, place)?;
        let (asked, reply) = self.read(operation, request).await?;
        let items = items(&asked, &reply)?.iter().map(read).collect();
        Ok(Page { items, next: self.caller.next(operation, &reply)? })
    }

    /// Every page, to the last.
    pub(crate) async fn all<T: Send>(
        &self,
        operation: &'static str,
        first: Request<Bytes>,
        read: fn(&Value) -> T,
    ) -> Result<Vec<T>> {
        let asked = self.caller.asked(operation, Effect::Read);
        let mut found = Vec::new();
        let keep = |reply: &Response<Bytes>| {
            found.extend(items(&asked, reply)?.iter().map(read));
            Ok(())
        };
        let read_all = self.caller.pages(&asked, first, &WriteOptions::new(), keep).await;
        read_all.map_err(|error| self.unread(error))?;
        Ok(found)
    }

    /// Nothing was read. That is all there is to it, also for a question that is asked by POST: lost or not, nothing has changed.
    fn unread(&self, error: Error) -> Error {
        let error = self.remedied(error);
        match error.retry() {
            RetryClass::Unclear { after } => error.with_retry(RetryClass::Safe { after }),
            _ => error,
        }
    }

    /// A refusal names the scope of this resource; the table of errors knows those of meetings.
    pub(crate) fn remedied(&self, error: Error) -> Error {
        if error.status() != Some(403) {
            return error;
        }
        let action = match self.host() {
            Some(_) => format!(
                "Give the application the scope {}, let a full administrator who also administers the host's site grant it, and name \
                 a host of that site.",
                self.scopes.administrator
            ),
            None => format!(
                "Give the integration the scope {}, connect the account again, and use the account of the meeting's host.",
                self.scopes.user
            ),
        };
        error.with_remedy(Remedy::new(action).with_docs(SCOPES_PAGE))
    }

    /// For calls that Webex has for hosts only.
    pub(crate) fn refuse_for_other(&self, operation: &'static str) -> Result<()> {
        match self.host() {
            None => Ok(()),
            Some(_) => Err(Error::new(ErrorKind::Unsupported, operation)
                .with_provider(crate::provider_id())
                .with_detail("Webex has no administrator's scope for it")
                .with_remedy(Remedy::new("Use the host's own connection."))),
        }
    }
}

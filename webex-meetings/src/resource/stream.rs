//! Files: from Webex itself with the token, and from a temporary link without it.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Request, Response, Uri};
use invitations_core::{Error, ErrorKind, Remedy, Result, provider::WriteOptions, secret::DownloadUrl};
use meetings_http::{Body, Call, Origin, Pipeline, Protection};

use super::{Download, DownloadLimits, Resource};
use crate::{errors::Effect, wire::get_file};

/// So much of a refusal's body is read.
const LONGEST_REFUSAL: usize = 64 * 1024;

impl Resource {
    /// A file that Webex itself gives, for the token.
    pub(crate) async fn file(
        &self,
        operation: &'static str,
        request: Request<Bytes>,
        limits: DownloadLimits,
    ) -> Result<Download> {
        let call = Call::new(operation, self.caller.on_origin(operation, request)?, Protection::Idempotent);
        self.download(self.caller.pipeline(), call, limits).await
    }

    /// A file behind a link that carries its own right. It leads to another host, which is none of the token's business, and is only
    /// good for a while.
    pub(crate) async fn linked_file(
        &self,
        operation: &'static str,
        link: &DownloadUrl,
        expires: Option<DateTime<Utc>>,
        limits: DownloadLimits,
    ) -> Result<Download> {
        if expires.is_some_and(|expires| expires <= self.caller.now()) {
            return Err(expired(Error::new(ErrorKind::NotFound, operation).with_provider(crate::provider_id())));
        }
        let url = link.expose();
        let unreadable = |_| Error::new(ErrorKind::Protocol, operation).with_detail("a download link cannot be read");
        let origin = if self.caller.pipeline().origin().url().scheme() == "http" {
            Origin::dangerous_loopback_http(url.clone())
        } else {
            Origin::https(url.clone())
        }
        .map_err(unreadable)?;
        let uri = Uri::try_from(url.as_str()).map_err(|_| Error::invalid(operation, "the link is no URI"))?;
        let pipeline = Pipeline::builder(crate::provider_id(), self.caller.transport(), origin)
            .clock(self.caller.clock_shared())
            .build()?;
        let mut request = get_file("/", "*/*")?;
        *request.uri_mut() = uri;
        let call = Call::new(operation, request, Protection::Idempotent);
        match self.download(&pipeline, call, limits).await {
            Err(error) if matches!(error.status(), Some(401 | 403 | 404 | 410)) => {
                // no token went there, so it says nothing about the account
                let gone = Error::new(ErrorKind::NotFound, operation).with_provider(crate::provider_id());
                Err(expired(error.status().into_iter().fold(gone, Error::with_status).with_source(error)))
            }
            other => other,
        }
    }

    async fn download(&self, pipeline: &Pipeline, call: Call, limits: DownloadLimits) -> Result<Download> {
        let asked = self.caller.asked(call.operation, Effect::Read);
        let mut options = WriteOptions::new();
        options.timeout = limits.timeout;
        let reply: Response<Body> = pipeline.stream(call.with_options(&options)).await?;
        if reply.status().is_success() {
            return Download::of(asked.operation, reply, limits);
        }
        let (head, body) = reply.into_parts();
        // what it says is worth something, but not more than the status
        let body = body.collect(LONGEST_REFUSAL).await.unwrap_or_default();
        let refused = self.caller.checked(&asked, Response::from_parts(head, body));
        Err(refused
            .map_or_else(|error| self.remedied(error), |reply| asked.unreadable(&reply, "a success has no file")))
    }
}

fn expired(error: Error) -> Error {
    error
        .with_detail("the link is over or was taken back")
        .with_remedy(Remedy::new("Read the recording again for fresh links; they are good for three hours."))
}

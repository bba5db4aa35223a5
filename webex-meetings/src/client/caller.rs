use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Method, Request, Response, Uri};
use invitations_core::{Error, ErrorKind, Result, ids::PageToken, provider::WriteOptions, runtime::Clock};
use meetings_http::{Call, PageGuard, Pipeline, Protection, Transport, parse_retry_after};

use crate::{
    errors::{Asked, Effect, failure},
    paging,
    wire::get,
};

/// One account's road to Webex.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(super) pipeline: Pipeline,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) transport: Arc<dyn Transport>,
    /// Whom an administrator's token acts for.
    pub(super) host: Option<Arc<str>>,
}

impl Caller {
    /// The address for `hostEmail`.
    pub(crate) fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    pub(crate) fn asked(&self, operation: &'static str, effect: Effect) -> Asked {
        Asked::new(operation, effect, self.host.is_some())
    }

    /// The answer, whatever its status.
    pub(crate) async fn answer(
        &self,
        asked: &Asked,
        mut request: Request<Bytes>,
        protection: Protection,
        options: &WriteOptions,
    ) -> Result<Response<Bytes>> {
        let uri = self.absolute(asked, request.uri())?;
        *request.uri_mut() = uri.clone();
        let call = Call::new(asked.operation, request, protection).with_options(options);
        let mut reply = self.pipeline.send(call).await?;
        reply.extensions_mut().insert(paging::Place(uri));
        Ok(reply)
    }

    /// The answer if it is a success.
    pub(crate) async fn success(
        &self,
        asked: &Asked,
        request: Request<Bytes>,
        protection: Protection,
        options: &WriteOptions,
    ) -> Result<Response<Bytes>> {
        let reply = self.answer(asked, request, protection, options).await?;
        self.checked(asked, reply)
    }

    /// As it is, if it is a success.
    pub(crate) fn checked(&self, asked: &Asked, reply: Response<Bytes>) -> Result<Response<Bytes>> {
        if !reply.status().is_success() {
            let after = parse_retry_after(reply.headers(), self.clock.now());
            return Err(failure(asked, &reply, after));
        }
        if asked.effect != Effect::Read && reply.headers().contains_key(http::header::WARNING) {
            // some sites leave attributes out without refusing them (code 1001)
            tracing::warn!(operation = asked.operation, "Webex did not apply every setting");
        }
        Ok(reply)
    }

    /// Every page from `first` on, to the last; an empty page is not the last one.
    pub(crate) async fn pages(
        &self,
        asked: &Asked,
        first: Request<Bytes>,
        options: &WriteOptions,
        mut read: impl FnMut(&Response<Bytes>) -> Result<()> + Send,
    ) -> Result<()> {
        let mut guard = PageGuard::new();
        let mut request = first;
        let began = self.began();
        loop {
            let rest = self.rest_of(options, began);
            let reply = self.success(asked, request, Protection::Idempotent, &rest).await?;
            read(&reply)?;
            guard.check_page(paging::ids(&reply).iter().map(String::as_str))?;
            let Some(next) = paging::next(self.pipeline.origin(), &reply)? else { return Ok(()) };
            guard.check(&next)?;
            request = get(&next)?;
        }
    }

    /// Now, for [`rest_of`](Self::rest_of).
    pub(crate) fn began(&self) -> Instant {
        self.clock.instant()
    }

    /// The same options with the time that is left since `began`: several requests share one budget.
    pub(crate) fn rest_of(&self, options: &WriteOptions, began: Instant) -> WriteOptions {
        let spent = self.clock.instant().saturating_duration_since(began);
        let mut rest = options.clone();
        rest.timeout = options.timeout.map(|whole: Duration| whole.saturating_sub(spent));
        rest
    }

    /// Where the next page of `reply` is.
    pub(crate) fn next(&self, operation: &'static str, reply: &Response<Bytes>) -> Result<Option<PageToken>> {
        let next = paging::next(self.pipeline.origin(), reply)?;
        next.map(PageToken::parse).transpose().map_err(|error| {
            Error::new(ErrorKind::Protocol, operation).with_provider(crate::provider_id()).with_source(error)
        })
    }

    /// The page of the listing that `first` begins: the first, or the one at a place that an earlier page named. Headers are the same.
    pub(crate) fn page(
        &self,
        operation: &'static str,
        mut first: Request<Bytes>,
        place: Option<&PageToken>,
    ) -> Result<Request<Bytes>> {
        if let Some(place) = place {
            *first.uri_mut() = paging::place(self.pipeline.origin(), operation, first.uri(), place)?;
        }
        Ok(first)
    }

    /// A request that is not modelled.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let (effect, protection) = match *request.method() {
            Method::GET | Method::HEAD => (Effect::Read, Protection::Idempotent),
            // RFC 9110, 9.2.2
            Method::PUT | Method::DELETE => (Effect::Write, Protection::Idempotent),
            _ => (Effect::Write, Protection::Unprotected),
        };
        let asked = self.asked("send request", effect);
        self.success(&asked, request, protection, &WriteOptions::new()).await
    }

    /// `request` with its whole address.
    pub(crate) fn on_origin(&self, operation: &'static str, mut request: Request<Bytes>) -> Result<Request<Bytes>> {
        let uri = self.absolute(&self.asked(operation, Effect::Read), request.uri())?;
        *request.uri_mut() = uri;
        Ok(request)
    }

    pub(crate) fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    pub(crate) fn transport(&self) -> Arc<dyn Transport> {
        Arc::clone(&self.transport)
    }

    pub(crate) fn clock_shared(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn absolute(&self, asked: &Asked, uri: &Uri) -> Result<Uri> {
        if uri.scheme().is_some() {
            return Ok(uri.clone());
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let url = self.pipeline.origin().join(path)?;
        Uri::try_from(url.as_str()).map_err(|_| Error::invalid(asked.operation, "the path is no URI"))
    }
}

use std::{fmt::Debug, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;

use crate::body::{Body, BodyTooLarge};

/// Carries one request to one server. Everything else (tokens, tries, waits, limits) stands above it, in
/// [`Pipeline`](crate::Pipeline).
#[async_trait]
pub trait Transport: Debug + Send + Sync + 'static {
    /// Sends `request`, whose URI is absolute, once.
    ///
    /// A status other than 2xx is a reply, not an error; a redirect is a reply too and is never followed. `timeout` is for the
    /// whole exchange, the body included.
    ///
    /// # Errors
    /// [`TransportError`] when there is no reply; it says whether the server can have seen the request.
    async fn send(
        &self,
        request: http::Request<Bytes>,
        timeout: Duration,
    ) -> Result<http::Response<Body>, TransportError>;
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<T: Transport + ?Sized> Transport for std::sync::Arc<T> {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        timeout: Duration,
    ) -> Result<http::Response<Body>, TransportError> {
        (**self).send(request, timeout).await
    }
}

/// Whether the server can have seen the request.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "surely not, or perhaps")]
pub enum Sent {
    /// Surely not: the connection never came about.
    No,
    /// Perhaps: it may have been carried out, and only the answer was lost.
    Maybe,
}

/// No reply, or only a part of one.
#[derive(Debug, thiserror::Error)]
#[error("{}", match (.sent, .timed_out) {
    (Sent::No, false) => "the request was not sent",
    (Sent::No, true) => "no connection in time",
    (Sent::Maybe, false) => "the reply was lost",
    (Sent::Maybe, true) => "no reply in time",
})]
#[non_exhaustive]
pub struct TransportError {
    /// Whether the server can have seen the request.
    pub sent: Sent,
    /// The time was up.
    pub timed_out: bool,
    /// The cause. Holds no URL, for its query may be secret.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl TransportError {
    /// An error with its cause; not a timeout.
    pub fn new(sent: Sent, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { sent, timed_out: false, source: source.into() }
    }

    /// Says whether the time was up.
    #[must_use]
    pub fn with_timed_out(mut self, timed_out: bool) -> Self {
        self.timed_out = timed_out;
        self
    }

    /// Whether the reply's body was larger than the caller allows. Sending again would not help.
    pub fn is_too_large(&self) -> bool {
        self.source.is::<BodyTooLarge>()
    }
}

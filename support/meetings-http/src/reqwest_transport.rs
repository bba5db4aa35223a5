use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt as _;
use invitations_core::{Error, ErrorKind, Remedy, Result};
use reqwest::{Client, ClientBuilder, redirect};
use url::Url;

use crate::{
    body::Body,
    origin::is_loopback_http,
    transport::{Sent, Transport, TransportError},
};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a server may be silent in the middle of a reply.
const SILENCE: Duration = Duration::from_secs(60);

/// [`Transport`] over reqwest.
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    client: Client,
    loopback_http: bool,
}

impl ReqwestTransport {
    /// A transport with reqwest's own settings. `dangerous_loopback_http`: plain http to this machine is allowed; proxies are then
    /// not used, and a machine without CA certificates is no hindrance.
    ///
    /// # Errors
    /// [`Misconfigured`](ErrorKind::Misconfigured) when TLS cannot be set up, for want of CA certificates for example.
    pub fn new(dangerous_loopback_http: bool) -> Result<Self> {
        Self::from_builder(Client::builder(), dangerous_loopback_http)
    }

    /// A transport with your own settings: proxies, extra roots, a client certificate, pool sizes.
    ///
    /// Takes the *builder*, not the client, because these are set last: no redirects, no tries behind our back, https only (unless
    /// `dangerous_loopback_http`), time limits for connecting (10 s) and for silence (60 s), and the TLS backend: rustls under feature
    /// `rustls`, whatever else is compiled in. A preconfigured TLS backend of the builder is therefore not used; roots given with
    /// `tls_certs_merge` and `tls_certs_only` are.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn from_builder(builder: ClientBuilder, dangerous_loopback_http: bool) -> Result<Self> {
        let mut builder = with_backend(builder)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .https_only(!dangerous_loopback_http)
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .referer(false);
        if dangerous_loopback_http {
            // a proxy would see the bearer in plain text
            builder = without_roots_if_there_are_none(builder.no_proxy());
        }
        let client = builder.build().map_err(|error| {
            Error::new(ErrorKind::Misconfigured, "build transport")
                .with_remedy(Remedy::new(
                    "Install the system's CA certificates (package `ca-certificates`), or give a builder with `tls_certs_only`.",
                ))
                .with_source(error)
        })?;
        Ok(Self { client, loopback_http: dangerous_loopback_http })
    }

    fn check(&self, uri: &http::Uri) -> Result<Url, TransportError> {
        let url = crate::origin::url(uri).map_err(|error| TransportError::new(Sent::No, error))?;
        if url.scheme() == "https" || self.loopback_http && is_loopback_http(&url) {
            return Ok(url);
        }
        Err(TransportError::new(Sent::No, "plain http is not allowed to this host"))
    }
}

/// The backend by name: features add up over the whole build, and reqwest's default changes with them.
fn with_backend(builder: ClientBuilder) -> ClientBuilder {
    #[cfg(feature = "rustls")]
    let builder = builder.tls_backend_rustls();
    #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
    let builder = builder.tls_backend_native();
    builder
}

/// rustls refuses to be set up on a machine without CA certificates, even for plain http. An empty list of roots does as well there:
/// https then fails, and nothing becomes less safe.
fn without_roots_if_there_are_none(builder: ClientBuilder) -> ClientBuilder {
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    if with_backend(Client::builder()).no_proxy().build().is_err() {
        return builder.tls_certs_only([]);
    }
    builder
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        timeout: Duration,
    ) -> Result<http::Response<Body>, TransportError> {
        let (head, body) = request.into_parts();
        let url = self.check(&head.uri)?;
        let mut request = reqwest::Request::new(head.method, url);
        *request.headers_mut() = head.headers;
        *request.body_mut() = Some(body.into());
        *request.timeout_mut() = Some(timeout);
        let mut reply = self.client.execute(request).await.map_err(|error| {
            let sent = if error.is_connect() || error.is_builder() { Sent::No } else { Sent::Maybe };
            transport_error(sent, error)
        })?;
        let (status, headers) = (reply.status(), std::mem::take(reply.headers_mut()));
        let pieces = reply.bytes_stream().map(|piece| piece.map_err(|error| transport_error(Sent::Maybe, error)));
        let mut reply = http::Response::new(Body::from_stream(pieces));
        *reply.status_mut() = status;
        *reply.headers_mut() = headers;
        Ok(reply)
    }
}

fn transport_error(sent: Sent, error: reqwest::Error) -> TransportError {
    let timed_out = error.is_timeout();
    #[cfg(seeded)]
    if invitations_core::seeded::seeded("B22") {
        return TransportError::new(sent, error).with_timed_out(timed_out);
    }
    TransportError::new(sent, error.without_url()).with_timed_out(timed_out)
}

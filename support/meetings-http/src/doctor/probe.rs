use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream;
use http::{StatusCode, header::CONTENT_TYPE};
use invitations_core::{doctor::Finding, runtime::Clock};

use super::{clock, network, trouble::Trouble};
use crate::{
    body::Body,
    retry::server_time,
    transport::{Transport, TransportError},
};

/// Of a refusal, so much is kept.
const MOST: usize = 64 * 1024;

/// A transport that remembers its last exchange, for a provider's doctor: one request tells whether the network, TLS, a proxy and the
/// clock are as they should be.
///
/// ```
/// # futures_util::FutureExt::now_or_never(async {
/// use std::{sync::Arc, time::Duration};
///
/// use bytes::Bytes;
/// use invitations_core::{doctor::Verdict, runtime::ManualClock};
/// use meetings_http::{Probe, ScriptedTransport, Step, Transport as _};
///
/// let clock = Arc::new(ManualClock::new("2026-07-01T00:00:00Z".parse()?));
/// let late = Step::reply(200).with_header("date", "Wed, 01 Jul 2026 00:07:00 GMT");
/// let probe = Probe::new(Arc::new(ScriptedTransport::new(vec![late])), clock);
/// let request = http::Request::get("https://api.example/me").body(Bytes::new())?;
/// probe.send(request, Duration::from_secs(20)).await?;
/// assert_eq!(probe.network().verdict, Verdict::Ok);
/// assert_eq!(probe.clock().verdict, Verdict::Fail);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap().unwrap();
/// ```
pub struct Probe {
    inner: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    seen: Mutex<Option<Seen>>,
}

/// What one exchange showed.
#[derive(Clone)]
pub(super) struct Seen {
    pub(super) host: String,
    pub(super) loopback: bool,
    pub(super) result: Result<Reply, Trouble>,
}

/// A reply, as far as it tells of the road.
#[derive(Clone)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) is_page: bool,
    pub(super) server_time: Option<DateTime<Utc>>,
    /// Our own time before the request and after the reply's head.
    pub(super) between: (DateTime<Utc>, DateTime<Utc>),
    /// The body of what is no success. Never shown.
    refusal: Option<Bytes>,
}

#[cfg(test)]
impl Reply {
    pub(super) fn at(
        status: StatusCode,
        server_time: Option<DateTime<Utc>>,
        between: (DateTime<Utc>, DateTime<Utc>),
    ) -> Self {
        Self { status, is_page: false, server_time, between, refusal: None }
    }
}

impl Probe {
    /// Sends through `inner`; `clock` is the one to judge.
    pub fn new(inner: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Self {
        Self { inner, clock, seen: Mutex::new(None) }
    }

    /// Whether the server was reached, and if not, why: name, connection, certificate, proxy, or somebody on the way who answered in
    /// its place.
    pub fn network(&self) -> Finding {
        network::finding(self.seen().as_ref(), &network::proxy_variables())
    }

    /// Whether our clock is the server's, by its `Date` header.
    pub fn clock(&self) -> Finding {
        clock::finding(self.seen().and_then(|seen| seen.result.ok()).as_ref())
    }

    /// Whether a server was asked at all.
    pub fn has_sent(&self) -> bool {
        self.seen().is_some()
    }

    /// The body of the last answer, when that was no success: for reading a code out of it, and never for showing it.
    pub fn refusal(&self) -> Option<Bytes> {
        self.seen()?.result.ok()?.refusal
    }

    fn keep(&self, seen: Seen) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
    }

    fn seen(&self) -> Option<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Transport for Probe {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        timeout: Duration,
    ) -> Result<http::Response<Body>, TransportError> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let loopback = matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]");
        // whoever waits can lose patience before the transport does: then this stands
        self.keep(Seen { host: host.clone(), loopback, result: Err(Trouble::Silent) });
        let before = self.clock.now();
        let sent = self.inner.send(request, timeout).await;
        let between = (before, self.clock.now());
        let (result, sent) = match sent {
            Err(error) => (Err(Trouble::of(&error)), Err(error)),
            Ok(reply) => {
                let (head, body) = reply.into_parts();
                let (refusal, body) = if head.status.is_success() { (None, body) } else { kept(body).await };
                let kind = head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
                let begins = refusal.as_deref().and_then(|body| body.iter().find(|byte| !byte.is_ascii_whitespace()));
                let seen = Reply {
                    status: head.status,
                    is_page: kind.to_ascii_lowercase().starts_with("text/html") || begins == Some(&b'<'),
                    server_time: server_time(&head.headers).map(Into::into),
                    between,
                    refusal,
                };
                (Ok(seen), Ok(http::Response::from_parts(head, body)))
            }
        };
        self.keep(Seen { host, loopback, result });
        sent
    }
}

/// Reads a body and gives it on as it was.
async fn kept(body: Body) -> (Option<Bytes>, Body) {
    match body.collect(MOST).await {
        Ok(bytes) => (Some(bytes.clone()), Body::from_bytes(bytes)),
        Err(error) => (None, Body::from_stream(stream::iter([Err(error)]))),
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe").field("inner", &self.inner).finish_non_exhaustive()
    }
}

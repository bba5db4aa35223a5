//! Counts what goes over the wire, whoever sends it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use meetings_http::{Body, Transport, TransportError};

#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) microsoft: AtomicU64,
    pub(crate) webex: AtomicU64,
    pub(crate) refreshes: AtomicU64,
    pub(crate) throttled: AtomicU64,
    pub(crate) unanswered: AtomicU64,
}

/// A transport that counts.
#[derive(Debug)]
pub(crate) struct Counting {
    pub(crate) inner: Arc<dyn Transport>,
    pub(crate) counts: Arc<Counts>,
}

#[async_trait::async_trait]
impl Transport for Counting {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        timeout: Duration,
    ) -> Result<http::Response<Body>, TransportError> {
        let add = |counter: &AtomicU64| counter.fetch_add(1, Ordering::Relaxed);
        let webex = request.uri().path().starts_with("/v1/");
        add(if webex { &self.counts.webex } else { &self.counts.microsoft });
        // a form of ours: the grant type stands in it as plain ASCII
        if request.body().windows(24).any(|part| part == b"grant_type=refresh_token") {
            add(&self.counts.refreshes);
        }
        let reply = self.inner.send(request, timeout).await;
        match &reply {
            Ok(reply) if reply.status() == http::StatusCode::TOO_MANY_REQUESTS => _ = add(&self.counts.throttled),
            Ok(_) => {}
            Err(_) => _ = add(&self.counts.unanswered),
        }
        reply
    }
}

impl Counts {
    pub(crate) fn read(counter: &AtomicU64) -> u64 {
        counter.load(Ordering::Relaxed)
    }
}

//! A transport that keeps what passes.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use meetings_http::{Body, ReqwestTransport, Transport, TransportError};

/// A request and its answer.
#[derive(Clone)]
pub(super) struct Exchange {
    pub(super) method: String,
    pub(super) path: String,
    /// Names only.
    pub(super) query: Vec<String>,
    /// As it was sent, with what stands in front of it and its media type.
    pub(super) target: String,
    pub(super) media_type: Option<String>,
    pub(super) request: Bytes,
    pub(super) status: u16,
    pub(super) reply: Bytes,
}

/// The real road, with an ear. What goes to the sign-in is in neither provider's document and is not kept.
pub(super) struct Tap {
    inner: ReqwestTransport,
    kept: Mutex<Vec<Exchange>>,
}

/// Clients show their transport: ours must not tell what it keeps.
impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tap")
    }
}

impl Tap {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { inner: ReqwestTransport::new(true).expect("a transport"), kept: Mutex::default() })
    }

    pub(super) fn kept(&self) -> Vec<Exchange> {
        self.kept.lock().expect("a lock").clone()
    }
}

#[async_trait]
impl Transport for Tap {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        timeout: Duration,
    ) -> Result<http::Response<Body>, TransportError> {
        let (method, uri, asked) = (request.method().to_string(), request.uri().clone(), request.body().clone());
        let media_type = request.headers().get("content-type").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (parts, body) = self.inner.send(request, timeout).await?.into_parts();
        let body = body.collect(1 << 20).await?;
        if !uri.path().contains("/oauth2/") && !uri.path().ends_with("/access_token") {
            let names = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
            self.kept.lock().expect("a lock").push(Exchange {
                method,
                path: uri.path().to_owned(),
                target: uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
                media_type,
                query: names.map(|(name, _)| name.into_owned()).collect(),
                request: asked,
                status: parts.status.as_u16(),
                reply: body.clone(),
            });
        }
        Ok(http::Response::from_parts(parts, Body::from_bytes(body)))
    }
}

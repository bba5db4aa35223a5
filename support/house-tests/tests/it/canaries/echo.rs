//! A server that says back whatever secret it was told, and a transport that remembers each one.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use meetings_http::{Body, ReqwestTransport, Sent, Transport, TransportError};
use serde_json::{Value, json};

use super::needles::Secrets;

/// How the server answers with what it was told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) status: u16,
    pub(super) body: BodyKind,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum BodyKind {
    OAuth,
    Graph,
    Webex,
    Html,
    CutJson,
    /// No answer; the error's cause tells.
    None,
}

pub(super) struct Echo {
    inner: ReqwestTransport,
    shape: Mutex<Option<Shape>>,
    pub(super) seen: Arc<Mutex<Secrets>>,
}

/// Clients show their transport: ours must not tell what it remembers.
impl fmt::Debug for Echo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Echo")
    }
}

impl Echo {
    pub(super) fn new() -> Arc<Self> {
        let inner = ReqwestTransport::new(true).expect("a transport");
        Arc::new(Self { inner, shape: Mutex::default(), seen: Arc::default() })
    }

    /// `None`: the real server answers.
    pub(super) fn answer(&self, shape: Option<Shape>) {
        *self.shape.lock().expect("a lock") = shape;
    }

    fn remember_request(&self, request: &http::Request<Bytes>) {
        let mut seen = self.seen.lock().expect("a lock");
        if let Some(value) = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()) {
            seen.add(value.rsplit(' ').next().unwrap_or_default());
        }
        const SECRET: [&str; 8] = [
            "code",
            "refresh_token",
            "client_secret",
            "code_verifier",
            "client_assertion",
            "assertion",
            "token",
            "device_code",
        ];
        for (name, value) in url::form_urlencoded::parse(request.body()) {
            if SECRET.contains(&name.as_ref()) {
                seen.add(&value);
            }
        }
    }

    fn remember_reply(&self, body: &[u8]) {
        if let Ok(reply) = serde_json::from_slice::<Value>(body) {
            remember(&mut self.seen.lock().expect("a lock"), &reply);
        }
    }
}

fn remember(seen: &mut Secrets, reply: &Value) {
    const SECRET: [&str; 11] = [
        "access_token",
        "accessToken",
        "device_code",
        "refresh_token",
        "id_token",
        "joinUrl",
        "joinWebUrl",
        "webLink",
        "inviteRedeemUrl",
        "hostKey",
        "password",
    ];
    match reply {
        Value::Object(members) => members.iter().for_each(|(name, value)| match value.as_str() {
            Some(secret) if SECRET.contains(&name.as_str()) => seen.add(secret),
            _ => remember(seen, value),
        }),
        Value::Array(items) => items.iter().for_each(|item| remember(seen, item)),
        _ => {}
    }
}

#[async_trait]
impl Transport for Echo {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        timeout: Duration,
    ) -> Result<http::Response<Body>, TransportError> {
        self.remember_request(&request);
        let shape = *self.shape.lock().expect("a lock");
        let Some(shape) = shape else {
            let (parts, body) = self.inner.send(request, timeout).await?.into_parts();
            let body = body.collect(1 << 20).await?;
            self.remember_reply(&body);
            return Ok(http::Response::from_parts(parts, Body::from_bytes(body)));
        };
        let told = told(&request, &self.seen.lock().expect("a lock"));
        answered(shape, &told)
    }
}

/// How many of the secrets are said back at once.
const MANY: usize = 8;

/// The whole request, and some of the secrets in every form.
fn told(request: &http::Request<Bytes>, seen: &Secrets) -> String {
    let mut told = format!("{:?} {}", request.headers(), String::from_utf8_lossy(request.body()));
    if let Some(value) = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()) {
        told.push_str(value);
    }
    for form in seen.latest(MANY) {
        told.push(' ');
        told.push_str(form);
    }
    told
}

fn answered(shape: Shape, told: &str) -> Result<http::Response<Body>, TransportError> {
    let one = told.rsplit(' ').next().unwrap_or_default();
    let body = match shape.body {
        BodyKind::OAuth => json!({ "error": "invalid_grant", "error_description": told, "error_codes": [told],
            "error_uri": told, "claims": told, "suberror": told })
        .to_string(),
        BodyKind::Graph => {
            json!({ "error": { "code": format!("Bad {told}"), "message": told, "innerError": { "code": one,
            "request-id": told, "date": told } } })
            .to_string()
        }
        BodyKind::Webex => {
            json!({ "message": told, "errors": [{ "description": told }], "trackingId": told }).to_string()
        }
        BodyKind::Html => format!("<html><title>{told}</title>"),
        BodyKind::CutJson => format!("{{\"access_token\": \"{told}"),
        BodyKind::None => return Err(TransportError::new(Sent::Maybe, "connection reset")),
    };
    let plain: String = told.chars().filter(|letter| (' '..='~').contains(letter) && *letter != '"').collect();
    let challenge = format!("Bearer error=\"insufficient_claims\", claims=\"{one}\", realm=\"{plain}\"");
    let reply = http::Response::builder()
        .status(shape.status)
        .header("content-type", if matches!(shape.body, BodyKind::Html) { "text/html" } else { "application/json" })
        .header("www-authenticate", challenge)
        .header("location", format!("https://elsewhere.example/{one}"))
        .header("retry-after", one)
        .header("warning", plain)
        .body(Body::from_bytes(body));
    reply.map_err(|error| TransportError::new(Sent::Maybe, error))
}

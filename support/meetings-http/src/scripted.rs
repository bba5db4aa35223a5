//! A transport that answers from a list, for tests without a server.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream;
use http::{HeaderName, HeaderValue, StatusCode};
use invitations_core::{
    Result,
    secret::TokenText,
    token::{AccessToken, AfterReject, Rejected, TokenSource},
};

use crate::{
    body::Body,
    transport::{Sent, Transport, TransportError},
};

/// One answer of a [`ScriptedTransport`].
#[derive(Debug)]
pub struct Step(Kind);

#[derive(Debug)]
enum Kind {
    Reply { reply: http::Response<Bytes>, cut: bool },
    Fail { sent: Sent, timed_out: bool },
    Hang,
}

impl Step {
    /// A reply with this status and an empty body. A number that is no status becomes 500.
    pub fn reply(status: u16) -> Self {
        let mut reply = http::Response::new(Bytes::new());
        *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self(Kind::Reply { reply, cut: false })
    }

    /// A reply with a JSON body.
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::reply(status).with_header("content-type", "application/json").with_body(body.to_string())
    }

    /// No reply. [`Sent::No`]: no connection; [`Sent::Maybe`]: the connection broke after the request.
    pub fn fails(sent: Sent) -> Self {
        Self(Kind::Fail { sent, timed_out: false })
    }

    /// No reply in time, after the request was sent.
    pub fn times_out() -> Self {
        Self(Kind::Fail { sent: Sent::Maybe, timed_out: true })
    }

    /// Never answers, whatever the timeout: whoever waits has to keep its own time.
    pub fn hangs() -> Self {
        Self(Kind::Hang)
    }

    /// Adds a header to a reply. Text that is no header is left out.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        if let (Kind::Reply { reply, .. }, Ok(name), Ok(value)) =
            (&mut self.0, HeaderName::try_from(name), HeaderValue::from_str(value))
        {
            reply.headers_mut().append(name, value);
        }
        self
    }

    /// Gives a reply its body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        if let Kind::Reply { reply, .. } = &mut self.0 {
            *reply.body_mut() = body.into();
        }
        self
    }

    /// Breaks the connection at the end of the body.
    #[must_use]
    pub fn cut_off(mut self) -> Self {
        if let Kind::Reply { cut, .. } = &mut self.0 {
            *cut = true;
        }
        self
    }
}

impl From<http::Response<Bytes>> for Step {
    fn from(reply: http::Response<Bytes>) -> Self {
        Self(Kind::Reply { reply, cut: false })
    }
}

/// Answers in the order of its script and keeps what it was asked.
///
/// `Debug` shows methods and paths only; [`requests`](Self::requests) has everything, tokens included.
pub struct ScriptedTransport {
    steps: Mutex<VecDeque<Step>>,
    asked: Mutex<Vec<(http::Request<Bytes>, Duration)>>,
}

impl ScriptedTransport {
    /// A transport that answers with `steps`, each once.
    pub fn new(steps: Vec<Step>) -> Self {
        Self { steps: Mutex::new(steps.into()), asked: Mutex::default() }
    }

    /// Adds an answer at the end.
    pub fn push(&self, step: Step) {
        lock(&self.steps).push_back(step);
    }

    /// What it was asked, in order: method, URI, headers, body.
    pub fn requests(&self) -> Vec<http::Request<Bytes>> {
        lock(&self.asked).iter().map(|(request, _)| request.clone()).collect()
    }

    /// The timeouts it was given, in order.
    pub fn timeouts(&self) -> Vec<Duration> {
        lock(&self.asked).iter().map(|(_, timeout)| *timeout).collect()
    }

    /// How many answers are left.
    pub fn remaining(&self) -> usize {
        lock(&self.steps).len()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Transport for ScriptedTransport {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        timeout: Duration,
    ) -> Result<http::Response<Body>, TransportError> {
        let name = format!("{} {}", request.method(), request.uri().path());
        lock(&self.asked).push((request, timeout));
        let step = lock(&self.steps).pop_front();
        match step.map(|step| step.0) {
            Some(Kind::Reply { reply, cut: false }) => Ok(reply.map(Body::from_bytes)),
            Some(Kind::Reply { reply, cut: true }) => Ok(reply.map(|body| {
                let end = TransportError::new(Sent::Maybe, "the script breaks the connection here");
                Body::from_stream(stream::iter([Ok(body), Err(end)]))
            })),
            Some(Kind::Fail { sent, timed_out }) => {
                Err(TransportError::new(sent, format!("scripted for {name}")).with_timed_out(timed_out))
            }
            Some(Kind::Hang) => std::future::pending().await,
            None => Err(TransportError::new(Sent::No, format!("the script has no answer left for {name}"))),
        }
    }
}

impl fmt::Debug for ScriptedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asked = lock(&self.asked);
        let asked = asked.iter().map(|(request, _)| format!("{} {}", request.method(), request.uri().path()));
        f.debug_struct("ScriptedTransport")
            .field("asked", &asked.collect::<Vec<_>>())
            .field("remaining", &self.remaining())
            .finish()
    }
}

/// A token source whose tokens never end.
#[derive(Debug)]
pub struct StaticTokens {
    tokens: Mutex<VecDeque<TokenText>>,
    rejected: Mutex<Vec<Option<String>>>,
}

impl StaticTokens {
    /// One token; a 401 is final.
    pub fn new(token: &str) -> Self {
        Self { tokens: Mutex::new([TokenText::new(token)].into()), rejected: Mutex::default() }
    }

    /// The token to give out once the one before was rejected.
    #[must_use]
    pub fn then(self, token: &str) -> Self {
        lock(&self.tokens).push_back(TokenText::new(token));
        self
    }

    /// The rejections so far, with the claims that were asked for.
    pub fn rejections(&self) -> Vec<Option<String>> {
        lock(&self.rejected).clone()
    }
}

#[async_trait]
impl TokenSource for StaticTokens {
    async fn access_token(&self) -> Result<AccessToken> {
        let token = lock(&self.tokens).front().cloned().unwrap_or_else(|| TokenText::new(""));
        Ok(AccessToken::new(token, DateTime::<Utc>::MAX_UTC))
    }

    async fn rejected(&self, rejected: Rejected) -> Result<AfterReject> {
        lock(&self.rejected).push(rejected.claims.clone());
        let current = self.access_token().await?;
        let mut tokens = lock(&self.tokens);
        if !current.is_same(&rejected.token) {
            return Ok(AfterReject::TryAgain);
        }
        if tokens.len() < 2 {
            return Ok(AfterReject::GiveUp);
        }
        tokens.pop_front();
        Ok(AfterReject::TryAgain)
    }
}

//! A pipeline on a manual clock and a script.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use chrono::DateTime;
use futures_util::FutureExt as _;
use http::Method;
use invitations_core::{
    ids::ProviderId,
    runtime::{Clock as _, ManualClock, SeededEntropy},
};
use meetings_http::{Origin, Pipeline, PipelineBuilder, RetryPolicy, ScriptedTransport, StaticTokens, Step};

pub(crate) const BASE: &str = "https://api.example";

pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) transport: Arc<ScriptedTransport>,
    pub(crate) tokens: Arc<StaticTokens>,
    pub(crate) begun: Instant,
}

pub(crate) fn provider() -> ProviderId {
    ProviderId::parse("acme").unwrap()
}

pub(crate) fn origin() -> Origin {
    Origin::https(BASE.parse().unwrap()).unwrap()
}

impl World {
    pub(crate) fn new(steps: Vec<Step>) -> Self {
        let clock = ManualClock::new(DateTime::UNIX_EPOCH);
        Self {
            begun: clock.instant(),
            clock,
            transport: Arc::new(ScriptedTransport::new(steps)),
            tokens: Arc::new(StaticTokens::new("old").then("new")),
        }
    }

    /// Without jitter, so that waits are exact.
    pub(crate) fn builder(&self) -> PipelineBuilder {
        Pipeline::builder(provider(), Arc::clone(&self.transport) as _, origin())
            .clock(Arc::new(self.clock.clone()))
            .entropy(Arc::new(SeededEntropy::new(1)))
            .tokens(Arc::clone(&self.tokens) as _)
            .retry(RetryPolicy::new().with_jitter(0.0))
    }

    pub(crate) fn pipeline(&self) -> Pipeline {
        self.builder().build().unwrap()
    }

    /// Polls `future`; whenever it waits, moves the clock to the next sleeper.
    pub(crate) fn drive<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        loop {
            if let Some(value) = future.as_mut().now_or_never() {
                return value;
            }
            self.clock.advance(self.clock.next_wake().expect("it waits for something that is not the clock"));
        }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.clock.instant() - self.begun
    }

    /// The tokens that were sent, in order.
    pub(crate) fn bearers(&self) -> Vec<String> {
        let text = |request: &http::Request<Bytes>| request.headers()["authorization"].to_str().unwrap().to_owned();
        self.transport.requests().iter().map(text).collect()
    }
}

pub(crate) fn request(method: Method, path: &str) -> http::Request<Bytes> {
    http::Request::builder().method(method).uri(format!("{BASE}{path}")).body(Bytes::from("{}")).unwrap()
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

use std::sync::Arc;

use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    ids::ProviderId,
    runtime::{Clock, Entropy, SystemEntropy},
    token::TokenSource,
};

use super::{Pipeline, counts::Counters};
use crate::{
    origin::Origin,
    retry::{RetryBudget, RetryPolicy},
    throttle::Lanes,
    transport::Transport,
};

/// What a pipeline and its clones have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) provider: ProviderId,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) origin: Origin,
    pub(crate) clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: RetryBudget,
    pub(crate) lanes: Lanes,
    pub(crate) counters: Counters,
}

impl Shared {
    /// From 0 to 1; in the middle where there is no randomness, for it only spreads waits.
    pub(crate) fn random(&self) -> f64 {
        let mut bytes = [0; 4];
        match self.entropy.fill(&mut bytes) {
            Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
            Err(_) => 0.5,
        }
    }
}

/// Makes a [`Pipeline`].
#[derive(Debug)]
#[must_use = "call build"]
pub struct PipelineBuilder {
    provider: ProviderId,
    transport: Arc<dyn Transport>,
    origin: Origin,
    tokens: Option<Arc<dyn TokenSource>>,
    clock: Option<Arc<dyn Clock>>,
    entropy: Arc<dyn Entropy>,
    retry: RetryPolicy,
    lane_width: usize,
}

impl PipelineBuilder {
    pub(super) fn new(provider: ProviderId, transport: Arc<dyn Transport>, origin: Origin) -> Self {
        Self {
            provider,
            transport,
            origin,
            tokens: None,
            clock: None,
            entropy: Arc::new(SystemEntropy),
            retry: RetryPolicy::default(),
            lane_width: 4,
        }
    }

    /// Whose tokens go on the requests. Without this no token does.
    pub fn tokens(mut self, tokens: Arc<dyn TokenSource>) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// Time and waits. Required.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Randomness that spreads waits; the system's unless set.
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = entropy;
        self
    }

    /// How often and how fast to send again.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How many requests of one lane are under way at a time (4: what a mailbox of Microsoft Graph allows). 0 counts as 1.
    pub fn lane_width(mut self, width: usize) -> Self {
        self.lane_width = width;
        self
    }

    /// The pipeline.
    ///
    /// # Errors
    /// [`Misconfigured`](ErrorKind::Misconfigured) without a clock.
    pub fn build(self) -> Result<Pipeline> {
        let Some(clock) = self.clock else {
            return Err(Error::new(ErrorKind::Misconfigured, "build pipeline")
                .with_detail("no clock")
                .with_remedy(Remedy::new("Give the builder a clock: `SystemClock`, or `ManualClock` in tests.")));
        };
        Ok(Pipeline {
            tokens: self.tokens,
            shared: Arc::new(Shared {
                provider: self.provider,
                transport: self.transport,
                origin: self.origin,
                clock,
                entropy: self.entropy,
                budget: RetryBudget::new(self.retry.budget()),
                retry: self.retry,
                lanes: Lanes::new(self.lane_width),
                counters: Counters::default(),
            }),
        })
    }
}

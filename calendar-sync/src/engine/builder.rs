use std::sync::{Arc, atomic::AtomicU64};

use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    ids::WorkerId,
    provider::Providers,
    runtime::{Clock, Entropy, SystemEntropy, Timing},
};

use super::{CalendarSync, Inner};
use crate::MappingStore;

/// Puts the parts of [`CalendarSync`] together.
#[derive(Debug)]
pub struct CalendarSyncBuilder {
    store: Arc<dyn MappingStore>,
    providers: Providers,
    clock: Option<Arc<dyn Clock>>,
    entropy: Arc<dyn Entropy>,
    timing: Timing,
    worker: Option<WorkerId>,
}

impl CalendarSyncBuilder {
    pub(super) fn new(store: Arc<dyn MappingStore>, providers: Providers) -> Self {
        let (entropy, timing) = (Arc::new(SystemEntropy), Timing::default());
        Self { store, providers, clock: None, entropy, timing, worker: None }
    }

    /// The clock; by default the system's (feature `tokio`).
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Where the name of this process comes from; by default the operating system's random numbers.
    #[must_use]
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = entropy;
        self
    }

    /// The waits of the protocol.
    #[must_use]
    pub fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// The name under which bindings are held, for people to read; something random is added, so that two processes never share one.
    #[must_use]
    pub fn worker(mut self, worker: WorkerId) -> Self {
        self.worker = Some(worker);
        self
    }

    /// Checks that nothing is missing.
    ///
    /// # Errors
    /// [`Misconfigured`](ErrorKind::Misconfigured) without a clock, or when the lease is not long enough for a request;
    /// [`Unavailable`](ErrorKind::Unavailable) without random numbers.
    pub fn build(self) -> Result<CalendarSync> {
        let misconfigured = |remedy: &'static str| {
            Error::new(ErrorKind::Misconfigured, "build calendar sync").with_remedy(Remedy::new(remedy))
        };
        let clock = self
            .clock
            .or_else(default_clock)
            .ok_or_else(|| misconfigured("Pass a clock with `clock`, or enable the feature `tokio`."))?;
        // a request begins in the first half of a lease and must be over before its end
        if self.timing.request >= self.timing.lease / 2 {
            return Err(misconfigured("Make the lease more than twice as long as a request may take."));
        }
        let mut random = [0; 8];
        self.entropy.fill(&mut random)?;
        let random = data_encoding::HEXLOWER.encode(&random);
        let worker = self.worker.map_or(random.clone(), |worker| format!("{worker}-{random}"));
        let Self { store, providers, timing, .. } = self;
        let runs = AtomicU64::new(0);
        Ok(CalendarSync(Arc::new(Inner { store, providers, clock, timing, worker, runs })))
    }
}

#[cfg(feature = "tokio")]
#[expect(clippy::unnecessary_wraps, reason = "without the feature there is none")]
fn default_clock() -> Option<Arc<dyn Clock>> {
    Some(Arc::new(invitations_core::runtime::SystemClock))
}

#[cfg(not(feature = "tokio"))]
fn default_clock() -> Option<Arc<dyn Clock>> {
    None
}

use std::sync::atomic::{AtomicU64, Ordering};

/// What a pipeline and its clones have sent so far.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Counts {
    /// Requests handed to the transport, repeated ones included.
    pub requests: u64,
    /// Requests sent again after a passing fault.
    pub retries: u64,
    /// Requests sent again with another token after a 401.
    pub refreshes_after_401: u64,
    /// Replies with status 429.
    pub throttled: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) requests: Counter,
    pub(crate) retries: Counter,
    pub(crate) refreshes: Counter,
    pub(crate) throttled: Counter,
}

/// Grows only; nothing is ordered by it.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    pub(crate) fn read(&self) -> Counts {
        Counts {
            requests: self.requests.read(),
            retries: self.retries.read(),
            refreshes_after_401: self.refreshes.read(),
            throttled: self.throttled.read(),
        }
    }
}

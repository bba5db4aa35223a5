use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{Error, ErrorKind, Result, RetryClass, ids::ProviderId, provider::Account};

/// What goes wrong with the next writes.
#[derive(Debug, Default)]
pub(super) struct Faults {
    lost_replies: u32,
    lost_requests: u32,
    refusals: VecDeque<ErrorKind>,
}

/// What becomes of one write.
#[derive(Debug)]
pub(super) enum Fate {
    /// Carried out and answered.
    Normal,
    /// Carried out; the answer is lost.
    ReplyLost(Error),
    /// Never arrived; the caller cannot tell.
    RequestLost(Error),
    /// Arrived and was refused.
    Refused(Error),
}

impl Faults {
    pub(super) fn lose_replies(&mut self, writes: u32) {
        self.lost_replies += writes;
    }

    pub(super) fn lose_requests(&mut self, writes: u32) {
        self.lost_requests += writes;
    }

    pub(super) fn refuse(&mut self, kind: ErrorKind) {
        self.refusals.push_back(kind);
    }

    /// Decides over one write: refusals first, then lost requests, then lost replies.
    pub(super) fn next(&mut self, operation: &'static str, provider: &ProviderId) -> Fate {
        if let Some(kind) = self.refusals.pop_front() {
            return Fate::Refused(refusal(kind, operation).with_provider(provider.clone()));
        }
        let lost = Error::new(ErrorKind::Timeout, operation)
            .with_provider(provider.clone())
            .with_retry(RetryClass::Unclear { after: None });
        if self.lost_requests > 0 {
            self.lost_requests -= 1;
            return Fate::RequestLost(lost);
        }
        if self.lost_replies > 0 {
            self.lost_replies -= 1;
            return Fate::ReplyLost(lost);
        }
        Fate::Normal
    }
}

fn refusal(kind: ErrorKind, operation: &'static str) -> Error {
    let passing = matches!(kind, ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Unavailable);
    let retry = if passing { RetryClass::Safe { after: None } } else { RetryClass::Never };
    Error::new(kind, operation).with_retry(retry)
}

/// The state, also after a test panicked while holding it.
pub(super) fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An account of another provider was wired here by mistake.
pub(super) fn check_account(account: &Account, provider: &ProviderId) -> Result<()> {
    if account.provider == *provider {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Misconfigured, "open provider")
        .with_provider(provider.clone())
        .with_detail("the account belongs to another provider"))
}

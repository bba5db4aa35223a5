use std::time::{Duration, Instant};

use invitations_core::provider::Resend;

use super::{call::Call, exchange::Reading};
use crate::retry::RetryPolicy;

/// No call takes longer, whatever it asks for; keeps sums of instants from overflowing.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a streamed body may take when the call does not say.
const STREAM: Duration = Duration::from_secs(60 * 60);

/// Until when a call has to be over, and what a single try may take of it.
#[derive(Debug)]
pub(super) struct Deadline {
    /// For everything up to the reply.
    until: Instant,
    /// For one try.
    per_try: Duration,
    /// For a body that is handed over unread.
    body_until: Instant,
}

impl Deadline {
    pub(super) fn of(call: &Call, reading: Reading, policy: &RetryPolicy, now: Instant) -> Self {
        let total = match (call.timeout, reading) {
            (Some(timeout), Reading::Whole) => timeout,
            // the timeout is meant for the body; the head has no reason to be late
            (Some(timeout), Reading::Head) => timeout.min(policy.total()),
            (None, _) => policy.total(),
        };
        let per_try = match (call.resend, call.timeout, reading) {
            // one request: it has all the time that the caller gave
            (Resend::Caller, Some(timeout), Reading::Whole) => timeout,
            _ => policy.per_try(),
        };
        Self {
            until: now + total.min(LONGEST),
            per_try: per_try.min(LONGEST),
            body_until: now + call.timeout.unwrap_or(STREAM).min(LONGEST),
        }
    }

    /// How much is left of the whole call.
    pub(super) fn left(&self, now: Instant) -> Duration {
        self.until.saturating_duration_since(now)
    }

    /// How much is left in which a request may still be written.
    pub(super) fn left_to_send(&self, call: &Call, now: Instant) -> Duration {
        let left = self.left(now);
        call.send_before.map_or(left, |before| left.min(before.saturating_duration_since(now)))
    }

    /// How long a try that begins now may take until its reply.
    pub(super) fn for_try(&self, now: Instant) -> Duration {
        self.per_try.min(self.left(now))
    }

    /// How long an exchange that begins now may take with its body.
    pub(super) fn for_body(&self, now: Instant) -> Duration {
        self.body_until.saturating_duration_since(now)
    }
}

use std::time::Duration;

use http::StatusCode;

use crate::pipeline::Protection;

/// No wait of our own is longer.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// How often and how fast the pipeline sends again what is safe to send again.
///
/// By default: at once, then at most three more times after 1, 2 and 4 s plus up to 20 %; a larger `Retry-After` wins. One try may
/// take 20 s, all together 60 s, and all calls together may retry a tenth of their number.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    tries: u32,
    first_wait: Duration,
    jitter: f64,
    per_try: Duration,
    total: Duration,
    budget: f64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            tries: 4,
            first_wait: Duration::from_secs(1),
            jitter: 0.2,
            per_try: Duration::from_secs(20),
            total: Duration::from_secs(60),
            budget: 0.1,
        }
    }
}

/// One finished try, for [`RetryPolicy::decide`].
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the arguments of a pure function")]
pub struct Attempt {
    /// What sending it twice would do.
    pub protection: Protection,
    /// Which try this was; the first is 1.
    pub number: u32,
    /// How much of the call's time is left.
    pub left: Duration,
    /// What came of it.
    pub outcome: Outcome,
    /// A random number from 0 to 1.
    pub jitter: f64,
}

/// What came of one try.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "not sent, lost or answered")]
pub enum Outcome {
    /// The server surely saw nothing.
    NotSent,
    /// The server may have seen it; there is no whole answer.
    Lost,
    /// There is an answer.
    Status {
        /// Its status.
        code: StatusCode,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
}

/// Whether to send again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "yes or no")]
pub enum Decision {
    /// Send again after a wait.
    SendAgain {
        /// How long to wait first.
        after: Duration,
    },
    /// The outcome stands.
    Stop,
}

impl Outcome {
    /// The server surely did nothing: it saw nothing, or turned the request away at the door.
    fn is_surely_undone(self) -> bool {
        match self {
            Self::NotSent => true,
            Self::Lost => false,
            Self::Status { code, retry_after } => {
                code == StatusCode::TOO_MANY_REQUESTS
                    || code == StatusCode::SERVICE_UNAVAILABLE && retry_after.is_some()
            }
        }
    }

    /// It may have been carried out although no success was reported.
    pub(crate) fn is_unclear(self) -> bool {
        match self {
            Self::NotSent => false,
            Self::Lost => true,
            Self::Status { code, .. } => {
                (code.is_server_error() || code == StatusCode::REQUEST_TIMEOUT) && !self.is_surely_undone()
            }
        }
    }

    /// Another try may well go better.
    pub(crate) fn passes(self) -> bool {
        match self {
            Self::NotSent | Self::Lost => true,
            Self::Status { code, .. } => matches!(code.as_u16(), 408 | 429 | 502 | 503 | 504),
        }
    }
}

impl RetryPolicy {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Never sends again.
    pub fn never() -> Self {
        Self::default().with_tries(1)
    }

    /// How often at most one call is sent, the first time included (4). 0 counts as 1.
    #[must_use]
    pub fn with_tries(mut self, tries: u32) -> Self {
        self.tries = tries.max(1);
        self
    }

    /// The wait before the second try (1 s); it doubles from try to try.
    #[must_use]
    pub fn with_first_wait(mut self, wait: Duration) -> Self {
        self.first_wait = wait;
        self
    }

    /// The largest random share added to a wait (0.2). Clamped to 0 ..= 1.
    #[must_use]
    pub fn with_jitter(mut self, share: f64) -> Self {
        self.jitter = share.clamp(0.0, 1.0);
        self
    }

    /// How long one try may take (20 s).
    #[must_use]
    pub fn with_per_try(mut self, limit: Duration) -> Self {
        self.per_try = limit;
        self
    }

    /// How long one call may take, waits included (60 s), unless the call itself says.
    #[must_use]
    pub fn with_total(mut self, limit: Duration) -> Self {
        self.total = limit;
        self
    }

    /// The share of all calls that may be retries (0.1). Clamped to 0 ..= 1.
    #[must_use]
    pub fn with_budget(mut self, share: f64) -> Self {
        self.budget = share.clamp(0.0, 1.0);
        self
    }

    /// All waits and limits, `factor` times shorter (0 counts as 1); counts and shares stay.
    #[must_use]
    pub fn scaled_down(mut self, factor: u32) -> Self {
        let factor = factor.max(1);
        for wait in [&mut self.first_wait, &mut self.per_try, &mut self.total] {
            *wait /= factor;
        }
        self
    }

    /// How long one try may take.
    pub fn per_try(&self) -> Duration {
        self.per_try
    }

    /// How long one call may take, waits included.
    pub fn total(&self) -> Duration {
        self.total
    }

    /// The share of all calls that may be retries.
    pub fn budget(&self) -> f64 {
        self.budget
    }

    /// Whether to send again after `attempt`. Pure.
    ///
    /// What the server surely did not do may always be sent again (no connection, 429, 503 that names a wait). What it may have done
    /// (a lost reply, 408, 502, 503, 504) only where a second time changes nothing. Never beyond the call's time: a wait that would
    /// not fit is the caller's to make.
    pub fn decide(&self, attempt: &Attempt) -> Decision {
        let harmless = matches!(attempt.protection, Protection::Idempotent | Protection::Keyed);
        let allowed = attempt.outcome.passes() && (harmless || attempt.outcome.is_surely_undone());
        if !allowed || attempt.number >= self.tries {
            return Decision::Stop;
        }
        let doubled =
            self.first_wait.saturating_mul(1_u32.checked_shl(attempt.number.saturating_sub(1)).unwrap_or(u32::MAX));
        // bounded, so that no product overflows
        let doubled = doubled.min(LONGEST_WAIT);
        let own = doubled + doubled.mul_f64(self.jitter * attempt.jitter.clamp(0.0, 1.0));
        let asked = match attempt.outcome {
            Outcome::Status { retry_after: Some(wait), .. } => wait,
            _ => Duration::ZERO,
        };
        // the larger one, not the sum: jitter on top of the server's own wait would only be slower
        let after = own.max(asked);
        #[cfg(seeded)]
        let after = if asked.is_zero() && invitations_core::seeded::seeded("B16") { asked } else { after };
        if after >= attempt.left { Decision::Stop } else { Decision::SendAgain { after } }
    }
}

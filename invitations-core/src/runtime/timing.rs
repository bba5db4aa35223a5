use std::time::Duration;

/// Every waiting time of the protocols in one place; tests and demos scale it down, nothing else changes.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Timing {
    /// How long a worker owns what it claimed (60 s). Must exceed `request` with room to spare.
    pub lease: Duration,
    /// How long one request to a provider may take (20 s).
    pub request: Duration,
    /// How long after a request's deadline its effect may still show (30 s).
    pub settle: Duration,
    /// How many look-ups must find nothing before an inexact look-up's "absent" is believed (3).
    pub absent_answers: u32,
    /// Over which span those look-ups are spread, unless the provider names a longer lag (2 min).
    pub absence_span: Duration,
    /// The first wait before a refused effect is tried again (1 s); doubles each time.
    pub retry_first: Duration,
    /// The longest such wait (5 min).
    pub retry_most: Duration,
    /// How often a refused effect is tried before it counts as failed for good (12).
    pub retry_limit: u32,
    /// How long a caller of accept waits for the link at most (8 s).
    pub accept_wait: Duration,
    /// When a made object is looked at again (5 min and 1 h after).
    pub sweeps: Vec<Duration>,
    /// The first wait before a block is tried again by itself (1 min); doubles each time.
    pub probe_first: Duration,
    /// The longest such wait (1 h).
    pub probe_most: Duration,
    /// For how long a block is tried again by itself (24 h).
    pub probe_span: Duration,
    /// How long a block may last before what was begun is undone (7 days).
    pub blocked_most: Duration,
    /// How long after an invitation was sent it may be sent again (1 min).
    pub resend_cooldown: Duration,
    /// How long an invitation may live at most, extensions included (90 days).
    pub life_most: Duration,
    /// How often a waiter looks whether another process has refreshed a token (100 ms, growing).
    pub token_poll: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(60),
            request: Duration::from_secs(20),
            settle: Duration::from_secs(30),
            absent_answers: 3,
            absence_span: Duration::from_secs(120),
            retry_first: Duration::from_secs(1),
            retry_most: Duration::from_secs(300),
            retry_limit: 12,
            accept_wait: Duration::from_secs(8),
            sweeps: vec![Duration::from_secs(300), Duration::from_secs(3600)],
            probe_first: Duration::from_secs(60),
            probe_most: Duration::from_secs(3600),
            probe_span: Duration::from_secs(24 * 3600),
            blocked_most: Duration::from_secs(7 * 24 * 3600),
            resend_cooldown: Duration::from_secs(60),
            life_most: Duration::from_secs(90 * 24 * 3600),
            token_poll: Duration::from_millis(100),
        }
    }
}

impl Timing {
    /// All waits, `factor` times shorter (0 counts as 1); counts stay, and how long an invitation may live.
    #[must_use]
    pub fn scaled_down(mut self, factor: u32) -> Self {
        let factor = factor.max(1);
        let waits = [
            &mut self.lease,
            &mut self.request,
            &mut self.settle,
            &mut self.absence_span,
            &mut self.retry_first,
            &mut self.retry_most,
            &mut self.accept_wait,
            &mut self.probe_first,
            &mut self.probe_most,
            &mut self.probe_span,
            &mut self.blocked_most,
            &mut self.resend_cooldown,
            &mut self.token_poll,
        ];
        for wait in waits.into_iter().chain(self.sweeps.iter_mut()) {
            *wait /= factor;
        }
        self
    }
}

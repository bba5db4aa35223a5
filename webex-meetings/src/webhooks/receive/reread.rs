use std::time::Duration;

use invitations_core::{Error, ErrorKind, Result, RetryClass, runtime::Clock};

/// How long an object is looked for that a webhook has named: Webex's webhooks are faster than its lists. Waits double.
///
/// By default 2, 4, 8, … seconds, a minute at most, ten minutes in all: by then 99.5 % are there ("Webhooks" guide).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RereadOptions {
    /// The wait before the second try.
    pub first_wait: Duration,
    /// No wait is longer.
    pub longest_wait: Duration,
    /// All waits together. Zero: one try.
    pub within: Duration,
}

impl Default for RereadOptions {
    fn default() -> Self {
        let (first_wait, longest_wait) = (Duration::from_secs(2), Duration::from_secs(60));
        Self { first_wait, longest_wait, within: Duration::from_secs(600) }
    }
}

impl RereadOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the first wait.
    #[must_use]
    pub fn with_first_wait(mut self, wait: Duration) -> Self {
        self.first_wait = wait;
        self
    }

    /// Sets the longest wait.
    #[must_use]
    pub fn with_longest_wait(mut self, wait: Duration) -> Self {
        self.longest_wait = wait;
        self
    }

    /// Sets how long all waits together may be.
    #[must_use]
    pub fn with_within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// The wait after so many tries that found nothing, `None` when it was tried long enough. For job queues that wait themselves.
    pub fn wait_after(&self, tries: u32) -> Option<Duration> {
        // a wait of nothing would ask without end
        let first = self.first_wait.max(Duration::from_millis(1));
        let (mut wait, mut spent) = (first, Duration::ZERO);
        for _ in 1..tries {
            spent = spent.saturating_add(wait);
            if spent >= self.within {
                return None;
            }
            wait = wait.saturating_mul(2).min(self.longest_wait.max(first));
        }
        let left = self.within.saturating_sub(spent);
        (!left.is_zero()).then(|| wait.min(left))
    }
}

/// Reads an object that a webhook has named, again and again while it is [`NotFound`](ErrorKind::NotFound), as `options` say.
///
/// Waits in the caller's task: answer the delivery first. What was deleted is not there, see
/// [`Delivery::leaves_object`](super::Delivery::leaves_object).
///
/// ```
/// # use std::sync::Arc;
/// # use invitations_core::{provider::{Meeting, MeetingProvider}, runtime::Clock};
/// use webex_meetings::webhooks::{Delivery, RereadOptions, reread};
///
/// # async fn work(clock: &dyn Clock, meetings: &dyn MeetingProvider, delivery: &Delivery) -> invitations_core::Result<()> {
/// if let Some(id) = delivery.meeting() {
///     let meeting = reread(clock, RereadOptions::new(), async || meetings.read(&id).await).await?;
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
/// [`NotFound`](ErrorKind::NotFound), to be tried later, when it was looked for long enough. Any other error at once.
pub async fn reread<T>(
    clock: &dyn Clock,
    options: RereadOptions,
    mut read: impl AsyncFnMut() -> Result<T>,
) -> Result<T> {
    let mut tries = 0;
    loop {
        let error = match read().await {
            Err(error) if error.kind() == ErrorKind::NotFound => error,
            other => return other,
        };
        tries += 1;
        match options.wait_after(tries) {
            Some(wait) => clock.sleep(wait).await,
            None => return Err(unseen(error, options.longest_wait)),
        }
    }
}

fn unseen(error: Error, after: Duration) -> Error {
    error.with_retry(RetryClass::Safe { after: Some(after) })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures_util::FutureExt as _;
    use invitations_core::runtime::ManualClock;

    use super::*;

    fn not_found() -> Error {
        Error::new(ErrorKind::NotFound, "read meeting")
    }

    #[test]
    fn waits_double_up_to_a_bound_and_end() {
        let options = RereadOptions::new();
        let mut waits = Vec::new();
        while let Some(wait) = options.wait_after(waits.len() as u32 + 1) {
            waits.push(wait.as_secs());
        }
        assert_eq!(waits.iter().sum::<u64>(), 600);
        assert_eq!(waits[..7], [2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(RereadOptions::new().with_within(Duration::ZERO).wait_after(1), None);
        let odd = RereadOptions::new().with_first_wait(Duration::ZERO).with_within(Duration::from_millis(5));
        assert!((1..=10).any(|tries| odd.wait_after(tries).is_none()), "no wait is nothing");
        let huge = RereadOptions { first_wait: Duration::MAX, longest_wait: Duration::MAX, within: Duration::MAX };
        assert!(huge.wait_after(u32::MAX).is_none());
    }

    #[test]
    fn only_what_is_not_there_yet_is_asked_again() {
        let clock = ManualClock::new("2026-07-01T00:00:00Z".parse().unwrap());
        let asked = Cell::new(0);
        let options = RereadOptions::new().with_within(Duration::from_secs(6));
        {
            let mut reading = Box::pin(reread(&clock, options, async || {
                asked.set(asked.get() + 1);
                if asked.get() < 3 { Err(not_found()) } else { Ok("there") }
            }));
            assert!((&mut reading).now_or_never().is_none());
            clock.advance(Duration::from_secs(2));
            assert!((&mut reading).now_or_never().is_none());
            clock.advance(Duration::from_secs(4));
            assert_eq!(reading.now_or_never().unwrap().unwrap(), "there");
        }
        assert_eq!(asked.get(), 3);
        asked.set(0);
        let mut reading = Box::pin(reread(&clock, options, async || {
            asked.set(asked.get() + 1);
            Err::<(), _>(not_found())
        }));
        for _ in 0..2 {
            assert!((&mut reading).now_or_never().is_none());
            clock.advance(Duration::from_secs(4));
        }
        let error = reading.now_or_never().unwrap().unwrap_err();
        assert_eq!((error.kind(), asked.get()), (ErrorKind::NotFound, 3));
        assert!(matches!(error.retry(), RetryClass::Safe { after: Some(_) }));
        let denied = || async { Err::<(), _>(Error::new(ErrorKind::PermissionDenied, "read meeting")) };
        let denied = reread(&clock, options, async || denied().await).now_or_never().unwrap();
        assert_eq!(denied.unwrap_err().kind(), ErrorKind::PermissionDenied);
    }
}

use std::{
    collections::BTreeMap,
    fmt::Debug,
    future::{Future, poll_fn},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use futures_channel::oneshot;

use super::BoxFuture;

/// Wall time for people, monotonic time for lease and send deadlines, and waiting. One trait, so that a test clock is never half installed.
pub trait Clock: Debug + Send + Sync + 'static {
    /// Wall clock, UTC. May jump.
    fn now(&self) -> DateTime<Utc>;

    /// Monotonic. An [`Instant`], not a span since some origin: two clocks of one process then agree.
    fn instant(&self) -> Instant;

    /// Resolves when [`instant`](Self::instant) has grown by `duration`. `'static`: it outlives the borrow, so it can be raced, stored, spawned.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

impl<T: Clock + ?Sized> Clock for Arc<T> {
    fn now(&self) -> DateTime<Utc> {
        (**self).now()
    }
    fn instant(&self) -> Instant {
        (**self).instant()
    }
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        (**self).sleep(duration)
    }
}

/// The work was not done in time. It may still be running elsewhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not done in time")]
#[expect(clippy::exhaustive_structs, reason = "a unit, complete by definition")]
pub struct TimedOut;

/// Waits for `work`, at most `limit` on `clock`. On [`TimedOut`] the work is dropped.
///
/// # Errors
/// [`TimedOut`] when the limit came first.
pub async fn timeout<T>(
    clock: &dyn Clock,
    limit: Duration,
    work: impl Future<Output = T> + Send,
) -> Result<T, TimedOut> {
    let (begun, mut work, mut sleep) = (clock.instant(), pin!(work), None);
    // what is done at once needs no timer
    poll_fn(|context| {
        if let Poll::Ready(value) = work.as_mut().poll(context) {
            return Poll::Ready(Ok(value));
        }
        let passed = || clock.instant().saturating_duration_since(begun);
        let sleep = sleep.get_or_insert_with(|| clock.sleep(limit.saturating_sub(passed())));
        sleep.as_mut().poll(context).map(|()| Err(TimedOut))
    })
    .await
}

/// A clock that moves only when told to.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Mutex<Manual>>);

#[derive(Debug)]
struct Manual {
    start: DateTime<Utc>,
    base: Instant,
    elapsed: Duration,
    sequence: u64,
    waiting: BTreeMap<(Duration, u64), oneshot::Sender<()>>,
}

impl ManualClock {
    /// A clock that stands at `start`.
    #[expect(clippy::disallowed_methods, reason = "an Instant can only be made from the system's")]
    pub fn new(start: DateTime<Utc>) -> Self {
        let base = Instant::now();
        Self(Arc::new(Mutex::new(Manual {
            start,
            base,
            elapsed: Duration::ZERO,
            sequence: 0,
            waiting: BTreeMap::new(),
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Manual> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves on by `by` and wakes whoever is due.
    pub fn advance(&self, by: Duration) {
        let due = {
            let mut manual = self.lock();
            manual.elapsed += by;
            let elapsed = manual.elapsed;
            let later = manual.waiting.split_off(&(elapsed, u64::MAX));
            std::mem::replace(&mut manual.waiting, later)
        };
        for (_, waker) in due {
            // a sleeper that went away needs no waking
            let _ = waker.send(());
        }
    }

    /// How long until the next sleeper wakes; lets a simulator jump to it.
    pub fn next_wake(&self) -> Option<Duration> {
        let mut manual = self.lock();
        manual.waiting.retain(|_, waker| !waker.is_canceled());
        let elapsed = manual.elapsed;
        manual.waiting.keys().next().map(|(at, _)| at.saturating_sub(elapsed))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        let manual = self.lock();
        manual.start + manual.elapsed
    }

    fn instant(&self) -> Instant {
        let manual = self.lock();
        manual.base + manual.elapsed
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        if duration.is_zero() {
            return Box::pin(std::future::ready(()));
        }
        let (wake, woken) = oneshot::channel();
        let mut manual = self.lock();
        manual.waiting.retain(|_, waker| !waker.is_canceled());
        let key = (manual.elapsed + duration, manual.sequence);
        manual.sequence += 1;
        manual.waiting.insert(key, wake);
        Box::pin(async move {
            // the sender lives in the clock; if the clock is gone, time is over
            let _ = woken.await;
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;
    use futures_util::FutureExt as _;

    use super::*;

    fn clock() -> ManualClock {
        ManualClock::new(Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap())
    }

    #[test]
    fn wakes_in_order_and_forgets_dropped_sleepers() {
        let clock = clock();
        let mut five = clock.sleep(Duration::from_secs(5));
        drop(clock.sleep(Duration::from_secs(1)));
        assert_eq!(clock.next_wake(), Some(Duration::from_secs(5)));
        clock.advance(Duration::from_secs(4));
        assert!((&mut five).now_or_never().is_none());
        clock.advance(Duration::from_secs(1));
        assert!((&mut five).now_or_never().is_some());
        assert_eq!(clock.next_wake(), None);
    }

    #[test]
    fn both_times_move_together() {
        let clock = clock();
        let (now, instant) = (clock.now(), clock.instant());
        clock.advance(Duration::from_millis(1500));
        assert_eq!((clock.now() - now).num_milliseconds(), 1500);
        assert_eq!((clock.instant() - instant).as_millis(), 1500);
    }

    #[test]
    fn timeout_takes_whichever_comes_first() {
        let clock = clock();
        assert_eq!(timeout(&clock, Duration::from_secs(1), async { 7 }).now_or_never(), Some(Ok(7)));
        assert_eq!(clock.next_wake(), None, "what is done at once needs no timer");
        // the limit counts from the call on, whatever the first look at the work takes
        let slow = poll_fn(|_| {
            clock.advance(Duration::from_secs(2));
            Poll::<()>::Pending
        });
        assert_eq!(timeout(&clock, Duration::from_secs(1), slow).now_or_never(), Some(Err(TimedOut)));
        let mut late = Box::pin(timeout(&clock, Duration::from_secs(1), std::future::pending::<()>()));
        assert!((&mut late).now_or_never().is_none());
        clock.advance(Duration::from_secs(1));
        assert_eq!(late.now_or_never(), Some(Err(TimedOut)));
    }
}

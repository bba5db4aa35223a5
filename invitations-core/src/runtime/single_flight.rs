use std::{
    collections::HashMap,
    fmt,
    future::Future,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use futures_channel::oneshot;
use futures_util::{FutureExt as _, future::Shared};

use super::{BoxFuture, Spawner};

type Flight<V> = Shared<oneshot::Receiver<V>>;
type Flights<K, V> = Arc<Mutex<HashMap<K, Flight<V>>>>;

/// One piece of work per key at a time; whoever asks meanwhile gets the same answer.
///
/// The work runs in a spawned task of its own, so a caller that goes away changes nothing.
pub struct SingleFlight<K, V>(Flights<K, V>);

impl<K, V> SingleFlight<K, V> {
    /// Nothing in flight.
    pub fn new() -> Self {
        Self(Arc::default())
    }
}

impl<K, V> Default for SingleFlight<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> fmt::Debug for SingleFlight<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SingleFlight")
    }
}

/// Takes the entry out however the task ends, also by panic.
struct Leave<K: Eq + Hash, V>(Flights<K, V>, K);

impl<K: Eq + Hash, V> Drop for Leave<K, V> {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

impl<K, V> SingleFlight<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Joins the flight of `key`, or starts `work` as a new one. `None`: the work was lost (its task panicked); ask again.
    pub fn run<F>(&self, spawner: &dyn Spawner, key: K, work: impl FnOnce() -> F) -> BoxFuture<'static, Option<V>>
    where
        F: Future<Output = V> + Send + 'static,
    {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(&key) {
            let flight = flight.clone();
            return Box::pin(async move { flight.await.ok() });
        }
        let (done, landed) = oneshot::channel();
        let flight = landed.shared();
        flights.insert(key.clone(), flight.clone());
        drop(flights);
        let leave = Leave(Arc::clone(&self.0), key);
        let work = work();
        spawner.spawn(Box::pin(async move {
            let value = work.await;
            // out of the map first: who comes now starts a new flight instead of reading an old answer
            drop(leave);
            let _ = done.send(value);
        }));
        Box::pin(async move { flight.await.ok() })
    }
}

#[cfg(all(test, feature = "tokio"))]
mod tests {
    use std::{
        sync::atomic::{AtomicU32, Ordering},
        time::Duration,
    };

    use chrono::DateTime;

    use super::*;
    use crate::runtime::{Clock as _, ManualClock, TokioSpawner};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn runs_once_for_ten_thousand_callers_though_the_first_hangs_up() {
        let (flight, ran) = (SingleFlight::<&str, u32>::new(), Arc::new(AtomicU32::new(0)));
        let clock = ManualClock::new(DateTime::UNIX_EPOCH);
        let work = || {
            let (ran, clock) = (Arc::clone(&ran), clock.clone());
            async move {
                clock.sleep(Duration::from_secs(1)).await;
                ran.fetch_add(1, Ordering::SeqCst) + 1
            }
        };
        drop(flight.run(&TokioSpawner, "key", work));
        let rest: Vec<_> = (0..10_000).map(|_| flight.run(&TokioSpawner, "key", work)).collect();
        while clock.next_wake().is_none() {
            tokio::task::yield_now().await;
        }
        clock.advance(Duration::from_secs(1));
        assert!(futures_util::future::join_all(rest).await.iter().all(|value| *value == Some(1)));
        assert_eq!(ran.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_panicking_task_is_forgotten() {
        let flight = SingleFlight::<&str, u32>::new();
        let lost = flight.run(&TokioSpawner, "key", || async { panic!("on purpose") }).await;
        assert_eq!(lost, None);
        assert_eq!(flight.run(&TokioSpawner, "key", || async { 2 }).await, Some(2));
    }
}

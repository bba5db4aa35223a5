use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sha2::{Digest as _, Sha256};

use super::{AccessToken, shared_error::copy};
use crate::{Error, RetryClass, runtime::Timing};

/// A server may ask for a pause of this length at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// Two forced refreshes within this span that did not help are enough.
const FORCED_SPAN: Duration = Duration::from_secs(60);
/// How long no further one is tried then.
const SUSPECT_FOR: Duration = Duration::from_secs(300);

/// What this process remembers of failures: pauses between tries, and forced refreshes that did not help.
#[derive(Debug)]
pub(super) struct Patience<K>(Mutex<HashMap<K, Entry>>);

#[derive(Debug, Default)]
struct Entry {
    failures: u32,
    pause: Option<(Instant, Arc<Error>)>,
    /// When, and which rejected token by its mark.
    forced: Vec<(Instant, u64)>,
    suspect_until: Option<Instant>,
}

impl Entry {
    fn suspect(&mut self, now: Instant) {
        self.forced.clear();
        self.suspect_until = Some(now + SUSPECT_FOR);
    }
}

/// Tells tokens apart without keeping them.
pub(super) fn mark(token: &AccessToken) -> u64 {
    let hash = Sha256::digest(token.expose().as_bytes());
    hash.iter().take(8).fold(0, |mark, byte| (mark << 8) | u64::from(*byte))
}

impl<K> Default for Patience<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + Eq + Hash> Patience<K> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last failure, while the pause after it lasts.
    pub(super) fn pausing(&self, key: &K, now: Instant) -> Option<Error> {
        let entries = self.lock();
        let (until, error) = entries.get(key)?.pause.as_ref()?;
        let left = until.saturating_duration_since(now);
        (!left.is_zero()).then(|| copy(error).with_retry(RetryClass::Safe { after: Some(left) }))
    }

    /// The pause that a failure now would be followed by: doubling, at least what the server asked for.
    pub(super) fn next_pause(&self, key: &K, asked: Option<Duration>, timing: &Timing) -> Duration {
        let failures = self.lock().get(key).map_or(0, |entry| entry.failures);
        let own = timing.retry_first.saturating_mul(2_u32.saturating_pow(failures.min(30))).min(timing.retry_most);
        own.max(asked.unwrap_or_default().min(LONGEST_PAUSE))
    }

    /// Begins a pause.
    pub(super) fn failed(&self, key: &K, now: Instant, pause: Duration, error: &Arc<Error>) {
        let mut entries = self.lock();
        let entry = entries.entry(key.clone()).or_default();
        entry.failures = entry.failures.saturating_add(1);
        entry.pause = Some((now + pause, Arc::clone(error)));
    }

    /// Ends the pause; forced refreshes stay counted, because winning a token is not yet having it accepted.
    pub(super) fn succeeded(&self, key: &K, now: Instant) {
        let mut entries = self.lock();
        let Some(entry) = entries.get_mut(key) else { return };
        entry.failures = 0;
        entry.pause = None;
        entry.forced.retain(|(at, _)| now.saturating_duration_since(*at) < FORCED_SPAN);
        if entry.forced.is_empty() && entry.suspect_until.is_none_or(|until| until <= now) {
            entries.remove(key);
        }
    }

    /// Whether a forced refresh may help; counts it as tried, but once for all who were turned away with the same token.
    pub(super) fn may_force(&self, key: &K, now: Instant, mark: u64) -> bool {
        #[cfg(seeded)]
        if crate::seeded::seeded("B23") {
            return true;
        }
        let mut entries = self.lock();
        let entry = entries.entry(key.clone()).or_default();
        if entry.suspect_until.is_some_and(|until| now < until) {
            return false;
        }
        entry.suspect_until = None;
        entry.forced.retain(|(at, _)| now.saturating_duration_since(*at) < FORCED_SPAN);
        if entry.forced.iter().any(|(_, known)| *known == mark) {
            return true;
        }
        if entry.forced.len() >= 2 {
            entry.suspect(now);
            return false;
        }
        entry.forced.push((now, mark));
        true
    }

    /// A forced refresh brought the rejected token again: no more of them for a while.
    pub(super) fn forced_in_vain(&self, key: &K, now: Instant) {
        self.lock().entry(key.clone()).or_default().suspect(now);
    }

    /// Forgets all.
    pub(super) fn forget(&self, key: &K) {
        self.lock().remove(key);
    }
}

//! Data keys in memory: few, not for long, wiped when they go.

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::super::cipher::DataKey;

/// Which wrapped key, of which service, for which context.
pub(super) type Mark = [u8; 32];

/// Data keys under `K`, at most so many.
pub(super) struct DataKeys<K, V>(Mutex<HashMap<K, Entry<V>>>);

struct Entry<V> {
    value: V,
    until: Instant,
}

/// A data key that seals.
pub(super) struct Sealing {
    pub(super) key: Arc<DataKey>,
    pub(super) wrapped: Arc<[u8]>,
    pub(super) seals_left: u32,
}

impl<K, V> Default for DataKeys<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + Eq + Hash, V> DataKeys<K, V> {
    /// What `take` makes of the value under `key`, if there is one and it is not over.
    pub(super) fn with<T>(&self, key: &K, now: Instant, take: impl FnOnce(&mut V) -> Option<T>) -> Option<T> {
        let mut entries = self.lock();
        entries.retain(|_, entry| now < entry.until);
        let taken = take(&mut entries.get_mut(key)?.value);
        if taken.is_none() {
            entries.remove(key);
        }
        taken
    }

    /// Keeps a value; the one that ends first makes room for it.
    pub(super) fn keep(&self, key: K, value: V, now: Instant, until: Instant, most: usize) {
        let mut entries = self.lock();
        entries.retain(|_, entry| now < entry.until);
        while entries.len() >= most.max(1) && !entries.contains_key(&key) {
            let first = entries.iter().min_by_key(|(_, entry)| entry.until).map(|(key, _)| key.clone());
            let Some(first) = first else { break };
            entries.remove(&first);
        }
        if most > 0 {
            entries.insert(key, Entry { value, until });
        }
    }

    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Entry<V>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Clone + Eq + Hash, V> fmt::Debug for DataKeys<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} data keys", self.len())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::runtime::{Clock as _, ManualClock};

    #[test]
    fn keys_are_bounded_in_number_and_in_time() {
        let keys = DataKeys::default();
        let now = ManualClock::new(chrono::DateTime::UNIX_EPOCH).instant();
        let at = |seconds| now + Duration::from_secs(seconds);
        for number in 0..10_u64 {
            keys.keep(number, number, at(number), at(number + 100), 3);
            assert!(keys.len() <= 3);
        }
        let held: Vec<_> = (0..10).filter(|number| keys.with(number, at(10), |value| Some(*value)).is_some()).collect();
        assert_eq!(held, [7, 8, 9]);
        assert_eq!(keys.with(&9, at(109), |value| Some(*value)), None);
        assert_eq!(keys.len(), 0);
        keys.keep(1, 1, at(200), at(300), 0);
        assert_eq!(keys.len(), 0);
    }

    #[test]
    fn what_is_used_up_goes() {
        let keys = DataKeys::default();
        let now = ManualClock::new(chrono::DateTime::UNIX_EPOCH).instant();
        keys.keep((), 1, now, now + Duration::from_secs(1), 1);
        assert_eq!(keys.with(&(), now, |_| None::<()>), None);
        assert_eq!(keys.len(), 0);
    }
}

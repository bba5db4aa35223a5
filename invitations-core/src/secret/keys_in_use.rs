use std::collections::BTreeMap;

/// How many stored blobs need which key. Counted before a key is removed ([`KeyRing::without_key`](super::KeyRing::without_key)).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct KeysInUse(BTreeMap<String, u64>);

impl KeysInUse {
    /// Nothing is stored.
    pub fn none() -> Self {
        Self::default()
    }

    /// One more blob needs this key.
    pub fn count_one(&mut self, key_id: impl Into<String>) {
        *self.0.entry(key_id.into()).or_default() += 1;
    }

    /// How many need this one.
    pub fn of(&self, key_id: &str) -> u64 {
        self.0.get(key_id).copied().unwrap_or_default()
    }

    /// Those of another store beside these.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        for (key_id, count) in other.0 {
            *self.0.entry(key_id).or_default() += count;
        }
        self
    }

    /// The ids of the keys, in order, each with how many need it.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(key_id, count)| (key_id.as_str(), *count))
    }
}

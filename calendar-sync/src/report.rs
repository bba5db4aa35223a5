use chrono::{DateTime, Utc};

/// What a run did.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// Events made.
    pub created: u64,
    /// Events changed.
    pub updated: u64,
    /// Events taken away.
    pub deleted: u64,
    /// Events that were there already: from an answer that got lost, or from a store that did.
    pub adopted: u64,
    /// Records that needed no call.
    pub unchanged: u64,
    /// Records whose version was older than what is known.
    pub stale: u64,
    /// Events that the user deleted; left alone.
    pub detached: u64,
    /// Records that need another run: the outcome is unknown, or the provider asked to wait.
    pub pending: u64,
    /// Records that the provider refuses; they need a change.
    pub blocked: u64,
    /// Deletions that were not carried out because there were too many at once.
    pub held: u64,
    /// Calls to the provider.
    pub calls: u64,
}

/// How a binding stands.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct SyncStatus {
    /// The calendar says what the records said at this time, UTC.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// Events in the calendar.
    pub live: u64,
    /// Events that need another run.
    pub pending: u64,
    /// Events that the provider refuses.
    pub blocked: u64,
    /// Events that the user deleted.
    pub detached: u64,
}

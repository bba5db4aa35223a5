use std::{fmt::Debug, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use invitations_core::{
    Result,
    ids::{BindingId, Etag, EventId, SyncCursor, WorkerId},
};

use crate::SourceId;

/// What we know about the event of one record.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct Mapping {
    /// Which record.
    pub source: SourceId,
    /// Which of the record's events; 0 is the first.
    pub slot: u16,
    /// Counts the events made for it; part of the event's key.
    pub incarnation: u32,
    /// The provider's event.
    pub external: Option<EventId>,
    /// Its version when we last wrote it.
    pub etag: Option<Etag>,
    /// The hash of what we last wrote, or mean to write.
    pub pushed: [u8; 32],
    /// The record's version that this is about.
    pub version: u64,
    /// Where it stands.
    pub state: MappingState,
    /// When a write that was begun is over at the latest, UTC: before, "not there" proves nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<DateTime<Utc>>,
    /// A create or delete of this kind was begun earlier and may have happened, although a later try was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unclear: Option<Op>,
    /// Why the last write did not succeed; no secrets, no content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl Mapping {
    /// A row for a record without an event.
    pub fn new(source: SourceId, version: u64, state: MappingState) -> Self {
        let (slot, incarnation) = (0, 0);
        Self {
            source,
            slot,
            incarnation,
            external: None,
            etag: None,
            pushed: [0; 32],
            version,
            state,
            settled_at: None,
            unclear: None,
            problem: None,
        }
    }
}

impl Mapping {
    /// The create or delete of which nobody knows yet whether it happened.
    pub(crate) fn in_doubt(&self) -> Option<Op> {
        match self.state {
            MappingState::Intent(op @ (Op::Create | Op::Delete)) => Some(op),
            MappingState::Intent(Op::Update) | MappingState::Blocked { .. } => self.unclear,
            MappingState::Live | MappingState::Detached | MappingState::Tombstone => None,
        }
    }
}

/// Where an event stands.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MappingState {
    /// This was begun; whether it happened is unknown.
    Intent(Op),
    /// In the calendar.
    Live,
    /// The provider refused it; to be tried again after `until` (UTC), or with the record's next version when there is none.
    Blocked {
        /// When to try again.
        until: Option<DateTime<Utc>>,
    },
    /// The user deleted it; it is left alone.
    Detached,
    /// The record is gone, and so is the event.
    Tombstone,
}

/// A kind of write.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "there are no other writes")]
pub enum Op {
    /// Makes it.
    Create,
    /// Writes all managed fields.
    Update,
    /// Takes it away.
    Delete,
}

/// Grows with every lease given out on a binding; writes under an older one are refused.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[expect(clippy::exhaustive_structs, reason = "a number")]
pub struct Fence(pub u64);

/// One write to the store.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SyncWrite {
    /// Keeps a row, whatever was there.
    Put(Box<Mapping>),
    /// Forgets a row.
    Drop(SourceId, u16),
    /// The source was read up to here.
    Cursor(SyncCursor),
    /// The calendar says what the records said at this time (UTC).
    Synced(DateTime<Utc>),
    /// Every mark made before this time (UTC) is dealt with. A later one stays: it may be about something not yet seen.
    Clean(DateTime<Utc>),
}

/// What a store knows about a binding as a whole.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct BindingRow {
    /// How far the source was read.
    pub cursor: Option<SyncCursor>,
    /// What the calendar says is as old as this, UTC.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// Whether somebody said that something changed.
    pub dirty: bool,
}

/// Where mappings are kept. `invitations-sqlx` implements it behind its feature `calendar-sync`; the suite
/// `mapping_store_suite!` (feature `conformance`) checks an implementation.
///
/// Every method may fail with what the store says, usually [`Unavailable`](invitations_core::ErrorKind::Unavailable).
#[async_trait]
pub trait MappingStore: Debug + Send + Sync + 'static {
    /// The store's clock: it decides leases.
    async fn now(&self) -> Result<DateTime<Utc>>;

    /// Takes the lease for `ttl`, by the store's clock, if nobody holds it; every lease given out has a greater fence than the one before.
    /// The holder asking again in time extends it under the same fence. `None`: somebody else holds it.
    async fn lease(&self, binding: &BindingId, owner: &WorkerId, ttl: Duration) -> Result<Option<Fence>>;

    /// Gives the lease back; one that is no longer held is left alone.
    async fn release(&self, binding: &BindingId, fence: Fence) -> Result<()>;

    /// Rows ordered by source and slot, after `after`.
    async fn mappings(
        &self,
        binding: &BindingId,
        after: Option<(&SourceId, u16)>,
        limit: usize,
    ) -> Result<Vec<Mapping>>;

    /// The rows of these records, in any order.
    async fn find(&self, binding: &BindingId, ids: &[SourceId]) -> Result<Vec<Mapping>>;

    /// What is known about the binding; the default for one never heard of.
    async fn binding(&self, binding: &BindingId) -> Result<BindingRow>;

    /// Writes all of it, in order, or nothing.
    ///
    /// # Errors
    /// [`Conflict`](invitations_core::ErrorKind::Conflict) unless `fence` is of the last lease given out.
    async fn commit(&self, binding: &BindingId, fence: Fence, writes: Vec<SyncWrite>) -> Result<()>;

    /// Says that something changed, now, by the store's clock. Needs no lease.
    async fn mark_dirty(&self, binding: &BindingId) -> Result<()>;

    /// Dirty bindings that nobody holds, at most `limit`.
    async fn due(&self, limit: usize) -> Result<Vec<BindingId>>;
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<T: MappingStore + ?Sized> MappingStore for Arc<T> {
    async fn now(&self) -> Result<DateTime<Utc>> {
        (**self).now().await
    }
    async fn lease(&self, binding: &BindingId, owner: &WorkerId, ttl: Duration) -> Result<Option<Fence>> {
        (**self).lease(binding, owner, ttl).await
    }
    async fn release(&self, binding: &BindingId, fence: Fence) -> Result<()> {
        (**self).release(binding, fence).await
    }
    async fn mappings(
        &self,
        binding: &BindingId,
        after: Option<(&SourceId, u16)>,
        limit: usize,
    ) -> Result<Vec<Mapping>> {
        (**self).mappings(binding, after, limit).await
    }
    async fn find(&self, binding: &BindingId, ids: &[SourceId]) -> Result<Vec<Mapping>> {
        (**self).find(binding, ids).await
    }
    async fn binding(&self, binding: &BindingId) -> Result<BindingRow> {
        (**self).binding(binding).await
    }
    async fn commit(&self, binding: &BindingId, fence: Fence, writes: Vec<SyncWrite>) -> Result<()> {
        (**self).commit(binding, fence, writes).await
    }
    async fn mark_dirty(&self, binding: &BindingId) -> Result<()> {
        (**self).mark_dirty(binding).await
    }
    async fn due(&self, limit: usize) -> Result<Vec<BindingId>> {
        (**self).due(limit).await
    }
}

//! The store in memory keeps the contract.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::DateTime;
use invitations_core::{
    conformance::invitation_store::InvitationStoreFixture, invitation::InvitationStore, invitation_store_suite,
    memory::MemoryInvitationStore, runtime::ManualClock,
};

pub(crate) struct Fixture(pub(crate) ManualClock);

impl Fixture {
    pub(crate) fn new() -> Self {
        Self(ManualClock::new(DateTime::from_timestamp(1_800_000_000, 123_456_789).unwrap()))
    }

    pub(crate) fn memory(&self) -> MemoryInvitationStore {
        MemoryInvitationStore::new(Arc::new(self.0.clone()))
    }
}

#[async_trait]
impl InvitationStoreFixture for Fixture {
    async fn store(&self) -> Arc<dyn InvitationStore> {
        Arc::new(self.memory())
    }

    async fn pass(&self, time: Duration) {
        self.0.advance(time);
    }
}

invitation_store_suite!(
    #[tokio::test]
    Fixture::new()
);

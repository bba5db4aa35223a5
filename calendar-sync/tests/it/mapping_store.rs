//! The in-memory store keeps the contract.

use std::{sync::Arc, time::Duration};

use calendar_sync::{MappingStore, conformance::mapping_store::MappingFixture, memory::MemoryMappings};
use invitations_core::runtime::ManualClock;

use crate::world::start;

struct InMemory(ManualClock);

impl MappingFixture for InMemory {
    async fn store(&self) -> Arc<dyn MappingStore> {
        Arc::new(MemoryMappings::new(Arc::new(self.0.clone())))
    }
    async fn pass(&self, time: Duration) {
        self.0.advance(time);
    }
}

calendar_sync::mapping_store_suite!(
    #[tokio::test]
    InMemory(ManualClock::new(start()))
);

//! The suites over our own implementations.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use invitations_core::{
    conformance::{SealerFixture, TokenSourceFixture, TokenStoreFixture},
    memory::MemoryTokenStore,
    runtime::{ManualClock, TokioSpawner},
    secret::{KeyRing, Sealer},
    token::{ApplicationTokens, AuthorizationServer, TokenSource, TokenStore},
};

use super::world::{Server, World};

struct Memory(ManualClock);

#[async_trait]
impl TokenStoreFixture for Memory {
    async fn store(&self) -> Arc<dyn TokenStore> {
        Arc::new(MemoryTokenStore::new(Arc::new(self.0.clone())))
    }
    async fn pass(&self, time: Duration) {
        self.0.advance(time);
    }
}

mod memory_store {
    use super::*;
    invitations_core::token_store_suite!(
        #[tokio::test]
        Memory(ManualClock::new(chrono::DateTime::UNIX_EPOCH))
    );
}

struct OfAConnection;

#[async_trait]
impl TokenSourceFixture for OfAConnection {
    async fn source(&self) -> Arc<dyn TokenSource> {
        let world = World::new();
        let id = world.connect("account").await;
        world.source(&id)
    }
}

mod connection_tokens {
    use super::*;
    invitations_core::token_source_suite!(
        #[tokio::test]
        OfAConnection
    );
}

struct OfTheApplication;

#[async_trait]
impl TokenSourceFixture for OfTheApplication {
    async fn source(&self) -> Arc<dyn TokenSource> {
        let clock = ManualClock::new(chrono::DateTime::UNIX_EPOCH);
        let server = Server::new(&clock, |_| {}) as Arc<dyn AuthorizationServer>;
        Arc::new(ApplicationTokens::with_runtime(server, Arc::new(clock), Arc::new(TokioSpawner)))
    }
}

mod application_tokens {
    use super::*;
    invitations_core::token_source_suite!(
        #[tokio::test]
        OfTheApplication
    );
}

struct Rotated;

#[async_trait]
impl SealerFixture for Rotated {
    async fn sealer(&self) -> Arc<dyn Sealer> {
        Arc::new(KeyRing::new("old", [1; 32]).unwrap().with_key("new", [2; 32]).unwrap())
    }
}

mod key_ring {
    use super::*;
    invitations_core::sealer_suite!(
        #[tokio::test]
        Rotated
    );
}

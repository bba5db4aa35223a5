//! Connections whose tokens are sealed under a key in a key management service.

use std::sync::Arc;

use invitations_core::{
    ErrorKind,
    ids::WorkerId,
    memory::MemoryKeyService,
    runtime::ManualClock,
    secret::{EnvelopeSealer, KeyService, Sealer, Sealers},
    token::{ConnectionStatus, Reseal},
};

use super::world::{World, provider, ring, secs, tenant};

fn envelope(service: &Arc<MemoryKeyService>, clock: &ManualClock) -> Arc<dyn Sealer> {
    let service: Arc<dyn KeyService> = Arc::<MemoryKeyService>::clone(service);
    Arc::new(EnvelopeSealer::new("kms", service, Arc::new(clock.clone())).unwrap())
}

fn old() -> Arc<dyn Sealer> {
    Arc::new(ring([7; 32]))
}

fn reseal(world: &World, sealer: Arc<dyn Sealer>) -> Reseal {
    Reseal::new(world.stored(), sealer, WorkerId::parse("reseal").unwrap())
}

#[tokio::test]
async fn tokens_move_from_a_key_ring_to_a_key_service_and_back() {
    let world = World::new();
    let service = Arc::new(MemoryKeyService::new([1; 32]));
    let mut ids = Vec::new();
    for account in ["ada", "bert", "carla"] {
        ids.push(world.connect(account).await);
    }
    let there: Arc<dyn Sealer> =
        Arc::new(Sealers::new(envelope(&service, &world.clock)).opening(["key"], old()).unwrap());
    let back: Arc<dyn Sealer> =
        Arc::new(Sealers::new(old()).opening(["kms"], envelope(&service, &world.clock)).unwrap());
    let alone: [Arc<dyn Sealer>; 2] = [envelope(&service, &world.clock), old()];
    for ((sealer, key), alone) in [(there, "kms"), (back, "key")].into_iter().zip(alone) {
        // served all the while
        let between = world.other_with_sealer(Arc::clone(&sealer));
        for id in &ids {
            between.token(id).await.unwrap();
        }
        let job = reseal(&world, sealer);
        let round = job.run().await.unwrap();
        assert_eq!((round.done, round.busy.len(), round.failed.len()), (3, 0, 0));
        assert_eq!(job.run().await.unwrap().done, 0);
        assert_eq!(job.keys_in_use().await.unwrap().iter().collect::<Vec<_>>(), [(key, 3)]);
        // the other one is not needed any more
        let after = world.other_with_sealer(alone);
        after.expire();
        for id in &ids {
            after.token(id).await.unwrap();
        }
        assert_eq!(reseal(&world, old()).keys_in_use().await.unwrap().iter().collect::<Vec<_>>(), [(key, 3)]);
    }
}

#[tokio::test]
async fn an_outage_passes_and_asks_nobody_to_connect_again() {
    let first = World::new();
    let service = Arc::new(MemoryKeyService::new([1; 32]));
    let world = first.other_with_sealer(envelope(&service, &first.clock));
    let id = world.connect("ada").await;
    world.expire();
    service.set_down(true);
    for process in [&world, &first.other_with_sealer(envelope(&service, &first.clock))] {
        let error = process.token(&id).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        world.clock.advance(secs(60));
    }
    assert_eq!((world.status(&id).await, world.server.refreshes()), (ConnectionStatus::Valid, 0));
    service.set_down(false);
    world.token(&id).await.unwrap();

    // it goes down after the server gave new tokens: they are served, and written when it is back
    world.expire();
    let before = world.row(&id).await.generation;
    // the data key of the read is in memory, the one of the write is over: a new one is needed
    let reads = first.other_with_sealer(envelope(&service, &first.clock));
    reads.server.will([super::world::Fault::Slow(secs(4))]);
    let (connections, asked) = (reads.connections.clone(), id.clone());
    let asking = tokio::spawn(async move { connections.source(&tenant(), &provider(), &asked).access_token().await });
    super::world::settle().await;
    service.set_down(true);
    world.clock.advance(secs(4));
    super::world::settle().await;
    assert!(asking.await.unwrap().is_ok());
    assert_eq!(world.row(&id).await.generation, before);
    service.set_down(false);
    for _ in 0..10 {
        world.clock.advance(secs(3));
        super::world::settle().await;
    }
    assert_eq!(world.row(&id).await.generation, before + 1);
    assert_eq!(world.status(&id).await, ConnectionStatus::Valid);
}

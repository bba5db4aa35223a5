//! A key is replaced while its tokens are in use.

use std::sync::Arc;

use invitations_core::{
    ErrorKind,
    ids::{ConnectionId, WorkerId},
    runtime::Timing,
    secret::{KeyRing, Sealed},
    token::{GrantFailureClass, Reseal, TokenCommit, TokenStore as _},
};

use super::world::{World, drive, ring, secs, tenant};

fn both() -> KeyRing {
    ring([7; 32]).with_key("new", [8; 32]).unwrap()
}

fn reseal(world: &World, keys: KeyRing) -> Reseal {
    Reseal::new(world.stored(), Arc::new(keys), WorkerId::parse("reseal").unwrap())
}

fn ids(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|number| format!("account{number}"))
}

#[tokio::test]
async fn abuse_g06_an_old_key_goes_when_nothing_needs_it_any_more() {
    let world = World::new();
    let mut connections = Vec::new();
    for account in ids(3) {
        connections.push(world.connect(&account).await);
    }
    let job = reseal(&world, both());
    let in_use = job.keys_in_use().await.unwrap();
    assert_eq!(in_use.iter().collect::<Vec<_>>(), [("key", 3)]);
    assert_eq!(both().without_key("key", &in_use).unwrap_err().kind(), ErrorKind::Conflict);

    let round = job.run().await.unwrap();
    assert_eq!((round.done, round.busy.len(), round.failed.len()), (3, 0, 0));
    assert_eq!(job.run().await.unwrap().done, 0, "once is enough");
    let in_use = job.keys_in_use().await.unwrap();
    assert_eq!(in_use.iter().collect::<Vec<_>>(), [("new", 3)]);

    let newer = world.other_with_ring(both().without_key("key", &in_use).unwrap());
    for id in &connections {
        newer.token(id).await.unwrap();
    }
    assert_eq!(world.server.refreshes(), 0);
    // nobody holds what was leased for it
    newer.expire();
    newer.token(&connections[0]).await.unwrap();
}

#[tokio::test]
async fn abuse_g06_a_disconnect_that_was_slower_does_not_bring_the_old_key_back() {
    let world = World::new();
    let id = world.connect("account").await;
    let down = || Err(GrantFailureClass::Transient { acted: false, after: None });
    world.server.will_revoke([down(), down()]);
    drive(&world.clock, world.connections.disconnect(&tenant(), &id)).await.unwrap();
    let newer = world.other_with_ring(both());
    world.server.will_revoke_slowly(secs(5));
    let ours = tenant();
    let mut slow = Box::pin(newer.connections.disconnect(&ours, &id));
    for _ in 0..100 {
        assert!(futures_util::poll!(&mut slow).is_pending());
        tokio::task::yield_now().await;
    }
    let job = reseal(&world, both());
    assert_eq!(job.run().await.unwrap().done, 1);
    drive(&world.clock, slow).await.unwrap();
    let in_use = job.keys_in_use().await.unwrap();
    assert_eq!(in_use.iter().collect::<Vec<_>>(), [("new", 1)]);
}

async fn begun(world: &World, id: &ConnectionId) -> u64 {
    let other = WorkerId::parse("refreshing").unwrap();
    world.stored().lease(id, &other, Timing::default().lease).await.unwrap().unwrap().fence
}

#[tokio::test]
async fn abuse_g06_whoever_is_in_the_middle_of_a_refresh_is_left_alone() {
    let world = World::new();
    let id = world.connect("account").await;
    let fence = begun(&world, &id).await;
    let job = reseal(&world, both());
    let before = world.stored().connection(&id).await.unwrap();
    let round = job.run().await.unwrap();
    assert_eq!((round.done, round.busy), (0, vec![id.clone()]));
    assert_eq!(world.stored().connection(&id).await.unwrap(), before);
    world.stored().commit(TokenCommit::Release { id, fence }).await.unwrap();
    assert_eq!(job.run().await.unwrap().done, 1);
}

#[tokio::test]
async fn abuse_g04_what_cannot_be_opened_is_reported_and_left_as_it_is() {
    let world = World::new();
    let (broken, whole) = (world.connect("broken").await, world.connect("whole").await);
    let mut row = world.stored().connection(&broken).await.unwrap().unwrap();
    let mut bytes = row.tokens.as_ref().unwrap().as_bytes().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    row.tokens = Some(Sealed::from_bytes(bytes));
    let (epoch, generation, to) = (row.epoch, row.generation, Box::new(row.clone()));
    let tamper = TokenCommit::Update { epoch, generation, fence: None, release: false, to };
    world.stored().commit(tamper).await.unwrap();

    let job = reseal(&world, both());
    let round = job.run().await.unwrap();
    assert_eq!((round.done, round.failed.len()), (1, 1));
    let (id, error) = &round.failed[0];
    assert_eq!((id, error.kind()), (&broken, ErrorKind::Misconfigured));
    assert_eq!(world.stored().connection(&broken).await.unwrap(), Some(row));
    assert!(
        world.stored().lease(&broken, &WorkerId::parse("w").unwrap(), Timing::default().lease).await.unwrap().is_some()
    );
    // and so its key stays in use
    assert_eq!(job.keys_in_use().await.unwrap().of("key"), 1);
    assert!(world.other_with_ring(both()).token(&whole).await.is_ok());
}

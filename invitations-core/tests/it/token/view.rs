//! What an operator sees.

use invitations_core::{
    ErrorKind,
    ids::{ConnectionId, TenantId},
    token::{Cause, ConnectionState, ConnectionStatus, GrantFailureClass, Rotation, TokenCommit},
};

use super::world::{Fault, PLANTED, World, drive, owner, secs, settle, tenant};

async fn state(world: &World, id: &ConnectionId) -> ConnectionState {
    world.connections.status(&tenant(), id).await.unwrap().state
}

#[tokio::test]
async fn the_states_of_a_connections_life_are_told_apart() {
    let world = World::with(|profile| profile.rotation = Rotation::Grace(secs(300)), |builder| builder);
    let id = world.connect("ada").await;
    let began = world.connections.status(&tenant(), &id).await.unwrap();
    assert_eq!((&began.state, began.remedy.clone()), (&ConnectionState::Valid, None));
    assert_eq!(began.address.as_ref().unwrap().canonical(), "ada@people.example");
    assert_eq!((began.owner.clone(), began.scopes.len()), (owner(), 2));
    let next = began.next_at.unwrap();
    assert_eq!(began.since, Some(world.store_time().await));
    world.clock.advance((next - began.since.unwrap()).to_std().unwrap());
    assert_eq!(state(&world, &id).await, ConnectionState::Expiring);
    world.expire();
    assert_eq!(state(&world, &id).await, ConnectionState::Expired);

    world.server.will([Fault::Slow(secs(5)), Fault::LoseReply]);
    let asking = world.source(&id);
    let mut asking = Box::pin(asking.access_token());
    for _ in 0..100 {
        assert!(futures_util::poll!(&mut asking).is_pending());
        tokio::task::yield_now().await;
    }
    assert_eq!(state(&world, &id).await, ConnectionState::Refreshing);
    assert!(drive(&world.clock, asking).await.is_err());
    world.clock.advance(secs(21));
    let unknown = world.connections.status(&tenant(), &id).await.unwrap();
    assert_eq!((unknown.state, unknown.failing), (ConnectionState::RefreshUnknown, Some(ErrorKind::Unavailable)));

    world.clock.advance(secs(60));
    settle().await;
    let found_out = world.connections.status(&tenant(), &id).await.unwrap();
    assert_eq!((found_out.state, found_out.failing), (ConnectionState::Valid, None));
    assert_eq!(found_out.since, began.since, "it was valid all the time");
}

#[tokio::test]
async fn what_somebody_has_to_do_is_said() {
    let world = World::new();
    let id = world.connect("ada").await;
    world.expire();
    world.server.will([Fault::Fail(GrantFailureClass::GrantDead)]);
    assert!(world.token(&id).await.is_err());
    let view = world.connections.status(&tenant(), &id).await.unwrap();
    assert_eq!(view.state, ConnectionState::NeedsReconsent(Cause::GrantDead));
    assert_eq!((view.since, view.next_at), (Some(world.store_time().await), None));
    assert!(view.remedy.unwrap().action.contains("connect the account again"));

    let world = World::new();
    let ids = [world.connect("one").await, world.connect("two").await];
    world.expire();
    world.server.will([Fault::Fail(GrantFailureClass::ClientMisconfigured)]);
    let refused = world.store_time().await;
    assert!(world.token(&ids[0]).await.is_err());
    // tried again in vain, which makes it no younger
    world.clock.advance(secs(61));
    world.server.will([Fault::Fail(GrantFailureClass::ClientMisconfigured)]);
    assert!(world.token(&ids[0]).await.is_err());
    for id in &ids {
        let view = world.connections.status(&tenant(), id).await.unwrap();
        assert_eq!(view.state, ConnectionState::Suspended { client: view.client.clone() });
        assert_eq!(view.since, Some(refused));
        assert!(view.is_connected() && view.remedy.unwrap().action.contains("client id"));
    }
}

#[tokio::test]
async fn a_connection_is_suspended_since_its_client_was_refused_or_since_it_was_made() {
    let world = World::new();
    let older = world.connect("older").await;
    let connected = world.store_time().await;
    world.expire();
    world.clock.advance(secs(3_600));
    let refused = world.store_time().await;
    world.server.will([Fault::Fail(GrantFailureClass::ClientMisconfigured)]);
    assert!(world.token(&older).await.is_err());
    assert!(connected < refused);
    // a row that another machine with a good secret wrote meanwhile; only this machine's try says that all is well again
    world.clock.advance(secs(10));
    let row = world.row(&older).await;
    let mut newer = row.clone();
    newer.id = ConnectionId::parse("newer").unwrap();
    newer.since = Some(world.store_time().await);
    world.store.commit_as_is(TokenCommit::Create(Box::new(newer.clone()))).await;
    // of an older version, which did not write it down
    let mut unknown = row;
    (unknown.id, unknown.since) = (ConnectionId::parse("unknown").unwrap(), None);
    world.store.commit_as_is(TokenCommit::Create(Box::new(unknown.clone()))).await;

    let since = async |id: &ConnectionId| {
        let view = world.connections.status(&tenant(), id).await.unwrap();
        assert_eq!(view.state, ConnectionState::Suspended { client: view.client.clone() });
        view.since
    };
    assert_eq!(since(&older).await, Some(refused));
    assert_eq!(since(&newer.id).await, newer.since, "it did not stand there before it was made");
    assert_eq!(since(&unknown.id).await, Some(refused));

    // a connection that needs consent is that since it does, whatever became of its client
    let mut dead = newer;
    dead.id = ConnectionId::parse("dead").unwrap();
    dead.status = ConnectionStatus::NeedsReconsent(Cause::GrantDead);
    dead.since = Some(connected);
    world.store.commit_as_is(TokenCommit::Create(Box::new(dead.clone()))).await;
    let view = world.connections.status(&tenant(), &dead.id).await.unwrap();
    assert_eq!((view.state, view.since), (ConnectionState::NeedsReconsent(Cause::GrantDead), Some(connected)));

    // a success says that the client is accepted: from then on it is valid, since it was connected
    world.clock.advance(secs(61));
    world.token(&older).await.unwrap();
    let view = world.connections.status(&tenant(), &older).await.unwrap();
    assert_eq!((view.state, view.since), (ConnectionState::Valid, Some(connected)));
}

#[tokio::test]
async fn a_list_shows_the_tenants_connections_without_tokens() {
    let world = World::new();
    let mut ids = vec![world.connect("one").await, world.connect("two").await];
    ids.sort();
    let all = world.connections.list_connections(&tenant(), None).await.unwrap();
    assert_eq!(all.items.iter().map(|view| view.id.clone()).collect::<Vec<_>>(), ids);
    for view in &all.items {
        assert_eq!(*view, world.connections.status(&tenant(), &view.id).await.unwrap());
    }
    assert!(all.next.is_none() && !format!("{all:?}").contains(PLANTED));
    let others = world.connections.list_connections(&TenantId::parse("other").unwrap(), None).await.unwrap();
    assert!(others.items.is_empty());
}

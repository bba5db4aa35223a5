//! Refresh tokens that an operator brings in.

use std::sync::{Arc, atomic::Ordering};

use invitations_core::{
    ErrorKind, Result,
    ids::{ClientId, ConnectionId, ProviderId},
    secret::RefreshToken,
    token::{
        AuthorizationServer, BeginOptions, Cause, ConnectionState, ConnectionStatus, ConnectionView, GrantFailureClass,
        Import, Rotation, Subject, TokenStore as _,
    },
};

use super::world::{Fault, PLANTED, World, drive, number, owner, secs, settle, state_of, tenant};

fn provider() -> ProviderId {
    ProviderId::parse("provider").unwrap()
}

fn import(refresh: RefreshToken) -> Import {
    let (client, subject) = (ClientId::parse("client").unwrap(), Subject::parse("organisation").unwrap());
    Import::new(tenant(), owner(), provider(), client, subject, refresh)
}

async fn imported(world: &World, import: Import) -> Result<ConnectionView> {
    drive(&world.clock, world.connections.import(import)).await
}

#[tokio::test]
async fn an_imported_token_is_sealed_at_once_and_lives_as_any_other() {
    let world = World::with(|profile| profile.keep_alive = Some(secs(1800)), |builder| builder);
    let first = world.server.issue(&format!("imported-{PLANTED}"));
    let view = imported(&world, import(first)).await.unwrap();
    assert_eq!((view.state.clone(), view.subject.as_str()), (ConnectionState::Expired, "organisation"));
    assert!(view.is_connected() && view.next_at.is_some());
    assert_eq!(world.server.refreshes(), 0, "nothing is sent for it");
    let stored = serde_json::to_string(&world.row(&view.id).await).unwrap();
    assert!(!stored.contains(PLANTED) && !stored.contains("imported-"), "{stored}");

    // a year of it, in two processes, with nobody asking: each refresh uses the token that the last one brought
    let other = world.other();
    for at in 0..365 {
        let process = if at % 2 == 0 { &world } else { &other };
        drive(&world.clock, process.connections.run_once(10)).await.unwrap();
        world.clock.advance(secs(24 * 3600));
    }
    let sent = world.server.refreshed_with();
    assert_eq!(sent[0], format!("imported-{PLANTED}"));
    assert!(sent.len() >= 365 && sent.windows(2).all(|two| two[0] != two[1]), "{sent:?}");
    assert_eq!(world.status(&view.id).await, ConnectionStatus::Valid);
    assert!(number(&world.token(&view.id).await.unwrap()) >= 365);
}

#[tokio::test]
async fn the_same_token_again_changes_nothing() {
    let world = World::new();
    let first = world.server.issue("first");
    let view = imported(&world, import(first.clone())).await.unwrap();
    world.token(&view.id).await.unwrap();
    // the server took `first` back when it was redeemed: storing it again would end the connection
    assert_eq!(world.server.refreshed_with(), ["first"]);
    let before = world.row(&view.id).await;
    for process in [&world, &world.other()] {
        let again = imported(process, import(first.clone())).await.unwrap();
        assert_eq!((again.id, again.epoch), (view.id.clone(), 1));
    }
    assert_eq!(world.row(&view.id).await, before);
    world.expire();
    world.token(&view.id).await.unwrap();

    // what was disconnected stays so, until somebody means it
    drive(&world.clock, world.connections.disconnect(&tenant(), &view.id)).await.unwrap();
    assert_eq!(imported(&world, import(first.clone())).await.unwrap().state, ConnectionState::Revoked);
    let meant = imported(&world, import(first).anew()).await.unwrap();
    assert_eq!((meant.id, meant.state), (view.id, ConnectionState::Expired));
}

#[tokio::test]
async fn another_token_is_a_new_consent_to_the_same_connection() {
    let world = World::with(|profile| profile.rotation = Rotation::Same, |builder| builder);
    let view = imported(&world, import(RefreshToken::new("dead"))).await.unwrap();
    assert_eq!(world.token(&view.id).await.unwrap_err().kind(), ErrorKind::NeedsReconsent);
    assert_eq!(world.status(&view.id).await, ConnectionStatus::NeedsReconsent(Cause::GrantDead));

    let good = world.server.issue("good");
    let renewed = imported(&world, import(good)).await.unwrap();
    assert_eq!((renewed.id.clone(), renewed.epoch, renewed.state), (view.id.clone(), 2, ConnectionState::Expired));
    world.token(&view.id).await.unwrap();
    let page = world.connections.list_connections(&tenant(), None).await.unwrap();
    assert_eq!(page.items.len(), 1);
}

#[tokio::test]
async fn a_later_consent_by_browser_is_not_undone_by_the_old_token() {
    let world = World::new();
    let first = world.server.issue("first");
    let view = imported(&world, import(first.clone())).await.unwrap();
    world.server.sign_in_as("organisation");
    let options = BeginOptions::new().renewing(view.id.clone());
    let url = world.connections.begin_with(&tenant(), &owner(), &provider(), "/back", options).await.unwrap();
    let query = format!("code=c&state={}", state_of(&url));
    drive(&world.clock, world.connections.complete(&query, &owner())).await.unwrap();
    let before = world.row(&view.id).await;
    assert_eq!(before.epoch, 2);
    imported(&world, import(first)).await.unwrap();
    assert_eq!(world.row(&view.id).await, before);
}

#[tokio::test]
async fn a_refresh_under_way_does_not_write_over_a_new_consent() {
    let world = World::new();
    let view = imported(&world, import(world.server.issue("first"))).await.unwrap();
    world.server.will([Fault::Slow(secs(5))]);
    let (connections, id) = (world.connections.clone(), view.id.clone());
    let asking = tokio::spawn(async move { connections.source(&tenant(), &provider(), &id).access_token().await });
    settle().await;
    assert_eq!(world.server.refreshed_with(), ["first"]);
    imported(&world, import(world.server.issue("second"))).await.unwrap();
    let token = drive(&world.clock, asking).await.unwrap().unwrap();
    let row = world.row(&view.id).await;
    assert_eq!((row.epoch, row.generation, number(&token)), (2, 2, 2));
    assert_eq!(world.server.refreshed_with(), ["first", "second"]);
}

#[tokio::test]
async fn imports_at_once_are_one_connection() {
    let world = World::new();
    let (other, first) = (world.other(), world.server.issue("first"));
    for process in [&world, &other] {
        process.store.waits.store(true, Ordering::SeqCst);
    }
    let both = futures_util::future::join(
        world.connections.import(import(first.clone())),
        other.connections.import(import(first)),
    );
    let (one, two) = drive(&world.clock, both).await;
    assert_eq!((one.unwrap().id, two.unwrap().epoch), (only(&world).await, 1));
}

async fn only(world: &World) -> ConnectionId {
    let mut items = world.stored().connections(&tenant(), None).await.unwrap().items;
    assert_eq!(items.len(), 1);
    items.remove(0).id
}

#[tokio::test]
async fn failures_store_nothing_and_say_whose_they_are() {
    let world = World::new();
    let mut stranger = import(RefreshToken::new("first"));
    stranger.client = ClientId::parse("stranger").unwrap();
    assert_eq!(imported(&world, stranger).await.unwrap_err().kind(), ErrorKind::Misconfigured);
    world.store.down.store(true, Ordering::SeqCst);
    let down = imported(&world, import(RefreshToken::new("first"))).await.unwrap_err();
    assert_eq!(down.kind(), ErrorKind::Unavailable);
    world.store.down.store(false, Ordering::SeqCst);
    assert!(world.stored().connections(&tenant(), None).await.unwrap().items.is_empty());
    // a server that is down for the first refresh is no reason to give the token up
    let view = imported(&world, import(world.server.issue("first"))).await.unwrap();
    world.server.will([Fault::Fail(GrantFailureClass::Transient { acted: false, after: None })]);
    assert_eq!(world.token(&view.id).await.unwrap_err().kind(), ErrorKind::Unavailable);
    world.clock.advance(secs(60));
    world.token(&view.id).await.unwrap();
}

#[tokio::test]
async fn no_browser_is_sent_to_a_server_for_imports() {
    let world = World::with(
        |_| {},
        |builder| {
            let clock = invitations_core::runtime::ManualClock::new(chrono::DateTime::UNIX_EPOCH);
            let service = super::world::Server::new(&clock, |profile| {
                profile.client = ClientId::parse("service").unwrap();
            });
            builder.server_without_redirect(service as Arc<dyn AuthorizationServer>)
        },
    );
    // registered later, and still not the one that begins
    let id = world.connect("account").await;
    assert_eq!(world.row(&id).await.client.as_str(), "client");
    let mut of_service = import(RefreshToken::new("first"));
    of_service.client = ClientId::parse("service").unwrap();
    assert_eq!(imported(&world, of_service).await.unwrap().client.as_str(), "service");
}

use std::sync::Arc;

use invitations_core::{
    ErrorKind,
    ids::{PrincipalId, ProviderId},
    runtime::Timing,
    secret::KeyRing,
    token::{BeginOptions, ConnectionStatus, Connections},
};
use url::Url;

use super::world::{World, drive, owner, secs, state_of, tenant};

fn provider() -> ProviderId {
    ProviderId::parse("provider").unwrap()
}

async fn begin(world: &World) -> String {
    state_of(&world.connections.begin(&tenant(), &owner(), &provider(), "/settings?tab=1").await.unwrap())
}

async fn refused(world: &World, query: &str) -> ErrorKind {
    drive(&world.clock, world.connections.complete(query, &owner())).await.unwrap_err().kind()
}

#[tokio::test]
async fn token_k01_a_state_works_once_and_brings_back_where_it_began() {
    let world = World::new();
    let state = begin(&world).await;
    let query = format!("?code=c&state={state}");
    let connected = world.connections.complete(&query, &owner()).await.unwrap();
    assert_eq!(connected.return_to, "/settings?tab=1");
    let row = connected.connection;
    assert_eq!((row.epoch, row.generation, row.status), (1, 1, ConnectionStatus::Valid));
    assert_eq!((row.subject.as_str(), row.tokens), ("account", None));
    assert_eq!(refused(&world, &query).await, ErrorKind::PermissionDenied);
    assert_eq!(world.server.requests(), 1, "the code is redeemed once");
}

#[tokio::test]
async fn a_callback_that_is_not_ours_is_refused_before_any_request() {
    let world = World::new();
    for (query, expected) in [
        ("", ErrorKind::InvalidInput),
        ("code=c", ErrorKind::InvalidInput),
        ("code=c&state=guess", ErrorKind::PermissionDenied),
        ("code=c&state=a&state=b", ErrorKind::InvalidInput),
    ] {
        assert_eq!(refused(&world, query).await, expected, "{query}");
    }
    let state = begin(&world).await;
    assert_eq!(refused(&world, &format!("state={state}")).await, ErrorKind::InvalidInput);
    let state = begin(&world).await;
    let no = format!("state={state}&error=access_denied&error_description=secret");
    let error = world.connections.complete(&no, &owner()).await.unwrap_err();
    assert_eq!((error.kind(), error.to_string().contains("secret")), (ErrorKind::PermissionDenied, false));
    assert!(error.to_string().contains("access_denied"));
    let state = begin(&world).await;
    world.clock.advance(secs(601));
    assert_eq!(refused(&world, &format!("code=c&state={state}")).await, ErrorKind::PermissionDenied);
    let state = begin(&world).await;
    let stranger = PrincipalId::parse("stranger").unwrap();
    let error = world.connections.complete(&format!("code=c&state={state}"), &stranger).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert_eq!(world.server.requests(), 0);
}

#[tokio::test]
async fn the_issuer_is_checked_where_the_server_names_one() {
    let issuer = Url::parse("https://login.example").unwrap();
    let world = World::with(|profile| profile.issuer = Some(issuer), |builder| builder);
    for iss in ["", "&iss=https%3A%2F%2Fevil.example"] {
        let state = begin(&world).await;
        assert_eq!(refused(&world, &format!("code=c&state={state}{iss}")).await, ErrorKind::PermissionDenied);
    }
    let state = begin(&world).await;
    let query = format!("code=c&state={state}&iss=https%3A%2F%2Flogin.example");
    assert!(world.connections.complete(&query, &owner()).await.is_ok());
    assert_eq!(world.server.requests(), 1);
}

#[tokio::test]
async fn token_k16_the_same_account_is_the_same_connection_in_a_new_epoch() {
    let world = World::new();
    let id = world.connect("account").await;
    assert_eq!(world.connect("account").await, id);
    assert_ne!(world.connect("second account").await, id);
    let row = world.connections.status(&id).await.unwrap();
    assert_eq!((row.epoch, row.generation), (2, 1));
}

#[tokio::test]
async fn token_k17_another_account_does_not_renew() {
    let world = World::new();
    let id = world.connect("account").await;
    let options = BeginOptions::new().renewing(id.clone());
    let url = world.connections.begin_with(&tenant(), &owner(), &provider(), "/", options.clone()).await.unwrap();
    world.server.sign_in_as("another");
    assert_eq!(refused(&world, &format!("code=c&state={}", state_of(&url))).await, ErrorKind::Conflict);
    assert_eq!(world.connections.status(&id).await.unwrap().epoch, 1);
    let stranger = PrincipalId::parse("stranger").unwrap();
    let theirs = world.connections.begin_with(&tenant(), &stranger, &provider(), "/", options).await;
    assert_eq!(theirs.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_wrong_set_up_is_told_before_any_request() {
    let world = World::new();
    let unknown = ProviderId::parse("unknown").unwrap();
    let error = world.connections.begin(&tenant(), &owner(), &unknown, "/").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    let error = world.connections.begin(&tenant(), &owner(), &provider(), "//evil.example").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let mut timing = Timing::default();
    timing.lease = timing.request;
    let sealer = Arc::new(KeyRing::new("key", [7; 32]).unwrap());
    let short = Connections::builder(Arc::clone(&world.store) as _, sealer).timing(timing).build();
    assert_eq!(short.unwrap_err().kind(), ErrorKind::Misconfigured);
}

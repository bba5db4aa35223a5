use sha2::{Digest as _, Sha256};
use std::sync::Arc;

use super::world::{Fault, PLANTED, World, drive, number, owner, secs, settle, state_of, tenant};
use invitations_core::{
    Error, ErrorKind,
    ids::{PrincipalId, ProviderId, TenantId},
    runtime::Timing,
    secret::KeyRing,
    token::{BeginOptions, ConnectionState, ConnectionView, Connections, TokenStore as _},
};

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
    let view = connected.connection;
    assert_eq!((view.epoch, &view.state, view.subject.as_str()), (1, &ConnectionState::Valid, "account"));
    assert_eq!(world.row(&view.id).await.generation, 1);
    assert_eq!(refused(&world, &query).await, ErrorKind::PermissionDenied);
    assert_eq!(world.server.requests(), 1, "the code is redeemed once");
}

#[tokio::test]
async fn abuse_f01_a_callback_that_is_not_ours_is_refused_before_any_request() {
    let world = World::new();
    for (query, expected) in [
        ("", ErrorKind::InvalidInput),
        ("code=c", ErrorKind::InvalidInput),
        ("code=c&state=guess", ErrorKind::PermissionDenied),
        ("code=c&state=a&state=b", ErrorKind::PermissionDenied),
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
async fn token_k16_the_same_account_is_the_same_connection_in_a_new_epoch() {
    let world = World::new();
    let id = world.connect("account").await;
    assert_eq!(world.connect("account").await, id);
    assert_ne!(world.connect("second account").await, id);
    let row = world.row(&id).await;
    assert_eq!((row.epoch, row.generation), (2, 1));
}

#[tokio::test]
async fn token_k17_abuse_f05_another_account_does_not_renew() {
    let world = World::new();
    let id = world.connect("account").await;
    let options = BeginOptions::new().renewing(id.clone());
    let url = world.connections.begin_with(&tenant(), &owner(), &provider(), "/", options.clone()).await.unwrap();
    world.server.sign_in_as("another");
    assert_eq!(refused(&world, &format!("code=c&state={}", state_of(&url))).await, ErrorKind::Conflict);
    assert_eq!(world.row(&id).await.epoch, 1);
    let stranger = PrincipalId::parse("stranger").unwrap();
    let theirs = world.connections.begin_with(&tenant(), &stranger, &provider(), "/", options).await;
    assert_eq!(theirs.unwrap_err().kind(), ErrorKind::NotFound);
}

/// Comes back as `account` from a flow with `options`.
async fn with(world: &World, options: BeginOptions, account: &str) -> Result<ConnectionView, Error> {
    let url = world.connections.begin_with(&tenant(), &owner(), &provider(), "/", options).await?;
    world.server.sign_in_as(account);
    let query = format!("code=c&state={}", state_of(&url));
    Ok(drive(&world.clock, world.connections.complete(&query, &owner())).await?.connection)
}

#[tokio::test]
async fn token_k17_a_rebinding_goes_on_with_another_account() {
    let world = World::new();
    let id = world.connect("account").await;
    assert_eq!(number(&world.token(&id).await.unwrap()), 1);
    let view = with(&world, BeginOptions::new().rebinding(id.clone()), "another").await.unwrap();
    assert_eq!((&view.id, view.epoch, view.subject.as_str()), (&id, 2, "another"));
    assert_eq!(view.address.unwrap().canonical(), "another@people.example");
    settle().await;
    assert_eq!(world.server.revoked(), [format!("refresh-{PLANTED}-1")], "the replaced account's");
    assert_eq!(number(&world.token(&id).await.unwrap()), 2);

    // the account that was replaced can be connected again, and does not get the other's connection
    let again = world.connect("account").await;
    assert_ne!(again, id);
    assert_eq!(world.connect("account").await, again);
    assert_eq!(world.row(&id).await.subject.as_str(), "another");
    // and an account that stays takes no tokens back
    with(&world, BeginOptions::new().rebinding(id.clone()), "another").await.unwrap();
    settle().await;
    assert_eq!(world.server.tells(), 1);
}

#[tokio::test]
async fn token_k17_a_store_cannot_turn_a_renewal_into_a_rebinding() {
    let world = World::new();
    let id = world.connect("account").await;
    let options = BeginOptions::new().renewing(id.clone());
    let url = world.connections.begin_with(&tenant(), &owner(), &provider(), "/", options).await.unwrap();
    let state = state_of(&url);
    let mut flow = world.store.take_flow(&Sha256::digest(state.as_bytes()).into()).await.unwrap().unwrap();
    flow.rebinds = true;
    world.store.begin_flow(&flow).await.unwrap();
    world.server.sign_in_as("another");
    assert_eq!(refused(&world, &format!("code=c&state={state}")).await, ErrorKind::Misconfigured);
    assert_eq!(world.row(&id).await.epoch, 1);
}

#[tokio::test]
async fn token_k17_a_refresh_under_way_cannot_undo_a_rebinding() {
    let world = World::new();
    let id = world.connect("account").await;
    let other = world.other();
    world.expire();
    world.server.will([Fault::Slow(secs(5))]);
    let source = world.source(&id);
    let mut asking = Box::pin(source.access_token());
    for _ in 0..100 {
        assert!(futures_util::poll!(&mut asking).is_pending());
        tokio::task::yield_now().await;
    }
    with(&other, BeginOptions::new().rebinding(id.clone()), "another").await.unwrap();
    assert_eq!(number(&drive(&world.clock, asking).await.unwrap()), 2, "the other account's token");
    let row = world.row(&id).await;
    assert_eq!((row.epoch, row.generation, row.subject.as_str()), (2, 1, "another"));
    settle().await;
    let mut revoked = world.server.revoked();
    revoked.sort();
    let ours = [1, 3].map(|number| format!("refresh-{PLANTED}-{number}"));
    assert_eq!(revoked, ours, "K06: the replaced account's, and what was won for it meanwhile");
}

#[tokio::test]
async fn abuse_g19_what_is_not_the_owners_is_not_found() {
    let world = World::new();
    let id = world.connect("account").await;
    let (other, stranger) = (TenantId::parse("other").unwrap(), PrincipalId::parse("stranger").unwrap());
    for options in [BeginOptions::new().renewing(id.clone()), BeginOptions::new().rebinding(id.clone())] {
        for (tenant, owner) in [(&other, &owner()), (&tenant(), &stranger)] {
            let begun = world.connections.begin_with(tenant, owner, &provider(), "/", options.clone()).await;
            assert_eq!(begun.unwrap_err().kind(), ErrorKind::NotFound);
        }
    }
    // the same account connected by somebody else is another connection
    world.server.sign_in_as("account");
    let url = world.connections.begin(&other, &owner(), &provider(), "/").await.unwrap();
    let query = format!("code=c&state={}", state_of(&url));
    let theirs = world.connections.complete(&query, &owner()).await.unwrap().connection;
    assert_ne!(theirs.id, id);
    let listed = world.connections.list_connections(&other, None).await.unwrap().items;
    assert_eq!(listed, [theirs]);
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

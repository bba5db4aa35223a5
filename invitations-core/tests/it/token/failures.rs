use std::{error::Error as _, fmt::Write as _};

use futures_util::FutureExt as _;
use invitations_core::{
    Error, ErrorKind,
    ids::ProviderId,
    token::{Cause, ConnectionStatus, GrantFailureClass},
};

use super::{
    log::Log,
    world::{Fault, PLANTED, World, drive, number, owner, secs, state_of, tenant},
};

fn dead() -> Fault {
    Fault::Fail(GrantFailureClass::GrantDead)
}

#[tokio::test]
async fn token_k10_a_dead_grant_needs_consent_again_and_sends_nothing_more() {
    let world = World::new();
    let id = world.connect("account").await;
    world.expire();
    world.server.will([dead()]);
    for _ in 0..3 {
        let error = world.token(&id).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NeedsReconsent);
        assert!(error.remedy().is_some());
    }
    assert_eq!(world.status(&id).await, ConnectionStatus::NeedsReconsent(Cause::GrantDead));
    assert_eq!(world.server.refreshes(), 1);
}

#[tokio::test]
async fn token_k10_a_dead_grant_of_an_older_consent_is_no_matter() {
    let world = World::new();
    let id = world.connect("account").await;
    let other = world.other();
    world.expire();
    world.server.will([Fault::Slow(secs(5))]);
    let source = world.source(&id);
    let mut asking = Box::pin(source.access_token());
    for _ in 0..100 {
        assert!((&mut asking).now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    assert_eq!(world.server.refreshes(), 1, "the refresh is out");
    // meanwhile the owner connects again, and that ends the older grant
    assert_eq!(other.connect("account").await, id);
    world.server.will([dead()]);
    let token = drive(&world.clock, asking).await.unwrap();
    assert_eq!(number(&token), 2, "the new consent's token");
    assert_eq!(world.status(&id).await, ConnectionStatus::Valid);
}

#[tokio::test]
async fn token_k12_abuse_g13_an_operators_expired_secret_asks_no_user_to_reconnect() {
    let world = World::new();
    let ids = [world.connect("one").await, world.connect("two").await];
    world.expire();
    world.server.will([Fault::Fail(GrantFailureClass::ClientMisconfigured)]);
    for id in &ids {
        let error = world.token(id).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Misconfigured);
        assert_eq!(world.status(id).await, ConnectionStatus::Valid);
    }
    assert_eq!(world.server.refreshes(), 1, "the second is not even tried");
    world.clock.advance(secs(61));
    for id in &ids {
        assert!(world.token(id).await.is_ok(), "the secret was renewed");
        assert_eq!(world.status(id).await, ConnectionStatus::Valid);
    }
}

#[tokio::test]
async fn token_k12_abuse_g13_the_breaker_takes_three_dead_grants_for_the_clients_fault() {
    let world = World::new();
    let mut ids = Vec::new();
    for account in ["one", "two", "three", "four"] {
        ids.push(world.connect(account).await);
    }
    world.expire();
    world.server.will([dead(), dead(), dead()]);
    let mut kinds = Vec::new();
    for id in &ids {
        kinds.push(world.token(id).await.unwrap_err().kind());
    }
    let (reconsent, misconfigured) = (ErrorKind::NeedsReconsent, ErrorKind::Misconfigured);
    assert_eq!(kinds, [reconsent, reconsent, misconfigured, misconfigured]);
    for id in &ids {
        assert_eq!(world.status(id).await, ConnectionStatus::Valid, "also those that were marked first");
    }
    assert_eq!(world.server.refreshes(), 3);
    world.clock.advance(secs(61));
    for id in &ids {
        assert!(world.token(id).await.is_ok());
    }
}

#[tokio::test]
async fn token_k15_fewer_scopes_are_recorded_and_missing_ones_need_consent() {
    let fewer = || Fault::Scopes(vec!["read".to_owned()]);
    let world = World::new();
    let id = world.connect("account").await;
    world.expire();
    world.server.will([fewer()]);
    assert_eq!(number(&world.token(&id).await.unwrap()), 2);
    assert_eq!(world.row(&id).await.scopes, ["read"]);

    let provider = ProviderId::parse("provider").unwrap();
    let strict = World::with(|_| {}, |builder| builder.require_scopes(provider, ["write"]));
    let id = strict.connect("account").await;
    strict.expire();
    strict.server.will([fewer()]);
    assert_eq!(strict.token(&id).await.unwrap_err().kind(), ErrorKind::NeedsReconsent);
    let row = strict.row(&id).await;
    assert_eq!((row.status, row.generation), (ConnectionStatus::NeedsReconsent(Cause::ScopeMissing), 2));
}

#[tokio::test]
async fn token_k20_a_missing_key_is_the_operators_matter() {
    let world = World::new();
    let id = world.connect("account").await;
    let without_key = world.other_with_key([8; 32]);
    assert_eq!(without_key.token(&id).await.unwrap_err().kind(), ErrorKind::Misconfigured);
    world.expire();
    assert_eq!(without_key.token(&id).await.unwrap_err().kind(), ErrorKind::Misconfigured);
    assert_eq!(without_key.connections.disconnect(&tenant(), &id).await.unwrap_err().kind(), ErrorKind::Misconfigured);
    assert_eq!(world.status(&id).await, ConnectionStatus::Valid);
    assert_eq!(world.server.refreshes(), 0);
    assert!(world.token(&id).await.is_ok());
}

#[tokio::test]
async fn token_k07_retry_after_is_honoured_and_told() {
    let world = World::new();
    let id = world.connect("account").await;
    world.expire();
    let busy = GrantFailureClass::Transient { acted: false, after: Some(secs(40)) };
    world.server.will([Fault::Fail(busy)]);
    assert!(world.token(&id).await.is_err());
    world.clock.advance(secs(10));
    let error = world.source(&id).access_token().await.unwrap_err();
    assert_eq!(error.retry(), invitations_core::RetryClass::Safe { after: Some(secs(30)) });
    assert_eq!(world.row(&id).await.intent, None, "surely nothing happened there");
    world.clock.advance(secs(30));
    assert_eq!(number(&world.token(&id).await.unwrap()), 2);
}

#[tokio::test]
async fn token_k08_a_request_that_never_ends_is_cut_off() {
    let world = World::new();
    let id = world.connect("account").await;
    world.expire();
    world.server.will([Fault::Slow(secs(100_000))]);
    let error = world.token(&id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(world.row(&id).await.intent.is_some());
}

#[tokio::test]
async fn abuse_g22_nothing_shows_a_token() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let world = World::new();
    let id = world.connect("account").await;
    let source = world.source(&id);
    let token = source.access_token().await.unwrap();
    let mut shown = format!("{token:?} {source:?} {:?} {:#?}", world.connections, world.store);
    let row = world.row(&id).await;
    write!(shown, "{row:?} {}", serde_json::to_string(&row).unwrap()).unwrap();
    write!(shown, "{:?}", world.connections.status(&tenant(), &id).await).unwrap();
    for class in [
        GrantFailureClass::Unknown,
        GrantFailureClass::Config,
        GrantFailureClass::ClientMisconfigured,
        GrantFailureClass::Interaction { claims: None },
    ] {
        let world = World::new();
        let id = world.connect("account").await;
        world.expire();
        world.server.will([Fault::Fail(class.clone())]);
        let error: Error = world.token(&id).await.unwrap_err();
        write!(shown, "{error} {error:?} {:?}", error.source().map(ToString::to_string)).unwrap();
        world.server.will_revoke([Err(class)]);
        write!(shown, "{:?}", world.connections.disconnect(&tenant(), &id).await).unwrap();
        let state = state_of(&world.connections.begin(&tenant(), &owner(), &row.provider, "/").await.unwrap());
        let query = format!("error=server_error%20{PLANTED}&error_description={PLANTED}&state={state}");
        write!(shown, "{:?}", world.connections.callback(&query, &owner()).await).unwrap();
    }
    assert!(log.text().contains("not told of a disconnect"), "the log is written");
    shown.push_str(&log.text());
    assert!(!shown.contains(PLANTED), "{shown}");
}

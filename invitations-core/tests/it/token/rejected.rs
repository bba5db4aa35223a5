use futures_util::future::join_all;
use invitations_core::{
    ErrorKind, Result,
    ids::{ConnectionId, ProviderId},
    token::{AccessToken, AfterReject, BeginOptions, Cause, ConnectionStatus, Rejected},
};

use super::world::{Fault, World, drive, number, owner, secs, tenant};

async fn reject(world: &World, id: &ConnectionId, token: &AccessToken) -> Result<AfterReject> {
    drive(&world.clock, world.source(id).rejected(Rejected::new(token.clone()))).await
}

#[tokio::test]
async fn token_k13_a_thousand_rejections_of_one_token_cost_one_refresh() {
    let world = World::new();
    let id = world.connect("account").await;
    let token = world.token(&id).await.unwrap();
    let source = world.source(&id);
    let answers = drive(&world.clock, join_all((0..1000).map(|_| source.rejected(Rejected::new(token.clone()))))).await;
    assert!(answers.into_iter().all(|answer| answer.unwrap() == AfterReject::TryAgain));
    assert_eq!(number(&world.token(&id).await.unwrap()), 2);
    assert_eq!(world.server.refreshes(), 1);
}

#[tokio::test]
async fn token_k13_another_process_has_refreshed_already() {
    let world = World::new();
    let id = world.connect("account").await;
    let old = world.token(&id).await.unwrap();
    assert_eq!(reject(&world.other(), &id, &old).await.unwrap(), AfterReject::TryAgain);
    assert_eq!(reject(&world, &id, &old).await.unwrap(), AfterReject::TryAgain);
    assert_eq!(number(&world.token(&id).await.unwrap()), 2, "not the rejected one from memory");
    assert_eq!(world.server.refreshes(), 1);
}

#[tokio::test]
async fn token_k13_abuse_g14_two_forced_refreshes_that_did_not_help_are_enough() {
    let world = World::new();
    let id = world.connect("account").await;
    for _ in 0..2 {
        let token = world.token(&id).await.unwrap();
        assert_eq!(reject(&world, &id, &token).await.unwrap(), AfterReject::TryAgain);
    }
    for wait in [0, 100, 190] {
        world.clock.advance(secs(wait));
        let token = world.token(&id).await.unwrap();
        assert_eq!(reject(&world, &id, &token).await.unwrap(), AfterReject::GiveUp, "after {wait} s more");
    }
    assert_eq!(world.server.refreshes(), 2);
    world.clock.advance(secs(20));
    let token = world.token(&id).await.unwrap();
    assert_eq!(reject(&world, &id, &token).await.unwrap(), AfterReject::TryAgain, "five minutes later it may");
}

#[tokio::test]
async fn token_k13_the_same_token_again_is_given_up() {
    let world = World::new();
    let id = world.connect("account").await;
    let token = world.token(&id).await.unwrap();
    world.server.will([Fault::SameAccess, Fault::SameAccess]);
    assert_eq!(reject(&world, &id, &token).await.unwrap(), AfterReject::GiveUp);
    let sent = world.server.refreshes();
    assert_eq!(reject(&world, &id, &token).await.unwrap(), AfterReject::GiveUp);
    assert_eq!(world.server.refreshes(), sent);
}

#[tokio::test]
async fn token_k14_a_claims_challenge_is_kept_for_the_next_consent() {
    let world = World::new();
    let id = world.connect("account").await;
    let token = world.token(&id).await.unwrap();
    let challenge = Rejected::new(token).with_claims("{\"c\":1}");
    let error = world.source(&id).rejected(challenge).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NeedsReconsent);
    let cause = Cause::Interaction { claims: Some("{\"c\":1}".to_owned()) };
    assert_eq!(world.status(&id).await, ConnectionStatus::NeedsReconsent(cause));
    assert_eq!(world.token(&id).await.unwrap_err().kind(), ErrorKind::NeedsReconsent);
    let options = BeginOptions::new().renewing(id).with_login_hint("ada@example.org");
    let provider = ProviderId::parse("provider").unwrap();
    world.connections.begin_with(&tenant(), &owner(), &provider, "/", options).await.unwrap();
    assert_eq!(world.server.asked_for(), (Some("ada@example.org".to_owned()), Some("{\"c\":1}".to_owned())));
}

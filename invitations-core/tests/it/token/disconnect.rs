//! What becomes of the provider's grant.

use std::sync::atomic::Ordering;

use chrono::TimeDelta;
use invitations_core::{
    ErrorKind,
    ids::ConnectionId,
    token::{ConnectionState, ConnectionStatus, ConnectionView, GrantFailureClass, Revocation, RevokeReply},
};

use super::world::{PLANTED, World, drive, secs, settle, tenant};

fn down() -> Result<RevokeReply, GrantFailureClass> {
    Err(GrantFailureClass::Transient { acted: false, after: None })
}

async fn disconnect(world: &World, id: &ConnectionId) -> ConnectionView {
    drive(&world.clock, world.connections.disconnect(&tenant(), id)).await.unwrap()
}

async fn run(world: &World) -> usize {
    drive(&world.clock, world.connections.run_once(10)).await.unwrap()
}

#[tokio::test]
async fn abuse_g17_a_provider_that_was_told_is_done() {
    let world = World::new();
    let id = world.connect("account").await;
    let view = disconnect(&world, &id).await;
    assert_eq!((view.state, view.revocation, view.remedy), (ConnectionState::Revoked, Some(Revocation::Done), None));
    assert_eq!(view.since, Some(world.store_time().await));
    assert_eq!(world.row(&id).await.tokens, None);
}

#[tokio::test]
async fn abuse_g17_an_account_that_was_taken_back_is_forgotten_when_nobody_needs_its_address() {
    for (answer, kept) in [(Ok(RevokeReply::Done), false), (Ok(RevokeReply::Unsupported), true), (down(), true)] {
        let world = World::new();
        let id = world.connect("account").await;
        let before = world.row(&id).await;
        let address = before.address.clone();
        assert!(address.is_some());
        let told_later = answer == down();
        world.server.will_revoke([answer]);
        let view = disconnect(&world, &id).await;
        let row = world.row(&id).await;
        let expected = address.clone().filter(|_| kept);
        assert_eq!((&view.address, &row.address), (&expected, &expected), "{:?}", row.revocation);
        assert_eq!(row.subject, before.subject, "by it the account finds its row");

        // the end of a disconnect that others go on with
        world.clock.advance(secs(61));
        run(&world).await;
        assert_eq!(world.row(&id).await.address, expected.filter(|_| !told_later));

        // the account comes back to its row, with its address
        assert_eq!(world.connect("account").await, id);
        assert_eq!(world.row(&id).await.address, address);
    }
}

#[tokio::test]
async fn abuse_g17_without_such_a_call_the_page_is_named() {
    let page = "https://login.example/consents";
    let world = World::with(|profile| profile.consent_page = Some(page.parse().unwrap()), |builder| builder);
    let id = world.connect("account").await;
    world.server.will_revoke([Ok(RevokeReply::Unsupported)]);
    let view = disconnect(&world, &id).await;
    assert_eq!((view.state, view.revocation), (ConnectionState::Revoked, Some(Revocation::Unsupported)));
    assert_eq!(view.remedy.clone().unwrap().docs.unwrap().as_str(), page);
    assert_eq!(world.connections.status(&tenant(), &id).await.unwrap().remedy, view.remedy, "also later");
    assert_eq!(world.row(&id).await.tokens, None);

    let (provider, other) = (view.provider, "https://other.example/consents");
    let world = World::with(|_| {}, |builder| builder.consent_page(provider, other.parse().unwrap()));
    let id = world.connect("account").await;
    world.server.will_revoke([Ok(RevokeReply::Unsupported)]);
    assert_eq!(disconnect(&world, &id).await.remedy.unwrap().docs.unwrap().as_str(), other);
}

#[tokio::test]
async fn abuse_g17_a_provider_that_is_down_is_told_later_with_growing_gaps() {
    let world = World::new();
    let id = world.connect("account").await;
    world.server.will_revoke([down(), down(), down()]);
    let view = disconnect(&world, &id).await;
    assert_eq!(view.state, ConnectionState::Disconnecting);
    assert!(matches!(view.revocation, Some(Revocation::Pending { tries: 1, .. })), "{view:?}");
    assert_eq!(world.token(&id).await.unwrap_err().kind(), ErrorKind::NotFound);
    let mut gaps = Vec::new();
    for tells in 2..=4 {
        let (now, next) =
            (world.store_time().await, world.connections.status(&tenant(), &id).await.unwrap().next_at.unwrap());
        gaps.push(next - now);
        world.clock.advance((next - now).to_std().unwrap() - secs(1));
        assert_eq!((run(&world).await, world.server.tells()), (0, tells - 1), "not yet");
        world.clock.advance(secs(1));
        assert_eq!((run(&world).await, world.server.tells()), (usize::from(tells == 4), tells));
    }
    assert_eq!(gaps, [1, 2, 4].map(TimeDelta::minutes));
    assert_eq!(world.server.revoked(), [format!("refresh-{PLANTED}-1")]);
    let row = world.row(&id).await;
    assert_eq!((row.status, row.revocation, row.tokens), (ConnectionStatus::Revoked, Some(Revocation::Done), None));
}

#[tokio::test]
async fn abuse_g17_it_is_given_up_after_a_week_and_said_so() {
    let world = World::new();
    let id = world.connect("account").await;
    world.server.will_revoke((0..1000).map(|_| down()));
    disconnect(&world, &id).await;
    let began = world.store_time().await;
    for _ in 0..8 * 24 * 60 {
        if world.status(&id).await != ConnectionStatus::Disconnecting {
            break;
        }
        assert!(world.row(&id).await.tokens.is_some());
        world.clock.advance(secs(60));
        run(&world).await;
    }
    assert_eq!(run(&world).await, 0);
    let view = world.connections.status(&tenant(), &id).await.unwrap();
    assert_eq!((view.state, view.revocation), (ConnectionState::Revoked, Some(Revocation::GivenUp)));
    assert!(view.remedy.is_some() && world.row(&id).await.tokens.is_none());
    assert!(view.address.is_some(), "the owner is told whose consent is still there");
    let took = world.store_time().await - began;
    assert!(took >= TimeDelta::days(7) && took < TimeDelta::days(7) + TimeDelta::hours(1), "{took}");
    assert!(world.server.tells() < 50, "{} times", world.server.tells());
}

#[tokio::test]
async fn asking_again_tells_at_once() {
    let world = World::new();
    let id = world.connect("account").await;
    world.server.will_revoke([down()]);
    disconnect(&world, &id).await;
    assert_eq!(disconnect(&world, &id).await.revocation, Some(Revocation::Done));
    assert_eq!(disconnect(&world, &id).await.revocation, Some(Revocation::Done));
    assert_eq!(world.server.tells(), 2);
}

#[tokio::test]
async fn token_k18_a_crash_after_the_tombstone_is_finished_by_others() {
    let world = World::new();
    let id = world.connect("account").await;
    // the process ends while it tells the provider
    world.store.dies_after_tombstone.store(true, Ordering::SeqCst);
    assert!(drive(&world.clock, world.connections.disconnect(&tenant(), &id)).await.is_err());
    let row = world.row(&id).await;
    assert!(row.status == ConnectionStatus::Disconnecting && row.tokens.is_some());
    let other = world.other();
    assert_eq!(run(&other).await, 0, "the one who began may still be at it");
    world.clock.advance(secs(61));
    assert_eq!(run(&other).await, 1);
    assert_eq!(world.row(&id).await.revocation, Some(Revocation::Done));
    assert_eq!(run(&other).await, 0);
}

#[tokio::test]
async fn token_k18_two_machines_do_not_tell_at_the_same_time() {
    let world = World::new();
    let id = world.connect("account").await;
    world.server.will_revoke([down()]);
    disconnect(&world, &id).await;
    world.clock.advance(secs(61));
    let other = world.other();
    let (one, two) = (world.connections.run_once(10), other.connections.run_once(10));
    let (one, two) = drive(&world.clock, async { tokio::join!(one, two) }).await;
    assert_eq!((one.unwrap() + two.unwrap(), world.server.tells()), (1, 2));
}

#[tokio::test]
async fn token_k18_whoever_gets_to_it_late_looks_again() {
    let world = World::new();
    let id = world.connect("account").await;
    world.server.will_revoke([down(), down()]);
    disconnect(&world, &id).await;
    world.clock.advance(secs(61));
    let other = world.other();
    *other.store.lease_after.lock().unwrap() = secs(10);
    let (one, two) = (world.connections.run_once(10), other.connections.run_once(10));
    let (one, two) = drive(&world.clock, async { tokio::join!(one, two) }).await;
    assert_eq!((one.unwrap(), two.unwrap(), world.server.tells()), (0, 0, 2));
    assert_eq!(world.status(&id).await, ConnectionStatus::Disconnecting);
}

#[tokio::test]
async fn token_k18_a_new_consent_ends_what_is_left_of_a_disconnect() {
    let world = World::new();
    let id = world.connect("account").await;
    world.server.will_revoke([down()]);
    disconnect(&world, &id).await;
    assert_eq!(world.connect("account").await, id);
    world.clock.advance(secs(120));
    run(&world).await;
    settle().await;
    let view = world.connections.status(&tenant(), &id).await.unwrap();
    assert_eq!((view.state, view.revocation), (ConnectionState::Valid, None));
    assert_eq!(world.server.tells(), 1, "the new consent is not taken back");
}

#[tokio::test]
async fn token_k18_a_slower_try_does_not_bring_the_tokens_back() {
    let world = World::new();
    let id = world.connect("account").await;
    world.server.will_revoke_slowly(secs(5));
    let ours = tenant();
    let mut slow = Box::pin(world.connections.disconnect(&ours, &id));
    for _ in 0..100 {
        assert!(futures_util::poll!(&mut slow).is_pending());
        tokio::task::yield_now().await;
    }
    world.connections.disconnect(&tenant(), &id).await.unwrap();
    world.server.will_revoke([down()]);
    let view = drive(&world.clock, slow).await.unwrap();
    assert_eq!((view.state, view.revocation), (ConnectionState::Revoked, Some(Revocation::Done)));
    assert_eq!(world.row(&id).await.tokens, None);
}

#[tokio::test]
async fn a_server_is_not_asked_sooner_than_it_likes_and_not_waited_for() {
    let world = World::new();
    let id = world.connect("account").await;
    let busy = GrantFailureClass::Transient { acted: false, after: Some(secs(600)) };
    world.server.will_revoke([Err(busy)]);
    let view = disconnect(&world, &id).await;
    assert_eq!(view.next_at.unwrap() - world.store_time().await, TimeDelta::minutes(10));
    world.server.will_revoke_slowly(secs(100_000));
    let view = disconnect(&world, &id).await;
    assert!(matches!(view.revocation, Some(Revocation::Pending { tries: 2, .. })), "{view:?}");
}

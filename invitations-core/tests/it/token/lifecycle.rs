use std::sync::atomic::Ordering;

use futures_util::{FutureExt as _, future::join_all};
use invitations_core::{
    ErrorKind,
    ids::WorkerId,
    token::{Cause, ConnectionStatus, Rotation, TokenStore as _},
};

use super::world::{Fault, PLANTED, World, drive, number, secs, settle, tenant};

#[tokio::test]
async fn token_k02_a_thousand_callers_cost_one_redeem() {
    let world = World::new();
    let id = world.connect("account").await;
    world.expire();
    world.server.will([Fault::Slow(secs(2))]);
    let source = world.source(&id);
    let tokens = drive(&world.clock, join_all((0..1000).map(|_| source.access_token()))).await;
    assert!(tokens.iter().all(|token| number(token.as_ref().unwrap()) == 2));
    assert_eq!((world.server.refreshes(), world.connections.refreshes()), (1, 1));
}

#[tokio::test]
async fn token_k02_a_first_caller_who_hangs_up_changes_nothing() {
    let world = World::new();
    let id = world.connect("account").await;
    world.expire();
    world.server.will([Fault::Slow(secs(2))]);
    let source = world.source(&id);
    let mut first = Box::pin(source.access_token());
    for _ in 0..100 {
        assert!((&mut first).now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    assert_eq!(world.server.refreshes(), 1, "the request is out");
    drop(first);
    assert_eq!(number(&world.token(&id).await.unwrap()), 2);
    assert_eq!(world.server.refreshes(), 1);
}

#[tokio::test]
async fn token_k02_two_processes_cost_one_redeem() {
    let one = World::new();
    let id = one.connect("account").await;
    let two = one.other();
    one.expire();
    one.server.will([Fault::Slow(secs(5))]);
    let (first, second) = (one.source(&id), two.source(&id));
    let (first, second) = drive(&one.clock, async { tokio::join!(first.access_token(), second.access_token()) }).await;
    assert!(first.unwrap().is_same(&second.unwrap()));
    assert_eq!(one.connections.refreshes() + two.connections.refreshes(), 1);
}

#[tokio::test]
async fn token_k02_whoever_gets_the_lease_late_looks_again() {
    let one = World::new();
    let id = one.connect("account").await;
    let two = one.other();
    one.expire();
    *two.store.lease_after.lock().unwrap() = secs(10);
    let (first, second) = (one.source(&id), two.source(&id));
    let (first, second) = drive(&one.clock, async { tokio::join!(first.access_token(), second.access_token()) }).await;
    assert!(first.unwrap().is_same(&second.unwrap()));
    assert_eq!((one.connections.refreshes(), two.connections.refreshes()), (1, 0));
}

#[tokio::test]
async fn token_k04_each_refresh_uses_the_newest_refresh_token() {
    let world = World::new();
    let id = world.connect("account").await;
    for n in 2..5 {
        world.expire();
        assert_eq!(number(&world.token(&id).await.unwrap()), n);
    }
    let used: Vec<_> = (1..4).map(|n| format!("refresh-{PLANTED}-{n}")).collect();
    assert_eq!(world.server.refreshed_with(), used);
    let row = world.row(&id).await;
    assert_eq!((row.epoch, row.generation, row.intent), (1, 4, None));
}

#[tokio::test]
async fn a_valid_token_costs_no_look_at_the_store() {
    let world = World::new();
    let id = world.connect("account").await;
    assert_eq!(number(&world.token(&id).await.unwrap()), 1);
    world.store.down.store(true, Ordering::SeqCst);
    assert_eq!(number(&world.token(&id).await.unwrap()), 1);
    world.clock.advance(secs(60));
    assert_eq!(number(&world.token(&id).await.unwrap()), 1, "good, though the store cannot be asked");
    world.expire();
    assert_eq!(world.token(&id).await.unwrap_err().kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn token_k02_the_soft_window_serves_the_old_token_and_refreshes_behind() {
    let world = World::new();
    let id = world.connect("account").await;
    world.clock.advance(secs(2800));
    assert_eq!(number(&world.source(&id).access_token().await.unwrap()), 1);
    settle().await;
    assert_eq!(world.server.refreshes(), 1);
    assert_eq!(number(&world.token(&id).await.unwrap()), 2);
}

#[tokio::test]
async fn token_k07_a_failed_early_refresh_keeps_the_valid_token() {
    use invitations_core::token::GrantFailureClass::Transient;
    let world = World::new();
    let id = world.connect("account").await;
    world.server.will([Fault::Fail(Transient { acted: false, after: Some(secs(30)) })]);
    world.clock.advance(secs(2800));
    for _ in 0..5 {
        assert_eq!(number(&world.token(&id).await.unwrap()), 1);
        settle().await;
        world.clock.advance(secs(5));
    }
    assert_eq!(world.server.refreshes(), 1, "no second try within the server's pause");
    assert_eq!(world.status(&id).await, ConnectionStatus::Valid);
    world.clock.advance(secs(30));
    assert_eq!(number(&world.token(&id).await.unwrap()), 1);
    settle().await;
    assert_eq!(number(&world.token(&id).await.unwrap()), 2);
}

#[tokio::test]
async fn token_k05_abuse_g09_the_store_fails_after_the_redeem() {
    let world = World::new();
    let id = world.connect("account").await;
    world.expire();
    world.store.loses_refreshes.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        assert_eq!(number(&world.token(&id).await.unwrap()), 2, "served though it is not stored");
        world.clock.advance(secs(12));
        settle().await;
    }
    assert_eq!(world.row(&id).await.generation, 1);
    world.store.loses_refreshes.store(false, Ordering::SeqCst);
    world.clock.advance(secs(30));
    settle().await;
    let row = world.row(&id).await;
    assert_eq!((row.generation, row.intent), (2, None));
    assert_eq!(number(&world.other().token(&id).await.unwrap()), 2);
    assert_eq!(world.server.refreshes(), 1, "never redeemed again");
}

#[tokio::test]
async fn token_k05_whoever_leased_meanwhile_and_went_loses_nobody_the_token() {
    let world = World::new();
    let id = world.connect("account").await;
    world.expire();
    world.store.loses_refreshes.store(true, Ordering::SeqCst);
    assert_eq!(number(&world.token(&id).await.unwrap()), 2);
    world.clock.advance(secs(61));
    settle().await;
    let gone = WorkerId::parse("gone").unwrap();
    assert!(world.store.lease(&id, &gone, secs(60)).await.unwrap().is_some(), "the first lease is over");
    world.store.loses_refreshes.store(false, Ordering::SeqCst);
    for _ in 0..6 {
        world.clock.advance(secs(20));
        settle().await;
    }
    assert_eq!(world.row(&id).await.generation, 2);
    assert_eq!(number(&world.other().token(&id).await.unwrap()), 2);
    assert_eq!(world.server.refreshes(), 1, "never redeemed again");
}

#[tokio::test]
async fn token_k09_a_lost_reply_is_recovered_after_it_has_settled() {
    let world = World::with(|profile| profile.rotation = Rotation::Grace(secs(300)), |builder| builder);
    let id = world.connect("account").await;
    world.expire();
    world.server.will([Fault::LoseReply]);
    assert!(world.token(&id).await.is_err());
    let row = world.row(&id).await;
    assert!(row.intent.is_some() && row.status == ConnectionStatus::Valid);
    world.clock.advance(secs(49));
    settle().await;
    assert_eq!(world.server.refreshes(), 1, "the first request may still be under way");
    world.clock.advance(secs(2));
    settle().await;
    assert_eq!(world.server.refreshes(), 2, "nobody has to ask");
    assert_eq!(number(&world.token(&id).await.unwrap()), 3);
}

#[tokio::test]
async fn token_k09_where_the_old_token_goes_on_nobody_waits_long() {
    let world = World::with(|profile| profile.rotation = Rotation::Keep, |builder| builder);
    let id = world.connect("account").await;
    world.expire();
    world.server.will([Fault::LoseReply]);
    assert!(world.token(&id).await.is_err());
    world.clock.advance(secs(1));
    assert_eq!(number(&world.token(&id).await.unwrap()), 3);
}

#[tokio::test]
async fn token_k10_a_lost_rotation_is_told_apart() {
    let world = World::new();
    let id = world.connect("account").await;
    world.expire();
    world.server.will([Fault::LoseReply]);
    assert!(world.token(&id).await.is_err());
    world.clock.advance(secs(51));
    settle().await;
    assert_eq!(world.status(&id).await, ConnectionStatus::NeedsReconsent(Cause::RotationLost));
    assert_eq!(world.server.refreshes(), 2, "exactly one replay");
}

#[tokio::test]
async fn token_k11_a_late_write_of_the_newest_token_revives() {
    let cut_off = World::new();
    let id = cut_off.connect("account").await;
    let other = cut_off.other();
    cut_off.expire();
    cut_off.store.loses_refreshes.store(true, Ordering::SeqCst);
    assert_eq!(number(&cut_off.token(&id).await.unwrap()), 2);
    cut_off.clock.advance(secs(61));
    settle().await;
    assert_eq!(other.token(&id).await.unwrap_err().kind(), ErrorKind::NeedsReconsent);
    cut_off.store.loses_refreshes.store(false, Ordering::SeqCst);
    cut_off.clock.advance(secs(20));
    settle().await;
    assert_eq!(other.status(&id).await, ConnectionStatus::Valid);
    assert_eq!(number(&other.token(&id).await.unwrap()), 2);
}

#[tokio::test]
async fn token_k18_disconnect_tells_the_provider_and_wipes() {
    let world = World::new();
    let id = world.connect("account").await;
    assert_eq!(number(&world.token(&id).await.unwrap()), 1);
    world.connections.disconnect(&tenant(), &id).await.unwrap();
    assert_eq!(world.server.revoked(), [format!("refresh-{PLANTED}-1")]);
    let row = world.row(&id).await;
    assert_eq!((row.status, row.expires_at), (ConnectionStatus::Revoked, None));
    assert_eq!(world.token(&id).await.unwrap_err().kind(), ErrorKind::NotFound);
    world.connections.disconnect(&tenant(), &id).await.unwrap();
    assert_eq!(world.connect("account").await, id, "only a new consent opens it again");
    assert_eq!(world.row(&id).await.epoch, 2);
    assert_eq!(number(&world.token(&id).await.unwrap()), 2);
}

#[tokio::test]
async fn token_k06_abuse_g16_a_token_won_for_a_disconnected_row_is_revoked() {
    let world = World::new();
    let id = world.connect("account").await;
    world.expire();
    world.server.will([Fault::Slow(secs(5))]);
    let source = world.source(&id);
    let mut asking = Box::pin(source.access_token());
    for _ in 0..100 {
        assert!((&mut asking).now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    world.connections.disconnect(&tenant(), &id).await.unwrap();
    assert!(drive(&world.clock, asking).await.is_err());
    settle().await;
    assert_eq!(world.server.revoked(), [format!("refresh-{PLANTED}-1"), format!("refresh-{PLANTED}-2")]);
    assert_eq!(world.status(&id).await, ConnectionStatus::Revoked);
}

#[tokio::test]
async fn token_k19_what_is_due_is_refreshed_though_nobody_asks() {
    let world = World::with(|profile| profile.keep_alive = Some(secs(600)), |builder| builder);
    let ids = [world.connect("one").await, world.connect("two").await];
    assert_eq!(drive(&world.clock, world.connections.run_once(10)).await.unwrap(), 0);
    world.clock.advance(secs(600));
    assert_eq!(drive(&world.clock, world.connections.run_once(1)).await.unwrap(), 1);
    assert_eq!(drive(&world.clock, world.connections.run_once(10)).await.unwrap(), 1);
    assert_eq!(drive(&world.clock, world.connections.run_once(10)).await.unwrap(), 0);
    for id in &ids {
        assert_eq!(world.row(id).await.generation, 2);
    }
}

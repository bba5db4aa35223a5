//! Clocks that are wrong, jump, and jump back.

use chrono::TimeDelta;
use invitations_core::token::{AfterReject, Rejected};

use super::{
    log::Log,
    world::{Fault, World, drive, number, secs, settle},
};

#[tokio::test]
async fn abuse_g15_a_clock_that_jumps_ahead_costs_one_refresh() {
    for hours in [1, 24] {
        let world = World::new();
        let id = world.connect("account").await;
        world.wall.jump(TimeDelta::hours(hours));
        let fresh = world.other();
        for _ in 0..100 {
            assert_eq!(number(&fresh.token(&id).await.unwrap()), 2);
            settle().await;
        }
        assert_eq!(world.server.refreshes(), 1);
        // and back again: the new token is good for longer than it seems, so nothing happens at all
        world.wall.jump(TimeDelta::hours(-hours));
        assert_eq!(number(&world.other().token(&id).await.unwrap()), 2);
        assert_eq!(world.server.refreshes(), 1);
    }
}

#[tokio::test]
async fn abuse_g15_a_clock_that_jumps_back_costs_one_401() {
    let world = World::new();
    let id = world.connect("account").await;
    world.wall.jump(TimeDelta::hours(-1));
    world.clock.advance(secs(3601));
    // by the store's clock the token has its whole life before it
    let fresh = world.other();
    let dead = fresh.token(&id).await.unwrap();
    assert_eq!(number(&dead), 1);
    let answer = drive(&world.clock, fresh.source(&id).rejected(Rejected::new(dead))).await;
    assert_eq!(answer.unwrap(), AfterReject::TryAgain);
    for _ in 0..10 {
        assert_eq!(number(&fresh.token(&id).await.unwrap()), 2);
        settle().await;
    }
    assert_eq!(world.server.refreshes(), 1);
}

#[tokio::test]
async fn abuse_g15_what_was_opened_here_ends_by_the_monotonic_clock() {
    let world = World::new();
    let id = world.connect("account").await;
    assert_eq!(number(&world.token(&id).await.unwrap()), 1);
    world.wall.jump(TimeDelta::hours(-2));
    world.store.down.store(true, std::sync::atomic::Ordering::SeqCst);
    world.clock.advance(secs(3500));
    assert_eq!(number(&world.token(&id).await.unwrap()), 1);
    world.clock.advance(secs(100));
    assert!(world.token(&id).await.is_err(), "over, though the wall clock says otherwise");
}

#[tokio::test]
async fn abuse_g15_clocks_that_differ_are_reported_and_change_nothing() {
    for (seconds, told) in [(119, false), (-119, false), (121, true), (-121, true), (3600, true)] {
        let (world, log) = (World::new(), Log::default());
        let id = world.connect("account").await;
        world.expire();
        world.server.will([Fault::Skewed(TimeDelta::seconds(seconds))]);
        let guard = tracing::subscriber::set_default(log.clone());
        assert_eq!(number(&world.token(&id).await.unwrap()), 2);
        drop(guard);
        assert_eq!(log.text().contains("WARN message=clocks differ"), told, "{seconds}: {}", log.text());
        let served = world.row(&id).await.expires_at.unwrap() - world.store_time().await;
        assert_eq!(served.num_seconds(), 3540);
    }
}

//! Abuse of refreshes: crowds, odd answers, long outages.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use invitations_core::{
    ids::WorkerId,
    token::{ConnectionStatus, GrantFailureClass, Rotation, TokenCommit, TokenStore as _},
};

use super::world::{Fault, PLANTED, World, drive, number, secs, settle, tenant};

#[tokio::test]
async fn abuse_g07_a_hundred_tasks_in_each_of_three_processes_cost_one_redeem() {
    let world = World::new();
    let id = world.connect("account").await;
    let processes = [&world, &world.other(), &world.other()];
    world.expire();
    world.server.will([Fault::Slow(secs(5))]);
    let sources: Vec<_> = processes.iter().map(|process| process.source(&id)).collect();
    let all = join_all(sources.iter().flat_map(|source| (0..100).map(|_| source.access_token())));
    let tokens = drive(&world.clock, all).await;
    assert_eq!(tokens.len(), 300);
    assert!(tokens.iter().all(|token| number(token.as_ref().unwrap()) == 2));
    assert_eq!(world.server.refreshes(), 1);
}

#[tokio::test]
async fn abuse_g10_what_an_answer_does_not_say_is_not_lost() {
    let world = World::new();
    let id = world.connect("account").await;
    let began = world.row(&id).await.expires_at.unwrap() - world.store_time().await;
    for (expires_in, most) in [(None, 55 * 60), (Some(secs(0)), 30), (Some(secs(u64::MAX)), 315_360_000)] {
        world.clock.advance(secs(400_000_000));
        world.server.will([Fault::Bare { refresh: false, expires_in }]);
        world.token(&id).await.unwrap();
        let (row, now) = (world.row(&id).await, world.store_time().await);
        let (served, soft) = (row.expires_at.unwrap() - now, row.refresh_at.unwrap() - now);
        assert!(served.num_seconds() > 0 && served.num_seconds() <= most, "{expires_in:?}: {served}");
        assert!(soft.num_seconds() >= (served.num_seconds() / 2).min(15), "no refresh per call: {soft}");
    }
    assert_eq!(began.num_seconds(), 3540);
    let used = world.server.refreshed_with();
    assert_eq!(used, vec![format!("refresh-{PLANTED}-1"); 3], "the old one goes on");
}

#[tokio::test]
async fn abuse_g11_a_dead_grant_after_anothers_rotation_is_no_matter() {
    let world = World::with(|profile| profile.rotation = Rotation::Keep, |builder| builder);
    let id = world.connect("account").await;
    let other = world.other();
    world.expire();
    world.server.will([Fault::Slow(secs(10))]);
    let source = world.source(&id);
    let mut asking = Box::pin(source.access_token());
    for _ in 0..100 {
        assert!(futures_util::poll!(&mut asking).is_pending());
        tokio::task::yield_now().await;
    }
    // as if this process had slept through its lease
    world.store.commit(TokenCommit::Release { id: id.clone(), fence: 1 }).await.unwrap();
    assert_eq!(number(&other.token(&id).await.unwrap()), 2);
    world.server.will([Fault::Fail(GrantFailureClass::GrantDead)]);
    assert_eq!(number(&drive(&world.clock, asking).await.unwrap()), 2, "the other's token");
    let row = world.row(&id).await;
    assert_eq!((row.status, row.generation), (ConnectionStatus::Valid, 2));
}

#[tokio::test]
async fn abuse_g12_hours_of_faults_never_need_a_consent() {
    let world = World::new();
    let id = world.connect("account").await;
    let mut served = 0;
    for minute in 0..4 * 60 {
        world.server.will([match minute % 4 {
            0 => Fault::Fail(GrantFailureClass::Transient { acted: true, after: None }),
            1 => Fault::Fail(GrantFailureClass::Unknown),
            2 => Fault::Fail(GrantFailureClass::Transient { acted: false, after: Some(secs(5)) }),
            _ => Fault::Fail(GrantFailureClass::Config),
        }]);
        let good = world.row(&id).await.expires_at.unwrap() > world.store_time().await;
        assert_eq!(world.token(&id).await.is_ok(), good, "at minute {minute}");
        served += u32::from(good);
        assert_eq!(world.status(&id).await, ConnectionStatus::Valid);
        world.clock.advance(secs(60));
        settle().await;
    }
    assert!(served >= 55, "served for {served} minutes");
    assert!((10..250).contains(&world.server.refreshes()), "{} requests", world.server.refreshes());
    world.server.recover();
    world.clock.advance(secs(600));
    settle().await;
    assert!(world.token(&id).await.is_ok());
}

#[tokio::test]
async fn abuse_g20_connections_of_one_moment_are_refreshed_apart_and_few_at_once() {
    let world = World::new();
    let mut ids = Vec::new();
    for n in 0..100 {
        ids.push(world.connect(&format!("account {n}")).await);
    }
    let mut minutes = BTreeSet::new();
    for id in &ids {
        let row = world.row(id).await;
        minutes.insert((row.refresh_at.unwrap() - row.since.unwrap()).num_minutes());
    }
    assert!(minutes.len() >= 5, "spread over {minutes:?}");
    world.expire();
    world.server.will((0..100).map(|_| Fault::Slow(secs(1))));
    assert_eq!(drive(&world.clock, world.connections.run_once(1000)).await.unwrap(), 100);
    assert!(world.server.most_waiting() <= 8, "{} at once", world.server.most_waiting());
}

#[tokio::test]
async fn abuse_g16_a_lease_that_outlives_a_disconnect_writes_nothing() {
    let world = World::new();
    let id = world.connect("account").await;
    let worker = WorkerId::parse("other").unwrap();
    let lease = world.store.lease(&id, &worker, secs(60)).await.unwrap().unwrap();
    let before = world.row(&id).await;
    world.connections.disconnect(&tenant(), &id).await.unwrap();
    let mut late = before.clone();
    late.generation += 1;
    let (epoch, generation) = (before.epoch, before.generation);
    let late = TokenCommit::Update { epoch, generation, fence: Some(lease.fence), release: true, to: Box::new(late) };
    assert!(world.store.commit(late).await.is_err());
    assert_eq!(world.status(&id).await, ConnectionStatus::Revoked);
}

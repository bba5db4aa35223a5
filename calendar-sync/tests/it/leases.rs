//! One run at a time per binding, whoever runs it.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Waker},
    time::Duration,
};

use calendar_sync::{CalendarSync, Desired, memory::MemoryMappings};
use invitations_core::{
    ErrorKind, RetryClass,
    provider::Providers,
    runtime::{ManualClock, Timing},
};

use crate::world::{binding, engine, start, wish, world};

#[tokio::test]
async fn a_second_run_is_asked_to_come_again() {
    let world = world();
    let other = engine(&world.clock, &world.calendar, &world.store, 2);
    let records = [wish("essay", 1, "Essay")];
    let mut first = pin!(world.sync.push(&world.binding, &records));
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..4 {
        assert!(first.as_mut().poll(&mut context).is_pending());
    }
    for second in [&other, &world.sync] {
        let error = second.push(&world.binding, &records).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        assert!(matches!(error.retry(), RetryClass::Safe { after: Some(_) }), "{:?}", error.retry());
    }
    // another binding is another matter
    assert_eq!(other.push(&binding("others"), &records).await.unwrap().created, 1);
    assert_eq!(first.await.unwrap().created, 1);
    assert_eq!(other.push(&world.binding, &records).await.unwrap().calls, 0);
}

#[tokio::test]
async fn a_run_that_lost_its_lease_writes_nothing_more() {
    let world = world();
    let other = engine(&world.clock, &world.calendar, &world.store, 2);
    let records = [wish("essay", 1, "Essay")];
    let mut slow = pin!(world.sync.push(&world.binding, &records));
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..4 {
        assert!(slow.as_mut().poll(&mut context).is_pending());
    }
    // it sleeps too long, and another run comes by
    world.clock.advance(Timing::default().lease);
    assert_eq!(other.push(&world.binding, &records).await.unwrap().created, 1);
    assert_eq!(slow.await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(world.calendar.inner.made(), 1);
}

#[tokio::test]
async fn a_crashed_run_is_over_with_its_lease() {
    let world = world();
    let records = [wish("essay", 1, "Essay")];
    {
        let mut dropped = pin!(world.sync.push(&world.binding, &records));
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..4 {
            assert!(dropped.as_mut().poll(&mut context).is_pending());
        }
    }
    assert_eq!(world.sync.push(&world.binding, &records).await.unwrap_err().kind(), ErrorKind::Conflict);
    world.clock.advance(Timing::default().lease);
    assert_eq!(world.push(&records).await.created, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_engines_make_one_event_per_record() {
    let world = world();
    let records: Vec<Desired> = (0..30).map(|number| wish(&format!("record-{number}"), 1, "Same")).collect();
    let mut tasks = Vec::new();
    for seed in 0..8 {
        let (engine, binding) = (engine(&world.clock, &world.calendar, &world.store, seed), world.binding.clone());
        let records = records.clone();
        tasks.push(tokio::spawn(async move {
            loop {
                match engine.push(&binding, &records).await {
                    Ok(report) => return report.created,
                    Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict),
                }
                tokio::task::yield_now().await;
            }
        }));
    }
    let mut created = 0;
    for task in tasks {
        created += task.await.unwrap();
    }
    assert_eq!((created, world.calendar.inner.made()), (30, 30));
}

#[test]
fn a_lease_that_is_too_short_is_refused() {
    let mut timing = Timing::default();
    timing.lease = timing.request * 2;
    let build = |timing| {
        let clock = ManualClock::new(start());
        let store = Arc::new(MemoryMappings::new(Arc::new(clock.clone())));
        CalendarSync::builder(store, Providers::new()).clock(Arc::new(clock)).timing(timing).build()
    };
    let error = build(timing.clone()).unwrap_err();
    assert!(error.kind() == ErrorKind::Misconfigured && error.remedy().is_some());
    timing.lease += Duration::from_secs(1);
    assert!(build(timing).is_ok());
}

//! What a push does, and what it costs.

use std::time::Duration;

use calendar_sync::{Desired, MappingState, event_key};
use invitations_core::{
    ErrorKind,
    provider::{CalendarCapabilities, EventWrite, Resend},
    runtime::Timing,
};

use crate::world::{LATER, draft, gone, source, wish, world, world_with};

#[tokio::test]
async fn a_record_is_created_changed_and_deleted() {
    let world = world();
    let report = world.push(&[wish("essay", 1, "Essay"), wish("quiz", 1, "Quiz")]).await;
    assert_eq!((report.created, report.calls), (2, 1));
    assert_eq!(world.titles(), ["Essay", "Quiz"]);
    let report = world.push(&[wish("essay", 2, "Long essay")]).await;
    assert_eq!((report.updated, report.calls), (1, 1));
    assert_eq!(world.titles(), ["Long essay", "Quiz"]);
    let report = world.push(&[gone("quiz", 2)]).await;
    assert_eq!((report.deleted, report.calls), (1, 1));
    assert_eq!(world.titles(), ["Long essay"]);
    assert_eq!(world.calendar.inner.made(), 2);
}

#[tokio::test]
async fn what_did_not_change_costs_no_call() {
    let world = world();
    let records: Vec<Desired> = (0..50).map(|number| wish(&format!("record-{number}"), 1, "Same")).collect();
    world.push(&records).await;
    world.calendar.take();
    let report = world.push(&records).await;
    assert_eq!((report.unchanged, report.calls), (50, 0));
    // a new version of the same content costs nothing either
    let newer: Vec<Desired> = (0..50).map(|number| wish(&format!("record-{number}"), 2, "Same")).collect();
    assert_eq!(world.push(&newer).await.calls, 0);
    assert!(world.calendar.take().calls.is_empty());
    assert_eq!(world.row("record-7").await.version, 2);
}

#[tokio::test]
async fn writes_go_out_in_batches_each_once_and_in_time() {
    let world = world_with(Some(CalendarCapabilities::new().with_width(20, 2).with_marker().with_conditional_write()));
    let records: Vec<Desired> = (0..50).map(|number| wish(&format!("record-{number}"), 1, "Same")).collect();
    let report = world.push(&records).await;
    assert_eq!((report.created, report.calls), (50, 3));
    let (seen, timing) = (world.calendar.take(), Timing::default());
    let sizes: Vec<_> = seen.writes.iter().map(Vec::len).collect();
    assert_eq!(sizes, [20, 20, 10]);
    for options in seen.options {
        assert_eq!((options.resend, options.timeout), (Resend::Caller, Some(timing.request)));
        assert!(options.send_before.is_some());
    }
}

#[tokio::test]
async fn every_event_carries_its_key_and_no_attendees() {
    let world = world();
    world.push(&[wish("essay", 1, "Essay")]).await;
    let writes = world.calendar.take().writes;
    let [EventWrite::Create { key, draft }] = &*writes[0] else { panic!("{writes:?}") };
    assert_eq!(*key, event_key(&world.binding, &source("essay"), 0, 0).unwrap());
    assert!(draft.attendees.is_empty() && draft.marker.as_ref() == Some(key));
}

#[tokio::test]
async fn sync_i17_an_older_version_is_dropped() {
    let world = world();
    world.push(&[wish("essay", 5, "Fifth")]).await;
    let report = world.push(&[wish("essay", 4, "Fourth")]).await;
    assert_eq!((report.stale, report.calls), (1, 0));
    let report = world.push(&[gone("essay", 3)]).await;
    assert_eq!((report.stale, report.calls), (1, 0));
    assert_eq!(world.titles(), ["Fifth"]);
    // also within one push, in any order
    world.push(&[wish("essay", 7, "Seventh"), wish("essay", 6, "Sixth")]).await;
    assert_eq!(world.titles(), ["Seventh"]);
    // a deletion outlives a change that arrives late
    world.push(&[gone("essay", 9)]).await;
    assert_eq!(world.push(&[wish("essay", 8, "Eighth")]).await.stale, 1);
    assert!(world.titles().is_empty());
}

#[tokio::test]
async fn a_record_that_comes_back_gets_a_new_event() {
    let world = world();
    world.push(&[wish("essay", 1, "Essay")]).await;
    let first = world.event_id("Essay");
    world.push(&[gone("essay", 2)]).await;
    world.push(&[wish("essay", 3, "Essay")]).await;
    assert_ne!(world.event_id("Essay"), first);
    assert_eq!(world.row("essay").await.incarnation, 1);
}

#[tokio::test]
async fn a_gone_record_that_never_was_makes_no_call() {
    let world = world();
    assert_eq!(world.push(&[gone("essay", 2)]).await.calls, 0);
    assert_eq!(world.push(&[wish("essay", 1, "Late")]).await.stale, 1);
    assert!(world.titles().is_empty());
}

#[tokio::test]
async fn a_refused_record_does_not_hold_up_the_others() {
    let world = world();
    let report = world.push(&[wish("bad", 1, " "), wish("good", 1, "Good")]).await;
    assert_eq!((report.created, report.blocked, report.pending), (1, 1, 0));
    assert_eq!(world.titles(), ["Good"]);
    // it is not tried again before it changes
    let report = world.push(&[wish("bad", 1, " ")]).await;
    assert_eq!((report.blocked, report.calls), (1, 0));
    assert_eq!(world.push(&[wish("bad", 2, "Better")]).await.created, 1);
}

#[tokio::test]
async fn a_throttled_record_waits_and_is_tried_again() {
    let world = world();
    world.calendar.inner.refuse_next(ErrorKind::Throttled);
    let report = world.push(&[wish("essay", 1, "Essay")]).await;
    assert_eq!((report.created, report.pending, report.blocked), (0, 1, 0));
    let report = world.push(&[wish("essay", 1, "Essay")]).await;
    assert_eq!((report.pending, report.calls), (1, 0), "not before the time");
    let MappingState::Blocked { until: Some(until) } = world.row("essay").await.state else { panic!() };
    world.clock.advance((until - world.now()).to_std().unwrap());
    assert_eq!(world.push(&[wish("essay", 1, "Essay")]).await.created, 1);
    assert_eq!(world.calendar.inner.made(), 1);
}

#[tokio::test]
async fn a_record_is_tried_again_within_a_day_however_long_the_provider_asks() {
    let world = world();
    world.calendar.inner.refuse_next(ErrorKind::Throttled);
    world.calendar.asks_to_wait(Duration::MAX);
    let report = world.push(&[wish("essay", 1, "Essay")]).await;
    assert_eq!((report.created, report.pending), (0, 1), "{report:?}");
    world.clock.advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!(world.push(&[wish("essay", 1, "Essay")]).await.created, 1);
}

#[tokio::test]
async fn status_says_how_it_stands() {
    let world = world();
    world.push(&[wish("essay", 1, "Essay"), wish("bad", 1, " "), wish("quiz", 1, "Quiz")]).await;
    let synced = world.now();
    world.clock.advance(LATER);
    world.calendar.inner.lose_request_of_next(1);
    world.push(&[wish("new", 1, "New")]).await;
    world.calendar.take();
    let status = world.sync.status(&world.binding).await.unwrap();
    assert_eq!((status.live, status.blocked, status.pending, status.detached), (2, 1, 1, 0));
    assert_eq!(status.last_synced_at, Some(synced), "a run with something pending is not an end");
    assert!(world.calendar.take().calls.is_empty());
}

#[tokio::test]
async fn a_push_can_be_spawned() {
    fn is_send(_: &impl Send) {}
    let world = world();
    let records = [Desired::event(source("essay"), 1, draft("Essay"))];
    let push = world.sync.push(&world.binding, &records);
    is_send(&push);
    assert_eq!(push.await.unwrap().created, 1);
}

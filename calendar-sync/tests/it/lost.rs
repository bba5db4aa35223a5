//! Answers and requests that got lost: one record, one event.

use std::time::Duration;

use calendar_sync::{MappingState, Op};
use invitations_core::provider::{CalendarCapabilities, CalendarProvider as _, WriteOptions};

use crate::world::{LATER, World, gone, wish, world, world_with};

fn by_marker_only() -> World {
    world_with(Some(CalendarCapabilities::new().with_width(20, 4).with_marker().with_conditional_write()))
}

#[tokio::test]
async fn sync_case_a1_a_lost_reply_is_looked_up_and_adopted() {
    for world in [world(), by_marker_only()] {
        world.calendar.inner.lose_reply_of_next(1);
        let report = world.push(&[wish("essay", 1, "Essay")]).await;
        assert_eq!((report.created, report.pending), (0, 1));
        assert_eq!(world.row("essay").await.state, MappingState::Intent(Op::Create));
        world.calendar.take();
        // at once: what is there is there
        let report = world.push(&[wish("essay", 1, "Essay")]).await;
        assert_eq!((report.adopted, report.created, report.updated, report.pending), (1, 0, 0, 0));
        assert_eq!(world.calendar.take().calls, ["find"]);
        assert_eq!((world.titles(), world.calendar.inner.made()), (vec!["Essay".to_owned()], 1));
    }
}

#[tokio::test]
async fn sync_i01_a_lost_request_is_not_sent_again_before_it_can_no_longer_arrive() {
    for world in [world(), by_marker_only()] {
        world.calendar.inner.lose_request_of_next(1);
        world.push(&[wish("essay", 1, "Essay")]).await;
        world.clock.advance(Duration::from_secs(45));
        world.calendar.take();
        let report = world.push(&[wish("essay", 1, "Essay")]).await;
        assert_eq!((report.pending, world.calendar.take().calls), (1, vec!["find"]));
        world.clock.advance(LATER);
        let report = world.push(&[wish("essay", 1, "Essay")]).await;
        assert_eq!((report.created, report.pending), (1, 0));
        assert_eq!(world.calendar.take().calls, ["find", "write"]);
        assert_eq!((world.titles(), world.calendar.inner.made()), (vec!["Essay".to_owned()], 1));
    }
}

#[tokio::test]
async fn a_request_that_arrives_late_is_adopted() {
    let world = by_marker_only();
    world.calendar.inner.lose_request_of_next(1);
    world.push(&[wish("essay", 1, "Essay")]).await;
    let late = world.calendar.take().writes.remove(0);
    world.push(&[wish("essay", 1, "Essay")]).await;
    world.calendar.inner.write(&world.binding.calendar, late, WriteOptions::new()).await.unwrap();
    world.clock.advance(LATER);
    let report = world.push(&[wish("essay", 1, "Essay")]).await;
    assert_eq!((report.adopted, report.created), (1, 0));
    assert_eq!(world.calendar.inner.made(), 1);
}

#[tokio::test]
async fn a_record_that_changed_meanwhile_ends_up_changed() {
    for world in [world(), by_marker_only()] {
        world.calendar.inner.lose_reply_of_next(1);
        world.push(&[wish("essay", 1, "Essay")]).await;
        let report = world.push(&[wish("essay", 2, "Long essay")]).await;
        assert_eq!((report.adopted, report.updated), (1, 1));
        assert_eq!((world.titles(), world.calendar.inner.made()), (vec!["Long essay".to_owned()], 1));
    }
}

#[tokio::test]
async fn a_record_that_is_gone_meanwhile_leaves_nothing() {
    for world in [world(), by_marker_only()] {
        world.calendar.inner.lose_reply_of_next(1);
        world.push(&[wish("essay", 1, "Essay")]).await;
        let report = world.push(&[gone("essay", 2)]).await;
        assert_eq!((report.deleted, report.pending), (1, 0));
        assert!(world.titles().is_empty());
        // not there and not settled: it may still arrive
        world.calendar.inner.lose_request_of_next(1);
        world.push(&[wish("quiz", 1, "Quiz")]).await;
        assert_eq!(world.push(&[gone("quiz", 2)]).await.pending, 1);
        world.push_until_done(&[gone("quiz", 2)]).await;
        assert_eq!(world.row("quiz").await.state, MappingState::Tombstone);
    }
}

#[tokio::test]
async fn sync_case_a5_a_used_key_with_other_content_is_looked_up_and_changed() {
    let world = world();
    world.calendar.inner.lose_reply_of_next(1);
    world.push(&[wish("essay", 1, "Essay")]).await;
    // the index lags: the event is not found, the create is repeated with other content, and the provider knows the key
    world.clock.advance(LATER);
    world.calendar.inner.hide_from_next_lookups(1);
    world.calendar.take();
    let report = world.push(&[wish("essay", 2, "Long essay")]).await;
    assert_eq!(world.calendar.take().calls, ["find", "write", "find", "write"]);
    assert_eq!((report.created, report.adopted, report.updated, report.pending), (0, 1, 1, 0));
    assert_eq!((world.titles(), world.calendar.inner.made()), (vec!["Long essay".to_owned()], 1));
}

#[tokio::test]
async fn a_used_key_that_is_not_found_yet_stays_pending_and_is_not_believed() {
    let world = world();
    world.calendar.inner.lose_reply_of_next(1);
    world.push(&[wish("essay", 1, "Essay")]).await;
    world.clock.advance(LATER);
    world.calendar.inner.hide_from_next_lookups(2);
    assert_eq!(world.push(&[wish("essay", 2, "Long essay")]).await.pending, 1);
    // the row says version 2, but the calendar says version 1: only the content decides
    world.push_until_done(&[wish("essay", 2, "Long essay")]).await;
    assert_eq!((world.titles(), world.calendar.inner.made()), (vec!["Long essay".to_owned()], 1));
}

#[tokio::test]
async fn a_lost_reply_of_an_update_is_confirmed_without_a_second_write() {
    let world = world();
    world.push(&[wish("essay", 1, "Essay")]).await;
    world.calendar.inner.lose_reply_of_next(1);
    assert_eq!(world.push(&[wish("essay", 2, "Long essay")]).await.pending, 1);
    world.calendar.take();
    let report = world.push(&[wish("essay", 2, "Long essay")]).await;
    assert_eq!(world.calendar.take().calls, ["write", "event"], "refused by its version, then found to be done");
    assert_eq!((report.updated, report.pending), (1, 0));
    assert_eq!(world.titles(), ["Long essay"]);
    assert_eq!(world.push(&[wish("essay", 2, "Long essay")]).await.calls, 0);
}

#[tokio::test]
async fn without_versions_an_update_waits_until_an_earlier_one_cannot_overtake_it() {
    let world = world_with(Some(CalendarCapabilities::new().with_marker()));
    world.push(&[wish("essay", 1, "First")]).await;
    world.calendar.inner.lose_request_of_next(1);
    world.push(&[wish("essay", 2, "Second")]).await;
    world.calendar.take();
    let report = world.push(&[wish("essay", 3, "Third")]).await;
    assert_eq!((report.pending, report.calls), (1, 0));
    world.push_until_done(&[wish("essay", 3, "Third")]).await;
    assert_eq!(world.titles(), ["Third"]);
}

#[tokio::test]
async fn a_lost_reply_of_a_delete_is_a_delete() {
    let world = world();
    world.push(&[wish("essay", 1, "Essay")]).await;
    world.calendar.inner.lose_reply_of_next(1);
    assert_eq!(world.push(&[gone("essay", 2)]).await.pending, 1);
    let report = world.push(&[gone("essay", 2)]).await;
    assert_eq!((report.deleted, report.pending), (1, 0));
    assert_eq!(world.row("essay").await.state, MappingState::Tombstone);
}

#[tokio::test]
async fn a_record_wanted_again_after_an_unclear_delete_stands_once() {
    for delete_happened in [true, false] {
        let world = world();
        world.push(&[wish("essay", 1, "Essay")]).await;
        if delete_happened {
            world.calendar.inner.lose_reply_of_next(1);
        } else {
            world.calendar.inner.lose_request_of_next(1);
        }
        world.push(&[gone("essay", 2)]).await;
        assert_eq!(world.push(&[wish("essay", 3, "Again")]).await.pending, 1, "the delete may still arrive");
        world.push_until_done(&[wish("essay", 3, "Again")]).await;
        assert_eq!(world.titles(), ["Again"]);
        assert_eq!(world.row("essay").await.incarnation, u32::from(delete_happened));
    }
}

#[tokio::test]
async fn without_a_look_up_the_key_alone_must_do() {
    let world = world_with(Some(CalendarCapabilities::new().with_idempotent_create()));
    world.calendar.inner.lose_reply_of_next(1);
    world.push(&[wish("essay", 1, "Essay")]).await;
    assert_eq!(world.push(&[wish("essay", 1, "Essay")]).await.pending, 1, "not before it is settled");
    world.push_until_done(&[wish("essay", 1, "Essay")]).await;
    assert_eq!(world.calendar.inner.made(), 1);
}

#[tokio::test]
async fn with_neither_look_up_nor_key_a_person_has_to_look() {
    let world = world_with(Some(CalendarCapabilities::new()));
    world.calendar.inner.lose_reply_of_next(1);
    world.push(&[wish("essay", 1, "Essay")]).await;
    for _ in 0..3 {
        world.clock.advance(LATER);
        let report = world.push(&[wish("essay", 2, "Long essay")]).await;
        assert_eq!((report.created, report.pending), (0, 1));
    }
    assert_eq!(world.calendar.inner.made(), 1);
    assert!(world.row("essay").await.problem.is_some());
}

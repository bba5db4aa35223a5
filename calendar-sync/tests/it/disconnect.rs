//! The end of a binding.

use calendar_sync::{Disconnect, VecSource};
use invitations_core::ErrorKind;

use crate::world::{LATER, wish, world};

#[tokio::test]
async fn keep_leaves_the_events_and_forgets_the_rows() {
    let world = world();
    world.push(&[wish("essay", 1, "Essay"), wish("quiz", 1, "Quiz")]).await;
    world.calendar.take();
    let report = world.sync.disconnect(&world.binding, Disconnect::Keep).await.unwrap();
    assert_eq!((report.deleted, report.calls), (0, 0));
    assert_eq!(world.titles(), ["Essay", "Quiz"]);
    assert!(world.rows().await.unwrap().is_empty());
    // connecting again finds them
    let records = vec![wish("essay", 1, "Essay"), wish("quiz", 1, "Quiz")];
    let report = world.sync.sync_now(&world.binding, &VecSource::new(records)).await.unwrap();
    assert_eq!((report.adopted, report.created), (2, 0));
}

#[tokio::test]
async fn purge_deletes_the_events_and_forgets_the_rows() {
    let world = world();
    world.push(&[wish("essay", 1, "Essay"), wish("quiz", 1, "Quiz")]).await;
    let quiz = world.event_id("Quiz");
    world.calendar.inner.delete_by_hand(&world.binding.calendar, &quiz).unwrap();
    let report = world.sync.disconnect(&world.binding, Disconnect::Purge).await.unwrap();
    assert_eq!((report.deleted, report.pending), (2, 0));
    assert!(world.titles().is_empty() && world.rows().await.unwrap().is_empty());
}

#[tokio::test]
async fn purge_does_not_forget_what_still_stands() {
    let world = world();
    world.push(&[wish("essay", 1, "Essay")]).await;
    for kind in [ErrorKind::Throttled, ErrorKind::Unsupported] {
        world.calendar.inner.refuse_next(kind);
        let report = world.sync.disconnect(&world.binding, Disconnect::Purge).await.unwrap();
        assert_eq!((report.deleted, report.pending + report.blocked), (0, 1));
        assert_eq!(world.rows().await.unwrap().len(), 1);
        world.clock.advance(LATER);
    }
    let report = world.sync.disconnect(&world.binding, Disconnect::Purge).await.unwrap();
    assert_eq!((report.deleted, report.pending, report.blocked), (1, 0, 0));
    assert!(world.titles().is_empty() && world.rows().await.unwrap().is_empty());
}

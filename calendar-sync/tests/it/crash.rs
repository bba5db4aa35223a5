//! A run dropped at every place where it waits: nothing is lost, nothing is there twice.

use std::{
    pin::pin,
    task::{Context, Waker},
};

use calendar_sync::Desired;
use invitations_core::provider::CalendarCapabilities;

use crate::world::{World, engine, gone, wish, world, world_with};

/// Runs `changes` and drops the run after `polls` steps; whether it came to its end before.
async fn push_for(world: &World, changes: &[Desired], polls: usize) -> bool {
    let mut push = pin!(world.sync.push(&world.binding, changes));
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if push.as_mut().poll(&mut context).is_ready() {
            return true;
        }
    }
    false
}

fn worlds() -> [fn() -> World; 3] {
    [
        world,
        || world_with(Some(CalendarCapabilities::new().with_width(20, 4).with_marker().with_conditional_write())),
        || world_with(Some(CalendarCapabilities::new().with_marker())),
    ]
}

/// At every place: prepares a world, crashes in `changes`, runs them again in another process, and checks the world.
async fn crash_everywhere(before: &[Desired], changes: &[Desired], titles: &[&str], made: usize) {
    for new_world in worlds() {
        let mut places = 0;
        loop {
            let mut world = new_world();
            if !before.is_empty() {
                world.push(before).await;
            }
            let ended = push_for(&world, changes, places).await;
            world.sync = engine(&world.clock, &world.calendar, &world.store, 2);
            world.push_until_done(changes).await;
            assert_eq!(world.titles(), titles, "after a crash at place {places}");
            assert_eq!(world.calendar.inner.made(), made, "after a crash at place {places}");
            world.calendar.take();
            assert_eq!(world.push(changes).await.calls, 0, "after a crash at place {places}");
            if ended {
                break;
            }
            places += 1;
        }
        assert!(places > 10, "only {places} places were tried");
    }
}

#[tokio::test]
async fn creates() {
    crash_everywhere(&[], &[wish("essay", 1, "Essay"), wish("quiz", 1, "Quiz")], &["Essay", "Quiz"], 2).await;
}

#[tokio::test]
async fn an_update_and_a_delete() {
    let before = [wish("essay", 1, "Essay"), wish("quiz", 1, "Quiz")];
    let changes = [wish("essay", 2, "Long essay"), gone("quiz", 2)];
    crash_everywhere(&before, &changes, &["Long essay"], 2).await;
}

#[tokio::test]
async fn a_create_that_was_looked_up() {
    // every place of the run that finds the event of a lost reply
    let changes = [wish("essay", 2, "Long essay")];
    let mut places = 0;
    loop {
        let mut world = world();
        world.calendar.inner.lose_reply_of_next(1);
        world.push(&[wish("essay", 1, "Essay")]).await;
        let ended = push_for(&world, &changes, places).await;
        world.sync = engine(&world.clock, &world.calendar, &world.store, 2);
        world.push_until_done(&changes).await;
        assert_eq!((world.titles(), world.calendar.inner.made()), (vec!["Long essay".to_owned()], 1), "place {places}");
        if ended {
            break;
        }
        places += 1;
    }
    assert!(places > 10, "only {places} places were tried");
}

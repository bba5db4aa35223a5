//! Lanes: a few requests at a time, and nobody's leaving blocks the others.

use futures_util::FutureExt as _;
use http::Method;
use invitations_core::{ErrorKind, RetryClass, runtime::Clock as _};
use meetings_http::{Call, Protection, Step};

use crate::support::{World, request, seconds};

fn in_lane(lane: &str) -> Call {
    Call::new("read", request(Method::GET, "/x"), Protection::Idempotent).with_lane(lane)
}

#[test]
fn four_at_a_time_unless_said_otherwise_and_lanes_do_not_touch() {
    let world = World::new((0..6).map(|_| Step::hangs()).collect());
    let pipeline = world.pipeline();
    let mut all: Vec<_> = (0..5).map(|_| Box::pin(pipeline.send(in_lane("mailbox")))).collect();
    for call in &mut all {
        assert!(call.now_or_never().is_none());
    }
    assert_eq!(world.transport.requests().len(), 4);
    assert!(Box::pin(pipeline.send(in_lane("another"))).now_or_never().is_none());
    assert_eq!(world.transport.requests().len(), 5);
    // the caller of one goes away: its place is free
    drop(all.remove(0));
    assert!(all.last_mut().unwrap().now_or_never().is_none());
    assert_eq!(world.transport.requests().len(), 6);
}

#[test]
fn dropping_at_any_await_leaves_the_lane_free() {
    // waits for its turn; has a turn and waits for the reply; waits between two tries
    let world = World::new(vec![Step::hangs(), Step::reply(503), Step::reply(200)]);
    let pipeline = world.builder().lane_width(1).build().unwrap();
    let mut first = Box::pin(pipeline.send(in_lane("a")));
    assert!((&mut first).now_or_never().is_none());
    let mut second = Box::pin(pipeline.send(in_lane("a")));
    assert!((&mut second).now_or_never().is_none());
    drop(second);
    drop(first);
    let mut third = Box::pin(pipeline.send(in_lane("a")));
    assert!((&mut third).now_or_never().is_none());
    assert_eq!(pipeline.counts().retries, 1);
    drop(third);
    assert_eq!(world.drive(pipeline.send(in_lane("a"))).unwrap().status(), 200);
    assert_eq!(world.elapsed(), seconds(0));
}

#[test]
fn a_place_is_free_while_its_owner_waits_to_try_again() {
    let world = World::new(vec![Step::reply(503), Step::reply(200).with_body("other"), Step::reply(200)]);
    let pipeline = world.builder().lane_width(1).build().unwrap();
    let mut first = Box::pin(pipeline.send(in_lane("a")));
    assert!((&mut first).now_or_never().is_none());
    assert_eq!(pipeline.send(in_lane("a")).now_or_never().unwrap().unwrap().body(), "other");
    assert_eq!(world.drive(first).unwrap().status(), 200);
}

#[test]
fn a_streamed_body_keeps_its_place_until_it_is_dropped() {
    let world = World::new(vec![Step::reply(200).with_body("long"), Step::reply(200)]);
    let pipeline = world.builder().lane_width(1).build().unwrap();
    let reply = world.drive(pipeline.stream(in_lane("a"))).unwrap();
    let mut next = Box::pin(pipeline.send(in_lane("a")));
    assert!((&mut next).now_or_never().is_none());
    drop(reply);
    assert!((&mut next).now_or_never().is_some());
}

#[test]
fn who_waits_too_long_for_a_turn_has_sent_nothing() {
    let world = World::new(vec![Step::hangs()]);
    let pipeline = world.builder().lane_width(1).build().unwrap();
    let mut first = Box::pin(pipeline.send(in_lane("a").with_timeout(seconds(600))));
    assert!((&mut first).now_or_never().is_none());
    let error = world.drive(pipeline.send(in_lane("a").with_timeout(seconds(2)))).unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Timeout, RetryClass::Safe { after: None }));
    assert_eq!((world.transport.requests().len(), world.clock.instant() - world.begun), (1, seconds(2)));
}

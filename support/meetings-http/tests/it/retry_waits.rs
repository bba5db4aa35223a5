//! The rules at work: what is sent when, on a clock that is moved by hand.

use http::Method;
use invitations_core::{
    ErrorKind, RetryClass,
    provider::{Resend, WriteOptions},
};
use meetings_http::{Call, Protection, RetryPolicy, Sent, Step};

use crate::support::{World, request, seconds};

fn call(method: Method, protection: Protection) -> Call {
    Call::new("do", request(method, "/x"), protection)
}

fn read() -> Call {
    call(Method::GET, Protection::Idempotent)
}

#[test]
fn four_tries_after_one_two_and_four_seconds() {
    let world = World::new((0..5).map(|_| Step::reply(503)).collect());
    let pipeline = world.pipeline();
    assert_eq!(world.drive(pipeline.send(read())).unwrap().status(), 503);
    assert_eq!((world.elapsed(), world.transport.remaining()), (seconds(7), 1));
    assert_eq!((pipeline.counts().requests, pipeline.counts().retries), (4, 3));
}

#[test]
fn jitter_adds_at_most_a_fifth() {
    let world = World::new(vec![Step::reply(503), Step::reply(503), Step::reply(503), Step::reply(200)]);
    let pipeline = world.builder().retry(RetryPolicy::new()).build().unwrap();
    world.drive(pipeline.send(read())).unwrap();
    assert!(world.elapsed() > seconds(7) && world.elapsed() <= seconds(7).mul_f64(1.2), "{:?}", world.elapsed());
}

#[test]
fn retry_after_is_kept_where_it_fits_and_handed_on_where_not() {
    let world = World::new(vec![Step::reply(429).with_header("retry-after", "30"), Step::reply(201)]);
    assert_eq!(world.drive(world.pipeline().send(call(Method::POST, Protection::Unprotected))).unwrap().status(), 201);
    assert_eq!(world.elapsed(), seconds(30));

    let date = "Thu, 01 Jan 1970 00:00:05 GMT";
    let world = World::new(vec![Step::reply(503).with_header("retry-after", date), Step::reply(201)]);
    assert_eq!(world.drive(world.pipeline().send(call(Method::POST, Protection::Findable))).unwrap().status(), 201);
    assert_eq!(world.elapsed(), seconds(5));

    let world = World::new(vec![Step::reply(429).with_header("retry-after", "3600")]);
    let reply = world.drive(world.pipeline().send(read())).unwrap();
    assert_eq!((reply.status().as_u16(), &reply.headers()["retry-after"]), (429, &"3600".parse().unwrap()));
    assert_eq!(world.elapsed(), seconds(0));
}

#[test]
fn rule_10_a_create_in_doubt_is_never_sent_again() {
    for protection in [Protection::Findable, Protection::Unprotected] {
        for step in [Step::fails(Sent::Maybe), Step::times_out(), Step::reply(201).with_body("{").cut_off()] {
            let world = World::new(vec![step, Step::reply(201)]);
            let error = world.drive(world.pipeline().send(call(Method::POST, protection))).unwrap_err();
            assert_eq!(error.retry(), RetryClass::Unclear { after: None });
            assert_eq!(world.transport.requests().len(), 1);
        }
        for status in [500, 502, 503, 504, 408] {
            let world = World::new(vec![Step::reply(status), Step::reply(201)]);
            let reply = world.drive(world.pipeline().send(call(Method::POST, protection))).unwrap();
            assert_eq!((reply.status().as_u16(), world.transport.requests().len()), (status, 1));
        }
    }
}

#[test]
fn what_was_surely_not_sent_is_sent_again() {
    let world = World::new(vec![Step::fails(Sent::No), Step::reply(201)]);
    assert_eq!(world.drive(world.pipeline().send(call(Method::POST, Protection::Unprotected))).unwrap().status(), 201);

    let world = World::new((0..4).map(|_| Step::fails(Sent::No)).collect());
    let error = world.drive(world.pipeline().send(call(Method::POST, Protection::Unprotected))).unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, RetryClass::Safe { after: None }));
    assert_eq!(error.provider(), Some(&crate::support::provider()));
}

#[test]
fn a_keyed_create_and_a_read_survive_a_lost_reply() {
    for call in [call(Method::POST, Protection::Keyed), call(Method::PATCH, Protection::Idempotent), read()] {
        let world = World::new(vec![Step::fails(Sent::Maybe), Step::times_out(), Step::reply(200)]);
        let body = call.request.body().clone();
        assert_eq!(world.drive(world.pipeline().send(call)).unwrap().status(), 200);
        assert_eq!(world.elapsed(), seconds(3));
        assert!(world.transport.requests().iter().all(|request| request.body() == &body));
    }
}

#[test]
fn a_lost_reply_is_in_doubt_unless_it_was_a_read() {
    for (call, retry) in [
        (read(), RetryClass::Safe { after: None }),
        (call(Method::HEAD, Protection::Idempotent), RetryClass::Safe { after: None }),
        (call(Method::DELETE, Protection::Idempotent), RetryClass::Unclear { after: None }),
        (call(Method::GET, Protection::Unprotected), RetryClass::Unclear { after: None }),
    ] {
        let world = World::new((0..4).map(|_| Step::fails(Sent::Maybe)).collect());
        assert_eq!(world.drive(world.pipeline().send(call)).unwrap_err().retry(), retry);
    }
}

#[test]
fn the_caller_gets_exactly_one_request() {
    let options = WriteOptions::new().with_resend(Resend::Caller);
    for step in [
        Step::reply(429).with_header("retry-after", "1"),
        Step::reply(503),
        Step::fails(Sent::No),
        Step::fails(Sent::Maybe),
        Step::times_out(),
    ] {
        let world = World::new(vec![step, Step::reply(200)]);
        let _ = world.drive(world.pipeline().send(read().with_options(&options)));
        assert_eq!((world.transport.requests().len(), world.elapsed()), (1, seconds(0)));
    }
}

#[test]
fn turned_away_at_last_does_not_undo_an_earlier_doubt() {
    let steps = || {
        let mut steps = vec![Step::fails(Sent::Maybe)];
        steps.extend((0..3).map(|_| Step::reply(429).with_header("retry-after", "1")));
        steps
    };
    let world = World::new(steps());
    let error = world.drive(world.pipeline().send(call(Method::POST, Protection::Keyed))).unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Throttled, Some(429)));
    assert_eq!(error.retry(), RetryClass::Unclear { after: Some(seconds(1)) });

    let world = World::new(steps());
    assert_eq!(world.drive(world.pipeline().send(read())).unwrap().status(), 429, "a read leaves no doubt");
}

#[test]
fn an_outage_is_not_met_with_four_times_the_load() {
    let world = World::new((0..200).map(|_| Step::reply(503)).collect());
    let pipeline = world.builder().retry(RetryPolicy::new().with_first_wait(seconds(0))).build().unwrap();
    for _ in 0..100 {
        world.drive(pipeline.send(read())).unwrap();
    }
    assert_eq!((pipeline.counts().requests, pipeline.counts().retries), (113, 13));
}

#[test]
fn a_wrong_token_costs_no_try() {
    let mut steps = vec![Step::reply(401)];
    steps.extend((0..4).map(|_| Step::reply(503)));
    let world = World::new(steps);
    assert_eq!(world.drive(world.pipeline().send(read())).unwrap().status(), 503);
    assert_eq!((world.elapsed(), world.transport.remaining()), (seconds(7), 0));
}

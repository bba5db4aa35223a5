//! Time: of a call, of a try, of a lease.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use http::Method;
use invitations_core::{
    ErrorKind, Result, RetryClass,
    provider::{Resend, WriteOptions},
    runtime::{Clock as _, ManualClock},
    token::{AccessToken, AfterReject, Rejected, TokenSource},
};
use meetings_http::{Call, Protection, StaticTokens, Step};

use crate::support::{World, request, seconds};

fn create() -> Call {
    Call::new("create meeting", request(Method::POST, "/meetings"), Protection::Findable)
}

fn read() -> Call {
    Call::new("read meeting", request(Method::GET, "/meetings/1"), Protection::Idempotent)
}

/// Takes five seconds for a token.
#[derive(Debug)]
struct Slow(ManualClock);

#[async_trait]
impl TokenSource for Slow {
    async fn access_token(&self) -> Result<AccessToken> {
        self.0.sleep(seconds(5)).await;
        StaticTokens::new("late").access_token().await
    }

    async fn rejected(&self, _: Rejected) -> Result<AfterReject> {
        Ok(AfterReject::GiveUp)
    }
}

#[test]
fn send_before_is_checked_with_the_token_in_hand() {
    for (before, kind) in [(3, Some(ErrorKind::Timeout)), (5, Some(ErrorKind::Timeout)), (6, None)] {
        let world = World::new(vec![Step::reply(201)]);
        let pipeline = world.pipeline().with_tokens(Arc::new(Slow(world.clock.clone())));
        let options = WriteOptions::new().with_send_before(world.begun + seconds(before)).with_resend(Resend::Caller);
        let result = world.drive(pipeline.send(create().with_options(&options)));
        assert_eq!(result.as_ref().err().map(|error| error.kind()), kind);
        assert_eq!(world.transport.requests().len(), usize::from(kind.is_none()));
        if let Err(error) = result {
            assert_eq!(error.retry(), RetryClass::Safe { after: None });
        }
    }
}

#[test]
fn nothing_is_sent_again_behind_send_before() {
    let world = World::new(vec![Step::reply(503), Step::reply(200)]);
    let options = WriteOptions::new().with_send_before(world.begun + seconds(1));
    assert_eq!(world.drive(world.pipeline().send(read().with_options(&options))).unwrap().status(), 503);
    assert_eq!(world.elapsed(), seconds(0), "and nobody waited for nothing");
}

#[test]
fn a_token_that_does_not_come_takes_no_longer_than_the_call() {
    let world = World::new(Vec::new());
    let pipeline = world.pipeline().with_tokens(Arc::new(Slow(world.clock.clone())));
    let error = world.drive(pipeline.send(create().with_timeout(seconds(2)))).unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Timeout, RetryClass::Safe { after: None }));
    assert_eq!(world.elapsed(), seconds(2));
}

#[test]
fn a_server_that_never_answers_costs_one_try_of_a_create() {
    let world = World::new(vec![Step::hangs()]);
    let error = world.drive(world.pipeline().send(create())).unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Timeout, RetryClass::Unclear { after: None }));
    assert_eq!(world.elapsed(), seconds(20));
}

#[test]
fn tries_and_waits_fit_in_the_calls_time() {
    let world = World::new(vec![Step::hangs(), Step::hangs(), Step::hangs(), Step::hangs()]);
    let error = world.drive(world.pipeline().send(read())).unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Timeout, RetryClass::Safe { after: None }));
    assert_eq!(world.elapsed(), seconds(60));
    assert_eq!(world.transport.timeouts(), [seconds(20), seconds(20), seconds(17)]);
}

#[test]
fn the_only_request_has_all_the_callers_time() {
    let world = World::new(vec![Step::hangs()]);
    let options = WriteOptions::new().with_timeout(seconds(45)).with_resend(Resend::Caller);
    assert!(world.drive(world.pipeline().send(create().with_options(&options))).is_err());
    assert_eq!(world.elapsed(), seconds(45));
}

#[test]
fn an_absurd_timeout_is_no_panic() {
    let world = World::new(vec![Step::reply(200), Step::reply(200)]);
    let call = read().with_timeout(std::time::Duration::MAX);
    assert!(world.drive(world.pipeline().send(call)).is_ok());
    let options = WriteOptions::new().with_timeout(std::time::Duration::MAX).with_resend(Resend::Caller);
    assert!(world.drive(world.pipeline().send(read().with_options(&options))).is_ok());
}

#[test]
fn a_streamed_body_has_its_own_time_and_its_head_has_not() {
    let world = World::new(vec![Step::reply(200).with_body("recording")]);
    let reply = world.drive(world.pipeline().stream(read())).unwrap();
    let pieces: Vec<_> = world.drive(reply.into_body().into_stream().collect());
    assert_eq!(pieces.into_iter().map(Result::unwrap).collect::<Vec<_>>(), ["recording"]);
    assert_eq!(world.transport.timeouts(), [seconds(3600)]);

    let world = World::new(vec![Step::hangs()]);
    let options = WriteOptions::new().with_timeout(seconds(7200)).with_resend(Resend::Caller);
    let error = world.drive(world.pipeline().stream(read().with_options(&options))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!((world.elapsed(), world.transport.timeouts()), (seconds(20), vec![seconds(7200)]));
}

//! Tokens: where they go, and what a 401 leads to.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use http::Method;
use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    provider::{Resend, WriteOptions},
    token::{AccessToken, AfterReject, Rejected, TokenSource},
};
use meetings_http::{Call, Protection, Sent, StaticTokens, Step};

use crate::support::{World, request};

fn call(method: Method) -> Call {
    Call::new("read thing", request(method, "/thing"), Protection::Idempotent)
}

#[test]
fn abuse_g14_a_401_costs_one_other_token_and_no_more() {
    for resend in [Resend::Pipeline, Resend::Caller] {
        let options = WriteOptions::new().with_resend(resend);
        let world = World::new(vec![Step::reply(401), Step::reply(200)]);
        let pipeline = world.pipeline();
        let call = Call::new("make", request(Method::POST, "/x"), Protection::Unprotected).with_options(&options);
        assert_eq!(world.drive(pipeline.send(call)).unwrap().status(), 200);
        assert_eq!(world.bearers(), ["Bearer old", "Bearer new"]);
        assert_eq!((pipeline.counts().refreshes_after_401, pipeline.counts().retries), (1, 0));

        let world = World::new(vec![Step::reply(401), Step::reply(401), Step::reply(200)]);
        let reply = world.drive(world.pipeline().send(call_with(&options))).unwrap();
        assert_eq!((reply.status().as_u16(), world.bearers().len(), world.tokens.rejections().len()), (401, 2, 1));
    }
}

fn call_with(options: &WriteOptions) -> Call {
    call(Method::GET).with_options(options)
}

#[test]
fn a_source_without_another_token_ends_it() {
    let world = World::new(vec![Step::reply(401).with_body("why")]);
    let pipeline = world.pipeline().with_tokens(Arc::new(StaticTokens::new("only")));
    let reply = world.drive(pipeline.send(call(Method::GET))).unwrap();
    assert_eq!((reply.status().as_u16(), &reply.body()[..]), (401, &b"why"[..]));
    assert_eq!(world.bearers(), ["Bearer only"]);
}

#[test]
fn forbidden_and_not_found_ask_for_no_other_token() {
    for status in [403, 404] {
        let world = World::new(vec![Step::reply(status)]);
        assert_eq!(world.drive(world.pipeline().send(call(Method::GET))).unwrap().status(), status);
        assert!(world.tokens.rejections().is_empty());
    }
}

#[test]
fn a_claims_challenge_reaches_the_token_source() {
    let claims = r#"{"access_token":{"nbf":{"essential":true,"value":"1726077595"}}}"#;
    let (padded, url) = (BASE64.encode(claims.as_bytes()), BASE64URL_NOPAD.encode(claims.as_bytes()));
    let scheme = r#"Bearer realm="", authorization_uri="https://login.example/a,b", "#;
    for (header, expected) in [
        (format!(r#"{scheme}error="insufficient_claims", claims="{padded}""#), Some(claims)),
        (format!(r#"{scheme}claims="{url}", error="insufficient_claims""#), Some(claims)),
        (format!(r#"Basic realm="x", Bearer error="insufficient_claims", claims="{url}""#), Some(claims)),
        (format!(r#"{scheme}error="invalid_token", claims="{url}""#), None),
        (format!(r#"Basic error="insufficient_claims", claims="{url}""#), None),
        (format!(r#"{scheme}error="insufficient_claims", claims="!!""#), None),
        (format!(r#"{scheme}error="insufficient_claims", claims="{}""#, BASE64.encode(b"not json")), None),
        (String::from("Bearer error=\"insufficient_claims"), None),
        (String::from("Bearer"), None),
    ] {
        let world = World::new(vec![Step::reply(401).with_header("www-authenticate", &header), Step::reply(200)]);
        world.drive(world.pipeline().send(call(Method::GET))).unwrap();
        assert_eq!(world.tokens.rejections(), [expected.map(str::to_owned)], "{header}");
    }
}

#[test]
fn abuse_g18_no_token_goes_to_another_origin() {
    let world = World::new(Vec::new());
    for uri in [
        "https://api.example.evil.example/x",
        "http://api.example/x",
        "https://api.example:8443/x",
        "https://user@api.example/x",
        "/x",
    ] {
        let request = http::Request::get(uri).body(bytes::Bytes::new()).unwrap();
        let call = Call::new("read", request, Protection::Idempotent);
        assert_eq!(world.drive(world.pipeline().send(call)).unwrap_err().kind(), ErrorKind::InvalidInput, "{uri}");
    }
    let mut own = call(Method::GET);
    own.request.headers_mut().insert("authorization", "Bearer mine".parse().unwrap());
    assert_eq!(world.drive(world.pipeline().send(own)).unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(world.transport.requests().is_empty());
}

#[test]
fn bad_048_a_token_that_would_break_the_header_is_not_sent() {
    for token in ["two words", "line\r\nX-Evil: 1", "é", ""] {
        let world = World::new(Vec::new());
        let pipeline = world.pipeline().with_tokens(Arc::new(StaticTokens::new(token)));
        let error = world.drive(pipeline.send(call(Method::GET))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(token.is_empty() || !format!("{error} {error:?}").contains(token));
        assert!(world.transport.requests().is_empty());
    }
}

#[test]
fn without_a_token_source_no_token_is_sent() {
    let world = World::new(vec![Step::reply(401)]);
    let pipeline = meetings_http::Pipeline::builder(
        crate::support::provider(),
        Arc::clone(&world.transport) as _,
        crate::support::origin(),
    );
    let pipeline = pipeline.clock(Arc::new(world.clock.clone())).build().unwrap();
    assert_eq!(world.drive(pipeline.send(call(Method::GET))).unwrap().status(), 401);
    assert!(!world.transport.requests()[0].headers().contains_key("authorization"));
}

/// Good for `left` tokens; then its own server does not answer.
#[derive(Debug)]
struct Failing {
    left: AtomicU32,
}

#[async_trait]
impl TokenSource for Failing {
    async fn access_token(&self) -> Result<AccessToken> {
        if self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err() {
            let unclear = RetryClass::Unclear { after: None };
            return Err(Error::new(ErrorKind::Unavailable, "refresh token").with_retry(unclear));
        }
        StaticTokens::new("good").access_token().await
    }

    async fn rejected(&self, _: Rejected) -> Result<AfterReject> {
        Err(Error::new(ErrorKind::NeedsReconsent, "refresh token"))
    }
}

#[test]
fn a_failed_refresh_is_not_a_doubt_about_the_call() {
    let world = World::new(Vec::new());
    let pipeline = world.pipeline().with_tokens(Arc::new(Failing { left: AtomicU32::new(0) }));
    let error = world.drive(pipeline.send(call(Method::POST))).unwrap_err();
    assert_eq!(error.retry(), RetryClass::Safe { after: None }, "nothing was sent");

    let world = World::new(vec![Step::fails(Sent::Maybe)]);
    let pipeline = world.pipeline().with_tokens(Arc::new(Failing { left: AtomicU32::new(1) }));
    let error = world.drive(pipeline.send(call(Method::PATCH))).unwrap_err();
    assert_eq!(error.retry(), RetryClass::Unclear { after: None }, "the first try is in doubt");

    let world = World::new(vec![Step::reply(401)]);
    let pipeline = world.pipeline().with_tokens(Arc::new(Failing { left: AtomicU32::new(9) }));
    assert_eq!(world.drive(pipeline.send(call(Method::GET))).unwrap_err().kind(), ErrorKind::NeedsReconsent);
}

#[test]
fn clones_for_other_accounts_share_the_counts() {
    let world = World::new(vec![Step::reply(200), Step::reply(429).with_header("retry-after", "999")]);
    let one = world.pipeline();
    let other = one.with_tokens(Arc::new(StaticTokens::new("other")));
    world.drive(one.send(call(Method::GET))).unwrap();
    world.drive(other.send(call(Method::GET))).unwrap();
    assert_eq!(world.bearers(), ["Bearer old", "Bearer other"]);
    assert_eq!((one.counts().requests, one.counts().throttled), (2, 1));
    assert_eq!(one.counts(), other.counts());
}

#[test]
fn a_pipeline_needs_a_clock() {
    let world = World::new(Vec::new());
    let builder = meetings_http::Pipeline::builder(
        crate::support::provider(),
        Arc::clone(&world.transport) as _,
        crate::support::origin(),
    );
    let error = builder.build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    assert!(error.remedy().is_some());
    assert!(!format!("{:?}", world.pipeline()).contains("old"));
}

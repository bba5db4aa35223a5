//! Bugs on purpose on the road to a provider: each caught by a check that holds without it.
//!
//! `RUSTFLAGS="--cfg seeded" CARGO_TARGET_DIR=target/seeded cargo test -p meetings-http --test it seeded`

use std::sync::Arc;

use http::Method;
use invitations_core::seeded::{REQUEST_BUGS, choose};
use meetings_http::{Call, PageGuard, Protection, ReqwestTransport, StaticTokens, Step, Transport as _};

use crate::support::{World, origin, request, seconds};

/// How many other tokens the source would give.
const TOKENS: usize = 10;

/// B23: a provider that accepts no token, and a source that always has another. Whether more than one other was tried.
fn tokens_are_tried_for_ever() -> bool {
    let world = World::new((0..=TOKENS).map(|_| Step::reply(401)).collect());
    let tokens = (1..=TOKENS).fold(StaticTokens::new("0"), |tokens, number| tokens.then(&number.to_string()));
    let pipeline = world.pipeline().with_tokens(Arc::new(tokens));
    let call = Call::new("read thing", request(Method::GET, "/thing"), Protection::Idempotent);
    assert_eq!(world.drive(pipeline.send(call)).unwrap().status(), 401);
    world.bearers().len() > 2
}

/// B14: whether a token would ride to a link's own choice of host.
fn a_foreign_link_is_followed() -> bool {
    origin().checked("https://evil.example/v1.0/me/events?$skip=1").is_ok()
}

/// B16: a server that always names a time in the past. Whether it is asked again at once.
fn a_past_time_is_no_wait() -> bool {
    let past = || Step::reply(429).with_header("retry-after", "Wed, 21 Oct 1965 07:28:00 GMT");
    let world = World::new((0..10).map(|_| past()).collect());
    let call = Call::new("read thing", request(Method::GET, "/thing"), Protection::Idempotent);
    assert_eq!(world.drive(world.pipeline().send(call)).unwrap().status(), 429);
    let asked_again = u64::try_from(world.transport.requests().len()).unwrap() - 1;
    assert!(asked_again > 0);
    world.elapsed() < seconds(asked_again)
}

/// B20: a listing whose links change while its pages repeat. Whether it is followed on and on.
fn a_listing_never_ends() -> bool {
    let mut guard = PageGuard::new();
    (0..100).all(|page| guard.check(&format!("/thing?page={page}")).is_ok() && guard.check_page(["a", "b"]).is_ok())
}

/// B22: whether what was asked shows in the error of a request that went nowhere.
fn an_error_shows_the_address() -> bool {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/planted?planted", listener.local_addr().unwrap());
    drop(listener);
    let request = http::Request::get(url).body(bytes::Bytes::new()).unwrap();
    let sent = async { ReqwestTransport::new(true).unwrap().send(request, seconds(20)).await };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut shown = String::new();
    let error = runtime.block_on(sent).unwrap_err();
    let mut level: Option<&dyn std::error::Error> = Some(&error);
    while let Some(cause) = level {
        shown.push_str(&format!("{cause} {cause:?}"));
        level = cause.source();
    }
    shown.contains("planted")
}

#[test]
fn each_bug_is_caught() {
    let mut missed = Vec::new();
    for (bug, what) in REQUEST_BUGS {
        let wrong: fn() -> bool = match *bug {
            "B14" => a_foreign_link_is_followed,
            "B16" => a_past_time_is_no_wait,
            "B20" => a_listing_never_ends,
            "B22" => an_error_shows_the_address,
            "B23" => tokens_are_tried_for_ever,
            other => panic!("no check for {other}"),
        };
        assert!(!wrong(), "wrong without {bug}");
        choose(bug);
        if !wrong() {
            missed.push(bug);
        }
        choose("");
        println!("{bug} {what}");
    }
    println!("count: {} bugs of requests", REQUEST_BUGS.len());
    assert_eq!(missed, [] as [&&str; 0], "not caught");
}

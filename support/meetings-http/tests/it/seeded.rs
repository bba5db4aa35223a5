//! A bug on purpose on the road to a provider: caught by a check that holds without it.
//!
//! `RUSTFLAGS="--cfg seeded" CARGO_TARGET_DIR=target/seeded cargo test -p meetings-http --test it seeded`

use std::sync::Arc;

use http::Method;
use invitations_core::seeded::choose;
use meetings_http::{Call, Protection, StaticTokens, Step};

use crate::support::{World, request};

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

#[test]
fn each_bug_is_caught() {
    assert!(!tokens_are_tried_for_ever(), "wrong without B23");
    choose("B23");
    let caught = tokens_are_tried_for_ever();
    choose("");
    println!("B23 a token that is not accepted is replaced again and again");
    println!("count: 1 bug of requests");
    assert!(caught, "not caught: B23");
}

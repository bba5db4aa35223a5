//! Bugs on purpose in what is Webex's own: each caught by a check that holds without it.
//!
//! `RUSTFLAGS="--cfg seeded" CARGO_TARGET_DIR=target/seeded cargo test -p webex-meetings --test it seeded`

use bytes::Bytes;
use futures_util::FutureExt as _;
use invitations_core::{
    secret::WebhookSecret,
    seeded::{PROVIDER_BUGS, choose},
};
use meetings_http::Step;
use serde_json::json;
use webex_meetings::webhooks::Receiver;

use crate::support::{around, id, key, meeting_json, scripted_meetings};

/// B15: somebody who does not know the secret posts without a signature.
fn an_unsigned_delivery_is_taken() -> bool {
    let body = json!({ "id": "w", "resource": "meetings", "event": "ended", "data": { "id": "m_I_1" } });
    let request = http::Request::post("https://app.example/webex").body(Bytes::from(body.to_string())).unwrap();
    Receiver::new([WebhookSecret::new("a secret of thirty letters or so")]).unwrap().receive(&request).is_ok()
}

/// B24: a list that lags names a meeting which by now is another one's.
fn a_good_meeting_is_deleted() -> bool {
    let copy = |name: &str| meeting_json(name, &["k"]);
    let (meetings, transport) = scripted_meetings(vec![
        Step::json(200, &copy("m1")),
        Step::json(200, &json!({ "items": [copy("m1"), copy("m2")] })),
        Step::json(200, &meeting_json("m2", &["another"])),
        Step::reply(204),
    ]);
    meetings.prune(&key("k"), around(), &id("m1")).now_or_never().unwrap().unwrap();
    transport.requests().iter().any(|request| request.method() == http::Method::DELETE)
}

#[test]
fn each_bug_is_caught() {
    let mut missed = Vec::new();
    for (bug, what) in PROVIDER_BUGS {
        let wrong: fn() -> bool = match *bug {
            "B15" => an_unsigned_delivery_is_taken,
            "B24" => a_good_meeting_is_deleted,
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
    println!("count: {} bugs of a provider", PROVIDER_BUGS.len());
    assert_eq!(missed, [] as [&&str; 0], "not caught");
}

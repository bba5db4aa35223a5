//! Each fault kind: what was done, and what came back.

use std::time::Duration;

use meetings_sandbox::{Fault, FaultPlan, FaultRule, Handled};
use serde_json::{Value, json};

use crate::bench::{Bench, event};

async fn bench_with(fault: Value) -> Bench {
    let bench = Bench::new().await;
    let plan = json!({ "rules": [{ "method": "POST", "path": "/events", "calls": [1], "fault": fault }] });
    assert_eq!(bench.control("PUT /_sandbox/faults", Some(plan)).await.status, 200);
    bench
}

async fn create(bench: &Bench) -> Handled {
    bench.send(&bench.application, &bench.place("POST {me}/events"), &[], Some(event("x", 10, 11))).await
}

fn made(bench: &Bench) -> usize {
    bench.sandbox.state()["events"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn lost_request_does_nothing() {
    let bench = bench_with(json!({ "kind": "lost_request" })).await;
    assert!(matches!(create(&bench).await, Handled::Dropped));
    assert_eq!(made(&bench), 0);
    assert!(matches!(create(&bench).await, Handled::Reply(_)), "only the first call was named");
}

#[tokio::test]
async fn lost_reply_is_carried_out() {
    let bench = bench_with(json!({ "kind": "lost_reply" })).await;
    assert!(matches!(create(&bench).await, Handled::Dropped));
    assert_eq!(made(&bench), 1);
    let entry = bench.sandbox.journal().pop().expect("an entry");
    assert_eq!((entry.status, entry.reached, entry.fault.as_deref()), (None, true, Some("lost_reply")));
    assert_eq!(entry.operation, "graph.events.create");
}

#[tokio::test]
async fn status_before_and_after_differ_in_what_was_done() {
    for (kind, expected) in [("status_before", 0), ("status_after", 1)] {
        let bench = bench_with(json!({ "kind": kind, "status": 502, "retry_after": "7" })).await;
        let reply = bench.graph("POST {me}/events", Some(event("x", 10, 11))).await;
        assert_eq!((reply.status, reply.header("retry-after")), (502, "7"));
        assert_eq!(reply.code(), "UnknownError");
        assert_eq!(made(&bench), expected, "{kind}");
    }
}

#[tokio::test]
async fn throttle_has_each_form_of_retry_after() {
    for value in [json!("2"), json!("Mon, 01 Mar 2027 09:00:05 GMT"), Value::Null] {
        let bench = bench_with(json!({ "kind": "throttle", "retry_after": value })).await;
        let reply = bench.graph("POST {me}/events", Some(event("x", 10, 11))).await;
        assert_eq!((reply.status, reply.code()), (429, "TooManyRequests"));
        assert_eq!(reply.header("retry-after"), value.as_str().unwrap_or_default());
        assert_eq!(made(&bench), 0);
    }
}

#[tokio::test]
async fn truncation_keeps_the_full_length() {
    let bench = bench_with(json!({ "kind": "truncate" })).await;
    let Handled::Truncated(response) = create(&bench).await else { panic!("not truncated") };
    let promised: usize = response.headers()["content-length"].to_str().expect("text").parse().expect("number");
    assert_eq!(response.body().len(), promised / 2);
    assert_eq!(made(&bench), 1);
}

#[tokio::test]
async fn duplicate_is_carried_out_twice() {
    let bench = bench_with(json!({ "kind": "duplicate" })).await;
    assert!(matches!(create(&bench).await, Handled::Reply(_)));
    assert_eq!(made(&bench), 2);
}

#[tokio::test]
async fn delay_only_takes_time() {
    let bench = bench_with(json!({ "kind": "delay", "millis": 1 })).await;
    assert!(matches!(create(&bench).await, Handled::Reply(_)));
    assert_eq!(made(&bench), 1);
}

#[tokio::test]
async fn held_reply_comes_after_the_release() {
    let bench = bench_with(json!({ "kind": "hold", "after": true })).await;
    let released = async {
        while made(&bench) == 0 {
            tokio::task::yield_now().await;
        }
        bench.sandbox.release_held();
    };
    let (handled, ()) = tokio::join!(create(&bench), released);
    assert!(matches!(handled, Handled::Reply(_)));
}

#[tokio::test]
async fn every_counts_matching_calls_and_times_ends_it() {
    let bench = Bench::new().await;
    let rule = FaultRule::new(Fault::LostRequest).on_operation("graph.events.create").every(2).times(2);
    bench.sandbox.set_faults(FaultPlan::new().with(rule));
    let mut dropped = Vec::new();
    for call in 1..=8 {
        bench.graph("GET {me}/events", None).await;
        if matches!(create(&bench).await, Handled::Dropped) {
            dropped.push(call);
        }
    }
    assert_eq!(dropped, [2, 4]);
    let plan = bench.control("GET /_sandbox/faults", None).await;
    assert_eq!((&plan.body["rules"][0]["counted"], &plan.body["rules"][0]["fired"]), (&json!(8), &json!(2)));
    bench.control("DELETE /_sandbox/faults", None).await;
    assert_eq!(bench.control("GET /_sandbox/faults", None).await.body, json!({ "rules": [] }));
}

#[tokio::test]
async fn the_first_due_rule_wins_and_later_rules_count_on() {
    let bench = Bench::new().await;
    let first = FaultRule::new(Fault::Throttle { retry_after: None }).at_calls([1]);
    let second = FaultRule::new(Fault::LostRequest).at_calls([1, 2]);
    bench.sandbox.set_faults(FaultPlan::new().with(first).with(second));
    assert_eq!(bench.graph("GET {me}/events", None).await.status, 429);
    assert!(matches!(create(&bench).await, Handled::Dropped));
    assert!(matches!(create(&bench).await, Handled::Reply(_)));
}

#[tokio::test]
async fn a_fifth_request_in_one_mailbox_is_throttled() {
    let bench = Bench::new().await;
    let held = FaultRule::new(Fault::Hold { after: false }).at_calls([1, 2, 3, 4]);
    bench.sandbox.set_faults(FaultPlan::new().with(held));
    let list = || bench.graph("GET {me}/events", None);
    let fifth = async {
        let mailbox = list().await;
        // another mailbox has its own limit
        let other = bench.graph("GET /v1.0/users/ada@contoso.example/events", None).await;
        bench.sandbox.release_held();
        (mailbox, other)
    };
    let (a, b, c, d, (fifth, other)) = tokio::join!(list(), list(), list(), list(), fifth);
    assert!([a, b, c, d].iter().all(|reply| reply.status == 200));
    assert_eq!((fifth.status, fifth.code(), fifth.header("retry-after")), (429, "ApplicationThrottled", "1"));
    assert_eq!(fifth.text("/error/message"), "Application is over its MailboxConcurrency limit.");
    assert_eq!(other.status, 200);
    assert_eq!(list().await.status, 200, "places are given back");
}

#[tokio::test]
async fn providers_throttle_in_their_own_words() {
    let bench = Bench::new().await;
    bench
        .sandbox
        .set_faults(FaultPlan::new().with(FaultRule::new(Fault::Throttle { retry_after: Some("3".to_owned()) })));
    let webex = bench.webex("GET /v1/people/me", None).await;
    assert_eq!((webex.status, webex.header("content-type"), webex.header("retry-after")), (429, "text/html", "3"));
    let entra = bench.form("/common/oauth2/v2.0/token", &[]).await;
    assert_eq!((entra.status, entra.text("/error")), (429, "temporarily_unavailable"));
    bench.sandbox.advance(Duration::from_secs(1));
}

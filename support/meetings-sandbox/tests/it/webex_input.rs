//! What Webex refuses in bodies and queries, and that nothing odd in them ends the server.

use serde_json::{Value, json};

use crate::bench::{Bench, Reply};

async fn make(bench: &Bench, change: Value) -> Reply {
    let mut body = json!({
        "title": "Maths", "start": "2027-03-08T10:00:00Z", "end": "2027-03-08T11:00:00Z", "sendEmail": false,
    });
    body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
    bench.webex("POST /v1/meetings", Some(body)).await
}

#[tokio::test]
async fn a_recurrence_is_read_strictly_and_ends_within_five_years() {
    let bench = Bench::new().await;
    for good in ["FREQ=WEEKLY;COUNT=261", "FREQ=DAILY", "FREQ=MONTHLY;UNTIL=20320308T100000Z"] {
        assert_eq!(make(&bench, json!({ "recurrence": good })).await.status, 200, "{good}");
    }
    for bad in [
        json!("FREQ=WEEKLY;COUNT=262"),
        json!("FREQ=DAILY;UNTIL=20330101"),
        json!("FREQ=DAILY;UNTIL=tomorrow"),
        json!("FREQ=MONTHLY;BYMONTHDAY=-2147483648"),
        json!(""),
        json!(5),
    ] {
        let reply = make(&bench, json!({ "recurrence": bad })).await;
        assert_eq!(reply.status, 400, "{bad}: {}", reply.body);
        let made = make(&bench, json!({})).await;
        let path = format!("PATCH /v1/meetings/{}", made.text("/id"));
        let patched = bench.webex(&path, Some(json!({ "recurrence": bad }))).await;
        assert_eq!(patched.status, 400, "{bad}");
    }
    assert_eq!(
        bench.webex("GET /v1/meetings?from=2027-03-01T00:00:00Z&to=2027-04-01T00:00:00Z", None).await.status,
        200
    );
}

#[tokio::test]
async fn a_recurrence_comes_back_with_its_end_in_front() {
    let bench = Bench::new().await;
    let made = make(&bench, json!({ "recurrence": "FREQ=DAILY;INTERVAL=1;COUNT=10" })).await;
    assert_eq!(made.text("/recurrence"), "FREQ=DAILY;COUNT=10;INTERVAL=1");
}

#[tokio::test]
async fn numbers_and_dates_at_the_edge_are_answered() {
    let bench = Bench::new().await;
    make(&bench, json!({})).await;
    for path in [
        "/v1/meetings?offset=18446744073709551615",
        "/v1/meetings?from=%2B262142-12-31T00:00:00Z",
        "/v1/meetings?to=-262143-01-02T00:00:00Z",
        "/v1/recordings?from=%2B262142-12-31T00:00:00Z",
        "/v1/meetingTranscripts?to=-262143-01-02T00:00:00Z",
    ] {
        let reply = bench.webex(&format!("GET {path}"), None).await;
        assert!(matches!(reply.status, 200 | 400), "{path}: {} {}", reply.status, reply.body);
    }
}

#[tokio::test]
async fn what_is_never_indexed_is_never_listed() {
    let bench = Bench::new().await;
    bench.sandbox.set_webex_index_lag(std::time::Duration::MAX);
    bench.control("POST /_sandbox/webex", Some(json!({ "participant_lag_seconds": 1e18 }))).await;
    let made = make(&bench, json!({})).await;
    let listed = bench.webex("GET /v1/meetings?from=2027-03-01T00:00:00Z&to=2027-04-01T00:00:00Z", None).await;
    assert_eq!(listed.body["items"], json!([]));
    let people = bench.webex(&format!("GET /v1/meetingParticipants?meetingId={}", made.text("/id")), None).await;
    assert_eq!(people.status, 404, "nobody is known to have come: {}", people.body);
}

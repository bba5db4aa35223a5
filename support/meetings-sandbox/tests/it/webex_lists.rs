//! `GET /meetings`: windows, tags, lag, pages.

use std::time::Duration;

use serde_json::json;

use crate::bench::{Bench, Reply};

async fn make(bench: &Bench, day: &str, tag: &str) -> Reply {
    let (start, end) = (format!("{day}T10:00:00Z"), format!("{day}T11:00:00Z"));
    let body = json!({ "title": "x", "start": start, "end": end, "integrationTags": [tag], "sendEmail": false });
    let reply = bench.webex("POST /v1/meetings", Some(body)).await;
    assert_eq!(reply.status, 200);
    reply
}

fn count(reply: &Reply) -> usize {
    reply.body["items"].as_array().map_or(usize::MAX, Vec::len)
}

#[tokio::test]
async fn a_tag_is_found_only_inside_the_window() {
    let bench = Bench::new().await;
    let far = make(&bench, "2027-04-01", "key-1").await;
    assert_eq!(count(&bench.webex("GET /v1/meetings?integrationTag=key-1", None).await), 0, "seven days by default");
    let window = "from=2027-03-31T10:00:00Z&to=2027-04-02T11:00:00Z";
    let found = bench.webex(&format!("GET /v1/meetings?integrationTag=key-1&{window}"), None).await;
    assert_eq!((count(&found), found.text("/items/0/id")), (1, far.text("/id")));
    assert_eq!(count(&bench.webex(&format!("GET /v1/meetings?integrationTag=key-2&{window}"), None).await), 0);
    let only_from = bench.webex("GET /v1/meetings?from=2027-03-31T00:00:00Z", None).await;
    assert_eq!(count(&only_from), 1, "the missing end is seven days later");
}

#[tokio::test]
async fn tags_belong_to_the_client_that_set_them() {
    let bench = Bench::new().await;
    make(&bench, "2027-03-02", "key-1").await;
    let issue = json!({
        "provider": "webex", "user": "organizer@contoso.example",
        "client": meetings_sandbox::defaults::OTHER_WEBEX_CLIENT_ID,
    });
    let token = bench.control("POST /_sandbox/tokens/issue", Some(issue)).await;
    let token = token.text("/access_token");
    let tagged = bench.call(token, "GET /v1/meetings?integrationTag=key-1", &[], None).await;
    assert_eq!(count(&tagged), 0);
    let all = bench.call(token, "GET /v1/meetings", &[], None).await;
    assert_eq!(count(&all), 1);
    assert!(all.body["items"][0].get("integrationTags").is_none());
}

#[tokio::test]
async fn a_tag_that_another_client_sets_is_that_clients_own() {
    let bench = Bench::new().await;
    let made = make(&bench, "2027-03-02", "key-1").await;
    let issue = json!({
        "provider": "webex", "user": "organizer@contoso.example",
        "client": meetings_sandbox::defaults::OTHER_WEBEX_CLIENT_ID,
    });
    let token = bench.control("POST /_sandbox/tokens/issue", Some(issue)).await;
    let token = token.text("/access_token");
    let path = format!("PATCH /v1/meetings/{}", made.text("/id"));
    let tagged = bench.call(token, &path, &[], Some(json!({ "integrationTags": ["key-2"], "sendEmail": false }))).await;
    assert_eq!(tagged.body["integrationTags"], json!(["key-2"]));
    let found = async |token: &str, tag: &str| {
        count(&bench.call(token, &format!("GET /v1/meetings?integrationTag={tag}"), &[], None).await)
    };
    assert_eq!((found(token, "key-2").await, found(token, "key-1").await), (1, 0));
    assert_eq!((found(&bench.webex, "key-1").await, found(&bench.webex, "key-2").await), (1, 0));
}

#[tokio::test]
async fn a_new_meeting_shows_after_the_index_lag() {
    let bench = Bench::new().await;
    bench.control("POST /_sandbox/webex", Some(json!({ "index_lag_seconds": 30 }))).await;
    let made = make(&bench, "2027-03-02", "key-1").await;
    assert_eq!(count(&bench.webex("GET /v1/meetings?integrationTag=key-1", None).await), 0);
    assert_eq!(bench.webex(&format!("GET /v1/meetings/{}", made.text("/id")), None).await.status, 200);
    bench.sandbox.advance(Duration::from_secs(30));
    assert_eq!(count(&bench.webex("GET /v1/meetings?integrationTag=key-1", None).await), 1);
}

#[tokio::test]
async fn pages_link_to_the_next_until_there_is_none() {
    let bench = Bench::new().await;
    for _ in 0..5 {
        make(&bench, "2027-03-02", "t").await;
    }
    let (mut path, mut pages, mut seen) = ("/v1/meetings?max=2&integrationTag=t".to_owned(), 0, 0);
    loop {
        let page = bench.webex(&format!("GET {path}"), None).await;
        (pages, seen) = (pages + 1, seen + count(&page));
        let Some((link, rel)) = page.header("link").split_once(">; ") else { break };
        assert_eq!(rel, "rel=\"next\"");
        let root = bench.sandbox.url().to_string();
        path = format!("/{}", link.trim_start_matches('<').strip_prefix(&root).expect("our own link"));
    }
    assert_eq!((pages, seen), (3, 5));
}

#[tokio::test]
async fn deleted_meetings_and_started_instances_are_not_listed() {
    let bench = Bench::new().await;
    let made = make(&bench, "2027-03-02", "t").await;
    let occurrences = bench.webex("GET /v1/meetings?meetingType=scheduledMeeting", None).await;
    assert_eq!(occurrences.text("/items/0/meetingSeriesId"), made.text("/id"));
    assert_eq!(count(&bench.webex("GET /v1/meetings?meetingType=meeting", None).await), 0);
    bench.webex(&format!("DELETE /v1/meetings/{}", made.text("/id")), None).await;
    assert_eq!(count(&bench.webex("GET /v1/meetings", None).await), 0);
}

#[tokio::test]
async fn instances_are_listed_by_their_own_times_also_of_deleted_meetings() {
    let bench = Bench::new().await;
    let made = make(&bench, "2027-03-20", "t").await;
    let joined = json!({ "meeting": made.text("/id"), "email": "organizer@contoso.example" });
    let joined = bench.control("POST /_sandbox/webex/join", Some(joined)).await;
    bench.sandbox.advance(Duration::from_secs(600));
    let list = async || bench.webex("GET /v1/meetings?meetingType=meeting", None).await;
    let early = list().await;
    assert_eq!((early.text("/items/0/id"), early.text("/items/0/state")), (joined.text("/instance"), "inProgress"));
    let left = json!({ "participant": joined.text("/participant") });
    assert_eq!(bench.control("POST /_sandbox/webex/leave", Some(left)).await.status, 200);
    bench.webex(&format!("DELETE /v1/meetings/{}?sendEmail=false", made.text("/id")), None).await;
    assert_eq!(list().await.text("/items/0/state"), "ended");
}

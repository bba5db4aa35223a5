use std::time::Duration;

use invitations_core::{
    ErrorKind, RetryClass,
    ids::{Etag, PageToken},
    provider::{Idempotency, MeetingPatch, MeetingProvider as _, WriteOptions},
};
use meetings_http::{Sent, Step};
use serde_json::{Value, json};

use crate::support::{around, draft, id, key, meeting_json, once, scripted, scripted_by, scripted_meetings, slot};

const UNCLEAR: RetryClass = RetryClass::Unclear { after: None };

#[tokio::test]
async fn a_create_is_one_request_with_the_token_and_the_key() {
    let (meetings, transport) = scripted_meetings(vec![Step::json(200, &meeting_json("m1", &["lesson-42"]))]);
    let meeting = meetings.create(&key("lesson-42"), &draft(), WriteOptions::new()).await.unwrap();
    assert_eq!(meeting.id.as_str(), "m1");
    let requests = transport.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].uri().to_string(), "https://webexapis.com/v1/meetings");
    assert_eq!(requests[0].headers()["authorization"], "Bearer token-1");
    let body: Value = serde_json::from_slice(requests[0].body()).unwrap();
    assert_eq!((&body["integrationTags"], &body["sendEmail"]), (&json!(["lesson-42"]), &json!(false)));
}

#[tokio::test]
async fn an_unclear_create_is_never_sent_again() {
    let html = || Step::reply(502).with_header("content-type", "text/html").with_body("<html>Bad Gateway</html>");
    let unreadable = || Step::reply(200).with_body("<html>");
    let cut = || Step::json(200, &meeting_json("m1", &[])).cut_off();
    for (step, options) in [
        (Step::fails(Sent::Maybe), WriteOptions::new()),
        (Step::fails(Sent::Maybe), once()),
        (Step::times_out(), WriteOptions::new()),
        (html(), WriteOptions::new()),
        (Step::reply(500), WriteOptions::new()),
        (Step::reply(504), once()),
        (unreadable(), WriteOptions::new()),
        (cut(), WriteOptions::new()),
    ] {
        let name = format!("{step:?}");
        let (meetings, transport) = scripted_meetings(vec![step]);
        let error = meetings.create(&key("k"), &draft(), options).await.unwrap_err();
        assert_eq!(error.retry(), UNCLEAR, "{name}: {error}");
        assert_eq!(transport.requests().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn a_create_that_surely_did_nothing_may_be_sent_again_by_the_caller() {
    for step in [Step::fails(Sent::No), Step::reply(429).with_header("retry-after", "3600"), Step::reply(423)] {
        let (meetings, transport) = scripted_meetings(vec![step]);
        let error = meetings.create(&key("k"), &draft(), once()).await.unwrap_err();
        assert!(matches!(error.retry(), RetryClass::Safe { .. }), "{error}");
        assert_eq!(transport.requests().len(), 1);
    }
}

#[tokio::test]
async fn an_hour_of_throttling_is_not_waited_for() {
    let page = Step::reply(429).with_header("retry-after", "3600").with_header("content-type", "text/html");
    let (meetings, transport) = scripted_meetings(vec![page.with_body("<html>Too Many Requests</html>")]);
    let error = meetings.create(&key("k"), &draft(), WriteOptions::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
    assert_eq!(error.retry(), RetryClass::Safe { after: Some(Duration::from_secs(3600)) });
    assert_eq!(transport.requests().len(), 1);
}

#[tokio::test]
async fn a_caller_mistake_costs_no_request() {
    let (meetings, transport) = scripted_meetings(Vec::new());
    let mut bad = draft();
    bad.slot.duration = Duration::from_secs(60);
    let error = meetings.create(&key("k"), &bad, WriteOptions::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let options = || WriteOptions::new().with_if_match(Etag::parse("1").unwrap());
    assert_eq!(meetings.create(&key("k"), &draft(), options()).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(meetings.cancel(&id("m"), options()).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    let patch = MeetingPatch::new().with_subject("x".repeat(129));
    let error = meetings.update(&id("m"), &patch, WriteOptions::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn a_look_up_reads_every_page_even_after_an_empty_one() {
    let link = |page: u8| format!("<https://webexapis.com/v1/meetings?page={page}>; rel=\"next\"");
    let (meetings, transport) = scripted_meetings(vec![
        Step::json(200, &json!({ "items": [] })).with_header("link", &link(2)),
        Step::json(200, &json!({ "items": [meeting_json("m1", &["k"])] })).with_header("link", &link(3)),
        Step::json(200, &json!({ "items": [meeting_json("m1", &["k"]), meeting_json("m2", &["k", "x"])] })),
    ]);
    let found = meetings.find_by_key(&key("k"), around()).await.unwrap();
    let ids: Vec<&str> = found.iter().map(|meeting| meeting.id.as_str()).collect();
    assert_eq!(ids, ["m1", "m2"]);
    let asked = transport.requests();
    assert_eq!(asked.len(), 3);
    let first = asked[0].uri().query().unwrap();
    for part in ["integrationTag=k", "meetingType=meetingSeries", "current=false", "from=2026-09-06", "to=2026-09-08"] {
        assert!(first.contains(part), "{first}");
    }
    assert_eq!(asked[2].uri().to_string(), "https://webexapis.com/v1/meetings?page=3");
}

#[tokio::test]
async fn a_listing_in_circles_or_to_another_origin_ends_in_an_error() {
    let page =
        |link: &str| Step::json(200, &json!({ "items": [] })).with_header("link", &format!("<{link}>; rel=\"next\""));
    let same = "https://webexapis.com/v1/meetings?page=2";
    let (meetings, _) = scripted_meetings(vec![page(same), page(same)]);
    assert_eq!(meetings.find_by_key(&key("k"), around()).await.unwrap_err().kind(), ErrorKind::Protocol);
    let (meetings, transport) = scripted_meetings(vec![page("https://evil.example/v1/meetings")]);
    assert_eq!(meetings.find_by_key(&key("k"), around()).await.unwrap_err().kind(), ErrorKind::Protocol);
    assert_eq!(transport.requests().len(), 1);
    let (meetings, transport) = scripted_meetings(Vec::new());
    let elsewhere = PageToken::parse("https://evil.example/").unwrap();
    assert_eq!(meetings.list(around(), Some(&elsewhere)).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn a_failed_page_is_never_an_empty_answer() {
    let link = "<https://webexapis.com/v1/meetings?page=2>; rel=\"next\"";
    let (meetings, _) = scripted_meetings(vec![
        Step::json(200, &json!({ "items": [meeting_json("m1", &["k"])] })).with_header("link", link),
        Step::reply(403),
    ]);
    assert_eq!(meetings.find_by_key(&key("k"), around()).await.unwrap_err().kind(), ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn a_listing_goes_page_by_page() {
    let link = "<https://webexapis.com/v1/meetings?page=2>; rel=\"next\"";
    let (meetings, _) = scripted_meetings(vec![
        Step::json(200, &json!({ "items": [meeting_json("m1", &[])] })).with_header("link", link),
        Step::json(200, &json!({ "items": [meeting_json("m2", &[])] })),
    ]);
    let first = meetings.list(around(), None).await.unwrap();
    let second = meetings.list(around(), first.next.as_ref()).await.unwrap();
    assert_eq!((first.items[0].id.as_str(), second.items[0].id.as_str()), ("m1", "m2"));
    assert!(second.next.is_none());
}

#[tokio::test]
async fn a_patch_without_changes_reads() {
    let (meetings, transport) =
        scripted_meetings(vec![Step::json(200, &meeting_json("m1", &[])), Step::json(200, &meeting_json("m1", &[]))]);
    meetings.update(&id("m1"), &MeetingPatch::new(), WriteOptions::new()).await.unwrap();
    let patch = MeetingPatch::new().with_slot(slot("2026-09-08T09:00:00", "Europe/Paris"));
    meetings.update(&id("m1"), &patch, WriteOptions::new()).await.unwrap();
    let methods: Vec<String> = transport.requests().iter().map(|request| request.method().to_string()).collect();
    assert_eq!(methods, ["GET", "PATCH"]);
}

#[tokio::test]
async fn a_rejected_token_is_reported_once_and_the_answer_is_said() {
    let (meetings, transport) = scripted_meetings(vec![Step::reply(401).with_header("trackingid", "ROUTER_1")]);
    let error = meetings.read(&id("m1")).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unauthenticated, RetryClass::Never));
    assert_eq!(error.request_id().unwrap().as_str(), "ROUTER_1");
    assert_eq!(error.provider().unwrap().as_str(), "webex");
    assert_eq!(transport.requests().len(), 1);
}

#[test]
fn the_lag_of_look_ups_can_be_set() {
    let capabilities = scripted(Vec::new()).0.my_meetings().unwrap().capabilities();
    assert_eq!(capabilities.idempotency, Idempotency::InexactLookup { lag: Duration::from_secs(120) });
    assert!(capabilities.list && capabilities.recurrence && capabilities.lobby);
    assert_eq!(capabilities.max_attendees, Some(1000));
    let (webex, _) = scripted_by(Vec::new(), |builder| builder.lookup_lag(Duration::from_secs(1)));
    let short = webex.my_meetings().unwrap().capabilities().idempotency;
    assert_eq!(short, Idempotency::InexactLookup { lag: Duration::from_secs(1) });
}

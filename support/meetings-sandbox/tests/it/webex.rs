//! Webex meetings and invitees.

use std::time::Duration;

use serde_json::{Value, json};

use crate::bench::{Bench, Reply};

const CREATE: &str = "POST /v1/meetings";

fn meeting(start: &str, end: &str) -> Value {
    json!({ "title": "Lesson", "start": start, "end": end })
}

/// Tomorrow, an hour.
fn tomorrow() -> Value {
    meeting("2027-03-02T10:00:00Z", "2027-03-02T11:00:00Z")
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

async fn made(bench: &Bench) -> Reply {
    let reply = bench.webex(CREATE, Some(tomorrow())).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply
}

#[tokio::test]
async fn create_answers_200_and_reads_come_in_utc() {
    let bench = Bench::new().await;
    let body = with(meeting("2027-03-02 10:00:00", "2027-03-02 11:00:00"), "timezone", json!("Asia/Shanghai"));
    let reply = bench.webex(CREATE, Some(with(body, "invitees", json!([{ "email": "a@x.example" }])))).await;
    assert_eq!((reply.status, reply.text("/start")), (200, "2027-03-02T10:00:00+08:00"));
    assert_eq!((reply.text("/timezone"), reply.text("/meetingType")), ("Asia/Shanghai", "meetingSeries"));
    let read = bench.webex(&format!("GET /v1/meetings/{}", reply.text("/id")), None).await;
    assert_eq!((read.text("/start"), read.text("/timezone")), ("2027-03-02T02:00:00Z", "UTC"));
    let path = format!("GET /v1/meetings/{}", reply.text("/id"));
    let zoned = bench.call(&bench.webex, &path, &[("timezone", "Asia/Tokyo")], None).await;
    assert_eq!(zoned.text("/start"), "2027-03-02T11:00:00+09:00");
    let kinds: Vec<(String, String)> = bench.sandbox.mails().into_iter().map(|m| (m.to, m.kind)).collect();
    let mail = |to: &str| (to.to_owned(), "webex-invitation".to_owned());
    assert_eq!(kinds, [mail("organizer@contoso.example"), mail("a@x.example")]);
}

#[tokio::test]
async fn an_offset_must_be_the_zone_s_own() {
    let bench = Bench::new().await;
    let zoned = |start: &str, end: &str| with(meeting(start, end), "timezone", json!("Europe/Paris"));
    let wrong = bench.webex(CREATE, Some(zoned("2027-03-02T10:00:00Z", "2027-03-02T11:00:00Z"))).await;
    let message = "timezone 'Europe/Paris' and timezone offset in '2027-03-02T10:00:00Z' do not match";
    assert_eq!((wrong.status, wrong.text("/message")), (404, message));
    assert!(wrong.body.get("errors").is_none());
    let winter = zoned("2027-03-02T10:00:00+01:00", "2027-03-02T11:00:00+01:00");
    assert_eq!(bench.webex(CREATE, Some(winter)).await.status, 200);
    let summer = zoned("2027-07-02T10:00:00+01:00", "2027-07-02T11:00:00+01:00");
    assert_eq!(bench.webex(CREATE, Some(summer)).await.status, 404);
}

#[tokio::test]
async fn limits_of_a_create() {
    let bench = Bench::new().await;
    let past = bench.webex(CREATE, Some(meeting("2027-03-01T08:00:00Z", "2027-03-01T09:30:00Z"))).await;
    assert_eq!(past.text("/errors/0/description"), "Parameter 'start' or 'end' is before current time.");
    for body in [
        meeting("2027-03-02T10:00:00Z", "2027-03-02T10:09:00Z"),
        meeting("2027-03-02T10:00:00Z", "2027-03-03T10:00:00Z"),
        meeting("2037-03-02T10:00:00Z", "2037-03-02T11:00:00Z"),
        with(tomorrow(), "title", json!("x".repeat(129))),
        with(tomorrow(), "timezone", json!("Mars/Base")),
        with(tomorrow(), "integrationTags", json!(["a", "b", "c", "d"])),
        with(tomorrow(), "integrationTags", json!(["x".repeat(65)])),
        with(tomorrow(), "password", json!("lower1!")),
        with(tomorrow(), "start", Value::Null),
    ] {
        assert_eq!(bench.webex(CREATE, Some(body.clone())).await.status, 400, "{body}");
    }
    let other_host = with(tomorrow(), "hostEmail", json!("ada@contoso.example"));
    assert_eq!(bench.webex(CREATE, Some(other_host)).await.status, 403);
    let now = bench.webex(CREATE, Some(meeting("2027-03-01T09:00:30Z", "2027-03-01T10:00:00Z"))).await;
    assert_eq!(now.text("/start"), "2027-03-01T09:01:00Z", "the current minute moves to the next");
}

#[tokio::test]
async fn a_hundred_creates_a_day_failed_ones_included() {
    let bench = Bench::new().await;
    assert_eq!(bench.webex(CREATE, Some(json!({}))).await.status, 400);
    for _ in 1..100 {
        made(&bench).await;
    }
    let over = bench.webex(CREATE, Some(tomorrow())).await;
    assert_eq!((over.status, over.header("retry-after"), over.header("content-type")), (429, "3600", "text/html"));
    assert_eq!(bench.sandbox.state()["quotas"][0]["used"], 100);
    bench.sandbox.advance(Duration::from_secs(24 * 3600));
    let later = bench.webex(CREATE, Some(meeting("2027-03-04T10:00:00Z", "2027-03-04T11:00:00Z"))).await;
    assert_eq!(later.status, 200);
}

#[tokio::test]
async fn patch_merges_and_its_zone_defaults_to_utc() {
    let bench = Bench::new().await;
    let body = with(
        with(meeting("2027-03-02 10:00", "2027-03-02 11:00"), "timezone", json!("Europe/Paris")),
        "agenda",
        json!("old"),
    );
    let first = bench.webex(CREATE, Some(body)).await;
    let path = format!("PATCH /v1/meetings/{}", first.text("/id"));
    let titled = bench.webex(&path, Some(json!({ "title": "New", "agenda": null, "sendEmail": false }))).await;
    assert_eq!((titled.text("/title"), titled.text("/start")), ("New", "2027-03-02T10:00:00+01:00"));
    assert!(titled.body.get("agenda").is_none());
    let moved = bench.webex(&path, Some(json!({ "start": "2027-03-02 12:00", "end": "2027-03-02 13:00" }))).await;
    assert_eq!(moved.text("/start"), "2027-03-02T12:00:00Z");
    assert_eq!(moved.text("/webLink"), first.text("/webLink"));
}

#[tokio::test]
async fn delete_once_with_or_without_mail() {
    let bench = Bench::new().await;
    let (quiet, loud) = (made(&bench).await, made(&bench).await);
    let cancellations = || bench.sandbox.mails().iter().filter(|m| m.kind == "webex-cancellation").count();
    let path = format!("DELETE /v1/meetings/{}", quiet.text("/id"));
    assert_eq!(bench.webex(&format!("{path}?sendEmail=false"), None).await.status, 204);
    assert_eq!(cancellations(), 0);
    let again = bench.webex(&path, None).await;
    assert_eq!(again.status, 404);
    assert!(again.body["message"].is_string() && again.body["errors"][0]["description"].is_string());
    assert_eq!(bench.webex(&format!("DELETE /v1/meetings/{}", loud.text("/id")), None).await.status, 204);
    assert_eq!(cancellations(), 1);
}

#[tokio::test]
async fn invitees_once_per_address() {
    let bench = Bench::new().await;
    let id = made(&bench).await.text("/id").to_owned();
    let invitee = |email: &str| Some(json!({ "meetingId": id, "email": email }));
    let first = bench.webex("POST /v1/meetingInvitees", invitee("b@x.example")).await;
    assert_eq!((first.status, first.text("/meetingId")), (200, id.as_str()));
    let twice = bench.webex("POST /v1/meetingInvitees", invitee("B@x.example")).await;
    assert_eq!((twice.status, twice.text("/message")), (409, "User is already a meeting invitee."));
    let many = json!({ "meetingId": id, "items": [{ "email": "a@x.example" }, { "email": "b@x.example" }] });
    let refused = bench.webex("POST /v1/meetingInvitees/bulkInsert", Some(many)).await;
    assert_eq!((refused.status, refused.text("/message")), (409, "Some users in the list have been invited."));
    bench.webex("POST /v1/meetingInvitees", invitee("a@x.example")).await;
    let list = bench.webex(&format!("GET /v1/meetingInvitees?meetingId={id}"), None).await;
    assert_eq!((list.text("/items/0/email"), list.text("/items/1/email")), ("a@x.example", "b@x.example"));
    let path = format!("DELETE /v1/meetingInvitees/{}", first.text("/id"));
    assert_eq!(bench.webex(&path, None).await.status, 204);
    let gone = bench.webex(&path, None).await;
    assert_eq!((gone.status, gone.text("/message")), (404, "Cannot find invitee"));
}

#[tokio::test]
async fn a_stranger_s_meeting_is_not_there() {
    let bench = Bench::new().await;
    let id = made(&bench).await.text("/id").to_owned();
    let ada = bench.sandbox.access_token(meetings_sandbox::AuthorizationSide::Webex, Some("ada@contoso.example"));
    let ada = ada.expect("token");
    let path = format!("/v1/meetings/{id}");
    assert_eq!(bench.call(&ada, &format!("GET {path}"), &[], None).await.status, 404);
    bench.webex("POST /v1/meetingInvitees", Some(json!({ "meetingId": id, "email": "ada@contoso.example" }))).await;
    let seen = bench.call(&ada, &format!("GET {path}"), &[], None).await;
    assert_eq!(seen.status, 200);
    assert!(seen.body.get("hostKey").is_none());
    assert_eq!(bench.call(&ada, &format!("DELETE {path}"), &[], None).await.status, 403);
}

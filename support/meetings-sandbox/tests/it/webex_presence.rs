//! Webex participants: who comes, who goes, who is told when; and the report of it.

use std::time::Duration;

use meetings_sandbox::{AuthorizationSide, defaults};
use serde_json::{Value, json};

use crate::bench::{Bench, Reply};

/// A meeting of the organizer's, an hour from now, to which Ada is invited as a co-host.
pub(crate) async fn meeting(bench: &Bench) -> String {
    let body = json!({
        "title": "Maths", "start": "2027-03-01T10:00:00Z", "end": "2027-03-01T11:00:00Z", "sendEmail": false,
        "invitees": [{ "email": "ada@contoso.example", "coHost": true }], "integrationTags": ["lesson-42"],
    });
    bench.webex("POST /v1/meetings", Some(body)).await.text("/id").to_owned()
}

/// Instance and participant.
pub(crate) async fn join(bench: &Bench, body: Value) -> (String, String) {
    let reply = bench.control("POST /_sandbox/webex/join", Some(body)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    (reply.text("/instance").to_owned(), reply.text("/participant").to_owned())
}

pub(crate) async fn leave(bench: &Bench, participant: &str) {
    let reply = bench.control("POST /_sandbox/webex/leave", Some(json!({ "participant": participant }))).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

pub(crate) fn later(bench: &Bench, minutes: u64) {
    bench.sandbox.advance(Duration::from_secs(minutes * 60));
}

fn names(reply: &Reply) -> Vec<&str> {
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item["displayName"].as_str().expect("a name"))
        .collect()
}

async fn people(bench: &Bench, id: &str) -> Reply {
    bench.webex(&format!("GET /v1/meetingParticipants?meetingId={id}"), None).await
}

#[tokio::test]
async fn an_instance_begins_with_the_first_and_ends_with_the_last() {
    let bench = Bench::new().await;
    let series = meeting(&bench).await;
    assert_eq!(people(&bench, &series).await.status, 404);
    let (instance, host) = join(&bench, json!({ "meeting": series, "email": defaults::ORGANIZER })).await;
    assert!(instance.starts_with(&format!("{series}_I_")));
    later(&bench, 5);
    let (same, ada) = join(&bench, json!({ "meeting": series, "email": "ada@contoso.example" })).await;
    let (_, caller) = join(&bench, json!({ "meeting": instance, "name": "+1 900" })).await;
    assert_eq!(same, instance);
    let listed = people(&bench, &series).await;
    assert_eq!(names(&listed), ["Olga Organizer", "Ada Lovelace", "+1 900"]);
    assert_eq!(listed.text("/items/0/leftTime"), "1970-01-01T00:00:00.000Z");
    assert_eq!((&listed.body["items"][0]["host"], &listed.body["items"][1]["coHost"]), (&json!(true), &json!(true)));
    assert!(listed.body["items"][2].get("email").is_none());
    leave(&bench, &ada).await;
    assert_eq!(names(&people(&bench, &instance).await), ["Olga Organizer", "+1 900"], "who is there now");
    later(&bench, 5);
    leave(&bench, &host).await;
    leave(&bench, &caller).await;
    let over = people(&bench, &series).await;
    assert_eq!(names(&over), ["Olga Organizer", "Ada Lovelace", "+1 900"], "everybody who was there");
    assert_eq!(over.text("/items/0/leftTime"), "2027-03-01T09:10:00Z");
    assert_eq!(over.text("/items/0/state"), "end");
    // the next one is another instance, and the series' last
    later(&bench, 60);
    let (next, _) = join(&bench, json!({ "meeting": series, "email": "bert@contoso.example" })).await;
    assert_ne!(next, instance);
    assert_eq!(names(&people(&bench, &series).await), ["Bert Bauer"]);
    assert_eq!(names(&people(&bench, &instance).await).len(), 3);
    let before = format!("{series}&meetingStartTimeFrom=2027-03-01T08:00:00Z&meetingStartTimeTo=2027-03-01T09:30:00Z");
    assert_eq!(names(&people(&bench, &before).await).len(), 3);
}

#[tokio::test]
async fn rest_is_slower_than_the_meeting() {
    let bench = Bench::new().await;
    let series = meeting(&bench).await;
    bench.control("POST /_sandbox/webex", Some(json!({ "participant_lag_seconds": 600 }))).await;
    let (_, host) = join(&bench, json!({ "meeting": series, "email": defaults::ORGANIZER })).await;
    let one = format!("GET /v1/meetingParticipants/{host}");
    assert_eq!((bench.webex(&one, None).await.status, people(&bench, &series).await.status), (404, 404));
    later(&bench, 9);
    assert_eq!(bench.webex(&one, None).await.status, 404);
    later(&bench, 1);
    assert_eq!(bench.webex(&one, None).await.status, 200);
    leave(&bench, &host).await;
    assert_eq!(bench.webex(&one, None).await.text("/state"), "joined");
    later(&bench, 10);
    assert_eq!(bench.webex(&one, None).await.text("/state"), "end");
}

#[tokio::test]
async fn people_wait_are_let_in_muted_and_put_out() {
    let bench = Bench::new().await;
    let series = meeting(&bench).await;
    let (_, host) = join(&bench, json!({ "meeting": series, "email": defaults::ORGANIZER })).await;
    let (_, guest) = join(&bench, json!({ "meeting": series, "name": "Guest", "lobby": true })).await;
    let one = format!("GET /v1/meetingParticipants/{guest}");
    let waiting = bench.webex(&one, None).await;
    assert_eq!((waiting.text("/state"), waiting.text("/joinedTime")), ("lobby", "1970-01-01T00:00:00.000Z"));
    let admit = |ids: Vec<String>| json!({ "items": ids.into_iter().map(|id| json!({ "participantId": id })).collect::<Vec<_>>() });
    let admitted = bench.webex("POST /v1/meetingParticipants/admit", Some(admit(vec![guest.clone()]))).await;
    assert_eq!((admitted.status, bench.webex(&one, None).await.text("/state")), (204, "joined"));
    for (wrong, status) in [(Vec::new(), 400), (vec!["nobody".to_owned()], 404), (vec![guest.clone(); 101], 400)] {
        assert_eq!(bench.webex("POST /v1/meetingParticipants/admit", Some(admit(wrong))).await.status, status);
    }
    let put = format!("PUT /v1/meetingParticipants/{guest}");
    assert_eq!(bench.webex(&put, Some(json!({ "muted": true }))).await.body["muted"], true);
    assert_eq!(bench.webex(&put, Some(json!({}))).await.status, 400);
    assert_eq!(bench.webex(&put, Some(json!({ "muted": "yes" }))).await.status, 400);
    assert_eq!(bench.webex(&put, Some(json!({ "expel": true }))).await.text("/state"), "end");
    assert_eq!(bench.webex(&put, Some(json!({ "expel": true }))).await.status, 404);
    leave(&bench, &host).await;
    assert_eq!(bench.webex(&put, Some(json!({ "muted": true }))).await.status, 400, "the meeting is over");
}

#[tokio::test]
async fn windows_addresses_and_pages() {
    let bench = Bench::new().await;
    let series = meeting(&bench).await;
    let mut all = Vec::new();
    for number in 0..12 {
        all.push(join(&bench, json!({ "meeting": series, "email": format!("p{number}@contoso.example") })).await.1);
    }
    for one in &all {
        leave(&bench, one).await;
    }
    let page = people(&bench, &series).await;
    assert_eq!(names(&page).len(), 10);
    assert!(page.header("link").contains("rel=\"next\""));
    let query = format!("POST /v1/meetingParticipants/query?meetingId={series}");
    let two = json!({ "emails": ["P3@contoso.example", "p5@contoso.example", "nobody@contoso.example"] });
    assert_eq!(names(&bench.webex(&query, Some(two)).await), ["P3", "P5"]);
    assert_eq!(bench.webex(&query, Some(json!({ "emails": [] }))).await.status, 400);
    // a week later nobody of the last seven days is left, and of ninety all are
    later(&bench, 8 * 24 * 60);
    assert!(names(&people(&bench, &series).await).is_empty());
    let wide = format!("{series}&joinTimeFrom=2027-01-01T00:00:00Z&joinTimeTo=2027-03-15T00:00:00Z&max=100");
    assert_eq!(names(&people(&bench, &wide).await).len(), 12);
    let wider = format!("{series}&joinTimeFrom=2026-12-01T00:00:00Z&joinTimeTo=2027-03-15T00:00:00Z");
    assert_eq!(people(&bench, &wider).await.status, 400);
}

#[tokio::test]
async fn only_the_host_sees_them_and_only_with_the_scope() {
    let bench = Bench::new().await;
    let series = meeting(&bench).await;
    let (_, host) = join(&bench, json!({ "meeting": series, "email": defaults::ORGANIZER })).await;
    let list = format!("GET /v1/meetingParticipants?meetingId={series}");
    let token = |address: &str, scope: &str| {
        let client = defaults::WEBEX_CLIENT_ID;
        bench.sandbox.scoped_access_token(AuthorizationSide::Webex, client, address, scope).expect("a user")
    };
    let ada = token("ada@contoso.example", "meeting:participants_read meeting:participants_write");
    assert_eq!(bench.call(&ada, &list, &[], None).await.status, 403);
    let put = format!("PUT /v1/meetingParticipants/{host}");
    assert_eq!(bench.call(&ada, &put, &[], Some(json!({ "muted": true }))).await.status, 403);
    let less = token(defaults::ORGANIZER, "meeting:schedules_read");
    assert_eq!(bench.call(&less, &list, &[], None).await.status, 403);
    let admin = token("ada@contoso.example", "meeting:admin_participants_read");
    let for_host = format!("{list}&hostEmail={}", defaults::ORGANIZER);
    assert_eq!(bench.call(&admin, &for_host, &[], None).await.status, 200);
    assert_eq!(bench.call(&ada, &for_host, &[], None).await.status, 403);
    let other = token("ada@contoso.example", "meeting:participants_read meeting:admin_schedule_read");
    assert_eq!(bench.call(&other, &for_host, &[], None).await.status, 403, "an administrator of something else");
}

#[tokio::test]
async fn the_report_is_of_meetings_that_are_over() {
    let bench = Bench::new().await;
    let series = meeting(&bench).await;
    let report = format!("GET /v1/meetingReports/attendees?siteUrl={}&meetingId={series}", defaults::WEBEX_SITE);
    let (_, host) = join(&bench, json!({ "meeting": series, "email": defaults::ORGANIZER })).await;
    assert!(names(&bench.webex(&report, None).await).is_empty());
    later(&bench, 20);
    leave(&bench, &host).await;
    let over = bench.webex(&report, None).await;
    assert_eq!(names(&over), ["Olga Organizer"]);
    assert_eq!((over.text("/items/0/participantType"), &over.body["items"][0]["duration"]), ("HOST", &json!(20)));
    for (window, status) in [
        ("&from=2027-02-15T00:00:00Z&to=2027-03-02T00:00:00Z", 200),
        ("&from=2027-01-15T00:00:00Z&to=2027-03-02T00:00:00Z", 400),
        ("&from=2026-11-15T00:00:00Z&to=2026-11-20T00:00:00Z", 400),
        ("&from=2027-03-02T00:00:00Z&to=2027-03-01T00:00:00Z", 400),
    ] {
        assert_eq!(bench.webex(&format!("{report}{window}"), None).await.status, status, "{window}");
    }
    assert_eq!(bench.webex("GET /v1/meetingReports/attendees?meetingId=x", None).await.status, 400);
}

#[tokio::test]
async fn the_control_interface_says_what_it_cannot_do() {
    let bench = Bench::new().await;
    let series = meeting(&bench).await;
    let (_, host) = join(&bench, json!({ "meeting": series, "email": defaults::ORGANIZER })).await;
    for (path, body) in [
        ("join", json!({ "meeting": "nowhere" })),
        ("join", json!({ "meeting": series, "email": defaults::ORGANIZER })),
        ("join", json!({ "meeting": series, "mail": "x" })),
        ("leave", json!({ "participant": "nobody" })),
        ("recordings", json!({ "instance": series })),
        ("recordings/status", json!({ "id": "none", "status": "deleted" })),
        ("recordings/status", json!({ "id": "none", "status": "lost" })),
        ("transcripts", json!({ "instance": host, "snippets": [] })),
    ] {
        let reply = bench.control(&format!("POST /_sandbox/webex/{path}"), Some(body.clone())).await;
        assert_eq!(reply.status, 400, "{path} {body}");
    }
}

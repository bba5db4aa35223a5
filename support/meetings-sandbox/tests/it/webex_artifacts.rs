//! Webex recordings and transcripts.

use bytes::Bytes;
use http::{Request, Response};
use meetings_sandbox::{AuthorizationSide, Handled, defaults};
use serde_json::{Value, json};

use crate::{
    bench::{Bench, Reply},
    webex_presence::{join, later, leave, meeting},
};

/// An instance that has ended.
async fn held(bench: &Bench) -> (String, String) {
    let series = meeting(bench).await;
    let (instance, host) = join(bench, json!({ "meeting": series, "email": defaults::ORGANIZER })).await;
    later(bench, 30);
    leave(bench, &host).await;
    (series, instance)
}

async fn record(bench: &Bench, more: Value) -> String {
    let reply = bench.control("POST /_sandbox/webex/recordings", Some(more)).await;
    reply.text("/id").to_owned()
}

fn ids(reply: &Reply) -> Vec<&str> {
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body["items"].as_array().expect("items").iter().map(|item| item["id"].as_str().expect("an id")).collect()
}

/// What a link gives, with these headers.
async fn follow(bench: &Bench, link: &str, bearer: Option<&str>) -> Response<Bytes> {
    let url = url::Url::parse(link).expect("a link");
    let mut request = Request::get(format!("{}?{}", url.path(), url.query().expect("a ticket")));
    if let Some(token) = bearer {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    match bench.sandbox.handle(request.body(Bytes::new()).expect("a request")).await {
        Handled::Reply(response) => response,
        other => panic!("no reply: {other:?}"),
    }
}

#[tokio::test]
async fn lists_are_newest_first_and_every_filter_counts() {
    let bench = Bench::new().await;
    let (series, instance) = held(&bench).await;
    let first = record(&bench, json!({ "instance": instance, "topic": "Old news", "format": "ARF" })).await;
    later(&bench, 1);
    let second = record(&bench, json!({ "instance": instance })).await;
    let listed = bench.webex("GET /v1/recordings", None).await;
    assert_eq!(ids(&listed), [second.as_str(), first.as_str()]);
    assert_eq!(listed.text("/items/0/password"), "********");
    assert!(listed.body["items"][0].get("temporaryDirectDownloadLinks").is_none());
    for (filter, found) in [
        (format!("meetingId={series}"), 2),
        (format!("meetingId={instance}"), 2),
        (format!("meetingId={series}_20270301T100000Z"), 2),
        ("meetingId=other".to_owned(), 0),
        ("integrationTag=lesson-42".to_owned(), 2),
        ("integrationTag=lesson-43".to_owned(), 0),
        ("topic=NEWS".to_owned(), 1),
        ("format=MP4".to_owned(), 1),
        ("serviceType=EventCenter".to_owned(), 0),
        ("status=deleted".to_owned(), 0),
        (format!("siteUrl={}", defaults::WEBEX_SITE), 2),
        ("siteUrl=other.example".to_owned(), 0),
        ("from=2027-02-01T00:00:00Z&to=2027-02-20T00:00:00Z".to_owned(), 0),
        ("max=1".to_owned(), 1),
    ] {
        assert_eq!(ids(&bench.webex(&format!("GET /v1/recordings?{filter}"), None).await).len(), found, "{filter}");
    }
    let (side, client) = (AuthorizationSide::Webex, defaults::OTHER_WEBEX_CLIENT_ID);
    let other = bench.sandbox.scoped_access_token(side, client, defaults::ORGANIZER, "meeting:recordings_read");
    let other = other.expect("a token");
    let list = async |query: &str| bench.call(&other, &format!("GET /v1/recordings{query}"), &[], None).await;
    assert_eq!((ids(&list("").await).len(), ids(&list("?integrationTag=lesson-42").await).len()), (2, 0));
    assert!(list("").await.body["items"][0].get("integrationTags").is_none(), "tags of another client");
    for wrong in ["format=AVI", "status=lost", "serviceType=x", "from=2027-03-02T00:00:00Z&to=2027-03-01T00:00:00Z"] {
        assert_eq!(bench.webex(&format!("GET /v1/recordings?{wrong}"), None).await.status, 400, "{wrong}");
    }
    later(&bench, 8 * 24 * 60);
    assert!(ids(&bench.webex("GET /v1/recordings", None).await).is_empty(), "seven days unless said otherwise");
}

#[tokio::test]
async fn links_are_a_right_of_their_own_for_three_hours() {
    let bench = Bench::new().await;
    let (_, instance) = held(&bench).await;
    let id = record(&bench, json!({ "instance": instance, "bytes": 5000 })).await;
    let read = bench.webex(&format!("GET /v1/recordings/{id}"), None).await;
    let link = read.text("/temporaryDirectDownloadLinks/recordingDownloadLink").to_owned();
    assert_eq!(read.text("/temporaryDirectDownloadLinks/expiration"), "2027-03-01T12:30:00Z");
    let file = follow(&bench, &link, None).await;
    assert_eq!((file.status().as_u16(), file.body().len()), (200, 5000));
    assert_eq!(file.headers()["content-type"], "video/mp4");
    let audio = read.text("/temporaryDirectDownloadLinks/audioDownloadLink");
    assert_ne!(follow(&bench, audio, None).await.body(), file.body());
    assert_eq!(follow(&bench, &link, Some(&bench.webex)).await.status(), 400, "a token has no business here");
    let journal = bench.sandbox.journal();
    let downloads = journal.iter().filter(|entry| entry.operation == "webex.recordings.download");
    assert!(downloads.clone().count() == 3 && downloads.clone().all(|entry| entry.path.ends_with("?ticket=redacted")));
    later(&bench, 180);
    assert_eq!(follow(&bench, &link, None).await.status(), 403);
    let locked = record(&bench, json!({ "instance": instance, "prevent_download": true })).await;
    let read = bench.webex(&format!("GET /v1/recordings/{locked}"), None).await;
    assert!(read.body.get("temporaryDirectDownloadLinks").is_none());
}

#[tokio::test]
async fn deleted_is_gone_and_the_body_may_say_why() {
    let bench = Bench::new().await;
    let (_, instance) = held(&bench).await;
    let id = record(&bench, json!({ "instance": instance })).await;
    let one = format!("/v1/recordings/{id}");
    let read = bench.webex(&format!("GET {one}"), None).await;
    let link = read.text("/temporaryDirectDownloadLinks/recordingDownloadLink").to_owned();
    let long = json!({ "reason": "audit", "comment": "x".repeat(256) });
    assert_eq!(bench.webex(&format!("DELETE {one}"), Some(long)).await.status, 400);
    assert_eq!(bench.webex(&format!("DELETE {one}"), Some(json!({ "reason": 7 }))).await.status, 400);
    let elsewhere = [("siteurl", "other.example")];
    assert_eq!(bench.call(&bench.webex, &format!("GET {one}"), &elsewhere, None).await.status, 404);
    let ada = bench.sandbox.access_token(AuthorizationSide::Webex, Some("ada@contoso.example")).expect("a user");
    assert_eq!(bench.call(&ada, &format!("DELETE {one}"), &[], None).await.status, 403);
    let said = json!({ "reason": "audit", "comment": "x".repeat(255) });
    assert_eq!(bench.webex(&format!("DELETE {one}"), Some(said)).await.status, 204);
    assert_eq!(bench.webex(&format!("DELETE {one}"), None).await.status, 404);
    assert_eq!(bench.webex(&format!("GET {one}"), None).await.status, 404);
    assert_eq!(follow(&bench, &link, None).await.status(), 403);
    assert_eq!(ids(&bench.webex("GET /v1/recordings?status=purged", None).await), [id.as_str()]);
    let binned = record(&bench, json!({ "instance": instance })).await;
    let move_it = json!({ "id": binned, "status": "deleted" });
    bench.control("POST /_sandbox/webex/recordings/status", Some(move_it)).await;
    assert!(ids(&bench.webex("GET /v1/recordings", None).await).is_empty());
    assert_eq!(ids(&bench.webex("GET /v1/recordings?status=deleted", None).await), [binned.as_str()]);
}

#[tokio::test]
async fn transcripts_are_of_ended_instances() {
    let bench = Bench::new().await;
    let (series, instance) = held(&bench).await;
    let said = json!({ "name": "Ada Lovelace", "email": "ada@contoso.example", "text": "Hello", "offset": 1000, "duration": 1500 });
    let new = json!({ "instance": instance, "snippets": [said] });
    let id = bench.control("POST /_sandbox/webex/transcripts", Some(new)).await.text("/id").to_owned();
    let listed = bench.webex(&format!("GET /v1/meetingTranscripts?meetingId={instance}"), None).await;
    assert_eq!(ids(&listed), [id.as_str()]);
    assert!(listed.text("/items/0/vttDownloadLink").starts_with("http://contoso.webex.example/"));
    assert_eq!(bench.webex(&format!("GET /v1/meetingTranscripts?meetingId={series}"), None).await.status, 400);
    let one = format!("GET /v1/meetingTranscripts/{id}");
    let snippets = bench.webex(&format!("{one}/snippets"), None).await;
    assert_eq!((snippets.text("/items/0/text"), &snippets.body["items"][0]["offset"]), ("Hello", &json!(1000)));
    let download = match bench.send(&bench.webex, &format!("{one}/download?format=vtt"), &[], None).await {
        Handled::Reply(response) => response,
        other => panic!("no reply: {other:?}"),
    };
    assert_eq!(download.headers()["content-type"], "text/vtt");
    let text = std::str::from_utf8(download.body()).expect("text");
    assert!(text.starts_with("WEBVTT\n\n1 \"Ada Lovelace\"\n00:00:01.000 --> 00:00:02.500\nHello\n"), "{text}");
    assert_eq!(bench.webex(&format!("{one}/download?format=pdf"), None).await.status, 400);
    let client = defaults::WEBEX_CLIENT_ID;
    let token = |scope| bench.sandbox.scoped_access_token(AuthorizationSide::Webex, client, defaults::ORGANIZER, scope);
    for (scope, status) in [("meeting:transcripts_read", 403), ("meeting:transcripts_read meeting:schedules_read", 200)]
    {
        let token = token(scope).expect("a user");
        assert_eq!(bench.call(&token, "GET /v1/meetingTranscripts", &[], None).await.status, status, "{scope}");
    }
}

//! Joining Webex meetings, and giving them to another host.

use meetings_sandbox::{AuthorizationSide, defaults};
use serde_json::{Value, json};

use crate::bench::Bench;

async fn made(bench: &Bench, token: &str, more: Value) -> Value {
    let mut body =
        json!({ "title": "Maths", "start": "2027-03-08T10:00:00Z", "end": "2027-03-08T11:00:00Z", "sendEmail": false });
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let reply = bench.call(token, "POST /v1/meetings", &[], Some(body)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body
}

fn administrator(bench: &Bench) -> String {
    let scope = "meeting:admin_schedule_read meeting:admin_schedule_write";
    let (side, client) = (AuthorizationSide::Webex, defaults::WEBEX_CLIENT_ID);
    bench.sandbox.scoped_access_token(side, client, defaults::ORGANIZER, scope).expect("a token")
}

#[tokio::test]
async fn a_join_redirects_unless_it_is_told_not_to() {
    let bench = Bench::new().await;
    let meeting = made(&bench, &bench.webex, json!({})).await;
    let who = |more: Value| {
        let mut body = json!({ "meetingId": meeting["id"], "email": "ada@contoso.example", "displayName": "Ada" });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        Some(body)
    };
    let directly = bench.webex("POST /v1/meetings/join", who(json!({}))).await;
    assert_eq!(directly.status, 302);
    assert!(directly.header("location").starts_with("https://"));
    let links =
        bench.webex("POST /v1/meetings/join", who(json!({ "joinDirectly": false, "expirationMinutes": 5 }))).await;
    assert_eq!((links.status, links.text("/expiration")), (200, "2027-03-01T09:05:00Z"));
    assert!(links.text("/startLink") != links.text("/joinLink"));
    for bad in [json!({ "expirationMinutes": 61 }), json!({ "meetingId": null })] {
        assert_eq!(bench.webex("POST /v1/meetings/join", who(bad)).await.status, 400);
    }
    // a stranger needs the password, and is no host
    let ada = bench.sandbox.access_token(AuthorizationSide::Webex, Some("ada@contoso.example")).expect("a token");
    let refused = bench.call(&ada, "POST /v1/meetings/join", &[], who(json!({ "joinDirectly": false }))).await;
    assert_eq!(refused.status, 403);
    let with = json!({ "joinDirectly": false, "password": meeting["password"] });
    let joined = bench.call(&ada, "POST /v1/meetings/join", &[], who(with)).await;
    assert!(joined.status == 200 && joined.body.get("startLink").is_none(), "{}", joined.body);
    let number = json!({ "joinDirectly": false, "meetingId": null, "meetingNumber": meeting["meetingNumber"] });
    assert_eq!(bench.webex("POST /v1/meetings/join", who(number)).await.status, 200);
    // whoever acts for others says for whom
    let token = administrator(&bench);
    assert_eq!(
        bench.call(&token, "POST /v1/meetings/join", &[], who(json!({ "joinDirectly": false }))).await.status,
        400
    );
}

#[tokio::test]
async fn hosts_change_for_some_and_not_for_others() {
    let bench = Bench::new().await;
    let meeting = made(&bench, &bench.webex, json!({})).await;
    let body = |ids: Value| Some(json!({ "hostEmail": "ada@contoso.example", "meetingIds": ids }));
    let path = "POST /v1/meetings/reassignHost";
    assert_eq!(bench.webex(path, body(json!([meeting["id"]]))).await.status, 403);
    let token = administrator(&bench);
    let some = bench.call(&token, path, &[], body(json!([meeting["id"], "nowhere"]))).await;
    assert_eq!(
        (some.status, &some.body["items"][0]["httpStatus"], &some.body["items"][1]["httpStatus"]),
        (207, &json!(200), &json!(404))
    );
    assert_eq!(bench.call(&token, path, &[], body(json!([meeting["id"]]))).await.status, 204);
    assert_eq!(bench.call(&token, path, &[], body(json!([]))).await.status, 400);
    let path = format!("GET /v1/meetings/{}", meeting["id"].as_str().expect("an id"));
    let read = bench.call(&token, &format!("{path}?hostEmail=ada@contoso.example"), &[], None).await;
    assert_eq!(read.text("/hostEmail"), "ada@contoso.example");
    assert_eq!(bench.webex(&path, None).await.status, 404, "it is another's now");
    let elsewhere = [("siteUrl", "nowhere.webex.example")];
    let reassign = "POST /v1/meetings/reassignHost";
    assert_eq!(bench.call(&token, reassign, &elsewhere, body(json!([meeting["id"]]))).await.status, 400);
}

#[tokio::test]
async fn an_occurrence_that_stands_apart_gets_the_new_host_too() {
    let bench = Bench::new().await;
    let series = made(&bench, &bench.webex, json!({ "recurrence": "FREQ=DAILY;COUNT=3" })).await;
    let series = series["id"].as_str().expect("an id");
    let listed = bench.webex(&format!("GET /v1/meetings?meetingSeriesId={series}&meetingType=scheduledMeeting&from=2027-03-01T00:00:00Z&to=2027-04-01T00:00:00Z"), None).await;
    let one = listed.text("/items/1/id");
    let apart =
        bench.webex(&format!("PATCH /v1/meetings/{one}"), Some(json!({ "title": "Other", "sendEmail": false }))).await;
    assert_eq!(apart.status, 200);
    let body = json!({ "hostEmail": "ada@contoso.example", "meetingIds": [series] });
    let token = administrator(&bench);
    assert_eq!(bench.call(&token, "POST /v1/meetings/reassignHost", &[], Some(body)).await.status, 204);
    let read = bench.call(&token, &format!("GET /v1/meetings/{one}?hostEmail=ada@contoso.example"), &[], None).await;
    assert_eq!((read.text("/hostEmail"), read.text("/title")), ("ada@contoso.example", "Other"));
}

#[tokio::test]
async fn an_administrator_acts_for_the_host_that_is_named_and_for_nobody_else() {
    let bench = Bench::new().await;
    let meeting = made(&bench, &bench.webex, json!({})).await;
    let id = meeting["id"].as_str().expect("an id");
    let token = administrator(&bench);
    let get = async |query: &str| bench.call(&token, &format!("GET /v1/meetings/{id}{query}"), &[], None).await.status;
    let named = format!("?hostEmail={}", defaults::ORGANIZER);
    assert_eq!((get(&named).await, get("?hostEmail=ada@contoso.example").await), (200, 404));
    assert_eq!(get("?hostEmail=nobody@contoso.example").await, 400);
    let patch = async |host: &str| {
        let body = json!({ "title": "Other", "sendEmail": false, "hostEmail": host });
        bench.call(&token, &format!("PATCH /v1/meetings/{id}"), &[], Some(body)).await.status
    };
    assert_eq!((patch("ada@contoso.example").await, patch(defaults::ORGANIZER).await), (404, 200));
    let window = "from=2027-03-01T00:00:00Z&to=2027-04-01T00:00:00Z";
    let list = async |host: &str| {
        let path = format!("GET /v1/meetings?{window}&hostEmail={host}");
        bench.call(&token, &path, &[], None).await.body["items"].as_array().map(Vec::len)
    };
    assert_eq!((list(defaults::ORGANIZER).await, list("ada@contoso.example").await), (Some(1), Some(0)));
    let delete = async |host: &str| {
        bench
            .call(&token, &format!("DELETE /v1/meetings/{id}?sendEmail=false&hostEmail={host}"), &[], None)
            .await
            .status
    };
    assert_eq!((delete("ada@contoso.example").await, delete(defaults::ORGANIZER).await), (404, 204));
    let plain = bench.webex("GET /v1/meetings?hostEmail=ada@contoso.example", None).await;
    assert_eq!(plain.status, 403, "no scope of administrators");
}

#[tokio::test]
async fn a_site_that_is_not_there_has_no_meetings() {
    let bench = Bench::new().await;
    made(&bench, &bench.webex, json!({})).await;
    let window = "from=2027-03-01T00:00:00Z&to=2027-04-01T00:00:00Z";
    let count = async |site: &str| {
        let reply = bench.webex(&format!("GET /v1/meetings?{window}&siteUrl={site}"), None).await;
        reply.body["items"].as_array().map(Vec::len)
    };
    assert_eq!((count(defaults::WEBEX_SITE).await, count("nowhere.webex.example").await), (Some(1), Some(0)));
    let body = json!({ "title": "x", "start": "2027-03-08T10:00:00Z", "end": "2027-03-08T11:00:00Z", "siteUrl": "nowhere.webex.example" });
    assert_eq!(bench.webex("POST /v1/meetings", Some(body)).await.status, 400);
}

#[tokio::test]
async fn an_administrator_makes_eight_hundred_for_one_host() {
    let bench = Bench::new().await;
    let token = administrator(&bench);
    let of = |host: &str| json!({ "hostEmail": host });
    for _ in 0..800 {
        made(&bench, &token, of("ada@contoso.example")).await;
    }
    let body = json!({ "title": "x", "start": "2027-03-08T10:00:00Z", "end": "2027-03-08T11:00:00Z", "hostEmail": "Ada@contoso.example" });
    let over = bench.call(&token, "POST /v1/meetings", &[], Some(body)).await;
    assert_eq!((over.status, over.header("retry-after")), (429, "3600"));
    made(&bench, &token, of(defaults::ORGANIZER)).await;
}

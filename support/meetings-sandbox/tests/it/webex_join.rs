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
    let number = made(&bench, &bench.webex, json!({})).await["meetingNumber"].as_str().expect("a number").to_owned();
    let named = format!("GET /v1/meetings?meetingNumber={number}&siteUrl=nowhere.webex.example");
    assert_eq!(bench.webex(&named, None).await.text("/items/0/meetingNumber"), number, "the site is passed over");
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

#[tokio::test]
async fn an_administrator_s_own_meetings_count_for_a_host_too() {
    let bench = Bench::new().await;
    let token = administrator(&bench);
    for _ in 0..800 {
        made(&bench, &token, json!({})).await;
    }
    let body = json!({ "title": "x", "start": "2027-03-08T10:00:00Z", "end": "2027-03-08T11:00:00Z" });
    assert_eq!(bench.call(&token, "POST /v1/meetings", &[], Some(body)).await.status, 429);
    made(&bench, &token, json!({ "hostEmail": "ada@contoso.example" })).await;
}

#[tokio::test]
async fn a_service_application_acts_for_a_host_and_sees_what_the_host_sees() {
    let bench = Bench::new().await;
    let (side, app) = (AuthorizationSide::Webex, defaults::WEBEX_SERVICE_APP_ID);
    assert!(bench.sandbox.authorize_service_app(app, defaults::WEBEX_ORGANIZATION_ID, true));
    let scope = "spark:applications_token";
    let developer = bench.sandbox.scoped_access_token(side, defaults::WEBEX_CLIENT_ID, defaults::ORGANIZER, scope);
    let wanted = json!({
        "clientId": defaults::WEBEX_SERVICE_APP_CLIENT_ID, "clientSecret": defaults::WEBEX_SERVICE_APP_CLIENT_SECRET,
        "targetOrgId": defaults::WEBEX_ORGANIZATION_ID,
    });
    let path = format!("POST /v1/applications/{app}/token");
    let granted = bench.call(&developer.expect("a token"), &path, &[], Some(wanted)).await;
    let token = granted.text("/access_token");
    let own = made(&bench, token, json!({ "hostEmail": defaults::ORGANIZER })).await;
    assert_eq!(own["hostEmail"], defaults::ORGANIZER);
    for secret in ["hostKey", "password", "phoneAndVideoSystemPassword"] {
        assert!(own[secret].is_string(), "{secret}");
    }
    let id = own["id"].as_str().expect("an id");
    let lesson = json!({ "title": "x", "start": "2027-03-08T10:00:00Z", "end": "2027-03-08T11:00:00Z" });
    let who = json!({ "meetingId": id, "joinDirectly": false, "email": "a@b.example", "displayName": "A" });
    for (call, body) in [
        ("POST /v1/meetings".to_owned(), Some(lesson)),
        ("GET /v1/meetings".to_owned(), None),
        (format!("GET /v1/meetings/{id}"), None),
        (format!("PATCH /v1/meetings/{id}"), Some(json!({ "title": "Other", "sendEmail": false }))),
        (format!("DELETE /v1/meetings/{id}"), None),
        ("POST /v1/meetings/join".to_owned(), Some(who)),
        (format!("GET /v1/meetingInvitees?meetingId={id}"), None),
    ] {
        let reply = bench.call(token, &call, &[], body).await;
        assert_eq!(reply.status, 400, "{call}: {}", reply.body);
    }
    // its guests join in their own name
    let guest = json!({ "subject": "guest-1", "displayName": "Gus" });
    let guest = bench.call(token, "POST /v1/guests/token", &[], Some(guest)).await;
    let who = json!({
        "meetingId": id, "joinDirectly": false, "email": "gus@b.example", "displayName": "Gus", "password": own["password"],
    });
    assert_eq!(bench.call(guest.text("/accessToken"), "POST /v1/meetings/join", &[], Some(who)).await.status, 200);
}

#[tokio::test]
async fn what_administrators_may_not_do_for_others() {
    let bench = Bench::new().await;
    let meeting = made(&bench, &bench.webex, json!({ "invitees": [{ "email": "bert@contoso.example" }] })).await;
    let id = meeting["id"].as_str().expect("an id");
    let token = |scope: &str| {
        let (side, client) = (AuthorizationSide::Webex, defaults::WEBEX_CLIENT_ID);
        bench.sandbox.scoped_access_token(side, client, "ada@contoso.example", scope).expect("a token")
    };
    let reader = token("meeting:admin_schedule_read");
    let list = format!("GET /v1/meetingInvitees?meetingId={id}&hostEmail={}", defaults::ORGANIZER);
    let listed = bench.call(&reader, &list, &[], None).await;
    let invitee = format!("/v1/meetingInvitees/{}?hostEmail={}", listed.text("/items/0/id"), defaults::ORGANIZER);
    let call = async |call: &str, body| bench.call(&reader, &format!("{call} {invitee}"), &[], body).await.status;
    let moved = json!({ "email": "carla@contoso.example", "sendEmail": false });
    assert_eq!((call("GET", None).await, call("PUT", Some(moved)).await, call("DELETE", None).await), (200, 403, 403));
    // on whose behalf it is cannot be said
    let joined = json!({ "meeting": id, "email": defaults::ORGANIZER });
    assert_eq!(bench.control("POST /_sandbox/webex/join", Some(joined)).await.status, 200);
    let end = format!("POST /v1/meetings/{id}/end?hostEmail={}", defaults::ORGANIZER);
    let writer = token("meeting:admin_schedule_read meeting:admin_schedule_write");
    assert_eq!(bench.call(&writer, &end, &[], Some(json!({}))).await.status, 404);
    assert_eq!(bench.webex(&format!("POST /v1/meetings/{id}/end"), Some(json!({}))).await.status, 204);
    // with a scope of one's own one joins in one's own name
    let both = token("meeting:schedules_read meeting:admin_schedule_read");
    let who = json!({
        "meetingId": id, "joinDirectly": false, "email": "ada@contoso.example", "displayName": "Ada", "password": meeting["password"],
    });
    assert_eq!(bench.call(&both, "POST /v1/meetings/join", &[], Some(who)).await.status, 200);
}

#[tokio::test]
async fn secrets_are_the_host_s() {
    let bench = Bench::new().await;
    let meeting = made(&bench, &bench.webex, json!({ "invitees": [{ "email": "ada@contoso.example" }] })).await;
    let ada = bench.sandbox.access_token(AuthorizationSide::Webex, Some("ada@contoso.example")).expect("a token");
    let path = format!("GET /v1/meetings/{}", meeting["id"].as_str().expect("an id"));
    let (invited, host) = (bench.call(&ada, &path, &[], None).await, bench.webex(&path, None).await);
    assert_eq!((invited.status, host.status), (200, 200));
    for secret in ["hostKey", "password", "phoneAndVideoSystemPassword"] {
        assert!(invited.body.get(secret).is_none() && host.body[secret].is_string(), "{secret}");
    }
}

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
    let read =
        bench.call(&token, &format!("GET /v1/meetings/{}", meeting["id"].as_str().expect("an id")), &[], None).await;
    assert_eq!(read.text("/hostEmail"), "ada@contoso.example");
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

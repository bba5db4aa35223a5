//! Media types, pages, scopes and age at Webex: what holds for many operations.

use std::time::Duration;

use http::Request;
use meetings_sandbox::{AuthorizationSide, Handled, defaults};
use serde_json::{Value, json};

use crate::bench::{Bench, Reply};

const DAY: u64 = 24 * 3600;
const WITH_CHARSET: &str = "application/json;charset=UTF-8";
const REDIRECT: &str = "https://app.example/callback";

fn lesson(recurrence: Option<&str>) -> Value {
    json!({
        "title": "Maths", "start": "2027-03-08T10:00:00Z", "end": "2027-03-08T11:00:00Z", "sendEmail": false,
        "recurrence": recurrence,
    })
}

async fn make(bench: &Bench, recurrence: Option<&str>) -> String {
    let made = bench.webex("POST /v1/meetings", Some(lesson(recurrence))).await;
    assert_eq!(made.status, 200, "{}", made.body);
    made.text("/id").to_owned()
}

#[tokio::test]
async fn meetings_answer_with_a_charset_and_webhooks_and_people_without() {
    let bench = Bench::new().await;
    let made = bench.webex("POST /v1/meetings", Some(lesson(None))).await;
    assert_eq!(made.header("content-type"), WITH_CHARSET);
    let one = format!("/v1/meetings/{}", made.text("/id"));
    let patched = bench.webex(&format!("PATCH {one}"), Some(json!({ "agenda": "x", "sendEmail": false }))).await;
    assert_eq!((patched.status, patched.header("content-type")), (200, WITH_CHARSET));
    for (path, kind) in [
        (one.as_str(), WITH_CHARSET),
        ("/v1/meetings", WITH_CHARSET),
        ("/v1/recordings", WITH_CHARSET),
        ("/v1/webhooks", "application/json"),
        ("/v1/people/me", "application/json"),
    ] {
        let reply = bench.webex(&format!("GET {path}"), None).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, kind), "{path}");
    }
}

#[tokio::test]
async fn a_body_that_says_it_is_no_json_is_refused() {
    let bench = Bench::new().await;
    let send = async |call: &str, kind: &str, body: Value| {
        bench.call(&bench.webex, call, &[("content-type", kind)], Some(body)).await.status
    };
    for (kind, status) in [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/json-patch+json", 415),
    ] {
        assert_eq!(send("POST /v1/meetings", kind, lesson(None)).await, status, "{kind}");
    }
    let patch = format!("PATCH /v1/meetings/{}", make(&bench, None).await);
    for (kind, status) in [("application/json", 200), ("application/json-patch+json", 200), ("text/plain", 415)] {
        assert_eq!(send(&patch, kind, json!({ "agenda": "x", "sendEmail": false })).await, status, "{kind}");
    }
}

#[tokio::test]
async fn a_page_may_be_empty_and_not_the_last() {
    let bench = Bench::new().await;
    make(&bench, None).await;
    bench.control("POST /_sandbox/webex", Some(json!({ "empty_page_first": true }))).await;
    let list = "/v1/meetings?from=2027-03-08T00:00:00Z&max=5";
    let first = bench.webex(&format!("GET {list}"), None).await;
    assert_eq!(first.body["items"], json!([]));
    let (link, rel) = first.header("link").split_once(">; ").expect("a next page");
    assert_eq!(rel, "rel=\"next\"");
    let root = bench.sandbox.url().to_string();
    let path = link.trim_start_matches('<').strip_prefix(&root).expect("our own link");
    let second = bench.webex(&format!("GET /{path}"), None).await;
    assert_eq!((second.body["items"].as_array().map(Vec::len), second.header("link")), (Some(1), ""));
    let nothing = bench.webex("GET /v1/meetings?from=2028-03-08T00:00:00Z", None).await;
    assert!(nothing.header("link").contains("offset=0"), "also where nothing follows");
}

/// The query of the redirect that a sign-in ends with.
async fn sign_in(bench: &Bench, scope: &str, challenge: &str) -> Vec<(String, String)> {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("client_id", defaults::WEBEX_CLIENT_ID), ("response_type", "code"), ("scope", scope)])
        .extend_pairs([("redirect_uri", REDIRECT), ("state", "s"), ("login_hint", "ada@contoso.example")])
        .extend_pairs([("code_challenge", challenge), ("code_challenge_method", "plain")])
        .finish();
    let request = Request::get(format!("/v1/authorize?{query}")).body(Default::default());
    let Handled::Reply(response) = bench.sandbox.handle(request.expect("a request")).await else { panic!("no reply") };
    let location = response.headers()["location"].to_str().expect("text");
    url::Url::parse(location).expect("a URL").query_pairs().into_owned().collect()
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
}

#[tokio::test]
async fn scopes_that_no_integration_has_are_refused() {
    let bench = Bench::new().await;
    let challenge = "c".repeat(43);
    for (scope, error) in [
        ("meeting:schedules_read meeting:schedules_write spark:people_read spark:kms", ""),
        ("openid email", ""),
        ("meeting:schedule_read", "invalid_scope"),
        ("meeting:schedules_read Calendars.ReadWrite", "invalid_scope"),
        ("meeting:schedules_read,meeting:schedules_write", "invalid_scope"),
        (" ", "invalid_scope"),
    ] {
        let back = sign_in(&bench, scope, &challenge).await;
        assert_eq!((value(&back, "error"), value(&back, "state")), (error, "s"), "{scope}");
        assert_eq!(value(&back, "code").is_empty(), !error.is_empty(), "{scope}");
        let form = [("client_id", defaults::WEBEX_CLIENT_ID), ("scope", scope)];
        let device = bench.form("/v1/device/authorize", &form).await;
        assert_eq!(device.status, if error.is_empty() { 200 } else { 400 }, "{scope}: {}", device.body);
    }
}

#[tokio::test]
async fn a_verifier_has_43_to_128_unreserved_characters() {
    let bench = Bench::new().await;
    let redeem = async |verifier: &str| -> Reply {
        let back = sign_in(&bench, "spark:people_read", verifier).await;
        let client = [("client_id", defaults::WEBEX_CLIENT_ID), ("client_secret", defaults::WEBEX_CLIENT_SECRET)];
        let code = [("grant_type", "authorization_code"), ("code", value(&back, "code"))];
        let rest = [("redirect_uri", REDIRECT), ("code_verifier", verifier)];
        bench.form("/v1/access_token", &[client, code, rest].concat()).await
    };
    for (verifier, status) in [
        ("a".repeat(42), 400),
        ("aZ9-._~".repeat(7), 200),
        ("a".repeat(128), 200),
        ("a".repeat(129), 400),
        ("a".repeat(42) + "+", 400),
    ] {
        assert_eq!(redeem(&verifier).await.status, status, "{verifier}");
    }
}

#[tokio::test]
async fn a_meeting_is_gone_180_days_after_its_last_end() {
    let mut bench = Bench::new().await;
    let single = make(&bench, None).await;
    let bounded = make(&bench, Some("FREQ=WEEKLY;COUNT=3")).await;
    let endless = make(&bench, Some("FREQ=WEEKLY")).await;
    let mut statuses = async |days: u64| {
        bench.sandbox.advance(Duration::from_secs(days * DAY));
        bench.webex = bench.sandbox.access_token(AuthorizationSide::Webex, None).expect("a token");
        let mut found = Vec::new();
        for id in [&single, &bounded, &endless] {
            found.push(bench.webex(&format!("GET /v1/meetings/{id}"), None).await.status);
        }
        let listed = bench.webex("GET /v1/meetings?from=2027-03-08T00:00:00Z&to=2027-03-09T00:00:00Z", None).await;
        (found, listed.body["items"].as_array().map(Vec::len))
    };
    // the single one ended on the 8th, the last of three on the 22nd
    assert_eq!(statuses(187).await, (vec![200, 200, 200], Some(3)));
    assert_eq!(statuses(1).await, (vec![404, 200, 200], Some(2)));
    assert_eq!(statuses(14).await, (vec![404, 404, 200], Some(1)));
}

#[tokio::test]
async fn an_administrator_ends_the_authorizations_of_a_client() {
    let bench = Bench::new().await;
    let path = format!("DELETE /v1/authorizations?clientId={}", defaults::WEBEX_CLIENT_ID);
    assert_eq!(bench.webex(&path, None).await.status, 403, "a plain user");
    let (side, client, scope) = (AuthorizationSide::Webex, defaults::OTHER_WEBEX_CLIENT_ID, "identity:tokens_write");
    let token = bench.sandbox.scoped_access_token(side, client, defaults::ORGANIZER, scope).expect("a token");
    assert_eq!(bench.call(&token, "DELETE /v1/authorizations", &[], None).await.status, 400);
    let ada = bench.sandbox.scoped_access_token(side, client, "ada@contoso.example", scope).expect("a token");
    assert_eq!(bench.call(&ada, &path, &[], None).await.status, 403, "the scope alone");
    assert_eq!(bench.call(&token, &path, &[], None).await.status, 204);
    assert_eq!(bench.webex("GET /v1/people/me", None).await.status, 401);
    assert_eq!(bench.call(&token, "GET /v1/people/me", &[], None).await.status, 200, "another client's");
}

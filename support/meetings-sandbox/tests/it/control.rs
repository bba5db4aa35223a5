//! The control API, the state file, the journal.

use meetings_sandbox::{MicrosoftUser, SandboxConfig, defaults};
use serde_json::json;

use crate::bench::{Bench, event, start};

#[tokio::test]
async fn the_journal_holds_no_secret() {
    let bench = Bench::new().await;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", defaults::MICROSOFT_CLIENT_ID),
        ("client_secret", defaults::MICROSOFT_CLIENT_SECRET),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let token = bench.form("/contoso.example/oauth2/v2.0/token", &fields).await;
    bench.call(token.text("/access_token"), "GET /v1.0/users?code=planted-code", &[], None).await;
    let texts = [
        bench.control("GET /_sandbox/journal", None).await.body.to_string(),
        bench.control("GET /_sandbox/state", None).await.body.to_string(),
    ];
    for secret in [defaults::MICROSOFT_CLIENT_SECRET, token.text("/access_token"), "planted-code", &bench.application] {
        assert!(texts.iter().all(|text| !text.contains(secret)));
    }
    let journal = bench.sandbox.journal();
    assert_eq!((journal[0].operation.as_str(), journal[0].status), ("entra.token", Some(200)));
    assert_eq!(journal[1].actor, format!("app:{}", defaults::MICROSOFT_CLIENT_ID));
    assert_eq!(journal[1].path, "/v1.0/users?code=redacted");
}

#[tokio::test]
async fn what_is_not_modelled_says_its_name() {
    let bench = Bench::new().await;
    let graph = bench.graph("GET {me}/messages", None).await;
    assert_eq!((graph.status, graph.code()), (501, "NotImplemented"));
    assert!(graph.text("/error/message").contains(&bench.place("GET {me}/messages")));
    assert_eq!(graph.header("request-id"), graph.text("/error/innerError/request-id"));
    let webex = bench.webex("PUT /v1/meetings/x/registration", None).await;
    assert_eq!(webex.status, 501);
    assert!(webex.text("/message").contains("PUT /v1/meetings/x/registration"));
    assert_eq!(bench.control("GET /nowhere", None).await.status, 404);
}

#[tokio::test]
async fn the_state_file_survives_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = || SandboxConfig::new().frozen_at(start()).with_state_file(folder.path().join("state.json"));
    let bench = Bench::with(config()).await;
    let made = bench.graph("POST {me}/events", Some(event("kept", 10, 11))).await;
    bench.control("POST /_sandbox/clock", Some(json!({ "advance_seconds": 90 }))).await;
    let (before, token) = (bench.sandbox.state(), bench.application.clone());
    bench.sandbox.stop();

    let bench = Bench::with(config()).await;
    assert_eq!(bench.sandbox.state(), before);
    let read = bench.call(&token, &bench.place("GET {me}/events"), &[], None).await;
    assert_eq!((read.status, read.text("/value/0/id")), (200, made.text("/id")), "tokens live on as well");
    let second = bench.graph("POST {me}/events", Some(event("next", 12, 13))).await;
    assert_ne!(second.text("/id"), made.text("/id"));
}

#[tokio::test]
async fn a_broken_state_file_stops_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("state.json");
    std::fs::write(&file, "{\"version\":99}").expect("written");
    let started = meetings_sandbox::Sandbox::start(SandboxConfig::new().with_state_file(&file)).await;
    assert!(started.is_err());
}

#[tokio::test]
async fn the_same_seed_and_calls_give_the_same_state() {
    let mut states = Vec::new();
    for (seed, reads) in [(1, 0), (1, 3), (2, 0)] {
        let bench = Bench::with(SandboxConfig::new().with_seed(seed).frozen_at(start())).await;
        bench.graph("POST {me}/events", Some(event("x", 10, 11))).await;
        for _ in 0..reads {
            bench.graph("GET {me}/events", None).await;
        }
        bench.graph("POST {me}/events", Some(event("y", 10, 11))).await;
        states.push(bench.sandbox.state()["events"].clone());
    }
    assert_eq!(states[0], states[1], "reads shift no id");
    assert_ne!(states[0], states[2]);
}

#[tokio::test]
async fn users_are_added_once_and_updated() {
    let bench = Bench::new().await;
    let body = json!({
        "microsoft": [{ "address": "new@contoso.example", "name": "New User", "teams": false }],
        "webex": [{ "address": "new@contoso.example" }],
    });
    let first = bench.control("POST /_sandbox/users", Some(body.clone())).await;
    let second = bench.control("POST /_sandbox/users", Some(body)).await;
    assert_eq!(first.body, second.body);
    assert_eq!(
        bench.sandbox.add_microsoft_user(&MicrosoftUser::new("new@contoso.example")),
        first.text("/microsoft/0/id")
    );
    let wrong = bench.control("POST /_sandbox/users", Some(json!({ "google": [] }))).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text("/error").contains("google"));
}

#[tokio::test]
async fn reset_begins_anew() {
    let bench = Bench::granted().await;
    let fresh = Bench::new().await.sandbox.state();
    bench.graph("POST {me}/events", Some(event("x", 10, 11))).await;
    bench.control("POST /_sandbox/clock", Some(json!({ "advance_seconds": 60 }))).await;
    bench.control("POST /_sandbox/reset", None).await;
    assert_eq!(bench.sandbox.state(), fresh);
    assert!(bench.sandbox.journal().is_empty());
    assert_eq!(bench.graph("GET {me}/events", None).await.status, 401, "old tokens are gone");
}

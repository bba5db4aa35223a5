//! What an application's tokens say about its permissions.

use data_encoding::BASE64URL_NOPAD;
use meetings_sandbox::{AuthorizationSide, SandboxConfig, defaults};
use serde_json::{Value, json};

use crate::bench::{Bench, start};

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).expect("a JWT");
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).expect("base64url")).expect("JSON")
}

fn token(bench: &Bench) -> String {
    bench.sandbox.access_token(AuthorizationSide::Microsoft, None).expect("a token")
}

#[tokio::test]
async fn an_applications_token_says_its_permissions() {
    let bench = Bench::new().await;
    let first = claims(&token(&bench));
    assert_eq!(first["roles"], json!(defaults::APPLICATION_ROLES));
    assert_eq!(
        (&first["tid"], &first["appid"]),
        (&json!(defaults::DIRECTORY_ID), &json!(defaults::MICROSOFT_CLIENT_ID))
    );
    assert_eq!(first["exp"], json!(start().timestamp() + 3599));
    assert_ne!(token(&bench), token(&bench));
    assert!(!bench.user_token(defaults::ORGANIZER).contains('.'), "a user's is opaque");
}

#[tokio::test]
async fn permissions_can_be_taken_away() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = || SandboxConfig::new().frozen_at(start()).with_state_file(folder.path().join("state.json"));
    let bench = Bench::with(config()).await;
    let body = json!({ "client": defaults::MICROSOFT_CLIENT_ID, "roles": ["User.Read.All"] });
    assert_eq!(bench.control("POST /_sandbox/roles", Some(body)).await.status, 200);
    assert_eq!(claims(&token(&bench))["roles"], json!(["User.Read.All"]));
    let again = Bench::with(config()).await;
    assert_eq!(claims(&token(&again))["roles"], json!(["User.Read.All"]), "kept in the state file");

    assert!(bench.sandbox.set_application_roles(defaults::MICROSOFT_CLIENT_ID, Vec::<String>::new()));
    assert_eq!(claims(&token(&bench)).get("roles"), None);
    for client in [defaults::WEBEX_CLIENT_ID, "nobody"] {
        assert!(!bench.sandbox.set_application_roles(client, ["x"]), "{client}");
        let body = json!({ "client": client, "roles": [] });
        assert_eq!(bench.control("POST /_sandbox/roles", Some(body)).await.status, 400);
    }
}

use std::time::Duration;

use bytes::Bytes;
use invitations_core::{
    ids::ClientId,
    runtime::SeededEntropy,
    secret::{AuthorizationCode, ClientSecret, OAuthState, RefreshToken},
    token::{AuthorizationRequest, Grant, GrantFailureClass, Rotation},
};
use meetings_http::{Pkce, Sent, Step};
use meetings_sandbox::{Handled, Sandbox, defaults};
use serde_json::json;
use url::Url;
use webex_meetings::{Integration, Webex};

use crate::support::{client, sandbox, scripted};

const LIMIT: Duration = Duration::from_secs(10);

fn redirect() -> Url {
    Url::parse("https://app.example/callback").unwrap()
}

fn request(challenge: &str) -> AuthorizationRequest {
    AuthorizationRequest::new(OAuthState::new("state-1"), challenge, redirect())
}

/// What the browser would bring back.
async fn consent(sandbox: &Sandbox, page: &Url) -> AuthorizationCode {
    let asked = http::Request::get(page.as_str()).body(Bytes::new()).unwrap();
    let Handled::Reply(reply) = sandbox.handle(asked).await else { panic!("no reply") };
    let location = Url::parse(reply.headers()["location"].to_str().unwrap()).unwrap();
    let value = |name: &str| location.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned();
    assert_eq!(value("state"), "state-1");
    AuthorizationCode::new(value("code"))
}

#[test]
fn the_browser_is_sent_to_webex_with_pkce_and_the_scopes() {
    let server = scripted(Vec::new()).0.authorization_server();
    let url = server.authorization_url(&request(&Pkce::generate(&SeededEntropy::new(1)).unwrap().challenge)).unwrap();
    assert!(url.as_str().starts_with("https://webexapis.com/v1/authorize?"), "{url}");
    let value = |name: &str| url.query_pairs().find(|(n, _)| n == name).map(|(_, value)| value.into_owned());
    assert_eq!(value("scope").unwrap(), "meeting:schedules_read meeting:schedules_write spark:people_read");
    assert_eq!(value("client_id").unwrap(), defaults::WEBEX_CLIENT_ID);
    assert_eq!(value("code_challenge_method").unwrap(), "S256");
    assert_eq!(value("redirect_uri").unwrap(), redirect().as_str());
    assert_eq!(server.profile().rotation, Rotation::Same);
}

#[tokio::test]
async fn a_code_a_subject_and_refreshes() {
    let sandbox = sandbox().await;
    let server = client(&sandbox).build().unwrap().authorization_server();
    let pkce = Pkce::generate(&SeededEntropy::new(1)).unwrap();
    let page = server.authorization_url(&request(&pkce.challenge)).unwrap();
    let code = consent(&sandbox, &page).await;
    let grant = Grant::AuthorizationCode { code, verifier: pkce.verifier, redirect: redirect() };
    let first = server.token(&grant, LIMIT).await.unwrap();
    assert!(first.expires_in.is_some() && first.refresh_expires_in.is_some());
    let subject = server.subject(&first).await.unwrap();
    assert!(!subject.as_str().is_empty());
    let refresh = first.refresh.unwrap();
    let second = server.token(&Grant::RefreshToken(refresh.clone()), LIMIT).await.unwrap();
    assert_eq!(server.subject(&second).await.unwrap(), subject);
    // codes are used once
    let used = server.token(&grant, LIMIT).await.unwrap_err();
    assert_eq!(used.class, GrantFailureClass::GrantDead);
    sandbox.revoke_tokens(defaults::ORGANIZER);
    let dead = server.token(&Grant::RefreshToken(refresh), LIMIT).await.unwrap_err();
    assert_eq!(dead.class, GrantFailureClass::GrantDead);
}

#[tokio::test]
async fn a_wrong_secret_is_the_operators_matter() {
    let sandbox = sandbox().await;
    let wrong = Integration::new(ClientId::parse(defaults::WEBEX_CLIENT_ID).unwrap(), ClientSecret::new("wrong"));
    let unknown = Integration::new(ClientId::parse("nobody").unwrap(), ClientSecret::new("wrong"));
    for integration in [wrong, unknown] {
        let webex = Webex::builder(integration).base(sandbox.url()).dangerous_loopback_http().build().unwrap();
        let grant = Grant::RefreshToken(RefreshToken::new("r"));
        let failure = webex.authorization_server().token(&grant, LIMIT).await.unwrap_err();
        assert_eq!(failure.class, GrantFailureClass::ClientMisconfigured);
    }
}

#[tokio::test]
async fn lost_and_broken_answers_leave_the_grant_alone() {
    let grant = || Grant::RefreshToken(RefreshToken::new("r"));
    for (step, dead) in [
        (Step::fails(Sent::Maybe), false),
        (Step::times_out(), false),
        (Step::reply(503), false),
        (Step::reply(429).with_header("retry-after", "30"), false),
        (Step::reply(200).with_body("<html>"), false),
        (Step::json(400, &json!({ "message": "x", "errors": [{ "description": "expired" }] })), true),
    ] {
        let name = format!("{step:?}");
        let (webex, transport) = scripted(vec![step]);
        let failure = webex.authorization_server().token(&grant(), LIMIT).await.unwrap_err();
        assert_eq!(failure.class == GrantFailureClass::GrantDead, dead, "{name}");
        let sent = transport.requests();
        assert_eq!((sent.len(), sent[0].uri().to_string().as_str()), (1, "https://webexapis.com/v1/access_token"));
        let form = String::from_utf8(sent[0].body().to_vec()).unwrap();
        assert!(form.contains("grant_type=refresh_token") && form.contains("client_secret="), "{name}");
    }
}

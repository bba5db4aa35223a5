use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use invitations_core::{
    ErrorKind,
    ids::{ClientId, PrincipalId, TenantId},
    memory::MemoryTokenStore,
    provider::{Account, MeetingProvider, Open},
    runtime::{Clock, SeededEntropy, SystemClock},
    secret::{AuthorizationCode, ClientSecret, KeyRing, OAuthState, RefreshToken},
    token::{AuthorizationRequest, Connections, Grant, GrantFailureClass, Rotation},
};
use meetings_http::{Pkce, Sent, Step};
use meetings_sandbox::{Handled, Sandbox, defaults};
use serde_json::json;
use url::Url;
use webex_meetings::{Integration, Webex, provider_id};

use crate::support::{around, client, draft, key, once, sandbox, scripted};

const LIMIT: Duration = Duration::from_secs(10);

fn redirect() -> Url {
    Url::parse("https://app.example/callback").unwrap()
}

fn request(challenge: &str) -> AuthorizationRequest {
    AuthorizationRequest::new(OAuthState::new("state-1"), challenge, redirect())
}

/// Where the browser would come back.
async fn callback(sandbox: &Sandbox, page: &Url) -> Url {
    let asked = http::Request::get(page.as_str()).body(Bytes::new()).unwrap();
    let Handled::Reply(reply) = sandbox.handle(asked).await else { panic!("no reply") };
    Url::parse(reply.headers()["location"].to_str().unwrap()).unwrap()
}

/// What it would bring back.
async fn consent(sandbox: &Sandbox, page: &Url) -> AuthorizationCode {
    let location = callback(sandbox, page).await;
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
    let person = server.identity(&first).await.unwrap();
    assert!(!person.subject.as_str().is_empty());
    assert_eq!(person.address.as_ref().unwrap().canonical(), defaults::ORGANIZER);
    let refresh = first.refresh.unwrap();
    let second = server.token(&Grant::RefreshToken(refresh.clone()), LIMIT).await.unwrap();
    assert_eq!(server.identity(&second).await.unwrap(), person);
    // codes are used once
    let used = server.token(&grant, LIMIT).await.unwrap_err();
    assert_eq!(used.class, GrantFailureClass::GrantDead);
    sandbox.revoke_tokens(defaults::ORGANIZER);
    let dead = server.token(&Grant::RefreshToken(refresh), LIMIT).await.unwrap_err();
    assert_eq!(dead.class, GrantFailureClass::GrantDead);
}

#[tokio::test]
async fn a_connected_user_meets_even_after_the_token_has_ended() {
    let sandbox = sandbox().await;
    let webex = client(&sandbox).build().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Arc::new(MemoryTokenStore::new(clock));
    let connections = Connections::builder(store, Arc::new(KeyRing::generate().unwrap()))
        .server(webex.authorization_server(), redirect())
        .build()
        .unwrap();
    let webex = webex.with_connections(connections.clone());
    let (tenant, owner) = (TenantId::parse("t").unwrap(), PrincipalId::parse("p").unwrap());
    let page = connections.begin(&tenant, &owner, &provider_id(), "/settings").await.unwrap();
    let callback = callback(&sandbox, &page).await;
    let connected = connections.complete(callback.query().unwrap(), &owner).await.unwrap();

    let account = Account::connection(tenant, provider_id(), connected.connection.id);
    let before = sandbox.journal().len();
    let mut stranger = account.clone();
    stranger.tenant = TenantId::parse("other").unwrap();
    let theirs = Open::<dyn MeetingProvider>::open(&webex, &stranger).await.unwrap();
    assert_eq!(theirs.create(&key("first"), &draft(), once()).await.unwrap_err().kind(), ErrorKind::NotFound, "G19");
    assert_eq!(sandbox.journal().len(), before, "nothing was sent");

    let meetings = Open::<dyn MeetingProvider>::open(&webex, &account).await.unwrap();
    meetings.create(&key("first"), &draft(), once()).await.unwrap();
    sandbox.expire_tokens(None, None);
    meetings.create(&key("second"), &draft(), once()).await.unwrap();
    assert_eq!((connections.refreshes(), webex.counts().refreshes_after_401), (1, 1));
    for name in ["first", "second"] {
        assert_eq!(meetings.find_by_key(&key(name), around()).await.unwrap().len(), 1, "{name}");
    }

    sandbox.expire_tokens(None, None);
    sandbox.revoke_tokens(defaults::ORGANIZER);
    let error = meetings.create(&key("third"), &draft(), once()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NeedsReconsent);
    assert_eq!(sandbox.state()["webexMeetings"].as_array().unwrap().len(), 2);
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

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use graph_meetings::provider_id;
use invitations_core::{
    ErrorKind,
    ids::{ConnectionId, TenantId},
    provider::{Account, CalendarProvider, CalendarProviderExt as _, MeetingProvider, Open as _},
    runtime::SeededEntropy,
    secret::{AuthorizationCode, OAuthState, RefreshToken},
    token::{AuthorizationRequest, Grant, GrantFailureClass, TokenReply, TokenSource},
};
use meetings_http::{Pkce, StaticTokens};
use meetings_sandbox::{Handled, Sandbox};
use url::Url;

use crate::support::{ADA, builder, event, graph, key, lesson, marker, options, primary, sandbox, seen};

const REDIRECT: &str = "https://app.contoso.example/back";
const LIMIT: Duration = Duration::from_secs(20);

/// Signs Ada in, as her browser would.
async fn consent(sandbox: &Sandbox) -> TokenReply {
    let server = graph(sandbox).authorization_server();
    let pkce = Pkce::generate(&SeededEntropy::new(1)).unwrap();
    let redirect = Url::parse(REDIRECT).unwrap();
    let mut request = AuthorizationRequest::new(OAuthState::new("state-1"), &*pkce.challenge, redirect.clone());
    request.login_hint = Some(ADA.to_owned());
    let url = server.authorization_url(&request).unwrap();
    let browser = http::Request::get(url.as_str()).body(Bytes::new()).unwrap();
    let Handled::Reply(reply) = sandbox.handle(browser).await else { panic!("no reply") };
    let back = Url::parse(reply.headers()["location"].to_str().unwrap()).unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let grant = Grant::AuthorizationCode { code: AuthorizationCode::new(code), verifier: pkce.verifier, redirect };
    server.token(&grant, LIMIT).await.unwrap()
}

#[tokio::test]
async fn a_user_connects_and_acts_for_herself() {
    let sandbox = sandbox().await;
    let graph = graph(&sandbox);
    let reply = consent(&sandbox).await;
    assert!(reply.refresh.is_some());
    let identity = graph.authorization_server().identity(&reply).await.unwrap();
    let ada = sandbox.state()["users"].as_array().unwrap().iter().find(|user| user["address"] == ADA).cloned().unwrap();
    assert!(identity.subject.as_str().ends_with(ada["id"].as_str().unwrap()), "{identity:?}");
    assert_eq!(identity.address.unwrap().canonical(), ADA);
    let tokens = Arc::new(StaticTokens::new(reply.access.expose()));
    let made =
        graph.my_meetings(Arc::<StaticTokens>::clone(&tokens)).create(&key("a"), &lesson(), options()).await.unwrap();
    assert_eq!(made.organizer.unwrap().as_str(), ada["id"].as_str().unwrap());
    let calendars = graph.my_calendars(tokens);
    let event = calendars.create_event(&primary(), &marker("a"), event(), options()).await.unwrap();
    assert_eq!(calendars.event(&primary(), &event.id).await.unwrap().id, event.id);
    assert_eq!(seen(&sandbox, "graph.users.get"), 0, "a signed-in user needs no look-up");
    assert!(sandbox.journal().iter().filter(|e| e.path.starts_with("/v1.0/")).all(|e| e.path.starts_with("/v1.0/me/")));
}

#[tokio::test]
async fn a_connection_opens_with_its_own_tokens() {
    let sandbox = sandbox().await;
    let access = consent(&sandbox).await.access;
    let tokens: Arc<dyn TokenSource> = Arc::new(StaticTokens::new(access.expose()));
    let wanted = ConnectionId::parse("c-1").unwrap();
    let sources = {
        let wanted = wanted.clone();
        move |tenant: &TenantId, id: &ConnectionId| {
            assert_eq!(tenant.as_str(), "school");
            assert_eq!(*id, wanted);
            Arc::clone(&tokens)
        }
    };
    let graph = builder(&sandbox).token_sources(Arc::new(sources)).build().unwrap();
    let account = Account::connection(TenantId::parse("school").unwrap(), provider_id(), wanted);
    let meetings: Arc<dyn MeetingProvider> = graph.open(&account).await.unwrap();
    let made = meetings.create(&key("a"), &lesson(), options()).await.unwrap();
    assert_eq!(meetings.read(&made.id).await.unwrap().id, made.id);
    let _: Arc<dyn CalendarProvider> = graph.open(&account).await.unwrap();
}

#[tokio::test]
async fn the_server_is_there_before_the_client() {
    let sandbox = sandbox().await;
    let mut builder = builder(&sandbox).delegated_scopes(["offline_access", "openid", "Calendars.Read"]);
    let server = builder.authorization_server().unwrap();
    let request = {
        let pkce = Pkce::generate(&SeededEntropy::new(1)).unwrap();
        AuthorizationRequest::new(OAuthState::new("s"), pkce.challenge, Url::parse(REDIRECT).unwrap())
    };
    let url = server.authorization_url(&request).unwrap();
    assert!(url.path().ends_with("/oauth2/v2.0/authorize"));
    let parameter = |name: &str| url.query_pairs().find(|(n, _)| n == name).map(|(_, value)| value.into_owned());
    assert_eq!(parameter("scope").as_deref(), Some("offline_access openid Calendars.Read"));
    assert_eq!(parameter("code_challenge_method").as_deref(), Some("S256"));
    builder.build().unwrap();
}

#[tokio::test]
async fn a_dead_refresh_token_is_told_from_a_wrong_secret() {
    let sandbox = sandbox().await;
    let server = graph(&sandbox).authorization_server();
    let failure = server.token(&Grant::RefreshToken(RefreshToken::new("planted")), LIMIT).await.unwrap_err();
    assert_eq!(failure.class, GrantFailureClass::GrantDead);
    let refresh = consent(&sandbox).await.refresh.unwrap();
    server.token(&Grant::RefreshToken(refresh.clone()), LIMIT).await.unwrap();
    sandbox.revoke_tokens(ADA);
    let failure = server.token(&Grant::RefreshToken(refresh), LIMIT).await.unwrap_err();
    assert_eq!(failure.class, GrantFailureClass::GrantDead);
    assert_ne!(failure.error.kind(), ErrorKind::Misconfigured);
}

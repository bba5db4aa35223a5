//! A service application, from the administrator's consent to years of meetings.

use std::sync::Arc;

use invitations_core::{
    ErrorKind,
    ids::{ClientId, PrincipalId, TenantId, UserId},
    memory::MemoryTokenStore,
    provider::{Account, MeetingProvider, Open},
    runtime::{Clock, ManualClock, TokioSpawner},
    secret::{ClientSecret, KeyRing},
    token::{ConnectionState, Connections, TokenStore as _},
};
use meetings_http::{Sent, StaticTokens, Step};
use meetings_sandbox::{AuthorizationSide, Rotation, Sandbox, SandboxConfig, defaults};
use serde_json::json;
use webex_meetings::{ServiceApp, Webex, provider_id};

use crate::support::{client, draft, key, once, sandbox, scripted, september, utc};

pub(crate) fn app() -> ServiceApp {
    let client = ClientId::parse(defaults::WEBEX_SERVICE_APP_CLIENT_ID).unwrap();
    let secret = ClientSecret::new(defaults::WEBEX_SERVICE_APP_CLIENT_SECRET);
    ServiceApp::new(defaults::WEBEX_SERVICE_APP_ID, client, secret)
}

pub(crate) fn service(sandbox: &Sandbox) -> Webex {
    Webex::builder(app()).base(sandbox.url()).dangerous_loopback_http().clock(september()).build().unwrap()
}

/// The owner of the application, signed in to an integration that may ask for its tokens.
pub(crate) fn developer(sandbox: &Sandbox, scope: &str) -> Arc<StaticTokens> {
    let (side, client) = (AuthorizationSide::Webex, defaults::WEBEX_CLIENT_ID);
    Arc::new(StaticTokens::new(&sandbox.scoped_access_token(side, client, defaults::ORGANIZER, scope).unwrap()))
}

const SCOPE: &str = "spark:applications_token";
const ORGANIZATION: &str = defaults::WEBEX_ORGANIZATION_ID;

#[tokio::test]
async fn one_configuration_serves_hosts_for_years() {
    // twenty times 28 days before the meeting
    let start = utc("2025-02-18T00:00:00Z");
    let sandbox = Sandbox::start(SandboxConfig::new().frozen_at(start)).await.unwrap();
    sandbox.authorize_service_app(defaults::WEBEX_SERVICE_APP_ID, ORGANIZATION, true);
    // the hardest case: each refresh ends the token it was made with, so one that is not stored is the end
    sandbox.set_rotation(AuthorizationSide::Webex, Rotation::Strict);
    let webex = service(&sandbox);
    let clock = ManualClock::new(start);
    let shared: Arc<dyn Clock> = Arc::new(clock.clone());
    let store = Arc::new(MemoryTokenStore::new(Arc::clone(&shared)));
    let connections =
        Connections::builder(Arc::<MemoryTokenStore>::clone(&store), Arc::new(KeyRing::generate().unwrap()))
            .server_without_redirect(webex.authorization_server())
            .clock(shared)
            .spawner(Arc::new(TokioSpawner))
            .build()
            .unwrap();

    let first = webex.service_app_tokens(&app(), ORGANIZATION, developer(&sandbox, SCOPE)).await.unwrap();
    assert!(first.expires_in.is_some() && first.refresh_expires_in.is_some());
    let (tenant, owner) = (TenantId::parse("school").unwrap(), PrincipalId::parse("operator").unwrap());
    let import = app().import(tenant.clone(), owner, ORGANIZATION, first.refresh).unwrap();
    let view = connections.import(import.clone()).await.unwrap();
    assert_eq!(connections.import(import).await.unwrap().id, view.id);

    // nobody asks for a year and a half: the keep-alive job alone holds it, past the end of every token
    for _ in 0..20 {
        connections.run_once(10).await.unwrap();
        let month = std::time::Duration::from_secs(28 * 24 * 3600);
        clock.advance(month);
        sandbox.advance(month);
    }
    assert_eq!(store.connections(&tenant, None).await.unwrap().items.len(), 1);
    assert!(connections.refreshes() >= 20);

    // and then a host is served, although the machine hosts nothing itself
    let webex = webex.with_tokens(connections.source(&view.tenant, &view.provider, &view.id));
    let account = Account::application(tenant, provider_id(), UserId::parse("ada@contoso.example").unwrap());
    let meetings = Open::<dyn MeetingProvider>::open(&webex, &account).await.unwrap();
    let made = meetings.create(&key("lesson"), &draft(), once()).await.unwrap();
    assert!(meetings.read(&made.id).await.is_ok());
    assert_eq!(sandbox.state()["webexMeetings"].as_array().unwrap().len(), 1);

    // an administrator takes it back: visible, and a later consent goes on where it was
    sandbox.authorize_service_app(defaults::WEBEX_SERVICE_APP_ID, ORGANIZATION, false);
    let error = meetings.create(&key("another"), &draft(), once()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NeedsReconsent);
    assert!(matches!(
        connections.status(&view.tenant, &view.id).await.unwrap().state,
        ConnectionState::NeedsReconsent(_)
    ));
    sandbox.authorize_service_app(defaults::WEBEX_SERVICE_APP_ID, ORGANIZATION, true);
    let again = webex.service_app_tokens(&app(), ORGANIZATION, developer(&sandbox, SCOPE)).await.unwrap();
    let owner = PrincipalId::parse("operator").unwrap();
    let import = app().import(TenantId::parse("school").unwrap(), owner, ORGANIZATION, again.refresh).unwrap();
    assert_eq!(connections.import(import).await.unwrap().id, view.id);
    meetings.create(&key("another"), &draft(), once()).await.unwrap();
}

#[tokio::test]
async fn what_is_not_authorized_says_who_has_to_act() {
    let sandbox = sandbox().await;
    let webex = service(&sandbox);
    let ask = async |app: &ServiceApp, organization: &str, scope: &str| {
        webex.service_app_tokens(app, organization, developer(&sandbox, scope)).await.unwrap_err()
    };
    let error = ask(&app(), ORGANIZATION, SCOPE).await;
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.remedy().unwrap().action.contains("authorize the service application"), "{error}");
    sandbox.authorize_service_app(defaults::WEBEX_SERVICE_APP_ID, ORGANIZATION, true);
    assert_eq!(ask(&app(), ORGANIZATION, "spark:people_read").await.kind(), ErrorKind::PermissionDenied);
    assert_eq!(ask(&app(), "another-organisation", SCOPE).await.kind(), ErrorKind::PermissionDenied);
    assert_eq!(ask(&app(), "", SCOPE).await.kind(), ErrorKind::InvalidInput);
    let client = || ClientId::parse(defaults::WEBEX_SERVICE_APP_CLIENT_ID).unwrap();
    let wrong = ServiceApp::new(defaults::WEBEX_SERVICE_APP_ID, client(), ClientSecret::new("wrong"));
    assert_eq!(ask(&wrong, ORGANIZATION, SCOPE).await.kind(), ErrorKind::Misconfigured);
    let unknown = ServiceApp::new("nobody", client(), ClientSecret::new("wrong"));
    assert_eq!(ask(&unknown, ORGANIZATION, SCOPE).await.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn answers_that_cannot_be_used_are_no_tokens() {
    let good = json!({ "access_token": "a", "refresh_token": "r", "expires_in": 3600, "token_type": "Bearer" });
    let (webex, transport) = scripted(vec![Step::json(200, &good)]);
    let tokens = webex.service_app_tokens(&app(), ORGANIZATION, Arc::new(StaticTokens::new("dev"))).await.unwrap();
    assert_eq!((tokens.access.expose(), tokens.refresh.expose()), ("a", "r"));
    assert_eq!(transport.requests()[0].headers()["authorization"], "Bearer dev");
    for body in [
        json!({ "access_token": "a" }),
        json!({ "refresh_token": "r" }),
        json!({ "access_token": "a b", "refresh_token": "r" }),
        json!({ "access_token": 1, "refresh_token": "r" }),
        json!([]),
    ] {
        let (webex, _) = scripted(vec![Step::json(200, &body)]);
        let developer = Arc::new(StaticTokens::new("dev"));
        let error = webex.service_app_tokens(&app(), ORGANIZATION, developer).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{body}");
    }
    // nothing is sent twice on a doubt
    let (webex, transport) = scripted(vec![Step::fails(Sent::Maybe), Step::json(200, &good)]);
    let developer = Arc::new(StaticTokens::new("dev"));
    assert!(webex.service_app_tokens(&app(), ORGANIZATION, developer).await.is_err());
    assert_eq!(transport.requests().len(), 1);
}

#[tokio::test]
async fn without_its_tokens_an_application_account_says_what_is_missing() {
    let sandbox = sandbox().await;
    let account = Account::application(
        TenantId::parse("school").unwrap(),
        provider_id(),
        UserId::parse("ada@contoso.example").unwrap(),
    );
    let webex = client(&sandbox).build().unwrap();
    let error = Open::<dyn MeetingProvider>::open(&webex, &account).await.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
}

//! Shared directories: whose tokens they are, and what personal accounts can do.

use std::sync::Arc;

use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use graph_meetings::{DirectoryId, Graph, provider_id};
use invitations_core::{
    ErrorKind,
    ids::{MeetingId, PrincipalId, TenantId},
    memory::MemoryTokenStore,
    provider::{Account, CalendarProvider, CalendarProviderExt as _, MeetingPatch, MeetingProvider, Open as _},
    secret::{IdToken, KeyRing, OAuthState, TokenText},
    token::{Connections, TokenReply},
};
use meetings_http::StaticTokens;
use meetings_sandbox::{Handled, MicrosoftUser, Sandbox, defaults};
use serde_json::{Value, json};
use url::Url;

use crate::support::{ADA, app, event, key, lesson, marker, options, primary, sandbox};

const PAT: &str = "pat@outlook.example";
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

fn in_directory(root: &Url, directory: &str) -> Graph {
    let mut app = app(root);
    app.directory = DirectoryId::parse(directory).unwrap();
    Graph::builder(app).dangerous_loopback_http().build().unwrap()
}

/// Where the browser ends up.
async fn browse(sandbox: &Sandbox, url: &Url) -> Url {
    let request = http::Request::get(url.as_str()).body(Bytes::new()).unwrap();
    let Handled::Reply(reply) = sandbox.handle(request).await else { panic!("no reply") };
    Url::parse(reply.headers()["location"].to_str().unwrap()).unwrap()
}

async fn connected(sandbox: &Sandbox, directory: &str, address: &str) -> (Graph, Account) {
    let graph = in_directory(&sandbox.url(), directory);
    let store = Arc::new(MemoryTokenStore::new(Arc::new(invitations_core::runtime::SystemClock)));
    let connections = Connections::builder(store, Arc::new(KeyRing::generate().unwrap()))
        .server(graph.authorization_server(), "https://app.contoso.example/back".parse().unwrap())
        .build()
        .unwrap();
    let graph = graph.with_connections(connections.clone());
    let (tenant, owner) = (TenantId::parse("school").unwrap(), PrincipalId::parse("p").unwrap());
    let mut page = connections.begin(&tenant, &owner, &provider_id(), "/").await.unwrap();
    page.query_pairs_mut().append_pair("login_hint", address);
    let back = browse(sandbox, &page).await;
    let connected = connections.complete(back.query().unwrap(), &owner).await.unwrap();
    (graph, Account::connection(tenant, provider_id(), connected.connection.id))
}

#[tokio::test]
async fn personal_accounts_have_calendars_and_no_meetings() {
    for directory in ["common", "consumers", PERSONAL] {
        let sandbox = sandbox().await;
        sandbox.add_microsoft_user(&MicrosoftUser::new(PAT).personal());
        let signs_in = if directory == PERSONAL { "consumers" } else { directory };
        let (graph, account) = connected(&sandbox, signs_in, PAT).await;
        let before = sandbox.journal().len();
        let meetings: Arc<dyn MeetingProvider> = graph.open(&account).await.unwrap();
        let id = MeetingId::parse("m").unwrap();
        for error in [
            meetings.create(&key("a"), &lesson(), options()).await.unwrap_err(),
            meetings.read(&id).await.unwrap_err(),
            meetings.update(&id, &MeetingPatch::new(), options()).await.unwrap_err(),
            meetings.cancel(&id, options()).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{directory} {error}");
            assert!(error.remedy().unwrap().action.contains("work or school"));
        }
        assert_eq!(sandbox.journal().len(), before, "nothing was sent");
        let calendars: Arc<dyn CalendarProvider> = graph.open(&account).await.unwrap();
        calendars.create_event(&primary(), &marker("a"), event(), options()).await.unwrap();
    }
}

#[tokio::test]
async fn other_accounts_of_the_shared_directories_have_both() {
    for directory in ["common", "organizations"] {
        let sandbox = sandbox().await;
        let (graph, account) = connected(&sandbox, directory, ADA).await;
        let before = sandbox.journal().len();
        let mut stranger = account.clone();
        stranger.tenant = TenantId::parse("other").unwrap();
        let theirs: Arc<dyn MeetingProvider> = graph.open(&stranger).await.unwrap();
        let error = theirs.create(&key("a"), &lesson(), options()).await.unwrap_err();
        assert_eq!((error.kind(), sandbox.journal().len()), (ErrorKind::NotFound, before), "G19: nothing is sent");

        let meetings: Arc<dyn MeetingProvider> = graph.open(&account).await.unwrap();
        meetings.create(&key("a"), &lesson(), options()).await.unwrap();
    }
}

#[tokio::test]
async fn a_directory_of_personal_accounts_says_so_for_any_tokens() {
    let sandbox = sandbox().await;
    for (directory, refused) in [("consumers", true), (PERSONAL, true), ("common", false), ("organizations", false)] {
        let graph = in_directory(&sandbox.url(), directory);
        let meetings = graph.my_meetings(Arc::new(StaticTokens::new("t")));
        let error = meetings.create(&key("a"), &lesson(), options()).await.unwrap_err();
        assert_eq!(error.kind() == ErrorKind::Unsupported, refused, "{directory} {error}");
    }
    for directory in ["consumers", PERSONAL, "organizations"] {
        let graph = in_directory(&sandbox.url(), directory);
        let meetings = graph.meetings_of(&crate::support::user(ADA));
        let error = meetings.create(&key("a"), &lesson(), options()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Misconfigured, "an application signs in to one directory");
    }
}

#[tokio::test]
async fn abuse_f04_an_id_token_of_another_issuer_is_nobodys() {
    let root = Url::parse("http://127.0.0.1:2").unwrap();
    let token = |iss: &str, tid: &str| {
        let claims = json!({ "aud": defaults::MICROSOFT_CLIENT_ID, "iss": iss, "tid": tid, "oid": "o" });
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let mut reply = TokenReply::new(TokenText::new("at"));
        reply.id_token = Some(IdToken::new(format!("{}.{}.c2ln", part(&json!({})), part(&claims))));
        reply
    };
    let here = defaults::DIRECTORY_ID;
    let issuer = |directory: &str| format!("http://127.0.0.1:2/{directory}/v2.0");
    for (directory, iss, tid, good) in [
        (here, issuer(here), here, true),
        (here, issuer(PERSONAL), PERSONAL, false),
        (here, format!("https://evil.example/{here}/v2.0"), here, false),
        ("contoso.example", issuer(here), here, true),
        ("common", issuer(PERSONAL), PERSONAL, true),
        ("common", issuer(here), PERSONAL, false),
        ("consumers", issuer(PERSONAL), PERSONAL, true),
        ("consumers", issuer(here), here, false),
    ] {
        let server = in_directory(&root, directory).authorization_server();
        let subject = server.identity(&token(&iss, tid)).await.map(|identity| identity.subject);
        assert_eq!(subject.is_ok(), good, "{directory} {iss}");
    }
}

#[tokio::test]
async fn an_administrator_consents() {
    let sandbox = sandbox().await;
    let (app, state) = (app(&sandbox.url()), OAuthState::new("state 1"));
    let page = app.admin_consent_url(&"https://app.contoso.example/consented".parse().unwrap(), &state).unwrap();
    let back = browse(&sandbox, &page).await;
    let consent = app.admin_consented(back.query().unwrap(), &state).unwrap();
    assert_eq!(consent.directory.as_str(), defaults::DIRECTORY_ID);
    crate::support::control(&sandbox, "consent", json!({ "entra": "deny" })).await;
    let back = browse(&sandbox, &page).await;
    let error = app.admin_consented(back.query().unwrap(), &state).unwrap_err();
    assert_eq!((error.kind(), error.detail()), (ErrorKind::PermissionDenied, Some("Entra answered permission_denied")));
}

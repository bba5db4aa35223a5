use std::sync::Arc;

use http::Request;
use invitations_core::{
    ErrorKind,
    ids::{ConnectionId, MeetingId, ProviderId, TenantId, UserId},
    provider::{Account, AttendeeList, MeetingProvider, Open, Providers, WriteOptions},
    token::TokenSource,
};
use meetings_http::{ScriptedTransport, StaticTokens, Step};
use serde_json::{Value, json};
use webex_meetings::{Webex, provider_id};

use crate::support::{draft, gathering, id, integration, key, meeting_json, scripted, scripted_by};

fn tenant() -> TenantId {
    TenantId::parse("t").unwrap()
}

fn application(user: &str) -> Account {
    Account::application(tenant(), provider_id(), UserId::parse(user).unwrap())
}

async fn meetings(webex: &Webex, account: &Account) -> invitations_core::Result<Arc<dyn MeetingProvider>> {
    Open::<dyn MeetingProvider>::open(webex, account).await
}

#[tokio::test]
async fn a_connection_brings_its_own_tokens() {
    let sources = |tenant: &TenantId, id: &ConnectionId| -> Arc<dyn TokenSource> {
        Arc::new(StaticTokens::new(&format!("of-{id}-in-{tenant}")))
    };
    let (webex, transport) = scripted_by(vec![Step::json(200, &meeting_json("m1", &[]))], |builder| {
        builder.token_sources(Arc::new(sources))
    });
    let account = Account::connection(tenant(), provider_id(), ConnectionId::parse("c-7").unwrap());
    let opened = meetings(&webex, &account).await.unwrap();
    assert_eq!(opened.provider(), &provider_id());
    opened.read(&id("m1")).await.unwrap();
    assert_eq!(transport.requests()[0].headers()["authorization"], "Bearer of-c-7-in-t");
    assert!(!transport.requests()[0].uri().to_string().contains("hostEmail"));
}

#[tokio::test]
async fn an_application_account_names_its_host_in_every_request() {
    let meeting = || Step::json(200, &meeting_json("m1", &["k"]));
    let items = |item: Value| Step::json(200, &json!({ "items": [item] }));
    let (webex, transport) =
        scripted(vec![meeting(), meeting(), items(meeting_json("m1", &["k"])), Step::reply(204), items(json!({}))]);
    let account = application("organizer@contoso.example");
    let opened = meetings(&webex, &account).await.unwrap();
    opened.create(&key("k"), &draft(), WriteOptions::new()).await.unwrap();
    opened.read(&id("m1")).await.unwrap();
    assert_eq!(opened.find_by_key(&key("k"), draft().slot.range()).await.unwrap().len(), 1);
    opened.cancel(&id("m1"), WriteOptions::new()).await.unwrap();
    let invitees: Arc<dyn AttendeeList> = Open::<dyn AttendeeList>::open(&webex, &account).await.unwrap();
    assert!(invitees.attendees(&gathering(&id("m1"))).await.unwrap().is_empty());
    let requests = transport.requests();
    let body: Value = serde_json::from_slice(requests[0].body()).unwrap();
    assert_eq!(body["hostEmail"], "organizer@contoso.example");
    for request in &requests[1..] {
        assert!(request.uri().query().unwrap().contains("hostEmail=organizer%40contoso.example"), "{}", request.uri());
    }
}

#[tokio::test]
async fn accounts_that_cannot_be_served_say_what_is_missing() {
    let transport = Arc::new(ScriptedTransport::new(Vec::new()));
    let bare = Webex::builder(integration()).transport(transport).build().unwrap();
    let (with_token, _) = scripted(Vec::new());
    let connection = Account::connection(tenant(), provider_id(), ConnectionId::parse("c").unwrap());
    let other = ProviderId::parse("microsoft").unwrap();
    let elsewhere = Account::application(tenant(), other, UserId::parse("a@b.example").unwrap());
    for (webex, account, word) in [
        (&bare, connection, "token_sources"),
        (&bare, application("a@b.example"), "WebexBuilder::tokens"),
        (&with_token, application("Y2lzY29zcGFyazovL3Vz"), "mail address"),
        (&with_token, elsewhere, "webex"),
    ] {
        let error = meetings(webex, &account).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Misconfigured);
        assert!(error.remedy().unwrap().action.contains(word), "{:?}", error.remedy());
    }
    assert_eq!(bare.my_meetings().unwrap_err().kind(), ErrorKind::Misconfigured);
}

#[tokio::test]
async fn one_registration_opens_both_roles() {
    let (webex, _) = scripted(Vec::new());
    let providers = Providers::new().with(provider_id(), Arc::new(webex));
    let account = application("organizer@contoso.example");
    assert_eq!(providers.meetings(&account).await.unwrap().provider().as_str(), "webex");
    providers.attendees(&account).await.unwrap();
}

#[tokio::test]
async fn what_is_not_modelled_can_be_sent() {
    let (webex, transport) = scripted(vec![Step::json(200, &json!({ "items": [] })), Step::reply(403)]);
    let request = Request::get("/v1/recordings?max=10").body(Default::default()).unwrap();
    assert_eq!(webex.send(request).await.unwrap().status(), 200);
    assert_eq!(transport.requests()[0].uri().to_string(), "https://webexapis.com/v1/recordings?max=10");
    assert_eq!(transport.requests()[0].headers()["authorization"], "Bearer token-1");
    let refused = Request::post("https://webexapis.com/v1/webhooks").body(Default::default()).unwrap();
    assert_eq!(webex.send(refused).await.unwrap_err().kind(), ErrorKind::PermissionDenied);
    let elsewhere = Request::get("https://evil.example/v1/people/me").body(Default::default()).unwrap();
    assert_eq!(webex.send(elsewhere).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(transport.requests().len(), 2);
}

#[test]
fn plain_http_needs_a_dangerous_word() {
    let base = || url::Url::parse("http://127.0.0.1:9").unwrap();
    assert!(Webex::builder(integration()).base(base()).build().is_err());
    assert!(Webex::builder(integration()).base(base()).dangerous_loopback_http().build().is_ok());
    let far = url::Url::parse("http://webexapis.com").unwrap();
    assert!(Webex::builder(integration()).base(far).dangerous_loopback_http().build().is_err());
}

#[test]
fn debug_shows_no_secret() {
    let (webex, _) = scripted(Vec::new());
    let builder = Webex::builder(integration());
    let shown = format!("{webex:?} {:?} {:?} {builder:?}", webex.my_meetings().unwrap(), integration());
    assert!(!shown.contains("token-1") && !shown.contains("sandbox-webex-client-secret"), "{shown}");
    assert!(MeetingId::parse("m").is_ok());
}

use std::sync::Arc;

use bytes::Bytes;
use graph_meetings::{Graph, provider_id};
use invitations_core::{
    ErrorKind,
    ids::{ConnectionId, ProviderId, TenantId},
    people::GuestDirectory,
    provider::{Account, AttendeeList, CalendarProvider, MeetingProvider, Open as _, Providers},
    secret::ClientSecret,
};
use meetings_sandbox::defaults::{self, ORGANIZER};

use crate::support::{OTHER_PORT, app, bare_sandbox, builder, graph, key, lesson, options, sandbox, user};

fn tenant() -> TenantId {
    TenantId::parse("school").unwrap()
}

#[tokio::test]
async fn an_account_opens_every_role() {
    let sandbox = sandbox().await;
    let graph = Arc::new(graph(&sandbox));
    let providers = Providers::new()
        .with(provider_id(), Arc::clone(&graph))
        .with_calendars(provider_id(), Arc::<Graph>::clone(&graph))
        .with_guests(provider_id(), graph);
    let account = Account::application(tenant(), provider_id(), user(ORGANIZER));
    let meetings: Arc<dyn MeetingProvider> = providers.meetings(&account).await.unwrap();
    meetings.create(&key("a"), &lesson(), options()).await.unwrap();
    let calendars: Arc<dyn CalendarProvider> = providers.calendars(&account).await.unwrap();
    assert_eq!(calendars.provider(), &provider_id());
    let _: Arc<dyn AttendeeList> = providers.attendees(&account).await.unwrap();
    let _: Arc<dyn GuestDirectory> = providers.guests(&account).await.unwrap();
}

#[tokio::test]
async fn an_account_that_cannot_be_served_is_said_so() {
    let sandbox = sandbox().await;
    let graph = graph(&sandbox);
    let connection = Account::connection(tenant(), provider_id(), ConnectionId::parse("c").unwrap());
    let webex = Account::application(tenant(), ProviderId::parse("webex").unwrap(), user(ORGANIZER));
    for account in [connection, webex] {
        let opened: Result<Arc<dyn MeetingProvider>, _> = graph.open(&account).await;
        let error = opened.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Misconfigured);
        assert!(error.remedy().is_some());
    }
    assert!(sandbox.journal().is_empty());
}

#[tokio::test]
async fn a_wrong_secret_is_the_operators_matter() {
    let sandbox = sandbox().await;
    let mut app = app(&sandbox.url());
    app.credentials = vec![graph_meetings::Credential::Secret(ClientSecret::new("planted")).into()];
    let graph = Graph::builder(app).dangerous_loopback_http().build().unwrap();
    let error = graph.meetings_of(&user(ORGANIZER)).create(&key("a"), &lesson(), options()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    let mut shown = format!("{error} {error:?}");
    let mut cause = std::error::Error::source(&error);
    while let Some(one) = cause {
        shown += &format!("{one} {one:?}");
        cause = one.source();
    }
    assert!(!shown.contains("planted"), "{shown}");
}

#[tokio::test]
async fn an_application_signs_in_to_one_directory() {
    let sandbox = sandbox().await;
    let mut app = app(&sandbox.url());
    app.directory = graph_meetings::DirectoryId::parse("common").unwrap();
    let graph = Graph::builder(app).dangerous_loopback_http().build().unwrap();
    let error = graph.meetings_of(&user(ORGANIZER)).create(&key("a"), &lesson(), options()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    assert!(sandbox.journal().is_empty());
}

#[tokio::test]
async fn plain_http_is_refused_unless_it_is_asked_for() {
    let sandbox = bare_sandbox().await;
    let error = Graph::builder(app(&sandbox.url())).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    Graph::app_only(app(&url::Url::parse("https://graph.example").unwrap())).unwrap();
}

#[tokio::test]
async fn what_is_not_modelled_can_be_called() {
    let sandbox = sandbox().await;
    let graph = graph(&sandbox);
    let get = |uri: &str| http::Request::get(uri).body(Bytes::new()).unwrap();
    let absolute = sandbox.url().join("v1.0/users/ada@contoso.example?$select=displayName").unwrap();
    for uri in ["/v1.0/users/ada@contoso.example?$select=displayName", absolute.as_str()] {
        let reply = graph.send(get(uri)).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(reply.body()).unwrap();
        assert_eq!(body["displayName"], "Ada Lovelace");
    }
    let before = sandbox.journal().len();
    for elsewhere in [OTHER_PORT, "https://graph.microsoft.com/v1.0/me"] {
        assert_eq!(graph.send(get(elsewhere)).await.unwrap_err().kind(), ErrorKind::InvalidInput, "{elsewhere}");
    }
    assert_eq!(sandbox.journal().len(), before);
    let error = graph.send(get("/v1.0/users/nobody@contoso.example")).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, Some(404)));
    assert!(error.request_id().is_some());
    assert_eq!(graph.send(get("/v1.0/planner/tasks")).await.unwrap_err().kind(), ErrorKind::Unsupported);
}

#[tokio::test]
async fn no_secret_is_shown() {
    let sandbox = sandbox().await;
    let builder = builder(&sandbox);
    let shown = format!("{builder:#?}");
    let graph = builder.build().unwrap();
    let shown = shown + &format!("{graph:#?} {:#?}", graph.meetings_of(&user(ORGANIZER)));
    assert!(!shown.contains(defaults::MICROSOFT_CLIENT_SECRET), "{shown}");
}

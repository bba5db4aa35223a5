//! As in production: https, certificates checked, nothing dangerous allowed.

use graph_meetings::Graph;
use invitations_core::{ErrorKind, ids::CalendarId};
use meetings_http::RetryPolicy;
use meetings_sandbox::{Sandbox, SandboxConfig, defaults::ORGANIZER};
use reqwest::{Certificate, ClientBuilder};

use crate::support::{app, marker, options, outlook_event, primary, user};

async fn sandbox() -> Sandbox {
    let sandbox = Sandbox::start(SandboxConfig::new().with_tls()).await.unwrap();
    assert_eq!(sandbox.url().scheme(), "https");
    sandbox
}

fn trusting(sandbox: &Sandbox) -> ClientBuilder {
    let authority = sandbox.certificate_authority().unwrap();
    reqwest::Client::builder().tls_certs_only([Certificate::from_pem(authority.as_bytes()).unwrap()])
}

#[tokio::test]
async fn tokens_calls_and_links_go_over_https() {
    let sandbox = sandbox().await;
    let graph = Graph::builder(app(&sandbox.url())).client_builder(trusting(&sandbox)).build().unwrap();
    let events = graph.calendars_of(&user(ORGANIZER)).events_in(&primary());
    for n in 0..51 {
        events.create(&marker(&format!("lesson-{n}")), &outlook_event(), options()).await.unwrap();
    }
    let first = events.list(None).await.unwrap();
    let next = first.next.unwrap();
    assert!(next.as_str().starts_with(sandbox.url().as_str()), "{}", next.as_str());
    assert_eq!(first.items.len() + events.list(Some(&next)).await.unwrap().items.len(), 51);
}

#[tokio::test]
async fn an_authority_that_is_not_trusted_hears_nothing() {
    let (own, other) = (sandbox().await, sandbox().await);
    let graph =
        Graph::builder(app(&own.url())).client_builder(trusting(&other)).retry(RetryPolicy::never()).build().unwrap();
    let calendar = CalendarId::parse("primary").unwrap();
    let error = graph.calendars_of(&user(ORGANIZER)).events_in(&calendar).list(None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(own.journal().is_empty());
}

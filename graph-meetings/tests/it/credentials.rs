//! Secrets, certificates and assertions of others, against the sandbox and against a script.

use std::{
    error::Error as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use data_encoding::BASE64URL_NOPAD;
use graph_meetings::{App, ClientCertificate, Cloud, Credential, CredentialKind, Graph, GraphBuilder};
use invitations_core::{
    Error, ErrorKind, Result,
    provider::MeetingProvider as _,
    runtime::{Clock as _, ManualClock, SeededEntropy},
    secret::{ClientAssertion, ClientSecret, RefreshToken, SecretBytes},
    token::{Grant, GrantFailureClass},
};
use meetings_http::{ScriptedTransport, Step};
use meetings_sandbox::{MicrosoftCredential, Sandbox, SandboxConfig, defaults};
use serde_json::{Value, json};
use url::Url;

use crate::support::{app, key, lesson, options, seen, user, utc};

const CERTIFICATE: &str = include_str!("../fixtures/current-certificate.pem");
const KEY: &str = include_str!("../fixtures/current-key.pem");
const NEXT_CERTIFICATE: &str = include_str!("../fixtures/next-certificate.pem");
const NEXT_KEY: &str = include_str!("../fixtures/next-key.pem");
const NOW: &str = "2026-07-01T00:00:00Z";

fn certificate() -> Credential {
    credential(CERTIFICATE, KEY)
}

fn credential(certificate: &str, key: &str) -> Credential {
    let key = SecretBytes::new(key.into());
    Credential::Certificate(ClientCertificate::from_pem(certificate.as_bytes(), &key).unwrap())
}

fn secret(text: &str) -> Credential {
    Credential::Secret(ClientSecret::new(text))
}

/// A sandbox that stands still, and a clock that shows the same.
async fn standing() -> (Sandbox, ManualClock) {
    let sandbox = Sandbox::start(SandboxConfig::new().frozen_at(utc(NOW))).await.unwrap();
    assert!(sandbox.grant_access_policy("*"));
    (sandbox, ManualClock::new(utc(NOW)))
}

fn register(sandbox: &Sandbox, pem: &str) {
    let certificate = MicrosoftCredential::Certificate { pem: pem.to_owned(), expires: None };
    assert!(sandbox.add_credential(defaults::MICROSOFT_CLIENT_ID, &certificate));
}

fn with(root: &Url, credentials: impl IntoIterator<Item = Credential>) -> App {
    let mut app = app(root);
    app.credentials = credentials.into_iter().map(Into::into).collect();
    app
}

fn client(sandbox: &Sandbox, clock: &ManualClock, credentials: impl IntoIterator<Item = Credential>) -> Graph {
    let builder = Graph::builder(with(&sandbox.url(), credentials)).dangerous_loopback_http();
    builder.clock(Arc::new(clock.clone())).build().unwrap()
}

async fn works(graph: &Graph, name: &str) -> Result<()> {
    graph.meetings_of(&user(defaults::ORGANIZER)).create(&key(name), &lesson(), options()).await.map(drop)
}

#[tokio::test]
async fn a_certificate_signs_in_again_and_again() {
    let (sandbox, clock) = standing().await;
    register(&sandbox, CERTIFICATE);
    let graph = client(&sandbox, &clock, [certificate()]);
    works(&graph, "a").await.unwrap();
    for _ in 0..2 {
        // an assertion that was used before would be refused
        sandbox.expire_tokens(None, None);
        clock.advance(std::time::Duration::from_secs(120));
        works(&graph, "a").await.unwrap();
    }
    assert_eq!(seen(&sandbox, "entra.token"), 3);
    assert!(sandbox.journal().iter().filter(|e| e.operation == "entra.token").all(|e| e.status == Some(200)));
}

#[tokio::test]
async fn a_certificate_that_nobody_registered_is_the_operators_matter() {
    let (sandbox, clock) = standing().await;
    register(&sandbox, NEXT_CERTIFICATE);
    let error = works(&client(&sandbox, &clock, [certificate()]), "a").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    works(&client(&sandbox, &clock, [credential(NEXT_CERTIFICATE, NEXT_KEY)]), "a").await.unwrap();
}

#[tokio::test]
async fn credentials_are_switched_without_a_failed_call() {
    let (sandbox, clock) = standing().await;
    let old = MicrosoftCredential::Secret { value: "old".to_owned(), expires: Some(utc("2026-07-02T00:00:00Z")) };
    assert!(sandbox.add_credential(defaults::MICROSOFT_CLIENT_ID, &old));
    let graph = client(&sandbox, &clock, [secret("old"), certificate()]);
    let day = std::time::Duration::from_secs(24 * 3600);
    works(&graph, "a").await.unwrap();
    assert_eq!(seen(&sandbox, "entra.token"), 1);
    // the new one is there before the old one ends
    register(&sandbox, CERTIFICATE);
    for (days, requests) in [(1, 3), (2, 4), (3, 5)] {
        sandbox.advance(day);
        clock.advance(day);
        works(&graph, &format!("day {days}")).await.unwrap();
        assert_eq!(seen(&sandbox, "entra.token"), requests, "remembered after one refusal");
    }
    // whoever signs in for users knows it too
    let failure =
        graph.authorization_server().token(&Grant::RefreshToken(RefreshToken::new("rt")), day).await.unwrap_err();
    assert_eq!((failure.class, seen(&sandbox, "entra.token")), (GrantFailureClass::GrantDead, 6));
}

#[tokio::test]
async fn a_trusted_issuer_signs_for_us() {
    let (sandbox, clock) = standing().await;
    let federated = MicrosoftCredential::Federated {
        issuer: "https://cluster.example".to_owned(),
        subject: "tutor".to_owned(),
        audience: "api://AzureADTokenExchange".to_owned(),
    };
    assert!(sandbox.add_credential(defaults::MICROSOFT_CLIENT_ID, &federated));
    let asked = Arc::new(AtomicU32::new(0));
    let (count, exp) = (Arc::clone(&asked), utc(NOW).timestamp() + 600);
    let federated = Credential::assertions(move || {
        count.fetch_add(1, Ordering::Relaxed);
        async move {
            let claims = json!({
                "iss": "https://cluster.example", "sub": "tutor", "aud": "api://AzureADTokenExchange", "exp": exp,
            });
            let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
            Ok(ClientAssertion::new(format!("{}.{}.c2ln", part(&json!({ "alg": "RS256" })), part(&claims))))
        }
    });
    let graph = client(&sandbox, &clock, [federated]);
    works(&graph, "a").await.unwrap();
    works(&graph, "b").await.unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 1, "once per token request");
}

#[tokio::test]
async fn what_gives_no_assertion_says_why() {
    let (sandbox, clock) = standing().await;
    let broken = Credential::assertions(|| async { Err(Error::new(ErrorKind::Misconfigured, "read assertion")) });
    let error = works(&client(&sandbox, &clock, [broken]), "a").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    assert!(error.source().unwrap().to_string().contains("read assertion"), "{error:?}");
    assert!(sandbox.journal().is_empty());
}

fn scripted(app: App, steps: Vec<Step>) -> (GraphBuilder, Arc<ScriptedTransport>) {
    let transport = Arc::new(ScriptedTransport::new(steps));
    let builder = Graph::builder(app)
        .transport(Arc::<ScriptedTransport>::clone(&transport))
        .clock(Arc::new(ManualClock::new(utc(NOW))))
        .entropy(Arc::new(SeededEntropy::new(1)));
    (builder, transport)
}

fn fields(request: &http::Request<bytes::Bytes>) -> Vec<(String, String)> {
    url::form_urlencoded::parse(request.body()).into_owned().collect()
}

fn claims(assertion: &str) -> Value {
    let part = assertion.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

#[tokio::test]
async fn abuse_f08_the_audience_is_the_configured_endpoint_whatever_comes_back() {
    let root = Url::parse("https://own.example").unwrap();
    let evil = json!({
        "error": "invalid_client", "token_endpoint": "https://evil.example/token", "issuer": "https://evil.example",
        "aud": "https://evil.example/token", "error_uri": "https://evil.example/error",
    });
    let refused = || {
        Step::json(401, &evil)
            .with_header("location", "https://evil.example/token")
            .with_header("www-authenticate", "Bearer authorization_uri=\"https://evil.example\"")
    };
    let app = with(&root, [certificate(), credential(NEXT_CERTIFICATE, NEXT_KEY)]);
    let (builder, transport) = scripted(app, vec![refused(), refused(), refused(), refused()]);
    let server = builder.build().unwrap().authorization_server();
    for _ in 0..2 {
        let grant = Grant::RefreshToken(RefreshToken::new("rt"));
        let failure = server.token(&grant, std::time::Duration::from_secs(9)).await.unwrap_err();
        assert_eq!(failure.class, GrantFailureClass::ClientMisconfigured);
    }
    let endpoint = format!("https://own.example/{}/oauth2/v2.0/token", defaults::DIRECTORY_ID);
    assert_eq!(transport.requests().len(), 4);
    for request in transport.requests() {
        assert_eq!(request.uri().to_string(), endpoint);
        let fields = fields(&request);
        let assertion = &fields.iter().find(|(name, _)| name == "client_assertion").unwrap().1;
        assert_eq!(claims(assertion)["aud"], endpoint);
    }
}

#[tokio::test]
async fn a_certificate_s_request_holds_exactly_this() {
    let (builder, transport) = scripted(
        with(&Url::parse("https://own.example").unwrap(), [certificate()]),
        vec![
            Step::json(200, &json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": "at" })),
            Step::reply(404),
        ],
    );
    works(&builder.build().unwrap(), "a").await.unwrap_err();
    let mut fields = fields(&transport.requests()[0]);
    let assertion = fields.iter().position(|(name, _)| name == "client_assertion").unwrap();
    let assertion = fields.remove(assertion).1;
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        fields,
        [
            pair("client_id", defaults::MICROSOFT_CLIENT_ID),
            pair("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            pair("grant_type", "client_credentials"),
            pair("scope", "https://own.example/.default"),
        ]
    );
    let now = utc(NOW).timestamp();
    assert_eq!(claims(&assertion)["exp"], now + 300);
    assert_eq!((&claims(&assertion)["nbf"], &claims(&assertion)["iat"]), (&json!(now), &json!(now)));
}

#[tokio::test]
async fn abuse_g17_a_disconnect_names_the_page_of_its_cloud() {
    let page = |cloud: Cloud| {
        let app = with(&Url::parse("https://own.example").unwrap(), [secret("planted")]).with_cloud(cloud);
        let (builder, _transport) = scripted(app, Vec::new());
        builder.build().unwrap().authorization_server().profile().consent_page.clone()
    };
    let own = Url::parse("https://apps.example/consents").unwrap();
    assert_eq!(page(Cloud::global()).unwrap().as_str(), "https://myapps.microsoft.com/");
    for cloud in [Cloud::us_gov_l4(), Cloud::us_gov_l5(), Cloud::china()] {
        assert_eq!(page(cloud.clone()), None);
        assert_eq!(page(cloud.with_consent_page(own.clone())), Some(own.clone()));
    }
}

#[tokio::test]
async fn abuse_f07_a_torn_cloud_is_refused_before_anything_is_sent() {
    let graph = |text: &str, authority: &str| {
        let cloud = Cloud::at(Url::parse(text).unwrap(), Url::parse(authority).unwrap());
        let app = with(&Url::parse("https://own.example").unwrap(), [secret("planted")]).with_cloud(cloud);
        let (mut builder, transport) = scripted(app, Vec::new());
        let server = builder.authorization_server().map(drop);
        let built = builder.build().map(drop);
        assert!(transport.requests().is_empty());
        (server, built)
    };
    for (root, authority) in [
        ("https://graph.microsoft.com", "https://evil.example"),
        ("https://graph.microsoft.us", "https://login.microsoftonline.com"),
        ("http://graph.microsoft.com", "http://login.microsoftonline.com"),
        ("https://own.example", "http://own.example"),
    ] {
        let (server, built) = graph(root, authority);
        let kinds = [ErrorKind::Misconfigured, ErrorKind::InvalidInput];
        for error in [server.unwrap_err(), built.unwrap_err()] {
            assert!(kinds.contains(&error.kind()), "{root} {authority}: {error:?}");
            assert!(!format!("{error:?}").contains("planted"));
        }
    }
    let (server, built) = graph("https://dod-graph.microsoft.us", "https://login.microsoftonline.us");
    assert!(server.is_ok() && built.is_ok());
}

#[tokio::test]
async fn credentials_that_end_soon_are_named() {
    let root = Url::parse("https://own.example").unwrap();
    let app = with(&root, [secret("old")]).and_credential(certificate().with_expiry(utc("2026-07-31T00:00:00Z")));
    let (builder, _) =
        scripted(app.and_credential(secret("later").with_expiry(utc("2026-08-01T00:00:00Z"))), Vec::new());
    let ending = builder.build().unwrap().expiring_credentials();
    assert_eq!(ending.iter().map(|one| (one.place, one.kind)).collect::<Vec<_>>(), [(1, CredentialKind::Certificate)]);
    let (builder, _) = scripted(with(&root, []), Vec::new());
    assert_eq!(builder.build().unwrap_err().kind(), ErrorKind::Misconfigured, "none at all");
}

#[test]
fn a_client_is_built_with_a_warning_for_what_ends() {
    // with a single subscriber alive, a call site that another test's thread meets first would be switched off for good
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let app = with(&Url::parse("https://own.example").unwrap(), [secret("planted")]);
    tracing::subscriber::with_default(subscriber, || {
        let (builder, _) = scripted(app.clone(), Vec::new());
        builder.build().unwrap();
        let (builder, _) = scripted(app.and_credential(certificate().with_expiry(utc(NOW))), Vec::new());
        builder.build().unwrap();
    });
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(text.matches("a credential ends soon").count(), 1, "{text}");
    assert!(text.contains("credential=1 kind=certificate at=2026-07-01"), "{text}");
    assert!(!text.contains("planted"));
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_key_and_no_assertion_is_shown() {
    let (sandbox, clock) = standing().await;
    let graph = client(&sandbox, &clock, [certificate(), secret("planted-secret")]);
    let error = works(&graph, "a").await.unwrap_err();
    let mut shown = format!("{graph:#?} {error} {error:?}");
    let mut cause = error.source();
    while let Some(one) = cause {
        shown += &format!("{one} {one:?}");
        cause = one.source();
    }
    assert!(!shown.contains("planted"), "{shown}");
    assert!(!shown.contains("eyJ"), "the beginning of every JWT: {shown}");
    assert!(KEY.lines().filter(|line| !line.starts_with('-')).all(|line| !shown.contains(line)));
    assert!(clock.now() == utc(NOW));
}

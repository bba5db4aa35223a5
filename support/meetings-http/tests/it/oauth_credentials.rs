//! Secrets and assertions, and several of them side by side.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use chrono::DateTime;
use futures_util::FutureExt as _;
use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    runtime::ManualClock,
    secret::{ClientAssertion, ClientSecret, RefreshToken},
    token::{AuthorizationServer as _, Grant, GrantFailure, GrantFailureClass, TokenReply},
};
use meetings_http::{AssertionSource, ClientCredential, ClientCredentials, OAuthClient, ScriptedTransport, Sent, Step};
use serde_json::json;

use crate::{
    oauth_url::{endpoints, profile, style},
    observed::log_of,
    support::seconds,
};

/// Counts what it gives; fails while it is told to.
#[derive(Debug, Default)]
struct Counting {
    given: Mutex<u32>,
    away: AtomicBool,
    text: Option<&'static str>,
}

#[async_trait]
impl AssertionSource for Counting {
    async fn assertion(&self) -> Result<ClientAssertion> {
        if self.away.load(Ordering::Relaxed) {
            return Err(
                Error::new(ErrorKind::Unavailable, "fetch assertion").with_retry(RetryClass::Safe { after: None })
            );
        }
        let mut given = self.given.lock().unwrap();
        *given += 1;
        Ok(ClientAssertion::new(self.text.map_or_else(|| format!("planted.assertion.{given}"), str::to_owned)))
    }
}

fn secret(text: &str) -> ClientCredential {
    ClientCredential::Secret(ClientSecret::new(text))
}

fn client(steps: Vec<Step>, credentials: impl Into<ClientCredentials>) -> (OAuthClient, Arc<ScriptedTransport>) {
    let transport = Arc::new(ScriptedTransport::new(steps));
    let clock = Arc::new(ManualClock::new(DateTime::UNIX_EPOCH));
    (OAuthClient::new(profile(), Arc::clone(&transport) as _, clock, endpoints(), credentials, style()), transport)
}

fn ask(client: &OAuthClient) -> Result<TokenReply, GrantFailure> {
    let grant = Grant::RefreshToken(RefreshToken::new("rt"));
    client.token(&grant, seconds(9)).now_or_never().expect("the script does not wait")
}

fn good() -> Step {
    Step::json(200, &json!({"access_token": "at", "token_type": "Bearer"}))
}

fn refused() -> Step {
    Step::json(401, &json!({"error": "invalid_client", "error_description": "AADSTS7000222: expired"}))
}

/// The proofs that were sent, in order.
fn proofs(transport: &ScriptedTransport) -> Vec<String> {
    let proof = |body: &[u8]| {
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
        let is_proof = |name: &str| name == "client_secret" || name == "client_assertion";
        fields.into_iter().find(|(name, _)| is_proof(name)).expect("a proof").1
    };
    transport.requests().iter().map(|request| proof(request.body())).collect()
}

#[test]
fn an_assertion_is_posted_as_the_standard_says_and_is_another_each_time() {
    let (client, transport) = client(vec![good(), good()], ClientCredential::Assertion(Arc::new(Counting::default())));
    ask(&client).unwrap();
    ask(&client).unwrap();
    assert_eq!(
        std::str::from_utf8(transport.requests()[0].body()).unwrap(),
        "client_id=client-1&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer\
         &client_assertion=planted.assertion.1&grant_type=refresh_token&refresh_token=rt"
    );
    assert_eq!(proofs(&transport), ["planted.assertion.1", "planted.assertion.2"]);
}

#[test]
fn the_next_credential_is_tried_in_the_same_call_and_remembered() {
    let credentials = ClientCredentials::from(ClientSecret::new("old")).or(secret("new"));
    let (client, transport) = client(vec![refused(), good(), good(), refused(), good(), good()], credentials.clone());
    ask(&client).unwrap();
    ask(&client.clone()).unwrap();
    assert_eq!(proofs(&transport), ["old", "new", "new"], "a clone knows what worked");
    // taken back: the old one is good again, and so it stays
    ask(&client).unwrap();
    ask(&client).unwrap();
    assert_eq!(proofs(&transport)[3..], ["new", "old", "old"]);
    let grants: Vec<_> =
        transport.requests().iter().map(|request| request.body().ends_with(b"refresh_token=rt")).collect();
    assert!(grants.iter().all(|same| *same), "the grant stays the same");
}

#[test]
fn when_all_are_refused_it_is_the_operators_matter() {
    let credentials = ClientCredentials::from(ClientSecret::new("planted-1")).or(secret("planted-2"));
    let (client, transport) = client(vec![refused(), refused(), refused(), refused()], credentials);
    for round in 1..=2 {
        let failure = ask(&client).unwrap_err();
        assert_eq!(
            (failure.class, failure.error.kind()),
            (GrantFailureClass::ClientMisconfigured, ErrorKind::Misconfigured)
        );
        assert!(!format!("{:?} {:?}", failure.error, client).contains("planted"));
        assert_eq!(transport.requests().len(), 2 * round, "each once");
    }
    assert_eq!(proofs(&transport)[2..], ["planted-1", "planted-2"], "nothing is remembered of a refusal");
}

#[test]
fn only_invalid_client_asks_for_another_credential() {
    let answer = |status: u16, code: &str| Step::json(status, &json!({ "error": code }));
    for step in [
        answer(400, "invalid_grant"),
        answer(401, "something_else"),
        answer(400, "unauthorized_client"),
        answer(500, "invalid_client"),
        answer(429, "invalid_client"),
        answer(302, "invalid_client"),
        answer(200, "invalid_client"),
        Step::fails(Sent::No),
        Step::fails(Sent::Maybe),
        Step::reply(401),
    ] {
        let shown = format!("{step:?}");
        let credentials = ClientCredentials::from(ClientSecret::new("old")).or(secret("new"));
        let (client, transport) = client(vec![step, good()], credentials);
        ask(&client).unwrap_err();
        assert_eq!(proofs(&transport), ["old"], "{shown:.200}");
    }
}

#[test]
fn an_assertion_that_is_not_to_be_had_is_no_verdict() {
    let source = Arc::new(Counting { away: true.into(), ..Counting::default() });
    let assertion = ClientCredential::Assertion(Arc::clone(&source) as _);
    let (alone, transport) = client(vec![good()], assertion.clone());
    let failure = ask(&alone).unwrap_err();
    assert_eq!(failure.class, GrantFailureClass::Transient { acted: false, after: None });
    assert!(failure.error.remedy().is_some() && transport.requests().is_empty());
    // the other one serves meanwhile
    let (both, transport) = client(vec![good()], ClientCredentials::new(assertion.clone()).or(secret("s")));
    ask(&both).unwrap();
    assert_eq!(proofs(&transport), ["s"]);
    // nobody can say that all are bad
    let (both, _) = client(vec![refused()], ClientCredentials::new(assertion).or(secret("s")));
    assert_eq!(ask(&both).unwrap_err().class, GrantFailureClass::Transient { acted: false, after: None });
    source.away.store(false, Ordering::Relaxed);
    ask(&alone).unwrap();
}

#[test]
fn what_is_no_signed_jwt_is_not_sent() {
    for text in ["", "a.b", "a..c", "a.b.c\n", " a.b.c", "a.b.c.d", "<html>.b.c", "a.b.c=", "planted&x=1"] {
        let source = Counting { text: Some(text), ..Counting::default() };
        let (client, transport) = client(vec![good()], ClientCredential::Assertion(Arc::new(source)));
        let failure = ask(&client).unwrap_err();
        assert_eq!(
            (failure.class, failure.error.kind()),
            (GrantFailureClass::Config, ErrorKind::Misconfigured),
            "{text:?}"
        );
        assert!(transport.requests().is_empty(), "{text:?}");
        let cause = std::error::Error::source(&failure.error).expect("says why");
        assert!(!format!("{:?} {cause} {cause:?}", failure.error).contains("planted"));
    }
}

#[test]
fn the_log_names_the_place_of_a_credential_and_nothing_of_it() {
    let away = Counting { away: true.into(), ..Counting::default() };
    let credentials = ClientCredentials::from(ClientSecret::new("planted-secret"))
        .or(ClientCredential::Assertion(Arc::new(Counting::default())))
        .or(ClientCredential::Assertion(Arc::new(away)));
    let (client, transport) = client(vec![refused(), refused()], credentials);
    let log = log_of(|| drop(ask(&client).unwrap_err()));
    assert_eq!(proofs(&transport), ["planted-secret", "planted.assertion.1"]);
    for (place, words) in [(0, "refuses a credential"), (1, "refuses a credential"), (2, "no client assertion")] {
        let told =
            |line: &str| line.contains("WARN") && line.contains(words) && line.contains(&format!("credential={place}"));
        assert!(log.lines().any(told), "{place}: {log}");
    }
    assert!(!log.contains("planted"), "{log}");
    assert_eq!(log.matches("request started").count(), 2, "{log}");
}

#[test]
fn a_token_is_given_back_with_the_credential_that_works() {
    let credentials = ClientCredentials::from(ClientSecret::new("old")).or(secret("new"));
    let (client, transport) = client(vec![refused(), Step::reply(200), good()], credentials);
    client.revoke(&RefreshToken::new("rt"), seconds(1)).now_or_never().unwrap().unwrap();
    ask(&client).unwrap();
    assert_eq!(proofs(&transport), ["old", "new", "new"]);
}

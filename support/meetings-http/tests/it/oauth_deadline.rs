//! However many credentials are tried: one timeout for all of them.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use invitations_core::{
    ErrorKind, Result, RetryClass,
    runtime::ManualClock,
    secret::{ClientAssertion, ClientSecret, RefreshToken},
    token::{AuthorizationServer as _, Grant, GrantFailure, GrantFailureClass, TokenReply},
};
use meetings_http::{
    AssertionSource, Body, ClientCredential, ClientCredentials, OAuthClient, ScriptedTransport, Step, Transport,
    TransportError,
};
use serde_json::json;

use crate::{
    oauth_url::{endpoints, profile, style},
    support::{World, seconds},
};

/// Each answer takes its time.
#[derive(Debug)]
struct Slow {
    script: Arc<ScriptedTransport>,
    clock: ManualClock,
    takes: Duration,
}

#[async_trait]
impl Transport for Slow {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        timeout: Duration,
    ) -> Result<http::Response<Body>, TransportError> {
        self.clock.advance(self.takes);
        self.script.send(request, timeout).await
    }
}

/// Never says a word.
#[derive(Debug)]
struct Silent;

#[async_trait]
impl AssertionSource for Silent {
    async fn assertion(&self) -> Result<ClientAssertion> {
        std::future::pending().await
    }
}

fn secret(text: &str) -> ClientCredential {
    ClientCredential::Secret(ClientSecret::new(text))
}

/// Asks with nine seconds in hand, of a server that refuses each credential but the last.
fn ask(world: &World, takes: Duration, credentials: ClientCredentials) -> Result<TokenReply, GrantFailure> {
    let slow = Slow { script: Arc::clone(&world.transport), clock: world.clock.clone(), takes };
    let clock = Arc::new(world.clock.clone());
    let client = OAuthClient::new(profile(), Arc::new(slow), clock, endpoints(), credentials, style());
    let grant = Grant::RefreshToken(RefreshToken::new("rt"));
    world.drive(client.token(&grant, seconds(9)))
}

fn world() -> World {
    let refused = Step::json(401, &json!({"error": "invalid_client"}));
    World::new(vec![refused, Step::json(200, &json!({"access_token": "at", "token_type": "Bearer"}))])
}

fn nothing_done_in_time(failure: &GrantFailure) {
    assert_eq!(failure.class, GrantFailureClass::Transient { acted: false, after: None });
    assert_eq!((failure.error.kind(), failure.error.retry()), (ErrorKind::Timeout, RetryClass::Safe { after: None }));
}

#[test]
fn the_next_credential_has_what_is_left() {
    let world = world();
    ask(&world, seconds(4), ClientCredentials::new(secret("old")).or(secret("new"))).unwrap();
    assert_eq!(world.transport.timeouts(), [seconds(9), seconds(5)]);
}

#[test]
fn without_time_no_further_credential_is_sent() {
    let world = world();
    let failure = ask(&world, seconds(9), ClientCredentials::new(secret("old")).or(secret("new"))).unwrap_err();
    nothing_done_in_time(&failure);
    assert_eq!(world.transport.timeouts(), [seconds(9)]);
}

#[test]
fn an_assertion_that_does_not_come_ends_with_the_time() {
    let world = world();
    let silent = ClientCredential::Assertion(Arc::new(Silent));
    let failure = ask(&world, seconds(4), ClientCredentials::new(secret("old")).or(silent)).unwrap_err();
    nothing_done_in_time(&failure);
    assert_eq!((world.elapsed(), world.transport.timeouts()), (seconds(9), vec![seconds(9)]));
}

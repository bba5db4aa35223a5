//! Sign-ins on another device (RFC 8628).

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use http::{HeaderMap, StatusCode};
use invitations_core::{
    Result,
    secret::{DeviceCode, RefreshToken},
    token::{
        AuthorizationRequest, AuthorizationServer, DeviceAnswer, DeviceAuthorization, DeviceAuthorizationServer, Grant,
        GrantFailure, Identity, RevokeReply, ServerProfile, TokenReply,
    },
};
use serde_json::Value;
use url::Url;

use super::{
    classify::{error_code, passing},
    client::OAuthClient,
    credentials::Proof,
    failure, reply,
    style::check_endpoint,
};

/// RFC 8628, 3.4.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const BEGIN: &str = "begin device sign-in";
const POLL: &str = "poll device sign-in";

/// Where a device begins and asks, and how.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "configuration, written as a literal")]
pub struct DeviceStyle {
    /// Where a device begins (RFC 8628, 3.1). The client's credential does not go there.
    pub authorize: Url,
    /// Where it asks how that went, which mostly is the token endpoint.
    pub token: Url,
    /// Whether the client's secret goes there as HTTP Basic instead of in the body (RFC 6749, 2.3.1).
    pub basic: bool,
    /// What a refusal of that place means for the sign-in: status, headers, body. `None`: it is not about the sign-in. Not asked about
    /// 3xx, 408, 425, 429 and 5xx. [`read_rfc8628`](crate::read_rfc8628) unless the provider has its own words.
    pub read: fn(StatusCode, &HeaderMap, &[u8]) -> Option<DeviceAnswer>,
}

/// An [`OAuthClient`] that also takes sign-ins from devices without a browser.
#[derive(Clone, Debug)]
pub struct DeviceClient {
    client: Arc<OAuthClient>,
    style: DeviceStyle,
}

impl DeviceClient {
    /// The same client, with the places for devices.
    pub fn new(client: Arc<OAuthClient>, style: DeviceStyle) -> Self {
        Self { client, style }
    }
}

/// What an answer of the token endpoint means for a sign-in by the book (RFC 8628, 3.5).
pub fn read_rfc8628(_: StatusCode, _: &HeaderMap, body: &[u8]) -> Option<DeviceAnswer> {
    match error_code(body)?.as_str() {
        "authorization_pending" => Some(DeviceAnswer::Pending),
        "slow_down" => Some(DeviceAnswer::SlowDown),
        "access_denied" => Some(DeviceAnswer::Denied),
        "expired_token" => Some(DeviceAnswer::Expired),
        _ => None,
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl DeviceAuthorizationServer for DeviceClient {
    async fn begin_device(&self, scopes: &[String], timeout: Duration) -> Result<DeviceAuthorization, GrantFailure> {
        let provider = &self.client.profile.provider;
        let scopes = if scopes.is_empty() { &self.client.style.scopes } else { scopes }.join(" ");
        let form: &[_] = if scopes.is_empty() { &[] } else { &[("scope", scopes.as_str())] };
        let answer = self.client.post(BEGIN, &self.style.authorize, Proof::None, form, timeout).await?;
        if !answer.status().is_success() {
            return Err(failure::of_reply(&answer, self.client.style.classify, BEGIN, provider));
        }
        read(answer.body()).map_err(|why| failure::unreadable(&answer, why, BEGIN, provider))
    }

    async fn poll_device(&self, code: &DeviceCode, timeout: Duration) -> Result<DeviceAnswer, GrantFailure> {
        let provider = &self.client.profile.provider;
        let proof = if self.style.basic { Proof::Basic } else { Proof::Body };
        let form = [("grant_type", GRANT), ("device_code", code.expose())];
        let answer = self.client.post(POLL, &self.style.token, proof, &form, timeout).await?;
        let (status, headers) = (answer.status(), answer.headers());
        if status.is_success() {
            let read = reply::read(&answer).map_err(|why| failure::unreadable(&answer, why, POLL, provider))?;
            return Ok(DeviceAnswer::Granted(Box::new(read)));
        }
        let about = passing(status, headers).is_none().then(|| (self.style.read)(status, headers, answer.body()));
        match about.flatten() {
            Some(said) => Ok(said),
            None => Err(failure::of_reply(&answer, self.client.style.classify, POLL, provider)),
        }
    }
}

/// Reads a successful answer (RFC 8628, 3.2). The error says what is wrong with it.
fn read(body: &[u8]) -> Result<DeviceAuthorization, &'static str> {
    let body: Value = serde_json::from_slice(body).map_err(|_| "a success that is not JSON")?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    // the user opens it: nothing but a web page
    let page = |name: &str| {
        let url = text(name).and_then(|text| Url::parse(text).ok());
        url.filter(|url| check_endpoint(url, BEGIN).is_ok())
    };
    let device_code =
        text("device_code").filter(|code| reply::is_token(code)).ok_or("a success without a device code")?;
    let user_code = text("user_code").ok_or("a success without a user code")?;
    let verification = page("verification_uri").ok_or("a success without a page for the user")?;
    let life = reply::seconds(body.get("expires_in")).ok_or("a success that does not say how long the codes live")?;
    let codes = DeviceAuthorization::new(DeviceCode::new(device_code), user_code, verification, life);
    let mut codes = codes.map_err(|_| "a user code that cannot be shown")?;
    codes.verification_uri_complete = page("verification_uri_complete");
    codes.interval = reply::seconds(body.get("interval")).unwrap_or(codes.interval);
    Ok(codes)
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl AuthorizationServer for DeviceClient {
    fn profile(&self) -> &ServerProfile {
        self.client.profile()
    }

    fn authorization_url(&self, request: &AuthorizationRequest) -> Result<Url> {
        self.client.authorization_url(request)
    }

    async fn token(&self, grant: &Grant, timeout: Duration) -> Result<TokenReply, GrantFailure> {
        self.client.token(grant, timeout).await
    }

    async fn identity(&self, reply: &TokenReply) -> Result<Identity, GrantFailure> {
        self.client.identity(reply).await
    }

    async fn revoke(&self, token: &RefreshToken, timeout: Duration) -> Result<RevokeReply, GrantFailure> {
        self.client.revoke(token, timeout).await
    }
}

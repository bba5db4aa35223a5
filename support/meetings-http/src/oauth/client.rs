use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use invitations_core::{
    Error, ErrorKind, Remedy, Result, RetryClass,
    runtime::{Clock, TimedOut, timeout as within},
    secret::RefreshToken,
    token::{
        AuthorizationRequest, AuthorizationServer, Grant, GrantFailure, GrantFailureClass, Identity, RevokeReply,
        ServerProfile, TokenReply,
    },
};
use url::Url;

use super::{
    authorize,
    classify::{error_code, passing},
    credentials::{ClientCredentials, Proof, refuses_credential},
    failure, reply,
    style::{OAuthEndpoints, OAuthStyle, check_endpoint},
    subject,
};
use crate::{
    observe,
    transport::{Sent, Transport, TransportError},
};

/// Tokens are a few kilobytes.
const MAX_BODY: usize = 64 * 1024;

/// An authorization server that speaks RFC 6749 with the client's credential in the body.
///
/// Every grant is one request; a redirect is refused. Whoever asks again is the token lifecycle, which keeps books about it. Only a
/// request that was answered `invalid_client` is sent again here, with the client's next credential, in what is left of the time.
#[derive(Clone, Debug)]
pub struct OAuthClient {
    pub(super) profile: ServerProfile,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    endpoints: OAuthEndpoints,
    credentials: ClientCredentials,
    pub(super) style: OAuthStyle,
}

impl OAuthClient {
    /// A client. Endpoints must be https (or http on this machine); that is checked when they are used. A
    /// [`ClientSecret`](invitations_core::secret::ClientSecret) alone will do for the credentials. All credentials together have one
    /// timeout, which `clock` measures.
    pub fn new(
        profile: ServerProfile,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        endpoints: OAuthEndpoints,
        credentials: impl Into<ClientCredentials>,
        style: OAuthStyle,
    ) -> Self {
        Self { profile, transport, clock, endpoints, credentials: credentials.into(), style }
    }

    /// One form post; again with the next credential while the server refuses ours, all of it within `timeout`.
    pub(super) async fn post(
        &self,
        operation: &'static str,
        url: &Url,
        proof: Proof,
        form: &[(&str, &str)],
        timeout: Duration,
    ) -> Result<http::Response<Bytes>, GrantFailure> {
        let provider = &self.profile.provider;
        let misconfigured =
            |error: Error| GrantFailure::new(GrantFailureClass::Config, error.with_provider(provider.clone()));
        check_endpoint(url, operation).map_err(misconfigured)?;
        let began = self.clock.instant();
        let left = || timeout.saturating_sub(self.clock.instant().saturating_duration_since(began));
        let late = || {
            let error = TransportError::new(Sent::No, TimedOut).with_timed_out(true);
            failure::of_transport(error, operation, provider)
        };
        let (mut refused, mut missing) = (None, None);
        for (place, credential) in self.credentials.in_turn() {
            // an assertion may have to be fetched
            let written = credential.form(&self.profile.client, proof, form);
            let (body, basic) = match within(&*self.clock, left(), written).await.map_err(|TimedOut| late())? {
                Ok(written) => written,
                Err(error) => {
                    tracing::warn!(%provider, operation, credential = place, %error, "no client assertion");
                    missing = Some(self.unproven(operation, error));
                    continue;
                }
            };
            let mut request = http::Request::post(url.as_str())
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(ACCEPT, "application/json");
            if let Some(basic) = basic {
                request = request.header(AUTHORIZATION, basic);
            }
            let request = request
                .body(body)
                .map_err(|error| misconfigured(Error::new(ErrorKind::Misconfigured, operation).with_source(error)))?;
            let left = left();
            if left.is_zero() {
                return Err(late());
            }
            let answer = self.exchange(operation, request, left).await?;
            if refuses_credential(&answer) {
                observe::credential_refused(provider, place);
                refused = Some(answer);
                continue;
            }
            if answer.status().is_success() {
                self.credentials.worked(place);
            }
            return Ok(answer);
        }
        // the one that could not be tried may be good: only the operator can say that all are bad
        match (missing, refused) {
            (Some(failure), _) => Err(failure),
            (None, Some(answer)) => Ok(answer),
            (None, None) => Err(misconfigured(Error::new(ErrorKind::Misconfigured, operation))),
        }
    }

    /// Nothing was sent for want of an assertion.
    fn unproven(&self, operation: &'static str, error: Error) -> GrantFailure {
        let class = match error.retry() {
            RetryClass::Safe { after } => GrantFailureClass::Transient { acted: false, after },
            _ => GrantFailureClass::Config,
        };
        let GrantFailure { class, error: failed, .. } = failure::failure(class, operation, &self.profile.provider);
        let remedy = error.remedy().cloned().unwrap_or_else(|| {
            Remedy::new("Check what gives this application's client assertions: its log says why there was none.")
        });
        GrantFailure::new(class, failed.with_detail("no client assertion").with_remedy(remedy).with_source(error))
    }

    /// One request, its whole reply.
    async fn exchange(
        &self,
        operation: &'static str,
        request: http::Request<Bytes>,
        timeout: Duration,
    ) -> Result<http::Response<Bytes>, GrantFailure> {
        let provider = &self.profile.provider;
        tracing::debug!(%provider, operation, "request started");
        let lost = |error: TransportError| {
            tracing::info!(%provider, operation, %error, "request failed");
            failure::of_transport(error, operation, provider)
        };
        let (head, body) = self.transport.send(request, timeout).await.map_err(lost)?.into_parts();
        let status = head.status;
        tracing::debug!(%provider, operation, status = status.as_u16(), "request answered");
        match body.collect(MAX_BODY).await {
            Ok(body) => Ok(http::Response::from_parts(head, body)),
            // a success that breaks off may have rotated the token
            Err(error) if status.is_success() => Err(lost(error)),
            // the status alone says enough
            Err(_) if passing(status, &head.headers).is_some() => Ok(http::Response::from_parts(head, Bytes::new())),
            // refused, but nobody can read why: no reason to give up a grant
            Err(error) => {
                let class = GrantFailureClass::Transient { acted: false, after: None };
                let GrantFailure { class, error: failed, .. } = failure::failure(class, operation, provider);
                Err(GrantFailure::new(class, failed.with_status(status.as_u16()).with_source(error)))
            }
        }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl AuthorizationServer for OAuthClient {
    fn profile(&self) -> &ServerProfile {
        &self.profile
    }

    fn authorization_url(&self, request: &AuthorizationRequest) -> Result<Url> {
        authorize::authorization_url(&self.endpoints, &self.style, &self.profile.client, request)
            .map_err(|error| error.with_provider(self.profile.provider.clone()))
    }

    async fn token(&self, grant: &Grant, timeout: Duration) -> Result<TokenReply, GrantFailure> {
        let provider = &self.profile.provider;
        let scopes = self.style.scopes.join(" ");
        let (operation, form) = match grant {
            Grant::AuthorizationCode { code, verifier, redirect } => (
                "redeem code",
                vec![
                    ("grant_type", "authorization_code"),
                    ("code", code.expose()),
                    ("redirect_uri", redirect.as_str()),
                    ("code_verifier", verifier.expose()),
                ],
            ),
            // without a scope: as much as was granted (RFC 6749, 6)
            Grant::RefreshToken(token) => {
                ("refresh token", vec![("grant_type", "refresh_token"), ("refresh_token", token.expose())])
            }
            Grant::ClientCredentials => {
                let mut form = vec![("grant_type", "client_credentials")];
                if !scopes.is_empty() {
                    form.push(("scope", scopes.as_str()));
                }
                ("request application token", form)
            }
            _ => {
                let error = Error::new(ErrorKind::Unsupported, "request tokens").with_provider(provider.clone());
                return Err(GrantFailure::new(GrantFailureClass::Config, error));
            }
        };
        let answer = self.post(operation, &self.endpoints.token, Proof::Body, &form, timeout).await?;
        if !answer.status().is_success() {
            return Err(failure::of_reply(&answer, self.style.classify, operation, provider));
        }
        reply::read(&answer).map_err(|why| {
            // a few servers report errors with 200; only the provider's own classifier may be sure of that
            match (self.style.classify)(answer.status(), answer.headers(), answer.body()) {
                GrantFailureClass::Unknown => failure::unreadable(&answer, why, operation, provider),
                _ => failure::of_reply(&answer, self.style.classify, operation, provider),
            }
        })
    }

    async fn identity(&self, reply: &TokenReply) -> Result<Identity, GrantFailure> {
        match subject::ask(&self.style, &self.profile, reply)? {
            subject::Ask::Known(identity) => Ok(identity),
            subject::Ask::Get { request, read } => {
                let answer =
                    self.exchange(subject::OPERATION, *request, subject::TIMEOUT).await.map_err(subject::read_only)?;
                subject::of_answer(&answer, read, &self.profile.provider)
            }
        }
    }

    async fn revoke(&self, token: &RefreshToken, timeout: Duration) -> Result<RevokeReply, GrantFailure> {
        let Some(url) = &self.endpoints.revoke else { return Ok(RevokeReply::Unsupported) };
        let operation = "revoke token";
        let form = [("token", token.expose()), ("token_type_hint", "refresh_token")];
        let answer = self.post(operation, url, Proof::Body, &form, timeout).await?;
        // a token that is unknown by now is answered with success too (RFC 7009, 2.2)
        if answer.status().is_success() {
            return Ok(RevokeReply::Done);
        }
        // of refresh tokens it takes none back (RFC 7009, 2.2.1)
        if error_code(answer.body()).is_some_and(|code| code == "unsupported_token_type") {
            return Ok(RevokeReply::Unsupported);
        }
        Err(failure::of_reply(&answer, self.style.classify, operation, &self.profile.provider))
    }
}

use std::{fmt::Debug, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use url::Url;

use crate::{
    Error, Result,
    ids::{ClientId, ProviderId},
    people::EmailAddress,
    secret::{AuthorizationCode, IdToken, OAuthState, PkceVerifier, RefreshToken, TokenText},
};

/// The border between the token lifecycle (here) and HTTP (there).
#[async_trait]
pub trait AuthorizationServer: Debug + Send + Sync + 'static {
    /// What is known about the server.
    fn profile(&self) -> &ServerProfile;

    /// Where to send the browser. Pure.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a request this server cannot express.
    fn authorization_url(&self, request: &AuthorizationRequest) -> Result<Url>;

    /// One request to the token endpoint. The callee sends it again in one case only: the server refused our own credential
    /// (`invalid_client`), so that it did not look at the grant, and we have another credential.
    ///
    /// # Errors
    /// A classified failure.
    async fn token(&self, grant: &Grant, timeout: Duration) -> Result<TokenReply, GrantFailure>;

    /// Whose tokens these are.
    ///
    /// # Errors
    /// A classified failure.
    async fn identity(&self, reply: &TokenReply) -> Result<Identity, GrantFailure>;

    /// Tells the server that the token will not be used again (RFC 7009). A token that it no longer knows is a success.
    ///
    /// # Errors
    /// A classified failure.
    async fn revoke(&self, token: &RefreshToken, timeout: Duration) -> Result<RevokeReply, GrantFailure>;
}

/// What is known about an authorization server.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerProfile {
    /// Whose server.
    pub provider: ProviderId,
    /// Our application there.
    pub client: ClientId,
    /// The issuer to expect in a callback's `iss` (RFC 9207), where the server sends one.
    pub issuer: Option<Url>,
    /// How long an access token is taken to live when the reply does not say.
    pub default_life: Duration,
    /// How long a connection may go unused before it is refreshed for its own sake.
    pub keep_alive: Option<Duration>,
    /// What a refresh does to the old refresh token.
    pub rotation: Rotation,
    /// Where users see what they consented to and can take it back, where there is such a page.
    pub consent_page: Option<Url>,
}

impl ServerProfile {
    /// A server whose tokens live 55 minutes unless it says otherwise, and whose old refresh tokens go on working.
    pub fn new(provider: ProviderId, client: ClientId) -> Self {
        Self {
            provider,
            client,
            issuer: None,
            default_life: Duration::from_secs(55 * 60),
            keep_alive: None,
            rotation: Rotation::Keep,
            consent_page: None,
        }
    }
}

/// What a refresh does to the old refresh token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Rotation {
    /// A new one comes; the old one goes on working (Entra).
    Keep,
    /// The same one goes on (Webex).
    Same,
    /// The old one goes on working for a while.
    Grace(Duration),
    /// The old one is dead at once, and using it again may kill the family.
    Strict,
}

/// What to ask a user's browser for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AuthorizationRequest {
    /// The single-use state.
    pub state: OAuthState,
    /// The PKCE S256 challenge.
    pub challenge: String,
    /// Where the browser comes back.
    pub redirect: Url,
    /// What is asked for; empty for the server's configured scopes.
    pub scopes: Vec<String>,
    /// A claims challenge to satisfy.
    pub claims: Option<String>,
    /// Whose account is meant.
    pub login_hint: Option<String>,
}

impl AuthorizationRequest {
    /// A request for the configured scopes.
    pub fn new(state: OAuthState, challenge: impl Into<String>, redirect: Url) -> Self {
        Self { state, challenge: challenge.into(), redirect, scopes: Vec::new(), claims: None, login_hint: None }
    }
}

/// What is traded for tokens.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Grant {
    /// RFC 6749 section 4.1.3 with PKCE (RFC 7636).
    AuthorizationCode {
        /// The code from the callback.
        code: AuthorizationCode,
        /// The PKCE verifier.
        verifier: PkceVerifier,
        /// The redirect that was used.
        redirect: Url,
    },
    /// RFC 6749 section 6.
    RefreshToken(RefreshToken),
    /// RFC 6749 section 4.4.
    ClientCredentials,
}

/// Tokens, as the server answered.
#[derive(Debug)]
#[non_exhaustive]
pub struct TokenReply {
    /// The access token.
    pub access: TokenText,
    /// The refresh token; `None` keeps the old one (RFC 6749 section 6).
    pub refresh: Option<RefreshToken>,
    /// The id token.
    pub id_token: Option<IdToken>,
    /// How long the access token lives.
    pub expires_in: Option<Duration>,
    /// When the server would like a refresh.
    pub refresh_in: Option<Duration>,
    /// How long the refresh token lives.
    pub refresh_expires_in: Option<Duration>,
    /// What was granted; `None` when it is what was asked for.
    pub scopes: Option<Vec<String>>,
    /// The server's own time, from its `Date` header.
    pub server_time: Option<DateTime<Utc>>,
}

impl TokenReply {
    /// A reply with an access token and nothing else.
    pub fn new(access: TokenText) -> Self {
        Self {
            access,
            refresh: None,
            id_token: None,
            expires_in: None,
            refresh_in: None,
            refresh_expires_in: None,
            scopes: None,
            server_time: None,
        }
    }
}

/// Whose account, as the provider names it for good (Entra: `oid` and `tid`; Webex: the person id).
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Subject(String);

impl Subject {
    /// Checks that it is not empty and of a sane length.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) otherwise.
    pub fn parse(text: impl AsRef<str>) -> Result<Self> {
        let text = text.as_ref();
        if text.is_empty() || text.len() > 512 || text.chars().any(char::is_control) {
            return Err(Error::invalid("parse subject", "a subject is 1 to 512 bytes without control characters"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The provider's name for the account.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Subject {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        Self::parse(text)
    }
}
impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        subject.0
    }
}

/// Whose account it is.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Identity {
    /// The provider's lasting name for it.
    pub subject: Subject,
    /// Its address, for people's eyes.
    pub address: Option<EmailAddress>,
}

impl Identity {
    /// An account whose address is not known.
    pub fn new(subject: Subject) -> Self {
        Self { subject, address: None }
    }

    /// Adds the address. A text that is no address is left out: it is only for show.
    #[must_use]
    pub fn with_address(mut self, address: &str) -> Self {
        self.address = EmailAddress::parse(address).ok();
        self
    }
}

/// What a server does about a token that is given back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "there is such a call, or there is none")]
pub enum RevokeReply {
    /// It does not accept it any more.
    Done,
    /// It has no such call.
    Unsupported,
}

/// Why there are no tokens.
#[derive(Debug)]
#[non_exhaustive]
pub struct GrantFailure {
    /// What it means for the connection.
    pub class: GrantFailureClass,
    /// What to tell the caller.
    pub error: Error,
}

impl GrantFailure {
    /// A classified failure.
    pub fn new(class: GrantFailureClass, error: Error) -> Self {
        Self { class, error }
    }
}

/// What a failed grant means. The classifier is pure and lives with the provider; what to do about it is decided in the lifecycle.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum GrantFailureClass {
    /// A passing fault. `acted`: the server may have rotated the token.
    Transient {
        /// The server may have rotated the token.
        acted: bool,
        /// How long to wait.
        after: Option<Duration>,
    },
    /// No readable answer: the server may have rotated the token.
    Unknown,
    /// The grant is used up or was taken back.
    GrantDead,
    /// The user has to do something in a browser.
    Interaction {
        /// The claims to ask for.
        claims: Option<String>,
    },
    /// Our own client id or secret is not accepted: an operator's matter, never the user's.
    ClientMisconfigured,
    /// The request itself is wrong: a bug or a wrong configuration.
    Config,
}

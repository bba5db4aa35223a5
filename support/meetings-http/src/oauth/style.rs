use http::{HeaderMap, StatusCode};
use invitations_core::{Error, ErrorKind, Result, token::GrantFailureClass};
use serde_json::Value;
use url::Url;

use crate::origin::Origin;

/// Where an authorization server listens.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "configuration, written as a literal; new endpoints come with new types")]
pub struct OAuthEndpoints {
    /// For the browser.
    pub authorize: Url,
    /// For us.
    pub token: Url,
    /// For giving tokens back (RFC 7009), where there is such a thing.
    pub revoke: Option<Url>,
}

/// What a provider does in its own way.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "configuration, written as a literal")]
pub struct OAuthStyle {
    /// What is asked for, unless a request says otherwise.
    pub scopes: Vec<String>,
    /// Further parameters of the authorization request; they cannot replace the standard ones.
    pub extra_authorize: Vec<(String, String)>,
    /// What a refusal of the token endpoint means: status, headers, body. Not asked about 3xx, 408, 425, 429 and 5xx.
    /// [`classify_rfc6749`](crate::classify_rfc6749) unless the provider has its own ideas.
    pub classify: fn(StatusCode, &HeaderMap, &[u8]) -> GrantFailureClass,
    /// How to learn whose tokens they are.
    pub subject: SubjectFrom,
    /// Who may have issued an id token (OpenID Connect Core, 3.1.3.7, item 2). `{tid}` stands for the token's claim of that name, for
    /// servers with an issuer per directory. Empty: not checked.
    pub issuers: Vec<String>,
}

/// How to learn whose tokens they are.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "from the reply, or by asking")]
pub enum SubjectFrom {
    /// From the claims of the id token.
    IdToken {
        /// The lasting name in the claims.
        subject: fn(&Value) -> Option<String>,
        /// The address in the claims, for people's eyes.
        address: fn(&Value) -> Option<String>,
    },
    /// By asking the API with the new access token.
    Get {
        /// What to ask.
        url: Url,
        /// The lasting name in the answer.
        subject: fn(&Value) -> Option<String>,
        /// The address in the answer, for people's eyes.
        address: fn(&Value) -> Option<String>,
    },
}

/// Credentials go over TLS, or stay on this machine.
pub(super) fn check_endpoint(url: &Url, operation: &'static str) -> Result<()> {
    Origin::dangerous_loopback_http(url.clone()).map(drop).map_err(|error| {
        Error::new(ErrorKind::Misconfigured, operation).with_detail("an endpoint is not https").with_source(error)
    })
}

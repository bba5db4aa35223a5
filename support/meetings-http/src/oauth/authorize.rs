use invitations_core::{Error, ErrorKind, Result, ids::ClientId, token::AuthorizationRequest};
use url::Url;

use super::style::{OAuthEndpoints, OAuthStyle, check_endpoint};

const OPERATION: &str = "write authorization URL";

/// What the standard itself says; a provider's extra parameters cannot replace it.
const RESERVED: [&str; 9] = [
    "claims",
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "login_hint",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
];

/// Where to send the browser (RFC 6749, 4.1.1, with PKCE S256: RFC 7636, 4.3).
pub(super) fn authorization_url(
    endpoints: &OAuthEndpoints,
    style: &OAuthStyle,
    client: &ClientId,
    request: &AuthorizationRequest,
) -> Result<Url> {
    check_endpoint(&endpoints.authorize, OPERATION)?;
    if request.state.expose().is_empty() {
        return Err(Error::invalid(OPERATION, "no state"));
    }
    let base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if request.challenge.len() != 43 || !request.challenge.bytes().all(base64url) {
        return Err(Error::invalid(OPERATION, "the challenge is not a SHA-256 in base64url"));
    }
    if request.redirect.fragment().is_some() {
        return Err(Error::invalid(OPERATION, "the redirect has a fragment"));
    }
    if let Some((name, _)) = style.extra_authorize.iter().find(|(name, _)| RESERVED.contains(&name.as_str())) {
        return Err(Error::new(ErrorKind::Misconfigured, OPERATION)
            .with_detail(format!("the extra parameter {name} is a standard one")));
    }
    let scopes = if request.scopes.is_empty() { &style.scopes } else { &request.scopes }.join(" ");
    let mut url = endpoints.authorize.clone();
    let mut query = url.query_pairs_mut();
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", client.as_str())
        .append_pair("redirect_uri", request.redirect.as_str())
        .append_pair("state", request.state.expose())
        .append_pair("code_challenge", &request.challenge)
        .append_pair("code_challenge_method", "S256");
    let optional = [
        ("scope", Some(scopes.as_str()).filter(|scopes| !scopes.is_empty())),
        ("claims", request.claims.as_deref()),
        ("login_hint", request.login_hint.as_deref()),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    query.extend_pairs(&style.extra_authorize);
    drop(query);
    Ok(url)
}

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use invitations_core::token::GrantFailureClass;

use super::claims_request;
use crate::retry::{retry_after_at, server_time};

/// How long the server asks to wait; its own `Date` is the time that an HTTP date is measured against.
pub(super) fn wait(headers: &HeaderMap) -> Option<Duration> {
    retry_after_at(headers, server_time(headers))
}

/// The `error` of a reply (RFC 6749, 5.2). Never the description: texts change, and they name people.
pub(super) fn error_code(body: &[u8]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let code = body.get("error")?.as_str()?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (!code.is_empty() && code.len() <= 64 && code.bytes().all(plain)).then(|| code.to_owned())
}

/// What a status says by itself, whatever the body: these are never the classifier's to decide.
pub(super) fn passing(status: StatusCode, headers: &HeaderMap) -> Option<GrantFailureClass> {
    match status.as_u16() {
        // redirects are not followed: they would carry credentials elsewhere
        300..400 | 408 | 425 | 429 => Some(GrantFailureClass::Transient { acted: false, after: wait(headers) }),
        // a fault after the deed looks like one before it
        500.. => Some(GrantFailureClass::Transient { acted: true, after: wait(headers) }),
        _ => None,
    }
}

/// What a failed answer of a token endpoint means by the book (RFC 6749, 5.2; OpenID Connect Core, 3.1.2.6).
///
/// A success without a token is [`Unknown`](GrantFailureClass::Unknown): the server may have rotated the refresh token. A status of
/// 401 is about the client, not about the user.
pub fn classify_rfc6749(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> GrantFailureClass {
    if let Some(class) = passing(status, headers) {
        return class;
    }
    if !status.is_client_error() {
        return GrantFailureClass::Unknown;
    }
    match error_code(body).as_deref() {
        Some("invalid_grant") => GrantFailureClass::GrantDead,
        Some("interaction_required" | "login_required" | "consent_required" | "account_selection_required") => {
            GrantFailureClass::Interaction { claims: claims(body) }
        }
        Some("invalid_client" | "unauthorized_client") => GrantFailureClass::ClientMisconfigured,
        Some("temporarily_unavailable" | "slow_down") => {
            GrantFailureClass::Transient { acted: false, after: wait(headers) }
        }
        Some("server_error") => GrantFailureClass::Transient { acted: true, after: wait(headers) },
        _ if status == StatusCode::UNAUTHORIZED => GrantFailureClass::ClientMisconfigured,
        _ => GrantFailureClass::Config,
    }
}

/// The claims that an interaction has to satisfy, where the server names them beside its error.
fn claims(body: &[u8]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    body.get("claims")?.as_str().and_then(claims_request)
}

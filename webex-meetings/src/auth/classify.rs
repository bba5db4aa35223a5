use http::{HeaderMap, StatusCode};
use invitations_core::token::GrantFailureClass;
use serde::Deserialize;

use crate::wire::ErrorBody;

#[derive(Default, Deserialize)]
#[serde(default)]
struct StandardError {
    error: String,
}

/// What Webex's refusal of a grant means. Its token endpoint answers in Webex's own shape, not in that of RFC 6749; both
/// are read. Statuses that say nothing about the grant (408, 425, 429, 5xx, 3xx) are judged before this.
///
/// The exact body of a refused refresh is not documented, so whatever is not known to be about the client or the
/// request counts as a used-up grant: the user connects again.
pub(super) fn classify(status: StatusCode, _headers: &HeaderMap, body: &[u8]) -> GrantFailureClass {
    let standard: StandardError = serde_json::from_slice(body).unwrap_or_default();
    match standard.error.as_str() {
        "invalid_grant" | "access_denied" => return GrantFailureClass::GrantDead,
        "invalid_client" | "unauthorized_client" => return GrantFailureClass::ClientMisconfigured,
        "interaction_required" | "login_required" | "consent_required" => {
            return GrantFailureClass::Interaction { claims: None };
        }
        "invalid_request" | "invalid_scope" | "unsupported_grant_type" => return GrantFailureClass::Config,
        "temporarily_unavailable" | "server_error" => {
            return GrantFailureClass::Transient { acted: status.is_server_error(), after: None };
        }
        _ => {}
    }
    let own = ErrorBody::read(body);
    let about = |texts: &[&[&str]]| texts.iter().any(|words| own.says(words));
    match status.as_u16() {
        400 | 401 if about(CLIENT) => GrantFailureClass::ClientMisconfigured,
        400 | 401 if about(REQUEST) => GrantFailureClass::Config,
        400 | 401 => GrantFailureClass::GrantDead,
        // a service application that no administrator authorized
        403 => GrantFailureClass::ClientMisconfigured,
        402..500 => GrantFailureClass::Config,
        _ => GrantFailureClass::Unknown,
    }
}

/// Texts about the client id or its secret.
const CLIENT: &[&[&str]] = &[
    &["client id"],
    &["client_id"],
    &["clientid"],
    &["client secret"],
    &["client_secret"],
    &["clientsecret"],
    &["client credentials"],
];

/// Texts about the request. "malformed syntax" is not one of them: every refusal carries it.
const REQUEST: &[&[&str]] =
    &[&["redirect_uri"], &["redirect uri"], &["grant type"], &["grant_type"], &["scope"], &["is required"]];

#[cfg(test)]
mod tests {
    use super::*;

    fn class(status: u16, body: &str) -> GrantFailureClass {
        classify(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes())
    }

    fn described(text: &str) -> String {
        let message = "The request could not be understood by the server due to malformed syntax.";
        serde_json::json!({ "message": message, "errors": [{ "description": text }], "trackingId": "T" }).to_string()
    }

    #[test]
    fn webexs_own_shape() {
        for (status, text, expected) in [
            (
                400,
                "The refresh token provided is expired, revoked, malformed, or invalid.",
                GrantFailureClass::GrantDead,
            ),
            (
                401,
                "The refresh token provided is expired, revoked, malformed, or invalid.",
                GrantFailureClass::GrantDead,
            ),
            (400, "Something that nobody has seen yet", GrantFailureClass::GrantDead),
            (400, "Client Id is invalid", GrantFailureClass::ClientMisconfigured),
            (401, "The provided clientSecret is invalid", GrantFailureClass::ClientMisconfigured),
            (403, "Not authorized by an administrator", GrantFailureClass::ClientMisconfigured),
            (400, "grant_type is required", GrantFailureClass::Config),
            (400, "redirect_uri does not match", GrantFailureClass::Config),
            (415, "Unsupported media type", GrantFailureClass::Config),
        ] {
            assert_eq!(class(status, &described(text)), expected, "{status} {text}");
        }
    }

    #[test]
    fn the_standard_shape_and_no_shape() {
        for (status, body, expected) in [
            (400, r#"{"error":"invalid_grant"}"#, GrantFailureClass::GrantDead),
            (401, r#"{"error":"invalid_client"}"#, GrantFailureClass::ClientMisconfigured),
            (400, r#"{"error":"invalid_scope"}"#, GrantFailureClass::Config),
            (400, r#"{"error":"login_required"}"#, GrantFailureClass::Interaction { claims: None }),
            (401, "", GrantFailureClass::GrantDead),
            (400, "<html>", GrantFailureClass::GrantDead),
            (404, "<html>", GrantFailureClass::Config),
            (200, "<html>", GrantFailureClass::Unknown),
        ] {
            assert_eq!(class(status, body), expected, "{status} {body}");
        }
    }
}

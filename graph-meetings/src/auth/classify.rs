use http::{HeaderMap, StatusCode};
use invitations_core::token::GrantFailureClass;
use meetings_http::claims_request;
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
struct OAuthError {
    error: String,
    suberror: Option<String>,
    claims: Option<String>,
}

/// What Entra's refusal of a grant means. Reads `error` and `suberror`; never the AADSTS numbers or texts, which Microsoft says
/// clients must not depend on. Statuses that say nothing about the grant (408, 425, 429, 5xx, 3xx) are judged before this.
pub(super) fn classify(status: StatusCode, _headers: &HeaderMap, body: &[u8]) -> GrantFailureClass {
    let refusal: OAuthError = serde_json::from_slice(body).unwrap_or_default();
    let claims = refusal.claims.as_deref().and_then(claims_request);
    match refusal.error.as_str() {
        "temporarily_unavailable" | "server_error" => {
            GrantFailureClass::Transient { acted: status.is_server_error(), after: None }
        }
        "invalid_grant" => match refusal.suberror.as_deref() {
            // not for the user to mend (MSAL keeps them apart in the same way)
            Some("client_mismatch" | "protection_policy_required") => GrantFailureClass::ClientMisconfigured,
            _ if refusal.claims.is_some() => GrantFailureClass::Interaction { claims },
            _ => GrantFailureClass::GrantDead,
        },
        "interaction_required" | "login_required" | "consent_required" => GrantFailureClass::Interaction { claims },
        "invalid_client" | "unauthorized_client" => GrantFailureClass::ClientMisconfigured,
        _ if status == StatusCode::UNAUTHORIZED => GrantFailureClass::ClientMisconfigured,
        "invalid_request" | "invalid_scope" | "invalid_resource" | "unsupported_grant_type" => {
            GrantFailureClass::Config
        }
        _ if status.is_client_error() => GrantFailureClass::Config,
        _ => GrantFailureClass::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(status: u16, body: &str) -> GrantFailureClass {
        classify(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn trap_29_the_error_word_decides_and_no_number() {
        let interaction = |claims: Option<&str>| GrantFailureClass::Interaction { claims: claims.map(str::to_owned) };
        for (status, body, expected) in [
            (401, r#"{"error":"invalid_client","error_codes":[7000215]}"#, GrantFailureClass::ClientMisconfigured),
            (401, r#"{"error":"invalid_client","error_codes":[7000222]}"#, GrantFailureClass::ClientMisconfigured),
            (400, r#"{"error":"unauthorized_client","error_codes":[700016]}"#, GrantFailureClass::ClientMisconfigured),
            (401, r#"{"error":"something_new"}"#, GrantFailureClass::ClientMisconfigured),
            (400, r#"{"error":"invalid_grant","error_codes":[700082]}"#, GrantFailureClass::GrantDead),
            (400, r#"{"error":"invalid_grant","suberror":"bad_token"}"#, GrantFailureClass::GrantDead),
            (400, r#"{"error":"invalid_grant","suberror":"consent_required"}"#, GrantFailureClass::GrantDead),
            (400, r#"{"error":"invalid_grant","claims":"{}"}"#, interaction(Some("{}"))),
            (400, r#"{"error":"invalid_grant","suberror":"client_mismatch"}"#, GrantFailureClass::ClientMisconfigured),
            (400, r#"{"error":"interaction_required","claims":"{\"a\":1}"}"#, interaction(Some(r#"{"a":1}"#))),
            (400, r#"{"error":"consent_required"}"#, interaction(None)),
            (400, r#"{"error":"invalid_grant","claims":"client_secret=x"}"#, interaction(None)),
            (400, r#"{"error":"invalid_scope","error_codes":[70011]}"#, GrantFailureClass::Config),
            (400, r#"{"error":"invalid_request","error_codes":[900144]}"#, GrantFailureClass::Config),
            (400, r#"{"error":"temporarily_unavailable"}"#, GrantFailureClass::Transient { acted: false, after: None }),
            (503, r#"{"error":"server_error"}"#, GrantFailureClass::Transient { acted: true, after: None }),
            (400, "<html>", GrantFailureClass::Config),
            (200, "<html>", GrantFailureClass::Unknown),
        ] {
            assert_eq!(class(status, body), expected, "{status} {body}");
        }
    }
}

use http::{HeaderMap, StatusCode};
use invitations_core::{Result, token::DeviceAnswer};
use meetings_http::{DeviceStyle, Origin, read_rfc8628};
use serde::Deserialize;

use super::profile::endpoint;
use crate::client::App;

/// A device begins at a place of its own and asks at the token endpoint.
pub(super) fn style(app: &App, authority: &Origin) -> Result<DeviceStyle> {
    let at = |what: &str| endpoint(authority, app, what);
    Ok(DeviceStyle { authorize: at("devicecode")?, token: at("token")?, basic: false, read })
}

#[derive(Deserialize)]
struct OAuthError {
    error: String,
}

/// Entra has a word of its own for a user who says no, and one for a code that it does not know: one of another device, or one that was
/// redeemed. Neither comes back to life.
fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<DeviceAnswer> {
    let refusal: Option<OAuthError> = serde_json::from_slice(body).ok();
    match refusal.as_ref().map(|refusal| refusal.error.as_str()) {
        Some("authorization_declined") => Some(DeviceAnswer::Denied),
        Some("bad_verification_code" | "code_expired") => Some(DeviceAnswer::Expired),
        _ => read_rfc8628(status, headers, body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entras_words_and_the_standards() {
        for (body, expected) in [
            (r#"{"error":"authorization_pending","error_codes":[70016]}"#, "Some(Pending)"),
            (r#"{"error":"slow_down"}"#, "Some(SlowDown)"),
            (r#"{"error":"authorization_declined"}"#, "Some(Denied)"),
            (r#"{"error":"access_denied"}"#, "Some(Denied)"),
            (r#"{"error":"expired_token"}"#, "Some(Expired)"),
            (r#"{"error":"bad_verification_code"}"#, "Some(Expired)"),
            (r#"{"error":"invalid_client"}"#, "None"),
            ("<html>", "None"),
        ] {
            let said = read(StatusCode::BAD_REQUEST, &HeaderMap::new(), body.as_bytes());
            assert_eq!(format!("{said:?}"), expected, "{body}");
        }
    }
}

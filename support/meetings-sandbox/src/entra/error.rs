//! Entra's error bodies.

use http::StatusCode;
use serde_json::json;

use crate::{
    serve::{Call, Reply},
    world::{DeviceRefusal, GrantRefusal, World},
};

/// An OAuth error with its AADSTS number.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    error: &'static str,
    number: u64,
    text: String,
}

impl Failure {
    fn new(status: StatusCode, error: &'static str, number: u64, text: impl Into<String>) -> Self {
        Self { status, error, number, text: text.into() }
    }

    pub(crate) fn invalid_client(client: &str) -> Self {
        let text = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, \
             not the client secret ID, for a secret added to app '{client}'."
        );
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", 7_000_215, text)
    }

    pub(crate) fn missing_credential() -> Self {
        let text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", 7_000_218, text)
    }

    pub(crate) fn expired_secret(client: &str) -> Self {
        let text = format!("The provided client secret keys for app '{client}' are expired.");
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", 7_000_222, text)
    }

    pub(crate) fn unknown_certificate() -> Self {
        let text =
            "The certificate with identifier used to sign the client assertion is not registered on application.";
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", 700_027, text)
    }

    pub(crate) fn bad_assertion(why: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", 50_013, format!("Assertion failed validation: {why}."))
    }

    pub(crate) fn assertion_out_of_time() -> Self {
        let text = "Assertion is not within its valid time range.";
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", 500_133, text)
    }

    pub(crate) fn unknown_client(client: &str, directory: &str) -> Self {
        let text = format!("Application with identifier '{client}' was not found in the directory '{directory}'.");
        Self::new(StatusCode::BAD_REQUEST, "unauthorized_client", 700_016, text)
    }

    pub(crate) fn unknown_directory(directory: &str) -> Self {
        let text = format!("Tenant '{directory}' not found. Check to make sure you have the correct tenant ID.");
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", 90_002, text)
    }

    pub(crate) fn missing(parameter: &str) -> Self {
        let text = format!("The request body must contain the following parameter: '{parameter}'.");
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", 900_144, text)
    }

    pub(crate) fn invalid_scope(scope: &str) -> Self {
        let text =
            format!("The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid.");
        Self::new(StatusCode::BAD_REQUEST, "invalid_scope", 70_011, text)
    }

    pub(crate) fn unsupported_grant(grant: &str) -> Self {
        let text = format!("The app requested an unsupported grant type '{grant}'.");
        Self::new(StatusCode::BAD_REQUEST, "unsupported_grant_type", 70_003, text)
    }

    pub(crate) fn code(refusal: GrantRefusal) -> Self {
        let (number, text) = match refusal {
            GrantRefusal::Reused => (
                54_005,
                "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
            ),
            GrantRefusal::WrongVerifier => {
                (501_481, "The Code_Verifier does not match the code_challenge supplied in the authorization request.")
            }
            GrantRefusal::Expired => (
                70_008,
                "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
            ),
            GrantRefusal::OtherRedirect => (
                500_112,
                "The reply address does not match the reply address provided when requesting Authorization code.",
            ),
            GrantRefusal::OtherClient => {
                (700_005, "The provided authorization code is intended to use against other tenant or application.")
            }
            GrantRefusal::Unknown | GrantRefusal::Revoked => {
                (70_000, "The provided value for the 'code' parameter is not valid.")
            }
        };
        Self::new(StatusCode::BAD_REQUEST, "invalid_grant", number, text)
    }

    pub(crate) fn refresh(refusal: GrantRefusal) -> Self {
        let (number, text) = match refusal {
            GrantRefusal::Revoked => (
                50_173,
                "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.",
            ),
            GrantRefusal::Expired => {
                (700_082, "The refresh token has expired due to inactivity. The token was inactive for 90.00:00:00.")
            }
            _ => (70_000, "The provided value for the 'refresh_token' parameter is not valid."),
        };
        Self::new(StatusCode::BAD_REQUEST, "invalid_grant", number, text)
    }

    pub(crate) fn device(refusal: DeviceRefusal) -> Self {
        let (error, number, text) = match refusal {
            DeviceRefusal::Pending => (
                "authorization_pending",
                70_016,
                "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
            ),
            DeviceRefusal::SlowDown => ("slow_down", 70_016, "The client is polling too often."),
            DeviceRefusal::Denied => ("authorization_declined", 65_004, "User declined to consent to access the app."),
            DeviceRefusal::Expired => {
                ("expired_token", 70_019, "Verification code expired. Have the user retry the sign-in.")
            }
            DeviceRefusal::Unknown => ("bad_verification_code", 70_018, "The device_code was not recognized."),
        };
        Self::new(StatusCode::BAD_REQUEST, error, number, text)
    }

    pub(crate) fn not_modelled(operation: &str) -> Self {
        let text = format!("This sandbox does not model the operation '{operation}'.");
        Self::new(StatusCode::NOT_IMPLEMENTED, "invalid_request", 0, text)
    }

    pub(crate) fn unavailable(status: StatusCode) -> Self {
        let text = "The service is temporarily unavailable. Please retry later.";
        Self::new(status, "temporarily_unavailable", 90_006, text)
    }

    pub(crate) fn into_reply(self, world: &mut World, call: &Call) -> Reply {
        let stamp = world.now().format("%Y-%m-%d %H:%M:%SZ").to_string();
        let trace = world.ids.guid("trace");
        let correlation = call.header("client-request-id").map_or_else(|| world.ids.guid("correlation"), str::to_owned);
        let description = format!(
            "AADSTS{}: {}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {stamp}",
            self.number, self.text
        );
        let body = json!({
            "error": self.error,
            "error_description": description,
            "error_codes": [self.number],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.number),
        });
        Reply::json(self.status, &body).with("x-ms-request-id", trace).with("cache-control", "no-store, no-cache")
    }
}

//! Graph's error body.

use chrono::{DateTime, Utc};
use http::StatusCode;
use serde_json::json;

use crate::serve::Reply;

/// A refused or failed request.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    code: &'static str,
    message: String,
    retry_after: Option<String>,
    challenge: bool,
}

impl Failure {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None, challenge: false }
    }

    pub(crate) fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(crate) fn unauthenticated(token: Option<&str>) -> Self {
        let message = match token {
            None => "Access token is empty.",
            Some(_) => "Lifetime validation failed, the token is expired.",
        };
        Self { challenge: true, ..Self::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message) }
    }

    pub(crate) fn not_modelled(operation: &str) -> Self {
        let message = format!("This sandbox does not model the operation '{operation}'.");
        Self::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
    }

    pub(crate) fn no_such_item() -> Self {
        let message =
            "The specified object was not found in the store., The process failed to get the correct properties.";
        Self::new(StatusCode::NOT_FOUND, "ErrorItemNotFound", message)
    }

    pub(crate) fn no_such_resource(id: &str) -> Self {
        let message =
            format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present.");
        Self::new(StatusCode::NOT_FOUND, "Request_ResourceNotFound", message)
    }

    pub(crate) fn access_denied() -> Self {
        let message = "Access is denied. Check credentials and try again.";
        Self::new(StatusCode::FORBIDDEN, "ErrorAccessDenied", message)
    }

    pub(crate) fn mailbox_busy() -> Self {
        let message = "Application is over its MailboxConcurrency limit.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "ApplicationThrottled", message).retry_after("1")
    }

    pub(crate) fn retry_after(mut self, value: &str) -> Self {
        self.retry_after = Some(value.to_owned());
        self
    }

    pub(crate) fn into_reply(self, now: DateTime<Utc>, request_id: &str, client_request_id: &str) -> Reply {
        let body = json!({ "error": {
            "code": self.code,
            "message": self.message,
            "innerError": {
                "date": now.format("%Y-%m-%dT%H:%M:%S").to_string(),
                "request-id": request_id,
                "client-request-id": client_request_id,
            },
        }});
        let mut reply = Reply::json(self.status, &body);
        if let Some(value) = self.retry_after {
            reply = reply.with("retry-after", value);
        }
        if self.challenge {
            reply = reply.with(
                "www-authenticate",
                "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\"",
            );
        }
        reply
    }
}

//! Webex's error bodies.

use http::StatusCode;
use serde_json::json;

use crate::serve::Reply;

pub(crate) const MALFORMED: &str =
    "The request could not be understood by the server due to malformed syntax. See 'errors' for more details.";
const FORBIDDEN: &str = "The server understood the request, but refused to fulfill it because the access token is missing required scopes or the user is missing required roles or licenses.";
const NO_TOKEN: &str = "The request requires a valid access token set in the Authorization request header.";
const NOT_FOUND: &str = "The requested resource could not be found.";

/// A refused or failed request.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    message: String,
    /// Some bodies carry no `errors`.
    description: Option<String>,
    html: bool,
    retry_after: Option<String>,
}

impl Failure {
    /// A body whose one description repeats the message.
    pub(crate) fn new(status: StatusCode, message: &str) -> Self {
        Self::described(status, message, message)
    }

    pub(crate) fn described(status: StatusCode, message: &str, description: &str) -> Self {
        let (message, description) = (message.to_owned(), Some(description.to_owned()));
        Self { status, message, description, html: false, retry_after: None }
    }

    pub(crate) fn bare(status: StatusCode, message: String) -> Self {
        Self { status, message, description: None, html: false, retry_after: None }
    }

    pub(crate) fn invalid(description: &str) -> Self {
        Self::described(StatusCode::BAD_REQUEST, MALFORMED, description)
    }

    pub(crate) fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, NO_TOKEN)
    }

    pub(crate) fn forbidden(description: &str) -> Self {
        Self::described(StatusCode::FORBIDDEN, FORBIDDEN, description)
    }

    pub(crate) fn not_found(description: &str) -> Self {
        Self::described(StatusCode::NOT_FOUND, NOT_FOUND, description)
    }

    pub(crate) fn not_modelled(operation: &str) -> Self {
        let message = format!("This sandbox does not model the operation '{operation}'.");
        Self::new(StatusCode::NOT_IMPLEMENTED, &message)
    }

    /// The documented example is a page, not JSON.
    pub(crate) fn too_many_requests() -> Self {
        Self { html: true, ..Self::new(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests") }
    }

    pub(crate) fn retry_after(mut self, value: &str) -> Self {
        self.retry_after = Some(value.to_owned());
        self
    }

    pub(crate) fn into_reply(self, tracking_id: &str) -> Reply {
        let mut reply = if self.html {
            Reply::text(self.status, "text/html", format!("<html><body><h1>{}</h1></body></html>", self.message))
        } else {
            let mut body = json!({ "message": self.message, "trackingId": tracking_id });
            if let Some(description) = self.description {
                body["errors"] = json!([{ "description": description }]);
            }
            let reply = Reply::json(self.status, &body);
            reply.with("content-type", "application/json;charset=UTF-8")
        };
        if let Some(value) = self.retry_after {
            reply = reply.with("retry-after", value);
        }
        reply
    }
}

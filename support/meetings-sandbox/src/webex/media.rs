//! Media types of bodies.

use http::{Method, StatusCode};

use super::error::Failure;
use crate::serve::{Call, Reply};

const JSON: &str = "application/json";
/// Named by the document of `PATCH /meetings/{id}`, though the body is a plain object.
const JSON_PATCH: &str = "application/json-patch+json";

/// Refuses a body that says it is no JSON. One that says nothing is read.
pub(super) fn check(call: &Call) -> Result<(), Failure> {
    let Some(given) = call.header("content-type").filter(|_| !call.body.is_empty()) else { return Ok(()) };
    let essence = given.split(';').next().unwrap_or_default().trim();
    let is = |known: &str| essence.eq_ignore_ascii_case(known);
    if is(JSON) || (call.method == Method::PATCH && is(JSON_PATCH)) {
        return Ok(());
    }
    Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The request body's media type is not supported."))
}

/// Meetings and what belongs to them come with a charset, people and webhooks without.
pub(super) fn told(reply: Reply, call: &Call) -> Reply {
    let is_json = reply.headers.iter().any(|(name, value)| *name == "content-type" && value.starts_with(JSON));
    let kind = match call.segments.get(1).map(String::as_str) {
        Some("people" | "webhooks") => JSON,
        Some(first) if first.starts_with("meeting") || first == "recordings" => "application/json;charset=UTF-8",
        _ => return reply,
    };
    if is_json { reply.with("content-type", kind) } else { reply }
}

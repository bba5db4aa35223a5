use invitations_core::{Error, ErrorKind, Result};
use serde_json::Value;

use super::{fields::text_of, unique::Unique};
use crate::errors::Asked;

/// The JSON object of a successful answer.
pub(crate) fn object(asked: &Asked, reply: &http::Response<bytes::Bytes>) -> Result<Value> {
    match serde_json::from_slice(reply.body()).map(|Unique(value)| value) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) | Err(_) => Err(asked.unreadable(reply, "the answer is no JSON object")),
    }
}

/// The `items` of a page. A page without them is unreadable, not empty: nothing may be concluded from it.
pub(crate) fn items(asked: &Asked, reply: &http::Response<bytes::Bytes>) -> Result<Vec<Value>> {
    match object(asked, reply)?.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => Ok(items),
        Some(_) | None => Err(asked.unreadable(reply, "the answer has no list of items")),
    }
}

/// A text, or a number written as one. Empty counts as absent.
pub(crate) fn text(value: &Value, name: &str) -> Option<String> {
    text_of(value.get(name)?)
}

/// A token: visible ASCII only, fit for a header and a form (RFC 6749, appendix A.12 and A.17, less the space).
pub(crate) fn token_of(value: &Value) -> Option<String> {
    let token = value.as_str()?;
    (!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())).then(|| token.to_owned())
}

/// Whole seconds; what is none was not said. Ten years at most: nothing lives longer, and sums of times must not overflow.
pub(crate) fn seconds_of(value: &Value) -> Option<std::time::Duration> {
    const MOST: u64 = 10 * 365 * 24 * 60 * 60;
    let seconds = value.as_u64()?;
    Some(std::time::Duration::from_secs(seconds.min(MOST)))
}

impl Asked {
    /// A success whose body cannot be read. A write has happened then, or may have.
    pub(crate) fn unreadable(&self, reply: &http::Response<bytes::Bytes>, why: &'static str) -> Error {
        let error = Error::new(ErrorKind::Protocol, self.operation).with_provider(crate::provider_id());
        let error = error.with_status(reply.status().as_u16()).with_detail(why).with_retry(self.unclear(None));
        crate::errors::tracked(error, reply, None)
    }
}

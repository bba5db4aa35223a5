//! What all resources share on the wire: paths, times, error bodies, pages.

mod date_time;
mod error_body;
mod page;
mod request;
pub(crate) mod words;

pub(crate) use date_time::{DateTimeTimeZone, instant, utc_text};
pub(crate) use error_body::ErrorBody;
pub(crate) use page::{Page, page};
pub(crate) use request::{delete, get, patch, post, prefer, segment};

use bytes::Bytes;
use invitations_core::{Error, ErrorKind, Result};
use serde::de::DeserializeOwned;

/// Reads a reply's body. Unknown members are passed over: Graph's types are open.
pub(crate) fn read<T: DeserializeOwned>(operation: &'static str, reply: &http::Response<Bytes>) -> Result<T> {
    serde_json::from_slice(reply.body()).map_err(|error| {
        let place = format!("not the JSON that was expected: line {} column {}", error.line(), error.column());
        // the parser's own message may quote the body
        unreadable(operation, place).with_status(reply.status().as_u16())
    })
}

/// A reply that was understood as JSON and still cannot be used. The other side has acted.
pub(crate) fn unreadable(operation: &'static str, detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Protocol, operation)
        .with_detail(detail)
        .with_retry(invitations_core::RetryClass::Unclear { after: None })
}

/// `@odata.type` of what has to be an event, where it is said.
pub(crate) fn of_event<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<(), D::Error> {
    use serde::{Deserialize as _, de::Error as _};
    match Option::<String>::deserialize(deserializer)? {
        Some(kind) if !kind.to_ascii_lowercase().ends_with(".event") => {
            Err(D::Error::custom("an object of another type"))
        }
        _ => Ok(()),
    }
}

/// A link that a browser may be sent to; anything else is left out.
pub(crate) fn web_page(link: &str) -> Option<url::Url> {
    url::Url::parse(link).ok().filter(|url| url.scheme() == "https" && url.has_host())
}

/// A text that may be `null`, which Graph answers for almost every member.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> std::result::Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + serde::Deserialize<'de>,
{
    use serde::Deserialize as _;
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

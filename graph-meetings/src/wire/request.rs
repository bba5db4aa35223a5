use bytes::Bytes;
use http::{Method, Request, header};
use invitations_core::{Error, Result};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

/// Everything but the unreserved characters of RFC 3986, 2.3: ids hold `=`, `:`, `@` and `/`.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path segment or a query value.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A read. Paths are relative to the origin and begin with `/`.
pub(crate) fn get(path: &str) -> Result<Request<Bytes>> {
    build(Method::GET, path, Bytes::new())
}

/// A create or an action.
pub(crate) fn post(path: &str, body: &impl Serialize) -> Result<Request<Bytes>> {
    build(Method::POST, path, json(body)?)
}

/// A change of some members.
pub(crate) fn patch(path: &str, body: &impl Serialize) -> Result<Request<Bytes>> {
    build(Method::PATCH, path, json(body)?)
}

/// A removal.
pub(crate) fn delete(path: &str) -> Result<Request<Bytes>> {
    build(Method::DELETE, path, Bytes::new())
}

/// Adds preferences (RFC 7240). Pages need them again: Graph's links do not carry them.
pub(crate) fn prefer(mut request: Request<Bytes>, preferences: &'static str) -> Request<Bytes> {
    request.headers_mut().insert("prefer", header::HeaderValue::from_static(preferences));
    request
}

fn json(body: &impl Serialize) -> Result<Bytes> {
    let mut text = Vec::with_capacity(1024);
    serde_json::to_writer(&mut text, body).map_err(|_| Error::invalid("write request", "the body is no JSON"))?;
    Ok(text.into())
}

fn build(method: Method, path: &str, body: Bytes) -> Result<Request<Bytes>> {
    let mut request = Request::builder().method(method).uri(path).header(header::ACCEPT, "application/json");
    if !body.is_empty() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    request.body(body).map_err(|_| Error::invalid("write request", "the path is no URI"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trap_21_ids_are_percent_encoded() {
        assert_eq!(segment("AAMk=="), "AAMk%3D%3D");
        assert_eq!(segment("MSo5*0**19:meeting_a@thread.v2"), "MSo5%2A0%2A%2A19%3Ameeting_a%40thread.v2");
        assert_eq!(segment("a/../b?c#d"), "a%2F..%2Fb%3Fc%23d");
        assert_eq!(segment("o'brien"), "o%27brien");
    }

    #[test]
    fn only_bodies_have_a_content_type() {
        assert!(get("/v1.0/me").unwrap().headers().get(header::CONTENT_TYPE).is_none());
        let sent = post("/v1.0/invitations", &serde_json::json!({})).unwrap();
        assert_eq!(sent.headers()[header::CONTENT_TYPE], "application/json");
    }
}

use bytes::Bytes;
use http::{Method, Request, header};
use invitations_core::{Error, Result};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

/// Everything but the unreserved characters of RFC 3986, 2.3: ids are opaque, and a `+` in a query would be a space.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `/v1/{segments}?{query}`, relative to the origin. Queries without a value are left out.
pub(crate) fn path(segments: &[&str], query: &[(&str, Option<&str>)]) -> String {
    let mut path = "/v1".to_owned();
    for segment in segments {
        path.push('/');
        path.extend(utf8_percent_encode(segment, RESERVED));
    }
    let given = query.iter().filter_map(|(name, value)| value.map(|value| (name, value)));
    for (at, (name, value)) in given.enumerate() {
        path.push(if at == 0 { '?' } else { '&' });
        path.push_str(name);
        path.push('=');
        path.extend(utf8_percent_encode(value, RESERVED));
    }
    path
}

/// A read. `target` is a path, or a page link that was checked against the origin.
pub(crate) fn get(target: &str) -> Result<Request<Bytes>> {
    build(Method::GET, target, Bytes::new())
}

/// A read of a file of this media type.
pub(crate) fn get_file(target: &str, media_type: &'static str) -> Result<Request<Bytes>> {
    let mut request = get(target)?;
    request.headers_mut().insert(header::ACCEPT, http::HeaderValue::from_static(media_type));
    Ok(request)
}

/// A create.
pub(crate) fn post(target: &str, body: &impl Serialize) -> Result<Request<Bytes>> {
    build(Method::POST, target, json(body)?)
}

/// A change of some members. The specification names a media type of JSON Patch for what is a plain object; plain JSON is
/// what production clients send.
pub(crate) fn patch(target: &str, body: &impl Serialize) -> Result<Request<Bytes>> {
    build(Method::PATCH, target, json(body)?)
}

/// A change that replaces.
pub(crate) fn put(target: &str, body: &impl Serialize) -> Result<Request<Bytes>> {
    build(Method::PUT, target, json(body)?)
}

/// A removal.
pub(crate) fn delete(target: &str) -> Result<Request<Bytes>> {
    build(Method::DELETE, target, Bytes::new())
}

/// A removal that says why, in a body.
pub(crate) fn delete_because(target: &str, body: &impl Serialize) -> Result<Request<Bytes>> {
    build(Method::DELETE, target, json(body)?)
}

fn json(body: &impl Serialize) -> Result<Bytes> {
    serde_json::to_vec(body).map(Bytes::from).map_err(|_| Error::invalid("write request", "the body is no JSON"))
}

fn build(method: Method, target: &str, body: Bytes) -> Result<Request<Bytes>> {
    let mut request = Request::builder().method(method).uri(target).header(header::ACCEPT, "application/json");
    if !body.is_empty() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    request.body(body).map_err(|_| Error::invalid("write request", "the path is no URI"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_values_are_percent_encoded() {
        assert_eq!(path(&["meetings", "a/../b?c#d"], &[]), "/v1/meetings/a%2F..%2Fb%3Fc%23d");
        let query = [("none", None), ("from", Some("2026-01-01T00:00:00+01:00")), ("tag", Some("a&b=c d"))];
        assert_eq!(
            path(&["meetings"], &query),
            "/v1/meetings?from=2026-01-01T00%3A00%3A00%2B01%3A00&tag=a%26b%3Dc%20d"
        );
    }

    #[test]
    fn only_bodies_have_a_content_type() {
        assert!(get("/v1/people/me").unwrap().headers().get(header::CONTENT_TYPE).is_none());
        let sent = patch("/v1/meetings/1", &serde_json::json!({})).unwrap();
        assert_eq!(sent.headers()[header::CONTENT_TYPE], "application/json");
    }
}

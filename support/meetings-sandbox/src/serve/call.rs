//! A request, taken apart.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, header};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::webex;

/// Which of the imitated services a path belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    Entra,
    Graph,
    Webex,
}

/// One request with everything decoded that routing needs.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// The path as sent.
    pub(crate) path: String,
    /// The path's segments, each percent-decoded on its own: an encoded slash does not split an id.
    pub(crate) segments: Vec<String>,
    pub(crate) raw_query: Option<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// `http://127.0.0.1:PORT` or `https://…`: what links in replies start with.
    pub(crate) origin: String,
}

impl Call {
    /// `own` is the origin the sandbox listens on; its host and port are used where the request names no loopback host.
    pub(crate) fn new(request: Request<Bytes>, own: &str) -> Self {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let raw_query = parts.uri.query().map(str::to_owned);
        let host = parts.headers.get(header::HOST).and_then(|h| h.to_str().ok());
        let loopback = |h: &&str| h.starts_with("127.0.0.1:") || h.starts_with("localhost:");
        let scheme = own.split_once("://").map_or("http", |(scheme, _)| scheme);
        let origin = host.filter(loopback).map_or_else(|| own.to_owned(), |h| format!("{scheme}://{h}"));
        Self {
            method: parts.method,
            segments: path.split('/').filter(|s| !s.is_empty()).map(decoded).collect(),
            query: raw_query.as_deref().map(parse_pairs).unwrap_or_default(),
            path,
            raw_query,
            headers: parts.headers,
            body,
            origin,
        }
    }

    /// Which service this goes to; `None` for the control API and unknown paths.
    pub(crate) fn provider(&self) -> Option<Provider> {
        match self.segments.first().map(String::as_str) {
            Some("v1.0") => Some(Provider::Graph),
            Some("v1" | webex::FILES) => Some(Provider::Webex),
            Some(_) if self.segments.get(1).is_some_and(|s| s == "oauth2" || s == "adminconsent") => {
                Some(Provider::Entra)
            }
            _ => None,
        }
    }

    /// The first query parameter of this name, in any case.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The credentials of `Authorization: Bearer …`.
    pub(crate) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// All preferences of all `Prefer` headers, in the order sent.
    pub(crate) fn preferences(&self) -> Vec<String> {
        let values = self.headers.get_all("prefer").iter().filter_map(|v| v.to_str().ok());
        values.flat_map(|v| v.split(',')).map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect()
    }

    /// The value of one preference, without its quotes.
    pub(crate) fn preference(&self, name: &str) -> Option<String> {
        self.preferences().iter().find_map(|preference| {
            let (key, value) = preference.split_once('=')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
        })
    }

    /// The body as a JSON object; an empty body is an empty object.
    pub(crate) fn object(&self) -> Result<serde_json::Map<String, Value>, String> {
        if self.body.is_empty() {
            return Ok(serde_json::Map::new());
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err("the body is not a JSON object".to_owned()),
            Err(error) => Err(format!("the body is not JSON: {error}")),
        }
    }

    /// The body as form fields.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(&self.body).into_owned().collect()
    }
}

fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

fn parse_pairs(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

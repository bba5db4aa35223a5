//! Doors for fuzz targets: there in builds for fuzzing alone.
#![expect(missing_docs, reason = "no part of the library")]

use bytes::Bytes;
use http::{HeaderMap, Response};
use invitations_core::Error;
use meetings_http::Origin;

use crate::{
    errors::{Asked, Effect, failure},
    paging,
};

/// `None` where there is no next page, or it leads elsewhere.
pub fn next_page(origin: &Origin, from: &str, headers: HeaderMap) -> Option<String> {
    let mut reply = Response::new(Bytes::new());
    *reply.headers_mut() = headers;
    reply.extensions_mut().insert(paging::Place(from.parse().ok()?));
    paging::next(origin, &reply).ok().flatten()
}

pub fn refusal(status: u16, body: &[u8]) -> Error {
    let mut reply = Response::new(Bytes::copy_from_slice(body));
    *reply.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    failure(&Asked::new("fuzz", Effect::Write, false), &reply, None)
}

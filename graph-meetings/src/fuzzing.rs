//! Doors for fuzz targets: there in builds for fuzzing alone.
#![expect(missing_docs, reason = "no part of the library")]

use bytes::Bytes;
use chrono::DateTime;
use http::{Method, Response};
use invitations_core::Error;

use crate::errors::{Asked, Resource, failure};

pub fn refusal(status: u16, body: &[u8]) -> Error {
    let mut reply = Response::new(Bytes::copy_from_slice(body));
    *reply.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    let asked = Asked { operation: "fuzz", resource: Resource::Invitations, delegated: false };
    failure(asked, &Method::POST, &reply, DateTime::UNIX_EPOCH)
}

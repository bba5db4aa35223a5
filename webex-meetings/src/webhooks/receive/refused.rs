use std::fmt;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

/// A request that is no delivery, or none that can be read. Nothing is to be done but to answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Refused(RefusedBecause);

/// Why a request was refused.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum RefusedBecause {
    /// Webex posts.
    Method,
    /// The body is larger than allowed.
    TooLarge,
    /// The body is compressed; Webex's are not.
    Encoded,
    /// There is a secret, and no signature.
    NotSigned,
    /// The signature is by none of the secrets, or there are several.
    WronglySigned,
    /// It is no JSON object of a webhook, and nobody signed it.
    Unreadable,
    /// It is signed, and this version cannot read it.
    Unknown,
}

impl RefusedBecause {
    /// In one word, for logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Method => "method",
            Self::TooLarge => "too_large",
            Self::Encoded => "encoded",
            Self::NotSigned => "not_signed",
            Self::WronglySigned => "wrongly_signed",
            Self::Unreadable => "unreadable",
            Self::Unknown => "unknown",
        }
    }
}

impl Refused {
    pub(super) fn new(because: RefusedBecause) -> Self {
        Self(because)
    }

    /// Why.
    pub fn because(&self) -> RefusedBecause {
        self.0
    }

    /// The status to answer: 405, 413, 415, 401, 400. What is signed and cannot be read is answered with 204, so that Webex goes on.
    pub fn status(&self) -> StatusCode {
        match self.0 {
            RefusedBecause::Method => StatusCode::METHOD_NOT_ALLOWED,
            RefusedBecause::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            RefusedBecause::Encoded => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            RefusedBecause::NotSigned | RefusedBecause::WronglySigned => StatusCode::UNAUTHORIZED,
            RefusedBecause::Unreadable => StatusCode::BAD_REQUEST,
            RefusedBecause::Unknown => StatusCode::NO_CONTENT,
        }
    }

    /// The answer to give back. Its body is empty: it tells strangers nothing.
    pub fn response(&self) -> Response<Bytes> {
        let mut response = answer(self.status());
        if self.0 == RefusedBecause::Method {
            // RFC 9110, 15.5.6
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}

/// 503, for a receiver that takes nothing now, before it looked at a request. Webex counts it as failed. What
/// [`Receiver::handle`](super::Receiver::handle) has handed out is given back with [`Received::busy`](super::Received::busy).
pub fn busy() -> Response<Bytes> {
    answer(StatusCode::SERVICE_UNAVAILABLE)
}

fn answer(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the delivery was refused: {}", self.0.as_str())
    }
}

impl std::error::Error for Refused {}

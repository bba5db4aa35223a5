use http::{HeaderMap, StatusCode};
use invitations_core::{
    Error, ErrorKind, Remedy, RetryClass,
    ids::ProviderId,
    token::{GrantFailure, GrantFailureClass},
};

use super::classify::{error_code, passing};
use crate::{
    request_id::provider_request_id,
    transport::{Sent, TransportError},
};

type Classify = fn(StatusCode, &HeaderMap, &[u8]) -> GrantFailureClass;

/// A failure of `class` with the error that goes with it.
pub(super) fn failure(class: GrantFailureClass, operation: &'static str, provider: &ProviderId) -> GrantFailure {
    let (kind, retry) = match &class {
        GrantFailureClass::Transient { acted: false, after } => {
            (ErrorKind::Unavailable, RetryClass::Safe { after: *after })
        }
        GrantFailureClass::Transient { acted: true, after } => {
            (ErrorKind::Unavailable, RetryClass::Unclear { after: *after })
        }
        GrantFailureClass::Unknown => (ErrorKind::Unavailable, RetryClass::Unclear { after: None }),
        GrantFailureClass::GrantDead | GrantFailureClass::Interaction { .. } => {
            (ErrorKind::NeedsReconsent, RetryClass::Never)
        }
        _ => (ErrorKind::Misconfigured, RetryClass::Never),
    };
    let mut error = Error::new(kind, operation).with_provider(provider.clone()).with_retry(retry);
    if let Some(action) = remedy(&class) {
        error = error.with_remedy(Remedy::new(action));
    }
    GrantFailure::new(class, error)
}

fn remedy(class: &GrantFailureClass) -> Option<&'static str> {
    match class {
        GrantFailureClass::GrantDead | GrantFailureClass::Interaction { .. } => Some("Connect the account again."),
        GrantFailureClass::ClientMisconfigured => {
            Some("Check this application's client id and secret at the provider: the secret may have expired.")
        }
        GrantFailureClass::Config => {
            Some("Check this application's scopes, redirect URI and grant types at the provider.")
        }
        _ => None,
    }
}

/// No reply, or a part of one.
pub(super) fn of_transport(error: TransportError, operation: &'static str, provider: &ProviderId) -> GrantFailure {
    let class = match error.sent {
        Sent::No => GrantFailureClass::Transient { acted: false, after: None },
        Sent::Maybe => GrantFailureClass::Unknown,
    };
    let failure = failure(class, operation, provider);
    let timed_out = error.timed_out;
    let retry = failure.error.retry();
    let mut cause = if timed_out {
        Error::new(ErrorKind::Timeout, operation).with_provider(provider.clone()).with_retry(retry)
    } else {
        failure.error
    };
    cause = cause.with_source(error);
    GrantFailure::new(failure.class, cause)
}

/// A reply that is no success.
pub(super) fn of_reply(
    reply: &http::Response<bytes::Bytes>,
    classify: Classify,
    operation: &'static str,
    provider: &ProviderId,
) -> GrantFailure {
    let status = reply.status();
    let class = passing(status, reply.headers()).unwrap_or_else(|| classify(status, reply.headers(), reply.body()));
    let GrantFailure { class, mut error, .. } = failure(class, operation, provider);
    if status == StatusCode::TOO_MANY_REQUESTS {
        let retry = error.retry();
        error = Error::new(ErrorKind::Throttled, operation).with_provider(provider.clone()).with_retry(retry);
    } else if status.is_redirection() {
        error = error.with_detail("a redirect, which is not followed");
    } else if let Some(code) = error_code(reply.body()) {
        error = error.with_detail(code);
    }
    GrantFailure::new(class, noted(error, reply))
}

/// A success that cannot be read: what it did, nobody knows.
pub(super) fn unreadable(
    reply: &http::Response<bytes::Bytes>,
    why: &'static str,
    operation: &'static str,
    provider: &ProviderId,
) -> GrantFailure {
    let error = Error::new(ErrorKind::Protocol, operation)
        .with_provider(provider.clone())
        .with_detail(why)
        .with_retry(RetryClass::Unclear { after: None });
    GrantFailure::new(GrantFailureClass::Unknown, noted(error, reply))
}

fn noted(mut error: Error, reply: &http::Response<bytes::Bytes>) -> Error {
    if let Some(id) = provider_request_id(reply.headers()) {
        error = error.with_request_id(id);
    }
    error.with_status(reply.status().as_u16())
}

use std::future::Future;

use futures_util::StreamExt as _;
use http::header::CONTENT_ENCODING;
use invitations_core::{
    ErrorKind, Result, RetryClass,
    runtime::{TimedOut, timeout},
    token::AccessToken,
};

use super::{Pipeline, call::Call, deadline::Deadline, write_bearer};
use crate::{
    body::Body,
    observe::Seen,
    transport::{Sent, TransportError},
};

/// How much of a reply is read before the call is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reading {
    /// Status and headers; the caller reads the body.
    Head,
    /// All of it.
    Whole,
}

/// The token that was used, and what came of the try.
pub(super) type Exchanged = (Option<AccessToken>, Result<http::Response<Body>, TransportError>);

impl Pipeline {
    /// One try: a place in the lane, a token, a last look at the clock, one request.
    ///
    /// An error is our own: nothing was sent.
    pub(super) async fn exchange(
        &self,
        call: &Call,
        reading: Reading,
        deadline: &Deadline,
        number: u32,
    ) -> Result<Exchanged> {
        let shared = &self.shared;
        let permit = match &call.lane {
            Some(lane) => {
                Some(self.before(deadline, call.operation, async { Ok(shared.lanes.enter(lane).await) }).await?)
            }
            None => None,
        };
        let mut request = call.request.clone();
        let token = match &self.tokens {
            Some(tokens) => {
                let token = self.before(deadline, call.operation, tokens.access_token()).await?;
                write_bearer(request.headers_mut(), token.expose(), call.operation)
                    .map_err(|error| error.with_provider(self.provider().clone()))?;
                Some(token)
            }
            None => None,
        };
        // with the token in hand: a refresh may have taken longer than the lease lasts
        let now = shared.clock.instant();
        if deadline.left_to_send(call, now).is_zero() {
            return Err(self.too_late(call.operation));
        }
        let limit = deadline.for_try(now);
        let most = call.max_body;
        shared.counters.requests.add();
        let seen = Seen::begin(shared, call.operation, number, now);
        let work = async {
            match reading {
                Reading::Head => shared.transport.send(request, deadline.for_body(now)).await,
                Reading::Whole => {
                    let (head, body) = shared.transport.send(request, limit).await?.into_parts();
                    let body = body.collect(most).await?;
                    Ok(http::Response::from_parts(head, Body::from_bytes(body)))
                }
            }
        };
        let result = match timeout(&*shared.clock, limit, work).await {
            Ok(result) => result.and_then(refuse_unknown_coding),
            Err(TimedOut) => Err(TransportError::new(Sent::Maybe, TimedOut).with_timed_out(true)),
        };
        seen.end(&result);
        let result = result.map(|reply| match reading {
            Reading::Whole => reply,
            Reading::Head => reply.map(|body| {
                // the place in the lane is kept until the body is read or dropped
                Body::from_stream(body.into_stream().map(move |piece| {
                    let _ = &permit;
                    piece
                }))
            }),
        });
        Ok((token, result))
    }

    /// Waits for `work` while nothing is on the wire.
    pub(super) async fn before<T>(
        &self,
        deadline: &Deadline,
        operation: &'static str,
        work: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        let left = deadline.left(self.shared.clock.instant());
        match timeout(&*self.shared.clock, left, work).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(match error.retry() {
                // in doubt is the refresh, not this call
                RetryClass::Unclear { after } => error.with_retry(RetryClass::Safe { after }),
                _ => error,
            }),
            Err(TimedOut) => Err(self.too_late(operation)),
        }
    }

    fn too_late(&self, operation: &'static str) -> invitations_core::Error {
        self.error(ErrorKind::Timeout, operation)
            .with_detail("too late to send; nothing was sent")
            .with_retry(RetryClass::Safe { after: None })
    }
}

/// A transport inflates what it asked for and takes the header away. What is still encoded nobody asked for.
fn refuse_unknown_coding(reply: http::Response<Body>) -> Result<http::Response<Body>, TransportError> {
    let known = reply.headers().get_all(CONTENT_ENCODING).iter().all(|coding| {
        let coding = coding.as_bytes();
        coding.is_empty() || coding.eq_ignore_ascii_case(b"identity")
    });
    if known { Ok(reply) } else { Err(TransportError::new(Sent::Maybe, UnknownCoding)) }
}

/// The reply is compressed in a way nobody asked for.
#[derive(Debug, thiserror::Error)]
#[error("the reply is compressed in a way nobody asked for")]
pub(crate) struct UnknownCoding;

//! From a call to a reply.

mod bearer;
mod build;
mod call;
mod challenge;
mod counts;
mod deadline;
mod exchange;
mod protection;

use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::StatusCode;
use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    ids::ProviderId,
    provider::Resend,
    token::{AfterReject, Rejected, TokenSource},
};

pub(crate) use bearer::write_bearer;
pub use build::PipelineBuilder;
pub use call::Call;
pub(crate) use counts::Counters;
pub use counts::Counts;
pub use protection::{CallProtection, Protection};

pub(crate) use build::Shared;

use self::{challenge::claims_challenge, deadline::Deadline, exchange::Reading};
use crate::{
    body::Body,
    origin::Origin,
    retry::{Attempt, Decision, Outcome, parse_retry_after},
    transport::{Sent, Transport, TransportError},
};

/// The one road to a provider: puts the token on a request, keeps its deadline, and sends again what is safe to send again.
///
/// Cheap to clone; clones share the retry budget, the lanes and the [`counts`](Self::counts).
#[derive(Clone)]
pub struct Pipeline {
    shared: Arc<Shared>,
    tokens: Option<Arc<dyn TokenSource>>,
}

/// What is known about a call while it is under way.
#[derive(Debug, Default)]
struct Progress {
    /// How many requests were begun.
    number: u32,
    /// A 401 was answered with another token already.
    refreshed: bool,
    /// An earlier try may have been carried out.
    unclear: bool,
}

impl Pipeline {
    /// A pipeline to `origin`. It needs a clock; without tokens it sends none.
    pub fn builder(provider: ProviderId, transport: Arc<dyn Transport>, origin: Origin) -> PipelineBuilder {
        PipelineBuilder::new(provider, transport, origin)
    }

    /// The same pipeline for another account.
    #[must_use]
    pub fn with_tokens(&self, tokens: Arc<dyn TokenSource>) -> Self {
        Self { shared: Arc::clone(&self.shared), tokens: Some(tokens) }
    }

    /// Where requests may go.
    pub fn origin(&self) -> &Origin {
        &self.shared.origin
    }

    /// Whose origin it is.
    pub fn provider(&self) -> &ProviderId {
        &self.shared.provider
    }

    /// What was sent so far, by this pipeline and all its clones.
    pub fn counts(&self) -> Counts {
        self.shared.counters.read()
    }

    /// Sends `call` and reads the whole reply, at most [`Call::max_body`] bytes of body.
    ///
    /// Any status but a first 401 comes back as a reply, for the provider's decoder. A 401 is told to the token source; when that has
    /// another token, the call is sent once more (the 401 proves that nothing was done, so this holds for [`Resend::Caller`] too).
    ///
    /// # Errors
    /// - [`InvalidInput`](ErrorKind::InvalidInput): the request leads to another origin, or brings an `Authorization` of its own.
    /// - what the token source says; nothing was sent then.
    /// - [`Timeout`](ErrorKind::Timeout), [`Unavailable`](ErrorKind::Unavailable): [`Error::retry`] says whether the provider may have
    ///   acted.
    /// - [`Protocol`](ErrorKind::Protocol): the reply is too large, or compressed in a way nobody asked for.
    /// - [`Throttled`](ErrorKind::Throttled): turned away at last, after a try of which nobody knows whether it was carried out.
    pub async fn send(&self, call: Call) -> Result<http::Response<Bytes>> {
        let (operation, most) = (call.operation, call.max_body);
        let (head, body) = self.run(call, Reading::Whole).await?.into_parts();
        // in memory since `run`, and within the limit
        let body =
            body.collect(most).await.map_err(|error| Error::new(ErrorKind::Protocol, operation).with_source(error))?;
        Ok(http::Response::from_parts(head, body))
    }

    /// As [`send`](Self::send), but hands the body over unread. [`Call::timeout`] then limits the body too (one hour if not set);
    /// a place in a lane is kept until the body is dropped.
    ///
    /// # Errors
    /// As [`send`](Self::send); errors while reading come out of the body.
    pub async fn stream(&self, call: Call) -> Result<http::Response<Body>> {
        self.run(call, Reading::Head).await
    }

    async fn run(&self, call: Call, reading: Reading) -> Result<http::Response<Body>> {
        self.admit(&call)?;
        let clock = &self.shared.clock;
        let deadline = Deadline::of(&call, reading, &self.shared.retry, clock.instant());
        self.shared.budget.earn(clock.instant());
        let mut progress = Progress::default();
        loop {
            progress.number += 1;
            let exchange = self.exchange(&call, reading, &deadline, progress.number).await;
            let (token, result) = exchange.map_err(|error| progress.doubt(error))?;
            let first = !progress.refreshed;
            #[cfg(seeded)]
            let first = first || invitations_core::seeded::seeded("B23");
            if let (Ok(reply), Some(token)) = (&result, token)
                && reply.status() == StatusCode::UNAUTHORIZED
                && first
                && let Some(tokens) = &self.tokens
            {
                progress.refreshed = true;
                let mut rejected = Rejected::new(token);
                rejected.claims = claims_challenge(reply.headers());
                let answer = self.before(&deadline, call.operation, tokens.rejected(rejected)).await;
                match answer.map_err(|error| progress.doubt(error))? {
                    AfterReject::TryAgain => {
                        self.shared.counters.refreshes.add();
                        continue;
                    }
                    AfterReject::GiveUp => return result.map_err(|error| self.lost(&call, error)),
                }
            }
            if result.as_ref().is_err_and(is_unreadable) {
                return result.map_err(|error| self.lost(&call, error));
            }
            let outcome = match &result {
                Ok(reply) => Outcome::Status {
                    code: reply.status(),
                    retry_after: parse_retry_after(reply.headers(), clock.now()),
                },
                Err(error) if error.sent == Sent::No => Outcome::NotSent,
                Err(_) => Outcome::Lost,
            };
            match self.decide(&call, &deadline, progress.tries(), outcome) {
                Decision::Stop => return self.conclude(&call, &progress, outcome, result),
                Decision::SendAgain { after } => {
                    progress.unclear |= outcome.is_unclear() && !call.is_read();
                    drop(result);
                    self.shared.counters.retries.add();
                    crate::observe::retrying(self.provider(), call.operation, progress.number, after);
                    clock.sleep(after).await;
                }
            }
        }
    }

    /// Whether and when to send again: the pure decision, then the budget that all calls share.
    fn decide(&self, call: &Call, deadline: &Deadline, number: u32, outcome: Outcome) -> Decision {
        // what does not pass is not sent again, and randomness is a system call
        if call.resend != Resend::Pipeline || !outcome.passes() {
            return Decision::Stop;
        }
        let now = self.shared.clock.instant();
        let left = deadline.left_to_send(call, now);
        let attempt = Attempt { protection: call.protection, number, left, outcome, jitter: self.shared.random() };
        match self.shared.retry.decide(&attempt) {
            Decision::SendAgain { after } if self.shared.budget.spend(now) => Decision::SendAgain { after },
            _ => Decision::Stop,
        }
    }

    fn conclude(
        &self,
        call: &Call,
        progress: &Progress,
        outcome: Outcome,
        result: Result<http::Response<Body>, TransportError>,
    ) -> Result<http::Response<Body>> {
        let reply = result.map_err(|error| progress.doubt(self.lost(call, error)))?;
        // "turned away, surely not done" is true of the last try only: an earlier one may have been carried out
        if let (true, Outcome::Status { code, retry_after }) = (progress.unclear, outcome)
            && matches!(code, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
        {
            let kind =
                if code == StatusCode::TOO_MANY_REQUESTS { ErrorKind::Throttled } else { ErrorKind::Unavailable };
            return Err(self
                .error(kind, call.operation)
                .with_status(code.as_u16())
                .with_retry(RetryClass::Unclear { after: retry_after }));
        }
        Ok(reply)
    }

    /// An error of this provider.
    fn error(&self, kind: ErrorKind, operation: &'static str) -> Error {
        Error::new(kind, operation).with_provider(self.provider().clone())
    }

    /// What "no reply" means to the caller.
    fn lost(&self, call: &Call, error: TransportError) -> Error {
        let (kind, retry) = match error.sent {
            _ if is_unreadable(&error) && call.is_read() => (ErrorKind::Protocol, RetryClass::Never),
            _ if is_unreadable(&error) => (ErrorKind::Protocol, RetryClass::Unclear { after: None }),
            Sent::No => (ErrorKind::Unavailable, RetryClass::Safe { after: None }),
            Sent::Maybe if call.is_read() => (ErrorKind::Unavailable, RetryClass::Safe { after: None }),
            Sent::Maybe => (ErrorKind::Unavailable, RetryClass::Unclear { after: None }),
        };
        let kind = if error.timed_out { ErrorKind::Timeout } else { kind };
        self.error(kind, call.operation).with_retry(retry).with_source(error)
    }

    /// Refuses a caller's mistake before any I/O.
    fn admit(&self, call: &Call) -> Result<()> {
        let refuse =
            |why: &'static str| Err(Error::invalid(call.operation, why).with_provider(self.provider().clone()));
        match self.shared.origin.has(call.request.uri()) {
            Some(true) => {}
            Some(false) => return refuse("the request leads to another origin"),
            None => return refuse("the request's URI is not absolute"),
        }
        if call.request.headers().contains_key(http::header::AUTHORIZATION) {
            return refuse("the pipeline itself writes Authorization");
        }
        Ok(())
    }
}

/// There is a reply, and reading it again would not help.
fn is_unreadable(error: &TransportError) -> bool {
    error.is_too_large() || error.source.is::<exchange::UnknownCoding>()
}

impl Progress {
    /// How many tries there were, not counting the one that only had the wrong token.
    fn tries(&self) -> u32 {
        self.number - u32::from(self.refreshed)
    }

    /// "Nothing was sent" is true of this try only, once an earlier one is in doubt.
    fn doubt(&self, error: Error) -> Error {
        match error.retry() {
            RetryClass::Safe { after } if self.unclear => error.with_retry(RetryClass::Unclear { after }),
            _ => error,
        }
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("provider", &self.shared.provider)
            .field("origin", &self.shared.origin.url().as_str())
            .finish_non_exhaustive()
    }
}

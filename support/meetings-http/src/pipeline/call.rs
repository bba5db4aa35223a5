use std::{
    fmt,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::Method;
use invitations_core::provider::{Resend, WriteOptions};

use super::Protection;

/// How much of a reply's body is read at most, unless the call says otherwise.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// One request and how it is to be carried out.
#[non_exhaustive]
pub struct Call {
    /// What is being done, a short verb phrase ("create meeting"); stands in errors, logs and metrics.
    pub operation: &'static str,
    /// The request, with an absolute URI on the pipeline's origin, without `Authorization`.
    pub request: http::Request<Bytes>,
    /// What sending it twice would do.
    pub protection: Protection,
    /// The whole call's budget, waits and further tries included; `None`: the policy's.
    pub timeout: Option<Duration>,
    /// Not to be written to the socket from this instant on.
    pub send_before: Option<Instant>,
    /// Who sends again.
    pub resend: Resend,
    /// Calls with the same lane share a few places; `None`: no limit.
    pub lane: Option<String>,
    /// How many bytes of body are read at most, after inflation (16 MiB).
    pub max_body: usize,
}

impl Call {
    /// A call with the policy's time, no lane, and tries by the pipeline where `protection` allows.
    pub fn new(operation: &'static str, request: http::Request<Bytes>, protection: Protection) -> Self {
        Self {
            operation,
            request,
            protection,
            timeout: None,
            send_before: None,
            resend: Resend::default(),
            lane: None,
            max_body: MAX_BODY,
        }
    }

    /// Takes over timeout, `send_before` and `resend`. Not `if_match`: that is a header of the request.
    #[must_use]
    pub fn with_options(mut self, options: &WriteOptions) -> Self {
        self.timeout = options.timeout;
        self.send_before = options.send_before;
        self.resend = options.resend;
        self
    }

    /// Sends it in a lane: with at most a few others of the same name at a time (a mailbox, a host).
    #[must_use]
    pub fn with_lane(mut self, lane: impl Into<String>) -> Self {
        self.lane = Some(lane.into());
        self
    }

    /// Sets how many bytes of body are read at most.
    #[must_use]
    pub fn with_max_body(mut self, most: usize) -> Self {
        self.max_body = most;
        self
    }

    /// Sets the whole call's budget.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// It only reads: lost or not, nothing has changed.
    pub(crate) fn is_read(&self) -> bool {
        self.protection == Protection::Idempotent && matches!(*self.request.method(), Method::GET | Method::HEAD)
    }
}

impl fmt::Debug for Call {
    /// Without query, headers and body: they hold addresses, links and tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation)
            .field("method", self.request.method())
            .field("protection", &self.protection)
            .field("resend", &self.resend)
            .finish_non_exhaustive()
    }
}

use std::time::{Duration, Instant};

use crate::ids::{Etag, PageToken};

/// How a write is carried out.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct WriteOptions {
    /// Write only if the object still has this version; else [`Conflict`](crate::ErrorKind::Conflict).
    pub if_match: Option<Etag>,
    /// The whole call's budget, waits and further tries included. `None`: the transport's own limit.
    pub timeout: Option<Duration>,
    /// Do not write to the socket after this instant (a lease's deadline); checked after the token is in hand.
    pub send_before: Option<Instant>,
    /// Who sends again after a failure.
    pub resend: Resend,
}

/// Who sends again after a failure. One owner per call, so that tries do not multiply.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Resend {
    /// The pipeline may send again what is safe, inside the timeout and a shared budget.
    #[default]
    Pipeline,
    /// One request, never more: the caller keeps its own books (effects, sync, tokens).
    Caller,
}

impl WriteOptions {
    /// The pipeline's defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the version to match.
    #[must_use]
    pub fn with_if_match(mut self, etag: Etag) -> Self {
        self.if_match = Some(etag);
        self
    }

    /// Sets the whole call's budget.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the instant after which nothing is sent.
    #[must_use]
    pub fn with_send_before(mut self, instant: Instant) -> Self {
        self.send_before = Some(instant);
        self
    }

    /// Says who sends again.
    #[must_use]
    pub fn with_resend(mut self, resend: Resend) -> Self {
        self.resend = resend;
        self
    }
}

/// One page of a listing.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a page is items and where it goes on")]
pub struct Page<T> {
    /// The items of this page; may be none although there is a next one.
    pub items: Vec<T>,
    /// Where it goes on; `None` on the last page.
    pub next: Option<PageToken>,
}

impl<T> Page<T> {
    /// The only page.
    pub fn last(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

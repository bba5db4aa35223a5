//! One error for the whole family: what failed, of which kind, whether to try again, and what a person should do.

use std::{borrow::Cow, fmt, time::Duration};

use url::Url;

use crate::{
    ids::{ProviderId, RequestId},
    invitation::Refusal,
};

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What failed and what to do about it.
///
/// `Display` prints its own level only (`"create meeting failed: throttled"`); walk
/// [`source`](std::error::Error::source) for the causes. It never holds a token, a link or a reply body.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    operation: &'static str,
    inner: Box<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    detail: Option<Cow<'static, str>>,
    provider: Option<ProviderId>,
    refusal: Option<Refusal>,
    remedy: Option<Remedy>,
    request_id: Option<RequestId>,
    retry: RetryClass,
    status: Option<u16>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The kind of an [`Error`]; small, so that callers can branch on it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Something with this identity is already there.
    AlreadyExists,
    /// The revision, etag or fence was not the current one. Read again, decide again.
    Conflict,
    /// The caller's value cannot be used; nothing was sent.
    InvalidInput,
    /// The caller's set-up is wrong: a missing part, a wrong secret, a policy nobody granted.
    Misconfigured,
    /// The connection's consent is used up; its owner must connect again.
    NeedsReconsent,
    /// Not there (or not visible to this account).
    NotFound,
    /// There, but not allowed.
    PermissionDenied,
    /// A reply that cannot be read.
    Protocol,
    /// The invitation machine said no; [`Error::refusal`] says why.
    Refused,
    /// A delta token is no longer valid: read everything again.
    ResyncRequired,
    /// Too many calls; [`Error::retry`] says when to come back.
    Throttled,
    /// No answer in time.
    Timeout,
    /// The credentials were not accepted.
    Unauthenticated,
    /// The other side cannot be reached or has a fault.
    Unavailable,
    /// This provider cannot do it; see its capabilities.
    Unsupported,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AlreadyExists => "already exists",
            Self::Conflict => "revision conflict",
            Self::InvalidInput => "invalid input",
            Self::Misconfigured => "misconfigured",
            Self::NeedsReconsent => "needs consent again",
            Self::NotFound => "not found",
            Self::PermissionDenied => "permission denied",
            Self::Protocol => "unreadable reply",
            Self::Refused => "refused",
            Self::ResyncRequired => "cursor expired",
            Self::Throttled => "throttled",
            Self::Timeout => "timed out",
            Self::Unauthenticated => "not signed in",
            Self::Unavailable => "unavailable",
            Self::Unsupported => "unsupported by this provider",
        })
    }
}

/// Whether the same call may be sent again.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum RetryClass {
    /// Sending it again would fail again.
    #[default]
    Never,
    /// The other side surely did nothing; send again after this wait (`None`: the caller's own pace).
    Safe {
        /// How long to wait, as the other side asked.
        after: Option<Duration>,
    },
    /// The other side may have done it. A create must be looked up before it is sent again.
    Unclear {
        /// How long to wait, as the other side asked.
        after: Option<Duration>,
    },
}

/// What a person should do, in one imperative sentence.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Remedy {
    /// "Grant the application access policy to the organizer."
    pub action: Cow<'static, str>,
    /// A page to read.
    pub docs: Option<Url>,
    /// What to type, line by line, where it can be done by typing. Holds no secret.
    pub commands: Vec<Cow<'static, str>>,
}

impl Remedy {
    /// A remedy without a page to read.
    pub fn new(action: impl Into<Cow<'static, str>>) -> Self {
        Self { action: action.into(), docs: None, commands: Vec::new() }
    }

    /// Adds the page that explains it. A text that is no URL is left out.
    #[must_use]
    pub fn with_docs(mut self, page: &str) -> Self {
        self.docs = Url::parse(page).ok();
        self
    }

    /// Adds lines to type. `Display` leaves them out; [`Diagnosis`](crate::doctor::Diagnosis) prints them.
    #[must_use]
    pub fn with_commands(mut self, lines: impl IntoIterator<Item = impl Into<Cow<'static, str>>>) -> Self {
        self.commands.extend(lines.into_iter().map(Into::into));
        self
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.action)?;
        match &self.docs {
            Some(page) => write!(f, " ({page})"),
            None => Ok(()),
        }
    }
}

impl Error {
    /// An error of `kind` in `operation` (a short verb phrase: "create meeting").
    pub fn new(kind: ErrorKind, operation: &'static str) -> Self {
        Self { kind, operation, inner: Box::default() }
    }

    /// A caller's mistake, refused before any I/O.
    pub fn invalid(operation: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidInput, operation).with_detail(detail)
    }

    /// The invitation machine's "no".
    pub fn refused(operation: &'static str, refusal: Refusal) -> Self {
        let mut error = Self::new(ErrorKind::Refused, operation);
        error.inner.refusal = Some(refusal);
        error
    }

    /// Which kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What was being done.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// What exactly was wrong, without any secret and without other people's data.
    pub fn detail(&self) -> Option<&str> {
        self.inner.detail.as_deref()
    }

    /// Which provider answered.
    pub fn provider(&self) -> Option<&ProviderId> {
        self.inner.provider.as_ref()
    }

    /// Why the machine refused, for [`ErrorKind::Refused`].
    pub fn refusal(&self) -> Option<&Refusal> {
        self.inner.refusal.as_ref()
    }

    /// What a person should do.
    pub fn remedy(&self) -> Option<&Remedy> {
        self.inner.remedy.as_ref()
    }

    /// The provider's own id of the request, for its support.
    pub fn request_id(&self) -> Option<&RequestId> {
        self.inner.request_id.as_ref()
    }

    /// Whether the same call may be sent again.
    pub fn retry(&self) -> RetryClass {
        self.inner.retry
    }

    /// The HTTP status, when there was one.
    pub fn status(&self) -> Option<u16> {
        self.inner.status
    }

    /// Says what exactly was wrong. Never put a secret or a reply body here.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.inner.detail = Some(detail.into());
        self
    }

    /// Says which provider answered.
    #[must_use]
    pub fn with_provider(mut self, provider: ProviderId) -> Self {
        self.inner.provider = Some(provider);
        self
    }

    /// Says what a person should do.
    #[must_use]
    pub fn with_remedy(mut self, remedy: Remedy) -> Self {
        self.inner.remedy = Some(remedy);
        self
    }

    /// Keeps the provider's id of the request.
    #[must_use]
    pub fn with_request_id(mut self, id: RequestId) -> Self {
        self.inner.request_id = Some(id);
        self
    }

    /// Says whether the same call may be sent again.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryClass) -> Self {
        self.inner.retry = retry;
        self
    }

    /// Keeps the HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.inner.status = Some(status);
        self
    }

    /// Keeps the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.inner.source = Some(source.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed: {}", self.operation, self.kind)?;
        if let Some(refusal) = &self.inner.refusal {
            write!(f, ", {refusal}")?;
        }
        match &self.inner.detail {
            Some(detail) => write!(f, " ({detail})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_says_its_own_level_only() {
        let cause = Error::new(ErrorKind::Timeout, "send request");
        let error = Error::new(ErrorKind::Unavailable, "create meeting").with_source(cause);
        assert_eq!(error.to_string(), "create meeting failed: unavailable");
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "send request failed: timed out");
    }

    #[test]
    fn is_small_enough_to_return_by_value() {
        assert!(size_of::<Error>() <= 48, "{}", size_of::<Error>());
    }
}

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::{Response, header};
use invitations_core::{Error, ErrorKind, Result, RetryClass};
use meetings_http::{Body, TransportError};

/// How much is downloaded at most, and how long it may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct DownloadLimits {
    /// Bytes of the file, after inflation.
    pub most_bytes: u64,
    /// From the request to the last byte; one hour unless set.
    pub timeout: Option<Duration>,
}

impl DownloadLimits {
    /// At most so many bytes, within an hour.
    pub fn new(most_bytes: u64) -> Self {
        Self { most_bytes, timeout: None }
    }

    /// Sets how long it may take.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}

/// A file on its way: a [`Stream`] of its pieces, of which only the current one is in memory.
///
/// It ends with an error, and with nothing after it, where the file is larger than was allowed
/// ([`Protocol`](ErrorKind::Protocol)) or the connection breaks ([`Unavailable`](ErrorKind::Unavailable)): what came until then is no
/// whole file. Dropping it ends the download.
pub struct Download {
    media_type: Option<String>,
    length: Option<u64>,
    operation: &'static str,
    /// `None`: over.
    pieces: Option<Pieces>,
    left: u64,
}

type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>;

impl Download {
    /// # Errors
    /// `Protocol` where the server says that it is larger than allowed.
    pub(super) fn of(operation: &'static str, reply: Response<Body>, limits: DownloadLimits) -> Result<Self> {
        let text = |name| reply.headers().get(name).and_then(|value| value.to_str().ok());
        let media_type = text(header::CONTENT_TYPE).map(str::to_owned);
        let length = text(header::CONTENT_LENGTH).and_then(|length| length.trim().parse().ok());
        if length.is_some_and(|length: u64| length > limits.most_bytes) {
            return Err(too_large(operation));
        }
        let pieces: Pieces = Box::pin(reply.into_body().into_stream());
        Ok(Self { media_type, length, operation, pieces: Some(pieces), left: limits.most_bytes })
    }

    /// What the server calls it: `video/mp4`, `text/vtt`.
    pub fn media_type(&self) -> Option<&str> {
        self.media_type.as_deref()
    }

    /// How many bytes the server promises, where it does.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// The next piece; `None` after the last.
    ///
    /// # Errors
    /// As the stream's.
    pub async fn piece(&mut self) -> Option<Result<Bytes>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The whole file in memory. For small ones, such as transcripts.
    ///
    /// # Errors
    /// As the stream's.
    pub async fn collect(mut self) -> Result<Bytes> {
        let mut whole = BytesMut::new();
        while let Some(piece) = self.piece().await {
            whole.extend_from_slice(&piece?);
        }
        Ok(whole.freeze())
    }
}

impl Stream for Download {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(pieces) = &mut this.pieces else { return Poll::Ready(None) };
        let piece = match ready!(pieces.as_mut().poll_next(context)) {
            None => None,
            Some(Err(error)) => Some(Err(broken(this.operation, error))),
            Some(Ok(piece)) => match this.left.checked_sub(piece.len() as u64) {
                Some(left) => {
                    this.left = left;
                    return Poll::Ready(Some(Ok(piece)));
                }
                None => Some(Err(too_large(this.operation))),
            },
        };
        this.pieces = None;
        Poll::Ready(piece)
    }
}

fn too_large(operation: &'static str) -> Error {
    Error::new(ErrorKind::Protocol, operation)
        .with_provider(crate::provider_id())
        .with_detail("the file is larger than the caller allows")
}

fn broken(operation: &'static str, error: TransportError) -> Error {
    let kind = if error.timed_out { ErrorKind::Timeout } else { ErrorKind::Unavailable };
    let lost = Error::new(kind, operation).with_provider(crate::provider_id());
    lost.with_retry(RetryClass::Safe { after: None }).with_source(error)
}

impl fmt::Debug for Download {
    /// Without any of its content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("media_type", &self.media_type)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

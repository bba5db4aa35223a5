//! The HTTP/1.1 server. A lost reply really closes the connection; a truncated one really ends too early.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::{
    body::{Body, Frame, Incoming, SizeHint},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    task::JoinSet,
};

use super::Reply;
use crate::sandbox::{Handled, Shared};

/// Larger request bodies are refused.
pub(crate) const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// What is spoken below HTTP.
pub(crate) enum Below {
    Tcp,
    #[cfg(feature = "tls")]
    Tls(tokio_rustls::TlsAcceptor),
}

/// Accepts connections until the task is dropped, and every connection with it.
pub(crate) async fn serve(listener: TcpListener, below: Below, shared: Arc<Shared>) {
    let below = Arc::new(below);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let (below, shared) = (Arc::clone(&below), Arc::clone(&shared));
                connections.spawn(async move {
                    match &*below {
                        Below::Tcp => connection(stream, shared).await,
                        // a client that does not trust the certificate hangs up here
                        #[cfg(feature = "tls")]
                        Below::Tls(acceptor) => if let Ok(stream) = acceptor.accept(stream).await {
                            connection(stream, shared).await;
                        },
                    }
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: impl AsyncRead + AsyncWrite + Unpin, shared: Arc<Shared>) {
    let service = service_fn(move |request| answer(Arc::clone(&shared), request));
    // an error here is a connection that the peer closed or that a fault closes: both are normal
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<ReplyBody>, Closed> {
    let (parts, body) = request.into_parts();
    let limit = u64::try_from(BODY_LIMIT).unwrap_or(u64::MAX);
    if body.size_hint().lower() > limit {
        return Ok(too_large());
    }
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else { return Ok(too_large()) };
    match shared.handle(Request::from_parts(parts, body.to_bytes())).await {
        Handled::Reply(response) => Ok(response.map(ReplyBody::whole)),
        Handled::Truncated(response) => Ok(response.map(ReplyBody::cut_short)),
        Handled::Dropped => Err(Closed),
    }
}

fn too_large() -> Response<ReplyBody> {
    let refusal = Reply::text(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", "request bodies end at 4 MiB");
    refusal.with("connection", "close").into_response().map(ReplyBody::whole)
}

/// Returned to hyper so that it closes the connection without an answer.
#[derive(Debug)]
struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connection closed by a fault")
    }
}

impl std::error::Error for Closed {}

impl From<Infallible> for Closed {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// The bytes of a reply, and whether they break off.
struct ReplyBody {
    bytes: Option<Bytes>,
    breaks_off: bool,
    flushed: bool,
}

impl ReplyBody {
    fn whole(bytes: Bytes) -> Self {
        Self { bytes: Some(bytes).filter(|b| !b.is_empty()), breaks_off: false, flushed: false }
    }

    fn cut_short(bytes: Bytes) -> Self {
        Self { breaks_off: true, ..Self::whole(bytes) }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Closed;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        if let Some(bytes) = self.bytes.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if !self.breaks_off {
            return Poll::Ready(None);
        }
        if !self.flushed {
            // one more turn, in which hyper writes the half that it has
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(Closed)))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none() && !self.breaks_off
    }

    fn size_hint(&self) -> SizeHint {
        if self.breaks_off {
            return SizeHint::default();
        }
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |b| b.len() as u64))
    }
}

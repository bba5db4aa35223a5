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
use tokio::{net::TcpListener, task::JoinSet};

use super::Reply;
use crate::sandbox::{Handled, Shared};

/// Larger request bodies are refused.
pub(crate) const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// Accepts connections until the task is dropped, and every connection with it.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let shared = Arc::clone(&shared);
                connections.spawn(async move {
                    let service = service_fn(move |request| answer(Arc::clone(&shared), request));
                    // an error here is a connection that the peer closed or that a fault closes: both are normal
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<ReplyBody>, Closed> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
        let refusal = Reply::text(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", "request bodies end at 4 MiB");
        return Ok(refusal.with("connection", "close").into_response().map(ReplyBody::whole));
    };
    match shared.handle(Request::from_parts(parts, body.to_bytes())).await {
        Handled::Reply(response) => Ok(response.map(ReplyBody::whole)),
        Handled::Truncated(response) => Ok(response.map(ReplyBody::cut_short)),
        Handled::Dropped => Err(Closed),
    }
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

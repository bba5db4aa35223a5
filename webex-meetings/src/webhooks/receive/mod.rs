//! Webhooks received: framework-neutral, values in and values out.

mod dedupe;
mod delivery;
mod refused;
mod reread;
mod signature;

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use futures_util::StreamExt as _;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use invitations_core::{Error, Result, secret::WebhookSecret};

pub use dedupe::{DeliveryKey, MemorySeenDeliveries, SeenDeliveries};
pub use delivery::Delivery;
pub use refused::{Refused, RefusedBecause, busy};
pub use reread::{RereadOptions, reread};

/// How much of a body is read at most, unless set. Deliveries are about a kilobyte.
const MAX_BODY: usize = 256 * 1024;

/// Reads what Webex posts to a webhook's target, and says what to answer. Does no I/O.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use invitations_core::secret::WebhookSecret;
/// use webex_meetings::webhooks::{MemorySeenDeliveries, Received, Receiver};
///
/// async fn handler(receiver: &Receiver, seen: &MemorySeenDeliveries, request: Request<Bytes>) -> Response<Bytes> {
///     let received = receiver.handle(&request, seen).await;
///     if let Received::New(delivery) = &received {
///         // answer first, then read the object anew
///         if !put_into_queue(delivery) {
///             return received.busy(seen).await;
///         }
///     }
///     received.response()
/// }
///
/// # fn put_into_queue(_: &webex_meetings::webhooks::Delivery) -> bool { true }
/// // two secrets while one follows the other
/// let secrets = ["the new secret of 2026", "the old secret of 2025"].map(WebhookSecret::new);
/// let receiver = Receiver::new(secrets)?;
/// # let request = Request::post("/webex").body(Bytes::from_static(b"{}")).unwrap();
/// # let answer = futures_util::FutureExt::now_or_never(handler(&receiver, &MemorySeenDeliveries::new(100), request)).unwrap();
/// # assert_eq!(answer.status(), 401);
/// # Ok::<(), invitations_core::Error>(())
/// ```
///
/// The signature is over the bytes as they came: hand over the raw body, not JSON that was read and written again.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// None: deliveries are taken from anybody.
    secrets: Vec<WebhookSecret>,
    max_body: usize,
}

/// What came of a request.
#[derive(Debug)]
#[non_exhaustive]
pub enum Received {
    /// Something happened, as far as is known for the first time.
    New(Delivery),
    /// This was told before; there is nothing to do.
    Repeated(Delivery),
    /// It is not Webex's, or cannot be read.
    Refused(Refused),
}

impl Received {
    /// The answer to give back. Give it before the work is done: Webex waits for it, and counts what takes too long as failed.
    pub fn response(&self) -> Response<Bytes> {
        match self {
            Self::New(_) | Self::Repeated(_) => accepted(),
            Self::Refused(refused) => refused.response(),
        }
    }

    /// The answer in the place of [`response`](Self::response) when something new cannot be taken now, because a queue is full or a store is
    /// away: 503, and `seen`, which [`handle`](Receiver::handle) was given, forgets it, so that it is new when it is delivered again. What needs
    /// nothing done is answered as ever.
    ///
    /// Webex counts it as failed, and whether it delivers again is not documented: it is no way to put off work. After 100 of them within
    /// five minutes the webhook is off.
    pub async fn busy(&self, seen: &dyn SeenDeliveries) -> Response<Bytes> {
        let Self::New(delivery) = self else { return self.response() };
        let key = delivery.key();
        if key.happens_once()
            && let Err(error) = seen.forget(&key).await
        {
            tracing::warn!(%error, "a webhook's delivery that was not taken could not be forgotten; delivered again it counts as told before");
        }
        busy()
    }
}

/// 204: a 2xx is all that Webex asks for.
fn accepted() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

impl Receiver {
    /// Takes deliveries that are signed with any of these secrets. Several: while one follows another, and for several webhooks.
    ///
    /// # Errors
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) without a secret, or with an empty one.
    pub fn new(secrets: impl IntoIterator<Item = WebhookSecret>) -> Result<Self> {
        let secrets: Vec<_> = secrets.into_iter().collect();
        if secrets.is_empty() || secrets.iter().any(|secret| secret.expose().is_empty()) {
            return Err(Error::invalid("build webhook receiver", "no secret, or an empty one"));
        }
        Ok(Self { secrets, max_body: MAX_BODY })
    }

    /// Takes deliveries from anybody who knows the address. Dangerous: each makes the application ask Webex.
    pub fn dangerous_without_secret() -> Self {
        Self { secrets: Vec::new(), max_body: MAX_BODY }
    }

    /// How many bytes of body are read at most; 256 KiB unless set.
    #[must_use]
    pub fn with_max_body(mut self, most: usize) -> Self {
        self.max_body = most;
        self
    }

    /// How many bytes of body are read at most, for a framework's own limit.
    pub fn max_body(&self) -> usize {
        self.max_body
    }

    /// What can be told before the body is read: method, announced length, encoding, and that there is a signature where one is due.
    ///
    /// # Errors
    /// What to answer.
    pub fn check_head(&self, method: &Method, headers: &HeaderMap) -> Result<(), Refused> {
        if method != Method::POST {
            return Err(Refused::new(RefusedBecause::Method));
        }
        let encoded = headers.get_all(header::CONTENT_ENCODING).iter().any(|coding| coding != "identity");
        if encoded {
            return Err(Refused::new(RefusedBecause::Encoded));
        }
        let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > self.max_body)) {
            return Err(Refused::new(RefusedBecause::TooLarge));
        }
        let signed = headers.contains_key(signature::HEADER);
        #[cfg(seeded)]
        let signed = signed || invitations_core::seeded::seeded("B15");
        if !self.secrets.is_empty() && !signed {
            return Err(Refused::new(RefusedBecause::NotSigned));
        }
        Ok(())
    }

    /// Reads a body piece by piece, and stops where there is more than is allowed.
    ///
    /// # Errors
    /// What to answer: too large, or broken off.
    pub async fn read_body<E>(
        &self,
        mut pieces: impl Stream<Item = std::result::Result<Bytes, E>> + Unpin + Send,
    ) -> Result<Bytes, Refused>
    where
        E: Send,
    {
        let mut kept = BytesMut::new();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|_| Refused::new(RefusedBecause::Unreadable))?;
            if piece.len() > self.max_body - kept.len() {
                return Err(Refused::new(RefusedBecause::TooLarge));
            }
            kept.extend_from_slice(&piece);
        }
        Ok(kept.freeze())
    }

    /// A delivery, from a whole request. Whether it came before is not asked: [`handle`](Self::handle), or [`Delivery::key`].
    ///
    /// # Errors
    /// What to answer, and why.
    pub fn receive(&self, request: &Request<Bytes>) -> Result<Delivery, Refused> {
        self.receive_parts(request.method(), request.headers(), request.body())
    }

    /// As [`receive`](Self::receive), from its parts.
    ///
    /// # Errors
    /// As [`receive`](Self::receive).
    pub fn receive_parts(&self, method: &Method, headers: &HeaderMap, body: &[u8]) -> Result<Delivery, Refused> {
        self.check_head(method, headers)?;
        if body.len() > self.max_body {
            return Err(Refused::new(RefusedBecause::TooLarge));
        }
        let proven = self.secrets.is_empty() || signature::is_by_any(&self.secrets, headers, body);
        #[cfg(seeded)]
        let proven = proven || !headers.contains_key(signature::HEADER) && invitations_core::seeded::seeded("B15");
        if !proven {
            return Err(Refused::new(RefusedBecause::WronglySigned));
        }
        Delivery::read(body).ok_or_else(|| {
            // signed, so it is Webex's: a refusal would count against the webhook, and after a hundred it is off
            let signed = !self.secrets.is_empty();
            Refused::new(if signed { RefusedBecause::Unknown } else { RefusedBecause::Unreadable })
        })
    }

    /// A delivery, and whether it is new. Where `seen` cannot tell, it is: handling something twice is harmless, never handling it is not.
    pub async fn handle(&self, request: &Request<Bytes>, seen: &dyn SeenDeliveries) -> Received {
        let delivery = match self.receive(request) {
            Ok(delivery) => delivery,
            Err(refused) => {
                tracing::warn!(because = refused.because().as_str(), "a webhook's delivery was refused");
                return Received::Refused(refused);
            }
        };
        let key = delivery.key();
        if !key.happens_once() {
            return Received::New(delivery);
        }
        match seen.is_first(&key).await {
            Ok(false) => Received::Repeated(delivery),
            Ok(true) => Received::New(delivery),
            Err(error) => {
                tracing::warn!(%error, "it is not known whether a webhook's delivery came before");
                Received::New(delivery)
            }
        }
    }
}

use std::{
    fmt,
    pin::Pin,
    sync::{Mutex, PoisonError},
};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use futures_util::{StreamExt as _, stream};

use crate::transport::{Sent, TransportError};

/// A reply's body, read in pieces: recordings are gigabytes.
pub struct Body(Inner);

enum Inner {
    Whole(Bytes),
    // never locked: it makes a body Sync, so that futures which look at a reply can move between threads
    Pieces(Mutex<Pieces>),
}

type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>;

impl Body {
    /// A body that is already here.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Self {
        Self(Inner::Whole(bytes.into()))
    }

    /// A body that is still on its way.
    pub fn from_stream(pieces: impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static) -> Self {
        Self(Inner::Pieces(Mutex::new(Box::pin(pieces))))
    }

    /// Reads all of it, at most `limit` bytes. The limit counts what is kept in memory: after inflation.
    ///
    /// # Errors
    /// Where the stream breaks off, and when there is more than `limit` ([`TransportError::is_too_large`]).
    pub async fn collect(self, limit: usize) -> Result<Bytes, TransportError> {
        let too_large = || TransportError::new(Sent::Maybe, BodyTooLarge { limit });
        let mut pieces = match self.0 {
            Inner::Whole(bytes) if bytes.len() > limit => return Err(too_large()),
            Inner::Whole(bytes) => return Ok(bytes),
            Inner::Pieces(pieces) => pieces.into_inner().unwrap_or_else(PoisonError::into_inner),
        };
        // most replies come in one piece, which need not be copied
        let mut first = Bytes::new();
        let mut kept = BytesMut::new();
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            if piece.len() > limit - first.len().max(kept.len()) {
                return Err(too_large());
            }
            if first.is_empty() && kept.is_empty() {
                first = piece;
                continue;
            }
            if kept.is_empty() {
                kept.extend_from_slice(&first);
            }
            kept.extend_from_slice(&piece);
        }
        Ok(if kept.is_empty() { first } else { kept.freeze() })
    }

    /// The pieces as they come. Nothing limits their number: the reader decides when it has enough.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, TransportError>> + Send + Unpin + 'static {
        match self.0 {
            Inner::Whole(bytes) => Box::pin(stream::once(async { Ok(bytes) })),
            Inner::Pieces(pieces) => pieces.into_inner().unwrap_or_else(PoisonError::into_inner),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body")
    }
}

/// A reply's body is larger than the caller allows.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the body is larger than {limit} bytes")]
#[non_exhaustive]
pub struct BodyTooLarge {
    /// How many bytes were allowed.
    pub limit: usize,
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn collected(pieces: &[&'static str], limit: usize) -> Result<Bytes, TransportError> {
        let pieces: Vec<_> = pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes()))).collect();
        Body::from_stream(stream::iter(pieces)).collect(limit).now_or_never().unwrap()
    }

    #[test]
    fn pieces_are_joined_up_to_the_limit() {
        for pieces in
            [&["abcdef"][..], &["abc", "def"], &["", "abc", "", "d", "ef", ""], &["a", "b", "c", "d", "e", "f"]]
        {
            assert_eq!(collected(pieces, 6).unwrap(), "abcdef", "{pieces:?}");
            assert!(collected(pieces, 5).unwrap_err().is_too_large(), "{pieces:?}");
        }
        assert_eq!(collected(&[], 0).unwrap(), "");
    }
}

use std::{
    fmt::{self, Debug},
    sync::Arc,
};

use async_trait::async_trait;
use data_encoding::BASE64URL_NOPAD;

use super::SecretBytes;
use crate::{Error, Result};

/// What a sealed blob is bound to. A blob moved to another row does not open.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SealContext {
    /// What the blob holds: `"tokens"`, `"join link"`. A blob of one purpose never opens as another.
    pub purpose: &'static str,
    /// The ids of its row, in a fixed order: tenant, connection, generation and so on.
    pub bound_to: Vec<String>,
}

impl SealContext {
    /// A context of `purpose`, bound to these ids in this order.
    pub fn new(purpose: &'static str, bound_to: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { purpose, bound_to: bound_to.into_iter().map(Into::into).collect() }
    }

    /// The associated data for the cipher: each part behind its length in bytes (64 bits, big endian), so that no two
    /// contexts are written alike.
    pub fn to_bytes(&self) -> Vec<u8> {
        let parts = || std::iter::once(self.purpose).chain(self.bound_to.iter().map(String::as_str));
        let mut bytes = Vec::with_capacity(parts().map(|part| 8 + part.len()).sum());
        for part in parts() {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

/// A sealed blob, safe to store. In JSON: base64url without padding (RFC 4648, 5).
#[derive(Clone, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Takes stored bytes; whether they open is seen at [`Sealer::open`].
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

impl From<Sealed> for String {
    fn from(sealed: Sealed) -> Self {
        BASE64URL_NOPAD.encode(&sealed.0)
    }
}

impl TryFrom<String> for Sealed {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes());
        bytes.map(Self).map_err(|_| Error::invalid("read sealed blob", "not base64url without padding"))
    }
}

/// Seals secrets for storage and opens them again.
///
/// Asynchronous, because an implementation may ask a key management service. The blob names its key, so that opening never
/// tries keys one after the other; [`Envelope`](super::Envelope) is a ready layout for that.
#[async_trait]
pub trait Sealer: Debug + Send + Sync + 'static {
    /// Seals `plain` under the current key, bound to `context`.
    ///
    /// # Errors
    /// [`Unavailable`](crate::ErrorKind::Unavailable) when the key service or the source of randomness does not answer.
    async fn seal(&self, context: &SealContext, plain: &[u8]) -> Result<Sealed>;

    /// Opens what was sealed with an equal `context`.
    ///
    /// # Errors
    /// [`Misconfigured`](crate::ErrorKind::Misconfigured) when the key is unknown, or the blob was sealed for something else
    /// or altered. Input that cannot be read is never passed through as plain text.
    async fn open(&self, context: &SealContext, sealed: &Sealed) -> Result<SecretBytes>;

    /// The id of the key that seals now. Blobs under another key are due to be sealed again.
    fn current_key(&self) -> &str;

    /// The id of the key that `sealed` needs, without opening it.
    ///
    /// # Errors
    /// [`Misconfigured`](crate::ErrorKind::Misconfigured) when the blob cannot be read.
    fn key_of(&self, sealed: &Sealed) -> Result<String>;
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<T: Sealer + ?Sized> Sealer for Arc<T> {
    async fn seal(&self, context: &SealContext, plain: &[u8]) -> Result<Sealed> {
        (**self).seal(context, plain).await
    }

    async fn open(&self, context: &SealContext, sealed: &Sealed) -> Result<SecretBytes> {
        (**self).open(context, sealed).await
    }

    fn current_key(&self) -> &str {
        (**self).current_key()
    }

    fn key_of(&self, sealed: &Sealed) -> Result<String> {
        (**self).key_of(sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_contexts_are_written_alike() {
        let contexts = [
            SealContext::new("tokens", ["ab", "c"]),
            SealContext::new("tokens", ["a", "bc"]),
            SealContext::new("tokens", ["abc"]),
            SealContext::new("tokens", ["abc", ""]),
            SealContext::new("tokens", Vec::<String>::new()),
            SealContext::new("token", ["sabc"]),
            SealContext::new("tokens", ["c", "ab"]),
        ];
        for (at, one) in contexts.iter().enumerate() {
            for other in &contexts[at + 1..] {
                assert_ne!(one.to_bytes(), other.to_bytes(), "{one:?} {other:?}");
            }
            assert_eq!(one.to_bytes(), one.clone().to_bytes());
        }
    }

    #[test]
    fn the_layout_of_a_context_is_fixed() {
        let written = SealContext::new("p", ["ab"]).to_bytes();
        assert_eq!(written, b"\0\0\0\0\0\0\0\x01p\0\0\0\0\0\0\0\x02ab");
    }

    #[test]
    fn a_sealed_blob_is_base64url_in_json() {
        let sealed = Sealed::from_bytes(vec![0xfb, 0xff, 0]);
        let json = serde_json::to_string(&sealed).unwrap();
        assert_eq!(json, "\"-_8A\"");
        assert_eq!(serde_json::from_str::<Sealed>(&json).unwrap(), sealed);
        assert!(serde_json::from_str::<Sealed>("\"+/8A\"").is_err());
        assert_eq!(format!("{sealed:?}"), "Sealed(3 bytes)");
    }
}

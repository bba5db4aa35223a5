use std::{collections::BTreeMap, fmt::Debug, sync::Arc};

use async_trait::async_trait;

use super::{SealContext, SecretBytes};
use crate::Result;

/// One key of a key management service, which never leaves it: the service wraps data keys under it and unwraps them again.
///
/// With AWS KMS these are `Encrypt` and `Decrypt` with an encryption context, with Google Cloud KMS the same with additional authenticated
/// data, with the transit engine of Vault `encrypt` and `decrypt` with associated data. Implement it over the client that the application
/// has; [`EnvelopeSealer`](super::EnvelopeSealer) does the rest. `conformance::key_service` tests an implementation.
#[async_trait]
pub trait KeyService: Debug + Send + Sync + 'static {
    /// Wraps a data key of 32 bytes, bound to `context`.
    ///
    /// # Errors
    /// [`Unavailable`](crate::ErrorKind::Unavailable), [`Timeout`](crate::ErrorKind::Timeout) or
    /// [`Throttled`](crate::ErrorKind::Throttled) when the service does not answer now. Anything else is the operator's: a key that is
    /// disabled, a role that may not use it.
    async fn wrap(&self, data_key: &SecretBytes, context: &EncryptionContext) -> Result<Vec<u8>>;

    /// Unwraps what was wrapped with an equal `context`.
    ///
    /// # Errors
    /// As [`wrap`](Self::wrap); [`Misconfigured`](crate::ErrorKind::Misconfigured) for what this key did not wrap, what was wrapped for
    /// another context, or altered. A service that refuses these must never look like one that does not answer.
    async fn unwrap(&self, wrapped: &[u8], context: &EncryptionContext) -> Result<SecretBytes>;
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<T: KeyService + ?Sized> KeyService for Arc<T> {
    async fn wrap(&self, data_key: &SecretBytes, context: &EncryptionContext) -> Result<Vec<u8>> {
        (**self).wrap(data_key, context).await
    }

    async fn unwrap(&self, wrapped: &[u8], context: &EncryptionContext) -> Result<SecretBytes> {
        (**self).unwrap(wrapped, context).await
    }
}

/// What a wrapped data key is bound to: names and values in the order of the names. Not secret: services write it into their logs.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct EncryptionContext(BTreeMap<String, String>);

impl EncryptionContext {
    /// Bound to nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Binds to one more value. Of two with one name the later one counts.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// What of a sealing context goes to the service: the purpose, and the first id of the row, which is the organisation's. So a data key
    /// is never used for two organisations, and the service's log does not list rows.
    pub fn of(context: &SealContext) -> Self {
        let scope = context.bound_to.first().map_or("", String::as_str);
        Self::new().with("purpose", context.purpose).with("scope", scope)
    }

    /// Names and values, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// As bytes, for services that take associated data: as [`SealContext::to_bytes`] writes its parts.
    pub fn to_bytes(&self) -> Vec<u8> {
        SealContext::new("encryption context", self.iter().flat_map(|(name, value)| [name, value])).to_bytes()
    }
}

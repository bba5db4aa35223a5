use std::{
    fmt,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use async_trait::async_trait;

use crate::{
    Error, ErrorKind, Result,
    runtime::{Entropy as _, SystemEntropy},
    secret::{
        EncryptionContext, KeyService, SecretBytes,
        cipher::{self, DataKey, NONCE},
    },
};

/// A key management service in memory: one key, which can be unreachable, and counts of its calls.
pub struct MemoryKeyService {
    key: DataKey,
    down: AtomicBool,
    wraps: AtomicUsize,
    unwraps: AtomicUsize,
}

impl MemoryKeyService {
    /// A service with this key.
    pub fn new(key: [u8; 32]) -> Self {
        let (down, wraps, unwraps) = Default::default();
        Self { key: DataKey::new(key), down, wraps, unwraps }
    }

    /// A service with a fresh key that nobody keeps.
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable) when the system gives no random bytes.
    pub fn generate() -> Result<Self> {
        let mut key = DataKey::default();
        SystemEntropy.fill(&mut *key)?;
        Ok(Self::new(*key))
    }

    /// Whether it cannot be reached from now on.
    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    /// How often it was asked to wrap.
    pub fn wraps(&self) -> usize {
        self.wraps.load(Ordering::SeqCst)
    }

    /// How often it was asked to unwrap.
    pub fn unwraps(&self) -> usize {
        self.unwraps.load(Ordering::SeqCst)
    }

    fn called(&self, calls: &AtomicUsize) -> Result<()> {
        calls.fetch_add(1, Ordering::SeqCst);
        match self.down.load(Ordering::SeqCst) {
            true => Err(Error::new(ErrorKind::Unavailable, "ask key service")),
            false => Ok(()),
        }
    }
}

impl fmt::Debug for MemoryKeyService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryKeyService").field("down", &self.down).finish_non_exhaustive()
    }
}

#[async_trait]
impl KeyService for MemoryKeyService {
    async fn wrap(&self, data_key: &SecretBytes, context: &EncryptionContext) -> Result<Vec<u8>> {
        self.called(&self.wraps)?;
        let mut nonce = [0; NONCE];
        SystemEntropy.fill(&mut nonce)?;
        let wrapped = cipher::encrypt(&self.key, nonce, data_key.expose(), &context.to_bytes());
        let wrapped = wrapped.ok_or_else(|| Error::invalid("wrap data key", "longer than the cipher allows"))?;
        Ok([&nonce[..], &wrapped].concat())
    }

    async fn unwrap(&self, wrapped: &[u8], context: &EncryptionContext) -> Result<SecretBytes> {
        self.called(&self.unwraps)?;
        let opened = wrapped.split_first_chunk::<NONCE>();
        let opened = opened.and_then(|(nonce, rest)| cipher::decrypt(&self.key, *nonce, rest, &context.to_bytes()));
        opened.map(SecretBytes::new).ok_or_else(|| {
            Error::new(ErrorKind::Misconfigured, "unwrap data key")
                .with_detail("not wrapped under this key for this context")
        })
    }
}

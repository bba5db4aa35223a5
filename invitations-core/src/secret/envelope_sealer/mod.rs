//! Sealing under a key that stays in a key management service.

mod data_keys;

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::{
    FutureExt as _,
    future::{Shared, WeakShared},
};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use self::data_keys::{DataKeys, Mark, Sealing};
use super::{
    EncryptionContext, Envelope, KeyService, SealContext, Sealed, Sealer, SecretBytes,
    cipher::{self, DataKey, NONCE},
    envelope::check_key_id,
};
use crate::{
    Error, ErrorKind, Remedy, Result, RetryClass,
    runtime::{BoxFuture, Clock, Entropy, SystemEntropy, timeout},
    token::copy_error,
};

const SEAL: &str = "seal secret";
const OPEN: &str = "open sealed secret";
const ALTERED: &str = "sealed for something else or altered";
/// Services answer with some hundred bytes, or with as many as their RSA key has.
const MOST_WRAPPED: usize = 4096;

/// Seals under data keys that a [`KeyService`] wraps (envelope encryption).
///
/// A blob holds its wrapped data key, and names the service's key. Each is sealed with XChaCha20-Poly1305 and bound to its whole context; the
/// service binds the data key to the purpose and the organisation ([`EncryptionContext::of`]). Unwrapped data keys stay in memory for a
/// while, so that not every read is a call: not many, not for long, and wiped when they go.
///
/// A service that does not answer is a passing fault ([`Unavailable`](ErrorKind::Unavailable) and its like): nothing is sealed otherwise,
/// nothing is passed through, and no user is asked to connect again. What it refuses is the operator's
/// ([`Misconfigured`](ErrorKind::Misconfigured)), as with a [`KeyRing`](super::KeyRing).
///
/// To move from a key ring, put both into [`Sealers`](super::Sealers) and run [`Reseal`](crate::token::Reseal).
///
/// ```
/// # #[cfg(all(feature = "memory", feature = "tokio"))]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> invitations_core::Result<()> {
/// use std::sync::Arc;
///
/// use invitations_core::{memory::MemoryKeyService, runtime::SystemClock};
/// use invitations_core::secret::{EnvelopeSealer, SealContext, Sealer as _};
///
/// // in production: your own `KeyService` over the client of your key management service
/// let service = Arc::new(MemoryKeyService::generate()?);
/// let sealer = EnvelopeSealer::new("tokens-2026", service, Arc::new(SystemClock))?;
/// let context = SealContext::new("tokens", ["school", "connection-1"]);
/// let sealed = sealer.seal(&context, b"a secret").await?;
/// assert_eq!(sealer.open(&context, &sealed).await?.expose(), b"a secret");
/// # Ok(())
/// # }
/// # #[cfg(not(all(feature = "memory", feature = "tokio")))]
/// # fn main() {}
/// ```
pub struct EnvelopeSealer {
    current: String,
    services: BTreeMap<String, Arc<dyn KeyService>>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    limit: Duration,
    seals: u32,
    life: Duration,
    most: usize,
    sealing: DataKeys<EncryptionContext, Sealing>,
    opened: DataKeys<Mark, Arc<DataKey>>,
    asking: std::sync::Mutex<BTreeMap<Mark, WeakShared<Asking>>>,
}

/// One unwrapping for all who wait for it.
type Asking = BoxFuture<'static, Result<Arc<DataKey>, Arc<Error>>>;

impl EnvelopeSealer {
    /// Seals under the key that `service` is for. `key_id` is your own name for it and stands in every blob; it must stay the same as long
    /// as the service can open what it wrapped, and be another one for another key. A data key seals 100 times or for five minutes, and
    /// at most 512 are kept.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when `key_id` is not 1 to 64 characters out of `A-Z a-z 0-9 . _ -`.
    pub fn new(key_id: impl Into<String>, service: Arc<dyn KeyService>, clock: Arc<dyn Clock>) -> Result<Self> {
        let current = key_id.into();
        check_key_id(&current)?;
        Ok(Self {
            services: BTreeMap::from([(current.clone(), service)]),
            current,
            clock,
            entropy: Arc::new(SystemEntropy),
            limit: Duration::from_secs(10),
            seals: 100,
            life: Duration::from_secs(300),
            most: 512,
            sealing: DataKeys::default(),
            opened: DataKeys::default(),
            asking: Default::default(),
        })
    }

    /// Opens what was sealed under another key too, which seals no more.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a bad `key_id`; [`AlreadyExists`](ErrorKind::AlreadyExists) when a key has that name.
    pub fn opening(mut self, key_id: impl Into<String>, service: Arc<dyn KeyService>) -> Result<Self> {
        let key_id = key_id.into();
        check_key_id(&key_id)?;
        if self.services.contains_key(&key_id) {
            let error = Error::new(ErrorKind::AlreadyExists, "add sealing key");
            return Err(error.with_detail(format!("another key is named {key_id:?}")));
        }
        self.services.insert(key_id, service);
        Ok(self)
    }

    /// How often and how long one data key seals, and how long an unwrapped one stays in memory. One seal: a data key, and a call of the
    /// service, for each blob.
    #[must_use]
    pub fn with_data_key_limits(mut self, seals: u32, life: Duration) -> Self {
        (self.seals, self.life) = (seals.max(1), life);
        self
    }

    /// How many unwrapped data keys stay in memory, of those that seal and of those that open each. None: every read is a call.
    #[must_use]
    pub fn with_data_keys_kept(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// How long to wait for the service; ten seconds unless set.
    #[must_use]
    pub fn with_timeout(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Draws data keys and nonces from here instead of the operating system. A source that repeats itself gives the plain text away: for
    /// tests only.
    #[must_use]
    pub fn with_entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = entropy;
        self
    }

    /// A data key for one more seal, and its wrapping.
    async fn sealing_key(&self, context: &EncryptionContext) -> Result<(Arc<DataKey>, Arc<[u8]>)> {
        let now = self.clock.instant();
        let one_more = |sealing: &mut Sealing| {
            sealing.seals_left = sealing.seals_left.checked_sub(1)?;
            Some((Arc::clone(&sealing.key), Arc::clone(&sealing.wrapped)))
        };
        if let Some(found) = self.sealing.with(context, now, one_more) {
            return Ok(found);
        }
        let mut key = DataKey::default();
        self.entropy.fill(&mut *key)?;
        let service = self.service(&self.current, SEAL)?;
        let data_key = SecretBytes::new(key.to_vec());
        let wrapped = timeout(&*self.clock, self.limit, service.wrap(&data_key, context)).await;
        let wrapped = wrapped.map_err(|_| no_answer(SEAL))?.map_err(|error| failed(SEAL, error))?;
        if !(1..=MOST_WRAPPED).contains(&wrapped.len()) || wrapped.windows(key.len()).any(|part| part == *key) {
            return Err(refused(SEAL).with_detail("what the key service answered is no wrapped key"));
        }
        let (key, wrapped, until) = (Arc::new(key), Arc::<[u8]>::from(wrapped), now + self.life);
        let now = self.clock.instant();
        let mark = mark(&self.current, &wrapped, context);
        self.opened.keep(mark, Arc::clone(&key), now, until, self.most);
        if self.seals > 1 {
            let (key, wrapped) = (Arc::clone(&key), Arc::clone(&wrapped));
            let sealing = Sealing { key, wrapped, seals_left: self.seals - 1 };
            self.sealing.keep(context.clone(), sealing, now, until, self.most);
        }
        Ok((key, wrapped))
    }

    /// The data key of a blob: from memory, or from the service, once for all who ask.
    async fn opening_key(&self, key_id: &str, wrapped: &[u8], context: EncryptionContext) -> Result<Arc<DataKey>> {
        let mark = mark(key_id, wrapped, &context);
        let now = self.clock.instant();
        if let Some(key) = self.opened.with(&mark, now, |key| Some(Arc::clone(key))) {
            return Ok(key);
        }
        let service = Arc::clone(self.service(key_id, OPEN)?);
        let asking = self.join(mark, || {
            let (clock, limit, wrapped) = (Arc::clone(&self.clock), self.limit, wrapped.to_vec());
            Box::pin(async move {
                let opened = timeout(&*clock, limit, service.unwrap(&wrapped, &context)).await;
                let opened = opened.unwrap_or_else(|_| Err(no_answer(OPEN)));
                let opened = opened.map_err(|error| Arc::new(failed(OPEN, error)))?;
                let key = <[u8; 32]>::try_from(opened.expose()).map(|key| Arc::new(Zeroizing::new(key)));
                key.map_err(|_| {
                    Arc::new(refused(OPEN).with_detail("the key service opened something else than a data key"))
                })
            })
        });
        let key = asking.await.map_err(|error| copy_error(&error))?;
        self.opened.keep(mark, Arc::clone(&key), self.clock.instant(), now + self.life, self.most);
        Ok(key)
    }

    fn join(&self, mark: Mark, ask: impl FnOnce() -> Asking) -> Shared<Asking> {
        let mut asking = self.asking.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // whoever went away leaves a name behind
        asking.retain(|_, asked| asked.upgrade().is_some_and(|asked| asked.peek().is_none()));
        if let Some(asked) = asking.get(&mark).and_then(WeakShared::upgrade) {
            return asked;
        }
        let asked = ask().shared();
        asking.extend(asked.downgrade().map(|weak| (mark, weak)));
        asked
    }

    fn service(&self, key_id: &str, operation: &'static str) -> Result<&Arc<dyn KeyService>> {
        self.services.get(key_id).ok_or_else(|| {
            Error::new(ErrorKind::Misconfigured, operation)
                .with_detail(format!("no key service for the key {key_id:?}"))
                .with_remedy(Remedy::new("Give the sealer the key service that sealed this."))
        })
    }
}

impl fmt::Debug for EnvelopeSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.services.keys().collect();
        f.debug_struct("EnvelopeSealer").field("current", &self.current).field("keys", &ids).finish_non_exhaustive()
    }
}

#[async_trait]
impl Sealer for EnvelopeSealer {
    async fn seal(&self, context: &SealContext, plain: &[u8]) -> Result<Sealed> {
        let (key, wrapped) = self.sealing_key(&EncryptionContext::of(context)).await?;
        let mut nonce = [0; NONCE];
        self.entropy.fill(&mut nonce)?;
        let mut bytes = Envelope::header(Envelope::WRAPPED_XCHACHA20_POLY1305, &self.current, &nonce)?;
        write_wrapped(&mut bytes, &wrapped);
        let associated = [&bytes[..], &context.to_bytes()].concat();
        let sealed = cipher::encrypt(&key, nonce, plain, &associated);
        bytes.extend(sealed.ok_or_else(|| Error::invalid(SEAL, "longer than the cipher allows"))?);
        Ok(Sealed::from_bytes(bytes))
    }

    async fn open(&self, context: &SealContext, sealed: &Sealed) -> Result<SecretBytes> {
        let misfit = |detail| Error::new(ErrorKind::Misconfigured, OPEN).with_detail(detail);
        let envelope = Envelope::parse(sealed)?;
        if envelope.algorithm != Envelope::WRAPPED_XCHACHA20_POLY1305 {
            return Err(misfit("not sealed with a wrapped data key"));
        }
        let nonce = <[u8; NONCE]>::try_from(envelope.nonce).map_err(|_| misfit(ALTERED))?;
        let (wrapped, secret) = read_wrapped(envelope.ciphertext).ok_or_else(|| misfit(ALTERED))?;
        let key = self.opening_key(envelope.key_id, wrapped, EncryptionContext::of(context)).await?;
        let mut associated = Envelope::header(envelope.algorithm, envelope.key_id, envelope.nonce)?;
        write_wrapped(&mut associated, wrapped);
        associated.extend(context.to_bytes());
        let plain = cipher::decrypt(&key, nonce, secret, &associated);
        plain.map(SecretBytes::new).ok_or_else(|| misfit(ALTERED))
    }

    fn current_key(&self) -> &str {
        &self.current
    }

    fn key_of(&self, sealed: &Sealed) -> Result<String> {
        Envelope::parse(sealed).map(|envelope| envelope.key_id.to_owned())
    }
}

/// Two bytes of length, then the wrapped key.
fn write_wrapped(bytes: &mut Vec<u8>, wrapped: &[u8]) {
    // at most `MOST_WRAPPED`, so two bytes hold it
    bytes.extend_from_slice(&(wrapped.len() as u16).to_be_bytes());
    bytes.extend_from_slice(wrapped);
}

fn read_wrapped(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    rest.split_at_checked(length).filter(|_| (1..=MOST_WRAPPED).contains(&length))
}

/// Two contexts never share an unwrapped key, even if somebody moves a wrapping from one to the other.
fn mark(key_id: &str, wrapped: &[u8], context: &EncryptionContext) -> Mark {
    let named = SealContext::new("data key", [key_id]).to_bytes();
    let length = (wrapped.len() as u64).to_be_bytes();
    let hash = Sha256::new().chain_update(named).chain_update(length).chain_update(wrapped);
    hash.chain_update(context.to_bytes()).finalize().into()
}

/// A service that does not answer passes; one that refuses does not.
fn failed(operation: &'static str, error: Error) -> Error {
    if !matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Throttled) {
        return refused(operation).with_detail("the key service refused").with_source(error);
    }
    // neither call changes anything
    let after = match error.retry() {
        RetryClass::Safe { after } | RetryClass::Unclear { after } => after,
        RetryClass::Never => None,
    };
    Error::new(error.kind(), operation)
        .with_detail("the key service does not answer")
        .with_retry(RetryClass::Safe { after })
        .with_source(error)
}

fn no_answer(operation: &'static str) -> Error {
    failed(operation, Error::new(ErrorKind::Timeout, "ask key service"))
}

fn refused(operation: &'static str) -> Error {
    Error::new(ErrorKind::Misconfigured, operation).with_remedy(Remedy::new(
        "Check that the key service's key is enabled, that this application may use it, and that it is the one that sealed this.",
    ))
}

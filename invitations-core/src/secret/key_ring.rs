use std::{collections::BTreeMap, fmt, path::Path, sync::Arc};

use async_trait::async_trait;
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use zeroize::Zeroizing;

use super::{
    Envelope, KeysInUse, SealContext, Sealed, Sealer, SecretBytes,
    envelope::check_key_id,
    key_file::{self, KeyFile},
};
use crate::{
    Error, ErrorKind, Remedy, Result,
    runtime::{Entropy, SystemEntropy},
};

/// A 256-bit key; wiped on drop.
pub(super) type Key = Zeroizing<[u8; 32]>;

/// The length of an XChaCha20 nonce, in bytes.
const NONCE: usize = 24;

/// Seals under several keys: the newest seals, all open.
///
/// XChaCha20-Poly1305 with random nonces, so nobody has to count messages. The key's id stands in the blob. To rotate: add a
/// key, seal again what is stored ([`Reseal`](crate::token::Reseal)), then remove the old one.
///
/// ```
/// # use invitations_core::secret::KeyRing;
/// # fn main() -> invitations_core::Result<()> {
/// # let (old, new) = ([1; 32], [2; 32]);
/// let ring = KeyRing::new("2026-01", old)?.with_key("2026-02", new)?;
/// # let _ = ring;
/// # Ok(())
/// # }
/// ```
pub struct KeyRing {
    current: String,
    entropy: Arc<dyn Entropy>,
    keys: BTreeMap<String, Key>,
}

impl KeyRing {
    /// A ring with one key. The bytes must be random (32 bytes out of a secret store), not a pass phrase.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when `key_id` is not 1 to 64 characters out of `A-Z a-z 0-9 . _ -`.
    pub fn new(key_id: impl Into<String>, key: [u8; 32]) -> Result<Self> {
        let key = Zeroizing::new(key);
        let current = key_id.into();
        check_key_id(&current)?;
        Ok(Self { keys: BTreeMap::from([(current.clone(), key)]), current, entropy: Arc::new(SystemEntropy) })
    }

    /// A ring with one fresh key that nobody keeps: what it seals is lost when the ring is dropped. For tests and trials.
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable) when the system gives no random bytes.
    pub fn generate() -> Result<Self> {
        let mut key = Key::default();
        SystemEntropy.fill(&mut *key)?;
        Self::new("k1", *key)
    }

    /// Reads the ring from a JSON file, or creates the file with one fresh key when there is none.
    ///
    /// `{"current": "k1", "keys": {"k1": "<base64 of 32 bytes>"}}`. The file is created whole and for its owner only (mode
    /// 0600 on Unix), and never overwritten: several processes that create it at once end with the same ring. Back it up: what
    /// was sealed opens with these keys only. Blocks on the file system; meant for start-up.
    ///
    /// # Errors
    /// [`Misconfigured`](ErrorKind::Misconfigured) with a remedy when the file cannot be read or created, is not in this form,
    /// or other users may read it (Unix).
    pub fn from_file_or_create(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = match key_file::read(path)? {
            Some(file) => file,
            None => {
                key_file::create(path, &KeyFile::from(&Self::generate()?))?;
                let gone = || {
                    Error::new(ErrorKind::Misconfigured, "read key file").with_detail("removed while it was created")
                };
                // ours, or the one of a process that was faster
                key_file::read(path)?.ok_or_else(gone)?
            }
        };
        Ok(Self { current: file.current, entropy: Arc::new(SystemEntropy), keys: file.keys })
    }

    /// Adds a key, which seals from now on.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a bad `key_id`; [`AlreadyExists`](ErrorKind::AlreadyExists) when the ring
    /// has another key of this id (what that key sealed would be lost).
    pub fn with_key(mut self, key_id: impl Into<String>, key: [u8; 32]) -> Result<Self> {
        let key = Zeroizing::new(key);
        let key_id = key_id.into();
        check_key_id(&key_id)?;
        if self.keys.get(&key_id).is_some_and(|known| *known != key) {
            let error = Error::new(ErrorKind::AlreadyExists, "add sealing key");
            return Err(error.with_detail(format!("another key is named {key_id:?}")));
        }
        self.keys.insert(key_id.clone(), key);
        self.current = key_id;
        Ok(self)
    }

    /// Removes a key. What it sealed can no longer be opened, so first count what is stored
    /// ([`Reseal::keys_in_use`](crate::token::Reseal::keys_in_use)), in every store that this ring seals for.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for the current key; [`NotFound`](ErrorKind::NotFound) when there is no such key;
    /// [`Conflict`](ErrorKind::Conflict) when something stored needs it.
    pub fn without_key(mut self, key_id: &str, in_use: &KeysInUse) -> Result<Self> {
        const OPERATION: &str = "remove sealing key";
        if key_id == self.current {
            let error = Error::invalid(OPERATION, "this is the current key");
            return Err(
                error.with_remedy(Remedy::new("Add a newer key and seal everything again before removing this one."))
            );
        }
        if in_use.of(key_id) > 0 {
            let error = Error::new(ErrorKind::Conflict, OPERATION);
            let error = error.with_detail(format!("{} stored secrets need it", in_use.of(key_id)));
            return Err(
                error.with_remedy(Remedy::new("Seal them again under the current key before removing this one."))
            );
        }
        match self.keys.remove(key_id) {
            Some(_) => Ok(self),
            None => Err(Error::new(ErrorKind::NotFound, OPERATION)),
        }
    }

    /// Draws nonces from here instead of the operating system. A source that repeats itself gives the plain text away: for
    /// tests only.
    #[must_use]
    pub fn with_entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = entropy;
        self
    }

    fn seal_now(&self, context: &SealContext, plain: &[u8]) -> Result<Sealed> {
        const OPERATION: &str = "seal secret";
        let cipher = self.cipher(&self.current, OPERATION)?;
        let mut nonce = [0; NONCE];
        self.entropy.fill(&mut nonce)?;
        let mut bytes = Envelope::header(Envelope::XCHACHA20_POLY1305, &self.current, &nonce)?;
        let payload = Payload { msg: plain, aad: &associated_data(&bytes, context) };
        let too_long = |_| Error::invalid(OPERATION, "longer than the cipher allows");
        bytes.extend(cipher.encrypt(&XNonce::from(nonce), payload).map_err(too_long)?);
        Ok(Sealed::from_bytes(bytes))
    }

    fn open_now(&self, context: &SealContext, sealed: &Sealed) -> Result<SecretBytes> {
        const OPERATION: &str = "open sealed secret";
        let misfit = |detail| Error::new(ErrorKind::Misconfigured, OPERATION).with_detail(detail);
        let envelope = Envelope::parse(sealed)?;
        if envelope.algorithm != Envelope::XCHACHA20_POLY1305 {
            return Err(misfit("sealed with an algorithm that this key ring does not have"));
        }
        let altered = "sealed for something else or altered";
        let nonce = <[u8; NONCE]>::try_from(envelope.nonce).map_err(|_| misfit(altered))?;
        let header = Envelope::header(envelope.algorithm, envelope.key_id, envelope.nonce)?;
        let payload = Payload { msg: envelope.ciphertext, aad: &associated_data(&header, context) };
        let cipher = self.cipher(envelope.key_id, OPERATION)?;
        cipher.decrypt(&XNonce::from(nonce), payload).map(SecretBytes::new).map_err(|_| misfit(altered))
    }

    fn cipher(&self, key_id: &str, operation: &'static str) -> Result<XChaCha20Poly1305> {
        let key = self.keys.get(key_id).ok_or_else(|| {
            Error::new(ErrorKind::Misconfigured, operation)
                .with_detail(format!("no key {key_id:?} in the key ring"))
                .with_remedy(Remedy::new("Give the key ring the key that sealed this."))
        })?;
        Ok(XChaCha20Poly1305::new((&**key).into()))
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.keys.keys().collect();
        f.debug_struct("KeyRing").field("current", &self.current).field("keys", &ids).finish_non_exhaustive()
    }
}

impl From<&KeyRing> for KeyFile {
    fn from(ring: &KeyRing) -> Self {
        Self { current: ring.current.clone(), keys: ring.keys.clone() }
    }
}

/// The header says where it ends, so header and context cannot flow into each other.
fn associated_data(header: &[u8], context: &SealContext) -> Vec<u8> {
    [header, &context.to_bytes()].concat()
}

#[async_trait]
impl Sealer for KeyRing {
    async fn seal(&self, context: &SealContext, plain: &[u8]) -> Result<Sealed> {
        self.seal_now(context, plain)
    }

    async fn open(&self, context: &SealContext, sealed: &Sealed) -> Result<SecretBytes> {
        self.open_now(context, sealed)
    }

    fn current_key(&self) -> &str {
        &self.current
    }

    fn key_of(&self, sealed: &Sealed) -> Result<String> {
        Envelope::parse(sealed).map(|envelope| envelope.key_id.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::SeededEntropy;

    fn context(connection: &str) -> SealContext {
        SealContext::new("tokens", ["tenant", connection, "7"])
    }

    fn ring() -> KeyRing {
        KeyRing::new("k1", [1; 32]).unwrap()
    }

    #[tokio::test]
    async fn what_was_sealed_opens_through_any_pointer() {
        let sealer: Arc<dyn Sealer> = Arc::new(Arc::new(ring()));
        for plain in [&b""[..], b"a secret", &[7; 5000]] {
            let sealed = sealer.seal(&context("c1"), plain).await.unwrap();
            assert_eq!(sealer.open(&context("c1"), &sealed).await.unwrap().expose(), plain);
            assert_eq!(sealer.key_of(&sealed).unwrap(), "k1");
            assert!(plain.is_empty() || !sealed.as_bytes().windows(plain.len()).any(|part| part == plain));
        }
        assert_eq!(sealer.current_key(), "k1");
    }

    #[tokio::test]
    async fn a_blob_opens_in_its_own_context_only() {
        let ring = ring();
        let sealed = ring.seal(&context("c1"), b"a secret").await.unwrap();
        let others = [
            context("c2"),
            SealContext::new("links", ["tenant", "c1", "7"]),
            SealContext::new("tokens", ["tenant", "c1"]),
        ];
        for other in others {
            let error = ring.open(&other, &sealed).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Misconfigured);
            assert_eq!(error.detail(), Some("sealed for something else or altered"));
        }
    }

    #[tokio::test]
    async fn every_altered_bit_is_seen() {
        let ring = ring().with_key("k2", [2; 32]).unwrap();
        let sealed = ring.seal(&context("c1"), b"a secret").await.unwrap();
        for bit in 0..sealed.as_bytes().len() * 8 {
            let mut bytes = sealed.as_bytes().to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let error = ring.open(&context("c1"), &Sealed::from_bytes(bytes)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Misconfigured, "bit {bit}");
        }
        for length in 0..sealed.as_bytes().len() {
            let cut = Sealed::from_bytes(sealed.as_bytes()[..length].to_vec());
            assert!(ring.open(&context("c1"), &cut).await.is_err(), "cut at {length}");
        }
    }

    #[tokio::test]
    async fn keys_rotate_and_the_old_ones_still_open() {
        let old = ring().seal(&context("c1"), b"old").await.unwrap();
        let both = ring().with_key("k2", [2; 32]).unwrap();
        let new = both.seal(&context("c1"), b"new").await.unwrap();
        assert_eq!((both.key_of(&old).unwrap().as_str(), both.key_of(&new).unwrap().as_str()), ("k1", "k2"));
        assert_eq!(both.open(&context("c1"), &old).await.unwrap().expose(), b"old");

        let refused = |ring: KeyRing, key: &str, in_use: &KeysInUse| ring.without_key(key, in_use).unwrap_err().kind();
        let two = || ring().with_key("k2", [2; 32]).unwrap();
        let mut in_use = KeysInUse::none();
        assert_eq!(refused(two(), "k2", &in_use), ErrorKind::InvalidInput);
        assert_eq!(refused(two(), "k9", &in_use), ErrorKind::NotFound);
        in_use.count_one("k1");
        assert_eq!(refused(two(), "k1", &in_use), ErrorKind::Conflict);
        let newest = both.without_key("k1", &KeysInUse::none()).unwrap();
        assert_eq!(newest.open(&context("c1"), &new).await.unwrap().expose(), b"new");
        let error = newest.open(&context("c1"), &old).await.unwrap_err();
        assert_eq!((error.kind(), error.detail()), (ErrorKind::Misconfigured, Some("no key \"k1\" in the key ring")));
        assert!(error.remedy().is_some());
    }

    #[test]
    fn a_key_is_never_replaced_under_its_id() {
        assert_eq!(ring().with_key("k1", [9; 32]).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert!(ring().with_key("k1", [1; 32]).is_ok());
        assert_eq!(KeyRing::new("", [1; 32]).unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    #[tokio::test]
    async fn nonces_come_from_the_given_entropy_and_differ() {
        let seeded = || ring().with_entropy(Arc::new(SeededEntropy::new(1)));
        let (one, same) = (seeded(), seeded());
        let first = one.seal(&context("c1"), b"a secret").await.unwrap();
        assert_eq!(first, same.seal(&context("c1"), b"a secret").await.unwrap());
        assert_ne!(first, one.seal(&context("c1"), b"a secret").await.unwrap());
        let system = KeyRing::generate().unwrap();
        assert_ne!(system.seal(&context("c1"), b"x").await.unwrap(), system.seal(&context("c1"), b"x").await.unwrap());
    }

    /// XChaCha20-Poly1305 as in draft-irtf-cfrg-xchacha-03, A.3.1: proves which cipher this is, not only that it round-trips.
    #[test]
    fn the_cipher_is_xchacha20_poly1305() {
        let key: [u8; 32] = std::array::from_fn(|at| 0x80 + at as u8);
        let nonce: [u8; 24] = std::array::from_fn(|at| 0x40 + at as u8);
        let ring = KeyRing::new("k", key).unwrap();
        let plain: &[u8] = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
        let aad = [0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7];
        let made =
            ring.cipher("k", "test").unwrap().encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: &aad }).unwrap();
        assert_eq!(made[..4], [0xbd, 0x6d, 0x17, 0x9d]);
        let tag = [0xc0, 0x87, 0x59, 0x24, 0xc1, 0xc7, 0x98, 0x79, 0x47, 0xde, 0xaf, 0xd8, 0x78, 0x0a, 0xcf, 0x49];
        assert_eq!(made[plain.len()..], tag);
    }

    #[test]
    fn debug_shows_ids_only() {
        assert_eq!(format!("{:?}", ring()), "KeyRing { current: \"k1\", keys: [\"k1\"], .. }");
    }
}

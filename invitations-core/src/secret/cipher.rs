//! XChaCha20-Poly1305 over a key in memory.

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use zeroize::Zeroizing;

/// A 256-bit key; wiped on drop.
pub(crate) type DataKey = Zeroizing<[u8; 32]>;

/// The length of a nonce, in bytes.
pub(crate) const NONCE: usize = 24;

/// `None`: longer than the cipher allows.
pub(crate) fn encrypt(key: &DataKey, nonce: [u8; NONCE], plain: &[u8], associated: &[u8]) -> Option<Vec<u8>> {
    let payload = Payload { msg: plain, aad: associated };
    XChaCha20Poly1305::new((&**key).into()).encrypt(&XNonce::from(nonce), payload).ok()
}

/// `None`: another key, other associated data, or altered.
pub(crate) fn decrypt(key: &DataKey, nonce: [u8; NONCE], cipher: &[u8], associated: &[u8]) -> Option<Vec<u8>> {
    let payload = Payload { msg: cipher, aad: associated };
    XChaCha20Poly1305::new((&**key).into()).decrypt(&XNonce::from(nonce), payload).ok()
}

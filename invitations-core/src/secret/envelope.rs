use super::Sealed;
use crate::{Error, ErrorKind, Result};

/// Names the layout. A change of layout is a new name, so that old blobs stay readable.
const VERSION: &[u8; 4] = b"inv1";

/// The layout of a [`Sealed`] blob: version, algorithm, key id, nonce, cipher text.
///
/// `"inv1"`, one byte algorithm, then key id and nonce each behind one byte of length, then the cipher text with its tag. Pure;
/// a sealer of your own may use it too.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Envelope<'a> {
    /// How the cipher text was made; 128 to 255 are free for sealers outside this crate.
    pub algorithm: u8,
    /// Which key made it; 1 to 64 characters out of `A-Z a-z 0-9 . _ -`.
    pub key_id: &'a str,
    /// The nonce, at most 255 bytes.
    pub nonce: &'a [u8],
    /// The cipher text with its authentication tag.
    pub ciphertext: &'a [u8],
}

impl<'a> Envelope<'a> {
    /// XChaCha20-Poly1305 with a random nonce of 24 bytes.
    pub const XCHACHA20_POLY1305: u8 = 1;
    /// The same under a data key that stands wrapped before the cipher text, behind two bytes of length, big endian.
    pub const WRAPPED_XCHACHA20_POLY1305: u8 = 2;

    /// The header that goes before the cipher text. Make it part of the associated data, then nobody can exchange it.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a key id or nonce that the layout cannot hold.
    pub fn header(algorithm: u8, key_id: &str, nonce: &[u8]) -> Result<Vec<u8>> {
        check_key_id(key_id)?;
        let too_long = |_| Error::invalid("seal secret", "the nonce is longer than 255 bytes");
        let nonce_length = u8::try_from(nonce.len()).map_err(too_long)?;
        let mut header = Vec::with_capacity(VERSION.len() + 3 + key_id.len() + nonce.len());
        header.extend_from_slice(VERSION);
        // at most 64, so one byte holds it
        header.extend_from_slice(&[algorithm, key_id.len() as u8]);
        header.extend_from_slice(key_id.as_bytes());
        header.push(nonce_length);
        header.extend_from_slice(nonce);
        Ok(header)
    }

    /// Reads the layout; decrypts nothing.
    ///
    /// # Errors
    /// [`Misconfigured`](ErrorKind::Misconfigured) when the bytes are not in this layout.
    pub fn parse(sealed: &'a Sealed) -> Result<Self> {
        let read = || {
            let rest = sealed.as_bytes().strip_prefix(VERSION)?;
            let (&algorithm, rest) = rest.split_first()?;
            let (key_id, rest) = counted(rest)?;
            let (nonce, ciphertext) = counted(rest)?;
            let key_id = std::str::from_utf8(key_id).ok()?;
            check_key_id(key_id).ok()?;
            Some(Self { algorithm, key_id, nonce, ciphertext })
        };
        read().ok_or_else(|| {
            Error::new(ErrorKind::Misconfigured, "open sealed secret").with_detail("not a sealed secret, or cut off")
        })
    }
}

/// What stands behind one byte of length, and the rest.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&length, rest) = bytes.split_first()?;
    rest.split_at_checked(length.into())
}

/// A key id must fit the layout and be safe to show.
pub(super) fn check_key_id(key_id: &str) -> Result<()> {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if (1..=64).contains(&key_id.len()) && key_id.bytes().all(known) {
        return Ok(());
    }
    Err(Error::invalid("name sealing key", "a key id is 1 to 64 characters out of A-Z a-z 0-9 . _ -"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_is_fixed() {
        let mut bytes = Envelope::header(1, "k1", b"nnn").unwrap();
        assert_eq!(bytes, b"inv1\x01\x02k1\x03nnn");
        bytes.extend_from_slice(b"cipher");
        let sealed = Sealed::from_bytes(bytes);
        let read = Envelope::parse(&sealed).unwrap();
        assert_eq!(read, Envelope { algorithm: 1, key_id: "k1", nonce: b"nnn", ciphertext: b"cipher" });
    }

    #[test]
    fn bytes_that_are_no_envelope_are_refused() {
        let whole = Envelope::header(1, "k1", b"nnn").unwrap();
        for cut in 0..whole.len() {
            let error = Envelope::parse(&Sealed::from_bytes(whole[..cut].to_vec())).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Misconfigured, "cut at {cut}");
        }
        for bad in
            [&b"{\"refresh\":\"plain text\"}"[..], b"inv2\x01\x02k1\x00", b"inv1\x01\x02k\xff\x00", b"inv1\x01\x00\x00"]
        {
            assert!(Envelope::parse(&Sealed::from_bytes(bad.to_vec())).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_key_id_that_does_not_fit_is_refused() {
        for bad in ["", "a b", "é", "a/b", &"k".repeat(65)] {
            assert_eq!(Envelope::header(1, bad, b"").unwrap_err().kind(), ErrorKind::InvalidInput, "{bad:?}");
        }
        assert!(Envelope::header(1, &"k".repeat(64), &[0; 255]).is_ok());
        assert!(Envelope::header(1, "k", &[0; 256]).is_err());
    }
}

//! Identifiers: reproducible for a seed, and shaped like the real ones.

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Makes identifiers from the seed and a counter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ids {
    seed: u64,
    counter: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, counter: 0 }
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    fn next(&mut self, kind: &str) -> [u8; 32] {
        self.counter += 1;
        digest(self.seed, kind, &self.counter.to_string())
    }

    /// A GUID.
    pub(crate) fn guid(&mut self, kind: &str) -> String {
        guid(self.next(kind))
    }

    /// 32 lower-case hex digits.
    pub(crate) fn hex(&mut self, kind: &str) -> String {
        HEXLOWER.encode(&self.next(kind)[..16])
    }

    /// `digits` decimal digits; the first is not zero.
    pub(crate) fn number(&mut self, kind: &str, digits: usize) -> String {
        let bytes = self.next(kind);
        let digit = |(at, byte): (usize, &u8)| char::from(b'1' + if at == 0 { byte % 9 } else { byte % 10 });
        bytes.iter().take(digits).enumerate().map(digit).map(|c| if c > '9' { '0' } else { c }).collect()
    }

    /// An opaque text of 43 URL-safe characters.
    pub(crate) fn opaque(&mut self, kind: &str) -> String {
        BASE64URL_NOPAD.encode(&self.next(kind))
    }

    /// An Outlook item id or change key: base64 with `=` at its end, `+` and `/` possible.
    pub(crate) fn outlook(&mut self, prefix: &str, kind: &str) -> String {
        let bytes = self.next(kind);
        format!("{prefix}{}", BASE64.encode(&bytes[..25]))
    }

    /// The object id that this seed gives to an address, whatever was made before it.
    pub(crate) fn for_address(&self, kind: &str, address: &str) -> String {
        guid(digest(self.seed, kind, &address.to_lowercase()))
    }
}

fn digest(seed: u64, kind: &str, what: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(seed.to_be_bytes())
        .chain_update(kind)
        .chain_update([0])
        .chain_update(what)
        .finalize()
        .into()
}

fn guid(bytes: [u8; 32]) -> String {
    let mut b = [0_u8; 16];
    b.copy_from_slice(&bytes[..16]);
    b[6] = (b[6] & 0x0f) | 0x40;
    b[8] = (b[8] & 0x3f) | 0x80;
    let hex = HEXLOWER.encode(&b);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

//! Identifiers: reproducible for a seed, and shaped like the real ones.

use std::collections::BTreeMap;

use data_encoding::{BASE64, BASE64URL, BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Makes identifiers from the seed and a counter per kind: reads, which make request ids, do not shift event ids.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ids {
    seed: u64,
    counters: BTreeMap<String, u64>,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, counters: BTreeMap::new() }
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    fn next(&mut self, kind: &str) -> [u8; 32] {
        let counter = self.counters.entry(kind.to_owned()).or_default();
        *counter += 1;
        digest(self.seed, kind, &counter.to_string())
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

    /// An Outlook item id: URL-safe base64 with `=` at its end.
    pub(crate) fn item(&mut self, kind: &str) -> String {
        let bytes = self.next(kind);
        format!("AAMkAD{}", BASE64URL.encode(&bytes[..25]))
    }

    /// A change key: base64 with `=` at its end, `+` and `/` possible.
    pub(crate) fn change_key(&mut self) -> String {
        let bytes = self.next("change-key");
        BASE64.encode(&bytes[..25])
    }

    /// The id of a mailbox's default calendar, the same whenever it is first looked at.
    pub(crate) fn default_calendar(&self, mailbox: &str) -> String {
        format!("AQMkAD{}", BASE64URL.encode(&digest(self.seed, "default-calendar", mailbox)[..25]))
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

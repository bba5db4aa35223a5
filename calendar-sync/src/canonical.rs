//! The key and the hash of an event. Both are stored contracts: they never change.

use data_encoding::BASE32_NOPAD;
use invitations_core::{
    Error, ErrorKind, Result,
    provider::{EventDraft, Marker},
};
use sha2::{Digest as _, Sha256};

use crate::{Binding, SourceId};

/// The key under which a record's event is made and found again: the first 26 characters of
/// `base32(SHA-256("sync/1" | tenant | binding | source | slot | incarnation))`, in lower case.
///
/// A try never changes it; a new event for a record whose earlier one was deleted has a new incarnation.
///
/// # Errors
/// None in practice; the result is checked like any other marker.
pub fn event_key(binding: &Binding, source: &SourceId, slot: u16, incarnation: u32) -> Result<Marker> {
    let tenant = binding.account.tenant.as_str();
    let (slot, incarnation) = (slot.to_string(), incarnation.to_string());
    let text = ["sync/1", tenant, binding.id.as_str(), source.as_str(), &slot, &incarnation].join("\0");
    let mut key = BASE32_NOPAD.encode(&Sha256::digest(text.as_bytes()));
    key.truncate(26);
    key.make_ascii_lowercase();
    Marker::parse(key)
}

/// A hash of the fields we manage. The marker is no content.
pub(crate) fn hash(draft: &EventDraft) -> Result<[u8; 32]> {
    let mut draft = draft.clone();
    draft.marker = None;
    // a JSON value has its members in order, so equal contents are equal bytes
    let value = serde_json::to_value(&draft)
        .map_err(|error| Error::new(ErrorKind::InvalidInput, "hash event").with_source(error))?;
    Ok(Sha256::digest(value.to_string().as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use invitations_core::{
        ids::{BindingId, CalendarId, ConnectionId, ProviderId, TenantId},
        provider::Account,
        time::EventTime,
    };

    use super::*;

    fn binding(id: &str) -> Binding {
        let (tenant, provider) = (TenantId::parse("t").unwrap(), ProviderId::parse("p").unwrap());
        let account = Account::connection(tenant, provider, ConnectionId::parse("c").unwrap());
        Binding::new(BindingId::parse(id).unwrap(), account, CalendarId::parse("default").unwrap())
    }

    #[test]
    fn keys_differ_by_every_part_and_never_change() {
        let source = SourceId::parse("s").unwrap();
        let key = event_key(&binding("b"), &source, 0, 0).unwrap();
        assert_eq!(key.as_str(), "zprpppsp6ljyyrcbzd6gmlg2m3");
        for other in [
            event_key(&binding("b2"), &source, 0, 0),
            event_key(&binding("b"), &SourceId::parse("s2").unwrap(), 0, 0),
            event_key(&binding("b"), &source, 1, 0),
            event_key(&binding("b"), &source, 0, 1),
        ] {
            assert_ne!(key, other.unwrap());
        }
    }

    #[test]
    fn the_hash_is_of_the_content() {
        let day = EventTime::AllDay { from: "2026-09-01".parse().unwrap(), days: 1 };
        let draft = EventDraft::new("Essay", day);
        let marked = draft.clone().with_marker(Marker::parse("m").unwrap());
        assert_eq!(hash(&draft).unwrap(), hash(&marked).unwrap());
        assert_ne!(hash(&draft).unwrap(), hash(&draft.clone().with_body("x")).unwrap());
    }
}

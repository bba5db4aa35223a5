//! The key and the hash of an event. Both are stored contracts: they never change.

use std::{collections::BTreeMap, fmt::Write as _};

use data_encoding::BASE32_NOPAD;
use invitations_core::{
    Error, ErrorKind, Result,
    provider::{EventDraft, Marker},
    time::EventTime,
};
use serde_json::Value;
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
    let value = serde_json::to_value(&draft)
        .map_err(|error| Error::new(ErrorKind::InvalidInput, "hash event").with_source(error))?;
    let mut text = String::new();
    write_sorted(&value, &mut text);
    Ok(Sha256::digest(text.as_bytes()).into())
}

/// JSON with the members of objects in order of their names, whatever `serde_json` was built with.
fn write_sorted(value: &Value, text: &mut String) {
    let separator = |place: usize| if place == 0 { "" } else { "," };
    match value {
        Value::Object(members) => {
            text.push('{');
            for (place, (name, member)) in members.iter().collect::<BTreeMap<_, _>>().into_iter().enumerate() {
                // writing to a String cannot fail
                let _ = write!(text, "{}{}:", separator(place), Value::from(name.as_str()));
                write_sorted(member, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                text.push_str(separator(place));
                write_sorted(item, text);
            }
            text.push(']');
        }
        scalar => {
            let _ = write!(text, "{scalar}");
        }
    }
}

/// Whether an event already says what is desired, as far as the provider shows it unchanged. A provider that rewrites texts never
/// agrees; that costs one write, never a loop, because this is asked only after a doubt.
pub(crate) fn agrees(remote: &EventDraft, desired: &EventDraft) -> bool {
    let (mut remote, mut desired) = (remote.clone(), desired.clone());
    (remote.marker, desired.marker) = (None, None);
    if desired.attendees.is_empty() {
        remote.attendees.clear();
    }
    // the same instants in another zone are the same, unless the zone decides when it repeats
    if let (EventTime::Timed(there), EventTime::Timed(here), None) = (&remote.time, &desired.time, &desired.recurrence)
        && there.range() == here.range()
    {
        remote.time = desired.time.clone();
    }
    remote == desired
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use invitations_core::{
        ids::{BindingId, CalendarId, ConnectionId, ProviderId, TenantId},
        people::{Attendee, EmailAddress},
        provider::Account,
        time::{Slot, TimeZone},
    };

    use super::*;

    fn binding(id: &str) -> Binding {
        let (tenant, provider) = (TenantId::parse("t").unwrap(), ProviderId::parse("p").unwrap());
        let account = Account::connection(tenant, provider, ConnectionId::parse("c").unwrap());
        Binding::new(BindingId::parse(id).unwrap(), account, CalendarId::parse("default").unwrap())
    }

    fn essay() -> EventDraft {
        EventDraft::new("Essay", EventTime::AllDay { from: "2026-09-01".parse().unwrap(), days: 1 })
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
    fn the_hash_is_of_the_content_and_never_changes() {
        let golden = "62d7013b4800d4d21d2e0c6f94adef4b287d788b0f50962be5f16a2b6de8ad88";
        assert_eq!(data_encoding::HEXLOWER.encode(&hash(&essay()).unwrap()), golden);
        let marked = essay().with_marker(Marker::parse("m").unwrap());
        assert_eq!(hash(&essay()).unwrap(), hash(&marked).unwrap());
        assert_ne!(hash(&essay()).unwrap(), hash(&essay().with_body("x")).unwrap());
    }

    #[test]
    fn members_are_written_in_order() {
        let mut text = String::new();
        write_sorted(&serde_json::json!({"b": [1, {"d": null, "c": "\""}], "a": {}}), &mut text);
        assert_eq!(text, r#"{"a":{},"b":[1,{"c":"\"","d":null}]}"#);
    }

    #[test]
    fn what_says_the_same_agrees() {
        let guest = Attendee::new(EmailAddress::parse("guest@example.com").unwrap());
        let marked = essay().with_marker(Marker::parse("m").unwrap()).with_attendee(guest.clone());
        assert!(agrees(&marked, &essay()), "the marker and the user's guests are no difference");
        assert!(!agrees(&essay(), &marked), "a guest of the record is missing");
        assert!(!agrees(&essay().with_body("x"), &essay()));
        let start = "2026-09-01T08:00:00Z".parse().unwrap();
        let at = |zone: &str| Slot::at(start, Duration::from_secs(60), TimeZone::parse(zone).unwrap()).unwrap();
        let event = |zone: &str| EventDraft::new("Call", at(zone).into());
        assert!(agrees(&event("UTC"), &event("Europe/Berlin")));
    }
}

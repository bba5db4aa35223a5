use invitations_core::people::{Attendee, EmailAddress};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::recurrence::WireRecurrence;
use crate::wire::{self, DateTimeTimeZone, or_default};

/// The property that carries our marker. One constant for all installations: named properties are a finite resource of a mailbox
/// and are never given back (trap 23).
pub(super) const MARKER_PROPERTY: &str = "String {5c1c7d2e-93b4-4b63-8f0d-2f6f6d7a9b14} Name InvitationMarker";

/// An event as Graph answers; what we do not read is passed over.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireEvent {
    pub(super) id: String,
    #[serde(default, rename = "@odata.type", deserialize_with = "wire::of_event")]
    _type: (),
    #[serde(rename = "@odata.etag")]
    pub(super) etag: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) subject: String,
    pub(super) start: Option<DateTimeTimeZone>,
    pub(super) end: Option<DateTimeTimeZone>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) is_all_day: bool,
    pub(super) body: Option<Body>,
    pub(super) location: Option<Location>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) attendees: Vec<KnownAttendee>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) is_online_meeting: bool,
    pub(super) online_meeting: Option<OnlineMeeting>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) recurrence: Option<WireRecurrence>,
    pub(super) original_start_time_zone: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) single_value_extended_properties: Vec<ExtendedProperty>,
}

/// The attendees of an event, to be written back.
#[derive(Debug, Deserialize)]
pub(super) struct WireAttendees {
    #[serde(rename = "@odata.etag")]
    pub(super) etag: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) attendees: Vec<WireAttendee>,
}

impl WireEvent {
    /// Whether it is one event of a series, as views show them.
    pub(super) fn is_occurrence(&self) -> bool {
        let kind = self.kind.as_deref().unwrap_or_default();
        kind.eq_ignore_ascii_case("occurrence") || kind.eq_ignore_ascii_case("exception")
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Body {
    #[serde(deserialize_with = "or_default")]
    pub(super) content_type: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) content: String,
}

impl Body {
    /// Trap 7: `Html` and `html` both occur.
    pub(super) fn is_html(&self) -> bool {
        self.content_type.eq_ignore_ascii_case("html")
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location {
    pub(super) display_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OnlineMeeting {
    pub(super) join_url: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ExtendedProperty {
    pub(super) id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) value: String,
}

/// An attendee that is only read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct KnownAttendee {
    #[serde(rename = "emailAddress", deserialize_with = "or_default")]
    email: KnownAddress,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KnownAddress {
    name: Option<String>,
    address: Option<String>,
}

impl KnownAttendee {
    /// As an attendee; `None` for what has no mail address (an X.500 name).
    pub(super) fn attendee(self) -> Option<Attendee> {
        let address = self.email.address?;
        let attendee = Attendee::new(EmailAddress::parse(&address).ok()?);
        Some(match self.email.name {
            // Graph repeats the address where there is no name
            Some(name) if !name.is_empty() && name != address => attendee.with_name(name),
            _ => attendee,
        })
    }
}

/// An attendee, written back as it was read: members we do not know stay. Answers and proposals are the attendee's own and are
/// not sent.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct WireAttendee {
    #[serde(rename = "emailAddress", deserialize_with = "or_default")]
    pub(super) email: WireAddress,
    #[serde(skip_serializing)]
    status: Value,
    #[serde(rename = "proposedNewTime", skip_serializing)]
    proposed: Value,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct WireAddress {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address: Option<String>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl WireAttendee {
    /// A required attendee.
    pub(super) fn new(attendee: &Attendee) -> Self {
        let email = WireAddress {
            name: attendee.name.clone(),
            address: Some(attendee.email.canonical().to_owned()),
            extra: Map::new(),
        };
        let extra = Map::from_iter([("type".to_owned(), json!("required"))]);
        Self { email, status: Value::Null, proposed: Value::Null, extra }
    }

    /// Whether it is this address, compared as addresses are.
    pub(super) fn is(&self, address: &EmailAddress) -> bool {
        self.email.address.as_deref().is_some_and(|text| Self::is_same(text, address))
    }

    /// Whether an address as Graph says it is this one.
    pub(super) fn is_same(text: &str, address: &EmailAddress) -> bool {
        match EmailAddress::parse(text) {
            Ok(known) => known == *address,
            Err(_) => text.eq_ignore_ascii_case(address.canonical()),
        }
    }

    /// As an attendee; `None` for what has no mail address.
    pub(super) fn attendee(self) -> Option<Attendee> {
        let email = KnownAddress { name: self.email.name, address: self.email.address };
        KnownAttendee { email }.attendee()
    }
}

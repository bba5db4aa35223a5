use std::fmt;

use invitations_core::people::EmailAddress;
use serde_json::{Map, Value, json};

use super::{LocationKind, Members};

/// A place (`location`).
///
/// Programs write the links of their meetings into name and address, and such a link admits whoever holds it: `Debug` shows neither.
#[derive(Clone, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Location {
    /// What is shown.
    pub name: Option<String>,
    /// What it is.
    pub kind: Option<LocationKind>,
    /// A room's mailbox. It is booked only when it is invited, too, as a [resource](super::AttendeeKind::Resource).
    pub address: Option<String>,
    /// An address on the web.
    pub uri: Option<String>,
    /// What is not modelled: postal address, coordinates. Written back as it was read.
    pub extras: Map<String, Value>,
}

impl Location {
    /// A place that has a name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }

    /// A room with a mailbox.
    pub fn room(name: impl Into<String>, mailbox: &EmailAddress) -> Self {
        let address = Some(mailbox.canonical().to_owned());
        Self { kind: Some(LocationKind::ConferenceRoom), address, ..Self::new(name) }
    }

    /// `None` for the empty one that stands where there is no place.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let mut members = Members::of(value.as_object()?.clone().into());
        Some(Self {
            name: members.text("displayName"),
            kind: members.take("locationType"),
            address: members.text("locationEmailAddress"),
            uri: members.text("locationUri"),
            extras: members.0,
        })
    }

    pub(super) fn is_somewhere(&self) -> bool {
        self.name.is_some() || self.address.is_some() || self.uri.is_some()
    }

    pub(super) fn written(&self) -> Value {
        let mut members = self.extras.clone();
        members.insert("displayName".to_owned(), json!(self.name.as_deref().unwrap_or_default()));
        let kind = self.kind.as_ref().map(LocationKind::as_str);
        for (name, value) in [
            ("locationType", kind),
            ("locationEmailAddress", self.address.as_deref()),
            ("locationUri", self.uri.as_deref()),
        ] {
            if let Some(value) = value {
                members.insert(name.to_owned(), value.into());
            }
        }
        members.into()
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Location").field("kind", &self.kind).finish_non_exhaustive()
    }
}

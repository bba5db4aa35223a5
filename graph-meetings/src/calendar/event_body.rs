use std::borrow::Cow;

use invitations_core::{people::Attendee, provider::Marker};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::wire_event::MARKER_PROPERTY;
use crate::wire::DateTimeTimeZone;

/// An event as creates and updates write it, out of the draft and straight into the body. What is `None` or empty is not said.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventBody<'a> {
    pub(super) subject: &'a str,
    pub(super) start: DateTimeTimeZone,
    pub(super) end: DateTimeTimeZone,
    pub(super) is_all_day: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<TextBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<Place<'a>>,
    /// Written only when there are any (trap 9).
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "list")]
    pub(super) attendees: &'a [Attendee],
    /// `Null` takes a recurrence away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) recurrence: Option<Value>,
    #[serde(flatten)]
    pub(super) online: Option<Online>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) transaction_id: Option<&'a str>,
    #[serde(rename = "singleValueExtendedProperties", skip_serializing_if = "Option::is_none")]
    pub(super) marker: Option<[Property<'a>; 1]>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TextBody<'a> {
    pub(super) content_type: &'static str,
    pub(super) content: Cow<'a, str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place<'a> {
    pub(super) display_name: &'a str,
}

/// The members that make an event a Teams meeting.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Online {
    is_online_meeting: bool,
    online_meeting_provider: &'static str,
}

impl Online {
    pub(super) const TEAMS: Self = Self { is_online_meeting: true, online_meeting_provider: "teamsForBusiness" };
}

#[derive(Debug, Serialize)]
pub(super) struct Property<'a> {
    id: &'static str,
    value: &'a str,
}

/// Our property, as the list that Graph takes.
pub(super) fn marked(marker: &Marker) -> [Property<'_>; 1] {
    [Property { id: MARKER_PROPERTY, value: marker.as_str() }]
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invited<'a> {
    r#type: &'static str,
    email_address: Address<'a>,
}

#[derive(Serialize)]
struct Address<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    address: &'a str,
}

/// Each as a required attendee.
fn list<S: Serializer>(attendees: &[Attendee], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(attendees.iter().map(|attendee| Invited {
        r#type: "required",
        email_address: Address { name: attendee.name.as_deref(), address: attendee.email.canonical() },
    }))
}

use chrono::{DateTime, Utc};
use invitations_core::people::{Attendee, EmailAddress};
use serde_json::{Map, Value, json};

use super::{AttendeeKind, Members, Response, ZonedTime};
use crate::{calendar::wire_event::WireAttendee, wire};

/// A name and an address, as Graph says them; the address may be no mail address (an X.500 name).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct MailAddress {
    /// The name shown; Graph repeats the address where there is none.
    pub name: Option<String>,
    /// The address.
    pub address: Option<String>,
    /// What is not modelled. Written back as it was read.
    pub extras: Map<String, Value>,
}

impl MailAddress {
    pub(super) fn read(value: &Value) -> Option<Self> {
        let mut members = Members::of(value.as_object()?.clone().into());
        Some(Self { name: members.text("name"), address: members.text("address"), extras: members.0 })
    }

    /// Out of a `recipient`.
    pub(super) fn of_recipient(value: &Value) -> Option<Self> {
        Self::read(value.get("emailAddress")?)
    }

    pub(super) fn written(&self) -> Value {
        let mut members = self.extras.clone();
        for (name, value) in [("name", &self.name), ("address", &self.address)] {
            if let Some(value) = value {
                members.insert(name.to_owned(), value.as_str().into());
            }
        }
        members.into()
    }
}

impl From<&Attendee> for MailAddress {
    fn from(attendee: &Attendee) -> Self {
        let address = Some(attendee.email.canonical().to_owned());
        Self { name: attendee.name.clone(), address, extras: Map::new() }
    }
}

/// What somebody answered, and when.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AttendeeStatus {
    /// The answer.
    pub response: Response,
    /// When; `None` is never, which Graph writes as the year 1.
    pub at: Option<DateTime<Utc>>,
}

impl AttendeeStatus {
    pub(super) fn read(value: &Value) -> Option<Self> {
        let response = Response::from(value.as_object()?.get("response")?.as_str()?);
        let at = value.get("time").and_then(Value::as_str).and_then(wire::instant);
        Some(Self { response, at: at.filter(|at| at.timestamp() > NEVER) })
    }
}

/// The end of the year 1: some servers shift "never" by an offset.
const NEVER: i64 = -62_104_060_800;

/// Another time that an attendee proposes.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ProposedTime {
    /// From.
    pub start: ZonedTime,
    /// Until.
    pub end: ZonedTime,
}

impl ProposedTime {
    /// From one time to another.
    pub fn new(start: impl Into<ZonedTime>, end: impl Into<ZonedTime>) -> Self {
        Self { start: start.into(), end: end.into() }
    }

    pub(super) fn read(value: &Value) -> Option<Self> {
        Some(Self { start: ZonedTime::read(value.get("start")?)?, end: ZonedTime::read(value.get("end")?)? })
    }
}

/// Somebody who is invited to an event.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct OutlookAttendee {
    /// Who.
    pub email: MailAddress,
    /// As what.
    pub kind: AttendeeKind,
    /// The attendee's answer. Only the organizer's own event has it. Never written.
    pub status: Option<AttendeeStatus>,
    /// Another time that the attendee proposes. Never written.
    pub proposed: Option<ProposedTime>,
    /// What is not modelled. Written back as it was read.
    pub extras: Map<String, Value>,
}

impl OutlookAttendee {
    /// Somebody who has to be there. The address decides, also for guests of the directory: an event knows no directory objects.
    pub fn required(attendee: &Attendee) -> Self {
        let email = MailAddress::from(attendee);
        Self { email, kind: AttendeeKind::Required, status: None, proposed: None, extras: Map::new() }
    }

    /// Somebody who may be there.
    pub fn optional(attendee: &Attendee) -> Self {
        Self { kind: AttendeeKind::Optional, ..Self::required(attendee) }
    }

    /// A room or a thing.
    pub fn resource(attendee: &Attendee) -> Self {
        Self { kind: AttendeeKind::Resource, ..Self::required(attendee) }
    }

    /// Whether it is this address, compared as addresses are.
    pub fn is(&self, address: &EmailAddress) -> bool {
        self.email.address.as_deref().is_some_and(|text| WireAttendee::is_same(text, address))
    }

    pub(super) fn read(value: &Value) -> Option<Self> {
        let mut members = Members::of(value.as_object()?.clone().into());
        Some(Self {
            email: members.take_with("emailAddress", MailAddress::read).unwrap_or_default(),
            kind: members.take("type").unwrap_or(AttendeeKind::Required),
            status: members.take_with("status", AttendeeStatus::read),
            proposed: members.take_with("proposedNewTime", ProposedTime::read),
            extras: members.0,
        })
    }

    /// Answers and proposals are the attendee's own and are not sent.
    pub(super) fn written(&self) -> Value {
        let mut members = self.extras.clone();
        members.retain(|name, _| name != "status" && name != "proposedNewTime");
        members.insert("type".to_owned(), self.kind.as_str().into());
        members.insert("emailAddress".to_owned(), self.email.written());
        members.into()
    }

    /// Lower case: two spellings of one address are one attendee.
    pub(super) fn key(&self) -> Option<String> {
        let text = self.email.address.as_deref()?;
        Some(
            EmailAddress::parse(text)
                .map_or_else(|_| text.to_owned(), |email| email.canonical().to_owned())
                .to_lowercase(),
        )
    }
}

/// A recipient of a forwarded event.
pub(super) fn recipient(attendee: &Attendee) -> Value {
    json!({ "emailAddress": MailAddress::from(attendee).written() })
}

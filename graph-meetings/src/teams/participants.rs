use invitations_core::{
    ids::{GuestId, UserId},
    people::{Attendee, AttendeeRole, EmailAddress},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{meeting::Participant, words::MeetingRole};
use crate::wire::or_default;

/// Somebody in a meeting, as Graph answers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireParticipant {
    identity: Option<Identity>,
    upn: Option<String>,
    role: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Identity {
    #[serde(deserialize_with = "or_default")]
    user: Option<User>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct User {
    id: Option<String>,
    display_name: Option<String>,
}

impl Participant {
    /// Reads somebody; `None` for what has another form.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let wire = WireParticipant::deserialize(value).ok()?;
        let user = wire.identity.and_then(|identity| identity.user).unwrap_or_default();
        Some(Self {
            id: user.id.and_then(|id| UserId::parse(id).ok()),
            upn: wire.upn.filter(|upn| !upn.is_empty()),
            name: user.display_name,
            role: wire.role.as_deref().map(MeetingRole::from),
        })
    }

    /// As an attendee; `None` where Graph tells no usable address.
    pub(super) fn attendee(&self) -> Option<Attendee> {
        let role = match self.role {
            Some(MeetingRole::Presenter | MeetingRole::Producer) => AttendeeRole::Presenter,
            Some(MeetingRole::CoOrganizer) => AttendeeRole::CoOrganizer,
            _ => AttendeeRole::Attendee,
        };
        let mut attendee = Attendee::new(EmailAddress::parse(self.upn.as_deref()?).ok()?).with_role(role);
        attendee.guest = self.id.as_ref().and_then(|id| GuestId::parse(id.as_str()).ok());
        attendee.name.clone_from(&self.name);
        Some(attendee)
    }
}

/// The `participants` of a create or an update: the whole list. Graph mails nobody about it.
pub(super) fn members(attendees: &[Attendee]) -> Value {
    let list: Vec<Value> = attendees.iter().map(member).collect();
    json!({ "attendees": list })
}

fn member(attendee: &Attendee) -> Value {
    let role = match attendee.role {
        AttendeeRole::Presenter => MeetingRole::Presenter,
        AttendeeRole::CoOrganizer => MeetingRole::CoOrganizer,
        // a role of the future gets the fewest rights
        _ => MeetingRole::Attendee,
    };
    let mut member = json!({ "upn": attendee.email.canonical(), "role": role.as_str() });
    if let Some(id) = &attendee.guest {
        member["identity"] = json!({ "user": { "id": id.as_str() } });
    }
    member
}

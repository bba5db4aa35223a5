use invitations_core::people::{Attendee, AttendeeRole, EmailAddress};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::wire::or_default;

/// Who is in a meeting, as Graph answers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Participants {
    #[serde(deserialize_with = "or_default")]
    pub(super) organizer: Participant,
    #[serde(deserialize_with = "or_default")]
    pub(super) attendees: Vec<Participant>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Participant {
    identity: Option<Identity>,
    upn: Option<String>,
    role: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Identity {
    user: Option<User>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct User {
    id: Option<String>,
    display_name: Option<String>,
}

impl Participant {
    /// The directory object.
    pub(super) fn id(&self) -> Option<&str> {
        self.identity.as_ref()?.user.as_ref()?.id.as_deref()
    }

    /// As an attendee; `None` where Graph tells no usable address.
    pub(super) fn attendee(&self) -> Option<Attendee> {
        let email = EmailAddress::parse(self.upn.as_deref()?).ok()?;
        let mut attendee = Attendee::new(email).with_role(role(self.role.as_deref().unwrap_or_default()));
        attendee.guest = self.id().and_then(|id| invitations_core::ids::GuestId::parse(id).ok());
        attendee.name = self.identity.as_ref().and_then(|i| i.user.as_ref()).and_then(|user| user.display_name.clone());
        Some(attendee)
    }
}

/// Trap 7: the casing of enum members is not stable.
fn role(text: &str) -> AttendeeRole {
    if text.eq_ignore_ascii_case("presenter") || text.eq_ignore_ascii_case("producer") {
        AttendeeRole::Presenter
    } else if text.eq_ignore_ascii_case("coorganizer") {
        AttendeeRole::CoOrganizer
    } else {
        AttendeeRole::Attendee
    }
}

/// The `participants` of a create or an update: the whole list. Graph mails nobody about it.
pub(super) fn members(attendees: &[Attendee]) -> Value {
    let list: Vec<Value> = attendees.iter().map(member).collect();
    json!({ "attendees": list })
}

fn member(attendee: &Attendee) -> Value {
    let role = match attendee.role {
        AttendeeRole::Presenter => "presenter",
        AttendeeRole::CoOrganizer => "coorganizer",
        // a role of the future gets the fewest rights
        _ => "attendee",
    };
    let mut member = json!({ "upn": attendee.email.canonical(), "role": role });
    if let Some(id) = &attendee.guest {
        member["identity"] = json!({ "user": { "id": id.as_str() } });
    }
    member
}

use crate::{ids::GuestId, people::EmailAddress};

/// Someone who takes part in a meeting or an event.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct Attendee {
    /// Where invitations go; identifies the attendee.
    pub email: EmailAddress,
    /// The name shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The directory object, where the attendee is a guest or a member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest: Option<GuestId>,
    /// What the attendee may do.
    #[serde(default)]
    pub role: AttendeeRole,
}

/// What an attendee may do in a meeting.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttendeeRole {
    /// Takes part.
    #[default]
    Attendee,
    /// May present.
    Presenter,
    /// May do what the organizer may (Webex: cohost).
    CoOrganizer,
}

impl Attendee {
    /// A plain attendee.
    pub fn new(email: EmailAddress) -> Self {
        Self { email, name: None, guest: None, role: AttendeeRole::Attendee }
    }

    /// Sets the name shown.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the role.
    #[must_use]
    pub fn with_role(mut self, role: AttendeeRole) -> Self {
        self.role = role;
        self
    }

    /// Sets the directory object.
    #[must_use]
    pub fn with_guest(mut self, guest: GuestId) -> Self {
        self.guest = Some(guest);
        self
    }
}

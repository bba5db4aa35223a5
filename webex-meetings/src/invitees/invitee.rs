use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    ids::MeetingId,
    people::{Attendee, AttendeeRole, EmailAddress},
};
use serde_json::{Map, Value};

use super::{InviteeId, request::CHANGE};
use crate::{extra::ExtraMembers, wire::Members};

/// Webex's limit of names, in characters.
const LONGEST_NAME: usize = 128;

/// Somebody who is invited to a meeting.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Invitee {
    /// Their place on the invitation.
    pub id: Option<InviteeId>,
    /// Their address, as Webex tells it.
    pub email: Option<String>,
    /// The name they are shown under.
    pub name: Option<String>,
    /// Whether they may do what the host may.
    pub co_host: bool,
    /// Whether they are a panelist of a webinar.
    pub panelist: bool,
    /// The series or the occurrence.
    pub meeting: Option<MeetingId>,
    /// All else that Webex told.
    pub extra: ExtraMembers,
}

impl Invitee {
    pub(super) fn read(value: &Value) -> Self {
        let mut members = Members::of(value);
        Self {
            id: members.parsed("id", |id| InviteeId::parse(id).ok()),
            email: members.text("email"),
            name: members.text("displayName"),
            co_host: members.flag("coHost").unwrap_or_default(),
            panelist: members.flag("panelist").unwrap_or_default(),
            meeting: members.parsed("meetingId", |id| MeetingId::parse(id).ok()),
            extra: members.left(),
        }
    }

    /// Whether this is that address, whatever its letter case.
    pub fn is(&self, address: &EmailAddress) -> bool {
        let own = self.email.as_deref().and_then(|email| EmailAddress::parse(email).ok());
        own.is_some_and(|own| own == *address)
    }

    /// `None` where the address is none that this library can name.
    pub(super) fn into_attendee(self) -> Option<Attendee> {
        let mut attendee = Attendee::new(EmailAddress::parse(self.email?).ok()?);
        attendee.name = self.name;
        if self.co_host {
            attendee.role = AttendeeRole::CoOrganizer;
        }
        Some(attendee)
    }
}

/// Somebody to be invited.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct NewInvitee {
    /// Their address.
    pub email: EmailAddress,
    /// The name they are shown under, at most 128 characters.
    pub name: Option<String>,
    /// Whether they may do what the host may. They need an account of the site.
    pub co_host: bool,
    /// Whether they are a panelist; webinars only.
    pub panelist: bool,
}

impl NewInvitee {
    /// An attendee.
    pub fn new(email: EmailAddress) -> Self {
        Self { email, name: None, co_host: false, panelist: false }
    }

    /// What `invitee` has now: a change replaces somebody as a whole, so what is to stay has to be said again.
    ///
    /// # Errors
    /// [`Protocol`](ErrorKind::Protocol) when their address, as Webex tells it, is none.
    pub fn of(invitee: &Invitee) -> Result<Self> {
        let email = EmailAddress::parse(invitee.email.as_deref().unwrap_or_default()).map_err(|error| {
            let remedy =
                Remedy::new("Take the invitee off the invitation and invite them anew: their address is none.");
            let error = Error::new(ErrorKind::Protocol, CHANGE).with_source(error).with_remedy(remedy);
            error.with_provider(crate::provider_id())
        })?;
        let Invitee { name, co_host, panelist, .. } = invitee.clone();
        Ok(Self { email, name, co_host, panelist })
    }

    /// Sets the name.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Makes them a cohost.
    #[must_use]
    pub fn as_co_host(mut self) -> Self {
        self.co_host = true;
        self
    }

    /// Makes them a panelist.
    #[must_use]
    pub fn as_panelist(mut self) -> Self {
        self.panelist = true;
        self
    }

    pub(super) fn members(&self) -> Result<Map<String, Value>, &'static str> {
        let mut body = members(&self.email, self.name.as_deref(), self.co_host)?;
        body.insert("panelist".to_owned(), self.panelist.into());
        Ok(body)
    }
}

/// An attendee as Webex takes one. Everybody may present unless the meeting says otherwise, so only cohosts are marked.
pub(crate) fn write(attendee: &Attendee) -> Result<Map<String, Value>, &'static str> {
    members(&attendee.email, attendee.name.as_deref(), attendee.role == AttendeeRole::CoOrganizer)
}

fn members(email: &EmailAddress, name: Option<&str>, co_host: bool) -> Result<Map<String, Value>, &'static str> {
    let mut body = Map::new();
    body.insert("email".to_owned(), email.original().into());
    if let Some(name) = name.filter(|name| !name.is_empty()) {
        if name.chars().count() > LONGEST_NAME {
            return Err("an attendee's name has more than 128 characters");
        }
        body.insert("displayName".to_owned(), name.into());
    }
    body.insert("coHost".to_owned(), co_host.into());
    Ok(body)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ada() -> EmailAddress {
        EmailAddress::parse("ada@contoso.example").unwrap()
    }

    #[test]
    fn an_address_is_the_same_whatever_its_letter_case() {
        let read = Invitee::read(&json!({ "id": "i", "email": "Ada@Contoso.Example", "coHost": "true" }));
        assert!(read.is(&ada()) && read.co_host && !read.panelist);
        let attendee = read.into_attendee().unwrap();
        assert_eq!((attendee.role, attendee.name), (AttendeeRole::CoOrganizer, None));
        assert!(Invitee::read(&json!({ "email": "no address" })).into_attendee().is_none());
    }

    #[test]
    fn names_have_a_limit() {
        let attendee = Attendee::new(ada());
        assert!(write(&attendee.clone().with_name("x".repeat(129))).is_err());
        let body = write(&attendee.with_name("Ada").with_role(AttendeeRole::CoOrganizer)).unwrap();
        assert_eq!(
            Value::Object(body),
            json!({ "email": "ada@contoso.example", "displayName": "Ada", "coHost": true })
        );
        let nobody = Invitee::read(&json!({ "email": "no address" }));
        assert_eq!(NewInvitee::of(&nobody).unwrap_err().kind(), ErrorKind::Protocol);
        let panelist = NewInvitee::new(ada()).as_panelist().members().unwrap();
        assert_eq!(
            Value::Object(panelist),
            json!({ "email": "ada@contoso.example", "coHost": false, "panelist": true })
        );
    }
}

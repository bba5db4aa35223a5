use invitations_core::people::{Attendee, AttendeeRole, EmailAddress};
use serde_json::{Map, Value};

use super::read::text;

/// Webex's limit of names, in characters.
const LONGEST_NAME: usize = 128;

/// One invitee of a meeting.
#[derive(Debug)]
pub(crate) struct WireInvitee {
    pub(crate) id: Option<String>,
    pub(crate) email: Option<String>,
    name: Option<String>,
    co_host: bool,
}

impl WireInvitee {
    pub(crate) fn read(value: &Value) -> Self {
        // flags come as booleans and, in filters, as texts
        let co_host = matches!(value.get("coHost"), Some(Value::Bool(true)))
            || text(value, "coHost").is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
        Self { id: text(value, "id"), email: text(value, "email"), name: text(value, "displayName"), co_host }
    }

    pub(crate) fn is(&self, address: &EmailAddress) -> bool {
        let own = self.email.as_deref().and_then(|email| EmailAddress::parse(email).ok());
        own.is_some_and(|own| own == *address)
    }

    /// `None` where the address is none that this library can name.
    pub(crate) fn into_attendee(self) -> Option<Attendee> {
        let mut attendee = Attendee::new(EmailAddress::parse(self.email?).ok()?);
        attendee.name = self.name;
        if self.co_host {
            attendee.role = AttendeeRole::CoOrganizer;
        }
        Some(attendee)
    }
}

/// An attendee as Webex takes one. Everybody may present unless the meeting says otherwise, so only cohosts are marked.
pub(crate) fn write(attendee: &Attendee) -> Result<Map<String, Value>, &'static str> {
    let mut body = Map::new();
    body.insert("email".to_owned(), attendee.email.original().into());
    if let Some(name) = attendee.name.as_deref().filter(|name| !name.is_empty()) {
        if name.chars().count() > LONGEST_NAME {
            return Err("an attendee's name has more than 128 characters");
        }
        body.insert("displayName".to_owned(), name.into());
    }
    body.insert("coHost".to_owned(), (attendee.role == AttendeeRole::CoOrganizer).into());
    Ok(body)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_is_the_same_whatever_its_letter_case() {
        let wire = WireInvitee::read(&json!({ "id": "i", "email": "Ada@Contoso.Example", "coHost": "true" }));
        assert!(wire.is(&EmailAddress::parse("ada@contoso.example").unwrap()));
        let attendee = wire.into_attendee().unwrap();
        assert_eq!((attendee.role, attendee.name), (AttendeeRole::CoOrganizer, None));
        assert!(WireInvitee::read(&json!({ "email": "no address" })).into_attendee().is_none());
    }

    #[test]
    fn names_have_a_limit() {
        let ada = Attendee::new(EmailAddress::parse("ada@contoso.example").unwrap());
        assert!(write(&ada.clone().with_name("x".repeat(129))).is_err());
        let body = write(&ada.with_name("Ada").with_role(AttendeeRole::CoOrganizer)).unwrap();
        assert_eq!(
            Value::Object(body),
            json!({ "email": "ada@contoso.example", "displayName": "Ada", "coHost": true })
        );
    }
}

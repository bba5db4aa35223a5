use chrono::{DateTime, Utc};
use invitations_core::{ids::UserId, people::EmailAddress};
use serde_json::Value;

use crate::{
    extra::ExtraMembers,
    wire::{Members, words},
};

words! {
    /// What a person is.
    PersonKind {
        /// A human being.
        Person = "person",
        /// A bot.
        Bot = "bot",
        /// An application's own user: a guest issuer or a service application.
        Application = "appuser",
    }
}

/// A person in Webex's directory. Webex promises none of these members.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Person {
    /// The id, which meetings name as their host's.
    pub id: Option<UserId>,
    /// Addresses; the first is the main one. What cannot be an address is left out.
    pub emails: Vec<EmailAddress>,
    /// The whole name.
    pub name: Option<String>,
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The organisation.
    pub organization: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// Sites as Webex writes them, some with what the person may do there: `mysite.webex.com#attendee`.
    pub sites: Vec<String>,
    /// What they are.
    pub kind: Option<PersonKind>,
    /// Whether they are there: `active`, `OutOfOffice`, …
    pub status: Option<String>,
    /// Whether they have yet to accept their invitation.
    pub invite_pending: Option<bool>,
    /// Whether they may sign in.
    pub login_enabled: Option<bool>,
    /// Since when they are known.
    pub created: Option<DateTime<Utc>>,
    /// All else that Webex told.
    pub extra: ExtraMembers,
}

impl Person {
    pub(super) fn read(value: &Value) -> Self {
        let mut members = Members::of(value);
        Self {
            id: members.parsed("id", |id| UserId::parse(id).ok()),
            emails: members.texts_with("emails", |email| EmailAddress::parse(email).ok()),
            name: members.text("displayName"),
            first_name: members.text("firstName"),
            last_name: members.text("lastName"),
            organization: members.text("orgId"),
            time_zone: members.text("timezone"),
            sites: members.texts("siteUrls"),
            kind: members.word("type"),
            status: members.text("status"),
            // texts in the schema
            invite_pending: members.flag("invitePending"),
            login_enabled: members.flag("loginEnabled"),
            created: members.instant("created"),
            extra: members.left(),
        }
    }
}

/// A site on which somebody may hold meetings.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Site {
    /// Its host name.
    pub host_name: String,
    /// Whether it is the preferred one.
    pub preferred: bool,
    /// All else that Webex told.
    pub extra: ExtraMembers,
}

impl Site {
    pub(super) fn read(members: &mut Members) -> Option<Self> {
        Some(Self {
            host_name: members.text("siteUrl")?,
            preferred: members.flag("default").unwrap_or_default(),
            extra: members.rest(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_missing_or_odd_is_left_out() {
        let read = Person::read(&json!({
            "id": "Y2lz", "emails": ["nobody", "ada@contoso.example"], "invitePending": "false", "loginEnabled": true, "type": "robot",
        }));
        assert_eq!((read.emails.len(), read.invite_pending, read.login_enabled), (1, Some(false), Some(true)));
        assert_eq!(read.kind, Some(PersonKind::Unknown("robot".to_owned())));
        assert_eq!(Person::read(&json!(null)), Person::default());
        assert_eq!(Site::read(&mut Members::of(&json!({ "default": true }))), None);
        assert!(!Site::read(&mut Members::of(&json!({ "siteUrl": "s.example" }))).unwrap().preferred);
    }
}

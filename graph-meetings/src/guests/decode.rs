use bytes::Bytes;
use http::Response;
use invitations_core::{
    Result,
    ids::{GuestId, UserId},
    people::{EmailAddress, Guest, Redemption},
    secret::RedeemUrl,
};
use serde::Deserialize;
use url::Url;

use crate::wire::{self, or_default, unreadable};

/// A user of the directory, as far as guests go.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    id: String,
    mail: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    other_mails: Vec<String>,
    user_principal_name: Option<String>,
    user_type: Option<String>,
    external_user_state: Option<String>,
}

impl User {
    /// Whether the directory has this user as a guest.
    pub(super) fn is_guest(&self) -> bool {
        self.user_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("Guest"))
    }

    /// As a guest who was asked for by `email`.
    pub(super) fn guest_of(&self, operation: &'static str, email: EmailAddress) -> Result<Guest> {
        let id = GuestId::parse(&self.id).map_err(|error| unreadable(operation, "no usable id").with_source(error))?;
        Ok(Guest::new(id, email, self.redemption()))
    }

    /// As a guest with the address the directory knows.
    pub(super) fn guest(&self, operation: &'static str) -> Result<Guest> {
        let known = self.mail.iter().chain(&self.other_mails).chain(&self.user_principal_name);
        let email = known.filter_map(|address| EmailAddress::parse(address).ok()).next();
        self.guest_of(operation, email.ok_or_else(|| unreadable(operation, "a user without an address"))?)
    }

    fn redemption(&self) -> Redemption {
        match self.external_user_state.as_deref() {
            Some(state) if state.eq_ignore_ascii_case("PendingAcceptance") => Redemption::Pending,
            Some(state) if state.eq_ignore_ascii_case("Accepted") => Redemption::Accepted,
            _ => Redemption::NotNeeded,
        }
    }
}

/// One user.
pub(super) fn user(operation: &'static str, reply: &Response<Bytes>) -> Result<User> {
    wire::read(operation, reply)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invitation {
    invited_user: Invited,
    #[serde(default, deserialize_with = "or_default")]
    status: String,
    invite_redeem_url: Option<String>,
}

#[derive(Deserialize)]
struct Invited {
    id: String,
}

/// The guest that an invitation made.
pub(super) fn invited(operation: &'static str, email: &EmailAddress, reply: &Response<Bytes>) -> Result<Guest> {
    let wire: Invitation = wire::read(operation, reply)?;
    let id = GuestId::parse(&wire.invited_user.id)
        .map_err(|error| unreadable(operation, "no usable id").with_source(error))?;
    let accepted = wire.status.eq_ignore_ascii_case("Completed");
    let redemption = if accepted { Redemption::Accepted } else { Redemption::Pending };
    let guest = Guest::new(id, email.clone(), redemption);
    let link = wire.invite_redeem_url.as_deref().and_then(|link| Url::parse(link).ok());
    Ok(match link {
        Some(link) => guest.with_redeem_url(RedeemUrl::new(link)),
        None => guest,
    })
}

#[derive(Deserialize)]
struct OnlyId {
    id: String,
}

/// The object id of a user.
pub(crate) fn object_id(operation: &'static str, reply: &Response<Bytes>) -> Result<UserId> {
    let wire: OnlyId = wire::read(operation, reply)?;
    UserId::parse(&wire.id).map_err(|error| unreadable(operation, "no usable id").with_source(error))
}

#[cfg(test)]
mod tests {
    use invitations_core::ErrorKind;

    use super::*;

    fn reply(body: &str) -> Response<Bytes> {
        Response::new(Bytes::from(body.to_owned()))
    }

    #[test]
    fn the_redeem_link_is_kept_and_not_shown() {
        let email = EmailAddress::parse("ada@fabrikam.example").unwrap();
        let body = r#"{"id":"i-1","inviteRedeemUrl":"https://login.example/redeem?ticket=planted","status":"PendingAcceptance",
            "invitedUser":{"id":"243b1de4"},"invitedUserMessageInfo":null}"#;
        let guest = invited("invite guest", &email, &reply(body)).unwrap();
        assert_eq!((guest.id.as_str(), guest.redemption), ("243b1de4", Redemption::Pending));
        assert!(guest.redeem_url.as_ref().unwrap().expose().as_str().ends_with("planted"));
        assert!(!format!("{guest:?}").contains("planted"));
    }

    #[test]
    fn users_tell_how_far_they_have_come() {
        for (state, kind, redemption, is_guest) in [
            (r#""PendingAcceptance""#, "Guest", Redemption::Pending, true),
            (r#""accepted""#, "guest", Redemption::Accepted, true),
            ("null", "Member", Redemption::NotNeeded, false),
        ] {
            let body = format!(
                r#"{{"id":"u","mail":null,"otherMails":["ada@fabrikam.example"],"userPrincipalName":"ada_fabrikam.example#EXT#@contoso.example",
                "userType":"{kind}","externalUserState":{state}}}"#
            );
            let user = user("read guest", &reply(&body)).unwrap();
            let guest = user.guest("read guest").unwrap();
            assert_eq!((guest.redemption, user.is_guest()), (redemption, is_guest));
            assert_eq!(guest.email.canonical(), "ada@fabrikam.example");
        }
    }

    #[test]
    fn a_user_without_an_address_is_unreadable() {
        let user = user("read guest", &reply(r#"{"id":"u"}"#)).unwrap();
        assert_eq!(user.guest("read guest").unwrap_err().kind(), ErrorKind::Protocol);
    }
}

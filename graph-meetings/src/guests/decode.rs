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

use super::{DirectoryGuest, GuestKind, request};
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
    display_name: Option<String>,
    external_user_state: Option<String>,
    external_user_state_change_date_time: Option<String>,
}

impl User {
    /// Whether the directory has this user as a guest.
    pub(super) fn is_guest(&self) -> bool {
        self.user_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("Guest"))
    }

    /// Whether the address is one of the user's.
    pub(super) fn has(&self, email: &EmailAddress) -> bool {
        let upn = self.user_principal_name.as_deref().unwrap_or_default();
        let external = request::external_name(email);
        self.addresses().any(|known| known == *email)
            || upn.get(..external.len()).is_some_and(|start| start.eq_ignore_ascii_case(&external))
    }

    fn addresses(&self) -> impl Iterator<Item = EmailAddress> {
        let known = self.mail.iter().chain(&self.other_mails).chain(&self.user_principal_name);
        known.filter_map(|address| EmailAddress::parse(address).ok())
    }

    /// As somebody who was asked for by an address, or with the address that the directory knows.
    pub(super) fn known(&self, operation: &'static str, asked: Option<&EmailAddress>) -> Result<DirectoryGuest> {
        let id = GuestId::parse(&self.id).map_err(|error| unreadable(operation, "no usable id").with_source(error))?;
        let email = asked.cloned().or_else(|| self.addresses().next());
        let email = email.ok_or_else(|| unreadable(operation, "a user without an address"))?;
        let mut known = DirectoryGuest::new(Guest::new(id, email, self.redemption()));
        known.name.clone_from(&self.display_name);
        if !self.is_guest() {
            known.kind = GuestKind::Member;
        }
        let changed = self.external_user_state_change_date_time.as_deref();
        known.redemption_changed = changed.and_then(|time| time.parse().ok());
        Ok(known)
    }

    pub(super) fn redemption(&self) -> Redemption {
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
    if wire.status.eq_ignore_ascii_case("Error") {
        return Err(unreadable(operation, "Graph answered that the invitation failed"));
    }
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
                "userType":"{kind}","externalUserState":{state},"externalUserStateChangeDateTime":"2026-07-01T00:00:00Z"}}"#
            );
            let user = user("read guest", &reply(&body)).unwrap();
            let known = user.known("read guest", None).unwrap();
            let guest = &known.guest;
            assert_eq!(known.kind == GuestKind::Guest, is_guest);
            assert_eq!(known.redemption_changed.map(|time| time.timestamp()), Some(1_782_864_000));
            assert!(user.has(&guest.email));
            assert!(!user.has(&EmailAddress::parse("eve@fabrikam.example").unwrap()));
            assert_eq!((guest.redemption, user.is_guest()), (redemption, is_guest));
            assert_eq!(guest.email.canonical(), "ada@fabrikam.example");
        }
    }

    #[test]
    fn a_failed_invitation_is_no_guest() {
        let email = EmailAddress::parse("ada@fabrikam.example").unwrap();
        let body =
            r#"{"status":"Error","inviteRedeemUrl":"https://login.example/redeem?planted","invitedUser":{"id":"1"}}"#;
        let error = invited("invite guest", &email, &reply(body)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(!format!("{error:?}").contains("planted"));
    }

    #[test]
    fn a_guest_known_only_by_the_name_that_entra_made_has_the_address() {
        let body = r#"{"id":"u","mail":"new@fabrikam.example","userPrincipalName":"Ada_fabrikam.example#EXT#@contoso.example"}"#;
        let user = user("read guest", &reply(body)).unwrap();
        assert!(user.has(&EmailAddress::parse("ada@fabrikam.example").unwrap()));
    }

    #[test]
    fn a_user_without_an_address_is_unreadable() {
        let user = user("read guest", &reply(r#"{"id":"u"}"#)).unwrap();
        assert_eq!(user.known("read guest", None).unwrap_err().kind(), ErrorKind::Protocol);
    }
}

use bytes::Bytes;
use http::Request;
use invitations_core::{
    Error, Result,
    ids::{GuestId, UserId},
    people::{EmailAddress, GuestDraft},
};
use serde_json::json;

use crate::{owner::Owner, wire};

/// Not allowed in an invited address; plus-addressing fails for this reason (trap 28).
const FORBIDDEN: &[u8] = b"+~!#$%^&*()=[]{}\\/|;:\"<>?,";
/// `externalUserState` comes only when it is selected.
const SELECT: &str = "id,mail,otherMails,userPrincipalName,userType,externalUserState";

/// Refuses an address that Graph would not take, before any I/O.
pub(super) fn check(email: &EmailAddress) -> Result<()> {
    let address = email.canonical();
    match address.bytes().find(|byte| FORBIDDEN.contains(byte)) {
        None => Ok(()),
        Some(byte) => Err(Error::invalid(
            "invite guest",
            format!("Microsoft does not invite addresses with {:?} in them", char::from(byte)),
        )),
    }
}

/// An invitation.
pub(super) fn invite(draft: &GuestDraft) -> Result<Request<Bytes>> {
    let mut body = json!({
        "invitedUserEmailAddress": draft.email.canonical(),
        "inviteRedirectUrl": draft.redirect.as_str(),
        "sendInvitationMessage": draft.send_mail,
    });
    if let Some(name) = &draft.name {
        body["invitedUserDisplayName"] = json!(name);
    }
    wire::post("/v1.0/invitations", &body)
}

/// Everybody with this address, under any of the members that can hold one.
pub(super) fn find(email: &EmailAddress) -> Result<Request<Bytes>> {
    // doubled inside the literal, then percent-encoded
    let address = email.canonical().replace('\'', "''");
    let filter =
        format!("mail eq '{address}' or userPrincipalName eq '{address}' or otherMails/any(o:o eq '{address}')");
    wire::get(&format!("/v1.0/users?$filter={}&$select={SELECT}", wire::segment(&filter)))
}

/// One user of the directory.
pub(super) fn read(id: &GuestId) -> Result<Request<Bytes>> {
    wire::get(&format!("/v1.0/users/{}?$select={SELECT}", wire::segment(id.as_str())))
}

/// Takes a user out of the directory.
pub(super) fn remove(id: &GuestId) -> Result<Request<Bytes>> {
    wire::delete(&format!("/v1.0/users/{}", wire::segment(id.as_str())))
}

/// The object id of a user named by address.
pub(crate) fn object_id(user: &UserId) -> Result<Request<Bytes>> {
    wire::get(&format!("{}?$select=id", Owner::User(user.clone()).path()))
}

#[cfg(test)]
mod tests {
    use invitations_core::ErrorKind;
    use url::Url;

    use super::*;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    #[test]
    fn trap_28_addresses_that_microsoft_refuses_are_refused_first() {
        for bad in ["ada+x@contoso.example", "a~b@contoso.example", "a!b@c.example", "a#b@c.example", "a/b@c.example"] {
            assert_eq!(check(&address(bad)).unwrap_err().kind(), ErrorKind::InvalidInput, "{bad}");
        }
        for fine in ["ada.lovelace@contoso.example", "o'brien@contoso.example", "a_b-c@contoso.example"] {
            assert!(check(&address(fine)).is_ok(), "{fine}");
        }
    }

    #[test]
    fn quotes_are_doubled_and_everything_is_encoded() {
        let request = find(&address("o'brien@contoso.example")).unwrap();
        let query = request.uri().query().unwrap();
        assert!(query.starts_with("$filter=mail%20eq%20%27o%27%27brien%40contoso.example%27%20or%20"), "{query}");
        assert!(query.ends_with("&$select=id,mail,otherMails,userPrincipalName,userType,externalUserState"));
    }

    #[test]
    fn an_invitation_says_whether_microsoft_mails() {
        let draft =
            GuestDraft::new(address("Ada@Fabrikam.example"), Url::parse("https://app.contoso.example/in").unwrap())
                .with_name("Ada")
                .with_mail(false);
        let request = invite(&draft).unwrap();
        assert_eq!(request.uri(), "/v1.0/invitations");
        let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
        let expected = json!({
            "invitedUserEmailAddress": "ada@fabrikam.example",
            "inviteRedirectUrl": "https://app.contoso.example/in",
            "sendInvitationMessage": false,
            "invitedUserDisplayName": "Ada",
        });
        assert_eq!(body, expected);
    }

    #[test]
    fn ids_cannot_leave_their_segment() {
        let request = remove(&GuestId::parse("a/../b?c").unwrap()).unwrap();
        assert_eq!(request.uri(), "/v1.0/users/a%2F..%2Fb%3Fc");
        let request = object_id(&UserId::parse("tutor@contoso.example").unwrap()).unwrap();
        assert_eq!(request.uri(), "/v1.0/users/tutor%40contoso.example?$select=id");
    }
}

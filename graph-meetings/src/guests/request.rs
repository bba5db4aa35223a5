use bytes::Bytes;
use http::Request;
use invitations_core::{
    Error, Remedy, Result,
    ids::{GuestId, UserId},
    people::EmailAddress,
};
use serde_json::{Value, json};

use super::{GuestInvitation, GuestKind, InvitationMail};
use crate::{owner::Owner, wire};

/// Not allowed in an invited address; plus-addressing fails for this reason (trap 28).
const FORBIDDEN: &[u8] = b"+~!#$%^&*()=[]{}\\/|;:\"<>?,";
/// `externalUserState` and its time come only when they are selected.
const SELECT: &str =
    "id,displayName,mail,otherMails,userPrincipalName,userType,externalUserState,externalUserStateChangeDateTime";

/// Refuses an address that Graph would not take, before any I/O.
pub(super) fn check(operation: &'static str, email: &EmailAddress) -> Result<()> {
    let address = email.canonical();
    let remedy = || Remedy::new("Ask for another address of the same person, without a tag after a plus sign.");
    if let Some(byte) = address.bytes().find(|byte| FORBIDDEN.contains(byte)) {
        let detail = format!("Microsoft does not invite addresses with {:?} in them", char::from(byte));
        return Err(Error::invalid(operation, detail).with_remedy(remedy()));
    }
    let local = address.split('@').next().unwrap_or_default();
    if local.starts_with(['.', '-']) || local.ends_with(['.', '-']) {
        let detail = "Microsoft does not invite addresses whose name begins or ends with a period or a hyphen";
        return Err(Error::invalid(operation, detail).with_remedy(remedy()));
    }
    Ok(())
}

/// An invitation; with `reset` one that lets a guest redeem anew. `sponsors` are absolute addresses of users.
pub(super) fn invite(
    invitation: &GuestInvitation,
    reset: Option<&GuestId>,
    sponsors: &[String],
) -> Result<Request<Bytes>> {
    let mut body = json!({
        "invitedUserEmailAddress": invitation.email.canonical(),
        "inviteRedirectUrl": invitation.redirect.as_str(),
        "sendInvitationMessage": invitation.mail.is_some(),
    });
    if let Some(name) = &invitation.name {
        body["invitedUserDisplayName"] = json!(name);
    }
    if invitation.kind != GuestKind::Guest {
        body["invitedUserType"] = json!(invitation.kind.as_str());
    }
    if let Some(id) = reset {
        body["invitedUser"] = json!({ "id": id.as_str() });
        body["resetRedemption"] = json!(true);
    }
    if !sponsors.is_empty() {
        body["invitedUserSponsors@odata.bind"] = json!(sponsors);
    }
    if let Some(mail) = invitation.mail.as_ref().filter(|mail| **mail != InvitationMail::new()) {
        body["invitedUserMessageInfo"] = message(mail);
    }
    wire::post("/v1.0/invitations", &body)
}

fn message(mail: &InvitationMail) -> Value {
    let mut message = json!({});
    if let Some(language) = &mail.language {
        message["messageLanguage"] = json!(language);
    }
    if let Some(text) = &mail.text {
        message["customizedMessageBody"] = json!(text);
    }
    let copies = mail.copies.iter().map(|to| json!({ "emailAddress": { "address": to.canonical() } }));
    let copies: Vec<Value> = copies.collect();
    if !copies.is_empty() {
        message["ccRecipients"] = json!(copies);
    }
    message
}

/// A user who answers for a guest.
pub(super) fn sponsor(id: &UserId) -> Result<Request<Bytes>> {
    wire::get(&format!("/v1.0/users/{}", wire::segment(id.as_str())))
}

/// How the principal name begins that Entra gives to a guest.
pub(super) fn external_name(email: &EmailAddress) -> String {
    format!("{}#EXT#@", email.canonical().replace('@', "_"))
}

/// Everybody with this address, under any of the members that can hold one.
pub(super) fn find(email: &EmailAddress) -> Result<Request<Bytes>> {
    // doubled inside the literal, then percent-encoded
    let address = email.canonical().replace('\'', "''");
    let external = external_name(email).replace('\'', "''");
    let filter = format!(
        "mail eq '{address}' or userPrincipalName eq '{address}' or otherMails/any(o:o eq '{address}') \
         or startswith(userPrincipalName,'{external}')"
    );
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
        for bad in [
            "ada+x@contoso.example",
            "a~b@contoso.example",
            "a!b@c.example",
            "a#b@c.example",
            "a/b@c.example",
            "-a@c.example",
            "a-@c.example",
        ] {
            assert_eq!(
                check("test", &address(bad)).map_err(|e| (e.kind(), e.remedy().is_some())),
                Err((ErrorKind::InvalidInput, true)),
                "{bad}"
            );
        }
        for fine in ["ada.lovelace@contoso.example", "o'brien@contoso.example", "a_b-c@contoso.example"] {
            assert!(check("test", &address(fine)).is_ok(), "{fine}");
        }
    }

    #[test]
    fn quotes_are_doubled_and_everything_is_encoded() {
        let request = find(&address("o'brien@contoso.example")).unwrap();
        let query = request.uri().query().unwrap();
        assert!(query.starts_with("$filter=mail%20eq%20%27o%27%27brien%40contoso.example%27%20or%20"), "{query}");
        assert!(
            query.contains("%20startswith%28userPrincipalName%2C%27o%27%27brien_contoso.example%23EXT%23%40%27%29&")
        );
        assert!(
            query.contains("%20or%20otherMails%2Fany%28o%3Ao%20eq%20%27o%27%27brien%40contoso.example%27%29%20or%20"),
            "{query}"
        );
        assert!(query.ends_with(",externalUserState,externalUserStateChangeDateTime"));
    }

    fn body(invitation: &GuestInvitation, reset: Option<&GuestId>, sponsors: &[String]) -> Value {
        let request = invite(invitation, reset, sponsors).unwrap();
        assert_eq!(request.uri(), "/v1.0/invitations");
        serde_json::from_slice(request.body()).unwrap()
    }

    fn invitation() -> GuestInvitation {
        GuestInvitation::new(address("Ada@Fabrikam.example"), Url::parse("https://app.contoso.example/in").unwrap())
    }

    #[test]
    fn an_invitation_says_whether_microsoft_mails() {
        let quiet = json!({
            "invitedUserEmailAddress": "ada@fabrikam.example",
            "inviteRedirectUrl": "https://app.contoso.example/in",
            "sendInvitationMessage": false,
            "invitedUserDisplayName": "Ada",
        });
        assert_eq!(body(&invitation().with_name("Ada").without_mail(), None, &[]), quiet);
        let plain = body(&invitation(), None, &[]);
        assert_eq!(plain["sendInvitationMessage"], json!(true));
        assert!(plain.get("invitedUserMessageInfo").is_none());
    }

    #[test]
    fn an_invitation_with_everything() {
        let mail = InvitationMail::new().with_language("de-DE").with_text("Komm").with_copy(address("b@c.example"));
        let full = invitation().with_mail(mail).with_kind(GuestKind::Member);
        let id = GuestId::parse("g-1").unwrap();
        let sponsors = ["https://graph.microsoft.com/v1.0/users/u-1".to_owned()];
        let expected = json!({
            "invitedUserEmailAddress": "ada@fabrikam.example",
            "inviteRedirectUrl": "https://app.contoso.example/in",
            "sendInvitationMessage": true,
            "invitedUserType": "Member",
            "invitedUser": { "id": "g-1" },
            "resetRedemption": true,
            "invitedUserSponsors@odata.bind": ["https://graph.microsoft.com/v1.0/users/u-1"],
            "invitedUserMessageInfo": {
                "messageLanguage": "de-DE",
                "customizedMessageBody": "Komm",
                "ccRecipients": [{ "emailAddress": { "address": "b@c.example" } }],
            },
        });
        assert_eq!(body(&full, Some(&id), &sponsors), expected);
    }

    #[test]
    fn ids_cannot_leave_their_segment() {
        let request = remove(&GuestId::parse("a/../b?c").unwrap()).unwrap();
        assert_eq!(request.uri(), "/v1.0/users/a%2F..%2Fb%3Fc");
        let request = object_id(&UserId::parse("tutor@contoso.example").unwrap()).unwrap();
        assert_eq!(request.uri(), "/v1.0/users/tutor%40contoso.example?$select=id");
    }
}

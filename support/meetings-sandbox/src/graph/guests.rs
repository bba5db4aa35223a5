//! `POST /invitations`: B2B guests.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Answer, Failure, Turn, lists::with_context};
use crate::{
    defaults,
    serve::Reply,
    world::{Guest, Mail, User, name_from},
};

/// Not allowed in an invited address; plus-addressing fails for this reason.
const FORBIDDEN: &str = "+~!#$%^&*()=[]{}\\/|;:\"<>?,";

/// Mail to this domain finds no server: the documented lasting 500 (trap 28).
const NO_TARGET: &str = "no-mail.example";

/// What an invitation asks of the user behind it.
struct Wanted<'a> {
    address: &'a str,
    name: String,
    member: bool,
    sponsors: Vec<String>,
    /// The guest whose redemption begins anew.
    reset: Option<&'a str>,
}

pub(super) fn invite(turn: &mut Turn<'_>) -> Answer {
    let body = turn.body()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|t| !t.is_empty());
    let required = |name: &'static str| {
        text(name).ok_or_else(|| Failure::bad_request("BadRequest", format!("Property {name} is required.")))
    };
    let address = required("invitedUserEmailAddress")?;
    let redirect = required("inviteRedirectUrl")?;
    if !is_invitable(address) {
        return Err(Failure::bad_request("BadRequest", "The invited user email address is not a valid email address."));
    }
    if turn.world.settings.guest_invitations_disabled {
        // the words: azure-docs issue 78054
        let message =
            "Guest invitations not allowed for your company. Contact your company administrator for more details.";
        return Err(Failure::new(StatusCode::FORBIDDEN, "Forbidden", message));
    }
    if address.rsplit('@').next().is_some_and(|domain| domain.eq_ignore_ascii_case(NO_TARGET)) {
        let message = "Unable to find target address";
        return Err(Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", message));
    }
    let empty = Value::Null;
    let info = body.get("invitedUserMessageInfo").unwrap_or(&empty);
    let copies = info["ccRecipients"].as_array();
    if copies.is_some_and(|copies| copies.len() > 1) {
        return Err(Failure::bad_request("BadRequest", "Only one cc recipient is supported."));
    }
    let kind = text("invitedUserType").unwrap_or("Guest");
    if !["guest", "member"].contains(&kind.to_ascii_lowercase().as_str()) {
        return Err(Failure::bad_request("BadRequest", "The invited user type is not supported."));
    }
    // `resetRedemption` goes with `invitedUser.id`: api/invitation-post
    let reset = match (
        body.get("resetRedemption") == Some(&json!(true)),
        body.get("invitedUser").and_then(|user| user["id"].as_str()),
    ) {
        (true, None) => return Err(Failure::bad_request("BadRequest", "Property invitedUser is required.")),
        (reset, id) => id.filter(|_| reset),
    };
    let sponsors = turn.sponsors(&body)?;
    let name = text("invitedUserDisplayName").map_or_else(|| name_from(address), str::to_owned);
    let member = kind.eq_ignore_ascii_case("Member");
    let user = turn.guest(Wanted { address, name, member, sponsors, reset })?;
    let state = user.guest.as_ref();
    let redeem_url = state.map(|guest| guest.redeem_url.clone()).unwrap_or_default();
    let send = body.get("sendInvitationMessage") == Some(&json!(true));
    if send {
        let copy = copies.and_then(|copies| copies.first()?["emailAddress"]["address"].as_str());
        for to in std::iter::once(user.mail.as_str()).chain(copy) {
            turn.world.mails.push(message(to, info, &redeem_url));
        }
    }
    let invitation = json!({
        "id": turn.world.ids.guid("invitation"),
        "inviteRedeemUrl": redeem_url,
        "invitedUserDisplayName": user.name,
        "invitedUserType": user.kind(),
        "invitedUserEmailAddress": user.mail,
        "sendInvitationMessage": send,
        "resetRedemption": reset.is_some(),
        "inviteRedirectUrl": redirect,
        "status": if state.is_some_and(|guest| guest.accepted) { "Completed" } else { "PendingAcceptance" },
        "invitedUserMessageInfo": body.get("invitedUserMessageInfo"),
        "invitedUser": { "id": user.id },
    });
    let context = turn.context("invitations/$entity");
    Ok(Reply::json(StatusCode::CREATED, &with_context(context, invitation)))
}

/// The mail of an invitation. The language (`en-US` without one) does not count beside a text of one's own: res/invitedusermessageinfo.
fn message(to: &str, info: &Value, redeem_url: &str) -> Mail {
    let part = |name: &str| info[name].as_str().filter(|part| !part.is_empty()).map(str::to_owned);
    let text = part("customizedMessageBody");
    let language = part("messageLanguage").unwrap_or_else(|| "en-US".to_owned());
    let mail = Mail::new(to, "guest-invitation", "You're invited", Some(redeem_url));
    Mail { language: text.is_none().then_some(language), text, ..mail }
}

impl Turn<'_> {
    /// Who answers for the guest: references to users, as OData binds relations of a new object.
    fn sponsors(&self, body: &Map<String, Value>) -> Result<Vec<String>, Failure> {
        let bound = body.get("invitedUserSponsors@odata.bind").and_then(Value::as_array);
        let ids = bound.into_iter().flatten().map(|link| link.as_str().and_then(|link| link.rsplit('/').next()));
        let known = ids.map(|id| id.and_then(|id| self.world.user(id)).map(|user| user.id.clone()));
        known.collect::<Option<_>>().ok_or_else(|| Failure::bad_request("BadRequest", "A sponsor does not exist."))
    }

    /// The guest of this address: the known one again, or a new one.
    fn guest(&mut self, wanted: Wanted<'_>) -> Result<User, Failure> {
        let known = match wanted.reset {
            Some(id) => Some(self.world.user(id).cloned().ok_or_else(|| Failure::no_such_resource(id))?),
            None => self.world.user_by_address(wanted.address).cloned(),
        };
        match known {
            Some(known) => self.known_guest(known, &wanted),
            None => Ok(self.new_guest(wanted)),
        }
    }

    fn known_guest(&mut self, known: User, wanted: &Wanted<'_>) -> Result<User, Failure> {
        let Some(guest) = &known.guest else {
            let message = format!(
                "The invited user already exists in the directory as objectID: {}. They can use that account to \
                 sign in to shared apps and resources.",
                known.id
            );
            return Err(Failure::bad_request("BadRequest", message));
        };
        if guest.blocked {
            // the status: msgraph-sdk-php issue 301
            let message = "The invited user is blocked from signing in.";
            return Err(Failure::new(StatusCode::PRECONDITION_FAILED, "PreconditionFailed", message));
        }
        if wanted.reset.is_none() {
            return Ok(known);
        }
        let renewed = Guest { accepted: false, changed: self.now, ..guest.clone() };
        let renewed = User { guest: Some(renewed), mail: wanted.address.to_owned(), ..known };
        self.world.users.insert(renewed.id.clone(), renewed.clone());
        Ok(renewed)
    }

    fn new_guest(&mut self, wanted: Wanted<'_>) -> User {
        let now = self.now;
        let id = self.world.ids.guid("guest");
        let redeem_url = format!(
            "https://login.microsoftonline.com/redeem?rd=https%3a%2f%2finvitations.microsoft.com%2fredeem%2f%3ftenant%3d{}%26user%3d{id}%26ticket%3d{}",
            defaults::DIRECTORY_ID,
            self.world.ids.opaque("ticket")
        );
        let hidden_reads = self.world.settings.guest_hidden_reads;
        let Wanted { address, name, member, sponsors, .. } = wanted;
        let guest = Guest { accepted: false, changed: now, redeem_url, hidden_reads, member, blocked: false, sponsors };
        let user = User {
            administrator: false,
            id: id.clone(),
            upn: format!("{}#EXT#@{}", address.replace('@', "_"), defaults::DIRECTORY_DOMAIN),
            mail: address.to_owned(),
            name,
            teams: false,
            calendar_teams: false,
            personal: false,
            created: now,
            guest: Some(guest),
        };
        self.world.users.insert(id, user.clone());
        user
    }
}

fn is_invitable(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else { return false };
    let clean = |part: &str| !part.is_empty() && !part.contains(|c: char| FORBIDDEN.contains(c) || c.is_whitespace());
    clean(local) && clean(domain) && !domain.contains('@') && domain.contains('.')
}

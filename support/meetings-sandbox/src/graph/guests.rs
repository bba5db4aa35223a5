//! `POST /invitations`: B2B guests.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Failure, Turn, lists::with_context};
use crate::{
    defaults,
    serve::Reply,
    world::{Guest, User, name_from},
};

/// Not allowed in an invited address; plus-addressing fails for this reason.
const FORBIDDEN: &str = "+~!#$%^&*()=[]{}\\/|;:\"<>?,";

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
    let copies = body.get("invitedUserMessageInfo").and_then(|info| info["ccRecipients"].as_array());
    if copies.is_some_and(|copies| copies.len() > 1) {
        return Err(Failure::bad_request("BadRequest", "Only one cc recipient is supported."));
    }
    let reset = body.get("resetRedemption") == Some(&json!(true));
    let name = text("invitedUserDisplayName").map_or_else(|| name_from(address), str::to_owned);
    let user = turn.guest(address, name, reset)?;
    let state = user.guest.as_ref();
    let redeem_url = state.map(|guest| guest.redeem_url.clone()).unwrap_or_default();
    let send = body.get("sendInvitationMessage") == Some(&json!(true));
    if send {
        turn.world.send_mail(&user.mail, "guest-invitation", "You're invited", Some(&redeem_url));
    }
    let invitation = json!({
        "id": turn.world.ids.guid("invitation"),
        "inviteRedeemUrl": redeem_url,
        "invitedUserDisplayName": user.name,
        "invitedUserType": text("invitedUserType").unwrap_or("Guest"),
        "invitedUserEmailAddress": user.mail,
        "sendInvitationMessage": send,
        "resetRedemption": reset,
        "inviteRedirectUrl": redirect,
        "status": if state.is_some_and(|guest| guest.accepted) { "Completed" } else { "PendingAcceptance" },
        "invitedUserMessageInfo": body.get("invitedUserMessageInfo"),
        "invitedUser": { "id": user.id },
    });
    let context = turn.context("invitations/$entity");
    Ok(Reply::json(StatusCode::CREATED, &with_context(context, invitation)))
}

impl Turn<'_> {
    /// The guest of this address: the known one again, or a new one.
    fn guest(&mut self, address: &str, name: String, reset: bool) -> Result<User, Failure> {
        let now = self.now;
        if let Some(known) = self.world.user_by_address(address).cloned() {
            let Some(guest) = &known.guest else {
                let message = format!(
                    "The invited user already exists in the directory as objectID: {}. They can use that account to \
                     sign in to shared apps and resources.",
                    known.id
                );
                return Err(Failure::bad_request("BadRequest", message));
            };
            if reset && guest.accepted {
                let renewed = Guest { accepted: false, changed: now, ..guest.clone() };
                let renewed = User { guest: Some(renewed), ..known };
                self.world.users.insert(renewed.id.clone(), renewed.clone());
                return Ok(renewed);
            }
            return Ok(known);
        }
        let id = self.world.ids.guid("guest");
        let redeem_url = format!(
            "https://login.microsoftonline.com/redeem?rd=https%3a%2f%2finvitations.microsoft.com%2fredeem%2f%3ftenant%3d{}%26user%3d{id}%26ticket%3d{}",
            defaults::DIRECTORY_ID,
            self.world.ids.opaque("ticket")
        );
        let hidden_reads = self.world.settings.guest_hidden_reads;
        let user = User {
            id: id.clone(),
            upn: format!("{}#EXT#@{}", address.replace('@', "_"), defaults::DIRECTORY_DOMAIN),
            mail: address.to_owned(),
            name,
            teams: false,
            calendar_teams: false,
            personal: false,
            created: now,
            guest: Some(Guest { accepted: false, changed: now, redeem_url, hidden_reads }),
        };
        self.world.users.insert(id, user.clone());
        Ok(user)
    }
}

fn is_invitable(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else { return false };
    let clean = |part: &str| !part.is_empty() && !part.contains(|c: char| FORBIDDEN.contains(c) || c.is_whitespace());
    clean(local) && clean(domain) && !domain.contains('@') && domain.contains('.')
}

//! `/people/me`, `/meetingPreferences/sites`, `/authorizations`.

use data_encoding::BASE64URL_NOPAD;
use http::StatusCode;
use serde_json::json;

use super::{Answer, Turn, error::Failure};
use crate::{defaults, serve::Reply};

/// What an administrator needs to end authorizations.
const REVOKE: &str = "identity:tokens_write";

pub(super) fn me(turn: &mut Turn<'_>) -> Answer {
    let organisation = format!("ciscospark://us/ORGANIZATION/{}", defaults::DIRECTORY_ID);
    let mut names = turn.caller.name.splitn(2, ' ');
    Ok(Reply::json(
        StatusCode::OK,
        &json!({
            "id": turn.caller.id,
            "emails": [turn.caller.address],
            "displayName": turn.caller.name,
            "firstName": names.next(),
            "lastName": names.next(),
            "orgId": BASE64URL_NOPAD.encode(organisation.as_bytes()),
            "created": "2015-10-18T14:26:16.000Z",
            "timezone": "UTC",
            "siteUrls": [defaults::WEBEX_SITE],
            "status": "active",
            "type": "person",
        }),
    ))
}

/// `userEmail` is an administrator's.
pub(super) fn sites(turn: &mut Turn<'_>) -> Answer {
    let (own, all) = ("meeting:preferences_read", "meeting:admin_preferences_read");
    turn.scope(own, all)?;
    let other = turn.call.parameter("userEmail").filter(|email| !email.eq_ignore_ascii_case(&turn.caller.address));
    if other.is_some() {
        turn.scope(all, all)?;
    }
    Ok(Reply::json(StatusCode::OK, &json!({ "sites": [{ "siteUrl": defaults::WEBEX_SITE, "default": true }] })))
}

/// `DELETE /authorizations?clientId=`: an administrator ends all that the people of the organisation have granted to a client.
pub(super) fn revoke(turn: &mut Turn<'_>) -> Answer {
    turn.scope(REVOKE, REVOKE)?;
    if !turn.caller.administrator {
        return Err(Failure::forbidden("Only an administrator ends authorizations."));
    }
    let client = turn.call.parameter("clientId").filter(|client| !client.is_empty());
    let client = client.ok_or_else(|| Failure::invalid("'clientId' cannot be empty"))?.to_owned();
    for token in turn.world.webex_tokens.refresh.values_mut().filter(|token| token.client == client) {
        token.revoked = true;
    }
    turn.world.expire_access(Some(&client), None);
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

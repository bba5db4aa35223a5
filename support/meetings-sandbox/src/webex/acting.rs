//! On whose behalf a request is made: `hostEmail`, in the query or in the body.

use serde_json::Value;

use super::{JOIN, error::Failure};
use crate::{
    serve::Call,
    world::{AccessToken, GUEST_SCOPE, Person, World, has_scope, is_machine},
};

/// What has no `hostEmail`, or means somebody else by it.
const FOR_ONESELF: [&str; 4] =
    ["webex.meetings.end", "webex.meetings.reassignHost", "webex.participants.put", "webex.participants.admit"];
/// With what somebody joins in their own name.
const JOIN_ONESELF: &str = "meeting:schedules_read";
/// What service applications do on somebody's behalf only.
const OF_HOSTS: [&str; 5] =
    ["webex.meetings.", "webex.invitees.", "webex.participants.", "webex.recordings.", "webex.transcripts."];

/// The caller, or whom an administrator or a service application names.
pub(super) fn acting(
    world: &World,
    call: &Call,
    operation: &str,
    token: &AccessToken,
    caller: &Person,
) -> Result<Person, Failure> {
    if FOR_ONESELF.contains(&operation) || !OF_HOSTS.iter().any(|of| operation.starts_with(of)) {
        return Ok(caller.clone());
    }
    let in_body = || call.object().ok()?.get("hostEmail").and_then(Value::as_str).map(str::to_owned);
    let named = call.parameter("hostEmail").map(str::to_owned).or_else(in_body);
    let named = named.filter(|email| !email.is_empty() && !email.eq_ignore_ascii_case(&caller.address));
    let is_guest = has_scope(&token.scope, GUEST_SCOPE);
    let Some(email) = named else {
        let is_application = is_machine(&caller.address) && !is_guest;
        // an administrator's scopes join on behalf of others only
        let joins_for_others = operation == JOIN && is_administrator(token) && !has_scope(&token.scope, JOIN_ONESELF);
        return match is_application || joins_for_others {
            true => Err(Failure::invalid("'hostEmail' is required on behalf of others.")),
            false => Ok(caller.clone()),
        };
    };
    if !is_administrator(token) {
        return Err(Failure::forbidden("'hostEmail' needs a scope of administrators."));
    }
    world.person(&email).cloned().ok_or_else(|| Failure::invalid("'hostEmail' is not a user of this site."))
}

fn is_administrator(token: &AccessToken) -> bool {
    token.scope.split_whitespace().any(|scope| scope.starts_with("meeting:admin_"))
}

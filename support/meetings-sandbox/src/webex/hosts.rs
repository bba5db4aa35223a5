//! `POST /meetings/reassignHost`.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Turn, error::Failure, meeting_input::text};
use crate::{defaults, serve::Reply, world::has_scope};

const MOST: usize = 100;

/// 204 when all have the new host, 207 when some could not be found.
pub(super) fn reassign(turn: &mut Turn<'_>) -> Answer {
    if !has_scope(&turn.token.scope, "meeting:admin_schedule_write") {
        return Err(Failure::forbidden("Only an administrator reassigns hosts."));
    }
    if turn.call.header("siteurl").is_some_and(|site| site != defaults::WEBEX_SITE) {
        return Err(Failure::invalid("'siteUrl' is no site of this organization."));
    }
    let body = turn.body()?;
    let host = text(&body, "hostEmail").and_then(|email| turn.world.person(email)).cloned();
    let host = host.ok_or_else(|| Failure::forbidden("The user is not qualified to be a host."))?;
    let ids = body.get("meetingIds").and_then(Value::as_array).cloned().unwrap_or_default();
    if ids.is_empty() || ids.len() > MOST {
        return Err(Failure::invalid("'meetingIds' holds 1 to 100 meetings."));
    }
    let mut items = Vec::new();
    for id in ids.iter().map(|id| id.as_str().unwrap_or_default()) {
        items.push(match turn.world.webex_meeting_mut(id) {
            Some(meeting) => {
                (meeting.host, meeting.host_email) = (host.id.clone(), host.address.clone());
                for one in meeting.changed.values_mut() {
                    (one.host, one.host_email) = (host.id.clone(), host.address.clone());
                }
                let meeting = meeting.clone();
                turn.tell("updated", &meeting);
                json!({ "meetingId": id, "httpStatus": 200 })
            }
            None => json!({
                "meetingId": id,
                "httpStatus": 404,
                "message": "The requested resource could not be found.",
                "errors": [{ "description": "The meeting is not found." }],
            }),
        });
    }
    if items.iter().all(|item| item["httpStatus"] == 200) {
        return Ok(Reply::empty(StatusCode::NO_CONTENT));
    }
    Ok(Reply::json(StatusCode::MULTI_STATUS, &json!({ "items": items })))
}

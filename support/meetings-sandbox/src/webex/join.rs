//! `POST /meetings/join`.

use chrono::TimeDelta;
use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Turn, error::Failure, meeting_input::text};
use crate::{defaults, serve::Reply, time::whole_seconds, world::WebexMeeting};

/// Minutes that links work unless the request says so. Webex documents no figure.
const MINUTES: i64 = 15;

/// A redirect into the meeting, unless `joinDirectly` is false. Anybody with the password may join.
pub(super) fn join(turn: &mut Turn<'_>) -> Answer {
    let body = turn.body()?;
    let meeting = turn.joined(&body)?;
    let minutes = body.get("expirationMinutes").map_or(Some(MINUTES), Value::as_i64);
    let minutes = minutes.filter(|minutes| (1..=60).contains(minutes));
    let minutes = minutes.ok_or_else(|| Failure::invalid("'expirationMinutes' must be between 1 and 60."))?;
    if !meeting.occurrences().any(|one| one.end > turn.now) && !turn.is_running(&meeting) {
        return Err(Failure::invalid("The meeting has ended."));
    }
    let invited = meeting.host == turn.acting.id || meeting.invitee(&turn.acting.address).is_some();
    let knows = text(&body, "password") == Some(meeting.password.as_str());
    if !invited && !knows && !turn.may_see(&meeting) {
        return Err(Failure::forbidden("The password of the meeting is missing or wrong."));
    }
    let ids = &mut turn.world.ids;
    let mut link = |kind: &str| {
        format!("https://{0}/wbxmjs/joinservice/{kind}?token={1}", defaults::WEBEX_SITE, ids.hex("join-token"))
    };
    let joining = link("join");
    if body.get("joinDirectly") != Some(&Value::Bool(false)) {
        return Ok(Reply::redirect(joining));
    }
    let expiration = whole_seconds(turn.now + TimeDelta::minutes(minutes));
    let mut shown = json!({ "joinLink": joining, "expiration": expiration });
    if meeting.host == turn.acting.id {
        shown["startLink"] = link("start").into();
    }
    Ok(Reply::json(StatusCode::OK, &shown))
}

impl Turn<'_> {
    /// Whoever joins need not be able to see the meeting.
    fn joined(&self, body: &serde_json::Map<String, Value>) -> Result<WebexMeeting, Failure> {
        let live =
            || self.world.webex_meetings.iter().filter(|meeting| !meeting.deleted && !meeting.is_removed(self.now));
        let found = if let Some(id) = text(body, "meetingId") {
            self.world.webex_place(id)
        } else if let Some(number) = text(body, "meetingNumber") {
            let number: String = number.chars().filter(char::is_ascii_digit).collect();
            live().find(|meeting| meeting.number == number).cloned()
        } else if let Some(link) = text(body, "webLink") {
            live().find(|meeting| meeting.web_link == link).cloned()
        } else {
            return Err(Failure::invalid("One of 'meetingId', 'meetingNumber' and 'webLink' is required."));
        };
        found.ok_or_else(|| Failure::not_found("The meeting does not exist."))
    }
}

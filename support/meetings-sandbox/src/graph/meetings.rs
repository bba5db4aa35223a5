//! `/users/{object id}/onlineMeetings` and `/me/onlineMeetings`.

use http::StatusCode;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{Answer, Failure, Turn, lists::with_context, meeting_body, meeting_settings};
use crate::{serve::Reply, world::TeamsMeeting};

pub(super) fn create(turn: &mut Turn<'_>) -> Answer {
    let organizer = turn.organizer("create")?;
    let body = turn.body()?;
    let external_id = body.get("externalId").and_then(Value::as_str).map(str::to_owned);
    let meeting = turn.make_meeting(&organizer, external_id.as_deref(), &body)?;
    turn.meeting_reply(StatusCode::CREATED, &meeting)
}

pub(super) fn create_or_get(turn: &mut Turn<'_>) -> Answer {
    let organizer = turn.organizer("createOrGet")?;
    let body = turn.body()?;
    let Some(external_id) = body.get("externalId").and_then(Value::as_str).filter(|id| !id.is_empty()) else {
        return Err(Failure::bad_request("BadRequest", "The 'externalId' property is required."));
    };
    meeting_body::times(&body, turn.now)?;
    if let Some(found) = turn.world.meeting_by_external_id(&organizer.id, external_id).cloned() {
        return turn.meeting_reply(StatusCode::OK, &found);
    }
    let external_id = external_id.to_owned();
    let meeting = turn.make_meeting(&organizer, Some(&external_id), &meeting_body::declared(body))?;
    turn.meeting_reply(StatusCode::CREATED, &meeting)
}

pub(super) fn read(turn: &mut Turn<'_>) -> Answer {
    let user = turn.organizer("read")?;
    let found = turn.world.meeting(turn.id(0)).cloned().filter(|meeting| {
        let invited = meeting.attendees.iter().any(|a| a["identity"]["user"]["id"] == user.id.as_str());
        meeting.organizer == user.id || invited
    });
    let meeting = found.ok_or_else(no_such_meeting)?;
    turn.meeting_reply(StatusCode::OK, &meeting)
}

/// Only the two documented filters; there is no listing of all meetings, and nobody but the organizer finds one
/// [api/onlinemeeting-get@0713c450]. The meeting behind a new event may come late (chosen, see DIFFERENCES).
pub(super) fn find(turn: &mut Turn<'_>) -> Answer {
    let user = turn.organizer("find")?;
    let filter = turn.call.parameter("$filter").unwrap_or_default();
    let wanted = |name: &str| -> Option<String> {
        let (left, right) = filter.split_once(" eq ")?;
        let value = right.trim().strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'");
        left.trim().eq_ignore_ascii_case(name).then_some(value)
    };
    let matches: Box<dyn Fn(&TeamsMeeting) -> bool> = if let Some(url) = wanted("JoinWebUrl") {
        let decoded = percent_decode_str(&url).decode_utf8_lossy().into_owned();
        Box::new(move |m| m.join_url == url || m.join_url == decoded)
    } else if let Some(id) = wanted("joinMeetingIdSettings/joinMeetingId") {
        Box::new(move |m| m.join_meeting_id == id)
    } else {
        return Err(Failure::bad_request("InvalidArgument", "Filter expression expected - /onlineMeetings?$filter=…"));
    };
    let mut late =
        turn.world.meetings.iter_mut().filter(|m| m.hidden_reads > 0 && m.organizer == user.id && matches(m));
    if let Some(late) = late.next() {
        late.hidden_reads -= 1;
        let none = json!({ "@odata.context": format!("{}/v1.0/$metadata#users", turn.call.origin), "value": [] });
        return Ok(Reply::json(StatusCode::OK, &none));
    }
    let found = turn.world.meetings.iter().filter(|m| !m.deleted && m.organizer == user.id && matches(m));
    let found: Vec<Value> = found.map(|meeting| turn.meeting_json(meeting)).collect();
    Ok(Reply::json(
        StatusCode::OK,
        &json!({
            "@odata.context": turn.context(&format!("users('{}')/onlineMeetings", user.id)), "value": found,
        }),
    ))
}

pub(super) fn update(turn: &mut Turn<'_>) -> Answer {
    let meeting = turn.own_meeting()?;
    let body = turn.body()?;
    let start = meeting_body::instant(&body, "startDateTime")?;
    let end = meeting_body::instant(&body, "endDateTime")?;
    // [api/onlinemeeting-update@05fa25d5]
    if start.is_some() != end.is_some() {
        let message = "The start and end date times of a meeting can only be updated together.";
        return Err(Failure::bad_request("BadRequest", message));
    }
    if let (Some(start), Some(end)) = (start, end)
        && end < start
    {
        return Err(Failure::bad_request(
            "BadRequest",
            "The end date time of the meeting is before its start date time.",
        ));
    }
    meeting_settings::check_change(&body, &meeting.organizer, meeting.in_progress)?;
    let settings = meeting_settings::settings(&body)?;
    let attendees = turn.attendees(&body)?;
    let updated = turn.world.meeting_mut(&meeting.id).map(|meeting| {
        (meeting.start, meeting.end) = (start.unwrap_or(meeting.start), end.unwrap_or(meeting.end));
        if let Some(subject) = body.get("subject") {
            meeting.subject = subject.as_str().map(str::to_owned);
        }
        if let Some(attendees) = attendees {
            meeting.attendees = attendees;
        }
        meeting_settings::apply(&mut meeting.settings, &settings);
        meeting.clone()
    });
    let updated = updated.ok_or_else(no_such_meeting)?;
    turn.meeting_reply(StatusCode::OK, &updated)
}

pub(super) fn delete(turn: &mut Turn<'_>) -> Answer {
    let meeting = turn.own_meeting()?;
    if let Some(meeting) = turn.world.meeting_mut(&meeting.id) {
        meeting.deleted = true;
    }
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

impl Turn<'_> {
    /// The meeting in the path, which only its organizer may change.
    fn own_meeting(&mut self) -> Result<TeamsMeeting, Failure> {
        let user = self.organizer("change")?;
        let meeting = self.world.meeting(self.id(0)).cloned().ok_or_else(no_such_meeting)?;
        if meeting.organizer == user.id {
            return Ok(meeting);
        }
        Err(Failure::new(StatusCode::FORBIDDEN, "Forbidden", "User is not the organizer of the meeting."))
    }

    fn meeting_reply(&self, status: StatusCode, meeting: &TeamsMeeting) -> Answer {
        let context = self.context(&format!("users('{}')/onlineMeetings/$entity", meeting.organizer));
        Ok(self.entity(status, with_context(context, self.meeting_json(meeting))))
    }

    /// The request's body as an object.
    pub(crate) fn body(&self) -> Result<serde_json::Map<String, Value>, Failure> {
        self.call
            .object()
            .map_err(|why| Failure::bad_request("BadRequest", format!("Unable to read JSON request payload: {why}.")))
    }
}

fn no_such_meeting() -> Failure {
    Failure::new(StatusCode::NOT_FOUND, "NotFound", "3004: Meeting not found.")
}

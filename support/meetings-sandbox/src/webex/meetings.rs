//! `POST /meetings`, `GET|PATCH|DELETE /meetings/{id}`.

use chrono::TimeDelta;
use http::StatusCode;
use serde_json::Value;

use super::{
    Answer, Turn,
    error::Failure,
    meeting_input::{self, text},
    times,
};
use crate::{
    defaults,
    serve::Reply,
    world::{Person, WebexMeeting, has_scope},
};

/// The documented waiting time of the creation quota.
const QUOTA_RETRY_AFTER: &str = "3600";

pub(super) fn create(turn: &mut Turn<'_>) -> Answer {
    turn.spend_quota()?;
    let body = turn.body()?;
    let host = turn.host(text(&body, "hostEmail"))?;
    let title = meeting_input::title(&body)?;
    let zone = times::zone(text(&body, "timezone"))?;
    let time = |name: &str| {
        let value = text(&body, name).ok_or_else(|| Failure::invalid(&format!("'{name}' cannot be empty")))?;
        times::instant(value, zone, name)
    };
    let (start, end) = times::span(time("start")?, time("end")?, turn.now)?;
    let tags = meeting_input::tags(&body)?.unwrap_or_default();
    let fields = meeting_input::fields(&body)?;
    let chosen = meeting_input::password(&body)?;
    let ids = &mut turn.world.ids;
    let id = ids.hex("webex-meeting");
    let invitees = meeting_input::invitees(&body, &id, ids)?;
    let meeting = WebexMeeting {
        number: ids.number("meeting-number", 10),
        host: host.id,
        host_email: host.address,
        client: turn.token.client.clone(),
        tags,
        title,
        start,
        end,
        timezone: zone.name().to_owned(),
        password: chosen.unwrap_or_else(|| format!("Sb{}@", &ids.hex("password")[..6])),
        host_key: ids.number("host-key", 6),
        web_link: format!("https://{0}/contoso/j.php?MTID=m{1}", defaults::WEBEX_SITE, ids.hex("web-link")),
        created: turn.now,
        fields,
        invitees,
        deleted: false,
        id,
    };
    turn.world.webex_meetings.push(meeting.clone());
    if body.get("sendEmail") != Some(&Value::Bool(false)) {
        turn.mail_everybody(&meeting, "webex-invitation");
    }
    Ok(Reply::json(StatusCode::OK, &turn.meeting_json(&meeting, zone)))
}

pub(super) fn read(turn: &mut Turn<'_>) -> Answer {
    let meeting = turn.visible_meeting(&turn.id)?;
    Ok(Reply::json(StatusCode::OK, &turn.meeting_json(&meeting, turn.reading_zone())))
}

/// Merges; nothing is checked against JSON Patch, whatever the media type says.
pub(super) fn patch(turn: &mut Turn<'_>) -> Answer {
    let mut meeting = turn.own_meeting(&turn.id)?;
    let body = turn.body()?;
    if body.contains_key("title") {
        meeting.title = meeting_input::title(&body)?;
    }
    // without its own value the zone is UTC, not the meeting's
    let zone = times::zone(text(&body, "timezone"))?;
    if body.contains_key("start") || body.contains_key("end") {
        let time = |name: &str, known| text(&body, name).map_or(Ok(known), |value| times::instant(value, zone, name));
        let (start, end) = (time("start", meeting.start)?, time("end", meeting.end)?);
        (meeting.start, meeting.end) = times::span(start, end, turn.now)?;
        meeting.timezone = zone.name().to_owned();
    } else if body.contains_key("timezone") {
        meeting.timezone = zone.name().to_owned();
    }
    if let Some(tags) = meeting_input::tags(&body)? {
        meeting.tags = tags;
    }
    if let Some(password) = meeting_input::password(&body)? {
        meeting.password = password;
    }
    meeting.fields.extend(meeting_input::fields(&body)?);
    if let Some(slot) = turn.world.webex_meeting_mut(&meeting.id) {
        *slot = meeting.clone();
    }
    if body.get("sendEmail") != Some(&Value::Bool(false)) {
        turn.mail_everybody(&meeting, "webex-update");
    }
    let echo = meeting.timezone.parse().unwrap_or(zone);
    Ok(Reply::json(StatusCode::OK, &turn.meeting_json(&meeting, echo)))
}

pub(super) fn delete(turn: &mut Turn<'_>) -> Answer {
    let meeting = turn.own_meeting(&turn.id)?;
    if let Some(slot) = turn.world.webex_meeting_mut(&meeting.id) {
        slot.deleted = true;
    }
    if turn.call.parameter("sendEmail") != Some("false") {
        turn.mail_everybody(&meeting, "webex-cancellation");
    }
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

impl Turn<'_> {
    pub(crate) fn body(&self) -> Result<serde_json::Map<String, Value>, Failure> {
        self.call.object().map_err(|why| Failure::invalid(&why))
    }

    /// Requests count, not meetings: a failed create uses the quota up as well.
    fn spend_quota(&mut self) -> Result<(), Failure> {
        let (since, limit) = (self.now - TimeDelta::hours(24), self.world.settings.webex_daily_quota);
        let made = self.world.creations.entry(self.caller.id.clone()).or_default();
        made.retain(|at| *at > since);
        if made.len() >= limit {
            return Err(Failure::too_many_requests().retry_after(QUOTA_RETRY_AFTER));
        }
        made.push(self.now);
        Ok(())
    }

    /// The host: the caller, or with an admin scope anybody of the organisation.
    pub(crate) fn host(&self, email: Option<&str>) -> Result<Person, Failure> {
        let Some(email) = email.filter(|e| !e.eq_ignore_ascii_case(&self.caller.address)) else {
            return Ok(self.caller.clone());
        };
        if !has_scope(&self.token.scope, "meeting:admin_schedule_write") {
            return Err(Failure::forbidden("'hostEmail' needs the scope meeting:admin_schedule_write."));
        }
        self.world.person(email).cloned().ok_or_else(|| Failure::invalid("'hostEmail' is not a user of this site."))
    }

    /// A meeting that the caller hosts, is invited to, or may see as an admin.
    pub(crate) fn visible_meeting(&self, id: &str) -> Result<WebexMeeting, Failure> {
        // an occurrence id starts with its series' id
        let series = id.split('_').next().unwrap_or(id);
        let found = self.world.webex_meeting(series).filter(|meeting| self.may_see(meeting));
        found.cloned().ok_or_else(|| Failure::not_found(&format!("Meeting ID '{id}' does not exist.")))
    }

    pub(crate) fn may_see(&self, meeting: &WebexMeeting) -> bool {
        meeting.host == self.caller.id
            || meeting.invitee(&self.caller.address).is_some()
            || has_scope(&self.token.scope, "meeting:admin_schedule_read")
    }

    /// A meeting that the caller may change.
    pub(crate) fn own_meeting(&self, id: &str) -> Result<WebexMeeting, Failure> {
        let meeting = self.visible_meeting(id)?;
        let co_host = meeting.invitee(&self.caller.address).is_some_and(|invitee| invitee.co_host);
        if meeting.host == self.caller.id || co_host || has_scope(&self.token.scope, "meeting:admin_schedule_write") {
            return Ok(meeting);
        }
        Err(Failure::forbidden("Only the host can change this meeting."))
    }

    fn mail_everybody(&mut self, meeting: &WebexMeeting, kind: &str) {
        self.world.send_mail(&meeting.host_email, kind, &meeting.title, Some(&meeting.web_link));
        for invitee in &meeting.invitees {
            self.world.send_mail(&invitee.email, kind, &meeting.title, Some(&meeting.web_link));
        }
    }
}

//! `PATCH` and `PUT /meetings/{id}`.

use chrono::{DateTime, Utc};
use http::StatusCode;
use serde_json::{Map, Value};

use super::{
    Answer, Turn,
    error::Failure,
    meeting_fields,
    meeting_input::{self, text},
    times,
};
use crate::{serve::Reply, world::WebexMeeting};

/// Merges; nothing is checked against JSON Patch, whatever the media type says. Whether a `PUT` resets what is left out is not
/// documented: it merges as well.
pub(super) fn change(turn: &mut Turn<'_>) -> Answer {
    let mut meeting = turn.own_meeting(&turn.id)?;
    turn.refuse_instance()?;
    if turn.is_running(&meeting) {
        return Err(Failure::invalid("Meeting is in progress"));
    }
    let body = turn.body()?;
    let before = meeting.clone();
    turn.merge(&mut meeting, &body)?;
    if meeting.occurrence_of.is_some() {
        turn.check_occurrence(&meeting, &body)?;
    } else if (meeting.start, meeting.end, meeting.rule()) != (before.start, before.end, before.rule()) {
        // what stood on its own is cancelled
        meeting.changed.clear();
    }
    turn.world.webex_store(meeting.clone());
    turn.tell("updated", &meeting);
    if body.get("sendEmail") != Some(&Value::Bool(false)) {
        turn.mail_everybody(&meeting, "webex-update");
    }
    let zone = meeting.timezone.parse().unwrap_or(chrono_tz::Tz::UTC);
    let mut echo = turn.shown(&meeting, zone, false);
    // it has the shape of a list item
    echo["meetingSeriesId"] = meeting.series_id().into();
    echo["isModified"] = turn.is_modified(&meeting).into();
    Ok(Reply::json(StatusCode::OK, &echo))
}

impl Turn<'_> {
    fn merge(&self, meeting: &mut WebexMeeting, body: &Map<String, Value>) -> Result<(), Failure> {
        if body.contains_key("title") {
            meeting.title = meeting_input::title(body)?;
        }
        // without its own value the zone is UTC, not the meeting's
        let zone = times::zone(text(body, "timezone"))?;
        if body.contains_key("start") || body.contains_key("end") {
            let time =
                |name: &str, known| text(body, name).map_or(Ok(known), |value| times::instant(value, zone, name));
            let (start, end) = (time("start", meeting.start)?, time("end", meeting.end)?);
            (meeting.start, meeting.end) = times::span(start, end, self.now)?;
            meeting.timezone = zone.name().to_owned();
        } else if body.contains_key("timezone") {
            meeting.timezone = zone.name().to_owned();
        }
        if let Some(tags) = meeting_input::tags(body)? {
            meeting.set_tags(&self.token.client, tags);
        }
        if let Some(password) = meeting_input::password(body)? {
            meeting.password = password;
        }
        for (name, value) in meeting_input::fields(body, meeting.start, meeting.timezone.parse().unwrap_or(zone))? {
            // only a create takes these
            if ["scheduledType", "registration"].contains(&name.as_str()) {
                continue;
            }
            match meeting.fields.get_mut(&name) {
                Some(Value::Object(known)) if value.is_object() => {
                    known.extend(value.as_object().cloned().unwrap_or_default());
                }
                _ => drop(meeting.fields.insert(name, value)),
            }
        }
        meeting_fields::go_together(&meeting.fields, !meeting.tags_of(&self.token.client).is_empty())
    }

    /// An occurrence stays between its neighbours, and has no tags and no recurrence of its own.
    fn check_occurrence(&self, meeting: &WebexMeeting, body: &Map<String, Value>) -> Result<(), Failure> {
        for name in ["integrationTags", "recurrence"] {
            if body.contains_key(name) {
                return Err(Failure::invalid(&format!("'{name}' can be updated for a meeting series only.")));
            }
        }
        let Some((series, original)) = &meeting.occurrence_of else { return Ok(()) };
        let Some(series) = self.world.webex_meeting(series) else { return Ok(()) };
        let others = |one: &WebexMeeting| -> Option<DateTime<Utc>> { one.occurrence_of.as_ref().map(|(_, at)| *at) };
        let before = series.occurrences().take_while(|one| others(one).is_some_and(|at| at < *original)).last();
        let after = series.occurrences().find(|one| others(one).is_some_and(|at| at > *original));
        if before.is_some_and(|one| meeting.start < one.end) || after.is_some_and(|one| meeting.end > one.start) {
            return Err(Failure::invalid("meeting.err.two_meeting_schedule_at_same_day"));
        }
        Ok(())
    }
}

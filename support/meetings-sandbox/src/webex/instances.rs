//! Instances: meetings that take or took place. `POST /meetings/{id}/end`.

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use serde_json::Value;

use super::{Answer, Turn, error::Failure, times};
use crate::{
    serve::Reply,
    world::{WebexInstance, WebexMeeting},
};

/// An instance may begin so much earlier than its occurrence.
const EARLY: TimeDelta = TimeDelta::minutes(15);
/// What an instance that is over no longer tells, whatever the schema calls required.
const NOT_AFTERWARDS: [&str; 6] =
    ["hostKey", "meetingNumber", "password", "phoneAndVideoSystemPassword", "sipAddress", "telephony"];

/// What a list tells of an instance, and a read by its id does not (`MeetingObjectForListMeeting`, `MeetingSeriesObject`).
const LISTED_ONLY: [&str; 4] = ["hasRecording", "isModified", "meetingSeriesId", "scheduledMeetingId"];

/// For the host, and for co-hosts. On whose behalf it is cannot be said, so nobody does it for another.
pub(super) fn end(turn: &mut Turn<'_>) -> Answer {
    let meeting = turn.own_meeting(&turn.id)?;
    let id = if turn.id.contains("_I_") { &turn.id } else { meeting.series_id() };
    let running = turn.world.webex_running(id).filter(|instance| {
        turn.id.contains("_I_") || meeting.occurrence_of.is_none() || turn.belongs_to(instance, &meeting)
    });
    let running = running.map(|instance| instance.id.clone());
    let running = running.ok_or_else(|| Failure::invalid("The meeting is not in progress."))?;
    turn.world.webex_end(&running);
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

impl Turn<'_> {
    /// Whether a series, or the series of an occurrence, is under way; of an occurrence, whether it is the one.
    pub(crate) fn is_running(&self, meeting: &WebexMeeting) -> bool {
        let running = self.world.webex_running(meeting.series_id());
        running.is_some_and(|instance| meeting.occurrence_of.is_none() || self.belongs_to(instance, meeting))
    }

    pub(crate) fn has_ended_instance(&self, occurrence: &WebexMeeting) -> bool {
        let ended = self.world.webex_instances.iter().filter(|one| one.ended.is_some());
        ended.filter(|one| one.series == occurrence.series_id()).any(|one| self.belongs_to(one, occurrence))
    }

    pub(super) fn belongs_to(&self, instance: &WebexInstance, occurrence: &WebexMeeting) -> bool {
        self.occurrence_of(instance).is_some_and(|own| own.id == occurrence.id)
    }

    /// The last one that begins before it, or soon after.
    pub(super) fn occurrence_of(&self, instance: &WebexInstance) -> Option<WebexMeeting> {
        let series = self.world.webex_series(&instance.series)?;
        let begun = series.occurrences().take_while(|one| one.start <= instance.started + EARLY).last();
        begun.or_else(|| series.occurrences().next())
    }

    /// The id of the occurrence that an instance is of.
    pub(super) fn occurrence_id(&self, instance: &str) -> Option<String> {
        self.occurrence_of(self.world.webex_instance(instance)?).map(|occurrence| occurrence.id)
    }

    pub(super) fn shown_instance(&self, id: &str) -> Result<Value, Failure> {
        let found = self.world.webex_instance(id);
        let known = found.and_then(|one| Some((one, self.world.webex_series(&one.series)?)));
        let (instance, series) = known
            .filter(|(_, series)| self.may_see(series))
            .ok_or_else(|| Failure::not_found(&format!("Meeting ID '{id}' does not exist.")))?;
        let mut body = self.instance_json(instance, series);
        if let Some(members) = body.as_object_mut() {
            members.retain(|name, _| !LISTED_ONLY.contains(&name.as_str()));
        }
        Ok(body)
    }

    /// Instances of a series that overlap the window, with when they began.
    pub(super) fn instances_within(
        &self,
        series: &WebexMeeting,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Vec<(DateTime<Utc>, Value)> {
        let own = self.world.webex_instances.iter().filter(|one| one.series == series.id);
        let inside = own.filter(|one| one.started < until && one.ended.unwrap_or(self.now) >= from);
        inside.map(|one| (one.started, self.instance_json(one, series))).collect()
    }

    fn instance_json(&self, instance: &WebexInstance, series: &WebexMeeting) -> Value {
        let zone = self.reading_zone();
        let mut body = self.shown(series, zone, false);
        let begun = instance.people.iter().any(|one| !one.stays.is_empty());
        body["id"] = instance.id.as_str().into();
        body["meetingType"] = "meeting".into();
        body["meetingSeriesId"] = series.id.as_str().into();
        if let Some(occurrence) = self.occurrence_of(instance) {
            body["scheduledMeetingId"] = occurrence.id.into();
        }
        body["state"] = match (instance.ended, begun) {
            (Some(_), _) => "ended",
            (None, true) => "inProgress",
            (None, false) => "lobby",
        }
        .into();
        body["isModified"] = false.into();
        body["start"] = times::write(instance.started, zone).into();
        let Some(members) = body.as_object_mut() else { return body };
        members.remove("recurrence");
        let Some(ended) = instance.ended else {
            members.remove("end");
            return body;
        };
        members.insert("end".to_owned(), times::write(ended, zone).into());
        for name in NOT_AFTERWARDS {
            members.remove(name);
        }
        let joined = |host: bool| instance.people.iter().any(|one| one.host == host && !one.stays.is_empty());
        members.insert("hostDidJoin".to_owned(), joined(true).into());
        members.insert("attendeeDidJoin".to_owned(), joined(false).into());
        let recorded = self.world.webex_recordings.iter().any(|one| one.instance == instance.id);
        members.insert("hasRecording".to_owned(), recorded.into());
        body
    }
}

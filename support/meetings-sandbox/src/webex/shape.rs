//! The JSON of meetings and invitees.

use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{Turn, times};
use crate::{
    defaults,
    world::{Invitee, WebexMeeting},
};

impl Turn<'_> {
    /// The zone of a read: the `timezone` header, or UTC.
    pub(crate) fn reading_zone(&self) -> Tz {
        self.call.header("timezone").and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
    }

    /// A meeting as create, read and list show it. With `current`, a series has the times of its next occurrence.
    pub(crate) fn shown(&self, meeting: &WebexMeeting, zone: Tz, current: bool) -> Value {
        let mut shown = meeting.clone();
        if current
            && meeting.repeats()
            && let Some(next) = meeting.current(self.now)
        {
            (shown.start, shown.end) = (next.start, next.end);
        }
        let mut body = self.meeting_json(&shown, zone);
        body["state"] = self.state(meeting).into();
        if meeting.occurrence_of.is_some() {
            body["meetingType"] = "scheduledMeeting".into();
        }
        body
    }

    /// Where a series or an occurrence stands.
    pub(super) fn state(&self, meeting: &WebexMeeting) -> &'static str {
        let Some((series, original)) = &meeting.occurrence_of else {
            let is_to_come = meeting.occurrences().any(|one| one.end > self.now);
            return match (self.is_running(meeting), is_to_come) {
                (true, _) => "inProgress",
                (false, true) => "active",
                (false, false) => "expired",
            };
        };
        if self.has_ended_instance(meeting) {
            return "ended";
        }
        if meeting.end <= self.now {
            return "missed";
        }
        let next = self.world.webex_meeting(series).and_then(|series| series.current(self.now));
        let is_next = next.and_then(|next| next.occurrence_of).is_some_and(|(_, next)| next == *original);
        if is_next { "ready" } else { "scheduled" }
    }

    /// Whether an occurrence was changed on its own.
    pub(crate) fn is_modified(&self, meeting: &WebexMeeting) -> bool {
        let Some((series, original)) = &meeting.occurrence_of else { return false };
        self.world.webex_meeting(series).is_some_and(|series| series.changed.contains_key(original))
    }

    fn meeting_json(&self, meeting: &WebexMeeting, zone: Tz) -> Value {
        let host = self.world.person(&meeting.host);
        let mut body = json!({
            "id": meeting.id,
            "meetingNumber": meeting.number,
            "title": meeting.title,
            "password": meeting.password,
            "phoneAndVideoSystemPassword": meeting.number.get(..8),
            "meetingType": "meetingSeries",
            "timezone": zone.name(),
            "start": times::write(meeting.start, zone),
            "end": times::write(meeting.end, zone),
            "hostUserId": meeting.host,
            "hostDisplayName": host.map(|p| &p.name),
            "hostEmail": meeting.host_email,
            "hostKey": meeting.host_key,
            "siteUrl": defaults::WEBEX_SITE,
            "webLink": meeting.web_link,
            "sipAddress": format!("{}@{}", meeting.number, defaults::WEBEX_SITE),
            "dialInIpAddress": "192.0.2.100",
            "telephony": {
                "accessCode": meeting.number,
                "callInNumbers": [{ "label": "US Toll", "callInNumber": "+1-900-555-0100", "tollType": "toll" }],
                "links": [{
                    "rel": "globalCallinNumbers",
                    "href": format!("/api/v1/meetings/{}/globalCallinNumbers", meeting.id),
                    "method": "GET",
                }],
            },
        });
        let fields = unset_fields().into_iter().chain(meeting.fields.clone());
        for (name, value) in fields.filter(|(_, value)| !value.is_null()) {
            body[name] = value;
        }
        // tags belong to the integration that set them
        let tags = meeting.tags_of(&self.token.client);
        if !tags.is_empty() {
            body["integrationTags"] = json!(tags);
        }
        if meeting.host != self.acting.id {
            for secret in ["hostKey", "password", "phoneAndVideoSystemPassword"] {
                if let Some(object) = body.as_object_mut() {
                    object.remove(secret);
                }
            }
        }
        body
    }
}

/// What the site says where no client has spoken.
fn unset_fields() -> serde_json::Map<String, Value> {
    let fields = json!({
        "enabledAutoRecordMeeting": false,
        "allowAnyUserToBeCoHost": false,
        "allowFirstUserToBeCoHost": false,
        "allowAuthenticatedDevices": false,
        "enabledJoinBeforeHost": false,
        "joinBeforeHostMinutes": 0,
        "enableConnectAudioBeforeHost": false,
        "excludePassword": false,
        "publicMeeting": false,
        "enableAutomaticLock": false,
        "automaticLockMinutes": 0,
        "unlockedMeetingJoinSecurity": "allowJoinWithLobby",
        "reminderTime": 10,
        "sessionTypeId": 3,
        "scheduledType": "meeting",
        "enabledBreakoutSessions": false,
    });
    fields.as_object().cloned().unwrap_or_default()
}

pub(crate) fn invitee_json(meeting: &str, invitee: &Invitee) -> Value {
    json!({
        "id": invitee.id,
        "email": invitee.email,
        "displayName": invitee.display_name,
        "coHost": invitee.co_host,
        "panelist": invitee.panelist,
        "meetingId": meeting,
    })
}

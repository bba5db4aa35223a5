//! Reading and writing `onlineMeeting` bodies.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{
    Failure, Turn,
    meeting_settings::{self, member, settings},
};
use crate::{
    defaults,
    time::{graph_instant, parse_instant},
    world::{TeamsMeeting, User},
};

type Object = Map<String, Value>;

/// `onlineMeetingRole`; the last two came after `unknownFutureValue` [csdl 2026-08].
const ROLES: [&str; 4] = ["attendee", "presenter", "producer", "coorganizer"];
/// Members behind `unknownFutureValue` in their enum: only told to clients that say they know them
/// [res/lobbybypasssettings@1b1d83e6], [merill/best-practices].
const EVOLVED: [&str; 4] = ["invited", "organizationExcludingGuests", "producer", "coorganizer"];
/// What `createOrGet` is declared to take; all else is passed over [api/onlinemeeting-createorget@028b8e35], [csdl 2026-08].
const CREATE_OR_GET: [&str; 6] = ["externalId", "startDateTime", "endDateTime", "subject", "participants", "chatInfo"];

/// The body of a `createOrGet` as far as it is declared.
pub(crate) fn declared(body: Object) -> Object {
    body.into_iter().filter(|(name, _)| CREATE_OR_GET.contains(&name.as_str())).collect()
}

/// Start and end of a create: both missing is now and an hour, only a start is an hour.
pub(crate) fn times(body: &Object, now: DateTime<Utc>) -> Result<(DateTime<Utc>, DateTime<Utc>), Failure> {
    let (start, end) = (instant(body, "startDateTime")?, instant(body, "endDateTime")?);
    let (start, end) = match (start, end) {
        (None, None) => (now, now + TimeDelta::hours(1)),
        (Some(start), None) => (start, start + TimeDelta::hours(1)),
        (None, Some(_)) => return Err(bad("The start date time of the meeting is missing.")),
        (Some(start), Some(end)) => (start, end),
    };
    if end < start {
        Err(bad("The end date time of the meeting is before its start date time."))
    } else {
        Ok((start, end))
    }
}

pub(crate) fn instant(body: &Object, name: &str) -> Result<Option<DateTime<Utc>>, Failure> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let found = value.as_str().and_then(parse_instant);
            found.map(Some).ok_or_else(|| bad(&format!("'{name}' is not a date-time.")))
        }
    }
}

fn bad(message: &str) -> Failure {
    Failure::bad_request("BadRequest", message)
}

impl Turn<'_> {
    /// The attendees of a body, or `None` when it has none to say. Presenters must be users of the directory.
    pub(crate) fn attendees(&self, body: &Object) -> Result<Option<Vec<Value>>, Failure> {
        let Some(list) = body.get("participants").and_then(|p| p.get("attendees")).and_then(Value::as_array) else {
            return Ok(None);
        };
        let mut attendees = Vec::new();
        for attendee in list {
            let upn = attendee["upn"].as_str();
            let id = attendee["identity"]["user"]["id"].as_str();
            let user = id.or(upn).and_then(|key| self.world.user(key));
            let role = match attendee.get("role").filter(|role| !role.is_null()) {
                Some(role) => member(role, &ROLES, "role")?,
                None => json!("attendee"),
            };
            if id.is_none() && upn.is_none() {
                return Err(bad("A participant must have an identity or a upn."));
            }
            if user.is_none() && role != "attendee" {
                return Err(bad("Presenters and co-organizers must be users of the directory."));
            }
            attendees.push(json!({
                "upn": upn.or(user.map(|u| u.upn.as_str())),
                "role": role,
                "identity": { "user": {
                    "id": id.or(user.map(|u| u.id.as_str())),
                    "displayName": user.map(|u| &u.name),
                    "tenantId": defaults::DIRECTORY_ID,
                    "identityProvider": "AAD",
                }},
            }));
        }
        Ok(Some(attendees))
    }

    /// Makes and stores a meeting. Its ids are of both shapes seen in the wild.
    pub(crate) fn make_meeting(
        &mut self,
        organizer: &User,
        external_id: Option<&str>,
        body: &Object,
    ) -> Result<TeamsMeeting, Failure> {
        let (start, end) = times(body, self.now)?;
        let mut set = Object::new();
        meeting_settings::apply(&mut set, &settings(body)?);
        let attendees = self.attendees(body)?.unwrap_or_default();
        let subject = body.get("subject").and_then(Value::as_str).map(str::to_owned);
        let needs_passcode = body.get("joinMeetingIdSettings").is_some_and(|s| s["isPasscodeRequired"] == true);
        let passcode = needs_passcode.then(|| self.world.ids.hex("passcode")[..6].to_owned());
        let meeting = new_meeting(self.world, organizer, (start, end), self.now);
        let external_id = external_id.map(str::to_owned);
        let meeting = TeamsMeeting {
            external_id,
            subject,
            attendees,
            settings: set,
            passcode,
            // only meetings behind events come late
            hidden_reads: 0,
            ..meeting
        };
        self.world.meetings.push(meeting.clone());
        Ok(meeting)
    }

    /// The JSON of a meeting, with evolved enum members hidden from clients that did not ask for them.
    pub(crate) fn meeting_json(&self, meeting: &TeamsMeeting) -> Value {
        let organizer = self.world.user(&meeting.organizer);
        let mut body = json!({
            "id": meeting.id,
            "creationDateTime": graph_instant(meeting.created),
            "startDateTime": graph_instant(meeting.start),
            "endDateTime": graph_instant(meeting.end),
            "joinWebUrl": meeting.join_url,
            "subject": meeting.subject,
            "externalId": meeting.external_id,
            "isBroadcast": false,
            "autoAdmittedUsers": "EveryoneInCompany",
            "videoTeleconferenceId": null,
            "meetingOptionsWebUrl": format!("https://teams.microsoft.com/meetingOptions/?threadId={}", meeting.thread.replace(':', "_")),
            "joinInformation": {
                "contentType": "html",
                "content": format!("data:text/html,%3ca%20href%3d%22{}%22%3eJoin%3c%2fa%3e", meeting.join_url),
            },
            "isEntryExitAnnounced": true,
            "allowedPresenters": "everyone",
            "allowMeetingChat": "enabled",
            "allowTeamworkReactions": true,
            "allowAttendeeToEnableMic": true,
            "allowAttendeeToEnableCamera": true,
            "recordAutomatically": false,
            "lobbyBypassSettings": { "scope": "organization", "isDialInBypassEnabled": false },
            "chatInfo": { "threadId": meeting.thread, "messageId": "0", "replyChainMessageId": null },
            "joinMeetingIdSettings": {
                "isPasscodeRequired": meeting.passcode.is_some(),
                "joinMeetingId": meeting.join_meeting_id,
                "passcode": meeting.passcode,
            },
            "audioConferencing": {
                "ConferenceId": meeting.join_meeting_id.get(..6),
                "tollNumber": "+1-900-555-0100",
                "tollFreeNumber": "+1-800-555-0100",
                "dialinUrl": "https://dialin.teams.microsoft.com/sandbox",
            },
            "participants": {
                "organizer": {
                    "upn": organizer.map(|u| &u.upn),
                    "role": "presenter",
                    "identity": { "user": {
                        "id": meeting.organizer,
                        "displayName": organizer.map(|u| &u.name),
                        "tenantId": defaults::DIRECTORY_ID,
                        "identityProvider": "AAD",
                    }},
                },
                "attendees": meeting.attendees,
                "producers": [],
                "contributors": [],
            },
        });
        for (name, value) in &meeting.settings {
            merge(&mut body[name], value);
        }
        if !self.call.preferences().iter().any(|p| p.eq_ignore_ascii_case("include-unknown-enum-members")) {
            hide_evolved(&mut body["lobbyBypassSettings"]["scope"]);
            for attendee in body["participants"]["attendees"].as_array_mut().into_iter().flatten() {
                hide_evolved(&mut attendee["role"]);
            }
        }
        body
    }
}

/// A stored meeting without any setting.
pub(crate) fn new_meeting(
    world: &mut crate::world::World,
    organizer: &User,
    (start, end): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> TeamsMeeting {
    let thread = format!("19:meeting_{}@thread.v2", world.ids.opaque("thread").trim_end_matches(['-', '_']));
    let id = if world.meetings.len().is_multiple_of(2) {
        data_encoding::BASE64.encode(format!("1*{}*0**{thread}", organizer.id).as_bytes())
    } else {
        format!("{}_{thread}", organizer.id)
    };
    let encoded = thread.replace(':', "%3a").replace('@', "%40");
    let join_url = format!(
        "https://teams.microsoft.com/l/meetup-join/{encoded}/0?context=%7b%22Tid%22%3a%22{}%22%2c%22Oid%22%3a%22{}%22%7d",
        defaults::DIRECTORY_ID,
        organizer.id
    );
    TeamsMeeting {
        id,
        organizer: organizer.id.clone(),
        external_id: None,
        subject: None,
        start,
        end,
        created: now,
        join_url,
        thread,
        join_meeting_id: world.ids.number("join", 12),
        passcode: None,
        attendees: Vec::new(),
        settings: Object::new(),
        in_progress: false,
        hidden_reads: world.settings.meeting_hidden_reads,
        deleted: false,
    }
}

/// Members of an object are set one by one, anything else is replaced.
pub(crate) fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                into.insert(name.clone(), value.clone());
            }
        }
        (into, from) => *into = from.clone(),
    }
}

fn hide_evolved(value: &mut Value) {
    if value.as_str().is_some_and(|text| EVOLVED.contains(&text)) {
        *value = json!("unknownFutureValue");
    }
}

//! Reading and writing `onlineMeeting` bodies.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{Failure, Turn};
use crate::{
    defaults,
    time::{graph_instant, parse_instant},
    world::{TeamsMeeting, User},
};

type Object = Map<String, Value>;

const LOBBY_SCOPES: [&str; 6] =
    ["organizer", "organization", "organizationAndFederated", "everyone", "invited", "organizationExcludingGuests"];
const ROLES: [&str; 4] = ["attendee", "presenter", "producer", "coorganizer"];
const PRESENTERS: [&str; 4] = ["everyone", "organization", "roleIsPresenter", "organizer"];
const CHAT: [&str; 3] = ["enabled", "disabled", "limited"];
/// Members behind `unknownFutureValue` in their enum: only told to clients that say they know them.
const EVOLVED: [&str; 4] = ["invited", "organizationExcludingGuests", "producer", "coorganizer"];
/// Settings kept as sent.
const SETTINGS: [&str; 18] = [
    "allowAttendeeToEnableCamera",
    "allowAttendeeToEnableMic",
    "allowBreakoutRooms",
    "allowCopyingAndSharingMeetingContent",
    "allowedLobbyAdmitters",
    "allowLiveShare",
    "allowParticipantsToChangeName",
    "allowPowerPointSharing",
    "allowRecording",
    "allowTeamworkReactions",
    "allowTranscription",
    "allowWhiteboard",
    "isEntryExitAnnounced",
    "meetingSpokenLanguageTag",
    "recordAutomatically",
    "shareMeetingChatHistoryDefault",
    "watermarkProtection",
    "meetingTemplateId",
];

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

/// The canonical spelling of an enum member; any case is accepted.
fn member(value: &Value, known: &[&str], name: &str) -> Result<Value, Failure> {
    let text = value.as_str().unwrap_or_default();
    let found = known.iter().find(|k| k.eq_ignore_ascii_case(text));
    found.map(|k| json!(k)).ok_or_else(|| bad(&format!("Invalid value '{text}' for '{name}'.")))
}

/// The settings of a body, checked, in canonical spelling. Properties nobody may set are passed over.
pub(crate) fn settings(body: &Object) -> Result<Object, Failure> {
    let mut settings = Object::new();
    for (name, value) in body.iter().filter(|(_, value)| !value.is_null()) {
        let value = match name.as_str() {
            "allowedPresenters" => member(value, &PRESENTERS, name)?,
            "allowMeetingChat" => member(value, &CHAT, name)?,
            "lobbyBypassSettings" => {
                let mut lobby = value.clone();
                if let Some(scope) = value.get("scope").filter(|s| !s.is_null()) {
                    lobby["scope"] = member(scope, &LOBBY_SCOPES, "lobbyBypassSettings.scope")?;
                }
                lobby
            }
            known if SETTINGS.contains(&known) => value.clone(),
            _ => continue,
        };
        settings.insert(name.clone(), value);
    }
    Ok(settings)
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
        let settings = settings(body)?;
        let attendees = self.attendees(body)?.unwrap_or_default();
        let subject = body.get("subject").and_then(Value::as_str).map(str::to_owned);
        let needs_passcode = body.get("joinMeetingIdSettings").is_some_and(|s| s["isPasscodeRequired"] == true);
        let passcode = needs_passcode.then(|| self.world.ids.hex("passcode")[..6].to_owned());
        let meeting = new_meeting(self.world, organizer, (start, end), self.now);
        let external_id = external_id.map(str::to_owned);
        let meeting = TeamsMeeting { external_id, subject, attendees, settings, passcode, ..meeting };
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

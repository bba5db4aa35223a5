//! What can be set on an `onlineMeeting`. Members and words are those of the schema [csdl 2026-08].

use serde_json::{Map, Value, json};

use super::Failure;
use crate::time::parse_instant;

type Object = Map<String, Value>;

/// `lobbyBypassScope`; the last two came after `unknownFutureValue` [res/lobbybypasssettings@1b1d83e6].
const LOBBY_SCOPES: [&str; 6] =
    ["organizer", "organization", "organizationAndFederated", "everyone", "invited", "organizationExcludingGuests"];
const PRESENTERS: [&str; 4] = ["everyone", "organization", "roleIsPresenter", "organizer"];
const CHAT: [&str; 3] = ["enabled", "disabled", "limited"];
const HISTORY: [&str; 2] = ["none", "all"];
const ADMITTERS: [&str; 2] = ["organizerAndCoOrganizersAndPresenters", "organizerAndCoOrganizers"];
const LIVE_SHARE: [&str; 2] = ["enabled", "disabled"];
const FLAGS: [&str; 14] = [
    "allowAttendeeToEnableCamera",
    "allowAttendeeToEnableMic",
    "allowBreakoutRooms",
    "allowCopyingAndSharingMeetingContent",
    "allowParticipantsToChangeName",
    "allowPowerPointSharing",
    "allowRecording",
    "allowTeamworkReactions",
    "allowTranscription",
    "allowWhiteboard",
    "isEndToEndEncryptionEnabled",
    "isEntryExitAnnounced",
    "recordAutomatically",
    "isBroadcast",
];
/// What a running meeting takes [api/onlinemeeting-update@05fa25d5 2024-08].
const WHILE_RUNNING: [&str; 8] = [
    "allowAttendeeToEnableCamera",
    "allowAttendeeToEnableMic",
    "allowMeetingChat",
    "allowRecording",
    "allowTranscription",
    "allowedLobbyAdmitters",
    "allowedPresenters",
    "lobbyBypassSettings",
];

/// The settings of a body, checked, in canonical spelling; `null` takes a setting back. Properties nobody may set are passed over.
pub(crate) fn settings(body: &Object) -> Result<Object, Failure> {
    let mut settings = Object::new();
    for (name, value) in body {
        if let Some(value) = setting(name, value)? {
            settings.insert(name.clone(), value);
        }
    }
    Ok(settings)
}

fn setting(name: &str, value: &Value) -> Result<Option<Value>, Failure> {
    let words: Option<&[&str]> = match name {
        "allowedPresenters" => Some(&PRESENTERS),
        "allowMeetingChat" => Some(&CHAT),
        "shareMeetingChatHistoryDefault" => Some(&HISTORY),
        "allowedLobbyAdmitters" => Some(&ADMITTERS),
        "allowLiveShare" => Some(&LIVE_SHARE),
        _ => None,
    };
    let fits = match name {
        _ if words.is_some() => value.is_null() || value.is_string(),
        flag if FLAGS.contains(&flag) => value.is_null() || value.is_boolean(),
        "lobbyBypassSettings" | "watermarkProtection" | "chatRestrictions" | "sensitivityLabelAssignment" => {
            value.is_null() || value.is_object()
        }
        "meetingSpokenLanguageTag" | "meetingTemplateId" => value.is_null() || value.is_string(),
        "expiryDateTime" => value.is_null() || value.as_str().and_then(parse_instant).is_some(),
        _ => return Ok(None),
    };
    if !fits {
        return Err(bad(&format!("Invalid value for '{name}'.")));
    }
    Ok(Some(match (words, value) {
        (_, Value::Null) => Value::Null,
        (Some(words), value) => member(value, words, name)?,
        (None, Value::Object(inner)) if name == "lobbyBypassSettings" => lobby(inner)?,
        (None, value) => value.clone(),
    }))
}

fn lobby(members: &Object) -> Result<Value, Failure> {
    let mut members = members.clone();
    if let Some(scope) = members.get_mut("scope").filter(|scope| !scope.is_null()) {
        *scope = member(scope, &LOBBY_SCOPES, "lobbyBypassSettings.scope")?;
    }
    Ok(members.into())
}

/// The canonical spelling of an enum member; any case is accepted, `unknownFutureValue` is not.
pub(crate) fn member(value: &Value, known: &[&str], name: &str) -> Result<Value, Failure> {
    let text = value.as_str().unwrap_or_default();
    let found = known.iter().find(|k| k.eq_ignore_ascii_case(text));
    found.map(|k| json!(k)).ok_or_else(|| bad(&format!("Invalid value '{text}' for '{name}'.")))
}

/// Refuses what cannot change once a meeting is there, or while it is running.
pub(crate) fn check_change(body: &Object, organizer: &str, running: bool) -> Result<(), Failure> {
    // [api/onlinemeeting-update@05fa25d5], [res/onlinemeetingbase@0255dbf6]
    for fixed in ["joinMeetingIdSettings", "meetingTemplateId", "externalId"] {
        if body.contains_key(fixed) {
            return Err(bad(&format!("{fixed} can't be changed after creation.")));
        }
    }
    let named = body.get("participants").and_then(|people| people["organizer"]["identity"]["user"]["id"].as_str());
    if named.is_some_and(|id| !id.eq_ignore_ascii_case(organizer)) {
        return Err(bad("The organizer of a meeting can't be changed."));
    }
    let late = body.keys().find(|name| !name.starts_with('@') && !WHILE_RUNNING.contains(&name.as_str()));
    match late {
        Some(name) if running => Err(bad(&format!("'{name}' can't be changed while the meeting is in progress."))),
        _ => Ok(()),
    }
}

/// Lays settings over those a meeting has: members of an object one by one, `null` takes a setting back.
pub(crate) fn apply(to: &mut Object, said: &Object) {
    for (name, value) in said {
        if value.is_null() {
            to.remove(name);
        } else {
            super::meeting_body::merge(to.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

fn bad(message: &str) -> Failure {
    Failure::bad_request("BadRequest", message)
}

//! The members of a meeting that are kept as sent, and what each of them may be.

use serde_json::{Map, Value};

use super::error::Failure;

type Object = Map<String, Value>;

/// What a member may be.
enum Shape {
    Flag,
    Number,
    /// No longer than this.
    Text(usize),
    Word(&'static [&'static str]),
    Object,
    List,
}

use Shape::{Flag, List, Number, Text, Word};

const ANY_LENGTH: usize = usize::MAX;

const KEPT: [(&str, Shape); 32] = [
    ("agenda", Text(1300)),
    ("recurrence", Text(ANY_LENGTH)),
    ("enabledAutoRecordMeeting", Flag),
    ("allowAnyUserToBeCoHost", Flag),
    ("allowFirstUserToBeCoHost", Flag),
    ("allowAuthenticatedDevices", Flag),
    ("enabledJoinBeforeHost", Flag),
    ("joinBeforeHostMinutes", Number),
    ("enableConnectAudioBeforeHost", Flag),
    ("excludePassword", Flag),
    ("publicMeeting", Flag),
    ("enableAutomaticLock", Flag),
    ("automaticLockMinutes", Number),
    ("unlockedMeetingJoinSecurity", Word(&["allowJoin", "allowJoinWithLobby", "blockFromJoin"])),
    ("reminderTime", Number),
    ("sessionTypeId", Number),
    ("scheduledType", Word(&["meeting", "webinar", PERSONAL_ROOM])),
    ("enabledBreakoutSessions", Flag),
    ("trackingCodes", List),
    ("meetingOptions", Shape::Object),
    ("attendeePrivileges", Shape::Object),
    ("audioConnectionOptions", Shape::Object),
    ("enabledWebcastView", Flag),
    ("panelistPassword", Text(ANY_LENGTH)),
    ("enabledAudioWatermark", Flag),
    ("enabledVisualWatermark", Flag),
    ("visualWatermarkOpacity", Number),
    ("requireAttendeeLogin", Flag),
    ("restrictToInvitees", Flag),
    ("enabledLiveStream", Flag),
    ("liveStream", Shape::Object),
    ("registration", Shape::Object),
];

/// Taken and not shown.
const TAKEN: [(&str, Shape); 4] = [
    ("sendEmail", Flag),
    ("invitees", List),
    ("breakoutSessions", List),
    ("simultaneousInterpretation", Shape::Object),
];

/// A null takes these away.
const CLEARED: [&str; 3] = ["agenda", "recurrence", "trackingCodes"];

/// What this server cannot do.
const NOT_MODELLED: [&str; 3] = ["adhoc", "roomId", "templateId"];

/// What a personal room has none of.
const NOT_OF_PERSONAL_ROOMS: [&str; 3] = ["integrationTags", "enabledAutoRecordMeeting", "registration"];
const PERSONAL_ROOM: &str = "personalRoomMeeting";

/// A create that asks for what this server cannot do.
pub(super) fn modelled(body: &Object) -> Result<(), Failure> {
    let asked = |name: &&&str| body.get(**name).is_some_and(|value| !matches!(value, Value::Null | Value::Bool(false)));
    match NOT_MODELLED.iter().find(asked) {
        Some(name) => Err(Failure::not_modelled(&format!("webex.meetings.create, {name}"))),
        None => Ok(()),
    }
}

/// The members that are kept.
pub(super) fn kept(body: &Object) -> Result<Object, Failure> {
    let mut kept = Object::new();
    for (name, value) in body {
        let of =
            |table: &'static [(&str, Shape)]| table.iter().find(|(known, _)| known == name).map(|(_, shape)| shape);
        let is_kept = of(&KEPT);
        let Some(shape) = is_kept.or_else(|| of(&TAKEN)) else { continue };
        if !(shape.fits(value) || value.is_null() && CLEARED.contains(&name.as_str())) {
            return Err(Failure::invalid(&format!("'{name}' is invalid.")));
        }
        if is_kept.is_some() {
            kept.insert(name.clone(), value.clone());
        }
    }
    Ok(kept)
}

/// Whether the members of a meeting go together, those that it had before included.
pub(super) fn go_together(fields: &Object, has_tags: bool) -> Result<(), Failure> {
    let kind = fields.get("scheduledType").and_then(Value::as_str).unwrap_or("meeting");
    let minutes: &[f64] = if kind == "webinar" { &[0.0, 15.0, 30.0, 45.0, 60.0] } else { &[0.0, 5.0, 10.0, 15.0] };
    if fields.get("joinBeforeHostMinutes").and_then(Value::as_f64).is_some_and(|given| !minutes.contains(&given)) {
        return Err(Failure::invalid("'joinBeforeHostMinutes' is invalid."));
    }
    if kind == "webinar" && !fields.contains_key("sessionTypeId") {
        return Err(Failure::invalid("'sessionTypeId' is required for a webinar."));
    }
    if kind == PERSONAL_ROOM {
        let said = |name: &&&str| match **name {
            "integrationTags" => has_tags,
            name => fields.get(name).is_some_and(|value| *value != false),
        };
        if let Some(name) = NOT_OF_PERSONAL_ROOMS.iter().find(said) {
            return Err(Failure::invalid(&format!("'{name}' is not supported for a personal room meeting.")));
        }
    }
    if fields.get("registration").is_some_and(Value::is_object) {
        if fields.get("recurrence").is_some_and(Value::is_string) {
            return Err(Failure::invalid("'registration' is not supported for a recurring meeting."));
        }
        if fields.get("excludePassword") == Some(&Value::Bool(true)) {
            return Err(Failure::invalid("'registration' is not supported for a meeting without a password."));
        }
    }
    Ok(())
}

impl Shape {
    fn fits(&self, value: &Value) -> bool {
        match self {
            Flag => value.is_boolean(),
            Number => value.is_number(),
            Text(longest) => value.as_str().is_some_and(|text| text.chars().count() <= *longest),
            Word(words) => value.as_str().is_some_and(|word| words.contains(&word)),
            Self::Object => value.is_object(),
            List => value.is_array(),
        }
    }
}

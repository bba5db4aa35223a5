//! Reading the bodies of meeting creates and patches.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};

use super::error::Failure;
use crate::world::{Ids, Invitee, name_from, rule_fault, rule_shown};

type Object = Map<String, Value>;

const LONGEST_TITLE: usize = 128;
const LONGEST_AGENDA: usize = 1300;
const MOST_TAGS: usize = 3;
const LONGEST_TAG: usize = 64;
const MOST_INVITEES: usize = 1000;

/// Kept as sent and shown again.
const KEPT: [&str; 32] = [
    "agenda",
    "recurrence",
    "enabledAutoRecordMeeting",
    "allowAnyUserToBeCoHost",
    "allowFirstUserToBeCoHost",
    "allowAuthenticatedDevices",
    "enabledJoinBeforeHost",
    "joinBeforeHostMinutes",
    "enableConnectAudioBeforeHost",
    "excludePassword",
    "publicMeeting",
    "enableAutomaticLock",
    "automaticLockMinutes",
    "unlockedMeetingJoinSecurity",
    "reminderTime",
    "sessionTypeId",
    "scheduledType",
    "enabledBreakoutSessions",
    "trackingCodes",
    "meetingOptions",
    "attendeePrivileges",
    "audioConnectionOptions",
    "enabledWebcastView",
    "panelistPassword",
    "enabledAudioWatermark",
    "enabledVisualWatermark",
    "visualWatermarkOpacity",
    "requireAttendeeLogin",
    "restrictToInvitees",
    "enabledLiveStream",
    "liveStream",
    "registration",
];

pub(crate) fn text<'a>(body: &'a Object, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

pub(crate) fn title(body: &Object) -> Result<String, Failure> {
    let title = text(body, "title").ok_or_else(|| Failure::invalid("'title' cannot be empty"))?;
    if title.chars().count() > LONGEST_TITLE {
        return Err(Failure::invalid("'title' has a maximum length of 128 characters."));
    }
    Ok(title.to_owned())
}

/// The tags of a body; `None` where it does not speak of them, empty where it clears them.
pub(crate) fn tags(body: &Object) -> Result<Option<Vec<String>>, Failure> {
    let list = match body.get("integrationTags") {
        None => return Ok(None),
        Some(Value::Null) => return Ok(Some(Vec::new())),
        Some(value) => value.as_array().ok_or_else(|| Failure::invalid("'integrationTags' is not a list."))?,
    };
    if list.len() > MOST_TAGS {
        return Err(Failure::invalid("'integrationTags' has a maximum of 3 items."));
    }
    let tags = list.iter().map(|tag| {
        let tag = tag.as_str().filter(|t| !t.is_empty() && t.chars().count() <= LONGEST_TAG);
        tag.map(str::to_owned).ok_or_else(|| Failure::invalid("Each of 'integrationTags' has 1 to 64 characters."))
    });
    tags.collect::<Result<_, _>>().map(Some)
}

/// Everything that is kept as sent, of a meeting that starts then. A null clears.
pub(crate) fn fields(body: &Object, start: DateTime<Utc>, zone: Tz) -> Result<Object, Failure> {
    if text(body, "agenda").is_some_and(|agenda| agenda.chars().count() > LONGEST_AGENDA) {
        return Err(Failure::invalid("'agenda' has a maximum length of 1300 characters."));
    }
    let rule = match body.get("recurrence") {
        None | Some(Value::Null) => None,
        Some(Value::String(rule)) => Some(rule.as_str()),
        Some(_) => return Err(Failure::invalid("'recurrence' is invalid.")),
    };
    if let Some(why) = rule.and_then(|rule| rule_fault(rule, start, zone)) {
        return Err(Failure::invalid(why));
    }
    if body.get("registration").is_some_and(Value::is_object) && rule.is_some() {
        return Err(Failure::invalid("'registration' is not supported for a recurring meeting."));
    }
    let kept = body.iter().filter(|(name, _)| KEPT.contains(&name.as_str())).map(|(n, v)| (n.clone(), v.clone()));
    let mut kept: Object = kept.collect();
    if let Some(rule) = rule {
        kept.insert("recurrence".to_owned(), rule_shown(rule).into());
    }
    Ok(kept)
}

/// A password of the client's choice must fit the site's rules.
pub(crate) fn password(body: &Object) -> Result<Option<String>, Failure> {
    let Some(password) = text(body, "password") else { return Ok(None) };
    let mixed = password.chars().any(char::is_lowercase) && password.chars().any(char::is_uppercase);
    if mixed {
        return Ok(Some(password.to_owned()));
    }
    let why = "Meeting password validation failed. A mix of uppercase and lowercase letters (A, a, B, b, C, c, etc.) is required.";
    Err(Failure::described(http::StatusCode::BAD_REQUEST, "The input parameters contain invalid items.", why))
}

/// The invitees of a create, one per address.
pub(crate) fn invitees(body: &Object, meeting: &str, ids: &mut Ids) -> Result<Vec<Invitee>, Failure> {
    let list = body.get("invitees").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if list.len() > MOST_INVITEES {
        return Err(Failure::invalid("'invitees' has a maximum of 1000 items."));
    }
    let mut invitees: Vec<Invitee> = Vec::new();
    for value in list {
        let new = invitee(value, meeting, ids)?;
        if !invitees.iter().any(|known| known.email.eq_ignore_ascii_case(&new.email)) {
            invitees.push(new);
        }
    }
    Ok(invitees)
}

pub(crate) fn invitee(value: &Value, meeting: &str, ids: &mut Ids) -> Result<Invitee, Failure> {
    let email = value["email"].as_str().filter(|email| email.contains('@'));
    let email = email.ok_or_else(|| Failure::invalid("'email' is not a well-formed email address."))?;
    let display_name = value["displayName"].as_str().map_or_else(|| name_from(email), str::to_owned);
    if display_name.chars().count() > LONGEST_TITLE {
        return Err(Failure::invalid("'displayName' has a maximum length of 128 characters."));
    }
    let id = format!("{meeting}_{}", ids.number("invitee", 7));
    let flag = |name: &str| value[name].as_bool().unwrap_or(false);
    Ok(Invitee { id, email: email.to_owned(), display_name, co_host: flag("coHost"), panelist: flag("panelist") })
}

//! Reading the bodies of meeting creates and patches.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};

use super::{error::Failure, meeting_fields};
use crate::world::{Ids, Invitee, name_from, rule_fault, rule_shown};

type Object = Map<String, Value>;

const LONGEST_TITLE: usize = 128;
const MOST_TAGS: usize = 3;
const LONGEST_TAG: usize = 64;
const MOST_INVITEES: usize = 1000;

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
    let mut kept = meeting_fields::kept(body)?;
    if let Some(rule) = body.get("recurrence").and_then(Value::as_str) {
        if let Some(why) = rule_fault(rule, start, zone) {
            return Err(Failure::invalid(why));
        }
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
    let email = value["email"].as_str().filter(|email| is_address(email));
    let email = email.ok_or_else(|| Failure::invalid("'email' is not a well-formed email address."))?;
    let display_name = value["displayName"].as_str().map_or_else(|| name_from(email), str::to_owned);
    if display_name.chars().count() > LONGEST_TITLE {
        return Err(Failure::invalid("'displayName' has a maximum length of 128 characters."));
    }
    let id = format!("{meeting}_{}", ids.number("invitee", 7));
    let odd = ["coHost", "panelist", "sendEmail"]
        .into_iter()
        .find(|name| !(value[name].is_null() || value[name].is_boolean()));
    if let Some(name) = odd {
        return Err(Failure::invalid(&format!("'{name}' is invalid.")));
    }
    let flag = |name: &str| value[name].as_bool().unwrap_or(false);
    Ok(Invitee { id, email: email.to_owned(), display_name, co_host: flag("coHost"), panelist: flag("panelist") })
}

/// As far as addresses are told from other texts: one `@` with something on both sides, and nothing of a name around it.
fn is_address(text: &str) -> bool {
    let parts = text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !host.contains('@') && !host.starts_with('.') && !host.ends_with('.')
    });
    parts && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control() || "<>(),;\"".contains(letter))
}

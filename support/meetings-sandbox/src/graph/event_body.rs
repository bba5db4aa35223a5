//! Reading event bodies, for creates and updates.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Failure, event_shape, series, zones};
use crate::world::{Event, Moment};

type Object = Map<String, Value>;

/// Attendees an event may have.
const MOST_ATTENDEES: usize = 500;

/// What a body says about an event. `None` is "not said".
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) start: Option<Moment>,
    pub(crate) end: Option<Moment>,
    pub(crate) all_day: Option<bool>,
    /// Content type and content.
    pub(crate) text: Option<(String, String)>,
    pub(crate) attendees: Option<Vec<Value>>,
    pub(crate) online: Option<bool>,
    pub(crate) extended: BTreeMap<String, String>,
    pub(crate) fields: Object,
}

fn bad(message: &str) -> Failure {
    Failure::bad_request("ErrorInvalidRequest", message)
}

pub(crate) fn read(body: &Object, known: Option<&Event>) -> Result<Said, Failure> {
    let moment = |name: &str| body.get(name).filter(|v| !v.is_null()).map(|v| zones::read(v, name)).transpose();
    let flag = |name: &str| body.get(name).and_then(Value::as_bool);
    let none = Vec::new();
    let list = body.get("attendees").map(|list| list.as_array().unwrap_or(&none));
    let attendees = match list {
        None => None,
        Some(list) => {
            let before = known.map(|event| event.attendees.as_slice()).unwrap_or_default();
            let list = event_shape::attendees(list, before);
            let list = list
                .ok_or_else(|| Failure::bad_request("ErrorInvalidRecipients", "At least one recipient isn't valid."))?;
            if list.len() > MOST_ATTENDEES {
                return Err(Failure::bad_request(
                    "ErrorExceededMaxRecipientLimit",
                    "An event has at most 500 attendees.",
                ));
            }
            Some(list)
        }
    };
    let said = Said {
        start: moment("start")?,
        end: moment("end")?,
        all_day: flag("isAllDay"),
        text: body.get("body").map(text_of),
        attendees,
        online: flag("isOnlineMeeting"),
        extended: extended(body)?,
        fields: event_shape::kept_fields(body),
    };
    said.check_times(known)?;
    said.check_recurrence(known)?;
    Ok(said)
}

fn text_of(body: &Value) -> (String, String) {
    let kind = body["contentType"].as_str().unwrap_or("text").to_ascii_lowercase();
    (kind, body["content"].as_str().unwrap_or_default().to_owned())
}

fn extended(body: &Object) -> Result<BTreeMap<String, String>, Failure> {
    let list = body.get("singleValueExtendedProperties").and_then(Value::as_array);
    let pairs = list.into_iter().flatten().map(|property| {
        let (id, value) = (property["id"].as_str(), property["value"].as_str());
        let (Some(id), Some(value)) = (id, value) else { return Err(bad("An extended property has an id and a value.")) };
        let well_formed = matches!(id.split(' ').collect::<Vec<_>>().as_slice(), [_, guid, "Name" | "Id", ..] if guid.starts_with('{'))
            || id.split_once(" 0x").is_some();
        if well_formed { Ok((id.to_owned(), value.to_owned())) } else { Err(bad(&format!("PropertyId values may only be in the known formats, not '{id}'."))) }
    });
    pairs.collect()
}

impl Said {
    fn check_times(&self, known: Option<&Event>) -> Result<(), Failure> {
        let start = self.start.as_ref().or(known.map(|event| &event.start));
        let end = self.end.as_ref().or(known.map(|event| &event.end));
        let (Some(start), Some(end)) = (start, end) else {
            return Err(bad("An event needs a start and an end."));
        };
        if end.utc() < start.utc() {
            let message = "The event's end is before its start.";
            return Err(Failure::bad_request("ErrorPropertyValidationFailure", message));
        }
        let all_day = self.all_day.or(known.map(|event| event.all_day)).unwrap_or(false);
        let midnight = |m: &Moment| m.local.time() == chrono::NaiveTime::MIN;
        if all_day && (!midnight(start) || !midnight(end) || start.zone != end.zone || end.local <= start.local) {
            let message = "The duration of an event marked as All day must be at least 24 hours, from midnight to midnight in one time zone.";
            return Err(bad(message));
        }
        Ok(())
    }

    /// A series begins on the date of its event, also after one of the two was moved.
    fn check_recurrence(&self, known: Option<&Event>) -> Result<(), Failure> {
        let before = known.and_then(Event::recurrence);
        let recurrence = self.fields.get("recurrence").or(before).filter(|recurrence| !recurrence.is_null());
        let start = self.start.as_ref().or(known.map(|event| &event.start));
        match (recurrence, start) {
            (Some(recurrence), Some(start)) => series::check(recurrence, start),
            _ => Ok(()),
        }
    }

    /// Writes what was said into an event. Identity, online state and change key are the caller's.
    pub(crate) fn apply(self, event: &mut Event) {
        if let Some(start) = self.start {
            event.start = start;
        }
        if let Some(end) = self.end {
            event.end = end;
        }
        event.all_day = self.all_day.unwrap_or(event.all_day);
        if let Some((kind, content)) = self.text {
            (event.body_type, event.body) = (kind, content);
        }
        if let Some(attendees) = self.attendees {
            event.attendees = attendees;
        }
        if self.fields.contains_key("recurrence") {
            // what is known of Outlook: another pattern forgets what was changed in single occurrences. That the same one does is assumed
            event.cancelled.clear();
            event.changed.clear();
        }
        event.extended.extend(self.extended);
        event.fields.extend(self.fields);
    }
}

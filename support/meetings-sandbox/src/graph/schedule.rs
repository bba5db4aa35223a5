//! `getSchedule`.

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Failure, Turn, zones};
use crate::{
    serve::Reply,
    world::{Event, User},
};

/// Days a schedule may span (seen in the error; the page says 42).
const LONGEST_SCHEDULE: i64 = 62;
/// Addresses of one request (seen in the error; the page says 20).
const MOST_ADDRESSES: usize = 100;

/// Busy times of members. An unknown address is an item with an error, in a reply that is still 200.
pub(super) fn read(turn: &mut Turn<'_>) -> Answer {
    turn.mailbox()?;
    let body = turn.body()?;
    let (from, until) = (turn.moment_of(&body, "startTime")?, turn.moment_of(&body, "endTime")?);
    let wanted = body.get("schedules").and_then(Value::as_array).cloned().unwrap_or_default();
    if wanted.len() > MOST_ADDRESSES {
        let message = format!(
            "The number of mailboxes {} in the request exceeds the allowed limit {MOST_ADDRESSES}.",
            wanted.len()
        );
        return Err(Failure::bad_request("ErrorMailboxDataArrayTooBig", message));
    }
    if until - from > TimeDelta::days(LONGEST_SCHEDULE) {
        return Err(Failure::bad_request("ErrorTimeIntervalTooBig", "The requested time duration is too big."));
    }
    let minutes = body.get("availabilityViewInterval").and_then(Value::as_i64).unwrap_or(30);
    if !(5..=1440).contains(&minutes) || until <= from {
        return Err(Failure::bad_request("ErrorInvalidRequest", "The interval is invalid."));
    }
    let items: Vec<Value> = wanted.iter().map(|address| turn.busy(address, (from, until), minutes)).collect();
    let context = turn.context("Collection(microsoft.graph.scheduleInformation)");
    Ok(Reply::json(StatusCode::OK, &json!({ "@odata.context": context, "value": items })))
}

/// How an event counts: free, tentative, busy, oof, workingElsewhere or unknown.
pub(super) fn show_as(event: &Event) -> &str {
    event.fields.get("showAs").and_then(Value::as_str).unwrap_or("busy")
}

impl Turn<'_> {
    /// Somebody whose mailbox is here.
    pub(super) fn member(&self, address: &str) -> Option<&User> {
        self.world.user_by_address(address).filter(|user| user.guest.is_none())
    }

    fn moment_of(&self, body: &serde_json::Map<String, Value>, name: &str) -> Result<DateTime<Utc>, Failure> {
        let value = body
            .get(name)
            .ok_or_else(|| Failure::bad_request("ErrorInvalidRequest", format!("'{name}' is missing.")))?;
        Ok(zones::read(value, name)?.utc())
    }

    fn busy(&self, address: &Value, (from, until): (DateTime<Utc>, DateTime<Utc>), minutes: i64) -> Value {
        let Some(user) = address.as_str().and_then(|address| self.member(address)) else {
            return json!({ "scheduleId": address, "availabilityView": "", "scheduleItems": [], "error": {
                "message": "The mailbox could not be found.", "responseCode": "ErrorMailRecipientNotFound",
            }});
        };
        let zone = self.preferred_zone();
        let events = self.world.happening(|event| event.mailbox == user.id, from, until);
        let items: Vec<Value> = events
            .iter()
            .map(|e| {
                json!({
                    "status": show_as(e), "isPrivate": false, "subject": e.subject(),
                    "start": zones::write(&e.start, &zone, e.all_day), "end": zones::write(&e.end, &zone, e.all_day),
                })
            })
            .collect();
        let mut view = String::new();
        let mut slot = from;
        while slot < until {
            let next = slot + TimeDelta::minutes(minutes);
            let digit =
                events.iter().filter(|e| e.overlaps(slot, next)).map(|e| digit(show_as(e))).max().unwrap_or('0');
            view.push(digit);
            slot = next;
        }
        json!({ "scheduleId": address, "availabilityView": view, "scheduleItems": items })
    }
}

fn digit(status: &str) -> char {
    match status {
        "free" => '0',
        "tentative" => '1',
        "oof" => '3',
        "workingElsewhere" => '4',
        _ => '2',
    }
}

//! `calendarView` and `getSchedule`.

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Failure, Turn, lists, zones};
use crate::{serve::Reply, time::parse_instant, world::Event};

/// Days a view may span.
const LONGEST_VIEW: i64 = 1825;
/// Days a schedule may span.
const LONGEST_SCHEDULE: i64 = 62;

pub(super) fn list(turn: &mut Turn<'_>) -> Answer {
    let mailbox = turn.mailbox()?;
    let calendar = turn.calendar(&mailbox)?;
    let (from, until) = turn.window()?;
    let events =
        turn.world.events.iter().filter(|e| !e.deleted && e.calendar == calendar.id && e.overlaps(from, until));
    let mut events: Vec<&Event> = events.collect();
    super::events::sort(&mut events, turn.call.parameter("$orderby").or(Some("start/dateTime")));
    let items = events.into_iter().map(|event| turn.event_json(event)).collect();
    turn.page(&format!("users('{}')/calendarView", mailbox.id), items, lists::EVENTS_PER_PAGE)
}

impl Turn<'_> {
    /// `startDateTime` and `endDateTime`; the offset in the value counts, without one it is UTC.
    pub(super) fn window(&self) -> Result<(DateTime<Utc>, DateTime<Utc>), Failure> {
        let instant = |name: &str| {
            let text = self.call.parameter(name);
            let text = text.ok_or_else(|| {
                let message = "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.";
                Failure::bad_request("ErrorInvalidParameter", message)
            })?;
            parse_instant(text).ok_or_else(|| {
                Failure::bad_request(
                    "ErrorInvalidParameter",
                    format!("The value '{text}' of parameter '{name}' is invalid."),
                )
            })
        };
        let (from, until) = (instant("startDateTime")?, instant("endDateTime")?);
        if until < from || until - from > TimeDelta::days(LONGEST_VIEW) {
            let message = "Your request can't be completed. The range between the start and end dates is greater than the allowed range. Maximum number of days: 1825";
            return Err(Failure::bad_request("ErrorInvalidRequest", message));
        }
        Ok((from, until))
    }
}

/// Busy times of members. An unknown address is an item with an error, in a reply that is still 200.
pub(super) fn schedule(turn: &mut Turn<'_>) -> Answer {
    turn.mailbox()?;
    let body = turn.body()?;
    let (from, until) = (turn.moment_of(&body, "startTime")?, turn.moment_of(&body, "endTime")?);
    let wanted = body.get("schedules").and_then(Value::as_array).cloned().unwrap_or_default();
    if wanted.len() > 100 {
        let message = format!("The number of mailboxes {} in the request exceeds the allowed limit 100.", wanted.len());
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

impl Turn<'_> {
    fn moment_of(&self, body: &serde_json::Map<String, Value>, name: &str) -> Result<DateTime<Utc>, Failure> {
        let value = body
            .get(name)
            .ok_or_else(|| Failure::bad_request("ErrorInvalidRequest", format!("'{name}' is missing.")))?;
        Ok(zones::read(value, name)?.utc())
    }

    fn busy(&self, address: &Value, (from, until): (DateTime<Utc>, DateTime<Utc>), minutes: i64) -> Value {
        let user = address.as_str().and_then(|a| self.world.user_by_address(a)).filter(|u| u.guest.is_none());
        let Some(user) = user else {
            return json!({ "scheduleId": address, "availabilityView": "", "scheduleItems": [], "error": {
                "message": "The mailbox could not be found.", "responseCode": "ErrorMailRecipientNotFound",
            }});
        };
        let zone = self.preferred_zone();
        let status = |e: &Event| e.fields.get("showAs").and_then(Value::as_str).unwrap_or("busy").to_owned();
        let events = self.world.events.iter();
        let events: Vec<&Event> =
            events.filter(|e| !e.deleted && e.mailbox == user.id && e.overlaps(from, until)).collect();
        let items: Vec<Value> = events
            .iter()
            .map(|e| {
                json!({
                    "status": status(e), "isPrivate": false, "isMeeting": !e.attendees.is_empty(), "isRecurring": false,
                    "isException": false, "isReminderSet": true, "subject": e.subject(),
                    "start": zones::write(&e.start, &zone, e.all_day), "end": zones::write(&e.end, &zone, e.all_day),
                })
            })
            .collect();
        let mut view = String::new();
        let mut slot = from;
        while slot < until {
            let next = slot + TimeDelta::minutes(minutes);
            let digit =
                events.iter().filter(|e| e.overlaps(slot, next)).map(|e| digit(&status(e))).max().unwrap_or('0');
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

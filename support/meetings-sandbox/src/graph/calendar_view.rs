//! `calendarView`.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Answer, Failure, Turn, lists};
use crate::{time::parse_instant, world::Event};

/// Days a view may span.
const LONGEST_VIEW: i64 = 1825;

pub(super) fn list(turn: &mut Turn<'_>) -> Answer {
    let mailbox = turn.mailbox()?;
    let calendar = turn.calendar(&mailbox)?;
    let (from, until) = turn.window()?;
    let events = turn.world.happening(|event| event.calendar == calendar.id, from, until);
    let mut events: Vec<&Event> = events.iter().collect();
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

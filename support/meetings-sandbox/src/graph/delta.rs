//! `calendarView/delta`: a window frozen into opaque tokens.

use data_encoding::BASE64URL_NOPAD;
use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Failure, Turn, lists};
use crate::{
    serve::Reply,
    time::{parse_instant, whole_seconds},
};

/// What a token remembers.
struct Round {
    from: String,
    until: String,
    /// Changes up to this number are known to the client.
    since: u64,
    /// Changes up to this number belong to this round.
    upto: u64,
    skip: usize,
}

impl Round {
    fn token(&self) -> String {
        let text = json!([self.from, self.until, self.since, self.upto, self.skip]).to_string();
        BASE64URL_NOPAD.encode(text.as_bytes())
    }

    fn read(token: &str) -> Option<Self> {
        let value: Value = serde_json::from_slice(&BASE64URL_NOPAD.decode(token.as_bytes()).ok()?).ok()?;
        Some(Self {
            from: value[0].as_str()?.to_owned(),
            until: value[1].as_str()?.to_owned(),
            since: value[2].as_u64()?,
            upto: value[3].as_u64()?,
            skip: usize::try_from(value[4].as_u64()?).ok()?,
        })
    }
}

pub(super) fn list(turn: &mut Turn<'_>) -> Answer {
    let mailbox = turn.mailbox()?;
    let calendar = turn.calendar(&mailbox)?;
    for option in ["$select", "$filter", "$expand", "$orderby", "$search"] {
        if turn.call.parameter(option).is_some() {
            let message = format!("The query parameter '{option}' is not supported for this request.");
            return Err(Failure::bad_request("ErrorInvalidUrlQuery", message));
        }
    }
    let current = turn.world.change;
    let token = turn.call.parameter("$deltatoken").or_else(|| turn.call.parameter("$skiptoken"));
    let round = match token {
        Some(token) => Round::read(token).filter(|round| round.since == 0 || round.since >= turn.world.oldest_delta),
        None => {
            let (from, until) = turn.window()?;
            Some(Round { from: whole_seconds(from), until: whole_seconds(until), since: 0, upto: current, skip: 0 })
        }
    };
    let gone = || {
        let message = "The sync state generation is not found; continuation state is no longer valid.";
        Failure::new(StatusCode::GONE, "SyncStateNotFound", message)
    };
    let mut round = round.ok_or_else(gone)?;
    if turn.call.parameter("$deltatoken").is_some() {
        round.upto = current;
    }
    let (Some(from), Some(until)) = (parse_instant(&round.from), parse_instant(&round.until)) else {
        return Err(gone());
    };
    let events = turn.world.events.iter().filter(|e| e.calendar == calendar.id && e.change > round.since);
    let mut events: Vec<_> = events.filter(|e| round.since > 0 || !e.deleted).collect();
    events.sort_by_key(|event| event.change);
    let items = events.into_iter().flat_map(|event| {
        if !event.deleted && event.recurrence().is_some() {
            let changes = turn.series_changes(event, from, until);
            if !changes.is_empty() {
                return changes;
            }
        } else if !event.deleted && event.overlaps(from, until) {
            return vec![turn.event_json(event)];
        }
        // outside of the window looks like deleted, even for events the client never saw
        if round.since == 0 {
            return Vec::new();
        }
        vec![json!({ "id": event.id, "@removed": { "reason": "deleted" } })]
    });
    let items: Vec<Value> = items.collect();
    let size =
        turn.call.preference("odata.maxpagesize").and_then(|s| s.parse().ok()).unwrap_or(lists::EVENTS_PER_PAGE).max(1);
    let more = round.skip + size < items.len();
    let page: Vec<Value> = items.into_iter().skip(round.skip).take(size).collect();
    let mut body = json!({ "@odata.context": turn.context("Collection(event)"), "value": page });
    let link = |name: &str, round: &Round| format!("{}{}?{name}={}", turn.call.origin, turn.call.path, round.token());
    if more {
        round.skip += size;
        body["@odata.nextLink"] = link("$skiptoken", &round).into();
    } else {
        let next = Round { since: round.upto.max(1), skip: 0, ..round };
        body["@odata.deltaLink"] = link("$deltatoken", &next).into();
    }
    Ok(Reply::json(StatusCode::OK, &body))
}

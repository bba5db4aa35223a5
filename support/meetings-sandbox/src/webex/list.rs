//! `GET /meetings`: windows, filters, pages.

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Turn, error::Failure, times};
use crate::{serve::Reply, world::WebexMeeting};

const PER_PAGE: usize = 10;
const LARGEST_PAGE: usize = 100;

pub(super) fn list(turn: &mut Turn<'_>) -> Answer {
    let parameter = |name: &str| turn.call.parameter(name).filter(|value| !value.is_empty());
    let kind = parameter("meetingType").unwrap_or("meetingSeries");
    if !matches!(kind, "meetingSeries" | "scheduledMeeting" | "meeting") {
        return Err(Failure::invalid(&format!("'meetingType' {kind} is invalid.")));
    }
    let exact = ["meetingNumber", "webLink", "meetingSeriesId"].into_iter().find_map(|n| Some((n, parameter(n)?)));
    let (from, until) = window(turn, kind)?;
    let lag = TimeDelta::milliseconds(turn.world.settings.index_lag_milliseconds);
    let tag = parameter("integrationTag");
    let host = parameter("hostEmail");
    let matches = |meeting: &WebexMeeting| {
        let indexed = meeting.created + lag <= turn.now;
        let tagged = tag.is_none_or(|tag| meeting.client == turn.token.client && meeting.tags.iter().any(|t| t == tag));
        let hosted = host.is_none_or(|h| meeting.host_email.eq_ignore_ascii_case(h) || meeting.invitee(h).is_some());
        let placed = match exact {
            Some(("meetingNumber", number)) => meeting.number == number,
            Some(("webLink", link)) => meeting.web_link == link,
            Some((_, series)) => meeting.id == series && meeting.start < until && meeting.end > from,
            None => meeting.start < until && meeting.end > from,
        };
        indexed && tagged && hosted && placed && !meeting.deleted && turn.may_see(meeting)
    };
    let mut found: Vec<&WebexMeeting> = turn.world.webex_meetings.iter().filter(|m| matches(m)).collect();
    found.sort_by_key(|meeting| (meeting.start, meeting.id.clone()));
    if kind == "meeting" {
        // instances exist once a meeting has started; nobody starts meetings here
        found.clear();
    }
    let items: Vec<Value> = found.into_iter().map(|meeting| item(turn, meeting, kind)).collect();
    let items = match parameter("state") {
        Some(state) => items.into_iter().filter(|item| item["state"] == state).collect(),
        None => items,
    };
    page(turn, items)
}

/// Both ends have defaults, so that a list without a window sees seven days only.
fn window(turn: &Turn<'_>, kind: &str) -> Result<(DateTime<Utc>, DateTime<Utc>), Failure> {
    let (zone, week) = (turn.reading_zone(), TimeDelta::days(7));
    let time = |name: &str| turn.call.parameter(name).map(|text| times::of_query(text, zone, name)).transpose();
    let (from, until) = match (time("from")?, time("to")?) {
        (Some(from), Some(until)) => (from, until),
        (Some(from), None) => (from, from + week),
        (None, Some(until)) => (until - week, until),
        (None, None) if kind == "meeting" => (turn.now - week, turn.now),
        (None, None) => (turn.now, turn.now + week),
    };
    if from >= until {
        return Err(Failure::invalid("'from' must be before 'to'."));
    }
    Ok((from, until))
}

fn item(turn: &Turn<'_>, meeting: &WebexMeeting, kind: &str) -> Value {
    let mut item = turn.meeting_json(meeting, turn.reading_zone());
    if kind == "scheduledMeeting" {
        item["id"] = format!("{}_{}", meeting.id, meeting.start.format("%Y%m%dT%H%M%SZ")).into();
        item["meetingType"] = kind.into();
        item["state"] = if meeting.end <= turn.now { "missed" } else { "ready" }.into();
    }
    item["meetingSeriesId"] = meeting.id.clone().into();
    item["isModified"] = false.into();
    item
}

/// `Link: <…>; rel="next"` until the last page; too large a `max` is clamped.
pub(super) fn page(turn: &Turn<'_>, items: Vec<Value>) -> Answer {
    page_of(turn, items, LARGEST_PAGE)
}

pub(super) fn page_of(turn: &Turn<'_>, items: Vec<Value>, largest: usize) -> Answer {
    let number = |name: &str| match turn.call.parameter(name) {
        None => Ok(None),
        Some(text) => text.parse::<usize>().map(Some).map_err(|_| Failure::invalid(&format!("'{name}' is invalid."))),
    };
    let size = number("max")?.unwrap_or(PER_PAGE).clamp(1, largest);
    let offset = number("offset")?.unwrap_or(0);
    let total = items.len();
    let page: Vec<Value> = items.into_iter().skip(offset).take(size).collect();
    let mut reply = Reply::json(StatusCode::OK, &json!({ "items": page }));
    if offset + size < total {
        let kept = turn.call.query.iter().filter(|(name, _)| name != "offset");
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .append_pair("offset", &(offset + size).to_string())
            .finish();
        reply = reply.with("link", format!("<{}{}?{query}>; rel=\"next\"", turn.call.origin, turn.call.path));
    }
    Ok(reply.with("content-type", "application/json;charset=UTF-8"))
}

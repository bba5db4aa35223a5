//! `GET /meetings`: windows, filters, pages.

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Turn, error::Failure, times};
use crate::{defaults, serve::Reply, world::WebexMeeting};

const PER_PAGE: usize = 10;
const LARGEST_PAGE: usize = 100;
/// Filters by what an instance has left behind.
const LEFT_BEHIND: [&str; 8] =
    ["hasChat", "hasRecording", "hasTranscription", "hasSummary", "hasClosedCaption", "hasPolls", "hasQA", "hasSlido"];

pub(super) fn list(turn: &mut Turn<'_>) -> Answer {
    let parameter = |name: &str| turn.call.parameter(name).filter(|value| !value.is_empty());
    let kind = parameter("meetingType").unwrap_or("meetingSeries");
    if !matches!(kind, "meetingSeries" | "scheduledMeeting" | "meeting") {
        return Err(Failure::invalid(&format!("'meetingType' {kind} is invalid.")));
    }
    let exact = exact(turn)?;
    // of one that is named by number, link or space the window is passed over, and so is the kind
    let by_window = exact.as_ref().is_none_or(|(name, _)| *name == "meetingSeriesId");
    let (from, until) = if by_window { window(turn, kind)? } else { (turn.now, turn.now) };
    let left_behind: Vec<&str> = LEFT_BEHIND.into_iter().filter(|name| parameter(name).is_some()).collect();
    if let Some(name) = left_behind.first().filter(|_| kind != "meeting" || parameter("state") != Some("ended")) {
        return Err(Failure::invalid(&format!("'{name}' needs 'meetingType' meeting and 'state' ended.")));
    }
    let lag = TimeDelta::try_milliseconds(turn.world.settings.index_lag_milliseconds).unwrap_or(TimeDelta::MAX);
    let of_series = exact.as_ref().is_some_and(|(name, _)| *name == "meetingSeriesId");
    // passed over where one series is listed
    let tag = parameter("integrationTag").filter(|_| !of_series);
    // passed over where one meeting or one series is named
    let on_site = exact.is_some() || parameter("siteUrl").is_none_or(|site| site == defaults::WEBEX_SITE);
    let matches = |meeting: &WebexMeeting| {
        let indexed = later(meeting.created, lag) <= turn.now;
        let tagged = tag.is_none_or(|tag| meeting.tags_of(&turn.token.client).iter().any(|t| t == tag));
        let placed = match &exact {
            Some(("meetingNumber", number)) => meeting.number == *number,
            Some(("webLink", link)) => meeting.web_link == *link,
            // no meeting here belongs to a space
            Some(("roomId", _)) => false,
            Some((_, series)) => meeting.id == *series,
            // an instance has times of its own
            None => kind == "meeting" || meeting.is_within(from, until),
        };
        let there = (!meeting.deleted && !meeting.is_removed(turn.now)) || (kind == "meeting" && by_window);
        indexed && tagged && placed && on_site && there && turn.may_see(meeting)
    };
    let found: Vec<&WebexMeeting> = turn.world.webex_meetings.iter().filter(|m| matches(m)).collect();
    if of_series && found.is_empty() {
        return Err(Failure::not_found("The meeting series does not exist."));
    }
    let current = parameter("current") != Some("false") && !of_series;
    let mut items: Vec<(DateTime<Utc>, Value)> = Vec::new();
    for meeting in found {
        items.extend(match kind {
            // instances exist once a meeting has started
            "meeting" if by_window => turn.instances_within(meeting, from, until),
            "scheduledMeeting" if by_window => {
                // one that was changed stays between its neighbours
                let inside = meeting.occurrences().take_while(|one| one.start < until).filter(|one| one.end > from);
                inside.map(|one| (one.start, item(turn, &one, meeting, false))).collect()
            }
            _ => vec![(meeting.start, item(turn, meeting, meeting, current))],
        });
    }
    items.sort_by(|(one, a), (other, b)| one.cmp(other).then_with(|| a["id"].as_str().cmp(&b["id"].as_str())));
    let wanted = |item: &Value, name: &str| parameter(name).is_none_or(|value| item[name] == value);
    let flagged = |item: &Value, name: &str| parameter(name).is_none_or(|value| item[name] == (value == "true"));
    let items = items.into_iter().map(|(_, item)| item).filter(|item| {
        // what is not told was not left behind
        let is_left = |name: &&str| parameter(name).is_none_or(|value| (item[*name] == true) == (value == "true"));
        !by_window
            || (left_behind.iter().all(is_left)
                && wanted(item, "state")
                && (of_series || wanted(item, "scheduledType"))
                && flagged(item, "isModified"))
    });
    page(turn, items.collect())
}

/// The filter that names one meeting, one space or one series.
fn exact(turn: &Turn<'_>) -> Result<Option<(&'static str, String)>, Failure> {
    let given = |name: &'static str| {
        turn.call.parameter(name).filter(|value| !value.is_empty()).map(|value| (name, value.to_owned()))
    };
    // of the others nothing counts beside a series
    if let Some(series) = given("meetingSeriesId") {
        return Ok(Some(series));
    }
    let mut named: Vec<_> = ["meetingNumber", "webLink", "roomId"].into_iter().filter_map(given).collect();
    if named.len() > 1 {
        return Err(Failure::invalid("'meetingNumber', 'webLink' and 'roomId' are mutually exclusive."));
    }
    Ok(named.pop())
}

/// Both ends have defaults, so that a list without a window sees seven days only.
fn window(turn: &Turn<'_>, kind: &str) -> Result<(DateTime<Utc>, DateTime<Utc>), Failure> {
    let (zone, week) = (turn.reading_zone(), TimeDelta::days(7));
    let time = |name: &str| turn.call.parameter(name).map(|text| times::of_query(text, zone, name)).transpose();
    let (from, until) = match (time("from")?, time("to")?) {
        (Some(from), Some(until)) => (from, until),
        (Some(from), None) => (from, later(from, week)),
        (None, Some(until)) => (later(until, -week), until),
        (None, None) if kind == "meeting" => (turn.now - week, turn.now),
        (None, None) => (turn.now, turn.now + week),
    };
    if from >= until {
        return Err(Failure::invalid("'from' must be before 'to'."));
    }
    Ok((from, until))
}

/// So much later, or the end of the calendar.
pub(super) fn later(instant: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    let end = if by < TimeDelta::zero() { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
    instant.checked_add_signed(by).unwrap_or(end)
}

fn item(turn: &Turn<'_>, meeting: &WebexMeeting, series: &WebexMeeting, current: bool) -> Value {
    let mut item = turn.shown(meeting, turn.reading_zone(), current);
    item["meetingSeriesId"] = series.id.clone().into();
    item["isModified"] = turn.is_modified(meeting).into();
    item
}

/// `Link: <…>; rel="next"` until the last page; too large a `max` is clamped.
pub(super) fn page(turn: &Turn<'_>, items: Vec<Value>) -> Answer {
    page_of(turn, items, LARGEST_PAGE)
}

pub(super) fn page_of(turn: &Turn<'_>, items: Vec<Value>, largest: usize) -> Answer {
    page_sized(turn, items, PER_PAGE, largest)
}

/// With `unasked` items where `max` is not given.
pub(super) fn page_sized(turn: &Turn<'_>, items: Vec<Value>, unasked: usize, largest: usize) -> Answer {
    let number = |name: &str| match turn.call.parameter(name) {
        None => Ok(None),
        Some(text) => text.parse::<usize>().map(Some).map_err(|_| Failure::invalid(&format!("'{name}' is invalid."))),
    };
    let size = number("max")?.unwrap_or(unasked).clamp(1, largest);
    let asked = number("offset")?;
    // a page may be empty and not the last one
    let is_empty = asked.is_none() && turn.world.settings.webex_empty_page_first;
    let (offset, size) = (asked.unwrap_or(0), if is_empty { 0 } else { size });
    let end = offset.saturating_add(size);
    let total = items.len();
    let page: Vec<Value> = items.into_iter().skip(offset).take(size).collect();
    let mut reply = Reply::json(StatusCode::OK, &json!({ "items": page }));
    if is_empty || end < total {
        let kept = turn.call.query.iter().filter(|(name, _)| name != "offset");
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .append_pair("offset", &end.to_string())
            .finish();
        reply = reply.with("link", format!("<{}{}?{query}>; rel=\"next\"", turn.call.origin, turn.call.path));
    }
    Ok(reply)
}

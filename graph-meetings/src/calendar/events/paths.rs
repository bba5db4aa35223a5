//! Requests for whole events: no `$select`, and our property with them.

use bytes::Bytes;
use http::Request;
use invitations_core::{
    Result,
    ids::{CalendarId, EventId},
    provider::Marker,
    time::TimeRange,
};
use serde::Serialize;

use crate::{
    calendar::{
        request::{calendar_path, event_path, window},
        wire_event::MARKER_PROPERTY,
    },
    owner::Owner,
    wire,
};

/// Ids that survive moves (trap 21), times in UTC (trap 19), texts as they are.
pub(super) const PREFER: &str = r#"IdType="ImmutableId", outlook.timezone="UTC", outlook.body-content-type="html""#;
const PREFER_PAGES: &str =
    r#"IdType="ImmutableId", outlook.timezone="UTC", outlook.body-content-type="html", odata.maxpagesize=50"#;

fn expand() -> String {
    let expand = format!("singleValueExtendedProperties($filter=id eq '{MARKER_PROPERTY}')");
    format!("$expand={}", wire::segment(&expand))
}

pub(super) fn read(owner: &Owner, calendar: &CalendarId, id: &EventId) -> Result<Request<Bytes>> {
    let path = format!("{}?{}", event_path(owner, calendar, id), expand());
    Ok(wire::prefer(wire::get(&path)?, PREFER))
}

/// Whether the mailbox's user is the organizer, and nothing else.
pub(super) fn organizer(owner: &Owner, calendar: &CalendarId, id: &EventId) -> Result<Request<Bytes>> {
    let path = format!("{}?$select=id,isOrganizer", event_path(owner, calendar, id));
    Ok(wire::prefer(wire::get(&path)?, PREFER))
}

pub(super) fn list(owner: &Owner, calendar: &CalendarId) -> Result<Request<Bytes>> {
    let path = format!("{}/events?{}", calendar_path(owner, calendar), expand());
    Ok(wire::prefer(wire::get(&path)?, PREFER_PAGES))
}

pub(super) fn find(owner: &Owner, calendar: &CalendarId, marker: &Marker) -> Result<Request<Bytes>> {
    // a marker has no quotes, see `Marker`
    let filter =
        format!("singleValueExtendedProperties/Any(ep: ep/id eq '{MARKER_PROPERTY}' and ep/value eq '{marker}')");
    let path = format!("{}/events?$filter={}&{}", calendar_path(owner, calendar), wire::segment(&filter), expand());
    Ok(wire::prefer(wire::get(&path)?, PREFER_PAGES))
}

pub(super) fn view(
    operation: &'static str,
    owner: &Owner,
    calendar: &CalendarId,
    within: TimeRange,
) -> Result<Request<Bytes>> {
    let path = format!("{}/calendarView?{}&{}", calendar_path(owner, calendar), window(operation, within)?, expand());
    Ok(wire::prefer(wire::get(&path)?, PREFER_PAGES))
}

/// Under the mailbox, as actions are.
pub(super) fn instances(
    operation: &'static str,
    owner: &Owner,
    series: &EventId,
    within: TimeRange,
) -> Result<Request<Bytes>> {
    let series = wire::segment(series.as_str());
    let path = format!("{}/events/{series}/instances?{}", owner.path(), window(operation, within)?);
    Ok(wire::prefer(wire::get(&path)?, PREFER_PAGES))
}

/// A further page; preferences must be said again.
pub(super) fn page(path: &str) -> Result<Request<Bytes>> {
    Ok(wire::prefer(wire::get(path)?, PREFER_PAGES))
}

/// `cancel`, `accept` and the like.
///
/// Under the mailbox: that is the one form of the path that every page on an action has.
pub(super) fn action(owner: &Owner, id: &EventId, verb: &str, body: &impl Serialize) -> Result<Request<Bytes>> {
    let path = format!("{}/events/{}/{verb}", owner.path(), wire::segment(id.as_str()));
    Ok(wire::prefer(wire::post(&path, body)?, PREFER))
}

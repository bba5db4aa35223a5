use bytes::Bytes;
use http::Response;
use invitations_core::{
    Error, ErrorKind, Remedy, Result, RetryClass,
    ids::{Etag, EventId},
    provider::{CalendarEvent, EventDraft, Marker, WriteOutcome},
    secret::JoinUrl,
    time::{EventTime, Recurrence, Slot, TimeZone},
};

use super::{
    recurrence,
    request::{Before, Repeats},
    text,
    wire_event::{KnownAttendee, MARKER_PROPERTY, WireAttendee, WireAttendees, WireEvent},
};
use crate::{
    wire::{self, Page, unreadable},
    zones,
};

/// One event.
pub(super) fn event(operation: &'static str, reply: &Response<Bytes>) -> Result<CalendarEvent> {
    read(operation, wire::read(operation, reply)?)
}

/// One page of events.
pub(super) fn events(operation: &'static str, reply: &Response<Bytes>) -> Result<Page<CalendarEvent>> {
    let page: Page<WireEvent> = wire::page(operation, reply)?;
    let value = page.value.into_iter().map(|one| read(operation, one)).collect::<Result<_>>()?;
    Ok(Page { value, next: page.next })
}

/// What an update finds before it writes, and its version.
pub(super) fn before(operation: &'static str, reply: &Response<Bytes>) -> Result<(Before, Etag)> {
    let wire: WireEvent = wire::read(operation, reply)?;
    let etag = version(operation, wire.etag.as_deref())?;
    let repeats = match &wire.recurrence {
        Some(there) => Repeats::Series(recurrence::read(there)),
        None if wire.is_occurrence() => Repeats::Occurrence,
        None => Repeats::Once,
    };
    let is_online = wire.is_online_meeting || wire.online_meeting.is_some_and(|online| online.join_url.is_some());
    Ok((Before { body: wire.body.unwrap_or_default(), is_online, repeats }, etag))
}

/// The attendees to write back, and their version.
pub(super) fn attendees(operation: &'static str, reply: &Response<Bytes>) -> Result<(Vec<WireAttendee>, Etag)> {
    let wire: WireAttendees = wire::read(operation, reply)?;
    Ok((wire.attendees, version(operation, wire.etag.as_deref())?))
}

fn version(operation: &'static str, etag: Option<&str>) -> Result<Etag> {
    let etag = etag.ok_or_else(|| unreadable(operation, "an event without a version"))?;
    Etag::parse(etag).map_err(|error| unreadable(operation, "no usable version").with_source(error))
}

fn read(operation: &'static str, wire: WireEvent) -> Result<CalendarEvent> {
    let id = EventId::parse(&wire.id).map_err(|error| unreadable(operation, "no usable id").with_source(error))?;
    let is_occurrence = wire.is_occurrence();
    let (time, recurrence) = when(operation, &wire)?;
    let mut content = EventDraft::new(wire.subject, time);
    content.recurrence = recurrence;
    content.body = wire.body.and_then(|body| text::written(&body.content, body.is_html()));
    content.location = wire.location.and_then(|place| place.display_name).filter(|name| !name.is_empty());
    content.attendees = wire.attendees.into_iter().filter_map(KnownAttendee::attendee).collect();
    let ours = wire.single_value_extended_properties.iter().find(|one| one.id.eq_ignore_ascii_case(MARKER_PROPERTY));
    // an occurrence shows its series' property, and is not the event that was written
    content.marker = ours.filter(|_| !is_occurrence).and_then(|property| Marker::parse(&property.value).ok());
    content.online = wire.is_online_meeting;
    let mut event = CalendarEvent::new(id, content);
    event.etag = wire.etag.and_then(|etag| Etag::parse(etag).ok());
    let link = wire.online_meeting.and_then(|online| online.join_url);
    event.join_url = link.and_then(|link| wire::web_page(&link)).map(JoinUrl::new);
    Ok(event)
}

/// When it takes place, and how it repeats.
pub(super) fn when(operation: &'static str, wire: &WireEvent) -> Result<(EventTime, Option<Recurrence>)> {
    let no_time = || unreadable(operation, "an event without a usable time");
    let Some(there) = &wire.recurrence else { return Ok((time(wire).ok_or_else(no_time)?, None)) };
    let time = if wire.is_all_day {
        time(wire).ok_or_else(no_time)?
    } else {
        // what was asked for is UTC; the zone that the series follows stands beside it
        let named = there.zone().or(wire.original_start_time_zone.as_deref()).unwrap_or_default();
        let zone = zones::time_zone(named).map_err(|error| {
            let remedy = error.remedy().cloned();
            let detail = format!("the time zone of series {} is not known", wire.id);
            let unknown = unreadable(operation, detail).with_source(error);
            match remedy {
                Some(remedy) => unknown.with_remedy(remedy),
                None => unknown,
            }
        })?;
        let (start, end) = (wire.start.as_ref().ok_or_else(no_time)?, wire.end.as_ref().ok_or_else(no_time)?);
        recurrence::wall::read(start, end, zone).ok_or_else(no_time)?.into()
    };
    let unknown = || {
        unreadable(operation, format!("series {} repeats in an unknown way", wire.id))
            .with_remedy(Remedy::new("Change how it repeats in Outlook, or read it with OutlookEvents."))
    };
    let series = recurrence::read(there).ok_or_else(unknown)?;
    let rule = recurrence::rule(&series, &time).map_err(|error| unknown().with_source(error))?;
    Ok((time, Some(rule)))
}

fn time(wire: &WireEvent) -> Option<EventTime> {
    let (start, end) = (wire.start.as_ref()?, wire.end.as_ref()?);
    if wire.is_all_day {
        // floating dates: never converted (trap 18)
        let (from, until) = (start.wall()?.date(), end.wall()?.date());
        let days = u16::try_from((until - from).num_days()).ok()?;
        return Some(EventTime::AllDay { from, days });
    }
    let (start, end) = (start.instant()?, end.instant()?);
    let duration = (end - start).to_std().ok()?;
    // events of no length exist in calendars, so the slot is not checked here
    let slot = Slot::at(start, duration, TimeZone::UTC).unwrap_or_else(|_| Slot::from(start..end));
    Some(slot.into())
}

/// What kind of write was refused: a 404 means the event only where one was named.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Written {
    Create,
    Existing,
}

/// The outcome of a write that did not succeed. Only a proof that nothing happened becomes one.
pub(super) fn refused(written: Written, error: Error) -> WriteOutcome {
    match (error.status(), written) {
        (Some(404), Written::Existing) => WriteOutcome::Missing,
        (Some(412), Written::Existing) => WriteOutcome::Precondition,
        (Some(409), Written::Create) => WriteOutcome::Duplicate,
        _ if written == Written::Create && error.kind() == ErrorKind::AlreadyExists => WriteOutcome::Duplicate,
        _ => match error.retry() {
            RetryClass::Never | RetryClass::Safe { .. } => WriteOutcome::Rejected(error),
            _ => WriteOutcome::Unclear(error),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{
        "@odata.etag": "W/\"ZlnW4RIAV06KYYwlrfNZvQAALfZeRQ==\"",
        "id": "AAMkAGI1==",
        "subject": "Let's go for lunch",
        "bodyPreview": "x",
        "isAllDay": false,
        "isOnlineMeeting": true,
        "onlineMeetingProvider": "TeamsForBusiness",
        "onlineMeetingUrl": null,
        "onlineMeeting": { "joinUrl": "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x" },
        "body": { "contentType": "Text", "content": "Bring a pen\r\n________________________________________\r\nMicrosoft Teams" },
        "start": { "dateTime": "2026-07-15T09:00:00.0000000", "timeZone": "UTC" },
        "end": { "dateTime": "2026-07-15T10:00:00.0000000", "timeZone": "UTC" },
        "location": { "displayName": "", "locationType": "default" },
        "attendees": [
            { "type": "required", "status": { "response": "None", "time": "0001-01-01T00:00:00Z" },
              "emailAddress": { "name": "Ada", "address": "Ada@Contoso.example" } },
            { "type": "required", "emailAddress": { "name": "Old", "address": "/o=Exchange/ou=x" } }
        ],
        "singleValueExtendedProperties": [
            { "id": "String {5C1C7D2E-93B4-4B63-8F0D-2F6F6D7A9B14} Name InvitationMarker", "value": "lesson-42" }
        ]
    }"#;

    fn reply(status: u16, body: &str) -> Response<Bytes> {
        Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap()
    }

    #[test]
    fn an_event_is_read_leniently() {
        let event = event("read event", &reply(200, BODY)).unwrap();
        assert_eq!(event.id.as_str(), "AAMkAGI1==");
        assert_eq!(event.etag.as_ref().map(Etag::as_str), Some("W/\"ZlnW4RIAV06KYYwlrfNZvQAALfZeRQ==\""));
        assert_eq!(event.content.body.as_deref(), Some("Bring a pen"));
        assert_eq!(event.content.location, None);
        assert_eq!(event.content.marker.as_ref().map(Marker::as_str), Some("lesson-42"));
        assert_eq!(event.content.attendees.len(), 1);
        assert!(event.content.online && event.join_url.is_some());
        assert_eq!(event.content.time.range().from.to_rfc3339(), "2026-07-15T09:00:00+00:00");
    }

    #[test]
    fn whole_days_are_never_converted() {
        let body = r#"{"id":"e","isAllDay":true,
            "start":{"dateTime":"2026-02-28T00:00:00.0000000","timeZone":"Tonga Standard Time"},
            "end":{"dateTime":"2026-03-02T00:00:00.0000000","timeZone":"Tonga Standard Time"}}"#;
        let event = event("read event", &reply(200, body)).unwrap();
        assert_eq!(event.content.time, EventTime::AllDay { from: "2026-02-28".parse().unwrap(), days: 2 });
    }

    #[test]
    fn bad_115_whole_days_that_are_none_are_read_as_the_days_they_name() {
        for (start, end, days) in
            [("2026-02-28T09:30:00", "2026-03-01T09:30:00", 1), ("2026-02-28T00:00:00", "2026-03-01T12:00:00", 1)]
        {
            let body = format!(
                r#"{{"id":"e","isAllDay":true,"start":{{"dateTime":"{start}","timeZone":"UTC"}},"end":{{"dateTime":"{end}","timeZone":"UTC"}}}}"#
            );
            let event = event("read event", &reply(200, &body)).unwrap();
            assert_eq!(event.content.time, EventTime::AllDay { from: "2026-02-28".parse().unwrap(), days }, "{start}");
        }
    }

    #[test]
    fn an_unreadable_event_is_a_protocol_error() {
        for body in ["", "[]", "{}", r#"{"id":"e"}"#, r#"{"id":"e","start":{"dateTime":"x"},"end":{"dateTime":"y"}}"#] {
            let error = event("create event", &reply(201, body)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Protocol, "{body}");
            assert!(matches!(refused(Written::Create, error), WriteOutcome::Unclear(_)), "{body}");
        }
    }

    #[test]
    fn only_proofs_become_rejections() {
        let failed = |status: Option<u16>, retry: RetryClass| {
            let error = Error::new(ErrorKind::Unavailable, "write event").with_retry(retry);
            match status {
                Some(status) => error.with_status(status),
                None => error,
            }
        };
        let (never, safe, unclear) =
            (RetryClass::Never, RetryClass::Safe { after: None }, RetryClass::Unclear { after: None });
        let name = |outcome: WriteOutcome| match outcome {
            WriteOutcome::Missing => "missing",
            WriteOutcome::Precondition => "precondition",
            WriteOutcome::Duplicate => "duplicate",
            WriteOutcome::Rejected(_) => "rejected",
            WriteOutcome::Unclear(_) => "unclear",
            _ => "applied",
        };
        for (written, status, retry, expected) in [
            (Written::Existing, Some(404), never, "missing"),
            (Written::Create, Some(404), never, "rejected"),
            (Written::Existing, Some(412), never, "precondition"),
            (Written::Create, Some(412), never, "rejected"),
            (Written::Create, Some(409), safe, "duplicate"),
            (Written::Existing, Some(409), safe, "rejected"),
            (Written::Create, Some(429), safe, "rejected"),
            (Written::Create, Some(400), never, "rejected"),
            (Written::Create, Some(503), unclear, "unclear"),
            (Written::Existing, Some(500), unclear, "unclear"),
            (Written::Create, None, unclear, "unclear"),
            (Written::Create, None, safe, "rejected"),
        ] {
            assert_eq!(name(refused(written, failed(status, retry))), expected, "{written:?} {status:?} {retry:?}");
        }
    }
}

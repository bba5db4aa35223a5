use bytes::Bytes;
use http::Response;
use invitations_core::{
    Result,
    ids::{Etag, MeetingId, MeetingKey, UserId},
    provider::Meeting,
    secret::JoinUrl,
    time::{Slot, TimeRange, TimeZone},
};
use serde::Deserialize;
use serde_json::Value;

use super::{event_request::KEY_PROPERTY, recurrence::Repeats};
use crate::{
    calendar::recurrence::{WireRecurrence, wall},
    wire::{self, DateTimeTimeZone, Page, or_default, unreadable},
};

/// An event as Graph answers, as far as a meeting is concerned.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireEvent {
    id: String,
    #[serde(default, rename = "@odata.type", deserialize_with = "wire::of_event")]
    _type: (),
    #[serde(rename = "@odata.etag")]
    etag: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    subject: String,
    #[serde(default, deserialize_with = "lenient")]
    start: Option<DateTimeTimeZone>,
    #[serde(default, deserialize_with = "lenient")]
    end: Option<DateTimeTimeZone>,
    #[serde(default, deserialize_with = "or_default")]
    is_cancelled: bool,
    #[serde(default, deserialize_with = "or_default")]
    is_online_meeting: bool,
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    kind: String,
    #[serde(default, deserialize_with = "lenient")]
    recurrence: Option<WireRecurrence>,
    #[serde(default, deserialize_with = "lenient")]
    original_start_time_zone: Option<String>,
    #[serde(default)]
    online_meeting: Value,
    #[serde(default)]
    organizer: Value,
    #[serde(default, deserialize_with = "or_default")]
    attendees: Vec<Value>,
    #[serde(default, deserialize_with = "or_default")]
    single_value_extended_properties: Vec<Value>,
}

/// What has another form is not there.
fn lenient<'de, D: serde::Deserializer<'de>, T: serde::de::DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).ok())
}

/// An event that is a Teams meeting, or was to become one.
pub(super) struct Event {
    pub(super) id: MeetingId,
    pub(super) etag: Option<Etag>,
    subject: String,
    slot: Option<Slot>,
    organizer: Option<UserId>,
    pub(super) is_cancelled: bool,
    /// One event of a series, as views show them.
    pub(super) is_occurrence: bool,
    pub(super) repeats: Repeats,
    /// Graph says that it is an online meeting.
    pub(super) is_online: bool,
    pub(super) join_url: Option<JoinUrl>,
    /// The key, once everything about the meeting was done.
    pub(super) key: Option<MeetingKey>,
    /// As they were read, to be written back.
    pub(super) attendees: Vec<Value>,
}

impl Event {
    fn new(operation: &'static str, wire: WireEvent) -> Result<Self> {
        let id =
            MeetingId::parse(&wire.id).map_err(|error| unreadable(operation, "no usable id").with_source(error))?;
        let link = wire.online_meeting["joinUrl"].as_str().and_then(wire::web_page);
        let ours = wire.single_value_extended_properties.iter();
        let mut ours = ours.filter(|one| one["id"].as_str().is_some_and(|id| id.eq_ignore_ascii_case(KEY_PROPERTY)));
        let is_occurrence = ["occurrence", "exception"].iter().any(|kind| wire.kind.eq_ignore_ascii_case(kind));
        let repeats = Repeats::read(&wire.kind, wire.recurrence.as_ref(), wire.original_start_time_zone.as_deref());
        Ok(Self {
            id,
            etag: wire.etag.and_then(|etag| Etag::parse(etag).ok()),
            subject: wire.subject,
            slot: slot(wire.start.as_ref(), wire.end.as_ref(), &repeats),
            organizer: wire.organizer["emailAddress"]["address"].as_str().and_then(|id| UserId::parse(id).ok()),
            is_cancelled: wire.is_cancelled,
            is_occurrence,
            repeats,
            is_online: wire.is_online_meeting || link.is_some(),
            join_url: link.map(JoinUrl::new),
            // an occurrence shows its series' property, and is not the meeting that was made
            key: ours.next().filter(|_| !is_occurrence).and_then(|one| MeetingKey::parse(one["value"].as_str()?).ok()),
            attendees: wire.attendees,
        })
    }

    /// Whether it takes place at least in part within a range. Where a series ends is not looked at: a key names one meeting.
    pub(super) fn touches(&self, within: TimeRange) -> bool {
        let Some(slot) = &self.slot else { return true };
        let range = slot.range();
        let is_over = matches!(self.repeats, Repeats::Once) && range.until <= within.from;
        range.from < within.until && !is_over
    }

    /// As a meeting; `None` without a link to join at.
    pub(super) fn meeting(self) -> Option<Meeting> {
        let mut meeting = Meeting::new(self.id, self.subject, self.join_url?);
        meeting.etag = self.etag;
        meeting.slot = self.slot;
        meeting.organizer = self.organizer;
        meeting.key = self.key;
        Some(meeting)
    }
}

/// Of a series its first event, on the wall of its zone.
fn slot(start: Option<&DateTimeTimeZone>, end: Option<&DateTimeTimeZone>, repeats: &Repeats) -> Option<Slot> {
    let (start, end) = (start?, end?);
    if let Repeats::Series(Some((_, zone))) = repeats {
        return wall::read(start, end, *zone);
    }
    let (start, end) = (start.instant()?, end.instant()?);
    Slot::at(start, (end - start).to_std().ok()?, TimeZone::UTC).ok()
}

/// One event.
pub(super) fn event(operation: &'static str, reply: &Response<Bytes>) -> Result<Event> {
    Event::new(operation, wire::read(operation, reply)?)
}

/// One page of events.
pub(super) fn events(operation: &'static str, reply: &Response<Bytes>) -> Result<(Vec<Event>, Option<String>)> {
    let page: Page<WireEvent> = wire::page(operation, reply)?;
    let events = page.value.into_iter().map(|one| Event::new(operation, one)).collect::<Result<_>>()?;
    Ok((events, page.next))
}

#[cfg(test)]
mod tests {
    use invitations_core::{ErrorKind, RetryClass};
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<Event> {
        event("read meeting", &Response::new(Bytes::from(body.to_string())))
    }

    #[test]
    fn an_event_becomes_a_meeting() {
        let event = read(&json!({
            "@odata.etag": "W/\"a\"", "id": "AAMk==", "subject": null, "isOnlineMeeting": true,
            "onlineMeetingProvider": "TeamsForBusiness", "onlineMeetingUrl": null,
            "onlineMeeting": { "joinUrl": "https://teams.microsoft.com/planted" },
            "start": { "dateTime": "2026-07-15T09:00:00.0000000", "timeZone": "UTC" },
            "end": { "dateTime": "2026-07-15T10:00:00.0000000", "timeZone": "UTC" },
            "organizer": { "emailAddress": { "address": "tutor@contoso.example" } }, "attendees": [{}],
            "singleValueExtendedProperties": [{ "id": KEY_PROPERTY.to_uppercase(), "value": "lesson-42" }],
        }))
        .unwrap();
        assert!(event.is_online && event.attendees.len() == 1 && !event.is_cancelled);
        let meeting = event.meeting().unwrap();
        assert_eq!((meeting.subject.as_str(), meeting.key.unwrap().as_str()), ("", "lesson-42"));
        assert_eq!(meeting.slot.unwrap().duration.as_secs(), 3600);
        assert_eq!(meeting.organizer.unwrap().as_str(), "tutor@contoso.example");
    }

    #[test]
    fn trap_12_an_event_that_is_no_meeting_says_so() {
        for online in [Value::Null, json!({}), json!({ "joinUrl": null }), json!({ "joinUrl": "javascript:alert(1)" })]
        {
            let event =
                read(&json!({ "id": "e", "isOnlineMeeting": false, "onlineMeeting": online, "start": "odd" })).unwrap();
            assert!(event.join_url.is_none() && event.meeting().is_none(), "{online}");
        }
    }

    #[test]
    fn an_unreadable_answer_may_have_done_it() {
        for body in [json!([]), json!({}), json!({ "id": 7 }), json!({ "id": "" })] {
            let error = read(&body).map(drop).unwrap_err();
            assert_eq!(
                (error.kind(), error.retry()),
                (ErrorKind::Protocol, RetryClass::Unclear { after: None }),
                "{body}"
            );
        }
    }
}

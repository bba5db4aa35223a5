use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::Response;
use invitations_core::{
    Result,
    ids::{Etag, EventId},
    provider::Marker,
    secret::JoinUrl,
    time::{EventTime, Recurrence},
};
use serde::Deserialize as _;
use serde_json::{Map, Value};
use url::Url;

use super::{
    AttendeeStatus, Body, EventKind, Importance, Location, MailAddress, Members, OnlineMeetingProvider,
    OutlookAttendee, Sensitivity, ShowAs, ZonedTime,
};
use crate::{
    calendar::{
        decode,
        wire_event::{MARKER_PROPERTY, WireEvent},
    },
    wire::{self, unreadable},
};

/// An event as Outlook has it.
///
/// Members that Graph did not send are `None`, empty or false. `Debug` shows what tells events apart, and no texts: the text of an
/// online event holds its join link.
#[derive(Clone)]
#[non_exhaustive]
pub struct OutlookEvent {
    /// Its id: an immutable one, which survives moves within the mailbox (trap 21).
    pub id: EventId,
    /// Its version, for [`with_if_match`](invitations_core::provider::WriteOptions::with_if_match).
    pub etag: Option<Etag>,
    /// Equal in all mailboxes that have the event, and mostly shared by all events of a series (trap 22): good to recognise an event
    /// in two mailboxes, not to tell events apart.
    pub ical_uid: Option<String>,
    /// The key it was made with, as Outlook remembers it.
    pub transaction_id: Option<String>,
    /// The key it was made with, as our property says it. Only the event that was made has it: occurrences have none.
    pub marker: Option<Marker>,
    /// What it is in its series.
    pub kind: EventKind,
    /// Its series, for an occurrence or an exception.
    pub series_master: Option<EventId>,
    /// When an occurrence or an exception was to begin by its series.
    pub original_start: Option<DateTime<Utc>>,
    /// Occurrences of a series that were taken away; Graph tells them where asked.
    pub cancelled_occurrences: Vec<String>,
    /// When it was made.
    pub created: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub modified: Option<DateTime<Utc>>,
    /// The title.
    pub subject: String,
    /// The text, as HTML unless it was written as plain text.
    pub body: Option<Body>,
    /// The beginning of the text, as plain text.
    pub body_preview: Option<String>,
    /// When, in the contract's words: whole days as dates, a series on the wall of its zone. `None` when it cannot be said so.
    pub time: Option<EventTime>,
    /// From.
    pub start: Option<ZonedTime>,
    /// Until.
    pub end: Option<ZonedTime>,
    /// Whether it takes whole days. Their dates float: never converted (trap 18).
    pub is_all_day: bool,
    /// The zone the start was written in.
    pub original_start_zone: Option<String>,
    /// The zone the end was written in.
    pub original_end_zone: Option<String>,
    /// How a series repeats. What has no exact rule stays in the extras as `recurrence`.
    pub recurrence: Option<Recurrence>,
    /// Where.
    pub location: Option<Location>,
    /// Where, when it is at several places.
    pub locations: Vec<Location>,
    /// Who is invited.
    pub attendees: Vec<OutlookAttendee>,
    /// Who invites.
    pub organizer: Option<MailAddress>,
    /// Whether this mailbox's user is the organizer.
    pub is_organizer: bool,
    /// Whether it was cancelled; then it may stay in attendees' calendars until they remove it.
    pub is_cancelled: bool,
    /// Whether changes were not yet mailed.
    pub is_draft: bool,
    /// What this mailbox's user answered.
    pub response: Option<AttendeeStatus>,
    /// How the time is shown to others.
    pub show_as: Option<ShowAs>,
    /// Who may read what it says.
    pub sensitivity: Option<Sensitivity>,
    /// How important it is.
    pub importance: Option<Importance>,
    /// Names of categories.
    pub categories: Vec<String>,
    /// Whether Outlook reminds of it.
    pub is_reminder_on: bool,
    /// Minutes before the start.
    pub reminder_minutes: Option<i32>,
    /// Whether attendees are asked to answer.
    pub response_requested: Option<bool>,
    /// Whether attendees may propose another time.
    pub allow_new_time_proposals: Option<bool>,
    /// Whether attendees see only themselves.
    pub hide_attendees: bool,
    /// Whether there are attachments.
    pub has_attachments: bool,
    /// Whether it has an online meeting.
    pub is_online_meeting: bool,
    /// Who makes the online meeting.
    pub online_meeting_provider: Option<OnlineMeetingProvider>,
    /// The online meeting.
    pub online_meeting: Option<OnlineMeetingInfo>,
    /// Where Outlook on the web shows it to this mailbox's user.
    pub web_link: Option<String>,
    /// What is not modelled, and what had another form than documented.
    pub extras: Map<String, Value>,
}

/// How to join. Admits whoever holds it: `Debug` does not show it.
#[derive(Clone)]
#[non_exhaustive]
pub struct OnlineMeetingInfo {
    /// The link. `None` also for what is no https address.
    pub join_url: Option<JoinUrl>,
    /// The id to dial in with.
    pub conference_id: Option<String>,
    /// Numbers and what else is said.
    pub extras: Map<String, Value>,
}

impl OnlineMeetingInfo {
    fn read(value: &Value) -> Option<Self> {
        let mut members = Members::of(value.as_object()?.clone().into());
        let join_url = members.text("joinUrl").and_then(|link| Url::parse(&link).ok());
        let join_url = join_url.filter(|link| {
            let joins = link.scheme() == "https";
            if !joins {
                tracing::warn!(scheme = link.scheme(), "an event's join link is no https address and is left out");
            }
            joins
        });
        let conference_id = members.text("conferenceId");
        Some(Self { join_url: join_url.map(JoinUrl::new), conference_id, extras: members.0 })
    }
}

impl fmt::Debug for OnlineMeetingInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnlineMeetingInfo").field("join_url", &self.join_url).finish_non_exhaustive()
    }
}

impl OutlookEvent {
    /// Where to join. `onlineMeetingUrl` is null for Teams, so it is not looked at.
    pub fn join_url(&self) -> Option<&JoinUrl> {
        self.online_meeting.as_ref()?.join_url.as_ref()
    }

    /// Whether it is one event of a series.
    pub fn is_occurrence(&self) -> bool {
        matches!(self.kind, EventKind::Occurrence | EventKind::Exception)
    }

    pub(crate) fn decode(operation: &'static str, reply: &Response<Bytes>) -> Result<Self> {
        Self::read(operation, wire::read(operation, reply)?)
    }

    pub(crate) fn read(operation: &'static str, mut members: Members) -> Result<Self> {
        let kind_of_thing: Option<String> = members.take("@odata.type");
        if kind_of_thing.is_some_and(|name| !name.to_ascii_lowercase().ends_with(".event")) {
            return Err(unreadable(operation, "something that is no event"));
        }
        // an id that is no text, or none, is no event: whatever was written is looked up
        let id = members.take::<String>("id").and_then(|id| EventId::parse(id).ok());
        let id = id.ok_or_else(|| unreadable(operation, "no usable id"))?;
        let kind = members.take("type").unwrap_or(EventKind::SingleInstance);
        let (time, recurrence) = when(operation, &id, &kind, &members);
        if recurrence.is_some() || members.0.get("recurrence").is_some_and(Value::is_null) {
            members.0.remove("recurrence");
        }
        let instant = |value: &Value| value.as_str().and_then(wire::instant);
        let marker = marker(&mut members).filter(|_| !matches!(kind, EventKind::Occurrence | EventKind::Exception));
        // the first is the version again, the other is null for Teams
        for name in ["changeKey", "onlineMeetingUrl"] {
            members.0.remove(name);
        }
        let somewhere = |value: &Value| Location::read(value).filter(Location::is_somewhere);
        let location = members.take_with("location", Location::read).filter(Location::is_somewhere);
        Ok(Self {
            id,
            etag: members.take::<String>("@odata.etag").and_then(|etag| Etag::parse(etag).ok()),
            ical_uid: members.text("iCalUId"),
            transaction_id: members.text("transactionId"),
            marker,
            series_master: members.take::<String>("seriesMasterId").and_then(|id| EventId::parse(id).ok()),
            original_start: members.take_with("originalStart", instant),
            cancelled_occurrences: members.take("cancelledOccurrences").unwrap_or_default(),
            created: members.take_with("createdDateTime", instant),
            modified: members.take_with("lastModifiedDateTime", instant),
            subject: members.take("subject").unwrap_or_default(),
            body: members.take_with("body", Body::read),
            body_preview: members.text("bodyPreview"),
            time,
            start: members.take_with("start", ZonedTime::read),
            end: members.take_with("end", ZonedTime::read),
            is_all_day: members.take("isAllDay").unwrap_or_default(),
            original_start_zone: members.text("originalStartTimeZone"),
            original_end_zone: members.text("originalEndTimeZone"),
            recurrence,
            location,
            locations: members.list("locations", somewhere),
            attendees: members.list("attendees", OutlookAttendee::read),
            organizer: members.take_with("organizer", MailAddress::of_recipient),
            is_organizer: members.take("isOrganizer").unwrap_or_default(),
            is_cancelled: members.take("isCancelled").unwrap_or_default(),
            is_draft: members.take("isDraft").unwrap_or_default(),
            response: members.take_with("responseStatus", AttendeeStatus::read),
            show_as: members.take("showAs"),
            sensitivity: members.take("sensitivity"),
            importance: members.take("importance"),
            categories: members.take("categories").unwrap_or_default(),
            is_reminder_on: members.take("isReminderOn").unwrap_or_default(),
            reminder_minutes: members.take("reminderMinutesBeforeStart"),
            response_requested: members.take("responseRequested"),
            allow_new_time_proposals: members.take("allowNewTimeProposals"),
            hide_attendees: members.take("hideAttendees").unwrap_or_default(),
            has_attachments: members.take("hasAttachments").unwrap_or_default(),
            is_online_meeting: members.take("isOnlineMeeting").unwrap_or_default(),
            online_meeting_provider: members.take("onlineMeetingProvider"),
            online_meeting: members.take_with("onlineMeeting", OnlineMeetingInfo::read),
            web_link: members.text("webLink"),
            kind,
            extras: members.rest(),
        })
    }
}

/// When it takes place and how it repeats, as far as the contract has words for it.
fn when(
    operation: &'static str,
    id: &EventId,
    kind: &EventKind,
    members: &Members,
) -> (Option<EventTime>, Option<Recurrence>) {
    let names = ["start", "end", "isAllDay", "recurrence", "originalStartTimeZone"];
    let told = names.iter().filter_map(|name| Some(((*name).to_owned(), members.0.get(*name)?.clone())));
    let mut told: Map<String, Value> = told.collect();
    told.insert("id".to_owned(), id.as_str().into());
    told.insert("type".to_owned(), kind.as_str().into());
    let wire = WireEvent::deserialize(Value::Object(told)).ok();
    match wire.and_then(|wire| decode::when(operation, &wire).ok()) {
        Some((time, recurrence)) => (Some(time), recurrence),
        None => (None, None),
    }
}

/// Takes our property out of the others, which stay.
fn marker(members: &mut Members) -> Option<Marker> {
    let name = "singleValueExtendedProperties";
    let list = members.0.get_mut(name)?.as_array_mut()?;
    let ours = |one: &Value| one["id"].as_str().is_some_and(|id| id.eq_ignore_ascii_case(MARKER_PROPERTY));
    let marker = list.iter().find(|one| ours(one)).and_then(|one| Marker::parse(one["value"].as_str()?).ok());
    list.retain(|one| !ours(one));
    if list.is_empty() {
        members.0.remove(name);
    }
    marker
}

impl fmt::Debug for OutlookEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutlookEvent")
            .field("id", &self.id)
            .field("etag", &self.etag)
            .field("kind", &self.kind)
            .field("marker", &self.marker)
            .field("start", &self.start)
            .field("end", &self.end)
            .field("is_all_day", &self.is_all_day)
            .field("attendees", &self.attendees.len())
            .field("is_online_meeting", &self.is_online_meeting)
            .field("is_cancelled", &self.is_cancelled)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

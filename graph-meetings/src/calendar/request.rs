use bytes::Bytes;
use chrono::{Days, NaiveTime};
use http::{Request, header};
use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    ids::{CalendarId, Etag, EventId},
    provider::{EventDraft, Marker},
    time::{EventTime, TimeRange},
};
use serde_json::{Value, json};

use super::{
    check_attendees,
    event_body::{EventBody, Online, Place, TextBody, marked},
    recurrence::{self, Series},
    text,
    wire_event::{Body, MARKER_PROPERTY, WireAttendee},
};
use crate::{
    owner::Owner,
    wire::{self, DateTimeTimeZone, utc_text},
};

/// Ids that survive moves (trap 21), times in UTC (trap 19), text without markup.
const PREFER: &str = r#"IdType="ImmutableId", outlook.timezone="UTC", outlook.body-content-type="text""#;
/// The same, with the markup: the Teams block lives in it.
const PREFER_HTML: &str = r#"IdType="ImmutableId", outlook.timezone="UTC", outlook.body-content-type="html""#;
/// The same as the first, for lists.
const PREFER_PAGES: &str =
    r#"IdType="ImmutableId", outlook.timezone="UTC", outlook.body-content-type="text", odata.maxpagesize=50"#;
const SELECT: &str = "id,subject,start,end,isAllDay,body,location,attendees,isOnlineMeeting,onlineMeeting,type,\
    recurrence,originalStartTimeZone";
/// The longest span of a calendar view (trap 20).
const LONGEST_VIEW: chrono::Duration = chrono::Duration::days(1825);

/// Where a calendar's things are. `primary` and `default` are the mailbox's own calendar.
pub(super) fn calendar_path(owner: &Owner, calendar: &CalendarId) -> String {
    match calendar.as_str() {
        "primary" | "default" => format!("{}/calendar", owner.path()),
        id => format!("{}/calendars/{}", owner.path(), wire::segment(id)),
    }
}

pub(super) fn event_path(owner: &Owner, calendar: &CalendarId, id: &EventId) -> String {
    format!("{}/events/{}", calendar_path(owner, calendar), wire::segment(id.as_str()))
}

/// `$select` and `$expand`: extended properties come only when they are asked for (trap 23).
fn shape() -> String {
    let expand = format!("singleValueExtendedProperties($filter=id eq '{MARKER_PROPERTY}')");
    format!("$select={SELECT}&$expand={}", wire::segment(&expand))
}

/// Reads one event.
pub(super) fn read(owner: &Owner, calendar: &CalendarId, id: &EventId) -> Result<Request<Bytes>> {
    let path = format!("{}?{}", event_path(owner, calendar, id), shape());
    Ok(wire::prefer(wire::get(&path)?, PREFER))
}

/// Reads what an update must keep: the version, and the text with the Teams block.
pub(super) fn read_text(owner: &Owner, calendar: &CalendarId, id: &EventId) -> Result<Request<Bytes>> {
    let path =
        format!("{}?$select=id,body,isOnlineMeeting,onlineMeeting,type,recurrence", event_path(owner, calendar, id));
    Ok(wire::prefer(wire::get(&path)?, PREFER_HTML))
}

/// Reads what a change of attendees must keep: the version and the whole list.
pub(super) fn read_attendees(owner: &Owner, calendar: &CalendarId, id: &EventId) -> Result<Request<Bytes>> {
    let path = format!("{}?$select=id,attendees", event_path(owner, calendar, id));
    Ok(wire::prefer(wire::get(&path)?, PREFER))
}

/// Events that carry a marker.
pub(super) fn find(owner: &Owner, calendar: &CalendarId, marker: &Marker) -> Result<Request<Bytes>> {
    // a marker has no quotes, see `Marker`
    let filter = format!(
        "singleValueExtendedProperties/Any(ep: ep/id eq '{MARKER_PROPERTY}' and ep/value eq '{}')",
        marker.as_str()
    );
    let path = format!("{}/events?$filter={}&{}", calendar_path(owner, calendar), wire::segment(&filter), shape());
    Ok(wire::prefer(wire::get(&path)?, PREFER_PAGES))
}

/// The first page of a window. Series come as their occurrences.
pub(super) fn view(owner: &Owner, calendar: &CalendarId, within: TimeRange) -> Result<Request<Bytes>> {
    let path = calendar_path(owner, calendar);
    let path = format!("{path}/calendarView?{}&{}", window("list events", within)?, shape());
    Ok(wire::prefer(wire::get(&path)?, PREFER_PAGES))
}

/// The window of a view or of a series' events, in UTC: the offset in the value counts (trap 20).
pub(super) fn window(operation: &'static str, within: TimeRange) -> Result<String> {
    if within.is_empty() {
        return Err(
            Error::invalid(operation, "the window is empty").with_remedy(Remedy::new("End it after its start."))
        );
    }
    if within.until - within.from > LONGEST_VIEW {
        return Err(Error::invalid(operation, "the window is longer than 1825 days")
            .with_remedy(Remedy::new("Ask for shorter windows one after the other.")));
    }
    let (from, until) = (utc_text(within.from), utc_text(within.until));
    Ok(format!("startDateTime={}&endDateTime={}", wire::segment(&from), wire::segment(&until)))
}

/// A further page; preferences must be said again.
pub(super) fn page(path: &str) -> Result<Request<Bytes>> {
    Ok(wire::prefer(wire::get(path)?, PREFER_PAGES))
}

/// A new event. The key is its idempotency key and its marker.
pub(super) fn create(owner: &Owner, calendar: &CalendarId, key: &Marker, draft: &EventDraft) -> Result<Request<Bytes>> {
    let operation = "create event";
    let mut body = members(operation, draft)?;
    if let Some(rule) = &draft.recurrence {
        body.recurrence = Some(recurrence::written(&recurrence::series(operation, rule, &draft.time)?));
    }
    body.transaction_id = Some(key.as_str());
    body.marker = Some(marked(key));
    body.body = draft.body.as_deref().map(|text| TextBody { content_type: "text", content: text.into() });
    body.online = draft.online.then_some(Online::TEAMS);
    let path = format!("{}/events", calendar_path(owner, calendar));
    Ok(wire::prefer(wire::post(&path, &body)?, PREFER))
}

/// What an update found before it writes.
#[derive(Debug)]
pub(super) struct Before {
    pub(super) body: Body,
    pub(super) is_online: bool,
    pub(super) repeats: Repeats,
}

/// How an event repeated before an update.
#[derive(Debug)]
pub(super) enum Repeats {
    Once,
    /// One event of a series, which cannot be a series of its own.
    Occurrence,
    /// As a series; `None`: in a way that cannot be read.
    Series(Option<Series>),
}

/// An update of all managed fields. The text of an online event is written around the Teams block, or not at all.
pub(super) fn update(
    owner: &Owner,
    calendar: &CalendarId,
    id: &EventId,
    if_match: Option<&Etag>,
    draft: &EventDraft,
    before: &Before,
) -> Result<Request<Bytes>> {
    let operation = "update event";
    let mut body = members(operation, draft)?;
    body.recurrence = repetition(operation, draft, before)?;
    body.marker = draft.marker.as_ref().map(marked);
    // no place is said, too
    body.location.get_or_insert(Place { display_name: "" });
    let text = draft.body.as_deref().unwrap_or_default();
    let said = text::written(&before.body.content, before.body.is_html()).unwrap_or_default();
    if said != text.trim() {
        let new = if before.is_online { text::with_block(&before.body.content, text) } else { Some(text::html(text)) };
        match new {
            Some(content) => body.body = Some(TextBody { content_type: "html", content: content.into() }),
            None => {
                tracing::warn!("the text of an online event is left as it is: its Teams block cannot be told apart")
            }
        }
    }
    body.online = (draft.online && !before.is_online).then_some(Online::TEAMS);
    let request = wire::prefer(wire::patch(&event_path(owner, calendar, id), &body)?, PREFER);
    matching(request, if_match)
}

/// The whole list of attendees, and nothing else: so only who changed gets a mail (trap 9).
pub(super) fn write_attendees(
    owner: &Owner,
    calendar: &CalendarId,
    id: &EventId,
    if_match: &Etag,
    attendees: &[WireAttendee],
) -> Result<Request<Bytes>> {
    let body = json!({ "attendees": attendees });
    let request = wire::prefer(wire::patch(&event_path(owner, calendar, id), &body)?, PREFER);
    matching(request, Some(if_match))
}

/// Takes an event away; its attendees get cancellations.
pub(super) fn delete(
    owner: &Owner,
    calendar: &CalendarId,
    id: &EventId,
    if_match: Option<&Etag>,
) -> Result<Request<Bytes>> {
    let request = wire::prefer(wire::delete(&event_path(owner, calendar, id))?, PREFER);
    matching(request, if_match)
}

pub(super) fn matching(mut request: Request<Bytes>, etag: Option<&Etag>) -> Result<Request<Bytes>> {
    if let Some(etag) = etag {
        let value = header::HeaderValue::from_str(etag.as_str())
            .map_err(|_| Error::invalid("write event", "the version is no header value"))?;
        request.headers_mut().insert(header::IF_MATCH, value);
    }
    Ok(request)
}

/// The recurrence of an update, `Null` where there is none any more: said only where it changes, for saying it again would undo what was changed in single occurrences.
fn repetition(operation: &'static str, draft: &EventDraft, before: &Before) -> Result<Option<Value>> {
    let wanted = draft.recurrence.as_ref().map(|rule| recurrence::series(operation, rule, &draft.time)).transpose()?;
    Ok(match (wanted, &before.repeats) {
        (None, Repeats::Once | Repeats::Occurrence) => None,
        (None, Repeats::Series(_)) => Some(Value::Null),
        (Some(_), Repeats::Occurrence) => {
            return Err(Error::invalid(operation, "one event of a series cannot be a series")
                .with_remedy(Remedy::new("Write to the series itself.")));
        }
        (Some(wanted), Repeats::Series(Some(there))) if wanted == *there => None,
        (Some(wanted), _) => Some(recurrence::written(&wanted)),
    })
}

pub(super) fn marker_member(marker: &Marker) -> Value {
    json!(marked(marker))
}

/// What creates and updates share.
fn members<'a>(operation: &'static str, draft: &'a EventDraft) -> Result<EventBody<'a>> {
    check_attendees(operation, draft.attendees.len())?;
    let ([start, end], is_all_day) = times(operation, draft)?;
    Ok(EventBody {
        subject: &draft.subject,
        start,
        end,
        is_all_day,
        body: None,
        location: draft.location.as_deref().map(|place| Place { display_name: place }),
        attendees: &draft.attendees,
        recurrence: None,
        online: None,
        transaction_id: None,
        marker: None,
    })
}

/// Single events are said in UTC: zone tables of servers differ. A series is said in its own zone, by the Windows name, or it would
/// move when clocks change. Whole days are dates (trap 18).
fn times(operation: &'static str, draft: &EventDraft) -> Result<([DateTimeTimeZone; 2], bool)> {
    Ok(match &draft.time {
        EventTime::Timed(slot) if slot.duration.as_secs() == 0 => {
            return Err(Error::invalid(operation, "the event ends when it begins"));
        }
        EventTime::Timed(slot) if draft.recurrence.is_some() => (recurrence::wall::written(operation, slot)?, false),
        EventTime::Timed(slot) => ([slot.start_instant(), slot.end_instant()].map(DateTimeTimeZone::utc), false),
        EventTime::AllDay { days: 0, .. } => return Err(Error::invalid(operation, "an all-day event lasts no day")),
        EventTime::AllDay { from, days } => {
            let until = from.checked_add_days(Days::new((*days).into()));
            let until = until.ok_or_else(|| Error::invalid(operation, "the event ends after the calendar"))?;
            let midnight = |date: chrono::NaiveDate| DateTimeTimeZone::local(date.and_time(NaiveTime::MIN));
            ([midnight(*from), midnight(until)], true)
        }
        _ => return Err(Error::new(ErrorKind::Unsupported, operation).with_detail("an unknown kind of time")),
    })
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use invitations_core::{
        ids::UserId,
        people::{Attendee, EmailAddress},
        time::{Recurrence, Slot, TimeZone, WallTime},
    };

    use super::*;

    fn owner() -> Owner {
        Owner::User(UserId::parse("tutor@contoso.example").unwrap())
    }

    fn calendar(id: &str) -> CalendarId {
        CalendarId::parse(id).unwrap()
    }

    fn draft() -> EventDraft {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        EventDraft::new("Lesson", Slot::from(at("2026-07-15T09:00:00Z")..at("2026-07-15T10:00:00Z")).into())
    }

    fn body(request: &Request<Bytes>) -> Value {
        serde_json::from_slice(request.body()).unwrap()
    }

    fn before(content: &str, is_online: bool) -> Before {
        let body = Body { content_type: "html".to_owned(), content: content.to_owned() };
        Before { body, is_online, repeats: Repeats::Once }
    }

    #[test]
    fn a_create_is_keyed_and_marked() {
        let draft = draft()
            .with_body("Bring a pen")
            .with_location("Room 1")
            .with_attendee(Attendee::new(EmailAddress::parse("Ada@Contoso.example").unwrap()).with_name("Ada"))
            .with_online_meeting();
        let key = Marker::parse("lesson-42").unwrap();
        let request = create(&owner(), &calendar("primary"), &key, &draft).unwrap();
        assert_eq!(request.uri(), "/v1.0/users/tutor%40contoso.example/calendar/events");
        assert!(request.headers()["prefer"].to_str().unwrap().contains(r#"IdType="ImmutableId""#));
        let expected = json!({
            "subject": "Lesson",
            "start": { "dateTime": "2026-07-15T09:00:00", "timeZone": "UTC" },
            "end": { "dateTime": "2026-07-15T10:00:00", "timeZone": "UTC" },
            "isAllDay": false,
            "body": { "contentType": "text", "content": "Bring a pen" },
            "location": { "displayName": "Room 1" },
            "attendees": [{ "type": "required", "emailAddress": { "name": "Ada", "address": "ada@contoso.example" } }],
            "isOnlineMeeting": true,
            "onlineMeetingProvider": "teamsForBusiness",
            "transactionId": "lesson-42",
            "singleValueExtendedProperties": [{ "id": MARKER_PROPERTY, "value": "lesson-42" }],
        });
        assert_eq!(body(&request), expected);
    }

    #[test]
    fn bad_116_a_series_is_said_on_the_wall_of_its_zone_and_not_as_instants() {
        let mut draft = draft();
        // the first event reaches over the hour that clocks skip
        let (local, zone) = ("2026-03-29T01:30:00".parse().unwrap(), TimeZone::parse("Europe/Berlin").unwrap());
        draft.time = Slot { start: WallTime::new(local, zone), duration: std::time::Duration::from_secs(5400) }.into();
        draft.recurrence = Some(Recurrence::parse("FREQ=WEEKLY;COUNT=3").unwrap());
        let request = create(&owner(), &calendar("primary"), &Marker::parse("a").unwrap(), &draft).unwrap();
        let sent = body(&request);
        let moment = |time: &str| json!({ "dateTime": time, "timeZone": "W. Europe Standard Time" });
        assert_eq!((&sent["start"], &sent["end"]), (&moment("2026-03-29T01:30:00"), &moment("2026-03-29T03:00:00")));
        let pattern = json!({ "type": "weekly", "interval": 1, "daysOfWeek": ["sunday"], "firstDayOfWeek": "monday" });
        let range = json!({ "type": "numbered", "startDate": "2026-03-29", "numberOfOccurrences": 3 });
        assert_eq!(sent["recurrence"], json!({ "pattern": pattern, "range": range }));
    }

    #[test]
    fn trap_18_whole_days_are_dates_with_an_exclusive_end() {
        let mut draft = draft();
        draft.time = EventTime::AllDay { from: "2026-02-28".parse().unwrap(), days: 2 };
        let request = create(&owner(), &calendar("AAMk=="), &Marker::parse("a").unwrap(), &draft).unwrap();
        assert_eq!(request.uri(), "/v1.0/users/tutor%40contoso.example/calendars/AAMk%3D%3D/events");
        assert_eq!(body(&request)["start"], json!({ "dateTime": "2026-02-28T00:00:00", "timeZone": "UTC" }));
        assert_eq!(body(&request)["end"], json!({ "dateTime": "2026-03-02T00:00:00", "timeZone": "UTC" }));
        assert_eq!(body(&request)["isAllDay"], true);
    }

    #[test]
    fn trap_09_an_update_sends_attendees_only_when_it_lists_any() {
        let (etag, id) = (Etag::parse("W/\"abc\"").unwrap(), EventId::parse("e").unwrap());
        let request =
            update(&Owner::SignedIn, &calendar("default"), &id, Some(&etag), &draft(), &before("", false)).unwrap();
        assert_eq!(request.method(), "PATCH");
        assert_eq!(request.uri(), "/v1.0/me/calendar/events/e");
        assert_eq!(request.headers()[header::IF_MATCH], "W/\"abc\"");
        let sent = body(&request);
        for absent in ["attendees", "body", "transactionId", "isOnlineMeeting", "singleValueExtendedProperties"] {
            assert!(sent.get(absent).is_none(), "{absent}");
        }
        assert_eq!(sent["location"], json!({ "displayName": "" }));
    }

    #[test]
    fn trap_10_the_text_of_an_online_event_keeps_its_block_or_is_left_alone() {
        let id = EventId::parse("e").unwrap();
        let send = |content: &str, online: bool, text: &str| {
            let draft = draft().with_body(text);
            body(&update(&owner(), &calendar("default"), &id, None, &draft, &before(content, online)).unwrap())
        };
        let block = "Old<div class=\"me-email-text\">Join</div>";
        assert_eq!(
            send(block, true, "New")["body"]["content"],
            "<div>New</div><div class=\"me-email-text\">Join</div>"
        );
        assert!(send("no block", true, "New").get("body").is_none());
        assert_eq!(send("Old", false, "a<b")["body"]["content"], "a&lt;b");
        assert!(send("<p>Same</p>", false, "Same").get("body").is_none());
    }

    #[test]
    fn the_attendee_list_is_written_alone_and_keeps_unknown_members() {
        let known: WireAttendee = serde_json::from_value(json!({
            "type": "resource", "status": { "response": "accepted", "time": "2026-01-01T00:00:00Z" },
            "emailAddress": { "name": "Room", "address": "room@contoso.example", "futureMember": 1 },
            "proposedNewTime": null, "otherMember": [1],
        }))
        .unwrap();
        let (etag, id) = (Etag::parse("W/\"abc\"").unwrap(), EventId::parse("e").unwrap());
        let request = write_attendees(&owner(), &calendar("default"), &id, &etag, &[known]).unwrap();
        let expected = json!({ "attendees": [{
            "type": "resource", "otherMember": [1],
            "emailAddress": { "name": "Room", "address": "room@contoso.example", "futureMember": 1 },
        }]});
        assert_eq!(body(&request), expected);
    }

    #[test]
    fn the_marker_is_found_by_its_property() {
        let request = find(&owner(), &calendar("default"), &Marker::parse("lesson-42").unwrap()).unwrap();
        let query = request.uri().query().unwrap();
        let decoded = percent_encoding::percent_decode_str(query).decode_utf8().unwrap();
        assert!(
            decoded.starts_with(&format!(
                "$filter=singleValueExtendedProperties/Any(ep: ep/id eq '{MARKER_PROPERTY}' and ep/value eq 'lesson-42')&"
            )),
            "{decoded}"
        );
        assert!(
            decoded.ends_with(&format!("$expand=singleValueExtendedProperties($filter=id eq '{MARKER_PROPERTY}')"))
        );
    }

    #[test]
    fn trap_20_windows_are_in_utc_and_bounded() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let within = TimeRange::new(at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z"));
        let request = view(&owner(), &calendar("default"), within).unwrap();
        assert!(
            request
                .uri()
                .query()
                .unwrap()
                .starts_with("startDateTime=2026-01-01T00%3A00%3A00Z&endDateTime=2026-02-01T00%3A00%3A00Z&$select=")
        );
        let long = TimeRange::new(at("2020-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z"));
        assert!(view(&owner(), &calendar("default"), long).is_err());
        assert!(view(&owner(), &calendar("default"), TimeRange::new(within.until, within.from)).is_err());
    }

    #[test]
    fn what_outlook_cannot_take_is_refused_before_any_call() {
        let key = Marker::parse("a").unwrap();
        let refuse = |change: &dyn Fn(&mut EventDraft)| {
            let mut draft = draft();
            change(&mut draft);
            create(&owner(), &calendar("default"), &key, &draft).unwrap_err().kind()
        };
        let nothing = Slot::from(DateTime::<Utc>::UNIX_EPOCH..DateTime::<Utc>::UNIX_EPOCH);
        assert_eq!(refuse(&|draft| draft.time = nothing.clone().into()), ErrorKind::InvalidInput);
        let no_day = EventTime::AllDay { from: "2026-02-28".parse().unwrap(), days: 0 };
        assert_eq!(refuse(&|draft| draft.time = no_day.clone()), ErrorKind::InvalidInput);
        let ada = Attendee::new(EmailAddress::parse("ada@contoso.example").unwrap());
        assert_eq!(refuse(&|draft| draft.attendees = vec![ada.clone(); 501]), ErrorKind::InvalidInput);
        let rule = Recurrence::parse("FREQ=DAILY;BYHOUR=9").unwrap();
        assert_eq!(refuse(&|draft| draft.recurrence = Some(rule.clone())), ErrorKind::Unsupported);
    }
}

use bytes::Bytes;
use http::{Request, header};
use invitations_core::{
    Error, Result,
    ids::{CalendarId, Etag, MeetingId, MeetingKey},
    people::Attendee,
    provider::{MeetingDraft, MeetingPatch},
    time::{Slot, TimeRange},
};
use serde_json::{Map, Value, json};

use super::{
    recurrence::{self, Repeats},
    request,
};
use crate::{
    calendar::check_attendees,
    owner::Owner,
    wire::{self, DateTimeTimeZone, utc_text},
};

/// Where a finished meeting keeps its key. One constant for all installations: named properties are a finite resource of a mailbox
/// (trap 23). Not the calendar's marker: what is kept in a calendar by somebody else's list is not ours to find.
pub(super) const KEY_PROPERTY: &str = "String {5c1c7d2e-93b4-4b63-8f0d-2f6f6d7a9b14} Name MeetingKey";
/// Ids that survive moves (trap 21), times in UTC (trap 19).
const PREFER: &str = r#"IdType="ImmutableId", outlook.timezone="UTC""#;
const PREFER_PAGES: &str = r#"IdType="ImmutableId", outlook.timezone="UTC", odata.maxpagesize=50"#;
const SELECT: &str = "id,subject,start,end,isCancelled,isOnlineMeeting,onlineMeeting,organizer,attendees,type,recurrence,\
    originalStartTimeZone";
/// The longest span of a calendar view (trap 20).
const LONGEST_VIEW: chrono::Duration = chrono::Duration::days(1825);

/// Refuses what Outlook cannot take, before any I/O.
pub(super) fn check(draft: &MeetingDraft) -> Result<()> {
    request::check_subject(&draft.subject)?;
    request::check_slot(&draft.slot)?;
    recurrence::written(draft)?;
    check_attendees("create meeting", draft.attendees.len())
}

fn calendar_path(owner: &Owner, calendar: Option<&CalendarId>) -> String {
    match calendar.map(CalendarId::as_str) {
        None | Some("primary" | "default") => format!("{}/calendar", owner.path()),
        Some(id) => format!("{}/calendars/{}", owner.path(), wire::segment(id)),
    }
}

fn event_path(owner: &Owner, id: &MeetingId) -> String {
    format!("{}/events/{}", owner.path(), wire::segment(id.as_str()))
}

/// `$select` and `$expand`: extended properties come only when they are asked for (trap 23).
fn shape() -> String {
    let expand = format!("singleValueExtendedProperties($filter=id eq '{KEY_PROPERTY}')");
    format!("$select={SELECT}&$expand={}", wire::segment(&expand))
}

/// A new event with a Teams meeting and without attendees, so that nobody is invited to something without a link. `transactionId`
/// makes the same create again answer the same event (trap 8); `finished` says that nothing else follows.
pub(super) fn create(
    owner: &Owner,
    calendar: Option<&CalendarId>,
    key: &MeetingKey,
    draft: &MeetingDraft,
    finished: bool,
) -> Result<Request<Bytes>> {
    let mut body = recurrence::written(draft)?.unwrap_or_else(|| times(&draft.slot));
    body.insert("subject".to_owned(), draft.subject.as_str().into());
    body.insert("isOnlineMeeting".to_owned(), json!(true));
    body.insert("onlineMeetingProvider".to_owned(), json!("teamsForBusiness"));
    body.insert("transactionId".to_owned(), key.as_str().into());
    if finished {
        body.insert("singleValueExtendedProperties".to_owned(), key_member(key));
    }
    Ok(wire::prefer(wire::post(&format!("{}/events", calendar_path(owner, calendar)), &body)?, PREFER))
}

/// The last step of a create: the key, and with it the invitations. Attendees are mailed once, and see the link and the settings.
/// Whoever is `there` already stays (trap 9).
pub(super) fn finish(
    owner: &Owner,
    id: &MeetingId,
    version: &Etag,
    key: &MeetingKey,
    there: &[Value],
    invited: &[Attendee],
) -> Result<Request<Bytes>> {
    let mut body = Map::from_iter([("singleValueExtendedProperties".to_owned(), key_member(key))]);
    if !invited.is_empty() {
        body.insert("attendees".to_owned(), joined(there, invited).into());
    }
    matching(wire::prefer(wire::patch(&event_path(owner, id), &body)?, PREFER), Some(version))
}

/// Reads one event.
pub(super) fn read(owner: &Owner, id: &MeetingId) -> Result<Request<Bytes>> {
    Ok(wire::prefer(wire::get(&format!("{}?{}", event_path(owner, id), shape()))?, PREFER))
}

/// Events whose key is this one. A key may have quotes, which are doubled.
pub(super) fn find(owner: &Owner, calendar: Option<&CalendarId>, key: &MeetingKey) -> Result<Request<Bytes>> {
    let key = key.as_str().replace('\'', "''");
    let filter = format!("singleValueExtendedProperties/Any(ep: ep/id eq '{KEY_PROPERTY}' and ep/value eq '{key}')");
    let path = format!("{}/events?$filter={}&{}", calendar_path(owner, calendar), wire::segment(&filter), shape());
    Ok(wire::prefer(wire::get(&path)?, PREFER_PAGES))
}

/// The first page of a window.
pub(super) fn view(owner: &Owner, calendar: Option<&CalendarId>, within: TimeRange) -> Result<Request<Bytes>> {
    if within.is_empty() || within.until - within.from > LONGEST_VIEW {
        return Err(Error::invalid("list meetings", "the window is empty or longer than 1825 days"));
    }
    let (from, until) = (utc_text(within.from), utc_text(within.until));
    let (from, until) = (wire::segment(&from), wire::segment(&until));
    let path = calendar_path(owner, calendar);
    let path = format!("{path}/calendarView?startDateTime={from}&endDateTime={until}&{}", shape());
    Ok(wire::prefer(wire::get(&path)?, PREFER_PAGES))
}

/// A further page; preferences must be said again.
pub(super) fn page(path: &str) -> Result<Request<Bytes>> {
    Ok(wire::prefer(wire::get(path)?, PREFER_PAGES))
}

/// Refuses what no event can become, before any I/O.
pub(super) fn check_patch(patch: &MeetingPatch) -> Result<()> {
    patch.slot.as_ref().map_or(Ok(()), request::check_slot)?;
    patch.subject.as_deref().map_or(Ok(()), request::check_subject)
}

/// A change of what stands in the calendar; `None` when the patch names nothing of it. Neither the text nor `isOnlineMeeting` is ever
/// written: the text holds the block that makes the event a meeting (trap 10), and the other is ignored once it is one (trap 11).
pub(super) fn update(
    owner: &Owner,
    id: &MeetingId,
    if_match: Option<&Etag>,
    patch: &MeetingPatch,
    before: &Repeats,
) -> Result<Option<Request<Bytes>>> {
    check_patch(patch)?;
    let mut body = match (&patch.slot, before) {
        (None, _) => Map::new(),
        (Some(slot), Repeats::Once) => times(slot),
        (Some(slot), Repeats::Series(there)) => recurrence::moved(there.as_ref(), slot)?,
    };
    if let Some(subject) = &patch.subject {
        body.insert("subject".to_owned(), subject.as_str().into());
    }
    if body.is_empty() {
        return Ok(None);
    }
    matching(wire::prefer(wire::patch(&event_path(owner, id), &body)?, PREFER), if_match).map(Some)
}

/// Takes an event away; its attendees get cancellations.
pub(super) fn delete(owner: &Owner, id: &MeetingId, if_match: Option<&Etag>) -> Result<Request<Bytes>> {
    matching(wire::prefer(wire::delete(&event_path(owner, id))?, PREFER), if_match)
}

fn matching(mut request: Request<Bytes>, etag: Option<&Etag>) -> Result<Request<Bytes>> {
    if let Some(etag) = etag {
        let value = header::HeaderValue::from_str(etag.as_str())
            .map_err(|_| Error::invalid("write meeting", "the version is no header value"))?;
        request.headers_mut().insert(header::IF_MATCH, value);
    }
    Ok(request)
}

fn key_member(key: &MeetingKey) -> Value {
    json!([{ "id": KEY_PROPERTY, "value": key.as_str() }])
}

/// Those who are there, and those who are not yet. Answers and proposals are the attendees' own and are not sent.
fn joined(there: &[Value], invited: &[Attendee]) -> Vec<Value> {
    let kept = there.iter().filter_map(Value::as_object).map(|known| {
        let own = known.iter().filter(|(name, _)| !matches!(name.as_str(), "status" | "proposedNewTime"));
        Value::Object(own.map(|(name, value)| (name.clone(), value.clone())).collect())
    });
    let is_there = |attendee: &&Attendee| {
        let address = attendee.email.canonical();
        let same =
            |known: &Value| known["emailAddress"]["address"].as_str().is_some_and(|a| a.eq_ignore_ascii_case(address));
        there.iter().any(same)
    };
    kept.chain(invited.iter().filter(|attendee| !is_there(attendee)).map(attendee)).collect()
}

fn attendee(attendee: &Attendee) -> Value {
    let mut email = json!({ "address": attendee.email.canonical() });
    if let Some(name) = &attendee.name {
        email["name"] = name.as_str().into();
    }
    json!({ "type": "required", "emailAddress": email })
}

/// Single events are said in UTC: zone tables of servers differ.
fn times(slot: &Slot) -> Map<String, Value> {
    Map::from_iter([
        ("start".to_owned(), json!(DateTimeTimeZone::utc(slot.start_instant()))),
        ("end".to_owned(), json!(DateTimeTimeZone::utc(slot.end_instant()))),
    ])
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use invitations_core::{
        ErrorKind,
        ids::UserId,
        people::EmailAddress,
        provider::MeetingSettings,
        time::{Recurrence, TimeZone, WallTime},
    };

    use super::*;

    fn owner() -> Owner {
        Owner::User(UserId::parse("tutor@contoso.example").unwrap())
    }

    fn slot() -> Slot {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        Slot::from(at("2026-07-15T09:00:00Z")..at("2026-07-15T10:00:00Z"))
    }

    fn ada() -> Attendee {
        Attendee::new(EmailAddress::parse("Ada@Contoso.example").unwrap()).with_name("Ada")
    }

    fn key(text: &str) -> MeetingKey {
        MeetingKey::parse(text).unwrap()
    }

    fn id() -> MeetingId {
        MeetingId::parse("AAMk==").unwrap()
    }

    fn body(request: &Request<Bytes>) -> Value {
        serde_json::from_slice(request.body()).unwrap()
    }

    #[test]
    fn a_create_is_keyed_and_invites_nobody_yet() {
        let draft = MeetingDraft::new("Lesson", slot()).with_attendee(ada()).with_provider_mails();
        let request = create(&owner(), None, &key("lesson-42"), &draft, false).unwrap();
        assert_eq!(request.uri(), "/v1.0/users/tutor%40contoso.example/calendar/events");
        let expected = json!({
            "subject": "Lesson",
            "start": { "dateTime": "2026-07-15T09:00:00", "timeZone": "UTC" },
            "end": { "dateTime": "2026-07-15T10:00:00", "timeZone": "UTC" },
            "isOnlineMeeting": true,
            "onlineMeetingProvider": "teamsForBusiness",
            "transactionId": "lesson-42",
        });
        assert_eq!(body(&request), expected);
        let calendar = CalendarId::parse("AAA=").unwrap();
        let at_once = create(&owner(), Some(&calendar), &key("lesson-42"), &draft, true).unwrap();
        assert_eq!(at_once.uri().path(), "/v1.0/users/tutor%40contoso.example/calendars/AAA%3D/events");
        assert_eq!(body(&at_once)["singleValueExtendedProperties"][0]["value"], "lesson-42");
    }

    #[test]
    fn the_last_step_is_the_key_with_the_invitations() {
        let version = Etag::parse("W/\"a\"").unwrap();
        let request = finish(&owner(), &id(), &version, &key("lesson-42"), &[], &[ada()]).unwrap();
        assert_eq!(
            (request.method().as_str(), &request.headers()[header::IF_MATCH]),
            ("PATCH", &"W/\"a\"".parse().unwrap())
        );
        let expected = json!({
            "attendees": [{ "type": "required", "emailAddress": { "name": "Ada", "address": "ada@contoso.example" } }],
            "singleValueExtendedProperties": [{ "id": KEY_PROPERTY, "value": "lesson-42" }],
        });
        assert_eq!(body(&request), expected);
        assert!(body(&finish(&owner(), &id(), &version, &key("k"), &[], &[]).unwrap()).get("attendees").is_none());
    }

    #[test]
    fn trap_19_a_series_is_said_in_its_own_zone_by_the_windows_name() {
        let start = WallTime::new("2027-03-15T10:00:00".parse().unwrap(), TimeZone::parse("Europe/Berlin").unwrap());
        let slot = Slot { start, duration: std::time::Duration::from_secs(3600) };
        let draft =
            MeetingDraft::new("Lesson", slot).with_recurrence(Recurrence::parse("FREQ=WEEKLY;COUNT=4").unwrap());
        let sent = body(&create(&owner(), None, &key("k"), &draft, true).unwrap());
        assert_eq!(sent["start"], json!({ "dateTime": "2027-03-15T10:00:00", "timeZone": "W. Europe Standard Time" }));
        assert_eq!(sent["end"], json!({ "dateTime": "2027-03-15T11:00:00", "timeZone": "W. Europe Standard Time" }));
        let recurrence = json!({
            "pattern": { "type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "monday" },
            "range": { "type": "numbered", "startDate": "2027-03-15", "numberOfOccurrences": 4 },
        });
        assert_eq!(sent["recurrence"], recurrence);
    }

    #[test]
    fn trap_09_whoever_is_there_stays_with_what_is_not_known_of_them() {
        let there = [
            json!({ "type": "resource", "emailAddress": { "address": "room@contoso.example" }, "status": {}, "later": 1 }),
            json!({ "type": "optional", "emailAddress": { "address": "ADA@contoso.example" } }),
        ];
        let version = Etag::parse("W/\"a\"").unwrap();
        let request = finish(&owner(), &id(), &version, &key("k"), &there, &[ada()]).unwrap();
        let expected = json!([
            { "type": "resource", "emailAddress": { "address": "room@contoso.example" }, "later": 1 },
            { "type": "optional", "emailAddress": { "address": "ADA@contoso.example" } },
        ]);
        assert_eq!(body(&request)["attendees"], expected);
    }

    #[test]
    fn trap_10_and_trap_11_a_change_writes_neither_the_text_nor_the_switch() {
        let patch =
            MeetingPatch::new().with_subject("New").with_slot(slot()).with_settings(MeetingSettings::open_room());
        let request = update(&Owner::SignedIn, &id(), None, &patch, &Repeats::Once).unwrap().unwrap();
        assert_eq!(request.uri(), "/v1.0/me/events/AAMk%3D%3D");
        let names: Vec<_> = body(&request).as_object().unwrap().keys().cloned().collect();
        assert_eq!(names, ["end", "start", "subject"]);
        let settings = MeetingPatch::new().with_settings(MeetingSettings::open_room());
        assert!(update(&owner(), &id(), None, &settings, &Repeats::Once).unwrap().is_none());
    }

    #[test]
    fn a_key_with_quotes_is_looked_for_with_doubled_ones() {
        let request = find(&owner(), None, &key("o'brien & co")).unwrap();
        let query =
            percent_encoding::percent_decode_str(request.uri().query().unwrap()).decode_utf8().unwrap().into_owned();
        assert!(query.contains("ep/value eq 'o''brien & co')&$select="), "{query}");
        assert!(!request.uri().query().unwrap().contains("& co"));
    }

    #[test]
    fn what_outlook_cannot_take_is_refused_before_any_call() {
        let mut draft = MeetingDraft::new("Lesson", slot());
        assert!(check(&draft).is_ok());
        draft.attendees = vec![ada(); 501];
        assert_eq!(check(&draft).unwrap_err().kind(), ErrorKind::InvalidInput);
        let rule = Recurrence::parse("FREQ=MONTHLY;BYMONTHDAY=1,15").unwrap();
        let repeats = MeetingDraft::new("Lesson", slot()).with_recurrence(rule);
        assert_eq!(check(&repeats).unwrap_err().kind(), ErrorKind::Unsupported);
        let within = TimeRange::new(DateTime::UNIX_EPOCH, slot().start_instant());
        assert_eq!(view(&owner(), None, within).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}

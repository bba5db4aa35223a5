//! Values into requests. Caller mistakes are found here, before any I/O.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Months, Utc};
use http::{HeaderValue, Request};
use invitations_core::{
    Error, Remedy, Result,
    ids::{MeetingId, MeetingKey},
    provider::MeetingDraft,
    time::{Slot, TimeRange},
};
use serde_json::{Map, Value};

use super::{
    change::{MeetingChange, SendEmail, TimeChange},
    create::CreateOptions,
    filter::{LIST, MeetingFilter},
    recurrence, settings,
};
use crate::invitees::write as write_invitee;
use crate::wire::{delete, get, patch, path, post, whole_minute, write_instant, write_slot};

const LONGEST_TITLE: usize = 128;
/// How many invitees a create may list.
pub(super) const MOST_INVITEES: u32 = 1000;
/// The most minutes before the start that attendees of a meeting come in without the host.
const EARLIEST_MINUTES: u32 = 15;
/// The largest page that Webex gives.
const PAGE: &str = "100";
/// A meeting starts less than ten years from now.
const FARTHEST: Months = Months::new(120);
/// Windows of look-ups are wider than asked, by this on both ends: a missed meeting would be made a second time.
const MARGIN: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) const CREATE: &str = "create meeting";
pub(super) const FIND: &str = "find meeting by key";
pub(super) const UPDATE: &str = "update meeting";

/// `POST /meetings`. The key is the first integration tag; mails go out only where the draft says so.
pub(super) fn create(
    key: &MeetingKey,
    draft: &MeetingDraft,
    wanted: &CreateOptions,
    host: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Request<Bytes>> {
    let refuse = |why: &'static str| Error::invalid(CREATE, why);
    let mut options = wanted.options.over(&settings::options(&draft.settings).map_err(refuse)?);
    if draft.settings.join_before_host == Some(true) && options.join_before_host == Some(true) {
        // Webex's own default is no minute before the start
        options.join_before_host_minutes.get_or_insert(EARLIEST_MINUTES);
    }
    options.check(wanted.is_webinar()).map_err(refuse)?;
    let mut body = options.members();
    body.insert("title".to_owned(), checked_title(&draft.subject).map_err(refuse)?.into());
    check_time(CREATE, &draft.slot, now)?;
    write_times(&draft.slot, &mut body).map_err(refuse)?;
    if let Some(rule) = &draft.recurrence {
        recurrence::unfit(&draft.slot).map_err(|why| unfit(CREATE, why))?;
        let rule = recurrence::write(rule, &draft.slot).map_err(refuse)?;
        body.insert("recurrence".to_owned(), rule.into());
    }
    if !draft.attendees.is_empty() {
        if u32::try_from(draft.attendees.len()).is_ok_and(|count| count <= MOST_INVITEES) {
            let invitees = draft.attendees.iter().map(|attendee| write_invitee(attendee).map(Value::Object));
            body.insert("invitees".to_owned(), invitees.collect::<Result<Value, _>>().map_err(refuse)?);
        } else {
            return Err(refuse("more than 1000 attendees"));
        }
    }
    body.extend(wanted.members(key.as_str(), draft.recurrence.is_some()).map_err(refuse)?);
    body.insert("sendEmail".to_owned(), draft.notify.into());
    write_host(host, &mut body);
    post(&path(&["meetings"], &[]), &body)
}

/// `GET /meetings/{id}`.
pub(super) fn read(id: &MeetingId, current: Option<bool>, host: Option<&str>) -> Result<Request<Bytes>> {
    let current = current.map(|current| if current { "true" } else { "false" });
    get(&path(&["meetings", id.as_str()], &[("current", current), ("hostEmail", host)]))
}

/// `GET /meetings` by tag. Without a window Webex looks at the next seven days only; with `current` left at its default
/// it shows the next occurrence instead of the series.
pub(super) fn find_by_key(key: &MeetingKey, around: TimeRange, host: Option<&str>) -> Result<Request<Bytes>> {
    listing(around.widened(MARGIN), Some(key.as_str()), host)
}

/// `GET /meetings` of a window.
pub(super) fn list(within: TimeRange, host: Option<&str>) -> Result<Request<Bytes>> {
    listing(within, None, host)
}

fn listing(window: TimeRange, tag: Option<&str>, host: Option<&str>) -> Result<Request<Bytes>> {
    let (from, to) = (write_instant(window.from), write_instant(window.until));
    if from >= to {
        return Err(Error::invalid(LIST, "the time range is empty"));
    }
    let query = [
        ("integrationTag", tag),
        ("meetingType", Some("meetingSeries")),
        ("current", Some("false")),
        ("from", Some(from.as_str())),
        ("to", Some(to.as_str())),
        ("max", Some(PAGE)),
        ("hostEmail", host),
    ];
    get(&path(&["meetings"], &query))
}

/// `GET /meetings` with every filter.
pub(super) fn filtered(filter: &MeetingFilter, host: Option<&str>) -> Result<Request<Bytes>> {
    let query = filter.query()?;
    let mut query: Vec<(&str, Option<&str>)> =
        query.iter().map(|(name, value)| (*name, Some(value.as_str()))).collect();
    query.push(("hostEmail", host));
    let mut request = get(&path(&["meetings"], &query))?;
    let password = filter.password.as_ref().map(|password| password.expose());
    with_headers(LIST, &mut request, filter.zone.map(|zone| zone.name()), password)?;
    Ok(request)
}

/// The zone of the answer's times, and the password of whoever is neither host nor invited.
pub(super) fn with_headers(
    operation: &'static str,
    request: &mut Request<Bytes>,
    zone: Option<&'static str>,
    password: Option<&str>,
) -> Result<()> {
    if let Some(zone) = zone {
        request.headers_mut().insert("timezone", HeaderValue::from_static(zone));
    }
    if let Some(password) = password {
        let mut value = HeaderValue::from_str(password)
            .map_err(|_| Error::invalid(operation, "the password is not fit for a header"))?;
        value.set_sensitive(true);
        request.headers_mut().insert("password", value);
    }
    Ok(())
}

/// `PATCH /meetings/{id}`; `None` for a change of nothing.
pub(super) fn change(
    id: &MeetingId,
    change: &MeetingChange,
    host: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Option<Request<Bytes>>> {
    if let Some(slot) = change.when.slot() {
        check_time(UPDATE, slot, now)?;
    }
    if let TimeChange::Series(first, _) = &change.when {
        recurrence::unfit(first).map_err(|why| unfit(UPDATE, why))?;
    }
    let mut body = change.members().map_err(|why| Error::invalid(UPDATE, why))?;
    if body.is_empty() {
        return Ok(None);
    }
    body.insert("sendEmail".to_owned(), change.send_email.flag().into());
    write_host(host, &mut body);
    patch(&path(&["meetings", id.as_str()], &[]), &body).map(Some)
}

/// `DELETE /meetings/{id}`: the whole series, or one occurrence.
pub(super) fn cancel(id: &MeetingId, mails: SendEmail, host: Option<&str>) -> Result<Request<Bytes>> {
    let mails = if mails.flag() { "true" } else { "false" };
    delete(&path(&["meetings", id.as_str()], &[("sendEmail", Some(mails)), ("hostEmail", host)]))
}

/// `POST /meetings/{id}/end`.
pub(super) fn end(id: &MeetingId, reason: Option<&str>) -> Result<Request<Bytes>> {
    let mut body = Map::new();
    if let Some(reason) = reason {
        body.insert("reason".to_owned(), reason.into());
    }
    post(&path(&["meetings", id.as_str(), "end"], &[]), &body)
}

pub(super) fn checked_title(title: &str) -> Result<&str, &'static str> {
    if title.trim().is_empty() {
        return Err("the title is empty");
    }
    if title.chars().count() > LONGEST_TITLE {
        return Err("the title has more than 128 characters");
    }
    Ok(title)
}

/// The refusal of a time at which no series begins.
pub(super) fn unfit(operation: &'static str, why: &'static str) -> Error {
    Error::invalid(operation, why).with_remedy(Remedy::new(
        "Give the series a start that its zone's clocks show on that day, in its own zone as your record has it; to put it in UTC, say \
         TimeZone::UTC.",
    ))
}

/// Webex refuses what has begun, and the refusal counts as one of the day's creates. What starts in this minute is moved to the next one.
fn check_time(operation: &'static str, slot: &Slot, now: DateTime<Utc>) -> Result<()> {
    let start = slot.start_instant();
    if whole_minute(start) < whole_minute(now) {
        return Err(Error::invalid(operation, "the start is in the past")
            .with_remedy(Remedy::new("Choose a start from now on, and check this machine's clock.")));
    }
    if now.checked_add_months(FARTHEST).is_some_and(|farthest| start >= farthest) {
        return Err(Error::invalid(operation, "the start is ten years away or more"));
    }
    Ok(())
}

/// Start, end and zone, always together: without its own zone Webex would take UTC.
pub(super) fn write_times(slot: &Slot, body: &mut Map<String, Value>) -> Result<(), &'static str> {
    let written = write_slot(slot)?;
    body.insert("start".to_owned(), written.start.into());
    body.insert("end".to_owned(), written.end.into());
    body.insert("timezone".to_owned(), written.timezone.into());
    Ok(())
}

pub(super) fn write_host(host: Option<&str>, body: &mut Map<String, Value>) {
    if let Some(host) = host {
        body.insert("hostEmail".to_owned(), host.into());
    }
}

#[cfg(test)]
mod tests {
    use invitations_core::{
        ErrorKind,
        people::{Attendee, EmailAddress},
        time::{Recurrence, TimeZone, WallTime},
    };
    use serde_json::json;

    use super::*;
    use crate::meetings::options::MeetingOptions;

    fn now() -> DateTime<Utc> {
        "2026-07-01T00:00:00Z".parse().unwrap()
    }

    fn create(key: &MeetingKey, draft: &MeetingDraft, host: Option<&str>) -> Result<Request<Bytes>> {
        super::create(key, draft, &CreateOptions::new(), host, now())
    }

    fn silent() -> MeetingChange {
        MeetingChange::new(SendEmail::No)
    }

    fn slot() -> Slot {
        let zone = TimeZone::parse("Europe/Paris").unwrap();
        Slot { start: WallTime::new("2026-07-15T09:00:00".parse().unwrap(), zone), duration: Duration::from_secs(2700) }
    }

    fn key() -> MeetingKey {
        MeetingKey::parse("lesson-42").unwrap()
    }

    fn body(request: &Request<Bytes>) -> Value {
        serde_json::from_slice(request.body()).unwrap()
    }

    fn ada() -> Attendee {
        Attendee::new(EmailAddress::parse("ada@contoso.example").unwrap())
    }

    #[test]
    fn the_smallest_create() {
        let request = create(&key(), &MeetingDraft::new("Maths", slot()), None).unwrap();
        assert_eq!((request.method().as_str(), request.uri().to_string().as_str()), ("POST", "/v1/meetings"));
        assert_eq!(
            body(&request),
            json!({
                "title": "Maths",
                "start": "2026-07-15T09:00:00+02:00",
                "end": "2026-07-15T09:45:00+02:00",
                "timezone": "Europe/Paris",
                "integrationTags": ["lesson-42"],
                "sendEmail": false,
            })
        );
    }

    #[test]
    fn everything_at_once() {
        let mut draft = MeetingDraft::new("Maths", slot()).with_attendee(ada().with_name("Ada")).with_provider_mails();
        draft = draft.with_recurrence(Recurrence::parse("FREQ=WEEKLY;COUNT=3").unwrap());
        draft.settings.record = Some(false);
        let sent = body(&create(&key(), &draft, Some("host@contoso.example")).unwrap());
        assert_eq!(
            sent["invitees"],
            json!([{ "email": "ada@contoso.example", "displayName": "Ada", "coHost": false }])
        );
        assert_eq!((&sent["recurrence"], &sent["sendEmail"]), (&json!("FREQ=WEEKLY;COUNT=3"), &json!(true)));
        assert_eq!(
            (&sent["hostEmail"], &sent["enabledAutoRecordMeeting"]),
            (&json!("host@contoso.example"), &json!(false))
        );
    }

    #[test]
    fn callers_mistakes_are_refused() {
        let draft = || MeetingDraft::new("Maths", slot());
        let changed = |change: fn(&mut MeetingDraft)| {
            let mut draft = draft();
            change(&mut draft);
            draft
        };
        for (bad, why) in [
            (changed(|d| d.subject = " ".to_owned()), "empty title"),
            (changed(|d| d.subject = "é".repeat(129)), "long title"),
            (changed(|d| d.slot.duration = Duration::from_secs(9 * 60)), "short"),
            (changed(|d| d.slot.duration = Duration::from_secs(24 * 3600)), "long"),
            (changed(|d| d.recurrence = Recurrence::parse("FREQ=MONTHLY;BYMONTHDAY=1,2").ok()), "lossy rule"),
            (changed(|d| d.settings.lobby = Some(invitations_core::provider::Lobby::OrganizerOnly)), "lobby"),
        ] {
            assert_eq!(create(&key(), &bad, None).unwrap_err().kind(), ErrorKind::InvalidInput, "{why}");
        }
        let mut crowd = draft();
        crowd.attendees = vec![ada(); 1001];
        assert_eq!(create(&key(), &crowd, None).unwrap_err().kind(), ErrorKind::InvalidInput);
        crowd.attendees.pop();
        crowd.subject = "é".repeat(128);
        assert!(create(&key(), &crowd, None).is_ok());
    }

    #[test]
    fn a_look_up_has_a_window_and_names_the_series() {
        let range = TimeRange::new("2026-07-15T07:00:00Z".parse().unwrap(), "2026-07-15T08:00:00Z".parse().unwrap());
        let request = find_by_key(&MeetingKey::parse("a b&c").unwrap(), range, Some("host@contoso.example")).unwrap();
        assert_eq!(
            request.uri().to_string(),
            "/v1/meetings?integrationTag=a%20b%26c&meetingType=meetingSeries&current=false\
             &from=2026-07-14T07%3A00%3A00Z&to=2026-07-16T08%3A00%3A00Z&max=100&hostEmail=host%40contoso.example"
        );
        let listed = list(range, None).unwrap();
        assert_eq!(
            listed.uri().to_string(),
            "/v1/meetings?meetingType=meetingSeries&current=false\
             &from=2026-07-15T07%3A00%3A00Z&to=2026-07-15T08%3A00%3A00Z&max=100"
        );
        assert!(list(TimeRange::new(range.until, range.from), None).is_err());
    }

    #[test]
    fn the_draft_is_below_what_webexs_own_words_say() {
        let mut draft = MeetingDraft::new("Maths", slot());
        (draft.settings.record, draft.settings.chat) = (Some(true), Some(true));
        let wanted = CreateOptions::new()
            .with_options(MeetingOptions::new().with_auto_record(false).with_breakout_sessions(true))
            .with_tag("class-7")
            .with_agenda("Fractions");
        let sent = body(&super::create(&key(), &draft, &wanted, None, now()).unwrap());
        assert_eq!(sent["integrationTags"], json!(["lesson-42", "class-7"]));
        assert_eq!(
            (
                &sent["enabledAutoRecordMeeting"],
                &sent["enabledBreakoutSessions"],
                &sent["agenda"],
                &sent["meetingOptions"]
            ),
            (&json!(false), &json!(true), &json!("Fractions"), &json!({ "enabledChat": true }))
        );
    }

    #[test]
    fn minutes_before_the_host_go_with_the_permission() {
        let sent = |early: Option<bool>, own: MeetingOptions| {
            let mut draft = MeetingDraft::new("Maths", slot());
            draft.settings.join_before_host = early;
            let made = super::create(&key(), &draft, &CreateOptions::new().with_options(own), None, now())
                .map(|made| body(&made));
            made.map(|body| (body["enabledJoinBeforeHost"].clone(), body["joinBeforeHostMinutes"].clone()))
        };
        let own = MeetingOptions::new;
        for (early, own, expected) in [
            (None, own(), (Value::Null, Value::Null)),
            (Some(true), own(), (true.into(), 15.into())),
            (Some(true), own().with_join_before_host_minutes(5), (true.into(), 5.into())),
            (Some(true), own().with_join_before_host(false), (false.into(), Value::Null)),
            (Some(false), own(), (false.into(), Value::Null)),
            (Some(false), own().with_join_before_host(true), (true.into(), Value::Null)),
            (None, own().with_join_before_host(true), (true.into(), Value::Null)),
        ] {
            assert_eq!(sent(early, own).unwrap(), expected, "{early:?}");
        }
        for (early, own) in [
            (None, own().with_join_before_host(false).with_join_before_host_minutes(15)),
            (Some(false), own().with_join_before_host_minutes(5)),
            (Some(false), own().with_audio_before_host(true)),
        ] {
            assert_eq!(sent(early, own).unwrap_err().kind(), ErrorKind::InvalidInput, "{early:?}");
        }
    }

    #[test]
    fn what_has_begun_and_what_is_ten_years_away_is_refused() {
        let at = |start: &str| {
            let start: DateTime<Utc> = start.parse().unwrap();
            MeetingDraft::new("Maths", start..start + chrono::TimeDelta::minutes(45))
        };
        let now: DateTime<Utc> = "2026-07-01T10:00:59Z".parse().unwrap();
        for (start, fits) in [
            ("2026-07-01T09:59:59Z", false),
            ("2026-07-01T10:00:00Z", true),
            ("2036-07-01T10:00:00Z", true),
            ("2036-07-01T10:01:00Z", false),
        ] {
            let made = super::create(&key(), &at(start), &CreateOptions::new(), None, now);
            assert_eq!(made.is_ok(), fits, "{start}");
            let moved = silent().with_slot(at(start).slot);
            assert_eq!(change(&MeetingId::parse("m").unwrap(), &moved, None, now).is_ok(), fits, "{start}");
        }
    }

    #[test]
    fn a_change_sends_times_together_and_nothing_unasked() {
        let id = MeetingId::parse("870f51ff287b41be84648412901e0402").unwrap();
        assert!(change(&id, &silent(), None, now()).unwrap().is_none());
        let title = change(&id, &silent().with_title("Physics"), None, now()).unwrap().unwrap();
        assert_eq!(title.method().as_str(), "PATCH");
        assert_eq!(title.uri().path(), "/v1/meetings/870f51ff287b41be84648412901e0402");
        assert_eq!(body(&title), json!({ "title": "Physics", "sendEmail": false }));
        let moved = MeetingChange::new(SendEmail::Yes).with_slot(slot());
        let moved = change(&id, &moved, Some("host@contoso.example"), now()).unwrap().unwrap();
        assert_eq!(
            body(&moved),
            json!({
                "start": "2026-07-15T09:00:00+02:00",
                "end": "2026-07-15T09:45:00+02:00",
                "timezone": "Europe/Paris",
                "sendEmail": true,
                "hostEmail": "host@contoso.example",
            })
        );
    }

    #[test]
    fn a_listing_says_the_zone_of_its_answer() {
        let range = TimeRange::new("2026-07-15T07:00:00Z".parse().unwrap(), "2026-07-15T08:00:00Z".parse().unwrap());
        let filter = MeetingFilter::within(range)
            .with_zone(TimeZone::parse("Asia/Tokyo").unwrap())
            .with_password(invitations_core::secret::Passcode::new("BgJep@43"));
        let request = filtered(&filter, Some("host@contoso.example")).unwrap();
        assert!(request.uri().to_string().ends_with("&max=100&hostEmail=host%40contoso.example"), "{}", request.uri());
        assert_eq!(request.headers()["timezone"], "Asia/Tokyo");
        assert_eq!(request.headers()["password"], "BgJep@43");
        assert!(request.headers()["password"].is_sensitive());
        let bad = filter.with_password(invitations_core::secret::Passcode::new("a\nb"));
        assert!(filtered(&bad, None).is_err());
    }

    #[test]
    fn a_cancel_says_whether_mails_go_out() {
        let id = MeetingId::parse("a_20191101T120000Z").unwrap();
        let request = cancel(&id, SendEmail::No, Some("host@contoso.example")).unwrap();
        assert_eq!(request.method().as_str(), "DELETE");
        assert_eq!(
            request.uri().to_string(),
            "/v1/meetings/a_20191101T120000Z?sendEmail=false&hostEmail=host%40contoso.example"
        );
        assert!(cancel(&id, SendEmail::Yes, None).unwrap().uri().to_string().ends_with("?sendEmail=true"));
    }

    #[test]
    fn an_end_may_say_why() {
        let id = MeetingId::parse("a_I_1").unwrap();
        let request = end(&id, Some("Done.")).unwrap();
        assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/v1/meetings/a_I_1/end"));
        assert_eq!(body(&request), json!({ "reason": "Done." }));
        assert_eq!(body(&end(&id, None).unwrap()), json!({}));
    }
}

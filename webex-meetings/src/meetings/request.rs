//! Values into requests. Caller mistakes are found here, before any I/O.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use invitations_core::{
    Error, Result,
    ids::{MeetingId, MeetingKey},
    provider::{MeetingDraft, MeetingPatch},
    time::{Slot, TimeRange},
};
use serde_json::{Map, Value};

use super::{recurrence, settings};
use crate::wire::{delete, get, patch, path, post, write_instant, write_invitee, write_slot};

const LONGEST_TITLE: usize = 128;
/// How many invitees a create may list.
pub(super) const MOST_INVITEES: u32 = 1000;
/// The largest page that Webex gives.
const PAGE: &str = "100";
/// Windows of look-ups are wider than asked, by this on both ends: a missed meeting would be made a second time.
const MARGIN: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) const CREATE: &str = "create meeting";
pub(super) const UPDATE: &str = "update meeting";

/// `POST /meetings`. The key is the first integration tag; mails go out only where the draft says so.
pub(super) fn create(key: &MeetingKey, draft: &MeetingDraft, host: Option<&str>) -> Result<Request<Bytes>> {
    let refuse = |why: &'static str| Error::invalid(CREATE, why);
    let mut body = Map::new();
    write_title(&draft.subject, &mut body).map_err(refuse)?;
    write_times(&draft.slot, &mut body).map_err(refuse)?;
    if let Some(rule) = &draft.recurrence {
        body.insert("recurrence".to_owned(), recurrence::write(rule).map_err(refuse)?.into());
    }
    settings::write(&draft.settings, &mut body).map_err(refuse)?;
    if !draft.attendees.is_empty() {
        if u32::try_from(draft.attendees.len()).is_ok_and(|count| count <= MOST_INVITEES) {
            let invitees = draft.attendees.iter().map(|attendee| write_invitee(attendee).map(Value::Object));
            body.insert("invitees".to_owned(), invitees.collect::<Result<Value, _>>().map_err(refuse)?);
        } else {
            return Err(refuse("more than 1000 attendees"));
        }
    }
    body.insert("integrationTags".to_owned(), vec![key.as_str()].into());
    body.insert("sendEmail".to_owned(), draft.notify.into());
    write_host(host, &mut body);
    post(&path(&["meetings"], &[]), &body)
}

/// `GET /meetings/{id}`.
pub(super) fn read(id: &MeetingId, host: Option<&str>) -> Result<Request<Bytes>> {
    get(&path(&["meetings", id.as_str()], &[("hostEmail", host)]))
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
        return Err(Error::invalid("list meetings", "the time range is empty"));
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

/// `PATCH /meetings/{id}`; `None` for a patch that changes nothing.
pub(super) fn update(id: &MeetingId, change: &MeetingPatch, host: Option<&str>) -> Result<Option<Request<Bytes>>> {
    let refuse = |why: &'static str| Error::invalid(UPDATE, why);
    let mut body = Map::new();
    if let Some(title) = &change.subject {
        write_title(title, &mut body).map_err(refuse)?;
    }
    if let Some(slot) = &change.slot {
        // all three together: without its own zone Webex would take UTC
        write_times(slot, &mut body).map_err(refuse)?;
    }
    settings::write(&change.settings, &mut body).map_err(refuse)?;
    if body.is_empty() {
        return Ok(None);
    }
    body.insert("sendEmail".to_owned(), change.notify.into());
    write_host(host, &mut body);
    patch(&path(&["meetings", id.as_str()], &[]), &body).map(Some)
}

/// `DELETE /meetings/{id}`, the whole series.
pub(super) fn cancel(id: &MeetingId, mails: bool, host: Option<&str>) -> Result<Request<Bytes>> {
    let mails = if mails { "true" } else { "false" };
    delete(&path(&["meetings", id.as_str()], &[("sendEmail", Some(mails)), ("hostEmail", host)]))
}

fn write_title(title: &str, body: &mut Map<String, Value>) -> Result<(), &'static str> {
    if title.trim().is_empty() {
        return Err("the title is empty");
    }
    if title.chars().count() > LONGEST_TITLE {
        return Err("the title has more than 128 characters");
    }
    body.insert("title".to_owned(), title.into());
    Ok(())
}

fn write_times(slot: &Slot, body: &mut Map<String, Value>) -> Result<(), &'static str> {
    let written = write_slot(slot)?;
    body.insert("start".to_owned(), written.start.into());
    body.insert("end".to_owned(), written.end.into());
    body.insert("timezone".to_owned(), written.timezone.into());
    Ok(())
}

fn write_host(host: Option<&str>, body: &mut Map<String, Value>) {
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
    fn a_patch_sends_times_together_and_nothing_unasked() {
        let id = MeetingId::parse("870f51ff287b41be84648412901e0402").unwrap();
        assert!(update(&id, &MeetingPatch::new(), None).unwrap().is_none());
        let title = update(&id, &MeetingPatch::new().with_subject("Physics"), None).unwrap().unwrap();
        assert_eq!(title.method().as_str(), "PATCH");
        assert_eq!(title.uri().path(), "/v1/meetings/870f51ff287b41be84648412901e0402");
        assert_eq!(body(&title), json!({ "title": "Physics", "sendEmail": false }));
        let moved = update(&id, &MeetingPatch::new().with_slot(slot()), Some("host@contoso.example")).unwrap().unwrap();
        assert_eq!(
            body(&moved),
            json!({
                "start": "2026-07-15T09:00:00+02:00",
                "end": "2026-07-15T09:45:00+02:00",
                "timezone": "Europe/Paris",
                "sendEmail": false,
                "hostEmail": "host@contoso.example",
            })
        );
    }

    #[test]
    fn a_cancel_says_whether_mails_go_out() {
        let id = MeetingId::parse("a_20191101T120000Z").unwrap();
        let request = cancel(&id, false, Some("host@contoso.example")).unwrap();
        assert_eq!(request.method().as_str(), "DELETE");
        assert_eq!(
            request.uri().to_string(),
            "/v1/meetings/a_20191101T120000Z?sendEmail=false&hostEmail=host%40contoso.example"
        );
        assert!(cancel(&id, true, None).unwrap().uri().to_string().ends_with("?sendEmail=true"));
    }
}

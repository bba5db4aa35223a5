//! Values into requests. Caller mistakes are found here, before any I/O.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::Request;
use invitations_core::{Error, Result, ids::MeetingId, people::EmailAddress};
use serde_json::json;

use super::{LIST, ParticipantQuery};
use crate::{
    ParticipantId,
    wire::{get, path, post, put, write_instant},
};

pub(super) const QUERY: &str = "find participants";
pub(super) const MUTE: &str = "mute participant";
pub(super) const EXPEL: &str = "expel participant";
pub(super) const ADMIT: &str = "admit participants";

/// So many can be let in at a time (`POST /meetingParticipants/admit`).
const MOST_ADMITTED: usize = 100;

/// `GET /meetingParticipants`, the first page.
pub(super) fn list(
    meeting: &MeetingId,
    query: &ParticipantQuery,
    host: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Request<Bytes>> {
    let (started, joined) = query.windows(now).map_err(|why| Error::invalid(LIST, why))?;
    let [started_from, started_to] = [started.from, started.until].map(write_instant);
    let [joined_from, joined_to] = [joined.from, joined.until].map(write_instant);
    get(&path(
        &["meetingParticipants"],
        &[
            ("meetingId", Some(meeting.as_str())),
            ("max", Some("100")),
            ("breakoutSessionId", query.breakout_session.as_deref()),
            ("meetingStartTimeFrom", Some(&started_from)),
            ("meetingStartTimeTo", Some(&started_to)),
            ("joinTimeFrom", Some(&joined_from)),
            ("joinTimeTo", Some(&joined_to)),
            ("hostEmail", host),
        ],
    ))
}

/// `POST /meetingParticipants/query`: a question, not a change.
pub(super) fn with_addresses(
    meeting: &MeetingId,
    addresses: &[EmailAddress],
    query: &ParticipantQuery,
    host: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Request<Bytes>> {
    if addresses.is_empty() {
        return Err(Error::invalid(QUERY, "no address is asked for"));
    }
    let (started, joined) = query.windows(now).map_err(|why| Error::invalid(QUERY, why))?;
    let [started_from, started_to] = [started.from, started.until].map(write_instant);
    let place = path(
        &["meetingParticipants", "query"],
        &[
            ("meetingId", Some(meeting.as_str())),
            ("meetingStartTimeFrom", Some(&started_from)),
            ("meetingStartTimeTo", Some(&started_to)),
            ("hostEmail", host),
        ],
    );
    let emails: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let (from, to) = (write_instant(joined.from), write_instant(joined.until));
    post(&place, &json!({ "emails": emails, "joinTimeFrom": from, "joinTimeTo": to }))
}

/// `GET /meetingParticipants/{participantId}`.
pub(super) fn read(id: &ParticipantId, host: Option<&str>) -> Result<Request<Bytes>> {
    get(&path(&["meetingParticipants", id.as_str()], &[("hostEmail", host)]))
}

/// `PUT /meetingParticipants/{participantId}`.
pub(super) fn mute(id: &ParticipantId, muted: bool) -> Result<Request<Bytes>> {
    put(&path(&["meetingParticipants", id.as_str()], &[]), &json!({ "muted": muted }))
}

/// `PUT /meetingParticipants/{participantId}`.
pub(super) fn expel(id: &ParticipantId) -> Result<Request<Bytes>> {
    put(&path(&["meetingParticipants", id.as_str()], &[]), &json!({ "expel": true }))
}

/// `POST /meetingParticipants/admit`.
pub(super) fn admit(ids: &[ParticipantId]) -> Result<Request<Bytes>> {
    if !(1..=MOST_ADMITTED).contains(&ids.len()) {
        return Err(Error::invalid(ADMIT, "1 to 100 people are admitted at a time"));
    }
    let items: Vec<_> = ids.iter().map(|id| json!({ "participantId": id.as_str() })).collect();
    post(&path(&["meetingParticipants", "admit"], &[]), &json!({ "items": items }))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use invitations_core::{ErrorKind, time::TimeRange};
    use serde_json::Value;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-09-01T08:00:00Z".parse().unwrap()
    }

    fn meeting() -> MeetingId {
        MeetingId::parse("m/1_I_2").unwrap()
    }

    fn body(request: &Request<Bytes>) -> Value {
        serde_json::from_slice(request.body()).unwrap()
    }

    #[test]
    fn a_list_names_both_windows() {
        let query = ParticipantQuery::new().with_breakout_session("b 1");
        let sent = list(&meeting(), &query, Some("host@contoso.example"), now()).unwrap();
        assert_eq!(
            sent.uri().to_string(),
            "/v1/meetingParticipants?meetingId=m%2F1_I_2&max=100&breakoutSessionId=b%201\
             &meetingStartTimeFrom=2026-06-03T09%3A00%3A00Z&meetingStartTimeTo=2026-09-01T09%3A00%3A00Z\
             &joinTimeFrom=2026-06-03T09%3A00%3A00Z&joinTimeTo=2026-09-01T09%3A00%3A00Z\
             &hostEmail=host%40contoso.example"
        );
        let day = TimeRange::new(now() - TimeDelta::days(1), now());
        let sent = list(&meeting(), &ParticipantQuery::new().with_started(day).with_joined(day), None, now()).unwrap();
        assert!(sent.uri().query().unwrap().contains("joinTimeFrom=2026-08-31T08%3A00%3A00Z&joinTimeTo=2026-09-01T08"));
        assert!(!sent.uri().query().unwrap().contains("hostEmail"));
    }

    #[test]
    fn windows_that_webex_refuses_are_not_sent() {
        let days = |days| TimeRange::new(now() - TimeDelta::days(days), now());
        for (query, fits) in [
            (ParticipantQuery::new().with_joined(days(90)), true),
            (ParticipantQuery::new().with_joined(days(91)), false),
            (ParticipantQuery::new().with_joined(days(0)), false),
            (ParticipantQuery::new().with_started(days(400)), true),
            (ParticipantQuery::new().with_started(days(-1)), false),
        ] {
            assert_eq!(list(&meeting(), &query, None, now()).is_ok(), fits, "{query:?}");
            let ada = [EmailAddress::parse("ada@x.example").unwrap()];
            assert_eq!(with_addresses(&meeting(), &ada, &query, None, now()).is_ok(), fits, "{query:?}");
        }
        let error = list(&meeting(), &ParticipantQuery::new().with_joined(days(91)), None, now()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        // the ends of time neither
        for at in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            let _ = list(&meeting(), &ParticipantQuery::new(), None, at);
        }
    }

    #[test]
    fn a_question_for_addresses_is_a_post() {
        let ada = EmailAddress::parse("Ada@x.example").unwrap();
        let day = TimeRange::new(now() - TimeDelta::days(1), now());
        let query = ParticipantQuery::new().with_started(day).with_joined(day);
        let sent = with_addresses(&meeting(), std::slice::from_ref(&ada), &query, Some("h@x.example"), now()).unwrap();
        assert_eq!(sent.method().as_str(), "POST");
        assert_eq!(
            sent.uri().to_string(),
            "/v1/meetingParticipants/query?meetingId=m%2F1_I_2&meetingStartTimeFrom=2026-08-31T08%3A00%3A00Z\
             &meetingStartTimeTo=2026-09-01T08%3A00%3A00Z&hostEmail=h%40x.example"
        );
        assert_eq!(
            body(&sent),
            json!({ "emails": [ada.to_string()], "joinTimeFrom": "2026-08-31T08:00:00Z", "joinTimeTo": "2026-09-01T08:00:00Z" })
        );
        assert!(with_addresses(&meeting(), &[], &query, None, now()).is_err());
    }

    #[test]
    fn changes_say_one_thing() {
        let id = ParticipantId::parse("p/1").unwrap();
        let sent = mute(&id, false).unwrap();
        assert_eq!((sent.method().as_str(), sent.uri().path()), ("PUT", "/v1/meetingParticipants/p%2F1"));
        assert_eq!((body(&sent), body(&expel(&id).unwrap())), (json!({ "muted": false }), json!({ "expel": true })));
        let sent = admit(&[id.clone(), ParticipantId::parse("p2").unwrap()]).unwrap();
        assert_eq!((sent.method().as_str(), sent.uri().path()), ("POST", "/v1/meetingParticipants/admit"));
        assert_eq!(body(&sent), json!({ "items": [{ "participantId": "p/1" }, { "participantId": "p2" }] }));
        assert!(admit(&[]).is_err() && admit(&vec![id.clone(); 101]).is_err() && admit(&vec![id; 100]).is_ok());
        let read = read(&ParticipantId::parse("p2").unwrap(), Some("h@x.example")).unwrap();
        assert_eq!(read.uri().to_string(), "/v1/meetingParticipants/p2?hostEmail=h%40x.example");
    }
}

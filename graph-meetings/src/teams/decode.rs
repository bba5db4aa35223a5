use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Response, StatusCode};
use invitations_core::{
    Result,
    ids::{MeetingId, MeetingKey, UserId},
    people::Attendee,
    provider::Meeting,
    secret::{JoinUrl, Passcode},
    time::{Slot, TimeZone},
};
use serde::Deserialize;
use url::Url;

use super::participants::{Participant, Participants};
use crate::wire::{self, or_default, unreadable};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OnlineMeeting {
    id: String,
    #[serde(default, deserialize_with = "or_default")]
    subject: String,
    start_date_time: Option<String>,
    end_date_time: Option<String>,
    #[serde(alias = "joinUrl")]
    join_web_url: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    participants: Participants,
    join_meeting_id_settings: Option<JoinMeetingIdSettings>,
    external_id: Option<String>,
}

#[derive(Deserialize)]
struct JoinMeetingIdSettings {
    passcode: Option<String>,
}

/// A meeting, and whether this very call made it (201) or found it (200).
pub(super) fn created(operation: &'static str, reply: &Response<Bytes>) -> Result<(Meeting, bool)> {
    Ok((meeting(operation, reply)?, reply.status() == StatusCode::CREATED))
}

/// One meeting.
pub(super) fn meeting(operation: &'static str, reply: &Response<Bytes>) -> Result<Meeting> {
    let wire: OnlineMeeting = wire::read(operation, reply)?;
    let id = MeetingId::parse(&wire.id).map_err(|error| unreadable(operation, "no usable id").with_source(error))?;
    let link = wire.join_web_url.as_deref().and_then(|url| Url::parse(url).ok());
    let link = link.ok_or_else(|| unreadable(operation, "no join link"))?;
    let mut meeting = Meeting::new(id, wire.subject, JoinUrl::new(link));
    meeting.slot = slot(wire.start_date_time.as_deref(), wire.end_date_time.as_deref());
    meeting.organizer = wire.participants.organizer.id().and_then(|id| UserId::parse(id).ok());
    meeting.key = wire.external_id.and_then(|id| MeetingKey::parse(id).ok());
    meeting.passcode = wire.join_meeting_id_settings.and_then(|settings| settings.passcode).map(Passcode::new);
    Ok(meeting)
}

/// Who is listed; people without a usable address are left out.
pub(super) fn attendees(operation: &'static str, reply: &Response<Bytes>) -> Result<Vec<Attendee>> {
    let wire: OnlineMeeting = wire::read(operation, reply)?;
    Ok(wire.participants.attendees.iter().filter_map(Participant::attendee).collect())
}

fn slot(start: Option<&str>, end: Option<&str>) -> Option<Slot> {
    let (start, end): (DateTime<Utc>, _) = (wire::instant(start?)?, wire::instant(end?)?);
    Slot::at(start, (end - start).to_std().ok()?, TimeZone::UTC).ok()
}

#[cfg(test)]
mod tests {
    use invitations_core::{ErrorKind, RetryClass, people::AttendeeRole};

    use super::*;

    fn reply(status: u16, body: &str) -> Response<Bytes> {
        Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap()
    }

    /// As createOrGet answers, with members nobody declared and casing of its own (traps 7 and 30).
    const BODY: &str = r#"{
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users('u')/onlineMeetings/$entity",
        "id": "MSoxZjM1KjAqKjE5Om1lZXRpbmdfeA==",
        "creationDateTime": "2026-07-01T00:00:00.1234567Z",
        "startDateTime": "2026-07-15T09:00:00Z",
        "endDateTime": "2026-07-15T10:00:00.0000000Z",
        "joinWebUrl": "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%7d",
        "subject": null,
        "externalId": "lesson-42",
        "autoAdmittedUsers": "EveryoneInCompany",
        "allowedPresenters": "somethingNew",
        "audioConferencing": { "ConferenceId": "1234567" },
        "joinMeetingIdSettings": { "isPasscodeRequired": true, "joinMeetingId": "1", "passcode": "abc123" },
        "participants": {
            "organizer": { "identity": { "user": { "id": "1f35f2e6" } }, "upn": "o@contoso.example", "role": "Presenter" },
            "attendees": [
                { "identity": { "user": { "id": "g-1", "displayName": "Ada" } }, "upn": "ada@contoso.example", "role": "Presenter" },
                { "identity": { "phone": { "id": "+1" } }, "upn": null, "role": "attendee" }
            ],
            "producers": []
        }
    }"#;

    #[test]
    fn a_meeting_is_read_leniently() {
        let (meeting, made) = created("create meeting", &reply(201, BODY)).unwrap();
        assert!(made);
        assert_eq!(meeting.id.as_str(), "MSoxZjM1KjAqKjE5Om1lZXRpbmdfeA==");
        assert_eq!(meeting.subject, "");
        assert_eq!(meeting.key.as_ref().map(MeetingKey::as_str), Some("lesson-42"));
        assert_eq!(meeting.organizer.as_ref().map(UserId::as_str), Some("1f35f2e6"));
        assert_eq!(meeting.slot.as_ref().map(|slot| slot.duration.as_secs()), Some(3600));
        assert_eq!(meeting.passcode.as_ref().map(Passcode::expose), Some("abc123"));
        assert!(meeting.join_url.expose().as_str().contains("19%3ameeting_x%40thread.v2"));
        assert!(!created("create meeting", &reply(200, BODY)).unwrap().1);
    }

    #[test]
    fn without_a_usable_external_id_there_is_no_key() {
        for other in ["null", "\"\"", "\"é\""] {
            let body = BODY.replace("\"lesson-42\"", other);
            assert!(meeting("read meeting", &reply(200, &body)).unwrap().key.is_none(), "{other}");
        }
    }

    #[test]
    fn people_without_an_address_are_left_out() {
        let people = attendees("read attendees", &reply(200, BODY)).unwrap();
        assert_eq!(people.len(), 1);
        assert_eq!(people[0].role, AttendeeRole::Presenter);
        assert_eq!(people[0].name.as_deref(), Some("Ada"));
    }

    #[test]
    fn an_unreadable_answer_to_a_create_may_have_made_a_meeting() {
        for body in ["<html>", "{}", r#"{"id":"a"}"#, r#"{"id":"..","joinWebUrl":"https://t.example"}"#] {
            let error = meeting("create meeting", &reply(201, body)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Protocol, "{body}");
            assert_eq!(error.retry(), RetryClass::Unclear { after: None }, "{body}");
        }
    }
}

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Response, StatusCode};
use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    ids::{MeetingId, MeetingKey},
    secret::{JoinUrl, Passcode},
    time::{Slot, TimeZone},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use super::{
    meeting::{DialIn, ExtraMembers, JoinInformation, Participant, PrivateUrl, TeamsMeeting},
    options::MeetingOptions,
    words::MeetingType,
};
use crate::wire::{self, Page, unreadable};

/// What a meeting must have; all else is read where it is found (trap 30).
#[derive(Deserialize)]
struct OnlineMeeting {
    id: String,
    #[serde(flatten)]
    members: Map<String, Value>,
}

/// The meeting of this key, and whether this very call made it (201) or found it (200). One that names another key is another's, whoever
/// answers so.
pub(super) fn created(
    operation: &'static str,
    reply: &Response<Bytes>,
    key: &MeetingKey,
) -> Result<(TeamsMeeting, bool)> {
    let meeting = meeting(operation, reply)?;
    if meeting.key.as_ref().is_some_and(|answered| !answered.as_str().eq_ignore_ascii_case(key.as_str())) {
        return Err(unreadable(operation, "the meeting of another key"));
    }
    Ok((meeting, reply.status() == StatusCode::CREATED))
}

/// One meeting.
pub(super) fn meeting(operation: &'static str, reply: &Response<Bytes>) -> Result<TeamsMeeting> {
    read(operation, wire::read(operation, reply)?)
}

/// The answer to a look-up: one meeting or none.
pub(super) fn found(operation: &'static str, reply: &Response<Bytes>) -> Result<Option<TeamsMeeting>> {
    let page: Page<OnlineMeeting> = wire::page(operation, reply)?;
    let mut meetings = page.value.into_iter().map(|one| read(operation, one));
    match (meetings.next(), meetings.next()) {
        (None, _) => Ok(None),
        (Some(only), None) => only.map(Some),
        (Some(_), Some(_)) => Err(Error::new(ErrorKind::Protocol, operation)
            .with_detail("more than one meeting was found")
            .with_retry(RetryClass::Never)),
    }
}

fn read(operation: &'static str, wire: OnlineMeeting) -> Result<TeamsMeeting> {
    let id = MeetingId::parse(&wire.id).map_err(|error| unreadable(operation, "no usable id").with_source(error))?;
    let mut members = Members(wire.members);
    if members.text("@odata.type").is_some_and(|kind| !kind.to_ascii_lowercase().contains("onlinemeeting")) {
        return Err(unreadable(operation, "an object of another type"));
    }
    let link = members.url("joinWebUrl").or_else(|| members.url("joinUrl"));
    let link = link.ok_or_else(|| unreadable(operation, "no join link"))?;
    let (start, end) = (members.instant("startDateTime"), members.instant("endDateTime"));
    let options = MeetingOptions::taken(&mut members.0);
    let meeting = TeamsMeeting {
        id,
        subject: members.text("subject").unwrap_or_default(),
        slot: slot(start, end),
        created: members.instant("creationDateTime"),
        key: members.text("externalId").and_then(|id| MeetingKey::parse(id).ok()),
        kind: members.text("meetingType").as_deref().map(MeetingType::from),
        join_url: JoinUrl::new(link),
        join_meeting_id: members.inner("joinMeetingIdSettings", |join| join.text("joinMeetingId")),
        passcode: members.inner("joinMeetingIdSettings", |join| join.text("passcode")).map(Passcode::new),
        options_url: members.url("meetingOptionsWebUrl").map(PrivateUrl::new),
        join_information: members.inner("joinInformation", |text| {
            let is_html = text.text("contentType").is_some_and(|kind| kind.eq_ignore_ascii_case("html"));
            text.text("content").map(|content| JoinInformation::new(is_html, content))
        }),
        dial_in: members.inner("audioConferencing", |audio| Some(dial_in(audio))),
        chat_thread: members.inner("chatInfo", |chat| chat.text("threadId")),
        video_teleconference_id: members.text("videoTeleconferenceId").map(Passcode::new),
        organizer: members
            .inner("participants", |people| Participant::read(&people.take("organizer", Value::is_object)?)),
        attendees: members
            .inner("participants", |people| people.take("attendees", Value::is_array))
            .map_or_else(Vec::new, |list| {
                list.as_array().map(|list| list.iter().filter_map(Participant::read).collect()).unwrap_or_default()
            }),
        options,
        extra: ExtraMembers::default(),
    };
    // what is about the message, and what says nothing, is no member of the meeting
    members.0.retain(|name, value| !name.starts_with('@') && !is_nothing(value));
    Ok(TeamsMeeting { extra: ExtraMembers::new(members.0), ..meeting })
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_object().is_some_and(|members| members.values().all(is_nothing))
}

/// The single numbers are the first of the lists, or stand alone in older answers.
fn dial_in(audio: &mut Members) -> DialIn {
    let mut numbers = |one: &str, all: &str| {
        let mut list = audio.list(all);
        if let Some(number) = audio.text(one).filter(|number| !list.contains(number)) {
            list.insert(0, number);
        }
        list
    };
    let (toll_numbers, toll_free_numbers) =
        (numbers("tollNumber", "tollNumbers"), numbers("tollFreeNumber", "tollFreeNumbers"));
    // official samples have it with a capital letter (trap 30)
    let conference_id = audio.text("conferenceId").or_else(|| audio.text("ConferenceId")).map(Passcode::new);
    DialIn { conference_id, toll_numbers, toll_free_numbers, url: audio.url("dialinUrl").map(PrivateUrl::new) }
}

/// Members that are taken out one by one. What has another form than expected stays.
struct Members(Map<String, Value>);

impl Members {
    fn take(&mut self, name: &str, fits: impl FnOnce(&Value) -> bool) -> Option<Value> {
        fits(self.0.get(name)?).then(|| self.0.remove(name)).flatten()
    }

    fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name, Value::is_string)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    fn instant(&mut self, name: &str) -> Option<DateTime<Utc>> {
        let read = wire::instant(self.0.get(name)?.as_str()?)?;
        self.0.remove(name);
        Some(read)
    }

    /// A link that a browser may be sent to.
    fn url(&mut self, name: &str) -> Option<Url> {
        let url = wire::web_page(self.0.get(name)?.as_str()?)?;
        self.0.remove(name);
        Some(url)
    }

    fn list(&mut self, name: &str) -> Vec<String> {
        let Some(Value::Array(list)) = self.take(name, Value::is_array) else { return Vec::new() };
        list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Reads inside of an object, and leaves there what was not read.
    fn inner<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let Some(Value::Object(object)) = self.take(name, Value::is_object) else { return None };
        let mut inner = Self(object);
        let found = read(&mut inner);
        if !inner.0.is_empty() {
            self.0.insert(name.to_owned(), inner.0.into());
        }
        found
    }
}

fn slot(start: Option<DateTime<Utc>>, end: Option<DateTime<Utc>>) -> Option<Slot> {
    let (start, end) = (start?, end?);
    Slot::at(start, (end - start).to_std().ok()?, TimeZone::UTC).ok()
}

#[cfg(test)]
mod tests {
    use invitations_core::{ids::UserId, people::AttendeeRole, provider::Meeting};

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
        let key = MeetingKey::parse("lesson-42").unwrap();
        let (meeting, made) = created("create meeting", &reply(201, BODY), &key).unwrap();
        let meeting = Meeting::from(meeting);
        assert!(made);
        assert_eq!(meeting.id.as_str(), "MSoxZjM1KjAqKjE5Om1lZXRpbmdfeA==");
        assert_eq!(meeting.subject, "");
        assert_eq!(meeting.key.as_ref().map(MeetingKey::as_str), Some("lesson-42"));
        assert_eq!(meeting.organizer.as_ref().map(UserId::as_str), Some("1f35f2e6"));
        assert_eq!(meeting.slot.as_ref().map(|slot| slot.duration.as_secs()), Some(3600));
        assert_eq!(meeting.passcode.as_ref().map(Passcode::expose), Some("abc123"));
        assert!(meeting.join_url.expose().as_str().contains("19%3ameeting_x%40thread.v2"));
        assert!(!created("create meeting", &reply(200, BODY), &key).unwrap().1);
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
        let meeting = meeting("read attendees", &reply(200, BODY)).unwrap();
        assert_eq!(meeting.attendees.len(), 2);
        let people: Vec<_> = meeting.attendees.iter().filter_map(Participant::attendee).collect();
        assert_eq!(people.len(), 1);
        assert_eq!(people[0].role, AttendeeRole::Presenter);
        assert_eq!(people[0].name.as_deref(), Some("Ada"));
    }

    #[test]
    fn an_unreadable_answer_to_a_create_may_have_made_a_meeting() {
        for body in [
            "<html>",
            "",
            "[]",
            "{}",
            r#"{"id":"a"}"#,
            r#"{"id":"..","joinWebUrl":"https://t.example"}"#,
            r#"{"id":null,"joinWebUrl":"https://t.example"}"#,
            r#"{"id":7,"joinWebUrl":"https://t.example"}"#,
            r#"{"id":"","joinWebUrl":"https://t.example"}"#,
            r#"{"id":"a","id":"b","joinWebUrl":"https://t.example"}"#,
            r#"{"id":"a","joinWebUrl":"javascript:alert(1)"}"#,
            r#"{"id":"a","joinWebUrl":"http://t.example"}"#,
            r##"{"@odata.type":"#microsoft.graph.event","id":"a","joinWebUrl":"https://t.example"}"##,
        ] {
            let error = meeting("create meeting", &reply(201, body)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Protocol, "{body}");
            assert_eq!(error.retry(), RetryClass::Unclear { after: None }, "{body}");
        }
    }

    #[test]
    fn trap_30_what_is_not_modelled_is_kept_and_capitals_are_read() {
        let body = BODY.replace("\"producers\": []", "\"producers\": [{ \"upn\": \"p@contoso.example\" }]");
        let meeting = meeting("read meeting", &reply(200, &body)).unwrap();
        let extra = meeting.extra.expose();
        assert_eq!(extra["autoAdmittedUsers"], "EveryoneInCompany");
        assert_eq!(extra["participants"]["producers"][0]["upn"], "p@contoso.example");
        assert_eq!(extra.len(), 2, "{extra:?}");
        assert_eq!(meeting.dial_in.unwrap().conference_id.unwrap().expose(), "1234567");
        assert_eq!(meeting.join_meeting_id.as_deref(), Some("1"));
        assert_eq!(meeting.options.passcode_required, Some(true));
    }

    #[test]
    fn trap_07_an_unknown_word_is_kept_and_goes_back_as_it_came() {
        let meeting = meeting("read meeting", &reply(200, BODY)).unwrap();
        assert_eq!(meeting.options.members().unwrap()["allowedPresenters"], "somethingNew");
    }

    #[test]
    fn no_way_into_the_meeting_is_shown() {
        let body = r#"{"id":"m","joinWebUrl":"https://teams.example/planted","meetingOptionsWebUrl":"https://teams.example/planted",
            "joinInformation":{"contentType":"Html","content":"data:text/html,planted"},"videoTeleconferenceId":"planted",
            "joinMeetingIdSettings":{"passcode":"planted"},"futureMember":"planted",
            "audioConferencing":{"conferenceId":"planted","dialinUrl":"https://teams.example/planted"}}"#;
        let meeting = meeting("read meeting", &reply(200, body)).unwrap();
        let shown = format!("{meeting:?}");
        assert!(!shown.contains("planted") && shown.contains("futureMember"), "{shown}");
        let information = meeting.join_information.unwrap();
        assert_eq!((information.is_html, information.expose()), (true, "data:text/html,planted"));
        assert_eq!(meeting.options_url.unwrap().expose().path(), "/planted");
    }

    #[test]
    fn a_look_up_finds_one_or_none() {
        let one = |n: usize| format!(r#"{{"value":[{}]}}"#, vec![BODY; n].join(","));
        assert!(found("find meeting", &reply(200, &one(0))).unwrap().is_none());
        assert!(found("find meeting", &reply(200, &one(1))).unwrap().is_some());
        assert_eq!(found("find meeting", &reply(200, &one(2))).unwrap_err().kind(), ErrorKind::Protocol);
    }
}

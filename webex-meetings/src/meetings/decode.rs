//! Answers into values. Success statuses only; the others are [`crate::errors`]'.

use bytes::Bytes;
use http::Response;
use invitations_core::{Result, ids::MeetingKey, provider::Meeting};
use serde_json::Value;

use super::meeting::WebexMeeting;
use crate::{
    errors::Asked,
    wire::{items, object},
};

/// One meeting, with everything that Webex tells.
pub(super) fn whole(asked: &Asked, reply: &Response<Bytes>) -> Result<WebexMeeting> {
    WebexMeeting::read(&object(asked, reply)?).map_err(|why| asked.unreadable(reply, why))
}

/// The answer to a create or a change, whose times are in the meeting's own zone.
pub(super) fn echo(asked: &Asked, reply: &Response<Bytes>) -> Result<WebexMeeting> {
    whole(asked, reply).map(WebexMeeting::echoed)
}

/// One meeting that can be joined.
pub(super) fn meeting(asked: &Asked, reply: &Response<Bytes>) -> Result<Meeting> {
    whole(asked, reply)?.into_meeting().map_err(|why| asked.unreadable(reply, why))
}

/// One page of meetings of any kind. One without an id fails the page: left out, it would look absent.
pub(super) fn listed(asked: &Asked, reply: &Response<Bytes>) -> Result<Vec<WebexMeeting>> {
    let read = |item: &Value| WebexMeeting::read(item).map_err(|why| asked.unreadable(reply, why));
    items(asked, reply)?.iter().map(read).collect()
}

/// The meeting that was made under this key. One that carries other tags is another's, whoever answers so.
pub(super) fn created(asked: &Asked, reply: &Response<Bytes>, key: &MeetingKey) -> Result<WebexMeeting> {
    let made = echo(asked, reply)?;
    if !made.tags.is_empty() && !made.tags.iter().any(|tag| tag == key.as_str()) {
        return Err(asked.unreadable(reply, "the answer is the meeting of another key"));
    }
    Ok(made)
}

/// One page of meetings. One that cannot be read fails the page: left out, it would look absent.
pub(super) fn page(asked: &Asked, reply: &Response<Bytes>, host: Option<&str>) -> Result<Vec<Meeting>> {
    neutral(asked, reply, kept(asked, reply, |meeting| is_hosted_by(meeting, host))?)
}

/// One page of a look-up: meetings that carry exactly this tag. Every one is live, since deleted ones are not listed.
pub(super) fn copies(
    asked: &Asked,
    reply: &Response<Bytes>,
    key: &MeetingKey,
    host: Option<&str>,
) -> Result<Vec<WebexMeeting>> {
    let tagged = |meeting: &WebexMeeting| meeting.tags.iter().any(|tag| tag == key.as_str());
    kept(asked, reply, |meeting| tagged(meeting) && is_hosted_by(meeting, host))
}

/// The same, provider-neutral, each still with the key that its first tag is. [`under`] has the last word.
pub(super) fn tagged(
    asked: &Asked,
    reply: &Response<Bytes>,
    key: &MeetingKey,
    host: Option<&str>,
) -> Result<Vec<Meeting>> {
    neutral(asked, reply, copies(asked, reply, key, host)?)
}

/// Of all that carry the tag those that were made under it: it is their first tag. Where none has it first, all are kept, for nothing says
/// that Webex keeps the order, and a meeting that is not found is made again.
pub(super) fn under(key: &MeetingKey, mut found: Vec<Meeting>) -> Vec<Meeting> {
    let is_own = |meeting: &Meeting| meeting.key.as_ref() == Some(key);
    if found.iter().any(is_own) {
        found.retain(is_own);
    }
    found.into_iter().map(|meeting| meeting.with_key(key.clone())).collect()
}

fn neutral(asked: &Asked, reply: &Response<Bytes>, found: Vec<WebexMeeting>) -> Result<Vec<Meeting>> {
    found.into_iter().map(|one| one.into_meeting().map_err(|why| asked.unreadable(reply, why))).collect()
}

fn kept(asked: &Asked, reply: &Response<Bytes>, keep: impl Fn(&WebexMeeting) -> bool) -> Result<Vec<WebexMeeting>> {
    // what is left out need not be readable
    let chosen = |item: &Value| match WebexMeeting::read(item) {
        Ok(meeting) if meeting.is_series() && keep(&meeting) => Some(Ok(meeting)),
        Ok(_) => None,
        Err(why) => Some(Err(asked.unreadable(reply, why))),
    };
    items(asked, reply)?.iter().filter_map(chosen).collect()
}

/// `hostEmail` also lists meetings to which that user is invited.
fn is_hosted_by(meeting: &WebexMeeting, host: Option<&str>) -> bool {
    match (host, &meeting.host_email) {
        (Some(host), Some(own)) => own.eq_ignore_ascii_case(host),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use invitations_core::{ErrorKind, RetryClass};
    use serde_json::json;

    use super::*;
    use crate::errors::Effect;

    fn reply(body: &Value) -> Response<Bytes> {
        Response::new(Bytes::from(body.to_string()))
    }

    fn read() -> Asked {
        Asked::new("read meeting", Effect::Read, false)
    }

    fn wire(id: &str, tags: &[&str]) -> Value {
        json!({
            "id": id,
            "meetingType": "meetingSeries",
            "title": "Maths",
            "start": "2026-07-15T07:00:00Z",
            "end": "2026-07-15T07:45:00Z",
            "timezone": "UTC",
            "hostUserId": "Y2lz",
            "hostEmail": "host@contoso.example",
            "webLink": "https://contoso.webex.example/contoso/j.php?MTID=m1",
            "password": "Sb1234@",
            "integrationTags": tags,
        })
    }

    #[test]
    fn a_meeting_has_link_passcode_times_and_host() {
        let meeting = meeting(&read(), &reply(&wire("m1", &[]))).unwrap();
        assert_eq!((meeting.id.as_str(), meeting.subject.as_str()), ("m1", "Maths"));
        assert_eq!(meeting.join_url.expose().as_str(), "https://contoso.webex.example/contoso/j.php?MTID=m1");
        assert_eq!(meeting.passcode.unwrap().expose(), "Sb1234@");
        assert_eq!(meeting.organizer.unwrap().as_str(), "Y2lz");
        assert_eq!(meeting.slot.unwrap().duration.as_secs(), 2700);
        assert!(meeting.etag.is_none());
    }

    #[test]
    fn the_key_is_the_first_tag() {
        for (tags, key) in [
            (&["lesson-42"] as &[&str], Some("lesson-42")),
            (&["lesson-42", "theirs"], Some("lesson-42")),
            (&["no key: é", "lesson-42"], None),
            (&[], None),
        ] {
            let one = meeting(&read(), &reply(&wire("m1", tags))).unwrap();
            assert_eq!(one.key.as_ref().map(MeetingKey::as_str), key, "{tags:?}");
            let listed = page(&read(), &reply(&json!({ "items": [wire("m1", tags)] })), None).unwrap();
            assert_eq!(listed[0].key.as_ref().map(MeetingKey::as_str), key, "{tags:?}");
        }
    }

    #[test]
    fn what_is_found_by_a_key_has_that_key() {
        let key = MeetingKey::parse("lesson-42").unwrap();
        let found = json!({ "items": [wire("m1", &["theirs", "lesson-42"]), wire("m2", &["theirs"])] });
        let found = under(&key, tagged(&read(), &reply(&found), &key, None).unwrap());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].key, Some(key));
    }

    #[test]
    fn a_meeting_of_another_key_is_not_taken_where_there_is_one_of_its_own() {
        let key = MeetingKey::parse("class-7").unwrap();
        let found = json!({ "items": [wire("a", &["lesson-1", "class-7"]), wire("b", &["class-7"])] });
        let found = under(&key, tagged(&read(), &reply(&found), &key, None).unwrap());
        assert_eq!(found.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn what_is_missing_or_odd_is_left_out() {
        let odd = json!({ "id": 42, "title": null, "webLink": "https://a.example/j", "start": 7, "integrationTags": null, "new": {} });
        let meeting = meeting(&read(), &reply(&odd)).unwrap();
        assert_eq!((meeting.id.as_str(), meeting.subject.as_str()), ("42", ""));
        assert!(meeting.slot.is_none() && meeting.organizer.is_none() && meeting.passcode.is_none());
    }

    #[test]
    fn an_unreadable_success_of_a_create_is_unclear() {
        let create = Asked::new("create meeting", Effect::CreateMeeting, false);
        for body in ["", "<html>", "[]", "{}", r#"{"id":"m"}"#, r#"{"id":"m","webLink":"javascript:x"}"#, r#"{"id":"m"#]
        {
            let reply = Response::new(Bytes::from_static(body.as_bytes()));
            let error = meeting(&create, &reply).unwrap_err();
            assert_eq!(
                (error.kind(), error.retry()),
                (ErrorKind::Protocol, RetryClass::Unclear { after: None }),
                "{body}"
            );
            assert_eq!(meeting(&read(), &reply).unwrap_err().retry(), RetryClass::Safe { after: None });
        }
    }

    #[test]
    fn a_look_up_keeps_exact_tags_of_own_series() {
        let key = MeetingKey::parse("lesson-42").unwrap();
        let mut occurrence = wire("m3_1", &["lesson-42"]);
        occurrence["meetingType"] = "scheduledMeeting".into();
        let mut invited = wire("m4", &["lesson-42"]);
        invited["hostEmail"] = "other@contoso.example".into();
        let list = [wire("m1", &["x", "lesson-42"]), wire("m2", &["lesson-421"]), occurrence, invited, wire("m5", &[])];
        let page = reply(&json!({ "items": list }));
        let ids = |found: Vec<Meeting>| found.iter().map(|m| m.id.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(ids(tagged(&read(), &page, &key, Some("HOST@contoso.example")).unwrap()), ["m1"]);
        assert_eq!(ids(tagged(&read(), &page, &key, None).unwrap()), ["m1", "m4"]);
    }

    #[test]
    fn nothing_is_concluded_from_a_page_that_cannot_be_read() {
        let key = MeetingKey::parse("k").unwrap();
        for body in [json!({}), json!({ "items": null }), json!({ "items": [{ "integrationTags": ["k"] }] }), json!([])]
        {
            assert_eq!(tagged(&read(), &reply(&body), &key, None).unwrap_err().kind(), ErrorKind::Protocol, "{body}");
        }
        assert!(tagged(&read(), &reply(&json!({ "items": [] })), &key, None).unwrap().is_empty());
    }
}

//! Answers into values. Success statuses only; the others are [`crate::errors`]'.

use bytes::Bytes;
use http::Response;
use invitations_core::{Error, ErrorKind, Remedy, Result, ids::MeetingKey, provider::Meeting};
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
    let found = kept(asked, reply, |meeting| host.is_none_or(|host| is_hosted_by(meeting, host)))?;
    found.into_iter().map(|one| one.into_meeting().map_err(|why| asked.unreadable(reply, why))).collect()
}

/// One page of a look-up: meetings that carry exactly this tag, whoever hosts them. Every one is live, since deleted ones are not listed.
pub(super) fn copies(asked: &Asked, reply: &Response<Bytes>, key: &MeetingKey) -> Result<Vec<WebexMeeting>> {
    kept(asked, reply, |meeting| meeting.tags.iter().any(|tag| tag == key.as_str()))
}

/// Of all that a look-up for a host found those that are the host's.
///
/// `hostEmail` also lists meetings to which that user is invited, so another's are left out. But Webex names a host by one address, whichever
/// was asked for: where no meeting names the asked one, what was made under the key counts, for this OAuth client alone could set it, and a
/// meeting that is not found is made again.
pub(super) fn of_host(
    asked: &Asked,
    key: &MeetingKey,
    host: Option<&str>,
    mut found: Vec<WebexMeeting>,
) -> Result<Vec<WebexMeeting>> {
    let Some(host) = host else { return Ok(found) };
    if found.iter().any(|one| is_hosted_by(one, host)) {
        found.retain(|one| is_hosted_by(one, host));
        return Ok(found);
    }
    let carry = found.len();
    found.retain(|one| one.is_made_under(key));
    if let Some((first, others)) = found.split_first()
        && others.iter().any(|other| !first.is_same_host(other))
    {
        return Err(Error::new(ErrorKind::Conflict, asked.operation)
            .with_provider(crate::provider_id())
            .with_detail(
                "the meetings under this key have several hosts, and none is named by the address that was asked for",
            )
            .with_remedy(Remedy::new(
                "Name the host by the address that Webex shows, and look at the meetings under this key.",
            )));
    }
    if carry > 0 {
        tracing::warn!(
            carry,
            taken = found.len(),
            "no meeting under the key names its host by the address that was asked for; those made under it are taken"
        );
    }
    Ok(found)
}

/// The same, provider-neutral. Those that were made under the key have it as their first tag. Where none has it first, all are kept, for
/// nothing says that Webex keeps the order, and a meeting that is not found is made again.
pub(super) fn under(asked: &Asked, key: &MeetingKey, found: Vec<WebexMeeting>) -> Result<Vec<Meeting>> {
    let any = found.iter().any(|one| one.is_made_under(key));
    let own = found.into_iter().filter(|one| !any || one.is_made_under(key));
    let neutral = |one: WebexMeeting| {
        let meeting = one.into_meeting().map_err(|why| {
            let error = Error::new(ErrorKind::Protocol, asked.operation).with_provider(crate::provider_id());
            error.with_detail(why).with_retry(asked.unclear(None))
        })?;
        Ok(meeting.with_key(key.clone()))
    };
    own.map(neutral).collect()
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

/// What tells no host is not left out.
fn is_hosted_by(meeting: &WebexMeeting, host: &str) -> bool {
    meeting.host_email.as_ref().is_none_or(|own| own.eq_ignore_ascii_case(host))
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

    fn found_under(page: &Value, key: &MeetingKey, host: Option<&str>) -> Result<Vec<Meeting>> {
        let found = of_host(&read(), key, host, copies(&read(), &reply(page), key)?)?;
        under(&read(), key, found)
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
        let found = found_under(&found, &key, None).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].key, Some(key));
    }

    #[test]
    fn a_meeting_of_another_key_is_not_taken_where_there_is_one_of_its_own() {
        let key = MeetingKey::parse("class-7").unwrap();
        let found = json!({ "items": [wire("a", &["lesson-1", "class-7"]), wire("b", &["class-7"])] });
        let found = found_under(&found, &key, None).unwrap();
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
        let page = json!({ "items": list });
        let ids = |host| {
            let found = copies(&read(), &reply(&page), &key).and_then(|found| of_host(&read(), &key, host, found));
            found.unwrap().into_iter().map(|one| one.id.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(ids(Some("HOST@contoso.example")), ["m1"]);
        assert_eq!(ids(None), ["m1", "m4"]);
    }

    #[test]
    fn a_host_who_was_asked_for_by_another_address_has_the_meeting_all_the_same() {
        let key = MeetingKey::parse("lesson-42").unwrap();
        let of = |id: &str, tags: &[&str], host: &str, user: &str| {
            let mut meeting = wire(id, tags);
            (meeting["hostEmail"], meeting["hostUserId"]) = (host.into(), user.into());
            meeting
        };
        let (own, theirs) = (&["lesson-42"], &["lesson-1", "lesson-42"]);
        let primary = || of("m1", own, "ada.lovelace@contoso.example", "ada");
        let ids = |items: &[Value]| {
            let found = found_under(&json!({ "items": items }), &key, Some("ada@contoso.example"));
            found.map(|found| found.into_iter().map(|one| one.id.as_str().to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(ids(&[primary()]).unwrap(), ["m1"]);
        // copies
        let copy = of("m2", own, "ada.lovelace@contoso.example", "ada");
        assert_eq!(ids(&[primary(), copy]).unwrap(), ["m1", "m2"]);
        // somebody else's, made under another key
        assert!(ids(&[of("m3", theirs, "grace@contoso.example", "grace")]).unwrap().is_empty());
        assert_eq!(ids(&[primary(), of("m3", theirs, "grace@contoso.example", "grace")]).unwrap(), ["m1"]);
        // the asked address counts before any other
        assert_eq!(ids(&[primary(), of("m4", theirs, "ADA@contoso.example", "ada")]).unwrap(), ["m4"]);
        let refused = ids(&[primary(), of("m5", own, "grace@contoso.example", "grace")]).unwrap_err();
        assert_eq!((refused.kind(), refused.retry()), (ErrorKind::Conflict, RetryClass::Never));
        assert!(refused.remedy().is_some() && !format!("{refused:?}").contains("@contoso"));
    }

    #[test]
    fn nothing_is_concluded_from_a_page_that_cannot_be_read() {
        let key = MeetingKey::parse("k").unwrap();
        for body in [json!({}), json!({ "items": null }), json!({ "items": [{ "integrationTags": ["k"] }] }), json!([])]
        {
            assert_eq!(found_under(&body, &key, None).unwrap_err().kind(), ErrorKind::Protocol, "{body}");
        }
        let mut closed = wire("m1", &["k"]);
        closed["webLink"] = Value::Null;
        let closed = found_under(&json!({ "items": [closed] }), &key, None).unwrap_err();
        assert_eq!((closed.kind(), closed.retry()), (ErrorKind::Protocol, RetryClass::Safe { after: None }));
        assert!(found_under(&json!({ "items": [] }), &key, None).unwrap().is_empty());
    }
}

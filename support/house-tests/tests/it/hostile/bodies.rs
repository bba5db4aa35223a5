//! Successes whose bodies are no good.

use invitations_core::ErrorKind;
use meetings_http::Step;
use serde_json::{Value, json};

use super::{ALL, Clients, PLANTED, Subject, around, in_doubt, refused, silent};

fn with(subject: Subject, pointer: &str, value: Value) -> Value {
    let mut body = subject.good();
    *body.pointer_mut(pointer).expect("a place") = value;
    body
}

/// A create is in doubt, a read is refused.
async fn no_object(what: &str, body: impl Fn(Subject) -> Vec<u8>) {
    for subject in ALL {
        let what = format!("{what}: {subject:?}");
        in_doubt(&what, subject.create(Step::reply(subject.made()).with_body(body(subject))).await);
        if subject != Subject::Guest {
            refused(&what, subject.read(Step::reply(200).with_body(body(subject))).await);
        }
    }
}

#[tokio::test]
async fn good_bodies_are_good() {
    for subject in ALL {
        let made = subject.create(Step::json(subject.made(), &subject.good())).await.expect("made");
        assert_eq!(Some(made.as_str()), subject.good().pointer(subject.id()).and_then(Value::as_str));
        if subject != Subject::Guest {
            subject.read(Step::json(200, &subject.good())).await.expect("read");
        }
    }
}

#[tokio::test]
async fn bad_001_an_empty_body_is_in_doubt() {
    no_object("empty", |_| Vec::new()).await;
}

#[tokio::test]
async fn bad_002_json_that_breaks_off_is_in_doubt() {
    no_object("cut", |subject| {
        let text = subject.good().to_string();
        text.as_bytes()[..text.len() - 2].to_vec()
    })
    .await;
}

#[tokio::test]
async fn bad_003_an_object_without_an_id_is_in_doubt() {
    no_object("no members", |_| b"{}".to_vec()).await;
    no_object("no id", |subject| {
        let mut body = subject.good();
        let (above, name) = subject.id().rsplit_once('/').expect("a place");
        body.pointer_mut(above).and_then(Value::as_object_mut).expect("an object").remove(name);
        body.to_string().into_bytes()
    })
    .await;
}

#[tokio::test]
async fn bad_004_a_page_of_a_proxy_is_in_doubt() {
    let page = format!("<!doctype html><title>Sign in to {PLANTED}</title>");
    no_object("page", |_| page.clone().into_bytes()).await;
}

#[tokio::test]
async fn bad_005_a_list_is_no_object() {
    no_object("list", |subject| json!([subject.good()]).to_string().into_bytes()).await;
    for body in ["null", "true", "7", "\"planted\""] {
        no_object(body, |_| body.as_bytes().to_vec()).await;
    }
}

#[tokio::test]
async fn bad_006_an_id_that_is_none_is_in_doubt() {
    for id in [json!(null), json!(""), json!({}), json!(["planted"]), json!(true)] {
        no_object(&id.to_string(), |subject| with(subject, subject.id(), id.clone()).to_string().into_bytes()).await;
    }
    // control characters have no place in a path or a log
    no_object("control", |subject| with(subject, subject.id(), json!("a\r\nplanted")).to_string().into_bytes()).await;
}

#[tokio::test]
async fn bad_007_an_id_twice_is_none() {
    no_object("twice", |subject| {
        let text = subject.good().to_string();
        match subject {
            Subject::Guest => text.replace(r#""invitedUser":{"#, r#""invitedUser":{"id":"u2","#),
            _ => text.replacen('{', r#"{"id":"other","#, 1),
        }
        .into_bytes()
    })
    .await;
}

#[tokio::test]
async fn bad_011_text_that_is_none_is_refused_and_an_odd_title_is_not() {
    // what is not read may be anything; the id is read
    let spoiled = |subject: Subject, by: &[u8]| {
        let text = with(subject, subject.id(), json!("HERE")).to_string();
        let (before, after) = text.split_once("HERE").expect("the id");
        [before.as_bytes(), by, after.as_bytes()].concat()
    };
    no_object("not UTF-8", |subject| spoiled(subject, b"a\xff")).await;
    no_object("half a surrogate pair", |subject| spoiled(subject, br"\ud800")).await;
    no_object("NUL", |subject| spoiled(subject, br"a\u0000")).await;
    for subject in [Subject::TeamsMeeting, Subject::OutlookEvent, Subject::WebexMeeting] {
        let title = if subject == Subject::WebexMeeting { "/title" } else { "/subject" };
        let odd = with(subject, title, json!("a\u{0}b\u{202e}\u{1f600}"));
        subject.create(Step::json(subject.made(), &odd)).await.expect("a title is for eyes");
    }
}

#[tokio::test]
async fn bad_012_numbers_out_of_all_measure_are_no_ids() {
    for number in ["1e400", "-0", "1.5"] {
        for subject in [Subject::TeamsMeeting, Subject::OutlookEvent, Subject::Guest] {
            let text = subject.good().to_string();
            let id = subject.good().pointer(subject.id()).expect("an id").to_string();
            let body = text.replacen(&format!(r#""id":{id}"#), &format!(r#""id":{number}"#), 1);
            let body = if subject == Subject::Guest {
                text.replace(r#"{"id":"u1"}"#, &format!(r#"{{"id":{number}}}"#))
            } else {
                body
            };
            assert!(body.contains(number));
            in_doubt(number, subject.create(Step::reply(subject.made()).with_body(body)).await);
        }
    }
}

#[tokio::test]
async fn bad_013_words_of_the_future_are_read() {
    let mut teams = Subject::TeamsMeeting.good();
    teams["allowedPresenters"] = json!("dancers");
    teams["lobbyBypassSettings"] = json!({ "scope": "martians", "isDialInBypassEnabled": "perhaps" });
    let mut event = Subject::OutlookEvent.good();
    event["onlineMeetingProvider"] = json!("future");
    event["showAs"] = json!("dreaming");
    let mut webex = Subject::WebexMeeting.good();
    webex["state"] = json!("dreaming");
    webex["unlockedMeetingJoinSecurity"] = json!("perhaps");
    for (subject, body) in
        [(Subject::TeamsMeeting, teams), (Subject::OutlookEvent, event), (Subject::WebexMeeting, webex)]
    {
        subject.create(Step::json(subject.made(), &body)).await.expect("made");
    }
}

#[tokio::test]
async fn bad_014_and_015_an_odd_error_body_leaves_the_status_to_speak() {
    for body in [
        String::new(),
        "{}".to_owned(),
        r#"{"error":"planted"}"#.to_owned(),
        r#"{"error":{"code":"","message":"planted"}}"#.to_owned(),
        r#"{"error":{"code":7,"message":null,"innerError":[]}}"#.to_owned(),
        r#"{"message":{"planted":1},"errors":{"description":[]},"trackingId":7}"#.to_owned(),
        json!({ "error": { "code": "x\r\nplanted", "message": "\u{1b}[31mplanted\r\n" } }).to_string(),
        json!({ "message": "\u{1b}[31mplanted\r\n", "errors": [{ "description": "planted\r\n" }] }).to_string(),
        format!("<html>{PLANTED}</html>"),
        "[".repeat(10_000),
    ] {
        for subject in ALL {
            for (status, kind) in [
                (400, ErrorKind::InvalidInput),
                (403, ErrorKind::PermissionDenied),
                (404, ErrorKind::NotFound),
                (429, ErrorKind::Throttled),
                (500, ErrorKind::Unavailable),
            ] {
                let error = subject.create(Step::reply(status).with_body(body.clone())).await.expect_err("refused");
                assert_eq!((error.kind(), error.status()), (kind, Some(status)), "{subject:?} {body:.60}");
                silent(&body, &error);
            }
        }
    }
}

#[tokio::test]
async fn bad_016_an_object_of_another_kind_is_none() {
    for (subject, kind) in
        [(Subject::TeamsMeeting, "#microsoft.graph.event"), (Subject::OutlookEvent, "#microsoft.graph.message")]
    {
        let mut body = subject.good();
        body["@odata.type"] = json!(kind);
        in_doubt(kind, subject.create(Step::json(201, &body)).await);
        refused(kind, subject.read(Step::json(200, &body)).await);
    }
}

#[tokio::test]
async fn bad_017_a_link_that_is_no_web_page_is_not_handed_on() {
    for link in ["javascript:alert(1)//planted", "data:text/html,planted", "file:///etc/passwd", "planted", ""] {
        for (subject, place) in [(Subject::TeamsMeeting, "/joinWebUrl"), (Subject::WebexMeeting, "/webLink")] {
            let body = with(subject, place, json!(link));
            in_doubt(link, subject.create(Step::json(subject.made(), &body)).await);
        }
    }
}

/// The same answer to two creates; in [`Clients`] the key that was asked for is lesson-1.
#[tokio::test]
async fn bad_018_the_meeting_of_another_key_is_not_taken() {
    for (subject, place, another) in [
        (Subject::TeamsMeeting, "/externalId", json!("lesson-2")),
        (Subject::WebexMeeting, "/integrationTags", json!(["lesson-2", "other"])),
    ] {
        let body = with(subject, place, another);
        in_doubt("another key", subject.create(Step::json(subject.made(), &body)).await);
        in_doubt("another key, found", subject.create(Step::json(200, &body)).await);
    }
    // an answer that does not name the key says nothing against it
    for (subject, place, none) in
        [(Subject::TeamsMeeting, "/externalId", json!(null)), (Subject::WebexMeeting, "/integrationTags", json!([]))]
    {
        subject.create(Step::json(subject.made(), &with(subject, place, none))).await.expect("a meeting");
    }
}

#[tokio::test]
async fn bad_019_a_page_of_fifty_thousand_is_read_or_refused() {
    for subject in [Subject::TeamsMeeting, Subject::WebexMeeting] {
        let items: Vec<Value> = (0..50_000).map(|n| with(subject, "/id", json!(format!("m{n}")))).collect();
        let body = if subject == Subject::WebexMeeting { json!({ "items": items }) } else { json!({ "value": items }) };
        let clients = Clients::new(vec![Step::json(200, &body)]);
        match clients.meetings(subject).list(around(), None).await {
            Ok(page) => assert_eq!(page.items.len(), 50_000),
            Err(error) => {
                let refusals = [ErrorKind::Protocol, ErrorKind::Unsupported];
                assert!(refusals.contains(&error.kind()), "{error}");
                silent("fifty thousand", &error);
            }
        }
    }
}

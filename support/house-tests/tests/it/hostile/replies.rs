//! Statuses and headers that are no good.

use std::sync::Arc;

use invitations_core::{ErrorKind, RetryClass, ids::MeetingId, provider::MeetingProvider};
use meetings_http::{Sent, StaticTokens, Step};

use super::{ALL, Clients, PLANTED, Subject, in_doubt, refused, silent};

#[tokio::test]
async fn bad_021_to_026_every_wish_to_wait_is_a_wait_or_none() {
    for (values, expected) in [
        (&["0"][..], Some(0)),
        (&["-5"], None),
        (&["soon"], None),
        (&["Wed, 21 Oct 2015 07:28:00 GMT"], Some(0)),
        (&["999999999"], Some(999_999_999)),
        (&["3", "9"], Some(9)),
        (&[], None),
    ] {
        for subject in ALL {
            let throttled = values.iter().fold(Step::reply(429), |step, value| step.with_header("retry-after", value));
            let error = subject.create(throttled).await.expect_err("throttled");
            assert_eq!(error.kind(), ErrorKind::Throttled);
            let RetryClass::Safe { after } = error.retry() else { panic!("{subject:?} {values:?}: {error:?}") };
            // it is handed on and not slept through, whatever it is
            assert_eq!(after.map(|wait| wait.as_secs()), expected, "{subject:?} {values:?}");
        }
    }
}

#[tokio::test]
async fn bad_028_to_030_no_redirect_is_followed() {
    for location in ["/v1.0/elsewhere", "https://evil.example/", "http://graph.microsoft.com/", "", "planted"] {
        for status in [300, 301, 302, 303, 304, 307, 308] {
            for subject in ALL {
                let step = || Step::reply(status).with_header("location", location);
                refused(location, subject.create(step()).await);
                if subject != Subject::Guest {
                    refused(location, subject.read(step()).await);
                }
            }
        }
    }
}

#[tokio::test]
async fn bad_031_a_success_that_is_a_page_is_none() {
    for subject in ALL {
        let step = Step::reply(subject.made()).with_header("content-type", "text/html");
        in_doubt("page", subject.create(step.with_body(format!("<html>{PLANTED}"))).await);
    }
}

#[tokio::test]
async fn bad_034_a_version_comes_back_as_it_came() {
    use invitations_core::provider::{CalendarProvider as _, EventDraft, EventWrite, WriteOptions};

    use super::{calendar, slot, tokens};
    for etag in [r#"W/"a\"b""#, r#""""#, "W/\"\"", "plain", "\u{e9}"] {
        let mut body = Subject::OutlookEvent.good();
        body["@odata.etag"] = etag.into();
        let clients = Clients::new(vec![Step::json(200, &body), Step::json(200, &body)]);
        let calendars = clients.graph.my_calendars(tokens());
        let id = "e1".parse().expect("an id");
        let event = calendars.event(&calendar(), &id).await.expect("an event");
        let Some(version) = event.etag else {
            assert_eq!(etag, "\u{e9}", "what fits no header is no version");
            continue;
        };
        let draft = Box::new(EventDraft::new("Lesson", slot().into()));
        let write = EventWrite::Update { id, if_match: Some(version), draft };
        calendars.write(&calendar(), vec![write], WriteOptions::new()).await.expect("a write");
        let sent = clients.transport.requests().into_iter().find_map(|one| one.headers().get("if-match").cloned());
        assert_eq!(sent.expect("a condition"), etag);
    }
}

#[tokio::test]
async fn bad_035_a_status_that_is_none_is_refused() {
    for status in [199, 600, 999] {
        for subject in ALL {
            let error = subject.create(Step::reply(status)).await.expect_err("no status");
            assert_ne!(error.kind(), ErrorKind::NotFound, "{status}");
            assert!(!matches!(error.retry(), RetryClass::Safe { .. }), "{subject:?} {status}: {error:?}");
            silent("no status", &error);
        }
    }
}

#[tokio::test]
async fn bad_037_accepted_and_not_yet_made_is_in_doubt() {
    for subject in ALL {
        in_doubt("202", subject.create(Step::reply(202)).await);
    }
}

#[tokio::test]
async fn bad_038_a_connection_that_breaks_after_the_request_is_in_doubt() {
    for subject in ALL {
        in_doubt("reset", subject.create(Step::fails(Sent::Maybe)).await);
        in_doubt("silence", subject.create(Step::times_out()).await);
        let error = subject.create(Step::fails(Sent::No)).await.expect_err("no connection");
        assert!(matches!(error.retry(), RetryClass::Safe { .. }), "{subject:?}: surely not sent");
    }
}

#[tokio::test]
async fn bad_040_a_server_that_takes_no_token_is_asked_twice() {
    for subject in [Subject::TeamsMeeting, Subject::WebexMeeting] {
        let clients = Clients::new((0..9).map(|_| Step::reply(401)).collect());
        let tokens = Arc::new(StaticTokens::new("one").then("two").then("three"));
        let meetings: Arc<dyn MeetingProvider> = match subject {
            Subject::WebexMeeting => Arc::new(clients.webex.meetings_of(Arc::clone(&tokens) as _)),
            _ => Arc::new(clients.graph.my_meetings(Arc::clone(&tokens) as _)),
        };
        let error = meetings.read(&MeetingId::parse("m1").expect("an id")).await.expect_err("no token is taken");
        assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{error:?}");
        let sent: Vec<_> =
            clients.transport.requests().iter().map(|request| request.headers()["authorization"].clone()).collect();
        assert_eq!(sent, ["Bearer one", "Bearer two"], "{subject:?}");
        assert_eq!(tokens.rejections().len(), 1, "one forced refresh");
    }
}

//! Listings as they come page by page, by the numbers of the list of bad inputs.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use invitations_core::{
    Error, ErrorKind, RetryClass,
    ids::{PageToken, TenantId, UserId},
    provider::{Account, AttendanceProvider as _, MeetingProvider as _},
    runtime::ManualClock,
    time::TimeRange,
};
use meetings_http::{ScriptedTransport, Step};
use serde_json::json;
use webex_meetings::{
    AttendeeReportQuery, ParticipantQuery, RecordingQuery, TranscriptQuery, Webex, meetings::MeetingFilter,
    provider_id, webhooks::Owner,
};

use crate::support::{around, id, key, meeting_json, scripted, scripted_by, utc};

const FIRST: &str = "https://webexapis.com/v1/webhooks";

fn page(ids: &[&str], link: &str) -> Step {
    let items: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
    let step = Step::json(200, &json!({ "items": items }));
    if link.is_empty() { step } else { step.with_header("link", link) }
}

/// What a whole listing came to: its ids, and what was asked.
async fn listed(steps: Vec<Step>) -> (Result<Vec<String>, Error>, Arc<ScriptedTransport>) {
    let (webex, transport) = scripted(steps);
    let found = webex.my_webhooks().unwrap().list(&Owner::Creator).await;
    (found.map(|all| all.into_iter().map(|one| one.id.to_string()).collect()), transport)
}

#[tokio::test]
async fn bad_073_links_in_every_form() {
    for (link, target) in [
        (format!("<{FIRST}?p=2>; rel=\"next\""), "/v1/webhooks?p=2"),
        (format!("<{FIRST}?p=2>; rel=next"), "/v1/webhooks?p=2"),
        (
            format!("<{FIRST}?p=1>; rel=\"first\", <{FIRST}?p=2>; rel=\"next\", <{FIRST}?p=9>; rel=\"last\""),
            "/v1/webhooks?p=2",
        ),
        (format!("<{FIRST}?p=2>; rel=\"last next\"; title=\"a, b\""), "/v1/webhooks?p=2"),
        ("</v1/webhooks?p=2>; rel=\"next\"".to_owned(), "/v1/webhooks?p=2"),
        ("<?p=2>; rel=\"next\"".to_owned(), "/v1/webhooks?p=2"),
        ("<webhooks?p=2>; rel=\"next\"".to_owned(), "/v1/webhooks?p=2"),
        (format!("<{FIRST}?max=null&p=2>; rel=\"next\""), "/v1/webhooks?p=2"),
        (format!("<{FIRST}?p=2&max=null>; rel=\"next\""), "/v1/webhooks?p=2"),
        (format!("<{FIRST}?max=null>; rel=\"next\""), "/v1/webhooks"),
        (
            format!("<{FIRST}?from=2026-01-01T00%3A00%3A00%2B01%3A00>; rel=\"next\""),
            "/v1/webhooks?from=2026-01-01T00%3A00%3A00%2B01%3A00",
        ),
    ] {
        let (found, transport) = listed(vec![page(&["a"], &link), page(&["b"], "")]).await;
        assert_eq!(found.unwrap(), ["a", "b"], "{link}");
        let asked = transport.requests()[1].uri().path_and_query().unwrap().as_str().to_owned();
        assert_eq!(asked, target, "{link}");
    }
    let two =
        page(&["a"], &format!("<{FIRST}?p=1>; rel=prev")).with_header("link", &format!("<{FIRST}?p=2>; rel=next"));
    assert_eq!(listed(vec![two, page(&["b"], "")]).await.0.unwrap(), ["a", "b"], "two headers");
}

#[tokio::test]
async fn empty_pages_are_not_the_end() {
    let next = |n: u32| format!("<{FIRST}?p={n}>; rel=\"next\"");
    let mut steps: Vec<_> = (2..=9).map(|n| page(&[], &next(n))).collect();
    steps.extend([page(&["a"], &next(10)), page(&[], &next(11)), page(&["b"], "")]);
    assert_eq!(listed(steps).await.0.unwrap(), ["a", "b"]);
}

#[tokio::test]
async fn bad_074_a_page_that_leads_to_itself_is_asked_once_more_at_most() {
    let next = format!("<{FIRST}?p=2>; rel=\"next\"");
    let (found, transport) = listed((0..50).map(|_| page(&["a"], &next)).collect()).await;
    assert_eq!(found.unwrap_err().kind(), ErrorKind::Protocol);
    assert_eq!(transport.requests().len(), 2);
}

#[tokio::test]
async fn bad_075_links_that_change_over_the_same_page_end_after_three() {
    let steps = (0..50).map(|n| page(&["a", "b"], &format!("<{FIRST}?p={n}>; rel=\"next\""))).collect();
    let (found, transport) = listed(steps).await;
    assert_eq!(found.unwrap_err().kind(), ErrorKind::Protocol);
    assert_eq!(transport.requests().len(), 3);
    // of meetings too, whose items were left out for their other tags
    let meeting = |id: &str| json!({ "id": id, "meetingType": "meetingSeries", "integrationTags": ["other"] });
    let step = |n: u32| {
        let link = format!("<https://webexapis.com/v1/meetings?p={n}>; rel=\"next\"");
        Step::json(200, &json!({ "items": [meeting("m")] })).with_header("link", &link)
    };
    let (webex, transport) = scripted((0..50).map(step).collect());
    let found = webex.my_meetings().unwrap().find_by_key(&key("k"), around()).await;
    assert_eq!(found.unwrap_err().kind(), ErrorKind::Protocol);
    assert_eq!(transport.requests().len(), 3);
}

#[tokio::test]
async fn empty_pages_without_end_are_no_listing() {
    let steps = (0..3_000).map(|n| page(&[], &format!("<{FIRST}?p={n}>; rel=\"next\""))).collect();
    let (found, transport) = listed(steps).await;
    assert_eq!(found.unwrap_err().kind(), ErrorKind::Protocol);
    assert!(transport.requests().len() <= 2_001);
}

#[tokio::test]
async fn a_listing_that_breaks_off_is_no_shorter_listing() {
    let next = format!("<{FIRST}?p=2>; rel=\"next\"");
    for broken in
        [Step::reply(403), Step::json(200, &json!({})), Step::reply(200).with_body("<html>"), Step::reply(410)]
    {
        let (found, _) = listed(vec![page(&["a"], &next), broken]).await;
        found.unwrap_err();
    }
}

/// Every listing that a caller follows page by page, of an administrator's host and of oneself, at a place.
async fn turned(webex: &Webex, place: &PageToken) -> Vec<(&'static str, Result<(), Error>)> {
    let host = UserId::parse("ada@contoso.example").unwrap();
    let account = Account::application(TenantId::parse("t").unwrap(), provider_id(), host);
    let (meetings, own) = (webex.meetings_for(&account).unwrap(), webex.my_meetings().unwrap());
    let held = TimeRange::new(utc("2026-08-10T00:00:00Z"), utc("2026-08-20T00:00:00Z"));
    let (meeting, at, people) = (id("m1"), Some(place), meetings.participants());
    let recordings = RecordingQuery::new(held).with_meeting(meeting.clone());
    let transcripts = TranscriptQuery::new(held).with_instance(meeting.clone());
    let report = AttendeeReportQuery::new("contoso.webex.example", held);
    vec![
        ("meetings", meetings.list(around(), at).await.map(drop)),
        ("filtered", meetings.list_with(&MeetingFilter::within(around()), at).await.map(drop)),
        ("participants", people.page(&meeting, &ParticipantQuery::new(), at).await.map(drop)),
        ("attendance", people.attendance(&meeting, at).await.map(drop)),
        ("recordings", meetings.recordings().page(&recordings, at).await.map(drop)),
        ("transcripts", meetings.transcripts().page(&transcripts, at).await.map(drop)),
        ("report", own.attendee_report_page(&report, at).await.map(drop)),
    ]
}

/// A place goes through a browser, and on the same origin stands everything else that the token may read.
#[tokio::test]
async fn a_forged_place_reads_nothing() {
    const MEETINGS: &[&str] = &["meetings", "filtered"];
    const PEOPLE: &[&str] = &["participants", "attendance"];
    for (place, good) in [
        ("/v1/meetings?offset=10", MEETINGS),
        ("/v1/meetings?offset=10&hostEmail=ada%40contoso.example", MEETINGS),
        ("/v1/meetingParticipants?meetingId=m1&hostEmail=Ada@contoso.example&offset=10", PEOPLE),
        ("/v1/recordings?cursor=c&siteUrl=contoso.webex.example", &["recordings"]),
        ("/v1/meetingTranscripts?meetingId=m1", &["transcripts"]),
        ("/v1/meetingReports/attendees?siteUrl=contoso.webex.example&offset=1000", &["report"]),
        ("/v1/people/me", &[]),
        ("/v1/webhooks", &[]),
        ("/v1/people?email=eve@contoso.example", &[]),
        ("/v1/meetings/m2", &[]),
        ("/v1/meetings/../people/me", &[]),
        ("/v1/meetings?hostEmail=eve@contoso.example", &[]),
        ("/v1/meetings?offset=10&hostEmail=ada@contoso.example&hostEmail=eve@contoso.example", &[]),
        ("/v1/meetings?meetingSeriesId=m2", &[]),
        ("/v1/meetingParticipants?meetingId=m2", &[]),
        ("/v1/recordings?meetingId=m1&hostEmail=eve@contoso.example", &[]),
        ("/v1/meetingTranscripts?meetingId=m2", &[]),
        ("/v1/meetingReports/attendees?siteUrl=fabrikam.webex.example", &[]),
        ("/v1/meetingReports/attendees?meetingId=m2", &[]),
    ] {
        let answer = json!({ "items": [meeting_json("m9", &[])] });
        let (webex, transport) = scripted((0..9).map(|_| Step::json(200, &answer)).collect());
        for (what, listed) in turned(&webex, &PageToken::parse(format!("https://webexapis.com{place}")).unwrap()).await
        {
            let error = match listed {
                Ok(()) if good.contains(&what) => continue,
                listed => listed.expect_err(what),
            };
            assert!(!good.contains(&what), "{what} {place}: {error:?}");
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{what} {place}: {error:?}");
            assert!(error.remedy().is_some() && error.provider().is_some(), "{what} {place}");
        }
        let requests = transport.requests();
        assert_eq!(requests.len(), good.len(), "{place}");
        for request in requests {
            // whatever the place says of it, it is about the same host and meeting
            let uri = request.uri().to_string().to_lowercase();
            let about = |what: &str| uri.contains(what);
            assert!(
                about("reports") || about("hostemail=ada%40contoso.example") || about("hostemail=ada@contoso.example"),
                "{uri}"
            );
            assert!(about("reports") || about("/meetings?") || about("meetingid=m1"), "{uri}");
        }
    }
}

/// An answer's own link goes on with the same listing, or it is followed nowhere.
#[tokio::test]
async fn a_link_to_another_path_is_followed_nowhere() {
    for elsewhere in ["/v1/people", "/v1/meetings/m2", "/v1/webhooks/w", "people", "/v1"] {
        let step = || page(&[], &format!("<{elsewhere}>; rel=\"next\""));
        let (webex, transport) = scripted(vec![step(), step(), step(), step(), page(&[], "")]);
        let meetings = webex.my_meetings().unwrap();
        for error in [
            webex.my_webhooks().unwrap().list(&Owner::Creator).await.unwrap_err(),
            meetings.find_by_key(&key("k"), around()).await.unwrap_err(),
            meetings.list(around(), None).await.unwrap_err(),
            meetings.participants().page(&id("m1"), &ParticipantQuery::new(), None).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Protocol, "{elsewhere}: {error:?}");
        }
        assert_eq!(transport.requests().len(), 4, "{elsewhere}");
    }
}

/// A page of HTML, an hour to wait: said at once, and nobody sleeps.
#[test]
fn an_hour_of_waiting_is_said_and_not_slept() {
    let throttled = || {
        Step::reply(429)
            .with_header("content-type", "text/html")
            .with_header("retry-after", "3600")
            .with_body("<html>Too many")
    };
    let clock = ManualClock::new(utc("2026-07-01T00:00:00Z"));
    let steps = vec![throttled(), throttled()];
    let (webex, transport) = scripted_by(steps, |builder| builder.clock(Arc::new(clock.clone())));
    // ready at once: the clock was not moved
    let found = webex.my_webhooks().unwrap().list(&Owner::Creator).now_or_never().unwrap();
    let error = found.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Throttled, Some(429)));
    assert_eq!(error.retry(), RetryClass::Safe { after: Some(Duration::from_secs(3600)) });
    assert_eq!(transport.requests().len(), 1);
}

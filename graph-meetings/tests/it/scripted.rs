//! What goes over the wire, and what odd answers become.

use futures_util::FutureExt as _;
use invitations_core::{
    ErrorKind, RetryClass,
    ids::{EventId, MeetingId},
    provider::{CalendarProvider as _, EventWrite, MeetingProvider as _, WriteOutcome},
};
use meetings_http::{Sent, Step};
use serde_json::{Value, json};

use crate::support::{driven, event, key, lesson, marker, once, options, primary, scripted, slot, user};

fn meeting() -> Value {
    json!({ "id": "m-1", "subject": "Lesson", "joinWebUrl": "https://teams.microsoft.com/l/meetup-join/planted" })
}

fn create() -> Vec<EventWrite> {
    vec![EventWrite::Create { key: marker("a"), draft: Box::new(event()) }]
}

#[tokio::test]
async fn requests_carry_the_token_and_an_id_of_their_own() {
    let (graph, transport, _) = scripted(vec![Step::json(201, &meeting()), Step::json(200, &meeting())]);
    let meetings = graph.meetings_of(&user("oid"));
    let made = meetings.create(&key("a"), &lesson(), once()).await.unwrap();
    meetings.read(&made.id).await.unwrap();
    let requests = transport.requests();
    assert_eq!(requests[0].uri(), "http://127.0.0.1:2/v1.0/users/oid/onlineMeetings/createOrGet");
    assert_eq!(requests[0].headers()["authorization"], "Bearer token-1");
    let ids: Vec<_> = requests.iter().map(|request| request.headers()["client-request-id"].clone()).collect();
    assert_eq!(ids[0].len(), 36);
    assert_ne!(ids[0], ids[1]);
    assert!(!format!("{made:?}").contains("planted"));
}

#[tokio::test]
async fn throttling_is_waited_out_and_a_larger_wait_wins() {
    let busy = Step::reply(429).with_header("retry-after", "30");
    let (graph, transport, clock) = scripted(vec![busy, Step::json(201, &meeting())]);
    let meetings = graph.meetings_of(&user("oid"));
    let start = invitations_core::runtime::Clock::instant(&clock);
    driven(&clock, meetings.create(&key("a"), &lesson(), options())).await.unwrap();
    assert!((invitations_core::runtime::Clock::instant(&clock) - start).as_secs() >= 30);
    assert_eq!(transport.requests().len(), 2);
    assert_eq!(graph.counts().throttled, 1);
}

#[tokio::test]
async fn trap_27_a_mailbox_has_four_requests_at_a_time_however_it_is_opened_and_others_go_on() {
    let (graph, transport, _) = scripted((0..7).map(|_| Step::hangs()).collect());
    let (calendars, meetings) = (graph.calendars_of(&user("oid")), graph.calendar_meetings_of(&user("OID")));
    let id = EventId::parse("e").unwrap();
    let meeting = MeetingId::parse("e").unwrap();
    let at = primary();
    let mut all: Vec<_> = (0..3).map(|_| calendars.event(&at, &id).map(drop).boxed()).collect();
    all.extend((0..3).map(|_| meetings.read(&meeting).map(drop).boxed()));
    for one in &mut all {
        assert!(futures_util::poll!(one).is_pending());
    }
    assert_eq!(transport.requests().len(), 4);
    let other = graph.calendars_of(&user("another"));
    let mut other = other.event(&at, &id);
    assert!(futures_util::poll!(&mut other).is_pending());
    assert_eq!(transport.requests().len(), 5, "another mailbox has places of its own");
    // one hangs up, and the next has its place
    drop(all.remove(0));
    assert!(futures_util::poll!(&mut all[3]).is_pending());
    assert_eq!(transport.requests().len(), 6);
}

#[tokio::test]
async fn only_a_proof_that_nothing_happened_is_a_rejection() {
    for (step, expected) in [
        (Step::reply(400), "rejected"),
        (Step::reply(403), "rejected"),
        (Step::reply(404), "rejected"),
        (Step::reply(409), "duplicate"),
        (Step::reply(429), "rejected"),
        (Step::reply(503).with_header("retry-after", "1"), "rejected"),
        (Step::reply(500), "unclear"),
        (Step::reply(503), "unclear"),
        (Step::reply(504), "unclear"),
        (Step::fails(Sent::No), "rejected"),
        (Step::fails(Sent::Maybe), "unclear"),
        (Step::times_out(), "unclear"),
        (Step::reply(201).with_body("<html>"), "unclear"),
        (Step::reply(201).with_body("{\"id\":").cut_off(), "unclear"),
    ] {
        let said = format!("{step:?}");
        let (graph, transport, _) = scripted(vec![step]);
        let outcome = graph.calendars_of(&user("u")).write(&primary(), create(), once()).await.unwrap().pop();
        let name = match outcome.unwrap() {
            WriteOutcome::Rejected(_) => "rejected",
            WriteOutcome::Unclear(_) => "unclear",
            WriteOutcome::Duplicate => "duplicate",
            _ => "other",
        };
        assert_eq!(name, expected, "{said}");
        assert_eq!(transport.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_link_to_another_origin_gets_no_token() {
    let page = json!({ "value": [], "@odata.nextLink": "https://evil.example/v1.0/me/events?$skip=1" });
    let (graph, transport, _) = scripted(vec![Step::json(200, &page), Step::json(200, &page)]);
    let calendars = graph.calendars_of(&user("u"));
    let error = calendars.events(&primary(), slot().range(), None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    let error = calendars.find_by_marker(&primary(), &marker("a")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    let forged = invitations_core::ids::PageToken::parse("https://evil.example/v1.0/x").unwrap();
    assert!(calendars.events(&primary(), slot().range(), Some(&forged)).await.is_err());
    assert_eq!(transport.requests().len(), 2);
}

#[tokio::test]
async fn a_listing_in_circles_ends() {
    let page = json!({ "value": [], "@odata.nextLink": "http://127.0.0.1:2/v1.0/me/events?$skip=1" });
    let (graph, _, _) = scripted((0..3).map(|_| Step::json(200, &page)).collect());
    let error = graph.calendars_of(&user("u")).find_by_marker(&primary(), &marker("a")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn a_second_401_is_final_and_named() {
    let refusal = json!({ "error": { "code": "InvalidAuthenticationToken", "message": "planted" } });
    let (graph, _, _) = scripted(vec![Step::json(401, &refusal)]);
    let error = graph.meetings_of(&user("oid")).create(&key("a"), &lesson(), options()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unauthenticated, RetryClass::Never));
    assert_eq!(error.detail(), Some("Graph answered 401 InvalidAuthenticationToken"));
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("planted") && !shown.contains("token-1"), "{shown}");
}

#[tokio::test]
async fn a_time_limit_covers_all_steps() {
    let (graph, transport, clock) = scripted(vec![Step::json(201, &meeting())]);
    let draft = lesson().with_settings(invitations_core::provider::MeetingSettings::open_room());
    let limited = once().with_timeout(std::time::Duration::from_secs(5));
    let error = driven(&clock, graph.meetings_of(&user("oid")).create(&key("a"), &draft, limited)).await.unwrap_err();
    // the script had no second answer: not sent, but the meeting is there
    assert!(matches!(error.retry(), RetryClass::Unclear { .. }), "{error}");
    assert!(transport.timeouts().iter().all(|limit| limit.as_secs() <= 5));
}

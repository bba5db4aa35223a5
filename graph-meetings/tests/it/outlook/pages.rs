use invitations_core::{
    ErrorKind,
    ids::{EventId, PageToken},
    time::TimeRange,
};
use meetings_http::Step;
use serde_json::json;

use super::organizers;
use crate::support::{marker, options, outlook_event, primary, sandbox, scripted, user, utc};

fn july() -> TimeRange {
    TimeRange::new(utc("2026-07-01T00:00:00Z"), utc("2026-08-01T00:00:00Z"))
}

#[tokio::test]
async fn a_listing_goes_on_until_there_is_no_next_page() {
    let sandbox = sandbox().await;
    let events = organizers(&sandbox);
    for n in 0..60 {
        events.create(&marker(&format!("lesson-{n}")), &outlook_event(), options()).await.unwrap();
    }
    for view in [false, true] {
        let (mut page, mut found, mut pages) = (None, 0, 0);
        loop {
            let read = match view {
                true => events.view(july(), page.as_ref()).await.unwrap(),
                false => events.list(page.as_ref()).await.unwrap(),
            };
            (found, pages) = (found + read.items.len(), pages + 1);
            assert!(read.items.iter().all(|event| event.marker.is_some()));
            let Some(next) = read.next else { break };
            page = Some(next);
        }
        assert_eq!((found, pages), (60, 2), "view: {view}");
    }
}

#[tokio::test]
async fn links_lead_to_the_origin_only_and_carry_the_preferences_again() {
    let elsewhere = json!({ "value": [], "@odata.nextLink": "https://evil.example/v1.0/me/events?$skip=1" });
    let (graph, transport, _) = scripted(vec![Step::json(200, &elsewhere), Step::json(200, &elsewhere)]);
    let calendars = graph.calendars_of(&user("u"));
    let events = calendars.events_in(&primary());
    assert_eq!(events.list(None).await.unwrap_err().kind(), ErrorKind::Protocol);
    assert_eq!(calendars.calendars(None).await.unwrap_err().kind(), ErrorKind::Protocol);
    let forged = PageToken::parse("https://evil.example/v1.0/x").unwrap();
    assert!(events.list(Some(&forged)).await.is_err());
    assert!(events.view(july(), Some(&forged)).await.is_err());
    assert!(calendars.calendars(Some(&forged)).await.is_err());
    assert_eq!(transport.requests().len(), 2);

    let first = json!({ "value": [], "@odata.nextLink": "http://127.0.0.1:2/v1.0/users/u/calendar/events?$skip=50" });
    let (graph, transport, _) = scripted(vec![Step::json(200, &first), Step::json(200, &json!({ "value": [] }))]);
    let events = graph.calendars_of(&user("u")).events_in(&primary());
    let page = events.list(None).await.unwrap();
    assert!(page.items.is_empty(), "a page may be empty although there is a next one");
    assert_eq!(events.list(page.next.as_ref()).await.unwrap().next, None);
    for request in transport.requests() {
        let prefer = request.headers()["prefer"].to_str().unwrap().to_owned();
        assert!(prefer.contains(r#"IdType="ImmutableId""#) && prefer.contains(r#"outlook.timezone="UTC""#), "{prefer}");
    }
}

/// A place goes through a browser, and on the same origin stands everything else that the token may read.
#[tokio::test]
async fn a_forged_place_reads_nothing() {
    use invitations_core::provider::{CalendarProvider as _, MeetingProvider as _};
    const VIEWS: &[&str] = &["view", "events", "meetings"];
    let series = EventId::parse("AAMk=").unwrap();
    for (path, good) in [
        ("/v1.0/users/u/calendar/calendarView?$skip=50", VIEWS),
        ("/v1.0/users/u/calendar/calendarview?$skiptoken=x", VIEWS),
        ("/v1.0/users/u/calendar/events?$skip=50", &["list"]),
        ("/v1.0/users/u/events/AAMk%3D/instances?$skip=50", &["instances"]),
        ("/v1.0/users/u/events/AAMk=/instances?$skip=50", &["instances"]),
        ("/v1.0/users/u/calendars?$skip=100", &["calendars"]),
        ("/v1.0/users/v/calendar/calendarView?$skip=50", &[]),
        ("/v1.0/users/v/calendars?$skip=100", &[]),
        ("/v1.0/users/u/calendars/AAMk/calendarView", &[]),
        ("/v1.0/users/u/events/AAmk%3D/instances", &[]),
        ("/v1.0/users/u/messages", &[]),
        ("/v1.0/users/u/calendar/calendarView/../../messages", &[]),
        ("/v1.0/users/u/calendar/calendarView/%2e%2e/%2e%2e/messages", &[]),
        ("/v1.0/users", &[]),
        ("/beta/users/u/calendar/calendarView", &[]),
    ] {
        let (graph, transport, _) = scripted((0..9).map(|_| Step::json(200, &json!({ "value": [] }))).collect());
        let calendars = graph.calendars_of(&user("u"));
        let (events, meetings) = (calendars.events_in(&primary()), graph.calendar_meetings_of(&user("u")));
        let place = PageToken::parse(format!("http://127.0.0.1:2{path}")).unwrap();
        let at = Some(&place);
        for (what, listed) in [
            ("list", events.list(at).await.map(drop)),
            ("view", events.view(july(), at).await.map(drop)),
            ("instances", events.instances(&series, july(), at).await.map(drop)),
            ("calendars", calendars.calendars(at).await.map(drop)),
            ("events", calendars.events(&primary(), july(), at).await.map(drop)),
            ("meetings", meetings.list(july(), at).await.map(drop)),
        ] {
            let error = match listed {
                Ok(()) if good.contains(&what) => continue,
                listed => listed.expect_err(what),
            };
            assert!(!good.contains(&what), "{what} {path}: {error:?}");
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{what} {path}: {error:?}");
            assert!(error.remedy().is_some(), "{what} {path}");
        }
        assert_eq!(transport.requests().len(), good.len(), "{path}");
    }
}

/// What would be refused when it comes back is not handed out.
#[tokio::test]
async fn bad_070_a_page_that_leads_to_another_mailbox_is_refused() {
    for path in ["/v1.0/users/v/calendar/events?$skip=50", "/v1.0/users/u/messages"] {
        let page = json!({ "value": [], "@odata.nextLink": format!("http://127.0.0.1:2{path}") });
        let (graph, _, _) = scripted(vec![Step::json(200, &page), Step::json(200, &page)]);
        let calendars = graph.calendars_of(&user("u"));
        for error in [
            calendars.events_in(&primary()).list(None).await.unwrap_err(),
            invitations_core::provider::CalendarProvider::events(&calendars, &primary(), july(), None)
                .await
                .unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Protocol, "{path}");
        }
    }
}

#[tokio::test]
async fn trap_20_a_window_is_said_in_utc() {
    let (graph, transport, _) = scripted((0..2).map(|_| Step::json(200, &json!({ "value": [] }))).collect());
    let events = graph.calendars_of(&user("u")).events_in(&primary());
    events.view(july(), None).await.unwrap();
    events.instances(&EventId::parse("AAMk==").unwrap(), july(), None).await.unwrap();
    for request in transport.requests() {
        let query = request.uri().query().unwrap().to_owned();
        assert!(
            query.contains("startDateTime=2026-07-01T00%3A00%3A00Z&endDateTime=2026-08-01T00%3A00%3A00Z"),
            "{query}"
        );
    }
}

#[tokio::test]
async fn trap_21_every_call_asks_for_immutable_ids_and_encodes_them() {
    let event = json!({ "id": "AAMk=/+=", "@odata.etag": "W/\"1\"", "subject": "Lesson" });
    let replies = (0..5).map(|n| if n < 3 { Step::json(200, &event) } else { Step::reply(202) });
    let (graph, transport, _) = scripted(replies.collect());
    let events = graph.calendars_of(&user("u")).events_in(&primary());
    let id = EventId::parse("AAMk=/+=").unwrap();
    events.read(&id).await.unwrap();
    let patch = graph_meetings::outlook::EventPatch::new().with_subject("New");
    events.patch(&id, &patch, options()).await.unwrap();
    events.delete(&id, options()).await.unwrap();
    events.cancel(&id, "", options()).await.unwrap();
    events.accept(&id, &graph_meetings::outlook::Answer::new(), options()).await.unwrap();
    let requests = transport.requests();
    assert_eq!(requests.len(), 5);
    for request in requests {
        assert!(request.headers()["prefer"].to_str().unwrap().contains(r#"IdType="ImmutableId""#), "{}", request.uri());
        assert!(request.uri().path().contains("/events/AAMk%3D%2F%2B%3D"), "{}", request.uri());
    }
}

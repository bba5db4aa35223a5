use invitations_core::{
    ErrorKind,
    ids::{Etag, EventId},
    provider::{CalendarEvent, CalendarProvider as _, CalendarProviderExt as _, EventDraft, EventWrite, WriteOutcome},
    time::{EventTime, TimeRange},
};
use meetings_sandbox::{Fault, MicrosoftUser, defaults::ORGANIZER};
use serde_json::json;

use crate::support::{
    ADA, attendee, event, fault, graph, listed, marker, once, options, primary, sandbox, seen, slot, user, utc,
};

fn create(key: &str, draft: EventDraft) -> Vec<EventWrite> {
    vec![EventWrite::Create { key: marker(key), draft: Box::new(draft) }]
}

fn update(id: &EventId, if_match: Option<&Etag>, draft: EventDraft) -> Vec<EventWrite> {
    vec![EventWrite::Update { id: id.clone(), if_match: if_match.cloned(), draft: Box::new(draft) }]
}

fn delete(id: &EventId, if_match: Option<&Etag>) -> Vec<EventWrite> {
    vec![EventWrite::Delete { id: id.clone(), if_match: if_match.cloned() }]
}

fn applied(mut outcomes: Vec<WriteOutcome>) -> CalendarEvent {
    match outcomes.pop() {
        Some(WriteOutcome::Applied(event)) => *event,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_event_lives_and_dies() {
    let sandbox = sandbox().await;
    let calendars = graph(&sandbox).calendars_of(&user(ORGANIZER));
    let draft = event().with_body("Bring a pen").with_location("Room 1").with_attendee(attendee(ADA));
    let made = applied(calendars.write(&primary(), create("lesson-42", draft.clone()), options()).await.unwrap());
    let again = applied(calendars.write(&primary(), create("lesson-42", draft), options()).await.unwrap());
    assert_eq!(made.id, again.id);
    assert_eq!(sandbox.mails().len(), 1);
    let read = calendars.event(&primary(), &made.id).await.unwrap();
    assert_eq!(read.content.marker, Some(marker("lesson-42")));
    assert_eq!(read.content.body.as_deref(), Some("Bring a pen"));
    assert_eq!(read.content.location.as_deref(), Some("Room 1"));
    assert_eq!(read.content.attendees, made.content.attendees);
    assert_eq!(read.content.time.range(), slot().range());
    assert_eq!(read.etag, made.etag);

    // an update that lists nobody removes nobody
    let moved =
        applied(calendars.write(&primary(), update(&made.id, made.etag.as_ref(), event()), options()).await.unwrap());
    assert_ne!(moved.etag, made.etag);
    assert_eq!((moved.content.attendees.len(), moved.content.location, moved.content.body), (1, None, None));
    let stale = calendars.write(&primary(), update(&made.id, made.etag.as_ref(), event()), options()).await.unwrap();
    assert!(matches!(stale[..], [WriteOutcome::Precondition]), "{stale:?}");
    let stale = calendars.write(&primary(), delete(&made.id, made.etag.as_ref()), options()).await.unwrap();
    assert!(matches!(stale[..], [WriteOutcome::Precondition]), "{stale:?}");
    let gone = calendars.write(&primary(), delete(&made.id, moved.etag.as_ref()), options()).await.unwrap();
    assert!(matches!(gone[..], [WriteOutcome::Deleted]), "{gone:?}");
    for writes in [delete(&made.id, None), update(&made.id, None, event())] {
        let missing = calendars.write(&primary(), writes, options()).await.unwrap();
        assert!(matches!(missing[..], [WriteOutcome::Missing]), "{missing:?}");
    }
    assert_eq!(calendars.event(&primary(), &made.id).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(calendars.find_by_marker(&primary(), &marker("lesson-42")).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_event_is_found_by_its_marker() {
    let sandbox = sandbox().await;
    let calendars = graph(&sandbox).calendars_of(&user(ORGANIZER));
    for key in ["lesson-1", "lesson-2"] {
        calendars.write(&primary(), create(key, event()), options()).await.unwrap();
    }
    let found = calendars.find_by_marker(&primary(), &marker("lesson-2")).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].content.marker, Some(marker("lesson-2")));
    assert!(calendars.find_by_marker(&primary(), &marker("lesson-3")).await.unwrap().is_empty());
}

#[tokio::test]
async fn trap_12_a_meeting_that_was_left_out_is_no_join_link() {
    let sandbox = sandbox().await;
    sandbox.add_microsoft_user(&MicrosoftUser::new("plain@contoso.example").without_calendar_teams());
    let graph = graph(&sandbox);
    for (mailbox, has_link) in [(ORGANIZER, true), ("plain@contoso.example", false)] {
        let calendars = graph.calendars_of(&user(mailbox));
        let made = calendars.write(&primary(), create("a", event().with_online_meeting()), options()).await.unwrap();
        assert_eq!(applied(made).join_url.is_some(), has_link, "{mailbox}");
    }
}

#[tokio::test]
async fn trap_10_a_new_text_keeps_the_online_meeting() {
    let sandbox = sandbox().await;
    let calendars = graph(&sandbox).calendars_of(&user(ORGANIZER));
    let draft = event().with_online_meeting().with_body("Old");
    let made = applied(calendars.write(&primary(), create("a", draft), options()).await.unwrap());
    let draft = event().with_online_meeting().with_body("New <text> & more");
    let changed = applied(calendars.write(&primary(), update(&made.id, None, draft), options()).await.unwrap());
    assert_eq!(changed.join_url.unwrap().expose(), made.join_url.unwrap().expose());
    assert_eq!(changed.content.body.as_deref(), Some("New <text> & more"));
    assert_eq!(listed(&sandbox, "meetings").len(), 1);
}

#[tokio::test]
async fn a_window_is_read_to_its_end() {
    let sandbox = sandbox().await;
    let calendars = graph(&sandbox).calendars_of(&user(ORGANIZER));
    for n in 0..70 {
        let outcome = calendars.write(&primary(), create(&format!("lesson-{n}"), event()), options()).await.unwrap();
        applied(outcome);
    }
    let within = TimeRange::new(utc("2026-07-01T00:00:00Z"), utc("2026-08-01T00:00:00Z"));
    let all = calendars.complete(&primary(), within).await.unwrap();
    assert_eq!(all.items().len(), 70);
    assert!(all.items().iter().all(|event| event.content.marker.is_some()));
    assert!(seen(&sandbox, "graph.calendarView.list") >= 2);
    let before = TimeRange::new(utc("2026-06-01T00:00:00Z"), utc("2026-07-01T00:00:00Z"));
    assert!(calendars.complete(&primary(), before).await.unwrap().items().is_empty());
}

#[tokio::test]
async fn a_lost_create_is_one_event() {
    for lost in [Fault::LostReply, Fault::StatusAfter { status: 502, retry_after: None }] {
        let sandbox = sandbox().await;
        let calendars = graph(&sandbox).calendars_of(&user(ORGANIZER));
        fault(&sandbox, "graph.events.create", lost.clone());
        let outcome = calendars.write(&primary(), create("a", event()), once()).await.unwrap();
        assert!(matches!(outcome[..], [WriteOutcome::Unclear(_)]), "{lost:?} {outcome:?}");
        assert_eq!(calendars.find_by_marker(&primary(), &marker("a")).await.unwrap().len(), 1, "{lost:?}");
        applied(calendars.write(&primary(), create("a", event()), once()).await.unwrap());
        fault(&sandbox, "graph.events.create", lost);
        applied(calendars.write(&primary(), create("b", event()), options()).await.unwrap());
        assert_eq!(listed(&sandbox, "events").len(), 2);
    }
}

#[tokio::test]
async fn an_update_that_came_through_unseen_is_unclear_and_not_a_precondition() {
    let sandbox = sandbox().await;
    let calendars = graph(&sandbox).calendars_of(&user(ORGANIZER));
    let made = applied(calendars.write(&primary(), create("a", event()), options()).await.unwrap());
    fault(&sandbox, "graph.events.update", Fault::LostReply);
    let writes = update(&made.id, made.etag.as_ref(), event().with_location("Room 2"));
    let outcome = calendars.write(&primary(), writes, options()).await.unwrap();
    assert!(matches!(outcome[..], [WriteOutcome::Unclear(_)]), "{outcome:?}");
    assert_eq!(seen(&sandbox, "graph.events.update"), 1);
    assert_eq!(calendars.event(&primary(), &made.id).await.unwrap().content.location.as_deref(), Some("Room 2"));
}

#[tokio::test]
async fn trap_18_whole_days_come_back_as_dates() {
    let sandbox = sandbox().await;
    let calendars = graph(&sandbox).calendars_of(&user(ORGANIZER));
    let mut draft = event();
    draft.time = EventTime::AllDay { from: "2026-07-15".parse().unwrap(), days: 2 };
    let made = applied(calendars.write(&primary(), create("a", draft.clone()), options()).await.unwrap());
    assert_eq!(made.content.time, draft.time);
    assert_eq!(calendars.event(&primary(), &made.id).await.unwrap().content.time, draft.time);
}

#[tokio::test]
async fn a_named_calendar_is_its_own() {
    let sandbox = sandbox().await;
    let graph = graph(&sandbox);
    let request = http::Request::post(format!("/v1.0/users/{ORGANIZER}/calendars"))
        .header("content-type", "application/json")
        .body(bytes::Bytes::from(json!({ "name": "Lessons" }).to_string()))
        .unwrap();
    let made: serde_json::Value = serde_json::from_slice(graph.send(request).await.unwrap().body()).unwrap();
    let lessons = invitations_core::ids::CalendarId::parse(made["id"].as_str().unwrap()).unwrap();
    let calendars = graph.calendars_of(&user(ORGANIZER));
    applied(calendars.write(&lessons, create("a", event()), options()).await.unwrap());
    assert_eq!(calendars.find_by_marker(&lessons, &marker("a")).await.unwrap().len(), 1);
    assert_eq!(listed(&sandbox, "events")[0]["calendar"], lessons.as_str());
}

//! The key of a create: `transactionId` and marker (trap 8).

use graph_meetings::outlook::incarnation;
use invitations_core::{
    ErrorKind, RetryClass,
    provider::{CalendarProvider as _, CalendarProviderExt as _, EventWrite, WriteOutcome},
};
use meetings_http::Step;
use meetings_sandbox::defaults::ORGANIZER;
use serde_json::{Value, json};

use super::{mails, organizers, required};
use crate::support::{
    ADA, control, driven, event, graph, listed, marker, once, options, outlook_event, primary, sandbox, scripted, seen,
    user,
};

#[tokio::test]
async fn trap_08_the_same_key_is_one_event_however_graph_says_so() {
    for conflict in [false, true] {
        let sandbox = sandbox().await;
        control(&sandbox, "graph", json!({ "duplicate_transaction_ids_conflict": conflict })).await;
        let events = organizers(&sandbox);
        let draft = outlook_event().with_attendee(required(ADA));
        let first = events.create(&marker("a"), &draft, options()).await.unwrap().event;
        for limits in [options(), once()] {
            let mut other = draft.clone();
            other.subject = "Something else".to_owned();
            let again = events.create(&marker("a"), &other, limits).await.unwrap().event;
            assert_eq!((again.id, again.subject), (first.id.clone(), "Lesson".to_owned()));
            assert_eq!(again.marker, Some(marker("a")));
        }
        assert_eq!(listed(&sandbox, "events").len(), 1);
        assert_eq!(mails(&sandbox), [format!("invitation {ADA}")]);
    }
}

#[tokio::test]
async fn trap_08_the_contract_finds_the_event_of_a_used_key_and_tells_who_keeps_books() {
    let sandbox = sandbox().await;
    control(&sandbox, "graph", json!({ "duplicate_transaction_ids_conflict": true })).await;
    let calendars = graph(&sandbox).calendars_of(&user(ORGANIZER));
    let made = calendars.create_event(&primary(), &marker("a"), event(), options()).await.unwrap();
    let again = calendars.create_event(&primary(), &marker("a"), event(), options()).await.unwrap();
    assert_eq!(again.id, made.id);
    let write = EventWrite::Create { key: marker("a"), draft: Box::new(event()) };
    let outcome = calendars.write(&primary(), vec![write], once()).await.unwrap();
    assert!(matches!(outcome[..], [WriteOutcome::Duplicate]), "{outcome:?}");
}

#[tokio::test]
async fn trap_08_the_key_of_a_deleted_event_is_remembered_and_needs_a_new_incarnation() {
    let sandbox = sandbox().await;
    control(&sandbox, "graph", json!({ "deleted_transaction_ids_remembered": true })).await;
    let (events, key) = (organizers(&sandbox), marker("lesson-42"));
    let made = events.create(&key, &outlook_event(), options()).await.unwrap().event;
    events.delete(&made.id, options()).await.unwrap();
    let error = events.create(&key, &outlook_event(), options()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::AlreadyExists, RetryClass::Never));
    assert!(error.remedy().unwrap().action.contains("incarnation"), "{error}");
    let next = incarnation(&key, 1).unwrap();
    let anew = events.create(&next, &outlook_event(), options()).await.unwrap().event;
    assert_ne!(anew.id, made.id);
    assert_eq!(events.find(&next).await.unwrap().len(), 1);
    // and by the contract
    let calendars = graph(&sandbox).calendars_of(&user(ORGANIZER));
    let error = calendars.create_event(&primary(), &key, event(), options()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
}

fn made(id: &str) -> Value {
    json!({ "id": id, "@odata.etag": "W/\"1\"", "subject": "Lesson" })
}

fn conflict(code: &str) -> Step {
    Step::json(409, &json!({ "error": { "code": code, "message": "planted" } }))
}

#[tokio::test]
async fn trap_08_any_409_is_looked_up_before_it_is_sent_again() {
    for code in ["ErrorDuplicateTransactionId", "ConcurrentItemSave", "SomethingNew"] {
        let found = Step::json(200, &json!({ "value": [made("there")] }));
        let (graph, transport, _) = scripted(vec![conflict(code), found]);
        let events = graph.calendars_of(&user("u")).events_in(&primary());
        let event = events.create(&marker("a"), &outlook_event(), options()).await.unwrap().event;
        assert_eq!((event.id.as_str(), transport.requests().len()), ("there", 2), "{code}");
    }
}

#[tokio::test]
async fn a_create_that_raced_is_sent_again_with_its_key_and_not_for_ever() {
    let none = || Step::json(200, &json!({ "value": [] }));
    let (graph, transport, clock) =
        scripted(vec![conflict("ConcurrentItemSave"), none(), Step::json(201, &made("new"))]);
    let events = graph.calendars_of(&user("u")).events_in(&primary());
    let event = driven(&clock, Box::pin(events.create(&marker("a"), &outlook_event(), options()))).await.unwrap().event;
    assert_eq!(event.id.as_str(), "new");
    let requests = transport.requests();
    assert_eq!(requests[0].body(), requests[2].body());
    assert!(String::from_utf8_lossy(requests[2].body()).contains("\"transactionId\":\"a\""));

    let steps = (0..20).flat_map(|_| [conflict("ConcurrentItemSave"), none()]).collect();
    let (graph, transport, clock) = scripted(steps);
    let events = graph.calendars_of(&user("u")).events_in(&primary());
    let error = driven(&clock, Box::pin(events.create(&marker("a"), &outlook_event(), options()))).await.unwrap_err();
    assert_eq!((error.kind(), transport.requests().len()), (ErrorKind::Conflict, 8));

    let (graph, transport, _) = scripted(vec![conflict("ConcurrentItemSave"), none()]);
    let events = graph.calendars_of(&user("u")).events_in(&primary());
    let error = events.create(&marker("a"), &outlook_event(), once()).await.unwrap_err();
    assert!(matches!(error.retry(), RetryClass::Safe { .. }), "{error}");
    assert_eq!(transport.requests().len(), 2, "one write");
}

#[tokio::test]
async fn trap_23_the_answer_to_a_create_has_no_marker_and_still_it_is_known() {
    let sandbox = sandbox().await;
    let events = organizers(&sandbox);
    let made = events.create(&marker("a"), &outlook_event(), options()).await.unwrap().event;
    assert_eq!(made.marker, Some(marker("a")));
    assert_eq!(seen(&sandbox, "graph.events.get"), 0);
    assert_eq!(made.transaction_id.as_deref(), Some("a"));
}

use std::collections::BTreeSet;

use futures_util::future::join_all;
use invitations_core::{
    ErrorKind, RetryClass,
    provider::{
        AttendeeChange, AttendeeList as _, CalendarProviderExt as _, Gathering, MeetingProvider as _, WriteOptions,
    },
};
use meetings_http::Step;
use meetings_sandbox::{Fault, Sandbox, defaults::ORGANIZER};
use serde_json::{Value, json};

use crate::support::{
    ADA, attendee, control, driven, event, fault, graph, key, lesson, listed, marker, once, options, primary, sandbox,
    scripted, seen, user,
};

async fn gathering(sandbox: &Sandbox) -> Gathering {
    let calendars = graph(sandbox).calendars_of(&user(ORGANIZER));
    let made = calendars.create_event(&primary(), &marker("a"), event(), WriteOptions::new()).await.unwrap();
    Gathering::Event { calendar: primary(), event: made.id }
}

fn addresses(sandbox: &Sandbox) -> BTreeSet<String> {
    let list = listed(sandbox, "events")[0]["attendees"].as_array().cloned().unwrap();
    list.iter().map(|address| address.as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_at_once_through_two_clients_lose_nobody() {
    let sandbox = sandbox().await;
    control(&sandbox, "graph", json!({ "mailbox_concurrency": 100 })).await;
    let at = gathering(&sandbox).await;
    let clients = [graph(&sandbox), graph(&sandbox)];
    let adds = (0..20).map(|n| {
        let (list, at) = (clients[n % 2].attendees_of(&user(ORGANIZER)), at.clone());
        async move { list.add(&at, &attendee(&format!("guest{n}@fabrikam.example")), options()).await }
    });
    for added in join_all(adds).await {
        assert_eq!(added.unwrap(), AttendeeChange::Added);
    }
    let expected: BTreeSet<String> = (0..20).map(|n| format!("guest{n}@fabrikam.example")).collect();
    assert_eq!(addresses(&sandbox), expected);
    assert_eq!(sandbox.mails().len(), 20, "one mail each: nobody was removed in between or mailed twice");
}

#[tokio::test]
async fn adding_and_removing_can_be_replayed() {
    let sandbox = sandbox().await;
    let at = gathering(&sandbox).await;
    let list = graph(&sandbox).attendees_of(&user(ORGANIZER));
    let ada = attendee(ADA);
    assert_eq!(list.add(&at, &ada, options()).await.unwrap(), AttendeeChange::Added);
    assert_eq!(list.add(&at, &attendee("ADA@Contoso.example"), options()).await.unwrap(), AttendeeChange::AlreadyThere);
    assert_eq!(list.add(&at, &attendee("bert@contoso.example"), options()).await.unwrap(), AttendeeChange::Added);
    assert_eq!(list.remove(&at, &ada, options()).await.unwrap(), AttendeeChange::Removed);
    assert_eq!(list.remove(&at, &ada, options()).await.unwrap(), AttendeeChange::NotThere);
    let left = list.attendees(&at).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].email.canonical(), "bert@contoso.example");
}

#[tokio::test]
async fn a_write_that_came_through_unseen_counts_as_ours() {
    for lost in [Fault::LostReply, Fault::StatusAfter { status: 500, retry_after: None }] {
        let sandbox = sandbox().await;
        let at = gathering(&sandbox).await;
        let list = graph(&sandbox).attendees_of(&user(ORGANIZER));
        fault(&sandbox, "graph.events.update", lost.clone());
        assert_eq!(list.add(&at, &attendee(ADA), options()).await.unwrap(), AttendeeChange::Added, "{lost:?}");
        assert_eq!(seen(&sandbox, "graph.events.update"), 1, "{lost:?}");
        assert_eq!(sandbox.mails().len(), 1);
        fault(&sandbox, "graph.events.update", lost);
        let error = list.remove(&at, &attendee(ADA), once()).await.unwrap_err();
        assert!(matches!(error.retry(), RetryClass::Unclear { .. }), "{error}");
        assert_eq!(list.remove(&at, &attendee(ADA), once()).await.unwrap(), AttendeeChange::NotThere);
    }
}

#[tokio::test]
async fn online_meetings_have_no_versions_so_their_list_is_only_read() {
    let sandbox = sandbox().await;
    let graph = graph(&sandbox);
    let draft = lesson().with_attendee(attendee(ADA));
    let made = graph.meetings_of(&user(ORGANIZER)).create(&key("a"), &draft, options()).await.unwrap();
    let list = graph.attendees_of(&user(ORGANIZER));
    let at = Gathering::Meeting(made.id);
    assert_eq!(list.attendees(&at).await.unwrap().len(), 1);
    let error = list.add(&at, &attendee(ADA), options()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.remedy().is_some());
}

#[tokio::test]
async fn a_missing_event_is_not_found() {
    let sandbox = sandbox().await;
    let list = graph(&sandbox).attendees_of(&user(ORGANIZER));
    let at = Gathering::Event { calendar: primary(), event: invitations_core::ids::EventId::parse("AAMk==").unwrap() };
    assert_eq!(list.add(&at, &attendee(ADA), options()).await.unwrap_err().kind(), ErrorKind::NotFound);
}

fn version(n: u32, people: &[&str]) -> Step {
    let people: Vec<Value> =
        people.iter().map(|address| json!({ "type": "required", "emailAddress": { "address": address } })).collect();
    Step::json(200, &json!({ "@odata.etag": format!("W/\"{n}\""), "id": "e", "attendees": people }))
}

fn at() -> Gathering {
    Gathering::Event { calendar: primary(), event: invitations_core::ids::EventId::parse("e").unwrap() }
}

#[tokio::test]
async fn a_full_list_takes_nobody_and_lets_anybody_go() {
    let full: Vec<String> = (0..500).map(|n| format!("guest{n}@contoso.example")).collect();
    let full: Vec<&str> = full.iter().map(String::as_str).collect();
    let (graph, transport, _) = scripted(vec![version(1, &full), version(1, &full), version(2, &[])]);
    let list = graph.attendees_of(&user("oid"));
    let error = list.add(&at(), &attendee(ADA), options()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.detail().unwrap().contains("500") && error.remedy().is_some(), "{error}");
    assert!(transport.requests().iter().all(|request| request.method() == http::Method::GET));
    let gone = attendee("guest7@contoso.example");
    assert_eq!(list.remove(&at(), &gone, options()).await.unwrap(), AttendeeChange::Removed);
}

#[tokio::test]
async fn another_writers_version_is_read_again_and_kept() {
    let (graph, transport, clock) = scripted(vec![
        version(1, &["one@contoso.example"]),
        Step::reply(412),
        version(2, &["one@contoso.example", "two@contoso.example"]),
        version(3, &[]),
    ]);
    let list = graph.attendees_of(&user("u"));
    let added = driven(&clock, list.add(&at(), &attendee(ADA), once())).await.unwrap();
    assert_eq!(added, AttendeeChange::Added);
    let requests = transport.requests();
    assert_eq!(requests.len(), 4);
    assert_eq!(requests[1].headers()["if-match"], "W/\"1\"");
    assert_eq!(requests[3].headers()["if-match"], "W/\"2\"");
    let sent: Value = serde_json::from_slice(requests[3].body()).unwrap();
    let sent: Vec<&str> =
        sent["attendees"].as_array().unwrap().iter().map(|a| a["emailAddress"]["address"].as_str().unwrap()).collect();
    assert_eq!(sent, ["one@contoso.example", "two@contoso.example", ADA]);
}

#[tokio::test]
async fn a_save_that_raced_is_begun_again_like_another_version() {
    for (status, code) in [(409, "ConcurrentItemSave"), (412, "ErrorIrresolvableConflict"), (409, "")] {
        let conflict = Step::json(status, &json!({ "error": { "code": code, "message": "" } }));
        let (graph, transport, clock) = scripted(vec![version(1, &[]), conflict, version(2, &[]), version(3, &[])]);
        let list = graph.attendees_of(&user("u"));
        let added = driven(&clock, list.add(&at(), &attendee(ADA), once())).await.unwrap();
        assert_eq!((added, transport.requests().len()), (AttendeeChange::Added, 4), "{status} {code}");
    }
}

/// An event knows addresses and no directory objects: the same guest with and without an object id is one attendee.
#[tokio::test]
async fn a_guest_is_an_attendee_by_address() {
    let sandbox = sandbox().await;
    let at = gathering(&sandbox).await;
    let list = graph(&sandbox).attendees_of(&user(ORGANIZER));
    let mut guest = attendee("bert@fabrikam.example");
    guest.guest = Some(invitations_core::ids::GuestId::parse("6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0").unwrap());
    assert_eq!(list.add(&at, &guest, options()).await.unwrap(), AttendeeChange::Added);
    assert_eq!(
        list.add(&at, &attendee("Bert@fabrikam.example"), options()).await.unwrap(),
        AttendeeChange::AlreadyThere
    );
    assert_eq!(addresses(&sandbox), BTreeSet::from(["bert@fabrikam.example".to_owned()]));
    assert_eq!(list.remove(&at, &guest, options()).await.unwrap(), AttendeeChange::Removed);
}

#[tokio::test]
async fn a_call_gives_up_when_others_keep_winning() {
    let steps = (0..40).flat_map(|n| [version(n, &[]), Step::reply(412)]).collect();
    let (graph, transport, clock) = scripted(steps);
    let list = graph.attendees_of(&user("u"));
    let error = driven(&clock, list.add(&at(), &attendee(ADA), options())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(matches!(error.retry(), RetryClass::Safe { .. }));
    assert_eq!(transport.requests().len(), 32);
}

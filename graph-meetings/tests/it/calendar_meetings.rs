//! Teams meetings that are events: made in steps, of which none is left half done.

use graph_meetings::{
    CalendarMeetings, Graph, MeetingForm,
    teams::{LobbyScope, MeetingOptions, MeetingRole},
};
use invitations_core::{
    ErrorKind, RetryClass,
    ids::TenantId,
    people::AttendeeRole,
    provider::{
        Account, AttendeeChange, AttendeeList, Gathering, Idempotency, Lobby, MeetingDraft, MeetingPatch,
        MeetingProvider, Open as _,
    },
};
use meetings_http::Step;
use meetings_sandbox::{Fault, MicrosoftUser, Sandbox, defaults::ORGANIZER};
use serde_json::{Value, json};

use crate::support::{
    ADA, attendee, bare_sandbox, builder, control, driven, fault, graph, key, lesson, listed, once, options, sandbox,
    scripted, seen, slot, user,
};

fn meetings(sandbox: &Sandbox) -> CalendarMeetings {
    graph(sandbox).calendar_meetings_of(&user(ORGANIZER))
}

/// Somebody is invited, and has to wait for nobody.
fn invited() -> MeetingDraft {
    lesson().with_attendee(attendee(ADA)).with_lobby(Lobby::Open).with_provider_mails()
}

fn live(sandbox: &Sandbox) -> Vec<Value> {
    listed(sandbox, "events").into_iter().filter(|event| event["isDeleted"] == false).collect()
}

fn mails(sandbox: &Sandbox) -> Vec<(String, String)> {
    sandbox.mails().into_iter().map(|mail| (mail.kind, mail.to)).collect()
}

fn invitation() -> (String, String) {
    ("invitation".to_owned(), ADA.to_owned())
}

#[tokio::test]
async fn attendees_are_invited_once_to_a_meeting_with_its_settings() {
    let sandbox = sandbox().await;
    let meetings = meetings(&sandbox);
    let made = meetings.create(&key("lesson-42"), &invited(), options()).await.unwrap();
    assert_eq!(mails(&sandbox), [invitation()]);
    assert_eq!(sandbox.mails()[0].link.as_deref(), Some(made.join_url.expose().as_str()));
    assert_eq!(made.key.as_ref(), Some(&key("lesson-42")));
    assert_eq!(made.slot.as_ref().unwrap().range(), slot().range());
    let behind = meetings.details(&made.id).await.unwrap();
    assert_eq!(behind.options.lobby, Some(LobbyScope::Everyone));
    let steps: Vec<_> = sandbox.journal().into_iter().map(|call| call.operation).collect();
    let order = [
        "graph.events.create",
        "graph.events.get",
        "graph.users.get",
        "graph.onlineMeetings.find",
        "graph.onlineMeetings.update",
        "graph.events.update",
    ];
    assert_eq!(
        steps.iter().filter(|step| step.starts_with("graph.")).take(6).collect::<Vec<_>>(),
        order.iter().collect::<Vec<_>>()
    );
    let again = meetings.create(&key("lesson-42"), &invited(), options()).await.unwrap();
    assert_eq!((again.id, live(&sandbox).len(), mails(&sandbox).len()), (made.id, 1, 1));
}

#[tokio::test]
async fn a_plain_meeting_costs_one_request_and_needs_no_policy() {
    let sandbox = bare_sandbox().await;
    let meetings = meetings(&sandbox);
    let made = meetings.create(&key("k"), &lesson().with_attendee(attendee(ADA)), options()).await.unwrap();
    let calls = sandbox.journal().into_iter().filter(|call| call.operation.starts_with("graph.")).count();
    assert_eq!((calls, mails(&sandbox).len()), (1, 0));
    assert_eq!(meetings.find_by_key(&key("k"), slot().range()).await.unwrap()[0].id, made.id);
    assert_eq!(live(&sandbox)[0]["attendees"], json!([]), "Outlook mails whomever it lists");
}

#[tokio::test]
async fn trap_12_an_event_without_its_meeting_is_taken_back_and_nobody_was_mailed() {
    let sandbox = sandbox().await;
    sandbox.add_microsoft_user(&MicrosoftUser::new(ORGANIZER).without_calendar_teams());
    for draft in [lesson(), invited()] {
        let error = meetings(&sandbox).create(&key("k"), &draft, options()).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Misconfigured, RetryClass::Never));
        assert!(error.remedy().unwrap().action.contains("allowedOnlineMeetingProviders"));
        assert!(live(&sandbox).is_empty() && mails(&sandbox).is_empty());
    }
}

#[tokio::test]
async fn trap_12_an_event_that_cannot_be_taken_back_is_said_and_gone_over_again() {
    let sandbox = sandbox().await;
    sandbox.add_microsoft_user(&MicrosoftUser::new(ORGANIZER).without_calendar_teams());
    fault(&sandbox, "graph.events.delete", Fault::StatusBefore { status: 400, retry_after: None });
    let error = meetings(&sandbox).create(&key("k"), &lesson(), options()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Misconfigured, RetryClass::Unclear { after: None }));
    assert_eq!(live(&sandbox).len(), 1);
    meetings(&sandbox).create(&key("k"), &lesson(), options()).await.unwrap_err();
    assert!(live(&sandbox).is_empty());
}

#[tokio::test]
async fn settings_that_are_refused_take_the_event_back_before_anybody_is_invited() {
    let sandbox = bare_sandbox().await;
    let error = meetings(&sandbox).create(&key("k"), &invited(), options()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Misconfigured, RetryClass::Never));
    assert!(error.remedy().unwrap().action.contains("access policy"));
    assert!(live(&sandbox).is_empty() && mails(&sandbox).is_empty());
    // what is finished stays, whatever is refused later
    sandbox.grant_access_policy(ORGANIZER);
    let made = meetings(&sandbox).create(&key("k"), &invited(), options()).await.unwrap();
    fault(&sandbox, "graph.onlineMeetings.find", Fault::StatusBefore { status: 403, retry_after: None });
    assert_eq!(meetings(&sandbox).create(&key("k"), &invited(), options()).await.unwrap().id, made.id);
    assert_eq!((live(&sandbox).len(), mails(&sandbox).len()), (1, 1));
}

#[tokio::test]
async fn a_lost_reply_of_any_step_ends_in_one_meeting_and_one_invitation() {
    for lost in
        [Fault::LostReply, Fault::LostRequest, Fault::StatusAfter { status: 502, retry_after: None }, Fault::Truncate]
    {
        for step in [
            "graph.events.create",
            "graph.events.get",
            "graph.onlineMeetings.find",
            "graph.onlineMeetings.update",
            "graph.events.update",
        ] {
            let sandbox = sandbox().await;
            fault(&sandbox, step, lost.clone());
            let first = meetings(&sandbox).create(&key("k"), &invited(), once()).await;
            if let Err(error) = &first {
                assert!(!matches!(error.retry(), RetryClass::Never), "{lost:?} at {step}: {error}");
            }
            meetings(&sandbox).create(&key("k"), &invited(), once()).await.unwrap();
            assert_eq!((live(&sandbox).len(), mails(&sandbox)), (1, vec![invitation()]), "{lost:?} at {step}");
            assert_eq!(listed(&sandbox, "meetings").len(), 1, "{lost:?} at {step}");
        }
    }
}

#[tokio::test]
async fn an_unfinished_meeting_is_not_found_by_its_key() {
    let sandbox = sandbox().await;
    fault(&sandbox, "graph.onlineMeetings.update", Fault::LostRequest);
    let meetings = meetings(&sandbox);
    let error = meetings.create(&key("k"), &invited(), once()).await.unwrap_err();
    assert!(matches!(error.retry(), RetryClass::Unclear { .. }), "{error}");
    assert!(meetings.find_by_key(&key("k"), slot().range()).await.unwrap().is_empty());
    let made = meetings.create(&key("k"), &invited(), once()).await.unwrap();
    let found = meetings.find_by_key(&key("k"), slot().range()).await.unwrap();
    assert_eq!(found.iter().map(|meeting| &meeting.id).collect::<Vec<_>>(), [&made.id]);
}

#[tokio::test]
async fn the_meeting_behind_is_waited_for_and_the_wait_ends() {
    let event = || {
        json!({
            "@odata.etag": "W/\"1\"", "id": "e", "subject": "Lesson", "isOnlineMeeting": true,
            "onlineMeeting": { "joinUrl": "https://teams.microsoft.com/x" },
        })
    };
    let none = || Step::json(200, &json!({ "value": [] }));
    let found = json!({ "value": [{ "id": "m", "joinWebUrl": "https://teams.microsoft.com/x" }] });
    let settling =
        || Step::json(400, &json!({ "error": { "code": "BadRequest", "message": "1026: An error has occurred." } }));
    let script = vec![
        Step::json(201, &event()),
        Step::json(200, &event()),
        none(),
        settling(),
        Step::json(200, &found),
        Step::reply(404),
        none(),
        Step::json(200, &found),
        Step::json(200, &json!({})),
        Step::json(200, &event()),
    ];
    let (graph, transport, clock) = scripted(script);
    let meetings = graph.calendar_meetings_of(&user("oid"));
    let made = driven(&clock, meetings.create(&key("k"), &lesson().with_lobby(Lobby::Open), options())).await.unwrap();
    assert_eq!((made.id.as_str(), transport.requests().len()), ("e", 10));

    let mut script = vec![Step::json(201, &event()), Step::json(200, &event())];
    script.extend((0..20).map(|_| none()));
    let (graph, _, clock) = scripted(script);
    let meetings = graph.calendar_meetings_of(&user("oid"));
    let start = invitations_core::runtime::Clock::instant(&clock);
    let error =
        driven(&clock, meetings.create(&key("k"), &lesson().with_lobby(Lobby::Open), options())).await.unwrap_err();
    assert!(matches!(error.retry(), RetryClass::Unclear { after: Some(_) }), "{error}");
    assert!(error.remedy().unwrap().action.contains("same key"));
    let waited = invitations_core::runtime::Clock::instant(&clock) - start;
    assert!(waited <= CalendarMeetings::PATIENCE && waited.as_secs() > 10, "{waited:?}");
}

#[tokio::test]
async fn what_another_call_finished_meanwhile_is_not_taken_back() {
    let event = |extra: Value| {
        let mut event = json!({
            "@odata.etag": "W/\"1\"", "id": "e", "subject": "Lesson", "isOnlineMeeting": true,
            "onlineMeeting": { "joinUrl": "https://teams.microsoft.com/x" },
        });
        event.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        Step::json(200, &event)
    };
    let property = "String {5c1c7d2e-93b4-4b63-8f0d-2f6f6d7a9b14} Name MeetingKey";
    for finished in [
        json!({ "attendees": [{ "emailAddress": { "address": ADA } }] }),
        json!({ "singleValueExtendedProperties": [{ "id": property, "value": "k" }] }),
    ] {
        let script = vec![event(json!({})), event(json!({})), Step::reply(403), event(finished)];
        let (graph, transport, clock) = scripted(script);
        let meetings = graph.calendar_meetings_of(&user("oid"));
        let draft = lesson().with_lobby(Lobby::Open);
        let error = driven(&clock, meetings.create(&key("k"), &draft, options())).await.unwrap_err();
        assert_eq!((error.status(), error.retry()), (Some(403), RetryClass::Never));
        assert!(transport.requests().iter().all(|request| request.method() != "DELETE"));
        assert_eq!(transport.requests().len(), 4);
    }
}

#[tokio::test]
async fn a_late_meeting_behind_an_event_is_found_in_the_end() {
    let sandbox = sandbox().await;
    control(&sandbox, "graph", json!({ "meeting_hidden_reads": 1 })).await;
    let made = meetings(&sandbox).create(&key("k"), &lesson().with_lobby(Lobby::Invited), options()).await.unwrap();
    assert_eq!(meetings(&sandbox).details(&made.id).await.unwrap().options.lobby, Some(LobbyScope::Invited));
    assert_eq!(seen(&sandbox, "graph.onlineMeetings.find"), 3);
}

#[tokio::test]
async fn trap_10_and_trap_11_a_change_keeps_the_link() {
    let sandbox = sandbox().await;
    let meetings = meetings(&sandbox);
    let made = meetings.create(&key("k"), &invited(), options()).await.unwrap();
    let mut settings = invitations_core::provider::MeetingSettings::default();
    settings.lobby = Some(Lobby::OrganizerOnly);
    let mut later = slot();
    later.duration *= 2;
    let patch = MeetingPatch::new().with_subject("Moved").with_slot(later.clone()).with_settings(settings);
    let moved = meetings.update(&made.id, &patch, options()).await.unwrap();
    assert_eq!((moved.subject.as_str(), moved.slot.unwrap().range()), ("Moved", later.range()));
    assert_eq!(moved.join_url.expose(), made.join_url.expose());
    assert_eq!(meetings.details(&made.id).await.unwrap().options.lobby, Some(LobbyScope::Organizer));
    assert_eq!(mails(&sandbox)[1..], [("update".to_owned(), ADA.to_owned())]);
    meetings.cancel_with(&made.id, "The tutor is ill.", options()).await.unwrap();
    assert_eq!(mails(&sandbox)[2..], [("cancellation".to_owned(), ADA.to_owned())]);
    assert_eq!(meetings.read(&made.id).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(meetings.find_by_key(&key("k"), slot().range()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_cancelled_event_is_no_meeting_wherever_it_is_kept() {
    let event = json!({ "id": "e", "isCancelled": true, "isOnlineMeeting": true, "onlineMeeting": { "joinUrl": "https://teams.microsoft.com/x" } });
    let (graph, _, _) = scripted(vec![Step::json(200, &event), Step::json(200, &json!({ "value": [event] }))]);
    let meetings = graph.calendar_meetings_of(&user("oid"));
    let id = invitations_core::ids::MeetingId::parse("e").unwrap();
    assert_eq!(meetings.read(&id).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(meetings.find_by_key(&key("k"), slot().range()).await.unwrap().is_empty());
}

#[tokio::test]
async fn roles_are_set_on_the_meeting_behind_before_the_invitation() {
    let sandbox = sandbox().await;
    sandbox.add_microsoft_user(&MicrosoftUser::new(ADA));
    let meetings = meetings(&sandbox);
    let draft = lesson().with_attendee(attendee(ADA).with_role(AttendeeRole::CoOrganizer)).with_provider_mails();
    let made = meetings.create(&key("k"), &draft, options()).await.unwrap();
    let people = meetings.details(&made.id).await.unwrap().attendees;
    assert_eq!(people[0].role, Some(MeetingRole::CoOrganizer));
    assert_eq!(mails(&sandbox), [invitation()]);
}

#[tokio::test]
async fn what_an_event_cannot_do_is_said_before_any_call() {
    let (graph, transport, _) = scripted(vec![]);
    let meetings = graph.calendar_meetings_of(&user("oid"));
    let secret = MeetingOptions::new().with_passcode_required(true);
    let refused = meetings.create_with(&key("k"), &lesson(), &secret, options()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    let rule = invitations_core::time::Recurrence::parse("FREQ=MONTHLY;BYMONTHDAY=1,15").unwrap();
    let repeats = meetings.create(&key("k"), &lesson().with_recurrence(rule), options()).await.unwrap_err();
    assert_eq!(repeats.kind(), ErrorKind::Unsupported);
    assert!(std::error::Error::source(&repeats).unwrap().is::<graph_meetings::UnsupportedRecurrence>());
    assert!(transport.requests().is_empty());
    assert!(matches!(meetings.capabilities().idempotency, Idempotency::InexactLookup { .. }));
}

#[tokio::test]
async fn an_organizers_defaults_are_found_by_either_name() {
    let id = user(&bare_sandbox().await.add_microsoft_user(&MicrosoftUser::new(ORGANIZER)));
    let own = MeetingOptions::new().with_whiteboard(false);
    for (named, opened) in [(&id, user(ORGANIZER)), (&id, id.clone()), (&user(ORGANIZER), user(ORGANIZER))] {
        let sandbox = sandbox().await;
        let graph = builder(&sandbox).meeting_options_of(named, own.clone()).build().unwrap();
        let meetings = graph.calendar_meetings_of(&opened);
        let made = meetings.create(&key("k"), &lesson(), options()).await.unwrap();
        assert_eq!(meetings.details(&made.id).await.unwrap().options.whiteboard, Some(false), "{named} for {opened}");
    }
}

#[tokio::test]
async fn one_line_of_the_builder_makes_invitations_calendar_events() {
    let sandbox = sandbox().await;
    let graph: Graph = builder(&sandbox).meeting_form(MeetingForm::CalendarEvent).build().unwrap();
    let account =
        Account::application(TenantId::parse("school").unwrap(), graph_meetings::provider_id(), user(ORGANIZER));
    let meetings: std::sync::Arc<dyn MeetingProvider> = graph.open(&account).await.unwrap();
    let made = meetings.create(&key("k"), &lesson(), options()).await.unwrap();
    assert_eq!(live(&sandbox).len(), 1);
    let list: std::sync::Arc<dyn AttendeeList> = graph.open(&account).await.unwrap();
    let at = Gathering::Meeting(made.id);
    assert_eq!(list.add(&at, &attendee(ADA), options()).await.unwrap(), AttendeeChange::Added);
    assert_eq!(list.attendees(&at).await.unwrap().len(), 1);
    assert_eq!(mails(&sandbox), [invitation()]);
    assert_eq!(list.remove(&at, &attendee(ADA), options()).await.unwrap(), AttendeeChange::Removed);
}

//! Teams meetings that are events and repeat, over the sandbox.

use std::time::Duration;

use graph_meetings::{CalendarMeetings, UnknownTimeZone, UnsupportedRecurrence, teams::LobbyScope};
use invitations_core::{
    ErrorKind, RetryClass,
    ids::MeetingId,
    provider::{CalendarProviderExt as _, Lobby, MeetingDraft, MeetingPatch, MeetingProvider as _},
    time::{Recurrence, Slot, TimeRange, TimeZone, WallTime},
};
use meetings_http::Step;
use meetings_sandbox::{Fault, MicrosoftUser, Sandbox, defaults::ORGANIZER};
use serde_json::{Value, json};

use crate::support::{
    ADA, attendee, fault, graph, key, lesson, listed, once, options, primary, sandbox, scripted, seen, user, utc,
};

fn meetings(sandbox: &Sandbox) -> CalendarMeetings {
    graph(sandbox).calendar_meetings_of(&user(ORGANIZER))
}

fn at(local: &str) -> Slot {
    let start = WallTime::new(local.parse().unwrap(), TimeZone::parse("Europe/Berlin").unwrap());
    Slot { start, duration: Duration::from_secs(3600) }
}

/// From a Monday on; Berlin's clocks go forward on 28 March.
fn weekly() -> MeetingDraft {
    repeating("FREQ=WEEKLY;COUNT=4")
}

fn repeating(rule: &str) -> MeetingDraft {
    let draft =
        MeetingDraft::new("Lesson", at("2027-03-15T10:00:00")).with_recurrence(Recurrence::parse(rule).unwrap());
    draft.with_attendee(attendee(ADA)).with_lobby(Lobby::Open).with_provider_mails()
}

fn spring() -> TimeRange {
    TimeRange::new(utc("2027-03-01T00:00:00Z"), utc("2027-05-01T00:00:00Z"))
}

fn mails(sandbox: &Sandbox) -> Vec<String> {
    sandbox.mails().into_iter().map(|mail| format!("{} {}", mail.kind, mail.to)).collect()
}

/// When its occurrences begin, in UTC.
async fn starts(sandbox: &Sandbox) -> Vec<String> {
    let seen = graph(sandbox).calendars_of(&user(ORGANIZER)).complete(&primary(), spring()).await.unwrap();
    seen.items().iter().map(|one| one.content.time.range().from.format("%m-%dT%H:%M").to_string()).collect()
}

#[tokio::test]
async fn a_series_is_one_meeting_with_its_settings_and_keeps_its_hour() {
    let sandbox = sandbox().await;
    let meetings = meetings(&sandbox);
    assert!(meetings.capabilities().recurrence);
    let made = meetings.create(&key("k"), &weekly(), options()).await.unwrap();
    assert_eq!(listed(&sandbox, "events")[0]["startTimeZone"], "W. Europe Standard Time");
    assert_eq!(starts(&sandbox).await, ["03-15T09:00", "03-22T09:00", "03-29T08:00", "04-05T08:00"]);
    assert_eq!(mails(&sandbox), [format!("invitation {ADA}")]);
    for meeting in [&made, &meetings.read(&made.id).await.unwrap()] {
        assert_eq!((meeting.slot.as_ref(), meeting.key.as_ref()), (Some(&at("2027-03-15T10:00:00")), Some(&key("k"))));
    }
    assert_eq!(meetings.details(&made.id).await.unwrap().options.lobby, Some(LobbyScope::Everyone));
    let again = meetings.create(&key("k"), &weekly(), options()).await.unwrap();
    assert_eq!((again.id, mails(&sandbox).len(), listed(&sandbox, "meetings").len()), (made.id, 1, 1));
}

#[tokio::test]
async fn its_key_names_the_series_and_no_occurrence() {
    let sandbox = sandbox().await;
    let meetings = meetings(&sandbox);
    let made = meetings.create(&key("k"), &weekly(), options()).await.unwrap();
    let single = MeetingDraft::new("Once", at("2027-03-16T10:00:00"));
    let single = meetings.create(&key("once"), &single, options()).await.unwrap();
    // also around its third occurrence, and not before its first
    for (around, found) in [
        (spring(), true),
        (at("2027-03-29T10:00:00").range(), true),
        (TimeRange::new(utc("2027-01-01T00:00:00Z"), utc("2027-02-01T00:00:00Z")), false),
    ] {
        let ids: Vec<MeetingId> =
            meetings.find_by_key(&key("k"), around).await.unwrap().into_iter().map(|meeting| meeting.id).collect();
        assert_eq!(ids, if found { vec![made.id.clone()] } else { vec![] });
    }
    let page = meetings.list(spring(), None).await.unwrap();
    let shown: Vec<_> = page.items.iter().map(|meeting| (&meeting.id, meeting.key.as_ref())).collect();
    assert_eq!(shown, [(&single.id, Some(&key("once")))]);
}

#[tokio::test]
async fn an_occurrence_is_never_taken_for_the_meeting_of_its_key() {
    let property = "String {5c1c7d2e-93b4-4b63-8f0d-2f6f6d7a9b14} Name MeetingKey";
    let event = |id: &str, kind: &str| {
        json!({
            "@odata.etag": "W/\"1\"", "id": id, "type": kind, "isOnlineMeeting": true,
            "onlineMeeting": { "joinUrl": "https://teams.microsoft.com/x" },
            "start": { "dateTime": "2027-03-15T09:00:00.0000000", "timeZone": "UTC" },
            "end": { "dateTime": "2027-03-15T10:00:00.0000000", "timeZone": "UTC" },
            "singleValueExtendedProperties": [{ "id": property, "value": "k" }],
        })
    };
    let all = json!({ "value": [event("s", "seriesMaster"), event("o", "occurrence"), event("x", "Exception")] });
    let (graph, _, _) = scripted(vec![Step::json(200, &all), Step::json(200, &event("o", "occurrence"))]);
    let meetings = graph.calendar_meetings_of(&user("oid"));
    let found = meetings.find_by_key(&key("k"), spring()).await.unwrap();
    assert_eq!(found.iter().map(|meeting| meeting.id.as_str()).collect::<Vec<_>>(), ["s"]);
    assert_eq!(meetings.read(&MeetingId::parse("o").unwrap()).await.unwrap().key, None);
}

#[tokio::test]
async fn a_new_hour_keeps_the_changes_of_single_occurrences_and_a_new_date_takes_the_rule_along() {
    let sandbox = sandbox().await;
    let meetings = meetings(&sandbox);
    let made = meetings.create(&key("k"), &weekly(), options()).await.unwrap();
    let calendars = graph(&sandbox).calendars_of(&user(ORGANIZER));
    let second = calendars.complete(&primary(), spring()).await.unwrap().items()[1].clone();
    let gone = vec![invitations_core::provider::EventWrite::Delete { id: second.id, if_match: None }];
    invitations_core::provider::CalendarProvider::write(&calendars, &primary(), gone, options()).await.unwrap();

    let patch = MeetingPatch::new().with_slot(at("2027-03-15T11:00:00"));
    let moved = meetings.update(&made.id, &patch, options()).await.unwrap();
    assert_eq!((moved.slot.as_ref(), moved.key.as_ref()), (Some(&at("2027-03-15T11:00:00")), Some(&key("k"))));
    assert_eq!(moved.join_url.expose(), made.join_url.expose());
    assert_eq!(starts(&sandbox).await, ["03-15T10:00", "03-29T09:00", "04-05T09:00"]);

    let patch = MeetingPatch::new().with_slot(at("2027-03-16T11:00:00"));
    let moved = meetings.update(&made.id, &patch, options()).await.unwrap();
    assert_eq!(moved.slot, Some(at("2027-03-16T11:00:00")));
    assert_eq!(starts(&sandbox).await, ["03-16T10:00", "03-23T10:00", "03-30T09:00", "04-06T09:00"]);

    meetings.update(&made.id, &MeetingPatch::new().with_subject("Algebra"), options()).await.unwrap();
    assert_eq!(starts(&sandbox).await.len(), 4);
    assert_eq!(meetings.read(&made.id).await.unwrap().subject, "Algebra");
}

#[tokio::test]
async fn a_move_that_its_rule_does_not_have_is_refused_and_nothing_is_changed() {
    let sandbox = sandbox().await;
    let meetings = meetings(&sandbox);
    let made = meetings.create(&key("k"), &repeating("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4"), options()).await.unwrap();
    let mut settings = invitations_core::provider::MeetingSettings::default();
    settings.lobby = Some(Lobby::OrganizerOnly);
    let patch = MeetingPatch::new().with_slot(at("2027-03-16T10:00:00")).with_settings(settings);
    let error = meetings.update(&made.id, &patch, options()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::InvalidInput, RetryClass::Never));
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.downcast_ref(), Some(&UnsupportedRecurrence::StartNotInRule));
    assert_eq!(meetings.details(&made.id).await.unwrap().options.lobby, Some(LobbyScope::Everyone));
    assert_eq!(mails(&sandbox).len(), 1);
    let patch = MeetingPatch::new().with_slot(at("2027-03-17T10:00:00"));
    assert!(meetings.update(&made.id, &patch, options()).await.is_ok());
    assert_eq!(starts(&sandbox).await, ["03-17T09:00", "03-22T09:00", "03-24T09:00", "03-29T08:00"]);
}

#[tokio::test]
async fn what_cannot_be_read_of_a_series_is_no_obstacle_to_joining_but_to_moving_it() {
    let event = |recurrence: Value| {
        json!({
            "@odata.etag": "W/\"1\"", "id": "e", "type": "seriesMaster", "isOnlineMeeting": true,
            "originalStartTimeZone": "tzone://Microsoft/Custom", "recurrence": recurrence,
            "onlineMeeting": { "joinUrl": "https://teams.microsoft.com/x" },
            "start": { "dateTime": "2027-03-15T09:00:00.0000000", "timeZone": "UTC" },
            "end": { "dateTime": "2027-03-15T10:00:00.0000000", "timeZone": "UTC" },
        })
    };
    let weekly = json!({
        "pattern": { "type": "weekly", "interval": 1, "daysOfWeek": ["monday"] },
        "range": { "type": "noEnd", "startDate": "2027-03-15" },
    });
    for recurrence in [weekly, json!({ "pattern": { "type": "hourly" } }), json!("weekly"), Value::Null] {
        let answer = || Step::json(200, &event(recurrence.clone()));
        let (graph, transport, _) = scripted(vec![answer(), answer()]);
        let meetings = graph.calendar_meetings_of(&user("oid"));
        let id = MeetingId::parse("e").unwrap();
        let range = meetings.read(&id).await.unwrap().slot.unwrap().range();
        assert_eq!(range, TimeRange::new(utc("2027-03-15T09:00:00Z"), utc("2027-03-15T10:00:00Z")));
        let patch = MeetingPatch::new().with_slot(at("2027-03-22T10:00:00"));
        let error = meetings.update(&id, &patch, options()).await.unwrap_err();
        assert_eq!((error.kind(), transport.requests().len()), (ErrorKind::Unsupported, 2), "{recurrence}");
        assert!(error.remedy().unwrap().action.contains("Outlook"));
    }
}

#[tokio::test]
async fn a_series_is_cancelled_as_a_whole_with_or_without_words() {
    for words in [None, Some("The tutor is ill.")] {
        let sandbox = sandbox().await;
        let meetings = meetings(&sandbox);
        let made = meetings.create(&key("k"), &weekly(), options()).await.unwrap();
        match words {
            None => meetings.cancel(&made.id, options()).await.unwrap(),
            Some(words) => meetings.cancel_with(&made.id, words, options()).await.unwrap(),
        }
        assert_eq!(mails(&sandbox)[1..], [format!("cancellation {ADA}")]);
        assert_eq!(meetings.read(&made.id).await.unwrap_err().kind(), ErrorKind::NotFound);
        assert!(meetings.find_by_key(&key("k"), spring()).await.unwrap().is_empty());
        assert!(starts(&sandbox).await.is_empty());
    }
}

#[tokio::test]
async fn a_lost_reply_of_any_step_ends_in_one_series_and_one_invitation() {
    for step in ["graph.events.create", "graph.events.get", "graph.onlineMeetings.update", "graph.events.update"] {
        let sandbox = sandbox().await;
        fault(&sandbox, step, Fault::LostReply);
        let _ = meetings(&sandbox).create(&key("k"), &weekly(), once()).await;
        meetings(&sandbox).create(&key("k"), &weekly(), once()).await.unwrap();
        assert_eq!(mails(&sandbox), [format!("invitation {ADA}")], "{step}");
        assert_eq!((starts(&sandbox).await.len(), listed(&sandbox, "meetings").len()), (4, 1), "{step}");
    }
}

#[tokio::test]
async fn trap_12_a_series_without_its_meeting_is_taken_back() {
    let sandbox = sandbox().await;
    sandbox.add_microsoft_user(&MicrosoftUser::new(ORGANIZER).without_calendar_teams());
    let error = meetings(&sandbox).create(&key("k"), &weekly(), options()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Misconfigured, RetryClass::Never));
    assert!(starts(&sandbox).await.is_empty() && mails(&sandbox).is_empty());
}

#[tokio::test]
async fn a_zone_that_windows_has_not_is_refused_before_anything_is_sent() {
    let (graph, transport, _) = scripted(vec![]);
    let mut draft = weekly();
    draft.slot.start = WallTime::new(draft.slot.start.local(), TimeZone::parse("Antarctica/Troll").unwrap());
    let error = graph.calendar_meetings_of(&user("oid")).create(&key("k"), &draft, options()).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.downcast_ref(), Some(&UnknownTimeZone::NoWindowsName));
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn an_attendee_who_would_cancel_is_told_to_decline() {
    let sandbox = sandbox().await;
    sandbox.add_microsoft_user(&MicrosoftUser::new(ADA));
    let draft = lesson().with_attendee(attendee(ADA)).with_provider_mails();
    meetings(&sandbox).create(&key("k"), &draft, options()).await.unwrap();
    let theirs = graph(&sandbox).calendar_meetings_of(&user(ADA));
    let copy = theirs.list(draft.slot.range(), None).await.unwrap().items.remove(0);
    let error = theirs.cancel_with(&copy.id, "No", options()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status(), error.operation()),
        (ErrorKind::PermissionDenied, Some(400), "cancel meeting")
    );
    assert!(error.remedy().unwrap().action.contains("Decline"));
    assert_eq!((mails(&sandbox).len(), seen(&sandbox, "graph.events.cancel")), (1, 1));
}

//! Free and busy times and suggested times, over the sandbox and over scripted answers.

use std::{sync::Arc, time::Duration};

use graph_meetings::{DirectoryId, FindMeetingTimes, Graph, NoMeetingTime, provider_id};
use invitations_core::{
    ErrorKind, RetryClass,
    ids::TenantId,
    people::EmailAddress,
    provider::{Account, AvailabilityProvider as _, Busy, CalendarProvider as _, EventDraft, EventWrite, Providers},
    time::{Recurrence, Slot, TimeRange, TimeZone, WallTime},
};
use meetings_http::{StaticTokens, Step};
use meetings_sandbox::{AuthorizationSide, Fault, Sandbox, defaults::ORGANIZER};
use serde_json::json;

use crate::support::{
    ADA, app, driven, event, fault, graph, marker, options, primary, sandbox, scripted, seen, user, utc,
};

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn day(date: &str) -> TimeRange {
    let from = utc(&format!("{date}T00:00:00Z"));
    TimeRange::new(from, from + chrono::Duration::days(1))
}

fn hour(date: &str, hour: u32) -> TimeRange {
    let from = utc(&format!("{date}T{hour:02}:00:00Z"));
    TimeRange::new(from, from + chrono::Duration::hours(1))
}

fn tokens(sandbox: &Sandbox, who: &str) -> Arc<StaticTokens> {
    Arc::new(StaticTokens::new(&sandbox.access_token(AuthorizationSide::Microsoft, Some(who)).unwrap()))
}

async fn write(sandbox: &Sandbox, mailbox: &str, draft: EventDraft) {
    let writes = vec![EventWrite::Create { key: marker("a"), draft: Box::new(draft) }];
    graph(sandbox).calendars_of(&user(mailbox)).write(&primary(), writes, options()).await.unwrap();
}

#[tokio::test]
async fn a_series_takes_its_hour_on_the_wall_and_strangers_are_unknown() {
    let sandbox = sandbox().await;
    let start = WallTime::new("2027-03-22T10:00:00".parse().unwrap(), TimeZone::parse("Europe/Berlin").unwrap());
    let mut weekly = EventDraft::new("Lesson", Slot { start, duration: Duration::from_secs(3600) }.into());
    weekly.recurrence = Some(Recurrence::parse("FREQ=WEEKLY;COUNT=2").unwrap());
    write(&sandbox, ADA, weekly).await;
    let who = [address("who@else.example"), address(ADA)];
    let availability = graph(&sandbox).availability_of(&user(ORGANIZER));
    for (date, taken, free) in [("2027-03-22", 9, 8), ("2027-03-29", 8, 9)] {
        let known = availability.availability(&who, day(date)).await.unwrap();
        assert_eq!(known[1].standing(hour(date, taken)), Busy::Busy, "{date}");
        assert_eq!(known[1].standing(hour(date, free)), Busy::Free, "{date}");
        assert_eq!(known[0].standing(hour(date, free)), Busy::Unknown, "{date}");
    }
}

#[tokio::test]
async fn a_role_of_its_own_is_opened_by_account() {
    let sandbox = sandbox().await;
    write(&sandbox, ADA, event()).await;
    let providers = Providers::new().with_availability(provider_id(), Arc::new(graph(&sandbox)));
    let account = Account::application(TenantId::parse("school").unwrap(), provider_id(), user(ORGANIZER));
    let opened = providers.availability(&account).await.unwrap();
    let known = opened.availability(&[address(ADA)], day("2026-07-15")).await.unwrap();
    assert_eq!(known[0].standing(hour("2026-07-15", 9)), Busy::Busy);
    let own = graph(&sandbox).my_availability(tokens(&sandbox, ADA));
    let known = own.availability(&[address(ADA)], day("2026-07-15")).await.unwrap();
    assert_eq!(known[0].standing(hour("2026-07-15", 10)), Busy::Free);
}

#[tokio::test]
async fn a_question_may_always_be_sent_again() {
    for lost in [Fault::LostReply, Fault::StatusAfter { status: 502, retry_after: None }] {
        let sandbox = sandbox().await;
        fault(&sandbox, "graph.calendar.getSchedule", lost);
        let availability = graph(&sandbox).availability_of(&user(ORGANIZER));
        availability.availability(&[address(ADA)], day("2026-07-15")).await.unwrap();
        assert_eq!(seen(&sandbox, "graph.calendar.getSchedule"), 2);
    }
    let (graph, _, clock) = scripted((0..20).map(|_| Step::reply(502)).collect());
    let availability = graph.availability_of(&user(ORGANIZER));
    let error = driven(&clock, availability.availability(&[address(ADA)], day("2026-07-15"))).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, RetryClass::Safe { after: None }));
}

#[tokio::test]
async fn an_error_in_one_window_leaves_the_others_known() {
    let told = |view: &str| json!({ "value": [{ "scheduleId": ADA, "availabilityView": view, "scheduleItems": [] }] });
    let failed = json!({ "value": [{ "scheduleId": ADA, "error": { "message": "x", "responseCode": "y" } }] });
    let steps = vec![Step::json(200, &failed), Step::json(200, &told("000000000000"))];
    let (graph, transport, _) = scripted(steps);
    let within = TimeRange::new(utc("2026-07-01T00:00:00Z"), utc("2026-08-12T01:00:00Z"));
    let known = graph.availability_of(&user(ORGANIZER)).availability(&[address(ADA)], within).await.unwrap();
    assert_eq!(transport.requests().len(), 2);
    assert_eq!(known[0].standing(hour("2026-08-11", 23)), Busy::Unknown);
    assert_eq!(known[0].standing(hour("2026-08-12", 0)), Busy::Free);
    for body in ["", "[]", "{}", r#"{"value":{}}"#, r#"{"value":[1]}"#] {
        let (graph, _, _) = scripted(vec![Step::reply(200).with_body(body)]);
        let error =
            graph.availability_of(&user(ORGANIZER)).availability(&[address(ADA)], day("2026-07-15")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{body}");
    }
}

#[tokio::test]
async fn nobody_and_nonsense_ask_nothing() {
    let (graph, transport, _) = scripted(Vec::new());
    let availability = graph.availability_of(&user(ORGANIZER));
    assert!(availability.availability(&[], day("2026-07-15")).await.unwrap().is_empty());
    let backwards = TimeRange::new(utc("2026-07-15T00:00:00Z"), utc("2026-07-14T00:00:00Z"));
    let error = availability.availability(&[address(ADA)], backwards).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn times_are_suggested_to_users_only() {
    let sandbox = sandbox().await;
    write(&sandbox, ADA, event()).await;
    let graph = graph(&sandbox);
    let within = TimeRange::new(utc("2026-07-15T09:00:00Z"), utc("2026-07-15T12:00:00Z"));
    let question = FindMeetingTimes::new([address(ADA)], within, Duration::from_secs(3600)).at_most(1);
    let mine = graph.my_availability(tokens(&sandbox, ORGANIZER));
    let found = mine.find_meeting_times(&question).await.unwrap();
    let times: Vec<TimeRange> = found.suggestions.iter().map(|one| one.time).collect();
    assert_eq!((times, found.none_because), (vec![hour("2026-07-15", 10)], None));
    assert_eq!(found.suggestions[0].attendees, [(address(ADA), Busy::Free)]);

    let mut taken = question.clone();
    taken.within = hour("2026-07-15", 9);
    let found = mine.find_meeting_times(&taken).await.unwrap();
    assert_eq!(found.none_because, Some(NoMeetingTime::AttendeesUnavailable));

    let before = seen(&sandbox, "graph.findMeetingTimes");
    let error = graph.availability_of(&user(ORGANIZER)).find_meeting_times(&question).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.remedy().is_some());
    assert_eq!(seen(&sandbox, "graph.findMeetingTimes"), before);
}

#[tokio::test]
async fn personal_accounts_have_neither() {
    let sandbox = sandbox().await;
    let mut app = app(&sandbox.url());
    app.directory = DirectoryId::parse("consumers").unwrap();
    let graph = Graph::builder(app).dangerous_loopback_http().build().unwrap();
    let mine = graph.my_availability(Arc::new(StaticTokens::new("t")));
    let error = mine.availability(&[address(ADA)], day("2026-07-15")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let question = FindMeetingTimes::new([address(ADA)], day("2026-07-15"), Duration::from_secs(3600));
    assert_eq!(mine.find_meeting_times(&question).await.unwrap_err().kind(), ErrorKind::Unsupported);
    assert!(sandbox.journal().iter().all(|entry| !entry.operation.starts_with("graph.")));
}

//! Participants: scripted answers, waits, and attendance as everybody sees it.

use std::{pin::pin, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use invitations_core::{
    ErrorKind, RetryClass,
    ids::{PageToken, ProviderId, TenantId, UserId},
    people::EmailAddress,
    provider::{Account, AttendanceProvider, Open, WriteOptions},
    runtime::{Clock as _, ManualClock},
};
use meetings_http::{ScriptedTransport, Sent, Step};
use serde_json::{Value, json};
use webex_meetings::{ParticipantId, ParticipantQuery, ParticipantState, WebexParticipants};

use crate::support::{id, once, scripted, scripted_by, utc};

fn participants(steps: Vec<Step>) -> (WebexParticipants, Arc<ScriptedTransport>) {
    let (webex, transport) = scripted(steps);
    (webex.my_meetings().unwrap().participants(), transport)
}

fn person(name: &str, state: &str) -> Value {
    json!({
        "id": format!("m_I_1_{name}"), "displayName": name, "email": format!("{name}@contoso.example"), "state": state,
        "joinedTime": "2026-09-01T08:00:00Z", "leftTime": "1970-01-01T00:00:00.000Z",
    })
}

fn page(people: &[Value]) -> Step {
    Step::json(200, &json!({ "items": people }))
}

fn linked(people: &[Value], page_number: u8) -> Step {
    let link = format!("<https://webexapis.com/v1/meetingParticipants?meetingId=m&page={page_number}>; rel=\"next\"");
    page(people).with_header("link", &link)
}

fn some(name: &str) -> ParticipantId {
    ParticipantId::parse(name).unwrap()
}

#[tokio::test]
async fn every_page_is_read_also_after_an_empty_one() {
    let (people, transport) =
        participants(vec![linked(&[person("ada", "joined")], 2), linked(&[], 3), page(&[person("bert", "end")])]);
    let all = people.list(&id("m"), &ParticipantQuery::new()).await.unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(
        (all[0].state.clone(), all[1].state.clone()),
        (Some(ParticipantState::Joined), Some(ParticipantState::Ended))
    );
    assert_eq!(transport.requests().len(), 3);
    let (people, transport) = participants(vec![page(&[person("ada", "joined")])]);
    let ada = [EmailAddress::parse("ada@contoso.example").unwrap()];
    assert_eq!(people.with_addresses(&id("m"), &ada, &ParticipantQuery::new()).await.unwrap().len(), 1);
    let body: Value = serde_json::from_slice(transport.requests()[0].body()).unwrap();
    assert_eq!(body["emails"], json!(["ada@contoso.example"]));
}

#[tokio::test]
async fn changes_are_sent_once_and_only_by_the_host() {
    let (people, transport) = participants(vec![
        Step::json(200, &person("ada", "joined")),
        Step::json(200, &person("ada", "end")),
        Step::reply(204),
        Step::fails(Sent::Maybe),
    ]);
    people.mute(&some("p"), true, once()).await.unwrap();
    assert_eq!(people.expel(&some("p"), once()).await.unwrap().state, Some(ParticipantState::Ended));
    people.admit(&[some("p")], once()).await.unwrap();
    let lost = people.admit(&[some("p")], WriteOptions::new()).await.unwrap_err();
    assert_eq!(lost.retry(), RetryClass::Unclear { after: None });
    assert_eq!(transport.requests().len(), 4, "what may have been done is not sent again");
    let (webex, transport) = scripted(vec![Step::reply(404)]);
    let host = UserId::parse("host@contoso.example").unwrap();
    let account = Account::application(TenantId::parse("t").unwrap(), ProviderId::parse("webex").unwrap(), host);
    let attendance = Open::<dyn AttendanceProvider>::open(&webex, &account).await.unwrap();
    let missing = attendance.attendance(&id("m"), None).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    assert!(transport.requests()[0].uri().query().unwrap().ends_with("&hostEmail=host%40contoso.example"));
}

#[tokio::test]
async fn a_refusal_names_the_scopes_of_participants() {
    let (people, _) = participants(vec![Step::reply(403), Step::reply(403)]);
    let error = people.read(&some("p")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.remedy().unwrap().action.contains("meeting:participants_read"));
    let error = people.mute(&some("p"), true, once()).await.unwrap_err();
    assert!(error.remedy().unwrap().action.contains("meeting:participants_write"));
}

/// A client whose clock is ours, and that clock.
fn waiting(steps: Vec<Step>) -> (WebexParticipants, Arc<ScriptedTransport>, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(utc("2026-09-01T09:00:00Z")));
    let given = Arc::clone(&clock);
    let (webex, transport) = scripted_by(steps, |builder| builder.clock(given));
    (webex.my_meetings().unwrap().participants(), transport, clock)
}

/// Polls `work`; whenever it waits, moves the clock to the next sleeper.
fn drive<T>(clock: &ManualClock, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        if let Some(value) = work.as_mut().now_or_never() {
            return value;
        }
        clock.advance(clock.next_wake().expect("it waits for the clock only"));
    }
}

#[test]
fn a_question_that_got_lost_changed_nothing() {
    let (people, transport, clock) = waiting((0..9).map(|_| Step::fails(Sent::Maybe)).collect());
    let ada = [EmailAddress::parse("ada@contoso.example").unwrap()];
    let error = drive(&clock, people.with_addresses(&id("m"), &ada, &ParticipantQuery::new())).unwrap_err();
    assert_eq!(error.retry(), RetryClass::Safe { after: None });
    assert!(transport.requests().len() > 1, "it may be asked again");
}

#[test]
fn somebody_whom_a_webhook_names_is_waited_for_within_bounds() {
    let late = vec![Step::reply(404), Step::reply(404), Step::json(200, &person("ada", "joined"))];
    let (people, transport, clock) = waiting(late);
    let begun = clock.instant();
    let ada = drive(&clock, people.read_when_known(&some("p"), Duration::from_secs(600))).unwrap();
    assert_eq!(ada.name.as_deref(), Some("ada"));
    assert_eq!((transport.requests().len(), clock.instant() - begun), (3, Duration::from_secs(3)));
    // never longer than was said
    let (people, transport, clock) = waiting((0..40).map(|_| Step::reply(404)).collect());
    let begun = clock.instant();
    let error = drive(&clock, people.read_when_known(&some("p"), Duration::from_secs(600))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(matches!(error.retry(), RetryClass::Safe { after: Some(_) }));
    assert!(clock.instant() - begun <= Duration::from_secs(600) && transport.requests().len() < 30);
    // another refusal is no lag
    let (people, transport, clock) = waiting(vec![Step::reply(403)]);
    let error = drive(&clock, people.read_when_known(&some("p"), Duration::from_secs(600))).unwrap_err();
    assert_eq!((error.kind(), transport.requests().len()), (ErrorKind::PermissionDenied, 1));
}

#[tokio::test]
async fn who_only_waits_in_the_lobby_has_not_joined() {
    let (people, transport) =
        participants(vec![linked(&[person("ada", "lobby")], 2), linked(&[], 3), page(&[person("bert", "lobby")])]);
    let error = people.attendance(&id("m"), None).await.unwrap_err();
    assert_eq!((error.kind(), transport.requests().len()), (ErrorKind::NotFound, 3));
    let (people, _) =
        participants(vec![linked(&[person("ada", "lobby")], 2), linked(&[person("bert", "joined")], 3), page(&[])]);
    let first = people.attendance(&id("m"), None).await.unwrap();
    assert_eq!(first.items[0].name.as_deref(), Some("bert"));
    let last = people.attendance(&id("m"), first.next.as_ref()).await.unwrap();
    assert!(last.items.is_empty() && last.next.is_none(), "somebody was listed before");
    // a listing in a circle ends
    let (people, _) = participants(vec![linked(&[], 2), linked(&[], 2)]);
    assert_eq!(people.attendance(&id("m"), None).await.unwrap_err().kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn no_token_goes_where_a_page_leads_astray() {
    let (people, transport) =
        participants(vec![page(&[]).with_header("link", "<https://evil.example/v1>; rel=\"next\"")]);
    assert_eq!(people.list(&id("m"), &ParticipantQuery::new()).await.unwrap_err().kind(), ErrorKind::Protocol);
    let place = PageToken::parse("https://evil.example/v1/meetingParticipants").unwrap();
    let asked = people.page(&id("m"), &ParticipantQuery::new(), Some(&place)).await;
    assert_eq!(asked.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(transport.requests().len(), 1);
}

#[tokio::test]
async fn an_account_that_acts_for_its_host_cannot_change_anybody() {
    let (webex, transport) = scripted(Vec::new());
    let host = UserId::parse("host@contoso.example").unwrap();
    let account = Account::application(TenantId::parse("t").unwrap(), ProviderId::parse("webex").unwrap(), host);
    let people = webex.meetings_for(&account).unwrap().participants();
    for error in [
        people.mute(&some("p"), true, once()).await.unwrap_err(),
        people.expel(&some("p"), once()).await.unwrap_err(),
        people.admit(&[some("p")], once()).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.remedy().unwrap().action.contains("own connection"));
    }
    assert!(transport.requests().is_empty());
}

//! Against the sandbox, over real sockets.

use invitations_core::{
    ErrorKind, RetryClass,
    ids::{ProviderId, TenantId, UserId},
    people::AttendeeRole,
    provider::{
        Account, AttendeeChange, AttendeeList as _, MeetingPatch, MeetingProvider, MeetingSettings, Open, WriteOptions,
    },
    secret::TokenText,
    time::{Recurrence, TimeRange},
};
use meetings_sandbox::{AuthorizationSide, Fault, FaultPlan, FaultRule, Sandbox, defaults};

use crate::support::{
    around, attendee, client, draft, gathering, key, meetings_of, once, sandbox, scripted, slot, utc,
};

fn posts(sandbox: &Sandbox) -> usize {
    sandbox.journal().iter().filter(|entry| entry.operation == "webex.meetings.create").count()
}

#[tokio::test]
async fn a_meeting_from_create_to_cancel() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let rich = draft().with_attendee(attendee("ada@contoso.example")).with_settings(MeetingSettings::open_room());
    let made = meetings.create(&key("lesson-42"), &rich, once()).await.unwrap();
    assert_eq!(made.slot, Some(rich.slot.clone()), "the answer to a create is in the meeting's own zone");
    assert!(made.passcode.is_some() && made.organizer.is_some());
    let read = meetings.read(&made.id).await.unwrap();
    assert_eq!(read.slot.unwrap().start_instant(), utc("2026-09-07T07:00:00Z"));
    let later = slot("2026-12-07T09:00:00", "Europe/Paris");
    let patch = MeetingPatch::new().with_subject("Physics").with_slot(later.clone());
    let moved = meetings.update(&made.id, &patch, once()).await.unwrap();
    assert_eq!((moved.subject.as_str(), moved.slot), ("Physics", Some(later)));
    let listed = meetings.list(TimeRange::new(utc("2026-12-01T00:00:00Z"), utc("2027-01-01T00:00:00Z")), None).await;
    assert_eq!(listed.unwrap().items.len(), 1);
    meetings.cancel(&made.id, once()).await.unwrap();
    assert_eq!(meetings.cancel(&made.id, once()).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(meetings.read(&made.id).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(sandbox.mails().is_empty(), "nobody asked for mails: {:?}", sandbox.mails());
}

#[tokio::test]
async fn a_create_whose_reply_was_lost_is_found_again_exactly_once() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    for (number, fault) in [
        Fault::LostReply,
        Fault::Truncate,
        Fault::StatusAfter { status: 503, retry_after: None },
        Fault::StatusAfter { status: 502, retry_after: None },
    ]
    .into_iter()
    .enumerate()
    {
        let key = key(&format!("lesson-{number}"));
        sandbox.set_faults(FaultPlan::new().with(FaultRule::new(fault.clone()).on("POST", "/meetings")));
        let before = posts(&sandbox);
        let error = meetings.create(&key, &draft(), WriteOptions::new()).await.unwrap_err();
        assert!(matches!(error.retry(), RetryClass::Unclear { .. }), "{fault:?}: {error}");
        sandbox.set_faults(FaultPlan::new());
        assert_eq!(posts(&sandbox) - before, 1, "{fault:?}: sent once");
        let found = meetings.find_by_key(&key, around()).await.unwrap();
        assert_eq!(found.len(), 1, "{fault:?}");
    }
    assert!(meetings.find_by_key(&key("lesson"), around()).await.unwrap().is_empty(), "tags match as a whole");
}

#[tokio::test]
async fn a_create_that_never_arrived_is_not_found() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    sandbox.set_faults(FaultPlan::new().with(FaultRule::new(Fault::LostRequest).on("POST", "/meetings")));
    let error = meetings.create(&key("lesson-1"), &draft(), WriteOptions::new()).await.unwrap_err();
    assert!(matches!(error.retry(), RetryClass::Unclear { .. }), "{error}");
    sandbox.set_faults(FaultPlan::new());
    assert!(meetings.find_by_key(&key("lesson-1"), around()).await.unwrap().is_empty());
}

#[tokio::test]
async fn two_meetings_with_one_key_are_both_found() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    sandbox.set_faults(FaultPlan::new().with(FaultRule::new(Fault::Duplicate).on("POST", "/meetings")));
    meetings.create(&key("k"), &draft(), once()).await.unwrap();
    assert_eq!(meetings.find_by_key(&key("k"), around()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_zone_rule_holds_in_winter_in_summer_and_in_utc() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    for (number, (local, zone, start)) in [
        ("2026-10-24T09:00:00", "Europe/Paris", "2026-10-24T07:00:00Z"),
        ("2026-10-26T09:00:00", "Europe/Paris", "2026-10-26T08:00:00Z"),
        ("2026-10-26T09:00:00", "Europe/London", "2026-10-26T09:00:00Z"),
        ("2026-10-26T09:00:00", "Asia/Calcutta", "2026-10-26T03:30:00Z"),
        ("2026-10-26T09:00:00", "UTC", "2026-10-26T09:00:00Z"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut draft = draft();
        draft.slot = slot(local, zone);
        let made = meetings.create(&key(&format!("k{number}")), &draft, once()).await.unwrap();
        assert_eq!(made.slot.unwrap().start_instant(), utc(start), "{local} {zone}");
    }
    // what this crate never sends is refused, so the rule was really tested
    let body =
        r#"{"title":"x","start":"2026-10-26T09:00:00Z","end":"2026-10-26T10:00:00Z","timezone":"Asia/Calcutta"}"#;
    let request = http::Request::post("/v1/meetings").header("content-type", "application/json");
    let error = meetings.send(request.body(body.into()).unwrap()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidInput, Some(404)));
}

#[tokio::test]
async fn a_series_is_one_meeting() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let weekly = draft().with_recurrence(Recurrence::parse("FREQ=WEEKLY;BYDAY=MO;COUNT=10").unwrap());
    meetings.create(&key("weekly"), &weekly, once()).await.unwrap();
    assert_eq!(meetings.find_by_key(&key("weekly"), around()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn invitees_come_and_go_without_mails() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let made = meetings.create(&key("k"), &draft(), once()).await.unwrap();
    let to = gathering(&made.id);
    let ada = attendee("ada@contoso.example").with_name("Ada").with_role(AttendeeRole::CoOrganizer);
    assert_eq!(meetings.add(&to, &ada, once()).await.unwrap(), AttendeeChange::Added);
    assert_eq!(meetings.add(&to, &ada, once()).await.unwrap(), AttendeeChange::AlreadyThere);
    assert_eq!(meetings.attendees(&to).await.unwrap(), std::slice::from_ref(&ada));
    assert_eq!(meetings.remove(&to, &ada, once()).await.unwrap(), AttendeeChange::Removed);
    assert_eq!(meetings.remove(&to, &ada, once()).await.unwrap(), AttendeeChange::NotThere);
    assert!(sandbox.mails().is_empty());
}

#[tokio::test]
async fn twenty_writers_lose_nobody() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let made = meetings.create(&key("k"), &draft(), once()).await.unwrap();
    let to = gathering(&made.id);
    let guests: Vec<_> = (0..20).map(|number| attendee(&format!("guest{number}@fabrikam.example"))).collect();
    let adds = guests.iter().map(|guest| meetings.add(&to, guest, once()));
    for change in futures_util::future::join_all(adds).await {
        assert_eq!(change.unwrap(), AttendeeChange::Added);
    }
    // more than one page of ten
    assert_eq!(meetings.attendees(&to).await.unwrap().len(), 20);
}

#[tokio::test]
async fn a_lost_reply_to_an_add_is_mended_by_the_pipeline() {
    let sandbox = sandbox().await;
    let token = sandbox.access_token(AuthorizationSide::Webex, Some(defaults::ORGANIZER)).unwrap();
    let fast = meetings_http::RetryPolicy::default().scaled_down(1000).with_total(std::time::Duration::from_secs(20));
    let fast = fast.with_per_try(std::time::Duration::from_secs(10));
    let webex = client(&sandbox).access_token(TokenText::new(token)).retry(fast).build().unwrap();
    let meetings = webex.my_meetings().unwrap();
    let made = meetings.create(&key("k"), &draft(), once()).await.unwrap();
    let lost = FaultRule::new(Fault::LostReply).on("POST", "/meetingInvitees").at_calls([1]);
    sandbox.set_faults(FaultPlan::new().with(lost));
    let to = gathering(&made.id);
    let change = meetings.add(&to, &attendee("ada@contoso.example"), WriteOptions::new()).await.unwrap();
    assert_eq!(change, AttendeeChange::AlreadyThere, "the second try finds what the first one did");
    assert_eq!(webex.counts().retries, 1);
    assert_eq!(meetings.attendees(&to).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_quota_of_creations_is_said_with_its_hour() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let throttle = Fault::Throttle { retry_after: Some("3600".to_owned()) };
    sandbox.set_faults(FaultPlan::new().with(FaultRule::new(throttle).on("POST", "/meetings")));
    let error = meetings.create(&key("k"), &draft(), WriteOptions::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
    assert_eq!(error.retry(), RetryClass::Safe { after: Some(std::time::Duration::from_secs(3600)) });
    assert!(error.remedy().unwrap().action.contains("100 meetings"));
}

#[tokio::test]
async fn acting_for_another_host_names_the_missing_scope() {
    let sandbox = sandbox().await;
    let token = sandbox.access_token(AuthorizationSide::Webex, Some(defaults::ORGANIZER)).unwrap();
    let webex = client(&sandbox).access_token(TokenText::new(token)).build().unwrap();
    let user = UserId::parse("ada@contoso.example").unwrap();
    let account = Account::application(TenantId::parse("t").unwrap(), ProviderId::parse("webex").unwrap(), user);
    let meetings = Open::<dyn MeetingProvider>::open(&webex, &account).await.unwrap();
    let error = meetings.create(&key("k"), &draft(), once()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.remedy().unwrap().action.contains("meeting:admin_schedule_write"));
}

#[tokio::test]
async fn ended_tokens_are_said_to_be_ended() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    sandbox.expire_tokens(None, None);
    let error = meetings.list(around(), None).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unauthenticated, RetryClass::Never));
    assert!(error.request_id().is_some());
    drop(scripted(Vec::new()));
}

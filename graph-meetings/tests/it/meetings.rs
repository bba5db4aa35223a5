use futures_util::future::join_all;
use invitations_core::{
    ErrorKind, RetryClass,
    provider::{Lobby, MeetingPatch, MeetingProvider as _, MeetingSettings},
};
use meetings_sandbox::{Fault, defaults::ORGANIZER};

use crate::support::{
    ADA, attendee, bare_sandbox, fault, graph, key, lesson, listed, once, options, sandbox, seen, slot, user,
};

#[tokio::test]
async fn the_same_key_is_the_same_meeting_with_its_settings() {
    let sandbox = sandbox().await;
    let meetings = graph(&sandbox).meetings_of(&user(ORGANIZER));
    let draft = lesson().with_settings(MeetingSettings::open_room());
    let first = meetings.create(&key("lesson-42"), &draft, options()).await.unwrap();
    let again = meetings.create(&key("lesson-42"), &draft, options()).await.unwrap();
    assert_eq!(first.id, again.id);
    assert_eq!(first.join_url.expose(), again.join_url.expose());
    assert_eq!(first.slot.as_ref().unwrap().range(), slot().range());
    assert!(first.organizer.is_some());
    assert_eq!(listed(&sandbox, "meetings").len(), 1);
    let path = format!("/v1.0/users/{}/onlineMeetings/{}", first.organizer.unwrap(), encoded(first.id.as_str()));
    let raw = graph(&sandbox).send(http::Request::get(path).body(bytes::Bytes::new()).unwrap()).await.unwrap();
    let raw: serde_json::Value = serde_json::from_slice(raw.body()).unwrap();
    assert_eq!(raw["lobbyBypassSettings"]["scope"], "everyone");
    assert_eq!(raw["isEntryExitAnnounced"], false);
    assert_eq!(raw["subject"], "Lesson");
}

fn encoded(id: &str) -> String {
    percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[tokio::test]
async fn trap_02_a_missing_policy_says_what_to_do_and_goes_away_when_it_is_granted() {
    let sandbox = bare_sandbox().await;
    let meetings = graph(&sandbox).meetings_of(&user(ORGANIZER));
    let error = meetings.create(&key("lesson-42"), &lesson(), options()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry(), error.status()), (ErrorKind::Misconfigured, RetryClass::Never, Some(403)));
    assert!(error.remedy().unwrap().action.contains("application access policy"));
    assert!(error.request_id().is_some());
    assert!(sandbox.grant_access_policy(ORGANIZER));
    meetings.create(&key("lesson-42"), &lesson(), options()).await.unwrap();
}

#[tokio::test]
async fn an_organizer_is_resolved_once_for_many_callers() {
    let sandbox = sandbox().await;
    let graph = graph(&sandbox);
    let calls = (0..20).map(|n| {
        let (graph, address) = (graph.clone(), if n % 2 == 0 { "Tutor@contoso.example" } else { "tutor@Contoso.example" });
        async move { graph.meetings_of(&user(address)).create(&key(&format!("lesson-{n}")), &lesson(), options()).await }
    });
    for made in join_all(calls).await {
        made.unwrap();
    }
    assert_eq!(seen(&sandbox, "graph.users.get"), 1);
    assert_eq!(listed(&sandbox, "meetings").len(), 20);
    assert_eq!(listed(&sandbox, "tokenCalls")[0]["count"], 1, "one sign-in serves all");
}

#[tokio::test]
async fn an_unknown_organizer_is_not_found_and_not_remembered() {
    let sandbox = sandbox().await;
    let meetings = graph(&sandbox).meetings_of(&user("nobody@contoso.example"));
    for _ in 0..2 {
        let error = meetings.create(&key("lesson-42"), &lesson(), options()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    assert_eq!(seen(&sandbox, "graph.users.get"), 2);
}

#[tokio::test]
async fn a_meeting_is_moved_and_taken_away() {
    let sandbox = sandbox().await;
    let meetings = graph(&sandbox).meetings_of(&user(ORGANIZER));
    let made = meetings.create(&key("lesson-42"), &lesson(), options()).await.unwrap();
    let mut later = slot();
    later.duration *= 2;
    let mut settings = MeetingSettings::default();
    settings.lobby = Some(Lobby::Invited);
    let patch = MeetingPatch::new().with_subject("Moved").with_slot(later.clone()).with_settings(settings);
    let moved = meetings.update(&made.id, &patch, options()).await.unwrap();
    assert_eq!((moved.subject.as_str(), moved.slot.unwrap().range()), ("Moved", later.range()));
    assert_eq!(meetings.update(&made.id, &MeetingPatch::new(), options()).await.unwrap().subject, "Moved");
    meetings.cancel(&made.id, options()).await.unwrap();
    for error in [meetings.cancel(&made.id, options()).await.unwrap_err(), meetings.read(&made.id).await.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    let renewed = meetings.create(&key("lesson-42"), &lesson(), options()).await.unwrap();
    assert_ne!(renewed.id, made.id, "a cancelled meeting is not revived");
}

#[tokio::test]
async fn a_lost_reply_makes_no_second_meeting() {
    for lost in
        [Fault::LostReply, Fault::StatusAfter { status: 502, retry_after: None }, Fault::Truncate, Fault::LostRequest]
    {
        for step in ["graph.onlineMeetings.createOrGet", "graph.onlineMeetings.update"] {
            let sandbox = sandbox().await;
            fault(&sandbox, step, lost.clone());
            let meetings = graph(&sandbox).meetings_of(&user(ORGANIZER));
            let draft = lesson().with_settings(MeetingSettings::open_room());
            meetings.create(&key("lesson-42"), &draft, options()).await.unwrap();
            assert_eq!(listed(&sandbox, "meetings").len(), 1, "{lost:?} at {step}");
            assert_eq!(seen(&sandbox, step), 2, "{lost:?} at {step}");
        }
    }
}

#[tokio::test]
async fn a_caller_with_its_own_books_learns_that_it_is_unclear_and_may_replay() {
    for step in ["graph.onlineMeetings.createOrGet", "graph.onlineMeetings.update"] {
        let sandbox = sandbox().await;
        fault(&sandbox, step, Fault::LostReply);
        let meetings = graph(&sandbox).meetings_of(&user(ORGANIZER));
        let draft = lesson().with_settings(MeetingSettings::open_room());
        let error = meetings.create(&key("lesson-42"), &draft, once()).await.unwrap_err();
        assert!(matches!(error.retry(), RetryClass::Unclear { .. }), "{step}: {error}");
        assert_eq!(seen(&sandbox, step), 1, "{step}");
        meetings.create(&key("lesson-42"), &draft, once()).await.unwrap();
        assert_eq!(listed(&sandbox, "meetings").len(), 1, "{step}");
    }
}

#[tokio::test]
async fn settings_that_were_throttled_leave_a_meeting_behind_and_say_so() {
    let sandbox = sandbox().await;
    fault(&sandbox, "graph.onlineMeetings.update", Fault::Throttle { retry_after: Some("2".to_owned()) });
    let meetings = graph(&sandbox).meetings_of(&user(ORGANIZER));
    let draft = lesson().with_settings(MeetingSettings::open_room());
    let error = meetings.create(&key("lesson-42"), &draft, once()).await.unwrap_err();
    let after = Some(std::time::Duration::from_secs(2));
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Throttled, RetryClass::Unclear { after }));
    assert_eq!(listed(&sandbox, "meetings").len(), 1);
}

#[tokio::test]
async fn settings_that_are_refused_take_the_new_meeting_back() {
    let sandbox = sandbox().await;
    let refused = Fault::StatusBefore { status: 400, retry_after: None };
    fault(&sandbox, "graph.onlineMeetings.update", refused);
    let meetings = graph(&sandbox).meetings_of(&user(ORGANIZER));
    let draft = lesson().with_settings(MeetingSettings::open_room());
    let error = meetings.create(&key("lesson-42"), &draft, options()).await.unwrap_err();
    assert_eq!(error.retry(), RetryClass::Never);
    assert_eq!(listed(&sandbox, "meetings")[0]["deleted"], true);
}

#[tokio::test]
async fn an_expired_token_is_renewed_once() {
    let sandbox = sandbox().await;
    let meetings = graph(&sandbox).meetings_of(&user(ORGANIZER));
    meetings.create(&key("lesson-1"), &lesson(), options()).await.unwrap();
    sandbox.expire_tokens(None, None);
    meetings.create(&key("lesson-2"), &lesson(), once()).await.unwrap();
    assert_eq!(listed(&sandbox, "tokenCalls")[0]["count"], 2);
}

#[tokio::test]
async fn what_graph_cannot_do_is_said_without_a_request() {
    let sandbox = sandbox().await;
    let meetings = graph(&sandbox).meetings_of(&user(ORGANIZER));
    let around = slot().range();
    assert_eq!(meetings.find_by_key(&key("a"), around).await.unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(meetings.list(around, None).await.unwrap_err().kind(), ErrorKind::Unsupported);
    let versioned = options().with_if_match(invitations_core::ids::Etag::parse("W/\"1\"").unwrap());
    assert_eq!(meetings.create(&key("a"), &lesson(), versioned).await.unwrap_err().kind(), ErrorKind::Unsupported);
    assert!(sandbox.journal().is_empty());
}

#[tokio::test]
async fn listed_people_are_read_back() {
    let sandbox = sandbox().await;
    let meetings = graph(&sandbox).meetings_of(&user(ORGANIZER));
    let made = meetings.create(&key("a"), &lesson().with_attendee(attendee(ADA)), options()).await.unwrap();
    let people = meetings.listed(&made.id).await.unwrap();
    assert_eq!(people.len(), 1);
    assert_eq!(people[0].email.canonical(), ADA);
    assert!(sandbox.mails().is_empty(), "nobody is mailed about a list");
}

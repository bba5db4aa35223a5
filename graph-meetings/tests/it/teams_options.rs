//! Options in Teams' own words, look-ups, and what cannot be changed.

use graph_meetings::teams::{
    AllowedPresenters, ChatMode, LobbyScope, MeetingOptions, MeetingRole, Setting, TeamsPatch,
};
use invitations_core::{
    ErrorKind, RetryClass,
    ids::{GuestId, UserId},
    people::AttendeeRole,
    provider::{MeetingDraft, MeetingPatch, MeetingProvider as _, MeetingSettings},
};
use meetings_http::Step;
use meetings_sandbox::{MicrosoftUser, defaults::ORGANIZER};
use serde_json::json;

use crate::support::{
    ADA, attendee, builder, control, graph, key, lesson, listed, options, sandbox, scripted, seen, slot, user,
};

#[tokio::test]
async fn options_are_set_and_read_back() {
    let sandbox = sandbox().await;
    let meetings = graph(&sandbox).meetings_of(&user(ORGANIZER));
    let wanted = MeetingOptions::new()
        .with_lobby(LobbyScope::OrganizationExcludingGuests)
        .with_whiteboard(false)
        .with_watermark_on_video(true)
        .with_chat(ChatMode::Limited)
        .with_spoken_language("de-DE".to_owned());
    let made = meetings.create_with(&key("k"), &lesson(), &wanted, options()).await.unwrap();
    let read = meetings.details(&made.id).await.unwrap();
    for options in [&made.options, &read.options] {
        assert_eq!(&wanted.over(options), options, "all of it is there");
    }
    let mut back = MeetingOptions::new().with_whiteboard(true);
    back.spoken_language = Setting::Clear;
    let changed = meetings.change(&made.id, &TeamsPatch::new().with_options(back), options()).await.unwrap();
    assert_eq!((changed.options.whiteboard, changed.options.spoken_language), (Some(true), Setting::Keep));
    assert_eq!(changed.options.lobby, Some(LobbyScope::OrganizationExcludingGuests));
    assert_eq!((read.subject.as_str(), read.slot.unwrap().range()), ("Lesson", slot().range()));
    assert!(read.chat_thread.unwrap().starts_with("19:meeting_"));
    assert!(read.dial_in.unwrap().conference_id.is_some() && read.options_url.is_some());
    assert!(read.extra.expose().contains_key("autoAdmittedUsers"));
}

#[tokio::test]
async fn trap_06_reading_and_writing_back_keeps_what_came_later() {
    let sandbox = sandbox().await;
    let meetings = graph(&sandbox).meetings_of(&user(ORGANIZER));
    let wanted = MeetingOptions::new().with_lobby(LobbyScope::Invited);
    let made = meetings.create_with(&key("k"), &lesson(), &wanted, options()).await.unwrap();
    let mut read = meetings.details(&made.id).await.unwrap().options;
    read.passcode_required = None;
    meetings.change(&made.id, &TeamsPatch::new().with_options(read.with_reactions(false)), options()).await.unwrap();
    assert_eq!(meetings.details(&made.id).await.unwrap().options.lobby, Some(LobbyScope::Invited));
}

#[tokio::test]
async fn trap_01_an_online_meeting_stands_in_no_calendar_and_mails_nobody() {
    let sandbox = sandbox().await;
    let meetings = graph(&sandbox).meetings_of(&user(ORGANIZER));
    let draft = lesson().with_attendee(attendee(ADA)).with_provider_mails();
    meetings.create(&key("k"), &draft, options()).await.unwrap();
    assert!(listed(&sandbox, "events").is_empty() && sandbox.mails().is_empty());
}

#[tokio::test]
async fn trap_02_only_object_ids_go_into_the_path() {
    let sandbox = sandbox().await;
    let graph = graph(&sandbox);
    let by_address = graph.meetings_of(&user(ORGANIZER)).create(&key("k"), &lesson(), options()).await.unwrap();
    let id = by_address.organizer.clone().unwrap();
    let by_id = graph.meetings_of(&id).create(&key("k"), &lesson(), options()).await.unwrap();
    assert_eq!(by_id.id, by_address.id);
    let calls = sandbox.journal().into_iter().filter(|call| call.operation.starts_with("graph.onlineMeetings"));
    assert!(calls.map(|call| call.path).all(|path| !path.contains('@') && path.contains(id.as_str())));
    assert_eq!(seen(&sandbox, "graph.users.get"), 1, "an id is not resolved");
}

#[tokio::test]
async fn trap_03_right_after_the_grant_a_400_says_that_it_passes() {
    let sandbox = sandbox().await;
    control(&sandbox, "policies", json!({ "grant": ["*"], "settling_requests": 1 })).await;
    let meetings = graph(&sandbox).meetings_of(&user(ORGANIZER));
    let error = meetings.create(&key("k"), &lesson(), options()).await.unwrap_err();
    assert_eq!(error.status(), Some(400));
    assert!(error.remedy().unwrap().action.contains("passes by itself"));
    meetings.create(&key("k"), &lesson(), options()).await.unwrap();
}

#[tokio::test]
async fn trap_04_a_key_belongs_to_its_organizer() {
    let sandbox = sandbox().await;
    let graph = graph(&sandbox);
    sandbox.add_microsoft_user(&MicrosoftUser::new(ADA));
    let ours = graph.meetings_of(&user(ORGANIZER)).create(&key("k"), &lesson(), options()).await.unwrap();
    let hers = graph.meetings_of(&user(ADA)).create(&key("k"), &lesson(), options()).await.unwrap();
    assert_ne!(ours.id, hers.id);
    let other = MeetingDraft::new("Other", slot());
    let again = graph.meetings_of(&user(ORGANIZER)).create(&key("k"), &other, options()).await.unwrap();
    assert_eq!((again.id, again.subject.as_str()), (ours.id, "Lesson"), "the second body is not applied");
}

#[tokio::test]
async fn a_meeting_is_found_by_its_link_and_by_its_number() {
    let sandbox = sandbox().await;
    let meetings = graph(&sandbox).meetings_of(&user(ORGANIZER));
    let made = meetings.create(&key("k"), &lesson(), options()).await.unwrap();
    let found = meetings.find_by_join_url(&made.join_url).await.unwrap().unwrap();
    assert_eq!(found.id, made.id);
    let number = found.join_meeting_id.unwrap();
    let grouped = format!("{} {}", &number[..3], &number[3..]);
    assert_eq!(meetings.find_by_join_meeting_id(&grouped).await.unwrap().unwrap().id, made.id);
    assert!(meetings.find_by_join_meeting_id("1").await.unwrap().is_none());
    sandbox.add_microsoft_user(&MicrosoftUser::new(ADA));
    let hers = graph(&sandbox).meetings_of(&user(ADA));
    assert!(hers.find_by_join_url(&made.join_url).await.unwrap().is_none(), "only the organizer finds it");
}

#[tokio::test]
async fn roles_are_given_by_object_id() {
    let sandbox = sandbox().await;
    let ada = sandbox.add_microsoft_user(&MicrosoftUser::new(ADA));
    let meetings = graph(&sandbox).meetings_of(&user(ORGANIZER));
    let co = attendee(ADA).with_guest(GuestId::parse(&ada).unwrap()).with_role(AttendeeRole::CoOrganizer);
    let named = MeetingOptions::new().with_presenters(AllowedPresenters::RoleIsPresenter);
    let draft = lesson().with_attendee(co.clone());
    let made = meetings.create_with(&key("k"), &draft, &named, options()).await.unwrap();
    let people = meetings.details(&made.id).await.unwrap().attendees;
    assert_eq!(people[0].role, Some(MeetingRole::CoOrganizer));
    assert_eq!(people[0].id.as_ref().map(UserId::as_str), Some(ada.as_str()));
    let list =
        TeamsPatch::new().with_attendees([co.with_role(AttendeeRole::Presenter), attendee("bert@contoso.example")]);
    let changed = meetings.change(&made.id, &list, options()).await.unwrap();
    assert_eq!((changed.attendees.len(), changed.attendees[0].role.clone()), (2, Some(MeetingRole::Presenter)));
}

#[tokio::test]
async fn defaults_lie_under_every_create() {
    let sandbox = sandbox().await;
    let everybody = MeetingOptions::new().with_whiteboard(false).with_recording(false).with_reactions(false);
    let tutors = MeetingOptions::new().with_recording(true);
    let graph = builder(&sandbox).meeting_options(everybody).meeting_options_of(&user(ORGANIZER), tutors);
    let graph = graph.build().unwrap();
    let meetings = graph.meetings_of(&user(ORGANIZER)).with_defaults(MeetingOptions::new().with_reactions(true));
    let draft = lesson().with_settings(MeetingSettings::open_room());
    let made = meetings.create(&key("k"), &draft, options()).await.unwrap();
    let set = meetings.details(&made.id).await.unwrap().options;
    assert_eq!((set.whiteboard, set.recording, set.reactions), (Some(false), Some(true), Some(true)));
    assert_eq!(set.lobby, Some(LobbyScope::Everyone));
    let by_id = graph.meetings_of(&made.organizer.unwrap()).create(&key("by-id"), &lesson(), options()).await.unwrap();
    let set = meetings.details(&by_id.id).await.unwrap().options;
    assert_eq!(
        (set.whiteboard, set.recording),
        (Some(false), Some(false)),
        "defaults are for the name they were given to"
    );
    assert_eq!(seen(&sandbox, "graph.onlineMeetings.update"), 2);
}

#[tokio::test]
async fn a_running_meeting_says_what_can_be_changed() {
    let sandbox = sandbox().await;
    let meetings = graph(&sandbox).meetings_of(&user(ORGANIZER));
    let made = meetings.create(&key("k"), &lesson(), options()).await.unwrap();
    control(&sandbox, "meetings", json!({ "id": made.id.as_str(), "in_progress": true })).await;
    let error = meetings.update(&made.id, &MeetingPatch::new().with_subject("New"), options()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::InvalidInput, RetryClass::Never));
    assert!(error.remedy().unwrap().action.contains("running"), "{:?}", error.remedy());
    let now = TeamsPatch::new().with_options(MeetingOptions::new().with_lobby(LobbyScope::Organizer));
    meetings.change(&made.id, &now, options()).await.unwrap();
}

#[tokio::test]
async fn a_passcode_that_graph_did_not_set_takes_the_meeting_back() {
    let sandbox = sandbox().await;
    let meetings = graph(&sandbox).meetings_of(&user(ORGANIZER));
    let secret = MeetingOptions::new().with_passcode_required(true);
    let error = meetings.create_with(&key("k"), &lesson(), &secret, options()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unsupported, RetryClass::Never));
    assert_eq!(listed(&sandbox, "meetings")[0]["deleted"], true);
    // one that was there before stays
    meetings.create(&key("k"), &lesson(), options()).await.unwrap();
    meetings.create_with(&key("k"), &lesson(), &secret, options()).await.unwrap_err();
    assert_eq!(listed(&sandbox, "meetings")[1]["deleted"], false);
}

#[tokio::test]
async fn a_passcode_that_graph_set_is_kept() {
    let body = json!({
        "id": "m", "joinWebUrl": "https://teams.microsoft.com/x",
        "joinMeetingIdSettings": { "isPasscodeRequired": true, "joinMeetingId": "1", "passcode": "planted" },
    });
    let (graph, transport, _) = scripted(vec![Step::json(201, &body)]);
    let secret = MeetingOptions::new().with_passcode_required(true);
    let made = graph.meetings_of(&user("oid")).create_with(&key("k"), &lesson(), &secret, options()).await.unwrap();
    assert_eq!(made.passcode.as_ref().unwrap().expose(), "planted");
    assert!(!format!("{made:?}").contains("planted"));
    let sent: serde_json::Value = serde_json::from_slice(transport.requests()[0].body()).unwrap();
    assert_eq!(sent["joinMeetingIdSettings"]["isPasscodeRequired"], true);
}

#[tokio::test]
async fn a_value_that_graph_hid_is_refused_before_any_call() {
    let (graph, transport, _) = scripted(vec![]);
    let hidden = MeetingOptions::new().with_lobby(LobbyScope::from("unknownFutureValue"));
    let meetings = graph.meetings_of(&user("oid"));
    let error = meetings.create_with(&key("k"), &lesson(), &hidden, options()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let fixed = TeamsPatch::new().with_options(MeetingOptions::new().with_template("t".to_owned()));
    let id = invitations_core::ids::MeetingId::parse("m").unwrap();
    assert_eq!(meetings.change(&id, &fixed, options()).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(transport.requests().is_empty());
}

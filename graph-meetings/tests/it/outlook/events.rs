use graph_meetings::outlook::{
    AskedMeeting, AttendeeKind, Body, EventKind, EventPatch, Importance, Location, OutlookAttendee, Patch, Reminder,
    Sensitivity, ShowAs, ZonedTime,
};
use invitations_core::{
    ErrorKind,
    provider::WriteOptions,
    time::{EventTime, TimeRange},
};
use meetings_sandbox::{Fault, MicrosoftUser};

use super::{BERT, mails, mails_since, of, organizers, required};
use crate::support::{ADA, attendee, fault, listed, marker, once, options, outlook_event, sandbox, seen, utc};

#[tokio::test]
async fn everything_that_is_written_is_read_back() {
    let sandbox = sandbox().await;
    let events = organizers(&sandbox);
    let mut draft = outlook_event()
        .with_body(Body::html("<p>Bring a pen</p>"))
        .with_attendee(required(ADA))
        .with_attendee(OutlookAttendee::optional(&attendee(BERT)))
        .with_attendee(OutlookAttendee::resource(&attendee("room@contoso.example")))
        .with_category("Red category");
    draft.locations = vec![Location::new("Room 1"), Location::new("Room 2")];
    (draft.show_as, draft.sensitivity, draft.importance) =
        (Some(ShowAs::Tentative), Some(Sensitivity::Private), Some(Importance::High));
    (draft.reminder, draft.hide_attendees) = (Some(Reminder::MinutesBefore(30)), Some(true));
    (draft.response_requested, draft.allow_new_time_proposals) = (Some(false), Some(false));
    let made = events.create(&marker("a"), &draft, options()).await.unwrap();
    assert_eq!((made.meeting, made.remedy()), (AskedMeeting::NotAsked, None));
    let read = events.read(&made.event.id).await.unwrap();
    assert_eq!(read.marker, Some(marker("a")));
    assert_eq!(read.body.as_ref().and_then(Body::said).as_deref(), Some("Bring a pen"));
    let names: Vec<_> = read.locations.iter().map(|place| place.name.as_deref().unwrap()).collect();
    assert_eq!((names, read.location.unwrap().name.unwrap().as_str()), (vec!["Room 1", "Room 2"], "Room 1"));
    let kinds: Vec<_> = read.attendees.iter().map(|one| one.kind.clone()).collect();
    assert_eq!(kinds, [AttendeeKind::Required, AttendeeKind::Optional, AttendeeKind::Resource]);
    assert_eq!(read.show_as, Some(ShowAs::Tentative));
    assert_eq!((read.sensitivity, read.importance), (Some(Sensitivity::Private), Some(Importance::High)));
    assert_eq!((read.is_reminder_on, read.reminder_minutes), (true, Some(30)));
    assert_eq!((read.response_requested, read.allow_new_time_proposals), (Some(false), Some(false)));
    assert!(read.hide_attendees && read.is_organizer);
    assert_eq!((read.kind, read.categories), (EventKind::SingleInstance, vec!["Red category".to_owned()]));
    assert_eq!(read.etag, made.event.etag);
}

#[tokio::test]
async fn trap_09_each_change_mails_whom_it_has_to() {
    let sandbox = sandbox().await;
    let events = organizers(&sandbox);
    let draft = outlook_event().with_attendee(required(ADA)).with_attendee(required(BERT));
    let made = events.create(&marker("a"), &draft, options()).await.unwrap().event;
    assert_eq!(mails(&sandbox), [format!("invitation {ADA}"), format!("invitation {BERT}")]);

    // the whole list, at the version it was read from: who is gone, and who is new
    let mut list = events.read(&made.id).await.unwrap();
    list.attendees.retain(|one| !one.is(&attendee(BERT).email));
    list.attendees.push(required("new@contoso.example"));
    let patch = EventPatch::new().with_attendees(list.attendees);
    let stale = WriteOptions::new().with_if_match(list.etag.unwrap());
    events.patch(&made.id, &patch, stale.clone()).await.unwrap();
    assert_eq!(mails_since(&sandbox, 2), [format!("cancellation {BERT}"), "invitation new@contoso.example".to_owned()]);
    let error = events.patch(&made.id, &patch, stale).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Conflict, Some(412)));
    assert_eq!(sandbox.mails().len(), 4);

    // anything else mails everybody
    events.patch(&made.id, &EventPatch::new().with_subject("Moved"), options()).await.unwrap();
    assert_eq!(mails_since(&sandbox, 4), [format!("update {ADA}"), "update new@contoso.example".to_owned()]);

    events.delete(&made.id, options()).await.unwrap();
    assert_eq!(
        mails_since(&sandbox, 6),
        [format!("cancellation {ADA}"), "cancellation new@contoso.example".to_owned()]
    );
    assert_eq!(events.read(&made.id).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(events.delete(&made.id, options()).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn what_is_refused_sends_nothing() {
    let sandbox = sandbox().await;
    let events = organizers(&sandbox);
    let made = events.create(&marker("a"), &outlook_event(), options()).await.unwrap().event;
    let before = sandbox.journal().len();
    let mut bad = outlook_event();
    bad.end = bad.start.clone();
    for error in [
        events.create(&marker("b"), &bad, options()).await.unwrap_err(),
        events.patch(&made.id, &EventPatch::new(), options()).await.unwrap_err(),
        events.patch(&made.id, &EventPatch::new().with_all_day(true), options()).await.unwrap_err(),
        events.patch(&made.id, &EventPatch::new().with_attendees(Patch::Clear), options()).await.unwrap_err(),
        events.view(TimeRange::new(utc("2020-01-01T00:00:00Z"), utc("2026-01-01T00:00:00Z")), None).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.remedy().is_some(), "{error}");
    }
    assert_eq!(sandbox.journal().len(), before);
}

#[tokio::test]
async fn cleared_members_are_gone_and_kept_ones_stay() {
    let sandbox = sandbox().await;
    let events = organizers(&sandbox);
    let draft = outlook_event()
        .with_body(Body::text("Old"))
        .with_location(Location::new("Room 1"))
        .with_category("Red category");
    let made = events.create(&marker("a"), &draft, options()).await.unwrap().event;
    let patch = EventPatch::new().with_location(Patch::Clear).with_categories(Patch::Clear);
    let after = events.patch(&made.id, &patch, options()).await.unwrap().event;
    assert_eq!((after.location, after.locations.len(), after.categories.len()), (None, 0, 0));
    assert_eq!(after.body.and_then(|body| body.said()).as_deref(), Some("Old"));
    let after = events.patch(&made.id, &EventPatch::new().with_body(Patch::Clear), options()).await.unwrap().event;
    assert_eq!(after.body.and_then(|body| body.said()), None);
    assert_eq!(after.subject, "Lesson");
}

#[tokio::test]
async fn trap_10_a_new_text_keeps_the_meeting() {
    let sandbox = sandbox().await;
    let events = organizers(&sandbox);
    let draft = outlook_event().with_body(Body::text("Old")).with_online_meeting();
    let made = events.create(&marker("a"), &draft, options()).await.unwrap();
    assert_eq!(made.meeting, AskedMeeting::Made);
    let link = made.event.join_url().unwrap().expose().clone();
    for body in [Patch::Set(Body::text("New & <better>")), Patch::Set(Body::html("<b>Bold</b>")), Patch::Clear] {
        let said = body.value().and_then(Body::said);
        let after = events.patch(&made.event.id, &EventPatch::new().with_body(body), options()).await.unwrap().event;
        assert_eq!(after.join_url().unwrap().expose(), &link);
        assert_eq!(after.body.unwrap().said(), said);
    }
    assert_eq!(listed(&sandbox, "meetings").len(), 1);
}

#[tokio::test]
async fn trap_12_the_outcome_says_when_the_meeting_was_left_out() {
    let sandbox = sandbox().await;
    sandbox.add_microsoft_user(&MicrosoftUser::new("plain@contoso.example").without_calendar_teams());
    let events = of(&sandbox, "plain@contoso.example");
    let made = events.create(&marker("a"), &outlook_event().with_online_meeting(), options()).await.unwrap();
    assert_eq!(made.meeting, AskedMeeting::LeftOut);
    assert!(made.remedy().unwrap().action.contains("Teams"));
    let online = EventPatch::new().with_online_meeting();
    let patched = events.patch(&made.event.id, &online, options()).await.unwrap();
    assert_eq!(patched.meeting, AskedMeeting::LeftOut);
}

#[tokio::test]
async fn trap_18_whole_days_become_hours_and_days_again() {
    let sandbox = sandbox().await;
    let events = organizers(&sandbox);
    let made = events.create(&marker("a"), &outlook_event(), options()).await.unwrap().event;
    let date = |text: &str| ZonedTime::midnight(text.parse().unwrap());
    let days = EventPatch::new().with_time(date("2026-07-15"), date("2026-07-17")).with_all_day(true);
    let after = events.patch(&made.id, &days, options()).await.unwrap().event;
    assert_eq!(after.time, Some(EventTime::AllDay { from: "2026-07-15".parse().unwrap(), days: 2 }));
    let hours =
        EventPatch::new().with_time(utc("2026-07-15T09:00:00Z"), utc("2026-07-15T10:00:00Z")).with_all_day(false);
    let after = events.patch(&made.id, &hours, options()).await.unwrap().event;
    assert_eq!((after.is_all_day, after.time), (false, made.time));
}

#[tokio::test]
async fn a_lost_reply_is_unclear_and_the_text_is_not_written_twice() {
    let sandbox = sandbox().await;
    let events = organizers(&sandbox);
    let made =
        events.create(&marker("a"), &outlook_event().with_attendee(required(ADA)), options()).await.unwrap().event;
    fault(&sandbox, "graph.events.update", Fault::LostReply);
    let patch = EventPatch::new().with_body(Body::text("New"));
    let error = events.patch(&made.id, &patch, options()).await.unwrap_err();
    assert!(matches!(error.retry(), invitations_core::RetryClass::Unclear { .. }), "{error}");
    assert_eq!((seen(&sandbox, "graph.events.update"), sandbox.mails().len()), (1, 2));
    fault(&sandbox, "graph.events.create", Fault::LostReply);
    let error = events.create(&marker("b"), &outlook_event(), once()).await.unwrap_err();
    assert!(matches!(error.retry(), invitations_core::RetryClass::Unclear { .. }), "{error}");
    assert_eq!(events.find(&marker("b")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn trap_22_the_same_meeting_is_recognised_in_two_mailboxes() {
    let sandbox = sandbox().await;
    let draft = outlook_event().with_attendee(required(ADA));
    let made = organizers(&sandbox).create(&marker("a"), &draft, options()).await.unwrap().event;
    let theirs = of(&sandbox, ADA).list(None).await.unwrap().items;
    let [copy] = theirs.as_slice() else { panic!("{theirs:?}") };
    assert_eq!(copy.ical_uid, made.ical_uid);
    assert_ne!(copy.id, made.id);
    assert!(!copy.is_organizer && copy.marker.is_none() && copy.transaction_id.is_none());
}

#[tokio::test]
async fn an_event_found_by_its_marker_can_get_another() {
    let sandbox = sandbox().await;
    let events = organizers(&sandbox);
    let made = events.create(&marker("a"), &outlook_event(), options()).await.unwrap().event;
    let patch = EventPatch::new().with_marker(marker("b"));
    let after = events.patch(&made.id, &patch, options()).await.unwrap().event;
    assert_eq!(after.marker, Some(marker("b")));
    assert!(events.find(&marker("a")).await.unwrap().is_empty());
    assert_eq!(events.find(&marker("b")).await.unwrap()[0].id, made.id);
}

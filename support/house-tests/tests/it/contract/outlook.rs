//! Outlook's own words: events with everything that can be said of them, answers, single events of a series, categories, calendars.

use graph_meetings::{
    Graph, OutlookEvents,
    outlook::{
        Answer, AttendeeKind, Body, CalendarColor, CategoryColor, EventCategory, EventPatch, Forward, Importance,
        Location, NewCalendar, NewEvent, OutlookAttendee, Patch, ProposedTime, Reminder, Sensitivity, ShowAs,
        ZonedTime,
    },
};
use invitations_core::{
    ids::{CalendarId, EventId, UserId},
    provider::WriteOptions,
    time::Recurrence,
};

use super::drive::{ADA, around, attendee, calendar, marker, organizer, slot};

fn options() -> WriteOptions {
    WriteOptions::new()
}

pub(super) async fn everything(graph: &Graph, lessons: &CalendarId) {
    let calendars = graph.calendars_of(&organizer());
    let wanted = NewCalendar::new("Colours").with_color(CalendarColor::LightTeal);
    let made = calendars.create_calendar(&wanted, options()).await.expect("a calendar");
    calendars.calendar(&made.id).await.expect("a calendar");
    calendars.calendar(&calendar("primary")).await.expect("a calendar");
    assert!(calendars.calendars(None).await.expect("a page").items.len() >= 3);
    let category = EventCategory::new("Lessons").with_color(CategoryColor::Teal);
    calendars.ensure_category(&category, options()).await.expect("a category");
    calendars.categories().await.expect("a list");
    for (name, at) in [("own", calendar("primary")), ("named", lessons.clone())] {
        Box::pin(one_calendar(&calendars.events_in(&at), name)).await;
    }
    let theirs = graph.calendars_of(&UserId::parse(ADA).expect("an id")).events_in(&calendar("primary"));
    Box::pin(answers(&calendars.events_in(&calendar("primary")), &theirs)).await;
}

fn lesson() -> NewEvent {
    let time = slot(1).range();
    NewEvent::new("Lesson", time.from, time.until)
}

async fn one_calendar(events: &OutlookEvents, name: &str) {
    let mut full = lesson()
        .with_body(Body::html("<p>Pen</p>"))
        .with_attendee(OutlookAttendee::required(&attendee(ADA).with_name("Ada")))
        .with_attendee(OutlookAttendee::optional(&attendee("grace@fabrikam.example")))
        .with_attendee(OutlookAttendee::resource(&attendee("room@contoso.example")))
        .with_category(EventCategory::new("Drawn").with_color(CategoryColor::DarkBlue))
        .with_online_meeting();
    full.locations = vec![Location::room("Room 1", &attendee("room@contoso.example").email), Location::new("Room 2")];
    (full.show_as, full.sensitivity, full.importance) =
        (Some(ShowAs::OutOfOffice), Some(Sensitivity::Confidential), Some(Importance::Low));
    (full.reminder, full.hide_attendees) = (Some(Reminder::MinutesBefore(5)), Some(true));
    (full.response_requested, full.allow_new_time_proposals) = (Some(false), Some(true));
    let made = events.create(&marker(&format!("outlook-{name}")), &full, options()).await.expect("an event").event;
    let read = events.read(&made.id).await.expect("an event");
    assert_eq!(read.attendees[2].kind, AttendeeKind::Resource);
    events.find(&marker(&format!("outlook-{name}"))).await.expect("a list");
    events.list(None).await.expect("a page");
    events.view(around(), None).await.expect("a page");
    let day = ZonedTime::midnight("2036-01-12".parse().expect("a date"));
    let next = ZonedTime::midnight("2036-01-13".parse().expect("a date"));
    let all_day = EventPatch::new().with_time(day, next).with_all_day(true);
    let mut words = EventPatch::new().with_subject("Other").with_marker(marker(&format!("again-{name}")));
    (words.show_as, words.sensitivity, words.importance) =
        (Some(ShowAs::WorkingElsewhere), Some(Sensitivity::Personal), Some(Importance::High));
    (words.reminder, words.response_requested, words.hide_attendees) = (Some(Reminder::Off), Some(true), Some(false));
    for patch in [
        all_day,
        words,
        EventPatch::new().with_body(Body::text("New")),
        EventPatch::new().with_body(Patch::Clear),
        EventPatch::new().with_location(Location::new("Room 3")),
        EventPatch::new().with_location(Patch::Clear),
        EventPatch::new().with_locations(Patch::Clear),
        EventPatch::new().with_categories(Patch::Clear),
        EventPatch::new().with_online_meeting(),
    ] {
        events.patch(&made.id, &patch, options()).await.expect("an event");
    }
    let list = events.read(&made.id).await.expect("an event");
    let alone = EventPatch::new().with_attendees(list.attendees);
    let version = list.etag.expect("a version");
    events.patch(&made.id, &alone, options().with_if_match(version)).await.expect("an event");
    let rule = Recurrence::parse("FREQ=DAILY;COUNT=4").expect("a rule");
    let series = lesson().with_recurrence(rule.clone());
    let series = events.create(&marker(&format!("series-{name}")), &series, options()).await.expect("a series").event;
    let all = events.instances(&series.id, around(), None).await.expect("a page").items;
    let moved = EventPatch::new().with_subject("Moved");
    events.patch(&all[1].id, &moved, options()).await.expect("an exception");
    events.exceptions(&series.id, around()).await.expect("a list");
    events.cancel(&all[2].id, "Ill", options()).await.expect("done");
    let time = slot(2).range();
    let anew = EventPatch::new().with_time(time.from, time.until).with_recurrence(rule);
    events.patch(&series.id, &anew, options()).await.expect("a series");
    events.patch(&series.id, &EventPatch::new().with_recurrence(Patch::Clear), options()).await.expect("one event");
    events.delete(&series.id, options()).await.expect("done");
    events.delete(&made.id, options()).await.expect("done");
}

async fn answers(mine: &OutlookEvents, theirs: &OutlookEvents) {
    let time = slot(1).range();
    let proposed = || Answer::new().with_comment("Later?").with_proposed_time(ProposedTime::new(time.from, time.until));
    for turn in 0..4 {
        let draft = lesson().with_attendee(OutlookAttendee::required(&attendee(ADA)));
        let made = mine.create(&marker(&format!("answer-{turn}")), &draft, options()).await.expect("an event").event;
        let copy = copy_of(theirs, made.ical_uid.as_deref()).await;
        match turn {
            0 => theirs.accept(&copy, &Answer::new().with_comment("Yes"), options()).await.expect("done"),
            1 => theirs.tentatively_accept(&copy, &proposed(), options()).await.expect("done"),
            2 => theirs.decline(&copy, &proposed(), options()).await.expect("done"),
            _ => {
                let forward = Forward::new([attendee("grace@fabrikam.example")]).with_comment("Come along");
                theirs.forward(&copy, &forward, options()).await.expect("done");
                theirs.cancel(&copy, "", options()).await.expect_err("an attendee");
            }
        }
        theirs.accept(&copy, &Answer::new().silent(), options()).await.ok();
        mine.read(&made.id).await.expect("an event");
    }
}

/// The attendee's own event.
async fn copy_of(theirs: &OutlookEvents, uid: Option<&str>) -> EventId {
    let mut page = None;
    loop {
        let read = theirs.list(page.as_ref()).await.expect("a page");
        if let Some(copy) = read.items.iter().find(|one| one.ical_uid.as_deref() == uid) {
            return copy.id.clone();
        }
        page = Some(read.next.expect("a copy"));
    }
}

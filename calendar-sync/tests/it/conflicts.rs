//! The user's hand in the calendar: additions stay, our fields win, a deleted event stays deleted.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use calendar_sync::{Desired, MappingState};
use invitations_core::{
    people::{Attendee, EmailAddress},
    provider::CalendarEvent,
};

use crate::world::{World, draft, gone, source, wish, world};

fn person(name: &str) -> Attendee {
    Attendee::new(EmailAddress::parse(format!("{name}@example.com")).unwrap())
}

fn only_event(world: &World) -> CalendarEvent {
    let mut events = world.calendar.inner.events_in(&world.binding.calendar);
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn names(event: &CalendarEvent) -> Vec<&str> {
    event.content.attendees.iter().map(|there| there.email.canonical()).collect()
}

#[tokio::test]
async fn an_attendee_whom_the_user_added_stays() {
    let world = world();
    world.push(&[wish("essay", 1, "Essay")]).await;
    let id = world.event_id("Essay");
    world
        .calendar
        .inner
        .edit(&world.binding.calendar, &id, |event| {
            event.attendees.push(person("friend"));
            event.subject = "My essay".to_owned();
        })
        .unwrap();
    world.calendar.take();
    let report = world.push(&[wish("essay", 2, "Long essay")]).await;
    assert_eq!(world.calendar.take().calls, ["write", "event", "write"]);
    assert_eq!((report.updated, report.pending), (1, 0));
    let event = only_event(&world);
    assert_eq!((&*event.content.subject, names(&event)), ("Long essay", vec!["friend@example.com"]));
}

#[tokio::test]
async fn an_attendee_whom_the_user_added_stays_beside_those_of_the_record() {
    let world = world();
    let with =
        |version, title: &str| Desired::event(source("call"), version, draft(title).with_attendee(person("pupil")));
    world.push(&[with(1, "Call")]).await;
    let id = world.event_id("Call");
    world.calendar.inner.edit(&world.binding.calendar, &id, |event| event.attendees.push(person("friend"))).unwrap();
    world.push(&[with(2, "Long call")]).await;
    assert_eq!(names(&only_event(&world)), ["pupil@example.com", "friend@example.com"]);
    world.calendar.take();
    assert_eq!(world.push(&[with(2, "Long call")]).await.calls, 0);
}

#[tokio::test]
async fn an_event_that_the_user_deleted_stays_deleted() {
    let world = world();
    world.push(&[wish("essay", 1, "Essay")]).await;
    let id = world.event_id("Essay");
    world.calendar.inner.delete_by_hand(&world.binding.calendar, &id).unwrap();
    let report = world.push(&[wish("essay", 2, "Long essay")]).await;
    assert_eq!((report.detached, report.created, report.pending), (1, 0, 0));
    let report = world.push(&[wish("essay", 3, "Longer essay")]).await;
    assert_eq!((report.detached, report.calls), (1, 0));
    assert!(world.titles().is_empty());
    assert_eq!(world.row("essay").await.state, MappingState::Detached);
    assert_eq!(world.push(&[gone("essay", 4)]).await.calls, 0);
}

#[tokio::test]
async fn deleting_what_the_user_deleted_is_done() {
    let world = world();
    world.push(&[wish("essay", 1, "Essay")]).await;
    let id = world.event_id("Essay");
    world.calendar.inner.delete_by_hand(&world.binding.calendar, &id).unwrap();
    assert_eq!(world.push(&[gone("essay", 2)]).await.deleted, 1);
}

#[tokio::test]
async fn an_event_that_the_user_changed_is_deleted_with_its_record() {
    let world = world();
    world.push(&[wish("essay", 1, "Essay")]).await;
    let id = world.event_id("Essay");
    world.calendar.inner.edit(&world.binding.calendar, &id, |event| event.subject = "Mine".to_owned()).unwrap();
    let report = world.push(&[gone("essay", 2)]).await;
    assert_eq!((report.deleted, report.pending), (1, 0));
    assert!(world.titles().is_empty());
}

use graph_meetings::outlook::{Answer, EventKind, EventPatch, NewEvent, OutlookEvent, Response, ZonedTime};
use invitations_core::{
    ErrorKind,
    time::{Recurrence, TimeRange},
};

use super::{mails_since, of, organizers, required};
use crate::support::{ADA, marker, options, sandbox, utc};

/// Five days in Berlin, where it is two hours later than in UTC.
fn daily() -> NewEvent {
    let at = |hour: u32| ZonedTime::new(format!("2026-07-13T{hour:02}:00:00").parse().unwrap(), "Europe/Berlin");
    NewEvent::new("Lesson", at(9), at(10)).with_recurrence(Recurrence::parse("FREQ=DAILY;COUNT=5").unwrap())
}

fn week() -> TimeRange {
    TimeRange::new(utc("2026-07-13T00:00:00Z"), utc("2026-07-20T00:00:00Z"))
}

fn starts(events: &[OutlookEvent]) -> Vec<String> {
    events.iter().map(|event| event.start.as_ref().unwrap().local.to_string()).collect()
}

#[tokio::test]
async fn one_occurrence_is_changed_and_the_others_are_not() {
    let sandbox = sandbox().await;
    let events = organizers(&sandbox);
    let series = events.create(&marker("a"), &daily().with_attendee(required(ADA)), options()).await.unwrap().event;
    assert_eq!((&series.kind, series.recurrence.is_some()), (&EventKind::SeriesMaster, true));
    let all = events.instances(&series.id, week(), None).await.unwrap().items;
    assert_eq!(all.len(), 5);
    assert!(all.iter().all(|one| one.series_master.as_ref() == Some(&series.id) && one.kind == EventKind::Occurrence));
    assert!(all.iter().all(|one| one.marker.is_none()), "the marker is the series'");

    let third = &all[2];
    let moved =
        EventPatch::new().with_time(utc("2026-07-15T12:00:00Z"), utc("2026-07-15T13:00:00Z")).with_subject("Later");
    let patched = events.patch(&third.id, &moved, options()).await.unwrap().event;
    assert_eq!((&patched.kind, &patched.id), (&EventKind::Exception, &third.id));
    assert_eq!(mails_since(&sandbox, 1), [format!("update {ADA}")]);
    let exceptions = events.exceptions(&series.id, week()).await.unwrap();
    assert_eq!(exceptions.iter().map(|one| one.subject.as_str()).collect::<Vec<_>>(), ["Later"]);
    assert_eq!(starts(&events.view(week(), None).await.unwrap().items)[2], "2026-07-15 12:00:00");

    // a new title of the series leaves the exception alone, and is told once more for it
    events.patch(&series.id, &EventPatch::new().with_subject("Algebra"), options()).await.unwrap();
    assert_eq!(mails_since(&sandbox, 2), [format!("update {ADA}"), format!("update {ADA}")]);
    let all = events.instances(&series.id, week(), None).await.unwrap().items;
    let subjects: Vec<_> = all.iter().map(|one| one.subject.as_str()).collect();
    assert_eq!(subjects, ["Algebra", "Algebra", "Later", "Algebra", "Algebra"]);
}

#[tokio::test]
async fn a_move_to_a_neighbours_day_is_refused_with_a_remedy() {
    let sandbox = sandbox().await;
    let events = organizers(&sandbox);
    let series = events.create(&marker("a"), &daily(), options()).await.unwrap().event;
    let third = events.instances(&series.id, week(), None).await.unwrap().items.remove(2);
    for day in ["2026-07-14", "2026-07-16", "2026-07-17", "2026-07-13"] {
        let at = |hour: u32| utc(&format!("{day}T{hour:02}:00:00Z"));
        let error = events.patch(&third.id, &EventPatch::new().with_time(at(14), at(15)), options()).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidInput, Some(400)), "{day}");
        assert!(error.remedy().unwrap().action.contains("neighbours"), "{error}");
    }
    let last = events.instances(&series.id, week(), None).await.unwrap().items.remove(4);
    let after = EventPatch::new().with_time(utc("2026-07-18T14:00:00Z"), utc("2026-07-18T15:00:00Z"));
    events.patch(&last.id, &after, options()).await.unwrap();
}

#[tokio::test]
async fn occurrences_are_cancelled_and_deleted_on_their_own() {
    let sandbox = sandbox().await;
    let events = organizers(&sandbox);
    let series = events.create(&marker("a"), &daily().with_attendee(required(ADA)), options()).await.unwrap().event;
    let all = events.instances(&series.id, week(), None).await.unwrap().items;
    events.cancel(&all[0].id, "Ill", options()).await.unwrap();
    events.delete(&all[1].id, options()).await.unwrap();
    assert_eq!(mails_since(&sandbox, 1), [format!("cancellation {ADA}"), format!("cancellation {ADA}")]);
    let left = events.instances(&series.id, week(), None).await.unwrap().items;
    assert_eq!(starts(&left), ["2026-07-15 07:00:00", "2026-07-16 07:00:00", "2026-07-17 07:00:00"]);
    assert_eq!(events.read(&all[0].id).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(of(&sandbox, ADA).view(week(), None).await.unwrap().items.len(), 3);
    assert!(events.exceptions(&series.id, week()).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_attendee_answers_one_occurrence() {
    let sandbox = sandbox().await;
    let (mine, theirs) = (organizers(&sandbox), of(&sandbox, ADA));
    let series = mine.create(&marker("a"), &daily().with_attendee(required(ADA)), options()).await.unwrap().event;
    let copies = theirs.view(week(), None).await.unwrap().items;
    theirs.accept(&copies[0].series_master.clone().unwrap(), &Answer::new(), options()).await.unwrap();
    theirs.decline(&copies[1].id, &Answer::new(), options()).await.unwrap();
    let left = theirs.view(week(), None).await.unwrap().items;
    assert_eq!(left.len(), 4);
    assert!(left.iter().all(|one| one.response.as_ref().unwrap().response == Response::Accepted));
    let all = mine.instances(&series.id, week(), None).await.unwrap().items;
    let answers: Vec<_> = all.iter().map(|one| one.attendees[0].status.as_ref().unwrap().response.clone()).collect();
    let yes = Response::Accepted;
    assert_eq!(answers, [yes.clone(), Response::Declined, yes.clone(), yes.clone(), yes]);
}

#[tokio::test]
async fn trap_22_all_occurrences_share_their_uid_and_have_ids_of_their_own() {
    let sandbox = sandbox().await;
    let events = organizers(&sandbox);
    let series = events.create(&marker("a"), &daily(), options()).await.unwrap().event;
    let all = events.instances(&series.id, week(), None).await.unwrap().items;
    assert!(all.iter().all(|one| one.ical_uid == series.ical_uid));
    let ids: std::collections::BTreeSet<_> = all.iter().map(|one| &one.id).collect();
    assert_eq!(ids.len(), 5);
}

#[tokio::test]
async fn a_single_event_has_no_instances() {
    let sandbox = sandbox().await;
    let events = organizers(&sandbox);
    let made = events.create(&marker("a"), &crate::support::outlook_event(), options()).await.unwrap().event;
    assert_eq!(events.instances(&made.id, week(), None).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    let nowhere = invitations_core::ids::EventId::parse("nowhere").unwrap();
    assert_eq!(events.instances(&nowhere, week(), None).await.unwrap_err().kind(), ErrorKind::NotFound);
}

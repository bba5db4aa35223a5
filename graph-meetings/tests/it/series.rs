//! Events that repeat, over the sandbox.

use std::time::Duration;

use graph_meetings::{UnknownTimeZone, UnsupportedRecurrence};
use invitations_core::{
    Error, ErrorKind,
    provider::{CalendarEvent, CalendarProvider as _, CalendarProviderExt as _, EventDraft, EventWrite, WriteOutcome},
    time::{EventTime, Recurrence, Slot, TimeRange, TimeZone, WallTime},
};
use meetings_http::Step;
use meetings_sandbox::defaults::ORGANIZER;
use serde_json::{Value, json};

use crate::support::{graph, listed, marker, options, primary, sandbox, scripted, seen, user, utc};

fn lesson(local: &str, zone: &str, rule: &str) -> EventDraft {
    let start = WallTime::new(local.parse().unwrap(), TimeZone::parse(zone).unwrap());
    let mut draft = EventDraft::new("Lesson", Slot { start, duration: Duration::from_secs(3600) }.into());
    draft.recurrence = Some(Recurrence::parse(rule).unwrap());
    draft
}

fn create(draft: &EventDraft) -> Vec<EventWrite> {
    vec![EventWrite::Create { key: marker("series"), draft: Box::new(draft.clone()) }]
}

fn update(event: &CalendarEvent, draft: &EventDraft) -> Vec<EventWrite> {
    vec![EventWrite::Update { id: event.id.clone(), if_match: None, draft: Box::new(draft.clone()) }]
}

fn applied(mut outcomes: Vec<WriteOutcome>) -> CalendarEvent {
    match outcomes.pop() {
        Some(WriteOutcome::Applied(event)) => *event,
        other => panic!("{other:?}"),
    }
}

fn rejected(mut outcomes: Vec<WriteOutcome>) -> Error {
    match outcomes.pop() {
        Some(WriteOutcome::Rejected(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn spring() -> TimeRange {
    TimeRange::new(utc("2027-03-01T00:00:00Z"), utc("2027-05-01T00:00:00Z"))
}

#[tokio::test]
async fn a_series_keeps_its_hour_on_the_wall_when_clocks_change() {
    let sandbox = sandbox().await;
    let calendars = graph(&sandbox).calendars_of(&user(ORGANIZER));
    // a Monday; Berlin's clocks go forward on 28 March
    let draft = lesson("2027-03-15T10:00:00", "Europe/Berlin", "FREQ=WEEKLY;BYDAY=MO;COUNT=4");
    let made = applied(calendars.write(&primary(), create(&draft), options()).await.unwrap());
    assert_eq!(listed(&sandbox, "events")[0]["startTimeZone"], "W. Europe Standard Time");
    for event in [&made, &calendars.event(&primary(), &made.id).await.unwrap()] {
        assert_eq!((&event.content.time, &event.content.recurrence), (&draft.time, &draft.recurrence));
        assert_eq!(event.content.marker, Some(marker("series")));
    }
    let seen = calendars.complete(&primary(), spring()).await.unwrap();
    let starts: Vec<String> = seen.items().iter().map(|one| one.content.time.range().from.to_rfc3339()).collect();
    assert_eq!(
        starts,
        ["2027-03-15T09:00:00", "2027-03-22T09:00:00", "2027-03-29T08:00:00", "2027-04-05T08:00:00"]
            .map(|start| format!("{start}+00:00"))
    );
    // what a view shows are occurrences: none of them is the event that was written
    assert!(seen.items().iter().all(|one| one.content.marker.is_none() && one.content.recurrence.is_none()));
    let found = calendars.find_by_marker(&primary(), &marker("series")).await.unwrap();
    assert_eq!(found.iter().map(|event| &event.id).collect::<Vec<_>>(), [&made.id]);
}

#[tokio::test]
async fn every_kind_of_rule_comes_back_as_it_went() {
    for (rule, date) in [
        ("FREQ=DAILY;INTERVAL=2;COUNT=3", "2027-03-15"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU;UNTIL=20270405T080000Z", "2027-03-15"),
        ("FREQ=MONTHLY;BYMONTHDAY=15", "2027-03-15"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2027-03-31"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2027-03-31"),
        ("FREQ=MONTHLY;BYDAY=3MO", "2027-03-15"),
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=15", "2027-03-15"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=-1WE", "2027-03-31"),
    ] {
        let sandbox = sandbox().await;
        let calendars = graph(&sandbox).calendars_of(&user(ORGANIZER));
        let draft = lesson(&format!("{date}T10:00:00"), "Europe/Berlin", rule);
        let made = applied(calendars.write(&primary(), create(&draft), options()).await.unwrap());
        assert_eq!((made.content.time, made.content.recurrence), (draft.time, draft.recurrence), "{rule}");
    }
}

#[tokio::test]
async fn trap_18_a_series_of_whole_days_is_dates() {
    let sandbox = sandbox().await;
    let calendars = graph(&sandbox).calendars_of(&user(ORGANIZER));
    let mut draft = lesson("2027-03-15T10:00:00", "Europe/Berlin", "FREQ=DAILY;UNTIL=20270317");
    draft.time = EventTime::AllDay { from: "2027-03-15".parse().unwrap(), days: 1 };
    let made = applied(calendars.write(&primary(), create(&draft), options()).await.unwrap());
    assert_eq!((&made.content.time, &made.content.recurrence), (&draft.time, &draft.recurrence));
    let seen = calendars.complete(&primary(), spring()).await.unwrap();
    assert_eq!(seen.items().len(), 3);
}

#[tokio::test]
async fn what_cannot_be_repeated_is_refused_before_anything_is_sent() {
    let sandbox = sandbox().await;
    let calendars = graph(&sandbox).calendars_of(&user(ORGANIZER));
    let at = "2027-03-15T10:00:00";
    for (draft, kind) in [
        (lesson(at, "Europe/Berlin", "FREQ=MONTHLY;BYMONTHDAY=1,15"), ErrorKind::Unsupported),
        (lesson(at, "Europe/Berlin", "FREQ=WEEKLY;BYDAY=TU"), ErrorKind::InvalidInput),
        (lesson(at, "Antarctica/Troll", "FREQ=WEEKLY"), ErrorKind::InvalidInput),
    ] {
        let error = rejected(calendars.write(&primary(), create(&draft), options()).await.unwrap());
        assert_eq!(error.kind(), kind);
        assert!(error.remedy().is_some());
        let source = std::error::Error::source(&error).unwrap();
        assert!(source.is::<UnsupportedRecurrence>() || source.is::<UnknownTimeZone>());
    }
    assert!(sandbox.journal().iter().all(|entry| !entry.operation.starts_with("graph.")));
}

#[tokio::test]
async fn an_update_says_the_rule_only_when_it_changes_and_takes_it_away_when_it_is_gone() {
    let sandbox = sandbox().await;
    let calendars = graph(&sandbox).calendars_of(&user(ORGANIZER));
    let draft = lesson("2027-03-15T10:00:00", "Europe/Berlin", "FREQ=WEEKLY;COUNT=4");
    let made = applied(calendars.write(&primary(), create(&draft), options()).await.unwrap());
    let second = calendars.complete(&primary(), spring()).await.unwrap().items()[1].clone();
    let gone = vec![EventWrite::Delete { id: second.id.clone(), if_match: None }];
    assert!(matches!(calendars.write(&primary(), gone, options()).await.unwrap()[..], [WriteOutcome::Deleted]));

    let mut renamed = draft.clone();
    renamed.subject = "Algebra".to_owned();
    let changed = applied(calendars.write(&primary(), update(&made, &renamed), options()).await.unwrap());
    assert_eq!(changed.content.recurrence.unwrap().as_rrule(), "FREQ=WEEKLY;BYDAY=MO;COUNT=4");
    assert_eq!(calendars.complete(&primary(), spring()).await.unwrap().items().len(), 3);

    let moved = lesson("2027-03-16T10:00:00", "Europe/Berlin", "FREQ=WEEKLY;COUNT=2");
    let changed = applied(calendars.write(&primary(), update(&made, &moved), options()).await.unwrap());
    assert_eq!(
        (&changed.content.time, changed.content.recurrence.unwrap().as_rrule()),
        (&moved.time, "FREQ=WEEKLY;BYDAY=TU;COUNT=2")
    );

    let mut once = moved.clone();
    once.recurrence = None;
    let changed = applied(calendars.write(&primary(), update(&made, &once), options()).await.unwrap());
    assert_eq!((changed.content.recurrence, changed.content.time.range()), (None, once.time.range()));
    assert_eq!(calendars.complete(&primary(), spring()).await.unwrap().items().len(), 1);
}

#[tokio::test]
async fn an_occurrence_cannot_be_made_a_series() {
    let sandbox = sandbox().await;
    let calendars = graph(&sandbox).calendars_of(&user(ORGANIZER));
    let draft = lesson("2027-03-15T10:00:00", "Europe/Berlin", "FREQ=WEEKLY;COUNT=4");
    calendars.write(&primary(), create(&draft), options()).await.unwrap();
    let one = calendars.complete(&primary(), spring()).await.unwrap().items()[0].clone();
    let error = rejected(calendars.write(&primary(), update(&one, &draft), options()).await.unwrap());
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(seen(&sandbox, "graph.events.update"), 0);
}

fn master(zone: Value, recurrence_zone: Value, pattern: Value) -> String {
    json!({
        "id": "e", "type": "seriesMaster", "subject": "x", "originalStartTimeZone": zone,
        "start": { "dateTime": "2027-03-15T09:00:00.0000000", "timeZone": "UTC" },
        "end": { "dateTime": "2027-03-15T10:00:00.0000000", "timeZone": "UTC" },
        "recurrence": { "pattern": pattern, "range": {
            "type": "endDate", "startDate": "2027-03-15", "endDate": "2027-04-12",
            "recurrenceTimeZone": recurrence_zone, "numberOfOccurrences": 0 } },
    })
    .to_string()
}

async fn read(body: String) -> Result<CalendarEvent, Error> {
    let (graph, _, _) = scripted(vec![Step::reply(200).with_body(body)]);
    let calendars = graph.calendars_of(&user(ORGANIZER));
    calendars.event(&primary(), &invitations_core::ids::EventId::parse("e").unwrap()).await
}

#[tokio::test]
async fn bad_113_a_series_in_an_unknown_zone_is_no_series_in_utc() {
    let weekly = json!({ "type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "sunday" });
    for (zone, why) in [
        (json!("tzone://Microsoft/Custom"), UnknownTimeZone::Custom),
        (json!("Customized Time Zone"), UnknownTimeZone::Custom),
        (json!("UTC+01:00"), UnknownTimeZone::NoSuchName),
        (Value::Null, UnknownTimeZone::Unnamed),
    ] {
        let error = read(master(zone.clone(), Value::Null, weekly.clone())).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{zone}");
        assert!(error.remedy().is_some() && error.detail().unwrap().contains("series e "), "{error:?}");
        let source = std::error::Error::source(&error).and_then(std::error::Error::source).unwrap();
        assert_eq!(*source.downcast_ref::<UnknownTimeZone>().unwrap(), why, "{zone}");
        // the range may name one that is known
        let event = read(master(zone, json!("W. Europe Standard Time"), weekly.clone())).await.unwrap();
        assert_eq!(event.content.recurrence.unwrap().as_rrule(), "FREQ=WEEKLY;BYDAY=MO;UNTIL=20270412T080000Z");
        let EventTime::Timed(slot) = event.content.time else { panic!() };
        assert_eq!(
            (slot.start.zone().name(), slot.start.local().to_string()),
            ("Europe/Berlin", "2027-03-15 10:00:00".to_owned())
        );
    }
}

#[tokio::test]
async fn bad_111_a_series_that_repeats_in_an_unknown_way_is_no_single_event() {
    let error = read(master(json!("UTC"), Value::Null, json!({ "type": "hourly", "interval": 1 }))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.remedy().is_some() && error.detail().unwrap().contains("series e "), "{error:?}");
}

#[tokio::test]
async fn bad_112_a_first_event_in_a_skipped_hour_is_refused_and_one_around_it_comes_back() {
    let sandbox = sandbox().await;
    let calendars = graph(&sandbox).calendars_of(&user(ORGANIZER));
    // Berlin's clocks go from two to three
    for start in ["2027-03-28T02:30:00", "2027-03-28T01:30:00", "2027-03-28T02:00:00"] {
        let draft = lesson(start, "Europe/Berlin", "FREQ=DAILY;COUNT=3");
        let error = rejected(calendars.write(&primary(), create(&draft), options()).await.unwrap());
        let source = std::error::Error::source(&error).unwrap();
        assert_eq!(source.downcast_ref(), Some(&UnsupportedRecurrence::SkippedHour), "{start}");
        assert_eq!((error.kind(), error.remedy().is_some()), (ErrorKind::Unsupported, true));
    }
    assert!(listed(&sandbox, "events").is_empty());
    // from before the hour to after it: an hour on the wall shorter, and the others as long as they were asked for
    let mut draft = lesson("2027-03-28T01:30:00", "Europe/Berlin", "FREQ=DAILY;COUNT=3");
    if let EventTime::Timed(slot) = &mut draft.time {
        slot.duration = Duration::from_secs(2 * 3600);
    }
    let made = applied(calendars.write(&primary(), create(&draft), options()).await.unwrap());
    assert_eq!((made.content.time, made.content.recurrence), (draft.time, draft.recurrence));
    // the hour that is shown twice is the first one
    let twice = lesson("2027-10-31T02:30:00", "Europe/Berlin", "FREQ=DAILY;COUNT=3");
    let write = vec![EventWrite::Create { key: marker("twice"), draft: Box::new(twice.clone()) }];
    let made = applied(calendars.write(&primary(), write, options()).await.unwrap());
    assert_eq!((made.content.time, made.content.recurrence), (twice.time, twice.recurrence));
}

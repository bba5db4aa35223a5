//! The table of protections is true: what it calls keyed or idempotent is sent again when the reply is lost, nothing else is. And it
//! is whole: every method that writes stands in it.

use std::{collections::BTreeSet, path::PathBuf};

use graph_meetings::{
    Graph, GuestInvitation, MeetingOptions, PROTECTIONS, Protection,
    outlook::{Answer, EventCategory, EventPatch, Forward, NewCalendar},
    teams::TeamsPatch,
};
use invitations_core::{
    ids::{EventId, GuestId, MeetingId},
    people::{Attendee, EmailAddress, GuestDirectory as _, GuestDraft},
    provider::{
        AttendeeList as _, CalendarProvider as _, EventWrite, Gathering, MeetingPatch, MeetingProvider as _,
        WriteOptions,
    },
};
use meetings_http::Step;
use serde_json::{Value, json};

use crate::support::{driven, event, key, lesson, marker, options, outlook_event, primary, scripted, user};

/// What the call reads first, then lost replies: how often is the write sent?
async fn sent(call: &str) -> usize {
    let reads = reads(call);
    let before = reads.len();
    let lost = (0..8).map(|_| Step::times_out());
    let steps = reads.into_iter().map(|body| Step::json(200, &body)).chain(lost).collect();
    let (graph, transport, clock) = scripted(steps);
    driven(&clock, Box::pin(make(&graph, call))).await;
    let requests = transport.requests();
    let write = requests.get(before).unwrap_or_else(|| panic!("{call}: nothing was written: {requests:?}"));
    assert_ne!(write.method(), http::Method::GET, "{call}: {requests:?}");
    requests[before..]
        .iter()
        .take_while(|request| request.method() == write.method() && request.uri() == write.uri())
        .count()
}

fn reads(call: &str) -> Vec<Value> {
    let event = json!({
        "id": "e", "@odata.etag": "W/\"1\"", "subject": "Lesson", "isOnlineMeeting": true,
        "start": { "dateTime": "2026-07-15T09:00:00.0000000", "timeZone": "UTC" },
        "end": { "dateTime": "2026-07-15T10:00:00.0000000", "timeZone": "UTC" },
        "body": { "contentType": "html", "content": "" }, "attendees": [attendee()],
        "onlineMeeting": { "joinUrl": "https://teams.microsoft.com/l/meetup-join/x" },
    });
    match call {
        "CalendarMeetings::update"
        | "OutlookCalendars::write, update"
        | "EventAttendees::add"
        | "EventAttendees::remove" => vec![event],
        "OutlookCalendars::ensure_category" => vec![json!({ "value": [] })],
        // finds existing guests first
        "Guests::invite" | "Guests::invite_with" => vec![json!({ "value": [] })],
        "Guests::remove" => vec![json!({ "id": "g", "userType": "Guest", "mail": "bert@fabrikam.example" })],
        "Guests::resend" | "Guests::reset_redemption" => vec![json!({
            "id": "g", "userType": "Guest", "mail": "bert@fabrikam.example", "externalUserState": "PendingAcceptance",
            "creationType": "Invitation",
        })],
        _ => Vec::new(),
    }
}

fn attendee() -> Value {
    json!({ "type": "required", "emailAddress": { "name": "Ada", "address": "ada@contoso.example" } })
}

fn person(address: &str) -> Attendee {
    Attendee::new(EmailAddress::parse(address).unwrap())
}

fn invitation() -> GuestInvitation {
    let address = EmailAddress::parse("bert@fabrikam.example").unwrap();
    GuestInvitation::new(address, "https://app.contoso.example".parse().unwrap())
}

async fn make(graph: &Graph, call: &str) {
    let teams = graph.meetings_of(&user("oid"));
    let outlook = graph.calendar_meetings_of(&user("oid"));
    let calendars = graph.calendars_of(&user("oid"));
    let attendees = graph.attendees_of(&user("oid"));
    let (id, patch) = (MeetingId::parse("m").unwrap(), MeetingPatch::new().with_subject("Other"));
    let (event_id, guest) = (EventId::parse("e").unwrap(), GuestId::parse("g").unwrap());
    let gathering = Gathering::Event { calendar: primary(), event: event_id.clone() };
    let events = calendars.events_in(&primary());
    let calendar = primary();
    let write = |write| calendars.write(&calendar, vec![write], options());
    // only whether it is sent again matters: all end in errors
    match call {
        "TeamsMeetings::create" => drop(teams.create(&key("a"), &lesson(), options()).await),
        "TeamsMeetings::create_with" => {
            drop(teams.create_with(&key("a"), &lesson(), &MeetingOptions::new(), options()).await);
        }
        "TeamsMeetings::update" => drop(teams.update(&id, &patch, options()).await),
        "TeamsMeetings::change" => {
            drop(teams.change(&id, &TeamsPatch::new().with_subject("Other"), options()).await);
        }
        "TeamsMeetings::cancel" => drop(teams.cancel(&id, options()).await),
        "CalendarMeetings::create" => drop(outlook.create(&key("a"), &lesson(), options()).await),
        "CalendarMeetings::create_with" => {
            drop(outlook.create_with(&key("a"), &lesson(), &MeetingOptions::new(), options()).await);
        }
        "CalendarMeetings::update" => drop(outlook.update(&id, &patch, options()).await),
        "CalendarMeetings::cancel" => drop(outlook.cancel(&id, options()).await),
        "CalendarMeetings::cancel_with" => drop(outlook.cancel_with(&id, "Sorry", options()).await),
        "OutlookCalendars::write, create" => {
            drop(write(EventWrite::Create { key: marker("a"), draft: Box::new(event()) }).await);
        }
        "OutlookCalendars::write, update" => {
            drop(write(EventWrite::Update { id: event_id, if_match: None, draft: Box::new(event()) }).await);
        }
        "OutlookCalendars::write, delete" => drop(write(EventWrite::Delete { id: event_id, if_match: None }).await),
        "OutlookCalendars::create_calendar" => {
            drop(calendars.create_calendar(&NewCalendar::new("Lessons"), options()).await);
        }
        "OutlookCalendars::ensure_category" => {
            drop(calendars.ensure_category(&EventCategory::new("Lessons"), options()).await);
        }
        "OutlookEvents::create" => drop(events.create(&marker("a"), &outlook_event(), options()).await),
        "OutlookEvents::patch" => {
            drop(events.patch(&event_id, &EventPatch::new().with_subject("Other"), options()).await);
        }
        "OutlookEvents::delete" => drop(events.delete(&event_id, options()).await),
        "OutlookEvents::cancel" => drop(events.cancel(&event_id, "Sorry", options()).await),
        "OutlookEvents::accept" => drop(events.accept(&event_id, &Answer::new(), options()).await),
        "OutlookEvents::tentatively_accept" => {
            drop(events.tentatively_accept(&event_id, &Answer::new(), options()).await)
        }
        "OutlookEvents::decline" => drop(events.decline(&event_id, &Answer::new(), options()).await),
        "OutlookEvents::forward" => {
            drop(events.forward(&event_id, &Forward::new([person("bert@contoso.example")]), options()).await);
        }
        "EventAttendees::add" => drop(attendees.add(&gathering, &person("bert@contoso.example"), options()).await),
        "EventAttendees::remove" => drop(attendees.remove(&gathering, &person("ada@contoso.example"), options()).await),
        "Guests::invite" => {
            let address = EmailAddress::parse("bert@fabrikam.example").unwrap();
            let draft = GuestDraft::new(address, "https://app.contoso.example".parse().unwrap());
            drop(graph.guests().invite(&draft, WriteOptions::new()).await);
        }
        "Guests::invite_with" => drop(graph.guests().invite_with(&invitation(), options()).await),
        "Guests::resend" => drop(graph.guests().resend(&guest, &invitation(), options()).await),
        "Guests::reset_redemption" => drop(graph.guests().reset_redemption(&guest, &invitation(), options()).await),
        "Guests::remove" => drop(graph.guests().remove(&guest, options()).await),
        other => panic!("{other} is not tried here"),
    }
}

#[tokio::test]
async fn what_is_protected_is_sent_again_and_nothing_else() {
    for row in PROTECTIONS {
        let again = matches!(row.level, Protection::Keyed | Protection::Idempotent);
        let sent = sent(row.call).await;
        assert_eq!(sent > 1, again, "{}: sent {sent} times", row.call);
    }
}

#[test]
fn every_method_that_writes_is_listed() {
    let reads = [
        "details",
        "listed",
        "find",
        "find_by_join_meeting_id",
        "find_by_join_url",
        "find_by_key",
        "find_by_marker",
        "find_by_address",
        "find_known",
        "redemption",
        "attendee",
        "list",
        "read",
        "event",
        "events",
        "changes",
        "attendees",
        "guest",
        "capabilities",
        "provider",
        "clone",
        "fmt",
        "in_calendar",
        "events_in",
        "calendar",
        "calendars",
        "categories",
        "view",
        "instances",
        "exceptions",
        "with_defaults",
        "with_patience",
    ];
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("public-api.txt");
    let text = std::fs::read_to_string(file).unwrap();
    let handles =
        ["TeamsMeetings", "CalendarMeetings", "OutlookCalendars", "OutlookEvents", "EventAttendees", "Guests"];
    let method = |line: &str| {
        let line = line.strip_prefix("pub async fn ").or_else(|| line.strip_prefix("pub fn "))?;
        let mut path = line.split('(').next()?.split('<').next()?.rsplit("::");
        let (method, handle) = (path.next()?, path.next()?);
        (handles.contains(&handle) && !reads.contains(&method)).then(|| format!("{handle}::{method}"))
    };
    let there: BTreeSet<_> = text.lines().filter_map(method).collect();
    let listed = |row: &str| row.split(',').next().unwrap_or_default().to_owned();
    let listed: BTreeSet<_> = PROTECTIONS.iter().map(|row| listed(row.call)).collect();
    assert_eq!(there, listed);
}

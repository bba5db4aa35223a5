//! Everything that the public API of `graph-meetings` can send to Graph, sent once to the sandbox.

use std::sync::Arc;

use chrono::TimeDelta;
use graph_meetings::{
    App, Cloud, DirectoryId, Graph,
    teams::{MeetingOptions, MeetingRole, TeamsPatch},
};
use invitations_core::{
    ErrorKind,
    doctor::Doctor,
    ids::{CalendarId, ClientId, EventId, GuestId, MeetingId, MeetingKey, UserId},
    people::{Attendee, AttendeeRole, EmailAddress, GuestDirectory as _, GuestDraft},
    provider::{
        AttendeeList as _, CalendarProvider, CalendarProviderExt as _, EventDraft, EventWrite, Gathering, Lobby,
        Marker, MeetingDraft, MeetingPatch, MeetingProvider as _, MeetingSettings, WriteOptions,
    },
    runtime::SystemClock,
    secret::ClientSecret,
    time::{EventTime, Recurrence, Slot, TimeRange},
};
use meetings_http::StaticTokens;
use meetings_sandbox::{AuthorizationSide, MicrosoftUser, Sandbox, defaults};

use super::{
    outlook,
    tap::{Exchange, Tap},
    times,
    words::{every_option, every_word},
};
use crate::providers::{sandbox, then};

pub(super) const ADA: &str = "ada@contoso.example";

/// Drives it all; what passed is what comes back.
pub(super) async fn everything() -> Vec<Exchange> {
    let (sandbox, tap) = (sandbox().await, Tap::new());
    let graph = client(sandbox, &tap);
    let ada = sandbox.add_microsoft_user(&MicrosoftUser::new(ADA));
    meetings(&graph, &ada).await;
    calendar_meetings(&graph).await;
    for calendars in [Box::new(graph.calendars_of(&organizer())) as Box<dyn CalendarProvider>, {
        let token = sandbox.access_token(AuthorizationSide::Microsoft, Some(ADA)).expect("a seeded user");
        signed_in(&graph, &token).await;
        Box::new(graph.my_calendars(Arc::new(StaticTokens::new(&token))))
    }] {
        one_calendar(&*calendars, &calendar("primary")).await;
    }
    let lessons = lessons(&graph).await;
    one_calendar(&graph.calendars_of(&organizer()), &lessons).await;
    let in_lessons = graph.calendar_meetings_of(&organizer()).in_calendar(lessons.clone());
    in_lessons.create(&key("there"), &lesson(), WriteOptions::new()).await.expect("a meeting");
    in_lessons.find_by_key(&key("there"), around()).await.expect("a list");
    in_lessons.list(around(), None).await.expect("a list");
    let token = sandbox.access_token(AuthorizationSide::Microsoft, Some(ADA)).expect("a seeded user");
    times::everything(&graph, &token).await;
    outlook::everything(&graph, &lessons).await;
    attendees(&graph, &calendar("primary")).await;
    attendees(&graph, &lessons).await;
    guests(&graph).await;
    doctor(&graph).await;
    refusals(&graph, sandbox).await;
    tap.kept()
}

fn client(sandbox: &Sandbox, tap: &Arc<Tap>) -> Graph {
    let directory = DirectoryId::parse(defaults::DIRECTORY_ID).expect("a directory");
    let client = ClientId::parse(defaults::MICROSOFT_CLIENT_ID).expect("an id");
    let app = App::with_secret(directory, client, ClientSecret::new(defaults::MICROSOFT_CLIENT_SECRET));
    let builder = Graph::builder(app.with_cloud(Cloud::at(sandbox.url(), sandbox.url()))).dangerous_loopback_http();
    builder.transport(Arc::clone(tap) as _).build().expect("a client")
}

async fn meetings(graph: &Graph, ada: &str) {
    let meetings = graph.meetings_of(&organizer());
    let person = attendee(ADA).with_name("Ada").with_guest(GuestId::parse(ada).expect("an id"));
    let draft = lesson()
        .with_attendee(person.clone().with_role(AttendeeRole::CoOrganizer))
        .with_attendee(attendee("grace@fabrikam.example"))
        .with_settings(MeetingSettings::open_room());
    let made = meetings.create_with(&key("k"), &draft, &every_option(), WriteOptions::new()).await.expect("a meeting");
    for options in every_word() {
        let patch = TeamsPatch::new().with_options(options);
        meetings.change(&made.id, &patch, WriteOptions::new()).await.expect("a change");
    }
    for role in [AttendeeRole::Attendee, AttendeeRole::Presenter, AttendeeRole::CoOrganizer] {
        let patch = TeamsPatch::new().with_attendees([person.clone().with_role(role)]);
        meetings.change(&made.id, &patch, WriteOptions::new()).await.expect("a change");
    }
    let patch =
        MeetingPatch::new().with_subject("Moved").with_slot(slot(2)).with_settings(MeetingSettings::open_room());
    meetings.update(&made.id, &patch, WriteOptions::new()).await.expect("a meeting");
    assert_eq!(meetings.details(&made.id).await.expect("a meeting").attendees[0].role, Some(MeetingRole::CoOrganizer));
    meetings.listed(&made.id).await.expect("a list");
    let found = meetings.find_by_join_url(&made.join_url).await.expect("a reply").expect("a meeting");
    let number = found.join_meeting_id.expect("a number");
    meetings.find_by_join_meeting_id(&number).await.expect("a reply").expect("a meeting");
    meetings.cancel(&made.id, WriteOptions::new()).await.expect("done");
    // Graph does not promise to follow these: the client takes the meeting back
    let wish = MeetingOptions::new().with_passcode_required(true).with_template("t-1".to_owned());
    let refused =
        meetings.create_with(&key("wish"), &lesson(), &wish, WriteOptions::new()).await.expect_err("no passcode");
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
}

async fn calendar_meetings(graph: &Graph) {
    let meetings = graph.calendar_meetings_of(&organizer());
    let invited = || lesson().with_lobby(Lobby::Open).with_provider_mails();
    let draft =
        invited().with_attendee(attendee(ADA).with_name("Ada")).with_attendee(attendee("grace@fabrikam.example"));
    let made = meetings.create(&key("k"), &draft, WriteOptions::new()).await.expect("a meeting");
    meetings.create(&key("plain"), &lesson(), WriteOptions::new()).await.expect("a meeting");
    meetings.read(&made.id).await.expect("a meeting");
    meetings.details(&made.id).await.expect("a meeting");
    meetings.find_by_key(&key("k"), around()).await.expect("a list");
    let mut settings = MeetingSettings::default();
    settings.lobby = Some(Lobby::OrganizerOnly);
    let patch = MeetingPatch::new().with_subject("Moved").with_slot(slot(2)).with_settings(settings);
    meetings.update(&made.id, &patch, WriteOptions::new()).await.expect("a meeting");
    let rule = Recurrence::parse("FREQ=WEEKLY;COUNT=4").expect("a rule");
    let series = meetings.create(&key("series"), &draft.clone().with_recurrence(rule), WriteOptions::new()).await;
    let series = series.expect("a series");
    meetings.read(&series.id).await.expect("a series");
    // another day of the week: the rule is said again
    let (from, until) = (slot(1).start_instant() + TimeDelta::days(1), slot(1).end_instant() + TimeDelta::days(1));
    let patch = MeetingPatch::new().with_slot(Slot::from(from..until));
    meetings.update(&series.id, &patch, WriteOptions::new()).await.expect("a series");
    meetings.cancel(&series.id, WriteOptions::new()).await.expect("done");
    for n in 0..55 {
        meetings.create(&key(&format!("page-{n}")), &lesson(), WriteOptions::new()).await.expect("a meeting");
    }
    let page = meetings.list(around(), None).await.expect("a page");
    meetings.list(around(), Some(&page.next.expect("more"))).await.expect("a page");
    meetings.cancel_with(&made.id, "The tutor is ill.", WriteOptions::new()).await.expect("done");
    let other = meetings.find_by_key(&key("plain"), around()).await.expect("a list");
    meetings.cancel(&other[0].id, WriteOptions::new()).await.expect("done");
}

async fn signed_in(graph: &Graph, token: &str) {
    let tokens = || Arc::new(StaticTokens::new(token));
    let meetings = graph.my_meetings(tokens());
    let made = meetings.create(&key("mine"), &lesson(), WriteOptions::new()).await.expect("a meeting");
    meetings.read(&made.id).await.expect("a meeting");
    meetings.cancel(&made.id, WriteOptions::new()).await.expect("done");
    let meetings = graph.my_calendar_meetings(tokens());
    let made = meetings.create(&key("mine"), &lesson(), WriteOptions::new()).await.expect("a meeting");
    let list = graph.my_attendees(tokens());
    list.attendees(&Gathering::Event {
        calendar: calendar("primary"),
        event: EventId::parse(made.id.as_str()).expect("an id"),
    })
    .await
    .expect("a list");
    meetings.cancel(&made.id, WriteOptions::new()).await.expect("done");
}

async fn one_calendar(calendars: &dyn CalendarProvider, at: &CalendarId) {
    // an idempotency key counts for the whole mailbox
    let marker = |text: &str| marker(&format!("{text}-{}", usize::from(at.as_str() == "primary")));
    let all = EventDraft::new("Lesson", slot(1).into())
        .with_body("Bring a pen")
        .with_location("Room 1")
        .with_attendee(attendee(ADA).with_name("Ada"))
        .with_online_meeting();
    let made = calendars.create_event(at, &marker("a"), all.clone(), WriteOptions::new()).await.expect("an event");
    let mut days = EventDraft::new("Days", slot(1).into());
    days.time = EventTime::AllDay { from: "2036-01-10".parse().expect("a date"), days: 2 };
    calendars.create_event(at, &marker("days"), days, WriteOptions::new()).await.expect("an event");
    calendars.event(at, &made.id).await.expect("an event");
    calendars.find_by_marker(at, &marker("a")).await.expect("a list");
    for draft in [all.with_body("Bring two").with_marker(marker("a")), EventDraft::new("Bare", slot(2).into())] {
        let write = EventWrite::Update { id: made.id.clone(), if_match: None, draft: Box::new(draft) };
        calendars.write(at, vec![write], WriteOptions::new()).await.expect("a write");
    }
    let plain = EventDraft::new("B", slot(1).into());
    let plain = calendars.create_event(at, &marker("b"), plain, WriteOptions::new()).await.expect("an event");
    let online = EventDraft::new("B", slot(1).into()).with_body("x").with_online_meeting();
    let write = EventWrite::Update { id: plain.id.clone(), if_match: plain.etag, draft: Box::new(online) };
    calendars.write(at, vec![write], WriteOptions::new()).await.expect("a write");
    for n in 0..50 {
        let draft = EventDraft::new("Page", slot(1).into());
        calendars.create_event(at, &marker(&format!("p-{n}")), draft, WriteOptions::new()).await.expect("an event");
    }
    assert!(calendars.complete(at, around()).await.expect("a list").items().len() > 50);
    let delete = EventWrite::Delete { id: made.id, if_match: None };
    calendars.write(at, vec![delete], WriteOptions::new()).await.expect("a write");
}

/// A second calendar; the client makes none, so this one comes from the raw road.
async fn lessons(graph: &Graph) -> CalendarId {
    let request = http::Request::post(format!("/v1.0/users/{}/calendars", defaults::ORGANIZER))
        .header("content-type", "application/json")
        .body(bytes::Bytes::from_static(br#"{"name":"Lessons"}"#))
        .expect("a request");
    let made = graph.send(request).await.expect("a calendar");
    let made: serde_json::Value = serde_json::from_slice(made.body()).expect("JSON");
    calendar(made["id"].as_str().expect("an id"))
}

async fn attendees(graph: &Graph, at: &CalendarId) {
    let list = graph.attendees_of(&organizer());
    let draft = EventDraft::new("Webinar", slot(1).into());
    let calendars = graph.calendars_of(&organizer());
    let marker = if at.as_str() == "primary" { marker("webinar") } else { marker("other-webinar") };
    let event = calendars.create_event(at, &marker, draft, WriteOptions::new()).await.expect("an event").id;
    let gathering = Gathering::Event { calendar: at.clone(), event };
    for who in [ADA, "grace@fabrikam.example"] {
        list.add(&gathering, &attendee(who).with_name("Somebody"), WriteOptions::new()).await.expect("added");
    }
    list.attendees(&gathering).await.expect("a list");
    list.remove(&gathering, &attendee(ADA), WriteOptions::new()).await.expect("removed");
    let meeting = graph.meetings_of(&organizer()).create(&key("list"), &lesson(), WriteOptions::new()).await;
    list.attendees(&Gathering::Meeting(meeting.expect("a meeting").id)).await.expect("a list");
}

async fn guests(graph: &Graph) {
    let guests = graph.guests();
    let address = EmailAddress::parse("grace@fabrikam.example").expect("an address");
    let draft = GuestDraft::new(address.clone(), "https://app.contoso.example/in".parse().expect("a URL"));
    let made = guests.invite(&draft.with_name("Grace").with_mail(true), WriteOptions::new()).await.expect("a guest");
    guests.guest(&made.id).await.expect("a guest");
    assert_eq!(guests.find_by_address(&address).await.expect("a list").len(), 1);
    guests.remove(&made.id, WriteOptions::new()).await.expect("removed");
}

/// It asks about an organizer for whom all is there, and about one who is not.
async fn doctor(graph: &Graph) {
    use graph_meetings::Feature;
    let nobody = UserId::parse("nobody@contoso.example").expect("an id");
    let features = [Feature::Meetings, Feature::Calendars, Feature::Guests];
    let organizers = graph.doctor().features(features).organizers([organizer(), nobody]);
    Doctor::new(Arc::new(SystemClock)).with(Arc::new(organizers)).diagnose().await;
}

/// Error bodies are answers too.
async fn refusals(graph: &Graph, sandbox: &Sandbox) {
    let (nowhere, event) = (MeetingId::parse("nowhere").expect("an id"), EventId::parse("nowhere").expect("an id"));
    graph.meetings_of(&organizer()).read(&nowhere).await.expect_err("no such meeting");
    graph.calendar_meetings_of(&organizer()).read(&nowhere).await.expect_err("no such event");
    graph.calendars_of(&organizer()).event(&calendar("primary"), &event).await.expect_err("no such event");
    graph.guests().guest(&GuestId::parse("nowhere").expect("an id")).await.expect_err("no such guest");
    let stranger = UserId::parse("nobody@contoso.example").expect("an id");
    graph.meetings_of(&stranger).create(&key("k"), &lesson(), WriteOptions::new()).await.expect_err("no such user");
    sandbox.expire_tokens(None, None);
    graph.meetings_of(&organizer()).create(&key("late"), &lesson(), WriteOptions::new()).await.expect("a new token");
}

pub(super) fn organizer() -> UserId {
    UserId::parse(defaults::ORGANIZER).expect("an id")
}

pub(super) fn calendar(id: &str) -> CalendarId {
    CalendarId::parse(id).expect("an id")
}

fn key(text: &str) -> MeetingKey {
    MeetingKey::parse(text).expect("a key")
}

pub(super) fn marker(text: &str) -> Marker {
    Marker::parse(text).expect("a marker")
}

pub(super) fn attendee(address: &str) -> Attendee {
    Attendee::new(EmailAddress::parse(address).expect("an address"))
}

fn lesson() -> MeetingDraft {
    MeetingDraft::new("Lesson", slot(1))
}

pub(super) fn slot(hours: i64) -> Slot {
    let start = then() + TimeDelta::days(10);
    Slot::from(start..start + TimeDelta::hours(hours))
}

pub(super) fn around() -> TimeRange {
    TimeRange::new(then(), then() + TimeDelta::days(30))
}

//! One suite for every provider: both of ours against the sandbox, and a stranger's, written here with nothing but public API.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use graph_meetings::{App, Cloud, DirectoryId, Graph};
use invitations_core::{
    conformance::{
        attendee_list::AttendeeFixture,
        availability_provider::{AvailabilityFixture, Person},
        calendar_provider::CalendarFixture,
        guest_directory::GuestFixture,
        meeting_provider::ProviderFixture,
    },
    ids::{CalendarId, ClientId, EventId, MeetingId, MeetingKey, UserId},
    people::GuestDirectory,
    provider::{
        AttendeeList, AvailabilityProvider, Busy, CalendarProvider, CalendarProviderExt as _, EventDraft, Gathering,
        Marker, MeetingDraft, MeetingProvider, WriteOptions,
    },
    runtime::{BoxFuture, Clock, SystemClock},
    secret::{ClientSecret, TokenText},
    time::{EventTime, Slot},
};
use meetings_sandbox::{AuthorizationSide, MicrosoftUser, Sandbox, SandboxConfig, defaults};
use serde_json::json;
use webex_meetings::{Integration, Webex};

/// The suites' meetings lie in 2040, and Webex takes none that is ten years away.
pub(crate) fn then() -> DateTime<Utc> {
    "2036-01-01T00:00:00Z".parse().expect("a time")
}

/// Stands where the sandbox does: what is in the past, and what is ten years away, Webex's client refuses by itself.
#[derive(Debug)]
pub(crate) struct Then;

impl Clock for Then {
    fn now(&self) -> DateTime<Utc> {
        then()
    }
    fn instant(&self) -> std::time::Instant {
        SystemClock.instant()
    }
    fn sleep(&self, duration: std::time::Duration) -> BoxFuture<'static, ()> {
        SystemClock.sleep(duration)
    }
}

/// A sandbox that runs as long as the test's runtime.
pub(crate) async fn sandbox() -> &'static Sandbox {
    let config = SandboxConfig::new().frozen_at(then());
    let sandbox = Sandbox::start(config).await.expect("a sandbox on loopback");
    sandbox.grant_access_policy(defaults::ORGANIZER);
    Box::leak(Box::new(sandbox))
}

pub(crate) fn graph(sandbox: &Sandbox) -> Graph {
    let directory = DirectoryId::parse(defaults::DIRECTORY_ID).expect("a directory");
    let client = ClientId::parse(defaults::MICROSOFT_CLIENT_ID).expect("an id");
    let app = App::with_secret(directory, client, ClientSecret::new(defaults::MICROSOFT_CLIENT_SECRET));
    let app = app.with_cloud(Cloud::at(sandbox.url(), sandbox.url()));
    Graph::builder(app).dangerous_loopback_http().build().expect("a client")
}

pub(crate) fn webex(sandbox: &Sandbox) -> Webex {
    let client = ClientId::parse(defaults::WEBEX_CLIENT_ID).expect("an id");
    let integration = Integration::new(client, ClientSecret::new(defaults::WEBEX_CLIENT_SECRET));
    let token = sandbox.access_token(AuthorizationSide::Webex, Some(defaults::ORGANIZER)).expect("a seeded user");
    let builder = Webex::builder(integration).base(sandbox.url()).dangerous_loopback_http().clock(Arc::new(Then));
    builder.access_token(TokenText::new(token)).build().expect("a client")
}

struct Teams;

impl ProviderFixture for Teams {
    async fn provider(&self) -> Arc<dyn MeetingProvider> {
        Arc::new(graph(sandbox().await).meetings_of(&organizer()))
    }
}

mod teams {
    use super::Teams;
    invitations_core::meeting_provider_suite!(
        #[tokio::test]
        Teams
    );
}

struct TeamsEvents;

impl ProviderFixture for TeamsEvents {
    async fn provider(&self) -> Arc<dyn MeetingProvider> {
        Arc::new(graph(sandbox().await).calendar_meetings_of(&organizer()))
    }
}

mod teams_events {
    use super::TeamsEvents;
    invitations_core::meeting_provider_suite!(
        #[tokio::test]
        TeamsEvents
    );
}

struct WebexMeetings;

impl ProviderFixture for WebexMeetings {
    async fn provider(&self) -> Arc<dyn MeetingProvider> {
        Arc::new(webex(sandbox().await).my_meetings().expect("tokens were given"))
    }
}

mod webex_meetings_suite {
    use super::WebexMeetings;
    invitations_core::meeting_provider_suite!(
        #[tokio::test]
        WebexMeetings
    );
}

struct EntraGuests;

impl GuestFixture for EntraGuests {
    async fn directory(&self) -> Arc<dyn GuestDirectory> {
        Arc::new(graph(sandbox().await).guests())
    }
}

mod entra_guests {
    use super::EntraGuests;
    invitations_core::guest_directory_suite!(
        #[tokio::test]
        EntraGuests
    );
}

struct Outlook;

impl CalendarFixture for Outlook {
    async fn provider(&self) -> Arc<dyn CalendarProvider> {
        Arc::new(graph(sandbox().await).calendars_of(&organizer()))
    }

    fn calendar(&self) -> CalendarId {
        CalendarId::parse("default").expect("an id")
    }
}

mod outlook {
    use super::Outlook;
    invitations_core::calendar_provider_suite!(
        #[tokio::test]
        Outlook
    );
}

struct OutlookSchedules;

impl AvailabilityFixture for OutlookSchedules {
    async fn provider(&self, people: &[Person]) -> Arc<dyn AvailabilityProvider> {
        let sandbox = sandbox().await;
        let graph = graph(sandbox);
        for person in people {
            let address = person.who.canonical();
            sandbox.add_microsoft_user(&MicrosoftUser::new(address));
            for (range, busy) in &person.taken {
                let moment = |at: DateTime<Utc>| json!({ "dateTime": at.naive_utc(), "timeZone": "UTC" });
                let show_as = if *busy == Busy::Tentative { "tentative" } else { "busy" };
                let event = json!({ "start": moment(range.from), "end": moment(range.until), "showAs": show_as });
                let request = http::Request::post(format!("/v1.0/users/{address}/events"))
                    .header("content-type", "application/json")
                    .body(bytes::Bytes::from(event.to_string()))
                    .expect("a request");
                graph.send(request).await.expect("an event");
            }
        }
        Arc::new(graph.availability_of(&organizer()))
    }
}

mod outlook_schedules {
    use super::OutlookSchedules;
    invitations_core::availability_provider_suite!(
        #[tokio::test]
        OutlookSchedules
    );
}

struct EventAttendees;

impl AttendeeFixture for EventAttendees {
    async fn gathering(&self) -> (Arc<dyn AttendeeList>, Gathering) {
        let graph = graph(sandbox().await);
        let calendar = Outlook.calendar();
        let (marker, draft) = (Marker::parse("webinar").expect("a marker"), EventDraft::new("Webinar", Outlook.time()));
        let calendars = graph.calendars_of(&organizer());
        let event = calendars.create_event(&calendar, &marker, draft, WriteOptions::new()).await.expect("an event");
        (Arc::new(graph.attendees_of(&organizer())), Gathering::Event { calendar, event: event.id })
    }

    fn unknown(&self) -> Gathering {
        Gathering::Event { calendar: Outlook.calendar(), event: EventId::parse("nowhere").expect("an id") }
    }
}

mod event_attendees {
    use super::EventAttendees;
    invitations_core::attendee_list_suite!(
        #[tokio::test]
        EventAttendees
    );
}

struct WebexInvitees;

impl AttendeeFixture for WebexInvitees {
    async fn gathering(&self) -> (Arc<dyn AttendeeList>, Gathering) {
        let meetings = webex(sandbox().await).my_meetings().expect("tokens were given");
        let EventTime::Timed(slot) = Outlook.time() else { unreachable!("the suite's time is a slot") };
        let (key, draft) = (MeetingKey::parse("call").expect("a key"), MeetingDraft::new("Call", Slot::clone(&slot)));
        let meeting = meetings.create(&key, &draft, WriteOptions::new()).await.expect("a meeting");
        (Arc::new(meetings), Gathering::Meeting(meeting.id))
    }

    fn unknown(&self) -> Gathering {
        Gathering::Meeting(MeetingId::parse("870f51ff287b41be84648412901e0402").expect("an id"))
    }
}

mod webex_invitees {
    use super::WebexInvitees;
    invitations_core::attendee_list_suite!(
        #[tokio::test]
        WebexInvitees
    );
}

fn organizer() -> UserId {
    UserId::parse(defaults::ORGANIZER).expect("an id")
}

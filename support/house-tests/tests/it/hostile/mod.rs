//! A server that means harm, or is broken: the bad inputs of a list by number, each against every client it can reach.
//!
//! What holds for all of them: no panic, nothing of the body in an error, no request to another host, and a create that may have
//! happened is never said not to have.

mod bodies;
mod links;
mod replies;
mod wire;

use std::sync::Arc;

use graph_meetings::{App, DirectoryId, Graph};
use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    ids::{CalendarId, ClientId, EventId, MeetingId, MeetingKey},
    people::{EmailAddress, GuestDirectory as _, GuestDraft},
    provider::{
        CalendarProvider as _, CalendarProviderExt as _, EventDraft, Marker, MeetingDraft, MeetingProvider, Resend,
        WriteOptions,
    },
    secret::ClientSecret,
    time::{Slot, TimeRange},
};
use meetings_http::{ScriptedTransport, StaticTokens, Step};
use serde_json::{Value, json};
use webex_meetings::{Integration, Webex};

/// What is asked, of whom.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Subject {
    TeamsMeeting,
    OutlookEvent,
    Guest,
    WebexMeeting,
}

const ALL: [Subject; 4] = [Subject::TeamsMeeting, Subject::OutlookEvent, Subject::Guest, Subject::WebexMeeting];

/// Stands in every body that is no good; it must never be shown.
const PLANTED: &str = "planted-7f3a";

impl Subject {
    /// A body that every reader takes.
    fn good(self) -> Value {
        match self {
            Self::TeamsMeeting => json!({
                "id": "m1", "subject": PLANTED, "joinWebUrl": "https://teams.example/l/1", "externalId": "lesson-1",
                "startDateTime": "2036-01-11T09:00:00Z", "endDateTime": "2036-01-11T10:00:00Z",
            }),
            Self::OutlookEvent => json!({
                "id": "e1", "subject": PLANTED,
                "start": { "dateTime": "2036-01-11T09:00:00.0000000", "timeZone": "UTC" },
                "end": { "dateTime": "2036-01-11T10:00:00.0000000", "timeZone": "UTC" },
            }),
            Self::Guest => json!({
                "id": "i1", "status": "PendingAcceptance", "invitedUser": { "id": "u1" },
                "inviteRedeemUrl": "https://login.example/redeem",
            }),
            Self::WebexMeeting => json!({
                "id": "m1", "title": PLANTED, "meetingType": "meetingSeries", "webLink": "https://site.example/m1",
                "start": "2036-01-11T09:00:00Z", "end": "2036-01-11T10:00:00Z", "timezone": "UTC",
                "integrationTags": ["lesson-1"],
            }),
        }
    }

    /// The member that is the object's id.
    fn id(self) -> &'static str {
        if self == Self::Guest { "/invitedUser/id" } else { "/id" }
    }

    /// The status of a success.
    fn made(self) -> u16 {
        if self == Self::WebexMeeting { 200 } else { 201 }
    }

    /// Creates one, in one request; its id is what comes back.
    async fn create(self, step: Step) -> Result<String> {
        let once = WriteOptions::new().with_resend(Resend::Caller);
        let steps = match self {
            // it is looked for first, and waited for afterwards
            Self::Guest => {
                let there = json!({ "id": "u1", "mail": "grace@fabrikam.example", "userType": "Guest" });
                vec![Step::json(200, &json!({ "value": [] })), step, Step::json(200, &there)]
            }
            _ => vec![step],
        };
        let clients = Clients::new(steps);
        let key = MeetingKey::parse("lesson-1").expect("a key");
        let made = match self {
            Self::TeamsMeeting | Self::WebexMeeting => {
                clients.meetings(self).create(&key, &lesson(), once).await.map(|made| made.id.to_string())
            }
            Self::OutlookEvent => {
                let (marker, draft) =
                    (Marker::parse("lesson-1").expect("a marker"), EventDraft::new("Lesson", slot().into()));
                let calendars = clients.graph.my_calendars(tokens());
                calendars.create_event(&calendar(), &marker, draft, once).await.map(|made| made.id.to_string())
            }
            Self::Guest => {
                let address = EmailAddress::parse("grace@fabrikam.example").expect("an address");
                let draft = GuestDraft::new(address, "https://app.example/in".parse().expect("a URL"));
                clients.graph.guests().invite(&draft, once).await.map(|made| made.id.to_string())
            }
        };
        clients.kept_to_themselves();
        made
    }

    /// Reads one.
    async fn read(self, step: Step) -> Result<String> {
        let clients = Clients::new(vec![step]);
        let id = MeetingId::parse("m1").expect("an id");
        let read = match self {
            Self::TeamsMeeting | Self::WebexMeeting => {
                clients.meetings(self).read(&id).await.map(|read| read.id.to_string())
            }
            Self::OutlookEvent => {
                let event = EventId::parse("e1").expect("an id");
                clients.graph.my_calendars(tokens()).event(&calendar(), &event).await.map(|read| read.id.to_string())
            }
            Self::Guest => {
                let guest = "u1".parse().expect("an id");
                clients.graph.guests().guest(&guest).await.map(|read| read.id.to_string())
            }
        };
        clients.kept_to_themselves();
        read
    }
}

/// Both clients on one script, which is what both say.
struct Clients {
    graph: Graph,
    webex: Webex,
    transport: Arc<ScriptedTransport>,
}

impl Clients {
    fn new(steps: Vec<Step>) -> Self {
        let transport = Arc::new(ScriptedTransport::new(steps));
        let directory = DirectoryId::parse("contoso.example").expect("a directory");
        let client = || ClientId::parse("client").expect("an id");
        let app = App::with_secret(directory, client(), ClientSecret::new("secret"));
        let never = meetings_http::RetryPolicy::never();
        let graph = Graph::builder(app).transport(Arc::clone(&transport) as _).tokens(tokens()).retry(never.clone());
        let webex = Webex::builder(Integration::new(client(), ClientSecret::new("secret"))).retry(never);
        let webex = webex.clock(Arc::new(crate::providers::Then));
        Self {
            graph: graph.build().expect("a client"),
            webex: webex.transport(Arc::clone(&transport) as _).build().expect("a client"),
            transport,
        }
    }

    fn meetings(&self, subject: Subject) -> Arc<dyn MeetingProvider> {
        match subject {
            Subject::WebexMeeting => Arc::new(self.webex.meetings_of(tokens())),
            _ => Arc::new(self.graph.my_meetings(tokens())),
        }
    }

    /// Nothing went anywhere but to the provider.
    fn kept_to_themselves(&self) {
        for request in self.transport.requests() {
            let host = request.uri().host().unwrap_or_default().to_owned();
            assert!(["graph.microsoft.com", "webexapis.com"].contains(&host.as_str()), "asked {host}");
        }
    }
}

/// The create may have happened.
#[track_caller]
fn in_doubt(what: &str, result: Result<String>) {
    let error = result.expect_err(what);
    assert!(matches!(error.retry(), RetryClass::Unclear { .. }), "{what}: {error:?}");
    silent(what, &error);
}

/// A reply that is none of ours, which says nothing about what was asked.
#[track_caller]
fn refused(what: &str, result: Result<String>) {
    let error = result.expect_err(what);
    assert_eq!(error.kind(), ErrorKind::Protocol, "{what}: {error:?}");
    silent(what, &error);
}

/// Nothing of the body is shown.
#[track_caller]
fn silent(what: &str, error: &Error) {
    let mut shown = format!("{error} {error:?}");
    let mut level: Option<&dyn std::error::Error> = Some(error);
    while let Some(cause) = level {
        shown.push_str(&cause.to_string());
        level = cause.source();
    }
    assert!(!shown.contains(PLANTED) && !shown.contains("planted"), "{what}: {shown}");
    assert!(!shown.chars().any(char::is_control), "{what}: {shown:?}");
}

fn tokens() -> Arc<StaticTokens> {
    Arc::new(StaticTokens::new("token"))
}

fn calendar() -> CalendarId {
    CalendarId::parse("primary").expect("an id")
}

fn lesson() -> MeetingDraft {
    MeetingDraft::new("Lesson", slot())
}

fn slot() -> Slot {
    let at = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>().expect("a time");
    Slot::from(at("2036-01-11T09:00:00Z")..at("2036-01-11T10:00:00Z"))
}

fn around() -> TimeRange {
    slot().range()
}

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use chrono::{DateTime, Utc};
use invitations_core::{
    ids::{ClientId, MeetingId, MeetingKey},
    people::{Attendee, EmailAddress},
    provider::{Gathering, MeetingDraft, Resend, WriteOptions},
    runtime::{Clock, SystemClock},
    secret::{ClientSecret, TokenText},
    time::{Slot, TimeRange, TimeZone, WallTime},
};
use meetings_http::{ScriptedTransport, Step};
use meetings_sandbox::{AuthorizationSide, Sandbox, SandboxConfig, defaults};
use serde_json::{Value, json};
use webex_meetings::{Integration, Webex, WebexBuilder, WebexMeetings};

pub(crate) fn integration() -> Integration {
    let client = ClientId::parse(defaults::WEBEX_CLIENT_ID).unwrap();
    Integration::new(client, ClientSecret::new(defaults::WEBEX_CLIENT_SECRET))
}

/// Stands at one time of day, and waits as long as the system does.
#[derive(Debug)]
struct StandingAt(DateTime<Utc>);

impl Clock for StandingAt {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
    fn instant(&self) -> std::time::Instant {
        SystemClock.instant()
    }
    fn sleep(&self, duration: Duration) -> invitations_core::runtime::BoxFuture<'static, ()> {
        SystemClock.sleep(duration)
    }
}

/// The clock of clients: the first of September 2026, as the sandbox's.
pub(crate) fn september() -> Arc<dyn Clock> {
    Arc::new(StandingAt(utc("2026-09-01T00:00:00Z")))
}

/// As [`september`], and every request takes a minute.
#[derive(Debug)]
pub(crate) struct MinuteARequest(std::time::Instant, OnceLock<Arc<ScriptedTransport>>);

impl Clock for MinuteARequest {
    fn now(&self) -> DateTime<Utc> {
        utc("2026-09-01T00:00:00Z")
    }
    fn instant(&self) -> std::time::Instant {
        let sent = self.1.get().map_or(0, |transport| transport.requests().len());
        self.0 + Duration::from_secs(60) * u32::try_from(sent).unwrap()
    }
    fn sleep(&self, duration: Duration) -> invitations_core::runtime::BoxFuture<'static, ()> {
        SystemClock.sleep(duration)
    }
}

/// Meetings whose every request takes a minute.
pub(crate) fn slow_meetings(steps: Vec<Step>) -> (WebexMeetings, Arc<ScriptedTransport>) {
    let clock = Arc::new(MinuteARequest(SystemClock.instant(), OnceLock::new()));
    let (webex, transport) = scripted_by(steps, |builder| builder.clock(Arc::<MinuteARequest>::clone(&clock)));
    clock.1.set(Arc::clone(&transport)).unwrap();
    (webex.my_meetings().unwrap(), transport)
}

/// A client whose every answer is written down.
pub(crate) fn scripted(steps: Vec<Step>) -> (Webex, Arc<ScriptedTransport>) {
    scripted_by(steps, |builder| builder)
}

pub(crate) fn scripted_by(
    steps: Vec<Step>,
    change: impl FnOnce(WebexBuilder) -> WebexBuilder,
) -> (Webex, Arc<ScriptedTransport>) {
    let transport = Arc::new(ScriptedTransport::new(steps));
    let builder =
        Webex::builder(integration()).transport(Arc::<ScriptedTransport>::clone(&transport)).clock(september());
    (change(builder.access_token(TokenText::new("token-1"))).build().unwrap(), transport)
}

pub(crate) fn scripted_meetings(steps: Vec<Step>) -> (WebexMeetings, Arc<ScriptedTransport>) {
    let (webex, transport) = scripted(steps);
    (webex.my_meetings().unwrap(), transport)
}

/// A sandbox whose clock stands at the first of September 2026.
pub(crate) async fn sandbox() -> Sandbox {
    Sandbox::start(SandboxConfig::new().frozen_at(utc("2026-09-01T00:00:00Z"))).await.unwrap()
}

pub(crate) fn client(sandbox: &Sandbox) -> WebexBuilder {
    Webex::builder(integration()).base(sandbox.url()).dangerous_loopback_http().clock(september())
}

/// The meetings of one of the sandbox's people.
pub(crate) fn meetings_of(sandbox: &Sandbox, address: &str) -> WebexMeetings {
    let token = sandbox.access_token(AuthorizationSide::Webex, Some(address)).unwrap();
    client(sandbox).access_token(TokenText::new(token)).build().unwrap().my_meetings().unwrap()
}

pub(crate) fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn slot(local: &str, zone: &str) -> Slot {
    let start = WallTime::new(local.parse().unwrap(), TimeZone::parse(zone).unwrap());
    Slot { start, duration: Duration::from_secs(45 * 60) }
}

pub(crate) fn draft() -> MeetingDraft {
    MeetingDraft::new("Maths", slot("2026-09-07T09:00:00", "Europe/Paris"))
}

pub(crate) fn around() -> TimeRange {
    draft().slot.range()
}

pub(crate) fn key(text: &str) -> MeetingKey {
    MeetingKey::parse(text).unwrap()
}

pub(crate) fn id(text: &str) -> MeetingId {
    MeetingId::parse(text).unwrap()
}

pub(crate) fn attendee(address: &str) -> Attendee {
    Attendee::new(EmailAddress::parse(address).unwrap())
}

pub(crate) fn gathering(meeting: &MeetingId) -> Gathering {
    Gathering::Meeting(meeting.clone())
}

/// One request, never more.
pub(crate) fn once() -> WriteOptions {
    WriteOptions::new().with_resend(Resend::Caller)
}

/// A meeting as Webex shows it.
pub(crate) fn meeting_json(id: &str, tags: &[&str]) -> Value {
    json!({
        "id": id,
        "meetingType": "meetingSeries",
        "title": "Maths",
        "start": "2026-09-07T07:00:00Z",
        "end": "2026-09-07T07:45:00Z",
        "timezone": "UTC",
        "hostUserId": "Y2lz",
        "hostEmail": "organizer@contoso.example",
        "webLink": format!("https://contoso.webex.example/contoso/j.php?MTID={id}"),
        "password": "Sb1234@",
        "integrationTags": tags,
    })
}

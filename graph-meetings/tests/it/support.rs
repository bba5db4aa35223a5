use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use graph_meetings::{App, Cloud, DirectoryId, Graph, GraphBuilder, outlook::NewEvent};
use invitations_core::{
    ids::{CalendarId, ClientId, MeetingKey, UserId},
    people::{Attendee, EmailAddress},
    provider::{EventDraft, Marker, MeetingDraft, Resend, WriteOptions},
    runtime::{Clock as _, ManualClock, SeededEntropy},
    secret::ClientSecret,
    time::Slot,
};
use meetings_http::{RetryPolicy, ScriptedTransport, StaticTokens, Step};
use meetings_sandbox::{Fault, FaultPlan, FaultRule, Handled, Sandbox, SandboxConfig, defaults};
use serde_json::Value;
use url::Url;

pub(crate) const ADA: &str = "ada@contoso.example";
pub(crate) const OTHER_PORT: &str = "http://127.0.0.1:1/";

/// A sandbox in which the application may organize meetings for everybody.
pub(crate) async fn sandbox() -> Sandbox {
    let sandbox = bare_sandbox().await;
    assert!(sandbox.grant_access_policy("*"));
    sandbox
}

/// A sandbox as an administrator finds it.
pub(crate) async fn bare_sandbox() -> Sandbox {
    Sandbox::start(SandboxConfig::new().starting_at(utc("2026-07-01T00:00:00Z"))).await.unwrap()
}

pub(crate) fn app(root: &Url) -> App {
    let directory = DirectoryId::parse(defaults::DIRECTORY_ID).unwrap();
    let client = ClientId::parse(defaults::MICROSOFT_CLIENT_ID).unwrap();
    let secret = ClientSecret::new(defaults::MICROSOFT_CLIENT_SECRET);
    App::with_secret(directory, client, secret).with_cloud(Cloud::at(root.clone(), root.clone()))
}

/// The first wait before something is sent again is a millisecond.
pub(crate) fn builder(sandbox: &Sandbox) -> GraphBuilder {
    let retry = RetryPolicy::new().with_first_wait(std::time::Duration::from_millis(1));
    Graph::builder(app(&sandbox.url())).dangerous_loopback_http().retry(retry)
}

pub(crate) fn graph(sandbox: &Sandbox) -> Graph {
    builder(sandbox).build().unwrap()
}

/// A client whose every answer is written down, at a time that stands still.
pub(crate) fn scripted(steps: Vec<Step>) -> (Graph, Arc<ScriptedTransport>, ManualClock) {
    let transport = Arc::new(ScriptedTransport::new(steps));
    let clock = ManualClock::new(utc("2026-07-01T00:00:00Z"));
    let graph = Graph::builder(app(&Url::parse("http://127.0.0.1:2/").unwrap()))
        .dangerous_loopback_http()
        .transport(Arc::<ScriptedTransport>::clone(&transport))
        .tokens(Arc::new(StaticTokens::new("token-1")))
        .clock(Arc::new(clock.clone()))
        .entropy(Arc::new(SeededEntropy::new(1)))
        .build()
        .unwrap();
    (graph, transport, clock)
}

/// Lets `work` go on, moving the clock to the next wait whenever it waits.
pub(crate) async fn driven<T>(clock: &ManualClock, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    let start = clock.instant();
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = tokio::task::yield_now() => {}
        }
        if let Some(wait) = clock.next_wake() {
            clock.advance(wait);
        }
        assert!((clock.instant() - start).as_secs() < 3600, "it waits for ever");
    }
}

pub(crate) fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn slot() -> Slot {
    Slot::from(utc("2026-07-15T09:00:00Z")..utc("2026-07-15T10:00:00Z"))
}

pub(crate) fn user(address: &str) -> UserId {
    UserId::parse(address).unwrap()
}

pub(crate) fn key(text: &str) -> MeetingKey {
    MeetingKey::parse(text).unwrap()
}

pub(crate) fn marker(text: &str) -> Marker {
    Marker::parse(text).unwrap()
}

pub(crate) fn primary() -> CalendarId {
    CalendarId::parse("primary").unwrap()
}

pub(crate) fn attendee(address: &str) -> Attendee {
    Attendee::new(EmailAddress::parse(address).unwrap())
}

pub(crate) fn lesson() -> MeetingDraft {
    MeetingDraft::new("Lesson", slot())
}

pub(crate) fn event() -> EventDraft {
    EventDraft::new("Lesson", slot().into())
}

/// The same in Outlook's own words.
pub(crate) fn outlook_event() -> NewEvent {
    NewEvent::new("Lesson", utc("2026-07-15T09:00:00Z"), utc("2026-07-15T10:00:00Z"))
}

pub(crate) fn options() -> WriteOptions {
    WriteOptions::new()
}

/// One request, never more.
pub(crate) fn once() -> WriteOptions {
    WriteOptions::new().with_resend(Resend::Caller)
}

/// How often the sandbox saw an operation.
pub(crate) fn seen(sandbox: &Sandbox, operation: &str) -> usize {
    sandbox.journal().iter().filter(|entry| entry.operation == operation).count()
}

/// The first call of an operation goes wrong.
pub(crate) fn fault(sandbox: &Sandbox, operation: &str, fault: Fault) {
    sandbox.set_faults(FaultPlan::new().with(FaultRule::new(fault).on_operation(operation).at_calls([1])));
}

/// What the sandbox has under `list`.
pub(crate) fn listed(sandbox: &Sandbox, list: &str) -> Vec<Value> {
    sandbox.state()[list].as_array().cloned().unwrap()
}

/// A call of the sandbox's control interface.
pub(crate) async fn control(sandbox: &Sandbox, path: &str, body: Value) {
    let request = http::Request::post(format!("/_sandbox/{path}"))
        .header("content-type", "application/json")
        .body(Bytes::from(body.to_string()))
        .unwrap();
    let Handled::Reply(reply) = sandbox.handle(request).await else { panic!("no reply") };
    assert!(reply.status().is_success(), "{:?}", reply.body());
}

//! Everything that the public API of `webex-meetings` can send to Webex, sent once to the sandbox.

use std::sync::Arc;

use invitations_core::{
    doctor::Doctor,
    ids::{ClientId, MeetingId, MeetingKey},
    people::AttendeeRole,
    provider::{
        AttendeeList as _, Gathering, Lobby, MeetingDraft, MeetingPatch, MeetingProvider as _, MeetingSettings,
        Presenters, WriteOptions,
    },
    runtime::{ManualClock, SystemClock},
    secret::{ClientSecret, WebhookSecret},
    time::Recurrence,
};
use meetings_http::StaticTokens;
use meetings_sandbox::{AuthorizationSide, Sandbox, defaults};
use webex_meetings::webhooks::{Event, Filter, NewWebhook, Owner, Resource};
use webex_meetings::{Feature, Integration, ServiceApp, Webex, WebexBuilder, WebexMeetings};

use super::{
    super::{
        drive::{ADA, around, attendee, slot},
        tap::{Exchange, Tap},
    },
    held::held,
    words,
};
use crate::providers::{Then, sandbox};

/// Drives it all; what passed is what comes back.
pub(super) async fn everything() -> Vec<Exchange> {
    let (sandbox, tap) = (sandbox().await, Tap::new());
    let webex = client(sandbox, &tap);
    let meetings = webex.my_meetings().expect("a token");
    one(&meetings).await;
    lists(&meetings).await;
    series(&meetings).await;
    webhooks(&webex).await;
    invitees(&meetings).await;
    words::everything(&meetings).await;
    held(sandbox, &client_at(sandbox, &tap).my_meetings().expect("a token")).await;
    Doctor::new(Arc::new(SystemClock)).with(Arc::new(webex.doctor().features([Feature::Meetings]))).diagnose().await;
    service_app(sandbox, &tap).await;
    refusals(sandbox, &meetings).await;
    tap.kept()
}

fn client(sandbox: &Sandbox, tap: &Arc<Tap>) -> Webex {
    client_by(sandbox, tap, |builder| builder)
}

/// Windows of the last days are the sandbox's.
fn client_at(sandbox: &Sandbox, tap: &Arc<Tap>) -> Webex {
    client_by(sandbox, tap, |builder| builder.clock(Arc::new(ManualClock::new(sandbox.now()))))
}

fn client_by(sandbox: &Sandbox, tap: &Arc<Tap>, change: impl FnOnce(WebexBuilder) -> WebexBuilder) -> Webex {
    let client = ClientId::parse(defaults::WEBEX_CLIENT_ID).expect("an id");
    let integration = Integration::new(client, ClientSecret::new(defaults::WEBEX_CLIENT_SECRET));
    let builder = Webex::builder(integration).base(sandbox.url()).dangerous_loopback_http().clock(Arc::new(Then));
    let token = sandbox.access_token(AuthorizationSide::Webex, Some(defaults::ORGANIZER)).expect("a seeded user");
    let webex = change(builder.transport(Arc::clone(tap) as _)).build().expect("a client");
    webex.with_tokens(Arc::new(StaticTokens::new(&token)))
}

async fn one(meetings: &WebexMeetings) {
    for lobby in [Lobby::Open, Lobby::Invited] {
        let mut settings = MeetingSettings::open_room();
        (settings.lobby, settings.record) = (Some(lobby), Some(true));
        let draft = lesson().with_settings(settings).with_provider_mails();
        let draft = draft.with_attendee(attendee(ADA).with_name("Ada").with_role(AttendeeRole::CoOrganizer));
        let made = meetings.create(&key(&format!("{lobby:?}")), &draft, WriteOptions::new()).await.expect("a meeting");
        meetings.read(&made.id).await.expect("a meeting");
        let mut settings = MeetingSettings::default();
        settings.presenters = Some(Presenters::Named);
        let patch = MeetingPatch::new().with_subject("Moved").with_slot(slot(2)).with_settings(settings);
        meetings.update(&made.id, &patch, WriteOptions::new()).await.expect("a meeting");
        meetings.cancel(&made.id, WriteOptions::new()).await.expect("done");
    }
}

async fn lists(meetings: &WebexMeetings) {
    for n in 0..60 {
        meetings.create(&key(&format!("page-{n}")), &lesson(), WriteOptions::new()).await.expect("a meeting");
    }
    let mut page = None;
    loop {
        let read = meetings.list(around(), page.as_ref()).await.expect("a page");
        let Some(next) = read.next else { break };
        page = Some(next);
    }
    assert_eq!(meetings.find_by_key(&key("page-7"), around()).await.expect("a list").len(), 1);
}

async fn series(meetings: &WebexMeetings) {
    let rule = Recurrence::parse("FREQ=WEEKLY;INTERVAL=1;COUNT=4;BYDAY=FR").expect("a rule");
    let draft = lesson().with_recurrence(rule);
    let made = meetings.create(&key("series"), &draft, WriteOptions::new()).await.expect("a meeting");
    meetings.read(&made.id).await.expect("a meeting");
}

async fn webhooks(webex: &Webex) {
    let webhooks = webex.my_webhooks().expect("a token");
    let target = "https://app.example/webex".parse().expect("a URL");
    let secret = WebhookSecret::new("0123456789abcdef");
    let one = NewWebhook::new("Ours", target, Resource::Meetings, Event::Ended).with_secret(secret.clone());
    let filtered = one.clone().with_filter(Filter::new().state("ended"));
    for webhook in [&one, &filtered] {
        webhooks.create(webhook, WriteOptions::new()).await.expect("a webhook");
    }
    let there = webhooks.list(&Owner::Creator).await.expect("a list");
    let first = webhooks.read(&there[0].id).await.expect("a webhook");
    webhooks.renew(&first, Some(&secret)).await.expect("a webhook");
    for webhook in &there {
        webhooks.delete(&webhook.id, WriteOptions::new()).await.expect("done");
    }
}

async fn invitees(meetings: &WebexMeetings) {
    let made = meetings.create(&key("invitees"), &lesson(), WriteOptions::new()).await.expect("a meeting");
    let gathering = Gathering::Meeting(made.id);
    for who in [ADA, "grace@fabrikam.example"] {
        meetings.add(&gathering, &attendee(who).with_name("Somebody"), WriteOptions::new()).await.expect("added");
        meetings.add(&gathering, &attendee(who), WriteOptions::new()).await.expect("there already");
    }
    assert_eq!(meetings.attendees(&gathering).await.expect("a list").len(), 2);
    meetings.remove(&gathering, &attendee(ADA), WriteOptions::new()).await.expect("removed");
    meetings.remove(&gathering, &attendee(ADA), WriteOptions::new()).await.expect("gone already");
}

async fn service_app(sandbox: &Sandbox, tap: &Arc<Tap>) {
    sandbox.authorize_service_app(defaults::WEBEX_SERVICE_APP_ID, defaults::WEBEX_ORGANIZATION_ID, true);
    let app = ServiceApp::new(
        defaults::WEBEX_SERVICE_APP_ID,
        ClientId::parse(defaults::WEBEX_SERVICE_APP_CLIENT_ID).expect("an id"),
        ClientSecret::new(defaults::WEBEX_SERVICE_APP_CLIENT_SECRET),
    );
    let scope = "spark:applications_token";
    let token =
        sandbox.scoped_access_token(AuthorizationSide::Webex, defaults::WEBEX_CLIENT_ID, defaults::ORGANIZER, scope);
    let developer = Arc::new(StaticTokens::new(&token.expect("a seeded user")));
    let builder = Webex::builder(app.clone()).base(sandbox.url()).dangerous_loopback_http();
    let webex = builder.transport(Arc::clone(tap) as _).build().expect("a client");
    let tokens = webex.service_app_tokens(&app, defaults::WEBEX_ORGANIZATION_ID, developer).await.expect("tokens");
    let webex = webex.with_tokens(Arc::new(StaticTokens::new(tokens.access.expose())));
    webex.guest_token("guest-1", "Grace").await.expect("a guest");
}

/// Error bodies are answers too.
async fn refusals(sandbox: &Sandbox, meetings: &WebexMeetings) {
    let nowhere = MeetingId::parse("nowhere").expect("an id");
    meetings.read(&nowhere).await.expect_err("no such meeting");
    meetings.cancel(&nowhere, WriteOptions::new()).await.expect_err("no such meeting");
    meetings.attendees(&Gathering::Meeting(nowhere)).await.expect_err("no such meeting");
    sandbox.expire_tokens(None, None);
    meetings.create(&key("late"), &lesson(), WriteOptions::new()).await.expect_err("the token has ended");
}

pub(super) fn key(text: &str) -> MeetingKey {
    MeetingKey::parse(text).expect("a key")
}

pub(super) fn lesson() -> MeetingDraft {
    MeetingDraft::new("Lesson", slot(1))
}

//! What the typed calls read, all of it, as a text to compare.

use std::{fmt::Debug, sync::Arc};

use bytes::Bytes;
use invitations_core::{
    ids::{ClientId, MeetingId},
    people::EmailAddress,
    provider::WriteOptions,
    runtime::ManualClock,
    secret::{ClientSecret, JoinUrl, Passcode, WebhookSecret},
};
use meetings_http::{RetryPolicy, ScriptedTransport, StaticTokens, Step};
use serde_json::{Value, json};
use webex_meetings::{
    AttendeeReportQuery, Integration, Participant, ParticipantId, ParticipantQuery, Recording, RecordingId,
    RecordingQuery, ServiceApp, TranscriptId, TranscriptQuery, Webex,
    invitees::{InviteeId, NewInvitee},
    meetings::{ExtraMembers, JoinRequest, JoinTarget, MeetingFilter, SendEmail, WebexMeeting},
    webhooks::{Owner, Receiver, Webhook, WebhookId},
};

use super::super::super::drive::around;

/// What an answer is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Delivery,
    Guest,
    InvitedMany,
    Invitee,
    Invitees,
    JoinLinks,
    Meeting,
    Meetings,
    Participant,
    Participants,
    People,
    Person,
    Reassigned,
    Recording,
    Recordings,
    Report,
    ServiceApp,
    Sites,
    Snippets,
    Transcripts,
    Webhook,
    Webhooks,
}

/// A value with all that its `Debug` does not show.
#[derive(Default)]
struct Shown(String);

impl Shown {
    fn of(value: &impl Debug) -> Self {
        Self(format!("{value:?}"))
    }

    fn extra(mut self, extra: &ExtraMembers) -> Self {
        self.0.push_str(&Value::Object(extra.expose().clone()).to_string());
        self
    }

    fn secret(mut self, secret: Option<&str>) -> Self {
        self.0.push_str(&json!(secret).to_string());
        self
    }

    fn passcode(self, passcode: Option<&Passcode>) -> Self {
        self.secret(passcode.map(Passcode::expose))
    }

    fn link(self, link: Option<&JoinUrl>) -> Self {
        self.secret(link.map(|link| link.expose().as_str()))
    }
}

pub(super) async fn shown(kind: Kind, body: &Value) -> String {
    let Shown(text) = match kind {
        Kind::Delivery => delivery(body),
        Kind::Guest | Kind::ServiceApp => tokens_of(kind, body).await,
        Kind::InvitedMany | Kind::Invitee | Kind::Invitees => invitees(kind, body).await,
        Kind::JoinLinks | Kind::Meeting | Kind::Meetings | Kind::Reassigned => meetings(kind, body).await,
        Kind::Webhook | Kind::Webhooks => webhooks(kind, body).await,
        Kind::People => {
            let mut all = Shown::default();
            for one in body["items"].as_array().expect("a list") {
                all.0.push_str(&Box::pin(shown(Kind::Person, one)).await);
            }
            all
        }
        _ => what_took_place(kind, body).await,
    };
    text
}

fn client(status: u16, body: &Value) -> Webex {
    let transport = Arc::new(ScriptedTransport::new(vec![Step::json(status, body)]));
    let integration = Integration::new(client_id(), ClientSecret::new("secret"));
    let builder = Webex::builder(integration).retry(RetryPolicy::never()).transport(transport);
    let builder = builder.clock(Arc::new(ManualClock::new(around().until)));
    builder.build().expect("a client").with_tokens(tokens())
}

fn tokens() -> Arc<StaticTokens> {
    Arc::new(StaticTokens::new("token"))
}

fn client_id() -> ClientId {
    ClientId::parse("client").expect("an id")
}

fn somebody() -> EmailAddress {
    EmailAddress::parse("somebody@contoso.example").expect("an address")
}

pub(super) fn some_meeting() -> MeetingId {
    MeetingId::parse("m").expect("an id")
}

fn all<T>(items: &[T], shown: impl Fn(&T) -> Shown) -> Shown {
    Shown(items.iter().map(|item| shown(item).0).collect())
}

fn delivery(body: &Value) -> Shown {
    let request = http::Request::post("/webex").body(Bytes::from(body.to_string())).expect("a request");
    let told = Receiver::dangerous_without_secret().receive(&request).expect("a delivery");
    let rest = (&told.owner, &told.organization, &told.created_by, &told.application, &told.actor);
    let mut shown = Shown::of(&told).extra(&told.extra);
    shown.0.push_str(&format!("{rest:?} {:?}", told.data));
    shown
}

async fn tokens_of(kind: Kind, body: &Value) -> Shown {
    let webex = client(200, body);
    if kind == Kind::Guest {
        let guest = webex.guest_token("guest", "Guest").await.expect("a guest");
        return Shown::of(&guest).extra(&guest.extra).secret(Some(guest.access.expose()));
    }
    let app = ServiceApp::new("app", client_id(), ClientSecret::new("secret"));
    let read = webex.service_app_tokens(&app, "organization", tokens()).await.expect("tokens");
    Shown::of(&read).extra(&read.extra).secret(Some(read.access.expose())).secret(Some(read.refresh.expose()))
}

async fn invitees(kind: Kind, body: &Value) -> Shown {
    let meetings = client(200, body).my_meetings().expect("a token");
    let read = match kind {
        Kind::Invitee => vec![meetings.invitee(&InviteeId::parse("i").expect("an id")).await.expect("an invitee")],
        Kind::Invitees => meetings.invited(&some_meeting()).await.expect("a list"),
        _ => {
            let who = [NewInvitee::new(somebody())];
            let done = meetings.invite_many(&some_meeting(), &who, SendEmail::No, WriteOptions::new()).await;
            done.expect("a list").added
        }
    };
    all(&read, |one| Shown::of(one).extra(&one.extra))
}

fn meeting(one: &WebexMeeting) -> Shown {
    let mut shown = Shown::of(one).extra(&one.extra).link(one.web_link.as_ref()).link(one.register_link.as_ref());
    for passcode in
        [&one.host_key, &one.password, &one.phone_password, &one.panelist_password, &one.phone_panelist_password]
    {
        shown = shown.passcode(passcode.as_ref());
    }
    if let Some(phone) = &one.telephony {
        shown = shown.extra(&phone.extra).passcode(phone.access_code.as_ref());
        shown = phone.numbers.iter().fold(shown, |shown, number| shown.extra(&number.extra));
    }
    shown
}

async fn meetings(kind: Kind, body: &Value) -> Shown {
    let meetings = client(if kind == Kind::Reassigned { 207 } else { 200 }, body).my_meetings().expect("a token");
    match kind {
        Kind::Meeting => meeting(&meetings.details(&some_meeting()).await.expect("a meeting")),
        Kind::Meetings => {
            let page = meetings.list_with(&MeetingFilter::within(around()), None).await.expect("a page");
            all(&page.items, meeting)
        }
        Kind::JoinLinks => {
            let wanted = JoinRequest::new(JoinTarget::Id(some_meeting()), somebody(), "Somebody");
            let links = meetings.join_links(&wanted).await.expect("links");
            Shown::of(&links).extra(&links.extra).link(links.start.as_ref()).link(Some(&links.join))
        }
        _ => {
            let named = |item: &Value| MeetingId::parse(item["meetingId"].as_str()?).ok();
            let ids: Vec<_> = body["items"].as_array().expect("a list").iter().filter_map(named).collect();
            let done = meetings.reassign_host(&somebody(), &ids, None, WriteOptions::new()).await.expect("outcomes");
            all(&done, |one| Shown::of(one).extra(&one.extra))
        }
    }
}

async fn webhooks(kind: Kind, body: &Value) -> Shown {
    let webhooks = client(200, body).my_webhooks().expect("a token");
    let read = match kind {
        Kind::Webhook => vec![webhooks.read(&WebhookId::parse("w").expect("an id")).await.expect("a webhook")],
        _ => webhooks.list(&Owner::Creator).await.expect("a list"),
    };
    all(&read, |one: &Webhook| {
        let secret = one.secret.as_ref().map(WebhookSecret::expose);
        Shown::of(one).extra(&one.extra).secret(Some(&one.target_url)).secret(secret)
    })
}

fn participant(one: &Participant) -> Shown {
    let shown = one.devices.iter().fold(Shown::of(one).extra(&one.extra), |shown, device| shown.extra(&device.extra));
    one.breakout_sessions.iter().fold(shown, |shown, session| shown.extra(&session.extra))
}

fn recording(one: &Recording) -> Shown {
    let mut shown = Shown::of(one).extra(&one.extra).passcode(one.password.as_ref());
    for page in [&one.download_page, &one.playback_page] {
        shown = shown.secret(page.as_ref().map(|page| page.expose().as_str()));
    }
    let Some(links) = &one.links else { return shown };
    for link in [&links.recording, &links.audio, &links.transcript] {
        shown = shown.secret(link.as_ref().map(|link| link.url.expose().as_str()));
    }
    shown.extra(&links.extra)
}

async fn what_took_place(kind: Kind, body: &Value) -> Shown {
    let meetings = client(200, body).my_meetings().expect("a token");
    let transcript = || TranscriptId::parse("t").expect("an id");
    match kind {
        Kind::Participant => {
            let id = ParticipantId::parse("p").expect("an id");
            participant(&meetings.participants().read(&id).await.expect("a participant"))
        }
        Kind::Participants => {
            let read = meetings.participants().list(&some_meeting(), &ParticipantQuery::new()).await;
            all(&read.expect("a list"), participant)
        }
        Kind::Recording => {
            let id = RecordingId::parse("r").expect("an id");
            recording(&meetings.recordings().read(&id, None).await.expect("a recording"))
        }
        Kind::Recordings => {
            let read = meetings.recordings().list(&RecordingQuery::new(around())).await;
            all(&read.expect("a list"), recording)
        }
        Kind::Transcripts => {
            let read = meetings.transcripts().list(&TranscriptQuery::new(around())).await.expect("a list");
            all(&read, |one| Shown::of(one).extra(&one.extra))
        }
        Kind::Snippets => {
            let read = meetings.transcripts().snippets(&transcript()).await.expect("a list");
            all(&read, |one| Shown::of(one).extra(&one.extra).secret(Some(&one.text)))
        }
        Kind::Report => {
            let query = AttendeeReportQuery::new("contoso.webex.example", around());
            let read = meetings.attendee_report(&query).await.expect("a report");
            all(&read, |one| Shown::of(one).extra(&one.extra))
        }
        Kind::Sites => all(&meetings.sites().await.expect("sites"), |one| Shown::of(one).extra(&one.extra)),
        Kind::Person => {
            let read = meetings.me().await.expect("a person");
            Shown::of(&read).extra(&read.extra)
        }
        _ => unreachable!("{kind:?} is read elsewhere"),
    }
}

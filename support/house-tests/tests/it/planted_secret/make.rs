//! Values with the secret inside.

use std::{fmt::Debug, sync::Arc};

use chrono::DateTime;
use graph_meetings::{App, ClientCertificate, DirectoryId, Graph};
use invitations_core::{
    ids::{ClientId, EventId, GuestId, InvitationId, MeetingId, TenantId, UserId},
    invitation::{About, Notice, effect::Made},
    people::{EmailAddress, Guest, Redemption},
    provider::{CalendarEvent, ChangePage, EventChange, EventDraft, Meeting, NextChange},
    secret::{
        ClientSecret, InvitationLink, JoinUrl, KeyRing, Passcode, RedeemUrl, SecretBytes, TokenText, WebhookSecret,
    },
    time::{EventTime, Slot},
    token::{AccessToken, TokenSource},
};
use meetings_http::StaticTokens;
use url::Url;
use webex_meetings::{Integration, Recording, RecordingId, ServiceApp, Webex, WebexMeetings, meetings as webex_words};

use super::{CERTIFICATE, KEY, SECRET};

pub(super) fn app() -> App {
    let directory = DirectoryId::parse("11111111-2222-3333-4444-555555555555").expect("a directory");
    App::with_secret(directory, ClientId::parse("client").expect("an id"), ClientSecret::new(SECRET))
}

pub(super) fn integration() -> Integration {
    Integration::new(ClientId::parse("client").expect("an id"), ClientSecret::new(SECRET))
}

/// A meeting as Graph answers it, every way into it planted.
pub(super) fn outlook_event() -> graph_meetings::outlook::OutlookEvent {
    written_event().event
}

pub(super) fn written_event() -> graph_meetings::outlook::WrittenEvent {
    let link = format!("https://teams.example/{SECRET}");
    let body = serde_json::json!({
        "id": "e", "bodyPreview": SECRET, "body": { "contentType": "html", "content": SECRET }, "later": SECRET,
        "location": { "displayName": SECRET, "locationUri": link, "uniqueId": SECRET }, "isOnlineMeeting": true,
        "onlineMeeting": { "joinUrl": link, "conferenceId": SECRET, "quickDial": SECRET }, "onlineMeetingUrl": link,
    });
    let transport = Arc::new(meetings_http::ScriptedTransport::new(vec![meetings_http::Step::json(201, &body)]));
    let clock = Arc::new(invitations_core::runtime::ManualClock::new(DateTime::UNIX_EPOCH));
    let graph = Graph::builder(app()).transport(transport).tokens(tokens()).clock(clock).build().expect("a client");
    let calendar = invitations_core::ids::CalendarId::parse("primary").expect("an id");
    let events = graph.calendars_of(&UserId::parse("oid").expect("an id")).events_in(&calendar);
    let key = invitations_core::provider::Marker::parse("a").expect("a marker");
    let (from, until) = (DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH + std::time::Duration::from_secs(3_600));
    let draft = graph_meetings::outlook::NewEvent::new("Maths", from, until).with_online_meeting();
    let options = invitations_core::provider::WriteOptions::new();
    let made = futures_util::future::FutureExt::now_or_never(events.create(&key, &draft, options));
    let made = made.expect("at once").expect("an event");
    assert!(made.event.join_url().is_some() && made.event.extras.contains_key("later"), "everything was read");
    made
}

pub(super) fn teams_meeting() -> graph_meetings::teams::TeamsMeeting {
    let link = format!("https://teams.example/{SECRET}");
    let body = serde_json::json!({
        "id": "m", "joinWebUrl": link, "meetingOptionsWebUrl": link, "videoTeleconferenceId": SECRET, "later": SECRET,
        "joinInformation": { "contentType": "html", "content": SECRET },
        "joinMeetingIdSettings": { "passcode": SECRET },
        "audioConferencing": { "conferenceId": SECRET, "dialinUrl": link },
    });
    let transport = Arc::new(meetings_http::ScriptedTransport::new(vec![meetings_http::Step::json(200, &body)]));
    let clock = Arc::new(invitations_core::runtime::ManualClock::new(DateTime::UNIX_EPOCH));
    let graph = Graph::builder(app()).transport(transport).tokens(tokens()).clock(clock).build().expect("a client");
    let meetings = graph.meetings_of(&UserId::parse("oid").expect("an id"));
    let id = MeetingId::parse("m").expect("an id");
    let read = futures_util::future::FutureExt::now_or_never(meetings.details(&id));
    let meeting = read.expect("at once").expect("a meeting");
    assert!(meeting.dial_in.is_some() && meeting.join_information.is_some() && meeting.options_url.is_some());
    meeting
}

pub(super) fn tokens() -> Arc<dyn TokenSource> {
    Arc::new(StaticTokens::new(SECRET))
}

pub(super) fn show(value: &dyn Debug) -> String {
    format!("{value:?}\n{value:#?}")
}

pub(super) fn url() -> Url {
    Url::parse(&format!("https://meet.example/{SECRET}?p={SECRET}#{SECRET}")).expect("a URL")
}

pub(super) fn link() -> InvitationLink {
    InvitationLink::new(url())
}

pub(super) fn join() -> JoinUrl {
    JoinUrl::new(url())
}

pub(super) fn made() -> Made {
    Made::new("1").with_join(join())
}

pub(super) fn access() -> AccessToken {
    AccessToken::new(TokenText::new(SECRET), DateTime::UNIX_EPOCH)
}

pub(super) fn meeting() -> Meeting {
    Meeting::new(MeetingId::parse("1").expect("an id"), "Maths", join()).with_passcode(Passcode::new(SECRET))
}

pub(super) fn guest() -> Guest {
    let email = EmailAddress::parse("guest@example.com").expect("an address");
    let guest = Guest::new(GuestId::parse("1").expect("an id"), email, Redemption::Pending);
    guest.with_redeem_url(RedeemUrl::new(url()))
}

pub(super) fn event() -> CalendarEvent {
    let hour = std::time::Duration::from_secs(3_600);
    let slot = Slot::from(DateTime::UNIX_EPOCH..DateTime::UNIX_EPOCH + hour);
    let content = EventDraft::new("Maths", EventTime::Timed(slot));
    CalendarEvent::new(EventId::parse("1").expect("an id"), content).with_join_url(join())
}

pub(super) fn changes() -> ChangePage {
    let next = NextChange::More(invitations_core::ids::PageToken::parse("2").expect("a token"));
    ChangePage { changes: vec![EventChange::Upserted(Box::new(event()))], next }
}

pub(super) fn notice() -> Notice {
    let tenant = TenantId::parse("school").expect("an id");
    let invitation = InvitationId::parse("1").expect("an id");
    Notice::new(tenant, invitation, "Maths", About::Invited { link: Some(link()) }, "once")
}

pub(super) fn key() -> [u8; 32] {
    SECRET.as_bytes().try_into().expect("32 bytes")
}

/// What nothing has to be waited for.
pub(super) fn at_once<T>(work: impl Future<Output = invitations_core::Result<T>>) -> T {
    futures_util::future::FutureExt::now_or_never(work).expect("at once").expect("a success")
}

pub(super) fn service_app() -> ServiceApp {
    ServiceApp::new("app", ClientId::parse("client").expect("an id"), ClientSecret::new(SECRET))
}

/// A client whose next answer this is.
pub(super) fn new_webhook() -> webex_meetings::webhooks::NewWebhook {
    use webex_meetings::webhooks::{Event, NewWebhook, Resource};
    let target = format!("https://app.example/{SECRET}").parse().expect("a URL");
    NewWebhook::new("n", target, Resource::Meetings, Event::Ended).with_secret(WebhookSecret::new(SECRET))
}

pub(super) fn received(body: &str) -> webex_meetings::webhooks::Delivery {
    let receiver = webex_meetings::webhooks::Receiver::dangerous_without_secret();
    let (method, headers) = (http::Method::POST, http::HeaderMap::new());
    receiver.receive_parts(&method, &headers, body.as_bytes()).expect("a delivery")
}

pub(super) fn webex_answering(body: &serde_json::Value) -> Webex {
    let transport = meetings_http::ScriptedTransport::new(vec![meetings_http::Step::json(200, body)]);
    Webex::builder(integration()).transport(Arc::new(transport)).tokens(tokens()).build().expect("a client")
}

pub(super) fn webex_meetings_answering(body: &serde_json::Value) -> WebexMeetings {
    webex_answering(body).my_meetings().expect("tokens were given")
}

/// Secret are its password, its pages and its links.
pub(super) fn recording() -> Recording {
    let link = url();
    let body = serde_json::json!({
        "id": "r", "password": SECRET, "downloadUrl": link, "playbackUrl": link,
        "temporaryDirectDownloadLinks": { "recordingDownloadLink": link, "audioDownloadLink": link, "transcriptDownloadLink": link, "new": SECRET }, "new": SECRET,
    });
    let meetings = webex_meetings_answering(&body);
    at_once(meetings.recordings().read(&RecordingId::parse("r").expect("an id"), None))
}

pub(super) fn webex_link() -> JoinUrl {
    JoinUrl::new(format!("https://contoso.webex.example/{SECRET}").parse().expect("a URL"))
}

pub(super) fn webex_joining() -> webex_words::JoinRequest {
    let target = webex_words::JoinTarget::WebLink(webex_link());
    let address = EmailAddress::parse("ada@contoso.example").expect("an address");
    let joining = webex_words::JoinRequest::new(target, address, "Ada").with_password(Passcode::new(SECRET));
    joining.with_registration_id(Passcode::new(SECRET))
}

/// A secret in every member that may hold one.
pub(super) fn webex_meeting() -> webex_words::WebexMeeting {
    let link = format!("https://contoso.webex.example/{SECRET}");
    let body = serde_json::json!({
        "id": "m", "webLink": link, "registerLink": link, "password": SECRET, "phoneAndVideoSystemPassword": SECRET,
        "panelistPassword": SECRET, "phoneAndVideoSystemPanelistPassword": SECRET, "hostKey": SECRET,
        "telephony": { "accessCode": SECRET, "new": SECRET, "callInNumbers": [{ "label": "Toll", "new": SECRET }] },
        "meetingOptions": { "new": SECRET }, "liveStream": { "rtmpUrl": SECRET },
    });
    let meetings = webex_answering(&body).my_meetings().expect("tokens");
    at_once(meetings.details(&MeetingId::parse("m").expect("an id")))
}

pub(super) fn key_ring() -> KeyRing {
    KeyRing::new("k1", key()).expect("a key ring")
}

/// A certificate with a key of its own: [`no_key_of_a_certificate_is_shown`] looks for that one.
pub(super) fn certificate() -> ClientCertificate {
    ClientCertificate::from_pem(CERTIFICATE.as_bytes(), &SecretBytes::new(KEY.into())).expect("a certificate")
}

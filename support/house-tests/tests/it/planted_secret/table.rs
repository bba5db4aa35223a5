//! Every public type that can hold a secret, with one.

use std::sync::Arc;

use chrono::DateTime;
use graph_meetings::{
    Credential, DirectoryGuest, Graph, InviteOutcome,
    outlook::{Body, EventPatch, Location},
};
use invitations_core::{
    ids::{ClientId, PrincipalId, TenantId},
    invitation::{
        About, Notifier as _, Proof,
        effect::{Lookup, Outcome},
    },
    memory::MemoryKeyService,
    provider::{EventChange, EventPage, Next, Page, WriteOutcome},
    runtime::SystemClock,
    secret::{
        AuthorizationCode, ClientAssertion, ClientSecret, DeviceCode, DownloadUrl, EnvelopeSealer, IdToken, OAuthState,
        Passcode, PkceVerifier, RedeemUrl, RefreshToken, SealContext, Sealer as _, Sealers, SecretBytes, TokenText,
        WebhookSecret,
    },
    token::{
        ApplicationTokens, AuthorizationRequest, BeginOptions, DeviceAnswer, DeviceAuthorization, Grant, Rejected,
        ServerProfile, TokenReply,
    },
};
use meetings_http::{
    ClientCredential, ClientCredentials, OAuthClient, OAuthEndpoints, OAuthStyle, StaticTokens, SubjectFrom,
};
use url::Url;
use webex_meetings::{DownloadLimits, DownloadLink, TranscriptFormat, TranscriptId, Webex, meetings as webex_words};

use super::{SECRET, make::*};

/// A public type, and a value of it with the secret inside, shown in every way it can be.
pub(super) type Planted = (&'static str, fn() -> Vec<String>);

pub(super) const PLANTED: &[Planted] = &[
    ("graph_meetings::App", || vec![show(&app())]),
    ("graph_meetings::ClientCertificate", || vec![show(&certificate())]),
    ("graph_meetings::Credential", || {
        vec![
            show(&app().credentials),
            show(&Credential::Certificate(certificate())),
            show(&Credential::assertions(|| async { Ok(ClientAssertion::new(SECRET)) })),
        ]
    }),
    ("graph_meetings::DatedCredential", || {
        vec![show(&Credential::Secret(ClientSecret::new(SECRET)).with_expiry(DateTime::UNIX_EPOCH))]
    }),
    ("graph_meetings::DirectoryGuest", || vec![show(&DirectoryGuest::new(guest()))]),
    ("graph_meetings::InviteOutcome", || {
        let known = || DirectoryGuest::new(guest());
        let outcomes = [
            InviteOutcome::Invited(guest()),
            InviteOutcome::GuestAlready(known()),
            InviteOutcome::MemberAlready(known()),
        ];
        outcomes.iter().map(|outcome| show(outcome)).collect()
    }),
    ("graph_meetings::Graph", || vec![show(&Graph::builder(app()).tokens(tokens()).build().expect("a client"))]),
    ("graph_meetings::GraphBuilder", || vec![show(&Graph::builder(app()).tokens(tokens()))]),
    ("graph_meetings::GraphDoctor", || {
        vec![show(&Graph::builder(app()).tokens(tokens()).build().expect("a client").doctor())]
    }),
    ("graph_meetings::outlook::Body", || vec![show(&outlook_event().body), show(&Body::text(SECRET))]),
    ("graph_meetings::outlook::EventPatch", || {
        let patch = EventPatch::new().with_body(Body::html(SECRET)).with_location(Location::new(SECRET));
        vec![show(&patch)]
    }),
    ("graph_meetings::outlook::Location", || vec![show(&outlook_event().location), show(&Location::new(SECRET))]),
    ("graph_meetings::outlook::NewEvent", || {
        let at = DateTime::UNIX_EPOCH;
        let event = graph_meetings::outlook::NewEvent::new("Maths", at, at).with_body(Body::text(SECRET));
        vec![show(&event.with_location(Location::new(SECRET)))]
    }),
    ("graph_meetings::outlook::OnlineMeetingInfo", || vec![show(&outlook_event().online_meeting)]),
    ("graph_meetings::outlook::OutlookEvent", || vec![show(&outlook_event())]),
    ("graph_meetings::outlook::Patch", || vec![show(&graph_meetings::outlook::Patch::Set(Body::text(SECRET)))]),
    ("graph_meetings::outlook::WrittenEvent", || vec![show(&written_event())]),
    ("graph_meetings::teams::DialIn", || vec![show(&teams_meeting().dial_in)]),
    ("graph_meetings::teams::ExtraMembers", || vec![show(&teams_meeting().extra)]),
    ("graph_meetings::teams::JoinInformation", || vec![show(&teams_meeting().join_information)]),
    ("graph_meetings::teams::PrivateUrl", || vec![show(&teams_meeting().options_url)]),
    ("graph_meetings::teams::TeamsMeeting", || vec![show(&teams_meeting())]),
    ("webex_meetings::Download", || {
        let (id, limits) = (TranscriptId::parse("t").expect("an id"), DownloadLimits::new(1000));
        let meetings = webex_meetings_answering(&serde_json::json!({ "said": SECRET }));
        vec![show(&at_once(meetings.transcripts().download(&id, TranscriptFormat::Text, limits)))]
    }),
    ("webex_meetings::DownloadLink", || vec![show(&DownloadLink::new(DownloadUrl::new(url()), None))]),
    ("webex_meetings::GuestToken", || {
        let body = serde_json::json!({ "id": "1", "subject": "s", "accessToken": SECRET, "new": SECRET });
        vec![show(&at_once(webex_answering(&body).guest_token("s", "n")))]
    }),
    ("webex_meetings::Integration", || vec![show(&integration())]),
    ("webex_meetings::Recording", || vec![show(&recording())]),
    ("webex_meetings::RecordingLinks", || vec![show(&recording().links)]),
    ("webex_meetings::ServiceApp", || vec![show(&service_app())]),
    ("webex_meetings::ServiceAppTokens", || {
        let body = serde_json::json!({ "access_token": SECRET, "refresh_token": SECRET, "new": SECRET });
        vec![show(&at_once(webex_answering(&body).service_app_tokens(&service_app(), "org", tokens())))]
    }),
    ("webex_meetings::Snippet", || {
        let meetings = webex_meetings_answering(&serde_json::json!({ "items": [{ "text": SECRET, "new": SECRET }] }));
        vec![show(&at_once(meetings.transcripts().snippets(&TranscriptId::parse("t").expect("an id"))))]
    }),
    ("webex_meetings::Webex", || {
        vec![show(&Webex::builder(integration()).tokens(tokens()).build().expect("a client"))]
    }),
    ("webex_meetings::webhooks::Delivery", || {
        let body = serde_json::json!({
            "id": "w", "resource": "meetings", "event": "ended", "data": { "id": "m", "hostEmail": SECRET }, "new": SECRET,
        });
        vec![show(&received(&body.to_string()))]
    }),
    ("webex_meetings::webhooks::NewWebhook", || vec![show(&new_webhook())]),
    ("webex_meetings::webhooks::Received", || {
        let body = serde_json::json!({
            "id": "w", "resource": "meetings", "event": "updated", "data": { "id": "m", "hostEmail": SECRET }, "new": SECRET,
        });
        let request = http::Request::post("/").body(body.to_string().into()).expect("a request");
        let receiver = webex_meetings::webhooks::Receiver::dangerous_without_secret();
        let seen = webex_meetings::webhooks::MemorySeenDeliveries::new(1);
        vec![show(&futures_util::FutureExt::now_or_never(receiver.handle(&request, &seen)).expect("at once"))]
    }),
    ("webex_meetings::webhooks::Receiver", || {
        vec![show(&webex_meetings::webhooks::Receiver::new([WebhookSecret::new(SECRET)]).expect("a receiver"))]
    }),
    ("webex_meetings::webhooks::Watchdog", || {
        let webhooks = Webex::builder(integration()).build().expect("a client").webhooks_of(tokens());
        vec![show(&webex_meetings::webhooks::Watchdog::new(webhooks, [new_webhook()]))]
    }),
    ("webex_meetings::webhooks::WebexWebhooks", || {
        vec![show(&Webex::builder(integration()).build().expect("a client").webhooks_of(tokens()))]
    }),
    ("webex_meetings::webhooks::Webhook", || {
        let target = format!("https://app.example/{SECRET}");
        let body = serde_json::json!({ "id": "w", "targetUrl": target, "secret": SECRET, "new": SECRET });
        let webhooks = webex_answering(&body).my_webhooks().expect("tokens");
        let id = webex_meetings::webhooks::WebhookId::parse("w").expect("an id");
        vec![show(&at_once(webhooks.read(&id)))]
    }),
    ("webex_meetings::webhooks::WebhookChange", || {
        let change = webex_meetings::webhooks::WebhookChange::new("n", new_webhook().target_url);
        vec![show(&change.with_secret(WebhookSecret::new(SECRET)))]
    }),
    ("webex_meetings::WebexBuilder", || vec![show(&Webex::builder(integration()).tokens(tokens()))]),
    ("webex_meetings::WebexDoctor", || {
        vec![show(&Webex::builder(integration()).tokens(tokens()).build().expect("a client").doctor())]
    }),
    ("webex_meetings::WebexMeetings", || {
        vec![show(&Webex::builder(integration()).build().expect("a client").meetings_of(tokens()))]
    }),
    ("webex_meetings::WebexParticipants", || {
        vec![show(&Webex::builder(integration()).build().expect("a client").meetings_of(tokens()).participants())]
    }),
    ("webex_meetings::WebexRecordings", || {
        vec![show(&Webex::builder(integration()).build().expect("a client").meetings_of(tokens()).recordings())]
    }),
    ("webex_meetings::WebexTranscripts", || {
        vec![show(&Webex::builder(integration()).build().expect("a client").meetings_of(tokens()).transcripts())]
    }),
    ("webex_meetings::meetings::CreateOptions", || {
        let wanted = webex_words::CreateOptions::new().with_password(Passcode::new(SECRET));
        let wanted = wanted.with_panelist_password(Passcode::new(SECRET));
        vec![show(&wanted.with_other("liveStream", SECRET.into()))]
    }),
    ("webex_meetings::meetings::ExtraMembers", || vec![show(&webex_meeting().extra)]),
    ("webex_meetings::meetings::JoinLinks", || {
        let link = format!("https://contoso.webex.example/{SECRET}");
        let body = serde_json::json!({ "startLink": link, "joinLink": link, "new": SECRET });
        let meetings = webex_answering(&body).my_meetings().expect("tokens");
        vec![show(&at_once(meetings.join_links(&webex_joining())))]
    }),
    ("webex_meetings::meetings::JoinRequest", || vec![show(&webex_joining())]),
    ("webex_meetings::meetings::JoinTarget", || vec![show(&webex_joining().meeting)]),
    ("webex_meetings::meetings::MeetingChange", || {
        let change = webex_words::MeetingChange::new(webex_words::SendEmail::No).with_password(Passcode::new(SECRET));
        let change = change.with_panelist_password(Passcode::new(SECRET));
        vec![show(&change.with_other("liveStream", SECRET.into()))]
    }),
    ("webex_meetings::meetings::MeetingFilter", || {
        vec![show(&webex_words::MeetingFilter::by_web_link(webex_link()).with_password(Passcode::new(SECRET)))]
    }),
    ("webex_meetings::meetings::OtherMembers", || {
        vec![show(&webex_words::CreateOptions::new().with_other("liveStream", SECRET.into()).other)]
    }),
    ("webex_meetings::meetings::Place", || vec![show(&webex_words::MeetingFilter::by_web_link(webex_link()).place)]),
    ("webex_meetings::meetings::ReadOptions", || {
        vec![show(&webex_words::ReadOptions::new().with_password(Passcode::new(SECRET)))]
    }),
    ("webex_meetings::meetings::Telephony", || vec![show(&webex_meeting().telephony)]),
    ("webex_meetings::meetings::WebexMeeting", || vec![show(&webex_meeting())]),
    ("invitations_core::token::ApplicationTokens", || {
        let graph = Graph::builder(app()).build().expect("a client");
        vec![show(&ApplicationTokens::new(graph.authorization_server()))]
    }),
    ("meetings_http::Body", || vec![show(&meetings_http::Body::from_bytes(SECRET))]),
    ("meetings_http::Call", || {
        let request = http::Request::post("https://api.example/x?token=".to_owned() + SECRET)
            .header("authorization", format!("Bearer {SECRET}"))
            .body(SECRET.into())
            .expect("a request");
        vec![show(&meetings_http::Call::new("call", request, meetings_http::Protection::Unprotected))]
    }),
    ("meetings_http::ClientCredential", || vec![show(&ClientCredential::Secret(ClientSecret::new(SECRET)))]),
    ("meetings_http::ClientCredentials", || vec![show(&ClientCredentials::from(ClientSecret::new(SECRET)))]),
    ("meetings_http::DeviceClient", || {
        let graph = Graph::builder(app()).build().expect("a client");
        vec![show(&graph.device_authorization_server())]
    }),
    ("meetings_http::OAuthClient", || {
        let [authorize, token] =
            ["https://login.example/a", "https://login.example/t"].map(|url| Url::parse(url).expect("a URL"));
        let profile = ServerProfile::new(graph_meetings::provider_id(), ClientId::parse("client").expect("an id"));
        let style = OAuthStyle {
            scopes: Vec::new(),
            extra_authorize: Vec::new(),
            classify: meetings_http::classify_rfc6749,
            subject: SubjectFrom::IdToken { subject: |_| None, address: |_| None },
            issuers: Vec::new(),
        };
        let endpoints = OAuthEndpoints { authorize, token, revoke: None };
        let transport = Arc::new(meetings_http::ScriptedTransport::new(Vec::new()));
        let (clock, secret) = (Arc::new(SystemClock), ClientSecret::new(SECRET));
        vec![show(&OAuthClient::new(profile, transport, clock, endpoints, secret, style))]
    }),
    ("meetings_http::Pkce", || vec![show(&meetings_http::Pkce::of(PkceVerifier::new(SECRET)))]),
    ("meetings_http::Probe", || {
        let refusal = meetings_http::Step::reply(401).with_body(SECRET);
        let transport = Arc::new(meetings_http::ScriptedTransport::new(vec![refusal]));
        let probe = meetings_http::Probe::new(transport, Arc::new(SystemClock));
        let request =
            http::Request::get(format!("https://api.example/?token={SECRET}")).body(SECRET.into()).expect("a request");
        let sent = meetings_http::Transport::send(&probe, request, std::time::Duration::from_secs(1));
        futures_util::future::FutureExt::now_or_never(sent).expect("at once").expect("a reply");
        assert!(probe.refusal().is_some());
        vec![show(&probe), show(&probe.network()), show(&probe.clock())]
    }),
    ("meetings_http::StaticTokens", || vec![show(&StaticTokens::new(SECRET))]),
    ("invitations_notify::RecordingNotifier", || {
        let notifier = invitations_notify::RecordingNotifier::new();
        futures_util::future::FutureExt::now_or_never(notifier.deliver(&notice())).expect("at once").expect("kept");
        vec![show(&notifier)]
    }),
    ("invitations_notify::WebhookNotifier", || {
        let transport = Arc::new(meetings_http::ScriptedTransport::new(Vec::new()));
        let target = Url::parse("https://hooks.example/x").expect("a URL");
        let notifier = invitations_notify::WebhookNotifier::new(transport, target, SecretBytes::new(SECRET.into()));
        vec![show(&notifier.expect("a notifier"))]
    }),
    ("invitations_core::invitation::About", || {
        vec![
            show(&About::ConfirmAddress { link: link() }),
            show(&About::Invited { link: Some(link()) }),
            show(&About::Accepted { join: Some(join()) }),
            show(&About::Updated { link: Some(link()) }),
            show(&About::AnswerWanted { link: Some(link()) }),
            show(&About::StartsSoon { join: Some(join()) }),
            show(&About::Rescheduled { join: Some(join()) }),
        ]
    }),
    ("invitations_core::invitation::Notice", || vec![show(&notice())]),
    ("invitations_core::invitation::Proof", || vec![show(&Proof::Link(link()))]),
    ("invitations_core::invitation::effect::Lookup", || vec![show(&Lookup::Found(vec![made()]))]),
    ("invitations_core::invitation::effect::Made", || vec![show(&made())]),
    ("invitations_core::invitation::effect::Outcome", || vec![show(&Outcome::Done(Some(made())))]),
    ("invitations_core::people::Guest", || vec![show(&guest())]),
    ("invitations_core::provider::CalendarEvent", || vec![show(&event())]),
    ("invitations_core::provider::ChangePage", || vec![show(&changes())]),
    ("invitations_core::provider::EventChange", || vec![show(&EventChange::Upserted(Box::new(event())))]),
    ("invitations_core::provider::EventPage", || vec![show(&EventPage { items: vec![event()], next: Next::End })]),
    ("invitations_core::provider::Meeting", || vec![show(&meeting())]),
    ("invitations_core::provider::Page", || vec![show(&Page::last(vec![meeting()]))]),
    ("invitations_core::provider::WriteOutcome", || vec![show(&WriteOutcome::Applied(Box::new(event())))]),
    ("invitations_core::secret::AuthorizationCode", || vec![show(&AuthorizationCode::new(SECRET))]),
    ("invitations_core::secret::ClientAssertion", || vec![show(&ClientAssertion::new(SECRET))]),
    ("invitations_core::secret::ClientSecret", || vec![show(&ClientSecret::new(SECRET))]),
    ("invitations_core::memory::MemoryKeyService", || vec![show(&MemoryKeyService::new(key()))]),
    ("invitations_core::secret::EnvelopeSealer", || {
        let sealer = EnvelopeSealer::new("k1", Arc::new(MemoryKeyService::new(key())), Arc::new(SystemClock));
        let (sealer, context) = (sealer.expect("a sealer"), SealContext::new("p", ["t"]));
        // with data keys in memory
        at_once(sealer.seal(&context, SECRET.as_bytes()));
        vec![show(&sealer)]
    }),
    ("invitations_core::secret::Sealers", || vec![show(&Sealers::new(Arc::new(key_ring())))]),
    ("invitations_core::secret::DeviceCode", || vec![show(&DeviceCode::new(SECRET))]),
    ("invitations_core::secret::IdToken", || vec![show(&IdToken::new(SECRET))]),
    ("invitations_core::secret::InvitationLink", || vec![show(&link())]),
    ("invitations_core::secret::DownloadUrl", || vec![show(&DownloadUrl::new(url()))]),
    ("invitations_core::secret::JoinUrl", || vec![show(&join())]),
    ("invitations_core::secret::KeyRing", || vec![show(&key_ring())]),
    ("invitations_core::secret::OAuthState", || vec![show(&OAuthState::new(SECRET))]),
    ("invitations_core::secret::Passcode", || vec![show(&Passcode::new(SECRET))]),
    ("invitations_core::secret::PkceVerifier", || vec![show(&PkceVerifier::new(SECRET))]),
    ("invitations_core::secret::RedeemUrl", || vec![show(&RedeemUrl::new(url()))]),
    ("invitations_core::secret::RefreshToken", || vec![show(&RefreshToken::new(SECRET))]),
    ("invitations_core::secret::SecretBytes", || vec![show(&SecretBytes::new(SECRET.into()))]),
    ("invitations_core::secret::WebhookSecret", || vec![show(&WebhookSecret::new(SECRET))]),
    ("invitations_core::secret::TokenText", || vec![show(&TokenText::new(SECRET))]),
    ("invitations_core::token::AccessToken", || vec![show(&access())]),
    ("invitations_core::token::AuthorizationRequest", || {
        let redirect = Url::parse("https://app.example/back").expect("a URL");
        vec![show(&AuthorizationRequest::new(OAuthState::new(SECRET), "challenge", redirect))]
    }),
    ("invitations_core::token::DeviceAnswer", || {
        let mut reply = TokenReply::new(TokenText::new(SECRET));
        reply.refresh = Some(RefreshToken::new(SECRET));
        vec![show(&DeviceAnswer::Granted(Box::new(reply)))]
    }),
    ("invitations_core::token::DeviceAuthorization", || {
        let page = Url::parse("https://login.example/device").expect("a URL");
        let hour = std::time::Duration::from_secs(3_600);
        vec![show(&DeviceAuthorization::new(DeviceCode::new(SECRET), "CODE", page, hour).expect("codes"))]
    }),
    ("invitations_core::token::DeviceFlow", || {
        let body = serde_json::json!({
            "device_code": SECRET, "user_code": "CODE", "verification_uri": "https://login.example/d", "expires_in": 900,
        });
        let connections = invitations_core::token::Connections::builder(
            Arc::new(invitations_core::memory::MemoryTokenStore::new(Arc::new(SystemClock))),
            Arc::new(key_ring()),
        );
        let server = webex_answering(&body).device_authorization_server();
        let connections = connections.device_server(server).build().expect("connections");
        let (tenant, owner) = (TenantId::parse("t").expect("an id"), PrincipalId::parse("p").expect("an id"));
        let (provider, options) = (webex_meetings::provider_id(), BeginOptions::new());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let flow = runtime.block_on(connections.begin_device(&tenant, &owner, &provider, options));
        vec![show(&flow.expect("a flow"))]
    }),
    ("invitations_core::token::Import", || {
        let (tenant, owner) = (TenantId::parse("t").expect("an id"), PrincipalId::parse("p").expect("an id"));
        vec![show(&service_app().import(tenant, owner, "org", RefreshToken::new(SECRET)).expect("an import"))]
    }),
    ("invitations_core::token::Grant", || {
        let (code, verifier) = (AuthorizationCode::new(SECRET), PkceVerifier::new(SECRET));
        let redirect = Url::parse("https://app.example/back").expect("a URL");
        vec![
            show(&Grant::AuthorizationCode { code, verifier, redirect }),
            show(&Grant::RefreshToken(RefreshToken::new(SECRET))),
        ]
    }),
    ("invitations_core::token::Rejected", || vec![show(&Rejected::new(access()))]),
    ("invitations_core::token::TokenReply", || {
        let mut reply = TokenReply::new(TokenText::new(SECRET));
        reply.refresh = Some(RefreshToken::new(SECRET));
        reply.id_token = Some(IdToken::new(SECRET));
        vec![show(&reply)]
    }),
];

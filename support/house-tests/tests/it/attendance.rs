//! The suite for attendance over Webex, in a sandbox whose lists lag its meetings as the real ones do.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use invitations_core::{
    conformance::attendance_provider::{AttendanceFixture, Stay},
    ids::{ConnectionId, MeetingId, MeetingKey, TenantId},
    provider::{Account, AttendanceProvider, MeetingDraft, MeetingProvider as _, Providers, WriteOptions},
    runtime::ManualClock,
    secret::{ClientSecret, TokenText},
    time::{Slot, TimeZone},
};
use meetings_http::StaticTokens;
use meetings_sandbox::{AuthorizationSide, Handled, Sandbox, SandboxConfig, WebexUser, defaults};
use serde_json::{Value, json};
use webex_meetings::{Integration, Webex};

/// How far the sandbox's lists are behind.
const LAG: Duration = Duration::from_secs(600);

struct WebexPeople;

async fn control(sandbox: &Sandbox, what: &str, body: &Value) -> Value {
    let request = http::Request::post(format!("/_sandbox/{what}")).body(Bytes::from(body.to_string()));
    match sandbox.handle(request.expect("a request")).await {
        Handled::Reply(reply) if reply.status().is_success() => serde_json::from_slice(reply.body()).expect("JSON"),
        other => panic!("{what} {body}: {other:?}"),
    }
}

/// The client's clock stands where the sandbox's does.
fn webex(sandbox: &Sandbox, clock: Arc<ManualClock>) -> Webex {
    let client = invitations_core::ids::ClientId::parse(defaults::WEBEX_CLIENT_ID).expect("an id");
    let integration = Integration::new(client, ClientSecret::new(defaults::WEBEX_CLIENT_SECRET));
    let token = sandbox.access_token(AuthorizationSide::Webex, Some(defaults::ORGANIZER)).expect("a seeded user");
    let sources = token.clone();
    Webex::builder(integration)
        .base(sandbox.url())
        .dangerous_loopback_http()
        .clock(clock)
        .access_token(TokenText::new(token))
        .token_sources(Arc::new(move |_, _| Arc::new(StaticTokens::new(&sources))))
        .build()
        .expect("a client")
}

impl AttendanceFixture for WebexPeople {
    async fn meeting(&self, stays: &[Stay]) -> (Arc<dyn AttendanceProvider>, MeetingId) {
        let config = SandboxConfig::new().frozen_at(self.start());
        let sandbox: &Sandbox = Box::leak(Box::new(Sandbox::start(config).await.expect("a sandbox on loopback")));
        control(sandbox, "webex", &json!({ "participant_lag_seconds": LAG.as_secs() })).await;
        let clock = Arc::new(ManualClock::new(self.start()));
        let webex = webex(sandbox, Arc::clone(&clock));
        let start = self.start() + Duration::from_secs(3600);
        let slot = Slot::at(start, Duration::from_secs(3600), TimeZone::UTC).expect("a slot");
        let (key, draft) = (MeetingKey::parse("suite").expect("a key"), MeetingDraft::new("Suite", slot));
        let meetings = webex.my_meetings().expect("tokens were given");
        let meeting = meetings.create(&key, &draft, WriteOptions::new()).await.expect("a meeting").id;
        // in the order of time, who comes before who goes
        let mut events: BTreeMap<(DateTime<Utc>, bool), Vec<&Stay>> = BTreeMap::new();
        for stay in stays {
            events.entry((stay.joined, false)).or_default().push(stay);
            if let Some(left) = stay.left {
                events.entry((left, true)).or_default().push(stay);
            }
        }
        let mut ids = BTreeMap::new();
        for ((at, leaves), those) in events {
            sandbox.advance((at - sandbox.now()).to_std().expect("time goes on"));
            for stay in those {
                if leaves {
                    let left = json!({ "participant": ids.get(&stay.name).expect("has joined") });
                    control(sandbox, "webex/leave", &left).await;
                    continue;
                }
                let email = stay.who.as_ref().map(ToString::to_string);
                if let Some(email) = &email {
                    sandbox.add_webex_user(&WebexUser::new(email));
                }
                let arrival = json!({ "meeting": meeting.as_str(), "email": email, "name": stay.name });
                let joined = control(sandbox, "webex/join", &arrival).await;
                ids.insert(stay.name.clone(), joined["participant"].as_str().expect("an id").to_owned());
            }
        }
        sandbox.advance(LAG);
        clock.advance((sandbox.now() - self.start()).to_std().expect("time goes on"));
        let (tenant, connection) = (TenantId::parse("school"), ConnectionId::parse("consent"));
        let (tenant, connection) = (tenant.expect("an id"), connection.expect("an id"));
        let account = Account::connection(tenant, webex_meetings::provider_id(), connection);
        let providers = Providers::new().with_attendance(webex_meetings::provider_id(), Arc::new(webex));
        (providers.attendance(&account).await.expect("an account"), meeting)
    }

    fn unknown(&self) -> Result<MeetingId, invitations_core::conformance::Finding> {
        Ok(MeetingId::parse("870f51ff287b41be84648412901e0402")?)
    }
}

mod webex_participants {
    use super::WebexPeople;
    invitations_core::attendance_provider_suite!(
        #[tokio::test]
        WebexPeople
    );
}

//! Signing in on another device.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use graph_meetings::{App, Cloud, DirectoryId, Graph, provider_id};
use invitations_core::{
    ErrorKind, Result,
    ids::{ClientId, PrincipalId, TenantId},
    memory::MemoryTokenStore,
    runtime::{Clock, ManualClock, TokioSpawner},
    secret::{ClientSecret, KeyRing},
    token::{BeginOptions, ConnectionState, Connections, DeviceFlow, DeviceProgress},
};
use meetings_sandbox::{Fault, FaultPlan, FaultRule, Sandbox, SandboxConfig, defaults};

struct Room {
    sandbox: Sandbox,
    clock: ManualClock,
    connections: Connections,
}

impl Room {
    async fn new() -> Self {
        Self::with_secret(defaults::MICROSOFT_CLIENT_SECRET).await
    }

    async fn with_secret(secret: &str) -> Self {
        let start: DateTime<Utc> = "2026-09-01T00:00:00Z".parse().unwrap();
        let sandbox = Sandbox::start(SandboxConfig::new().frozen_at(start)).await.unwrap();
        let directory = DirectoryId::parse(defaults::DIRECTORY_ID).unwrap();
        let client = ClientId::parse(defaults::MICROSOFT_CLIENT_ID).unwrap();
        let app = App::with_secret(directory, client, ClientSecret::new(secret));
        let graph = Graph::builder(app.with_cloud(Cloud::at(sandbox.url(), sandbox.url())))
            .dangerous_loopback_http()
            .build()
            .unwrap();
        let clock = ManualClock::new(start);
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let store = Arc::new(MemoryTokenStore::new(Arc::clone(&shared)));
        let connections = Connections::builder(store, Arc::new(KeyRing::generate().unwrap()))
            .device_server(graph.device_authorization_server())
            .clock(shared)
            .spawner(Arc::new(TokioSpawner))
            .build()
            .unwrap();
        Self { sandbox, clock, connections }
    }

    async fn begin(&self) -> Result<DeviceFlow> {
        let (tenant, owner) = (TenantId::parse("t").unwrap(), PrincipalId::parse("p").unwrap());
        self.connections.begin_device(&tenant, &owner, &provider_id(), BeginOptions::new()).await
    }

    fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        self.sandbox.advance(Duration::from_secs(seconds));
    }
}

#[tokio::test]
async fn a_user_agrees_on_another_device() {
    let room = Room::new().await;
    let mut flow = room.begin().await.unwrap();
    assert_eq!((flow.expires_at() - room.clock.now()).num_seconds(), 900);
    assert!(flow.verification_uri_complete().is_none());
    room.pass(5);
    assert!(matches!(flow.poll().await.unwrap(), DeviceProgress::Waiting { .. }));
    assert!(room.sandbox.decide_device(flow.user_code(), Some("ada@contoso.example")));
    room.pass(5);
    let DeviceProgress::Connected(view) = flow.poll().await.unwrap() else { panic!("not connected") };
    assert_eq!((view.owner.as_str(), view.state.clone()), ("p", ConnectionState::Valid));
    assert_eq!(view.address.as_ref().unwrap().canonical(), "ada@contoso.example");
    room.clock.advance(Duration::from_secs(7200));
    room.connections.source(&view.tenant, &view.provider, &view.id).access_token().await.unwrap();
    assert_eq!(room.connections.refreshes(), 1);
}

#[tokio::test]
async fn each_end_is_told_apart() {
    let room = Room::new().await;
    let mut declined = room.begin().await.unwrap();
    assert!(room.sandbox.decide_device(declined.user_code(), None));
    room.pass(5);
    let error = declined.poll().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.detail()),
        (ErrorKind::PermissionDenied, Some("the user or an administrator said no"))
    );

    let mut late = room.begin().await.unwrap();
    room.sandbox.advance(Duration::from_secs(900));
    room.clock.advance(Duration::from_secs(5));
    let error = late.poll().await.unwrap_err();
    assert_eq!((error.kind(), error.detail()), (ErrorKind::PermissionDenied, Some("the code is over; begin again")));

    // the operator's secret is no reason to doubt the user
    let room = Room::with_secret("wrong").await;
    let mut flow = room.begin().await.unwrap();
    room.pass(5);
    assert_eq!(flow.poll().await.unwrap_err().kind(), ErrorKind::Misconfigured);
}

#[tokio::test]
async fn a_reply_that_was_lost_buys_nothing_twice() {
    let room = Room::new().await;
    let mut flow = room.begin().await.unwrap();
    assert!(room.sandbox.decide_device(flow.user_code(), Some(defaults::ORGANIZER)));
    let lost = FaultRule::new(Fault::LostReply).on("POST", "/oauth2/v2.0/token").times(1);
    room.sandbox.set_faults(FaultPlan::new().with(lost));
    room.pass(5);
    let DeviceProgress::Waiting { after } = flow.poll().await.unwrap() else { panic!("connected") };
    room.pass(after.as_secs());
    assert_eq!(flow.poll().await.unwrap_err().kind(), ErrorKind::PermissionDenied);
    let grants = &room.sandbox.state()["tokenCalls"];
    assert!(grants.to_string().contains("device_code"), "{grants}");
}

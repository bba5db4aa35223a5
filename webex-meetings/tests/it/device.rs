//! Signing in on another device.

use std::{sync::Arc, time::Duration};

use invitations_core::{
    ErrorKind,
    ids::{PrincipalId, TenantId},
    memory::MemoryTokenStore,
    runtime::{Clock, ManualClock, TokioSpawner},
    secret::KeyRing,
    token::{BeginOptions, ConnectionState, Connections, DeviceFlow, DeviceProgress},
};
use meetings_sandbox::{Sandbox, defaults};
use webex_meetings::provider_id;

use crate::support::{client, sandbox, utc};

struct Room {
    sandbox: Sandbox,
    clock: ManualClock,
    connections: Connections,
}

impl Room {
    async fn new() -> Self {
        let sandbox = sandbox().await;
        let webex = client(&sandbox).build().unwrap();
        let clock = ManualClock::new(utc("2026-09-01T00:00:00Z"));
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let store = Arc::new(MemoryTokenStore::new(Arc::clone(&shared)));
        let connections = Connections::builder(store, Arc::new(KeyRing::generate().unwrap()))
            .device_server(webex.device_authorization_server())
            .clock(shared)
            .spawner(Arc::new(TokioSpawner))
            .build()
            .unwrap();
        Self { sandbox, clock, connections }
    }

    async fn begin(&self) -> DeviceFlow {
        let (tenant, owner) = (TenantId::parse("t").unwrap(), PrincipalId::parse("p").unwrap());
        self.connections.begin_device(&tenant, &owner, &provider_id(), BeginOptions::new()).await.unwrap()
    }

    fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        self.sandbox.advance(Duration::from_secs(seconds));
    }
}

#[tokio::test]
async fn a_user_agrees_on_another_device() {
    let room = Room::new().await;
    let mut flow = room.begin().await;
    assert!(flow.verification_uri_complete().unwrap().as_str().contains(flow.user_code()));
    room.pass(2);
    assert!(matches!(flow.poll().await.unwrap(), DeviceProgress::Waiting { .. }));
    assert!(room.sandbox.decide_device(flow.user_code(), Some("ada@contoso.example")));
    room.pass(2);
    let DeviceProgress::Connected(view) = flow.poll().await.unwrap() else { panic!("not connected") };
    assert_eq!(view.address.as_ref().unwrap().canonical(), "ada@contoso.example");
    assert_eq!(view.state, ConnectionState::Valid);
    room.connections.source(&view.tenant, &view.provider, &view.id).access_token().await.unwrap();
}

#[tokio::test]
async fn a_user_declines_and_a_code_ends() {
    let room = Room::new().await;
    let mut flow = room.begin().await;
    assert!(room.sandbox.decide_device(flow.user_code(), None));
    room.pass(2);
    assert_eq!(flow.poll().await.unwrap_err().kind(), ErrorKind::PermissionDenied);
    let mut flow = room.begin().await;
    room.sandbox.advance(Duration::from_secs(300));
    room.clock.advance(Duration::from_secs(2));
    // the server's clock is the one that counts
    let error = flow.poll().await.unwrap_err();
    assert_eq!((error.kind(), error.detail()), (ErrorKind::PermissionDenied, Some("the code is over; begin again")));
    assert!(!room.sandbox.decide_device(flow.user_code(), Some(defaults::ORGANIZER)));
}

#[tokio::test]
async fn a_server_that_is_asked_too_often_is_asked_less() {
    let room = Room::new().await;
    let mut flow = room.begin().await;
    for _ in 0..2 {
        // our clock is ahead of the server's
        room.clock.advance(Duration::from_secs(2));
        flow.poll().await.unwrap();
    }
    let DeviceProgress::Waiting { after } = flow.poll().await.unwrap() else { panic!("connected") };
    assert_eq!(after, Duration::from_secs(7));
}

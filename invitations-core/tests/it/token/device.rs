//! Signing in on another device (RFC 8628).

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    ids::ProviderId,
    runtime::{Clock as _, ManualClock},
    secret::{AuthorizationCode, DeviceCode, PkceVerifier, RefreshToken},
    token::{
        AuthorizationRequest, AuthorizationServer, BeginOptions, ConnectionState, ConnectionStatus, DeviceAnswer,
        DeviceAuthorization, DeviceAuthorizationServer, DeviceFlow, DeviceProgress, Grant, GrantFailure,
        GrantFailureClass, Identity, RevokeReply, ServerProfile, TokenReply, TokenStore as _,
    },
};
use url::Url;

use super::world::{PLANTED, Server, World, drive, owner, secs, settle, tenant};

#[derive(Debug)]
enum Say {
    Grant,
    Pending,
    SlowDown,
    Denied,
    Expired,
    Fail(GrantFailureClass),
    /// Grants, and the answer is lost.
    Lose,
    /// Before the next one.
    Slow(Duration),
}

/// What it says to one question after the other; pending after that.
#[derive(Debug)]
struct Devices {
    server: Arc<Server>,
    clock: ManualClock,
    says: Mutex<VecDeque<Say>>,
    asked: Mutex<Vec<Duration>>,
    redeemed: Mutex<bool>,
    began: std::time::Instant,
    expires_in: Duration,
}

impl Devices {
    fn failure(class: GrantFailureClass) -> GrantFailure {
        GrantFailure::new(class, Error::new(ErrorKind::Unavailable, "ask server"))
    }

    async fn grant(&self) -> Result<TokenReply, GrantFailure> {
        assert!(!std::mem::replace(&mut *self.redeemed.lock().unwrap(), true), "redeemed twice");
        let (code, verifier) = (AuthorizationCode::new("device"), PkceVerifier::new("device"));
        let redirect = Url::parse("https://device.example").unwrap();
        self.server.token(&Grant::AuthorizationCode { code, verifier, redirect }, secs(1)).await
    }
}

#[async_trait]
impl AuthorizationServer for Devices {
    fn profile(&self) -> &ServerProfile {
        self.server.profile()
    }
    fn authorization_url(&self, request: &AuthorizationRequest) -> Result<Url> {
        self.server.authorization_url(request)
    }
    async fn token(&self, grant: &Grant, timeout: Duration) -> Result<TokenReply, GrantFailure> {
        self.server.token(grant, timeout).await
    }
    async fn identity(&self, reply: &TokenReply) -> Result<Identity, GrantFailure> {
        self.server.identity(reply).await
    }
    async fn revoke(&self, token: &RefreshToken, timeout: Duration) -> Result<RevokeReply, GrantFailure> {
        self.server.revoke(token, timeout).await
    }
}

#[async_trait]
impl DeviceAuthorizationServer for Devices {
    async fn begin_device(&self, _: &[String], _: Duration) -> Result<DeviceAuthorization, GrantFailure> {
        let page = Url::parse("https://login.example/device").unwrap();
        Ok(DeviceAuthorization::new(DeviceCode::new(format!("device-{PLANTED}")), "ABCD-1234", page, self.expires_in)
            .unwrap())
    }

    async fn poll_device(&self, code: &DeviceCode, _: Duration) -> Result<DeviceAnswer, GrantFailure> {
        assert_eq!(code.expose(), format!("device-{PLANTED}"));
        self.asked.lock().unwrap().push(self.clock.instant() - self.began);
        let mut say = self.says.lock().unwrap().pop_front();
        if let Some(Say::Slow(time)) = say {
            self.clock.sleep(time).await;
            say = self.says.lock().unwrap().pop_front();
        }
        Ok(match say {
            Some(Say::Grant) => DeviceAnswer::Granted(Box::new(self.grant().await?)),
            Some(Say::SlowDown) => DeviceAnswer::SlowDown,
            Some(Say::Denied) => DeviceAnswer::Denied,
            Some(Say::Expired) => DeviceAnswer::Expired,
            Some(Say::Fail(class)) => return Err(Self::failure(class)),
            Some(Say::Lose) => {
                self.grant().await?;
                return Err(Self::failure(GrantFailureClass::Unknown));
            }
            Some(Say::Pending | Say::Slow(_)) | None => DeviceAnswer::Pending,
        })
    }
}

struct Room {
    world: World,
    devices: Arc<Devices>,
}

impl Room {
    fn new(says: impl IntoIterator<Item = Say>) -> Self {
        let base = World::new();
        let devices = Arc::new(Devices {
            server: Arc::clone(&base.server),
            clock: base.clock.clone(),
            says: Mutex::new(says.into_iter().collect()),
            asked: Mutex::default(),
            redeemed: Mutex::new(false),
            began: base.clock.instant(),
            expires_in: secs(900),
        });
        let world = base
            .other_with(|builder| builder.device_server(Arc::clone(&devices) as Arc<dyn DeviceAuthorizationServer>));
        Self { world, devices }
    }

    async fn begin(&self, options: BeginOptions) -> Result<DeviceFlow> {
        let provider = ProviderId::parse("provider").unwrap();
        let (tenant, owner) = (tenant(), owner());
        let begin = self.world.connections.begin_device(&tenant, &owner, &provider, options);
        drive(&self.world.clock, begin).await
    }

    async fn flow(&self) -> DeviceFlow {
        self.begin(BeginOptions::new()).await.unwrap()
    }

    async fn wait(&self) -> Result<invitations_core::token::ConnectionView> {
        let flow = self.flow().await;
        drive(&self.world.clock, flow.wait()).await
    }

    /// When it was asked, in seconds since the beginning.
    fn asked(&self) -> Vec<u64> {
        self.devices.asked.lock().unwrap().iter().map(Duration::as_secs).collect()
    }
}

#[tokio::test]
async fn a_device_sign_in_ends_as_a_connection_of_whoever_began_it() {
    let room = Room::new([Say::Pending, Say::Pending, Say::Grant]);
    let flow = room.flow().await;
    assert_eq!((flow.user_code(), flow.verification_uri().as_str()), ("ABCD-1234", "https://login.example/device"));
    assert_eq!(flow.expires_at(), room.world.clock.now() + secs(900));
    assert!(!format!("{flow:?} {flow:#?}").contains(PLANTED));
    let view = drive(&room.world.clock, flow.wait()).await.unwrap();
    assert_eq!((view.owner.clone(), view.tenant.clone()), (owner(), tenant()));
    assert_eq!((view.state, view.subject.as_str()), (ConnectionState::Valid, "account"));
    assert_eq!(room.asked(), [5, 10, 15]);
    // the same account by browser is the same connection
    assert_eq!(room.world.connect("account").await, view.id);
    room.world.expire();
    room.world.token(&view.id).await.unwrap();
}

#[tokio::test]
async fn slow_down_adds_five_seconds_for_good_and_failures_double_the_pause() {
    let lost = || Say::Fail(GrantFailureClass::Unknown);
    let room = Room::new([Say::SlowDown, Say::Pending, Say::SlowDown, lost(), lost(), Say::Pending, Say::Grant]);
    room.wait().await.unwrap();
    // 5, then every 10, then every 15 and after failures 30 and 60, then 15 again
    assert_eq!(room.asked(), [5, 15, 25, 40, 70, 130, 145]);
    let busy = || Say::Fail(GrantFailureClass::Transient { acted: false, after: Some(secs(100)) });
    let room = Room::new([busy(), Say::Grant]);
    room.wait().await.unwrap();
    assert_eq!(room.asked(), [5, 105]);
}

#[tokio::test]
async fn a_server_that_asks_for_an_endless_pause_is_asked_within_the_hour() {
    let busy = Say::Fail(GrantFailureClass::Transient { acted: false, after: Some(Duration::MAX) });
    let room = Room::new([busy]);
    let mut flow = room.flow().await;
    room.world.clock.advance(secs(5));
    let progress = drive(&room.world.clock, flow.poll()).await.unwrap();
    assert!(matches!(progress, DeviceProgress::Waiting { after } if after == secs(3_600)), "{progress:?}");
}

#[tokio::test]
async fn whoever_asks_too_early_sends_nothing() {
    let room = Room::new([Say::Pending]);
    let mut flow = room.flow().await;
    for _ in 0..3 {
        let progress = flow.poll().await.unwrap();
        assert!(matches!(progress, DeviceProgress::Waiting { after } if after == secs(5)), "{progress:?}");
    }
    room.world.clock.advance(secs(5));
    drive(&room.world.clock, flow.poll()).await.unwrap();
    flow.poll().await.unwrap();
    assert_eq!(room.asked(), [5]);
}

#[tokio::test]
async fn each_end_is_an_end() {
    let client = || Say::Fail(GrantFailureClass::ClientMisconfigured);
    for (say, kind) in [
        (Say::Denied, ErrorKind::PermissionDenied),
        (Say::Expired, ErrorKind::PermissionDenied),
        (Say::Fail(GrantFailureClass::GrantDead), ErrorKind::PermissionDenied),
        (client(), ErrorKind::Misconfigured),
    ] {
        let name = format!("{say:?}");
        let room = Room::new([say, Say::Grant]);
        let mut flow = room.flow().await;
        room.world.clock.advance(secs(5));
        let error = drive(&room.world.clock, flow.poll()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{name}");
        assert_eq!(error.retry(), RetryClass::Never, "{name}");
        room.world.clock.advance(secs(100));
        assert_eq!(flow.poll().await.unwrap_err().kind(), ErrorKind::PermissionDenied, "{name}");
        assert_eq!(room.asked(), [5], "{name}");
        assert!(room.world.stored().connections(&tenant(), None).await.unwrap().items.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn nobody_asks_about_a_code_that_is_over() {
    let room = Room::new([]);
    let error = room.wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert_eq!(error.remedy().unwrap().action, "Begin again and type the new code in sooner.");
    assert_eq!(room.asked().last(), Some(&895));
    assert_eq!(room.world.clock.instant() - room.devices.began, secs(900));
}

#[tokio::test]
async fn a_lost_answer_ends_in_a_refusal_and_never_in_a_second_redemption() {
    let dead = Say::Fail(GrantFailureClass::GrantDead);
    let room = Room::new([Say::Lose, dead]);
    assert_eq!(room.wait().await.unwrap_err().kind(), ErrorKind::PermissionDenied);
    assert_eq!(room.asked(), [5, 15]);
}

#[tokio::test]
async fn a_caller_who_goes_away_loses_nothing() {
    let room = Room::new([Say::Slow(secs(3)), Say::Grant]);
    let mut flow = room.flow().await;
    room.world.clock.advance(secs(5));
    for _ in 0..3 {
        // dropped at its first wait
        assert!(futures_util::future::FutureExt::now_or_never(flow.poll()).is_none());
        settle().await;
    }
    assert_eq!(room.asked(), [5], "asked once, whoever waits");
    let progress = drive(&room.world.clock, flow.poll()).await.unwrap();
    assert!(matches!(progress, DeviceProgress::Connected(_)), "{progress:?}");
    assert_eq!(flow.poll().await.unwrap_err().kind(), ErrorKind::PermissionDenied);

    // and one who never comes back finds the connection
    let room = Room::new([Say::Slow(secs(3)), Say::Grant]);
    let mut flow = room.flow().await;
    room.world.clock.advance(secs(5));
    assert!(futures_util::future::FutureExt::now_or_never(flow.poll()).is_none());
    drop(flow);
    settle().await;
    room.world.clock.advance(secs(3));
    settle().await;
    assert_eq!(room.world.stored().connections(&tenant(), None).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn a_renewal_takes_its_own_account_only() {
    let room = Room::new([Say::Grant]);
    let id = room.world.connect("ada").await;
    room.world.server.sign_in_as("bert");
    let flow = room.begin(BeginOptions::new().renewing(id.clone())).await.unwrap();
    let error = drive(&room.world.clock, flow.wait()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!((room.world.status(&id).await, room.world.row(&id).await.epoch), (ConnectionStatus::Valid, 1));

    let room = Room::new([Say::Grant]);
    let id = room.world.connect("ada").await;
    let flow = room.begin(BeginOptions::new().renewing(id.clone())).await.unwrap();
    let view = drive(&room.world.clock, flow.wait()).await.unwrap();
    assert_eq!((view.id, view.epoch), (id, 2));
}

#[tokio::test]
async fn what_cannot_begin_says_why() {
    let room = Room::new([]);
    let hinted = room.begin(BeginOptions::new().with_login_hint("ada@people.example")).await.unwrap_err();
    assert_eq!(hinted.kind(), ErrorKind::InvalidInput);
    let world = World::new();
    let provider = ProviderId::parse("provider").unwrap();
    let none = world.connections.begin_device(&tenant(), &owner(), &provider, BeginOptions::new()).await.unwrap_err();
    assert_eq!(none.kind(), ErrorKind::Unsupported);
    let page = Url::parse("https://login.example/device").unwrap();
    for bad in ["", "a\nb", &"a".repeat(65)] {
        assert!(DeviceAuthorization::new(DeviceCode::new("d"), bad, page.clone(), secs(1)).is_err(), "{bad:?}");
    }
}

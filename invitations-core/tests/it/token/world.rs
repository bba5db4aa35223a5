//! A manual clock, a store that can be down, and an authorization server that rotates and fails as told.

use std::{
    collections::VecDeque,
    fmt,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use data_encoding::BASE64URL_NOPAD;
use futures_util::poll;
use invitations_core::{
    Error, ErrorKind, Result,
    ids::{ClientId, ConnectionId, PageToken, PrincipalId, ProviderId, TenantId, WorkerId},
    memory::MemoryTokenStore,
    provider::Page,
    runtime::{Clock as _, ManualClock, SeededEntropy, TokioSpawner},
    secret::{KeyRing, RefreshToken, Sealer, TokenText},
    token::{
        AccessToken, AuthorizationRequest, AuthorizationServer, ClientHealth, Connection, ConnectionStatus,
        Connections, ConnectionsBuilder, Flow, Grant, GrantFailure, GrantFailureClass, Identity, Lease, RevokeReply,
        Rotation, ServerProfile, Subject, TokenCommit, TokenReply, TokenSource, TokenStore,
    },
};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::wall::Wall;

/// Planted in every secret, so that a leak is seen.
pub(crate) const PLANTED: &str = "planted";

pub(crate) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Lets everything run that can run without time passing.
pub(crate) async fn settle() {
    for _ in 0..300 {
        tokio::task::yield_now().await;
    }
}

/// Runs `work` to its end; time jumps to the next sleeper whenever nothing else can run.
pub(crate) async fn drive<T>(clock: &ManualClock, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    for _ in 0..1000 {
        for _ in 0..300 {
            if let std::task::Poll::Ready(value) = poll!(&mut work) {
                return value;
            }
            tokio::task::yield_now().await;
        }
        if let Some(wake) = clock.next_wake() {
            clock.advance(wake);
        }
    }
    panic!("stuck: nothing sleeps and nothing ends");
}

#[derive(Debug)]
pub(crate) enum Fault {
    Fail(GrantFailureClass),
    /// The server acts, but its answer is lost.
    LoseReply,
    /// The server answers after that long; the next fault, if any, comes on top.
    Slow(Duration),
    Scopes(Vec<String>),
    SameAccess,
    /// An answer that says no more than this.
    Bare {
        refresh: bool,
        expires_in: Option<Duration>,
    },
    /// The server's own time is off by that much.
    Skewed(TimeDelta),
}

#[derive(Debug)]
pub(crate) struct Server {
    profile: ServerProfile,
    clock: ManualClock,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    valid: Vec<String>,
    made: u32,
    faults: VecDeque<Fault>,
    refreshed_with: Vec<String>,
    revoked: Vec<String>,
    revocations: VecDeque<Result<RevokeReply, GrantFailureClass>>,
    slow_revocations: VecDeque<Duration>,
    tells: usize,
    challenges: Vec<String>,
    waiting: usize,
    most_waiting: usize,
    account: String,
    hint: Option<String>,
    claims: Option<String>,
}

impl Server {
    pub(crate) fn new(clock: &ManualClock, change: impl FnOnce(&mut ServerProfile)) -> Arc<Self> {
        let mut profile =
            ServerProfile::new(ProviderId::parse("provider").unwrap(), ClientId::parse("client").unwrap());
        profile.rotation = Rotation::Strict;
        change(&mut profile);
        let state = State { account: "account".to_owned(), ..State::default() };
        Arc::new(Self { profile, clock: clock.clone(), state: Mutex::new(state) })
    }

    pub(crate) fn will(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state.lock().unwrap().faults.extend(faults);
    }

    /// A refresh token that came another way.
    pub(crate) fn issue(&self, refresh: &str) -> RefreshToken {
        self.state.lock().unwrap().valid.push(refresh.to_owned());
        RefreshToken::new(refresh)
    }

    /// No more faults.
    pub(crate) fn recover(&self) {
        self.state.lock().unwrap().faults.clear();
    }

    /// The refresh tokens that were redeemed, in order.
    pub(crate) fn refreshed_with(&self) -> Vec<String> {
        self.state.lock().unwrap().refreshed_with.clone()
    }

    pub(crate) fn refreshes(&self) -> usize {
        self.state.lock().unwrap().refreshed_with.len()
    }

    pub(crate) fn requests(&self) -> u32 {
        self.state.lock().unwrap().made
    }

    pub(crate) fn revoked(&self) -> Vec<String> {
        self.state.lock().unwrap().revoked.clone()
    }

    /// How many slow requests were under way at once.
    pub(crate) fn most_waiting(&self) -> usize {
        self.state.lock().unwrap().most_waiting
    }

    /// Of the verifiers that came with codes.
    pub(crate) fn challenges(&self) -> Vec<String> {
        self.state.lock().unwrap().challenges.clone()
    }

    /// What it answers to the next revocations; success after that.
    pub(crate) fn will_revoke(&self, answers: impl IntoIterator<Item = Result<RevokeReply, GrantFailureClass>>) {
        self.state.lock().unwrap().revocations.extend(answers);
    }

    /// The next revocation is answered after that long.
    pub(crate) fn will_revoke_slowly(&self, time: Duration) {
        self.state.lock().unwrap().slow_revocations.push_back(time);
    }

    /// How often it was told that a token is not needed.
    pub(crate) fn tells(&self) -> usize {
        self.state.lock().unwrap().tells
    }

    pub(crate) fn sign_in_as(&self, account: &str) {
        self.state.lock().unwrap().account = account.to_owned();
    }

    pub(crate) fn asked_for(&self) -> (Option<String>, Option<String>) {
        let state = self.state.lock().unwrap();
        (state.hint.clone(), state.claims.clone())
    }

    fn failure(class: GrantFailureClass) -> GrantFailure {
        GrantFailure::new(class, Error::new(ErrorKind::Unavailable, "ask server"))
    }
}

#[async_trait]
impl AuthorizationServer for Server {
    fn profile(&self) -> &ServerProfile {
        &self.profile
    }

    fn authorization_url(&self, request: &AuthorizationRequest) -> Result<Url> {
        let mut state = self.state.lock().unwrap();
        state.hint.clone_from(&request.login_hint);
        state.claims.clone_from(&request.claims);
        let mut url = Url::parse("https://login.example/authorize").unwrap();
        url.query_pairs_mut()
            .append_pair("state", request.state.expose())
            .append_pair("code_challenge", &request.challenge);
        Ok(url)
    }

    async fn token(&self, grant: &Grant, _timeout: Duration) -> Result<TokenReply, GrantFailure> {
        let sent = match grant {
            Grant::RefreshToken(token) => Some(token.expose().to_owned()),
            Grant::AuthorizationCode { verifier, .. } => {
                let digest = Sha256::digest(verifier.expose().as_bytes());
                self.state.lock().unwrap().challenges.push(BASE64URL_NOPAD.encode(&digest));
                None
            }
            _ => None,
        };
        let mut fault = {
            let mut state = self.state.lock().unwrap();
            state.refreshed_with.extend(sent.clone());
            state.faults.pop_front()
        };
        if let Some(Fault::Slow(time)) = fault {
            {
                let mut state = self.state.lock().unwrap();
                state.waiting += 1;
                state.most_waiting = state.most_waiting.max(state.waiting);
            }
            self.clock.sleep(time).await;
            self.state.lock().unwrap().waiting -= 1;
            fault = self.state.lock().unwrap().faults.pop_front();
        }
        if let Some(Fault::Fail(class)) = fault {
            return Err(Self::failure(class));
        }
        let mut state = self.state.lock().unwrap();
        if let Some(sent) = &sent {
            if !state.valid.contains(sent) {
                return Err(Self::failure(GrantFailureClass::GrantDead));
            }
            if self.profile.rotation == Rotation::Strict {
                state.valid.retain(|valid| valid != sent);
            }
        }
        if !matches!(fault, Some(Fault::SameAccess)) {
            state.made += 1;
        }
        let number = state.made;
        let refresh = format!("refresh-{PLANTED}-{number}");
        state.valid.push(refresh.clone());
        if let Some(Fault::LoseReply) = fault {
            return Err(Self::failure(GrantFailureClass::Unknown));
        }
        let mut reply = TokenReply::new(TokenText::new(format!("access-{PLANTED}-{number}")));
        reply.refresh = Some(RefreshToken::new(refresh));
        reply.expires_in = Some(secs(3600));
        match fault {
            Some(Fault::Bare { refresh: false, .. }) => {
                state.valid.pop();
                state.valid.extend(sent);
                reply.refresh = None;
            }
            Some(Fault::Skewed(by)) => reply.server_time = Some(self.clock.now() + by),
            _ => {}
        }
        if let Some(Fault::Bare { expires_in, .. }) = fault {
            reply.expires_in = expires_in;
        }
        reply.scopes = Some(match fault {
            Some(Fault::Scopes(scopes)) => scopes,
            _ => vec!["read".to_owned(), "write".to_owned()],
        });
        Ok(reply)
    }

    async fn identity(&self, _reply: &TokenReply) -> Result<Identity, GrantFailure> {
        let account = self.state.lock().unwrap().account.clone();
        let address = format!("{}@people.example", account.replace(' ', "."));
        Ok(Identity::new(Subject::parse(account).unwrap()).with_address(&address))
    }

    async fn revoke(&self, token: &RefreshToken, _timeout: Duration) -> Result<RevokeReply, GrantFailure> {
        tokio::task::yield_now().await;
        let slow = self.state.lock().unwrap().slow_revocations.pop_front();
        self.clock.sleep(slow.unwrap_or_default()).await;
        let mut state = self.state.lock().unwrap();
        state.tells += 1;
        match state.revocations.pop_front() {
            Some(Err(class)) => return Err(Self::failure(class)),
            Some(Ok(RevokeReply::Unsupported)) => return Ok(RevokeReply::Unsupported),
            Some(Ok(RevokeReply::Done)) | None => {}
        }
        state.revoked.push(token.expose().to_owned());
        Ok(RevokeReply::Done)
    }
}

/// A memory store of which one process can be cut off.
#[derive(Debug)]
pub(crate) struct Store {
    right: Arc<MemoryTokenStore>,
    /// Writes that record a refresh fail.
    pub(crate) loses_refreshes: AtomicBool,
    pub(crate) down: AtomicBool,
    /// Every call takes a moment.
    pub(crate) waits: AtomicBool,
    /// The first write of a tombstone is the last thing that works.
    pub(crate) dies_after_tombstone: AtomicBool,
    /// How long it takes until a lease is asked for.
    pub(crate) lease_after: Mutex<Duration>,
    clock: ManualClock,
}

impl Store {
    async fn up(&self) -> Result<()> {
        if self.waits.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        if self.down.load(Ordering::SeqCst) { Err(Error::new(ErrorKind::Unavailable, "ask store")) } else { Ok(()) }
    }
}

impl Store {
    /// Writes as an intruder with access to the database would.
    pub(crate) async fn commit_as_is(&self, commit: TokenCommit) {
        self.right.commit(commit).await.unwrap();
    }
}

#[async_trait]
impl TokenStore for Store {
    async fn now(&self) -> Result<DateTime<Utc>> {
        self.up().await?;
        self.right.now().await
    }
    async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>> {
        self.up().await?;
        self.right.connection(id).await
    }
    async fn connections(&self, tenant: &TenantId, page: Option<&PageToken>) -> Result<Page<Connection>> {
        self.up().await?;
        self.right.connections(tenant, page).await
    }
    async fn lease(&self, id: &ConnectionId, owner: &WorkerId, ttl: Duration) -> Result<Option<Lease>> {
        self.up().await?;
        let wait = *self.lease_after.lock().unwrap();
        self.clock.sleep(wait).await;
        self.right.lease(id, owner, ttl).await
    }
    async fn commit(&self, commit: TokenCommit) -> Result<()> {
        self.up().await?;
        if let TokenCommit::Update { generation, to, .. } = &commit
            && to.generation > *generation
            && to.status == ConnectionStatus::Valid
            && self.loses_refreshes.load(Ordering::SeqCst)
        {
            return Err(Error::new(ErrorKind::Unavailable, "write connection"));
        }
        if let TokenCommit::Update { to, .. } = &commit
            && to.status == ConnectionStatus::Disconnecting
            && self.dies_after_tombstone.load(Ordering::SeqCst)
        {
            self.down.store(true, Ordering::SeqCst);
        }
        self.right.commit(commit).await
    }
    async fn due(&self, limit: usize) -> Result<Vec<ConnectionId>> {
        self.up().await?;
        self.right.due(limit).await
    }
    async fn begin_flow(&self, flow: &Flow) -> Result<()> {
        self.up().await?;
        self.right.begin_flow(flow).await
    }
    async fn take_flow(&self, state_digest: &[u8; 32]) -> Result<Option<Flow>> {
        self.up().await?;
        self.right.take_flow(state_digest).await
    }
    async fn client_health(&self, client: &ClientId) -> Result<ClientHealth> {
        self.up().await?;
        self.right.client_health(client).await
    }
    async fn note_client(&self, client: &ClientId, health: &ClientHealth) -> Result<()> {
        self.up().await?;
        self.right.note_client(client, health).await
    }
}

/// One process, and what it shares with others.
pub(crate) struct World {
    pub(crate) clock: ManualClock,
    /// Of the store.
    pub(crate) wall: Wall,
    pub(crate) server: Arc<Server>,
    pub(crate) store: Arc<Store>,
    pub(crate) connections: Connections,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("World")
    }
}

pub(crate) fn owner() -> PrincipalId {
    PrincipalId::parse("owner").unwrap()
}

pub(crate) fn provider() -> ProviderId {
    ProviderId::parse("provider").unwrap()
}

pub(crate) fn tenant() -> TenantId {
    TenantId::parse("tenant").unwrap()
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|_| {}, |builder| builder)
    }

    pub(crate) fn with(
        profile: impl FnOnce(&mut ServerProfile),
        change: impl FnOnce(ConnectionsBuilder) -> ConnectionsBuilder,
    ) -> Self {
        let clock = ManualClock::new(Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap());
        let server = Server::new(&clock, profile);
        let wall = Wall::new(&clock);
        let right = Arc::new(MemoryTokenStore::new(Arc::new(wall.clone())));
        Self::process(clock, wall, server, right, 1, Arc::new(ring([7; 32])), change)
    }

    /// Another process on the same store.
    pub(crate) fn other(&self) -> Self {
        self.other_with_key([7; 32])
    }

    pub(crate) fn other_with_key(&self, key: [u8; 32]) -> Self {
        self.other_with_ring(ring(key))
    }

    pub(crate) fn other_with_ring(&self, ring: KeyRing) -> Self {
        self.other_with_sealer(Arc::new(ring))
    }

    pub(crate) fn other_with_sealer(&self, sealer: Arc<dyn Sealer>) -> Self {
        let right = self.stored();
        // no two with one name
        let seed = 1 + Arc::strong_count(&right) as u64;
        let (clock, wall, server) = (self.clock.clone(), self.wall.clone(), Arc::clone(&self.server));
        Self::process(clock, wall, server, right, seed, sealer, |builder| builder)
    }

    /// Another process that is put together in another way.
    pub(crate) fn other_with(&self, change: impl FnOnce(ConnectionsBuilder) -> ConnectionsBuilder) -> Self {
        let right = self.stored();
        let seed = 1 + Arc::strong_count(&right) as u64;
        let (clock, wall, server) = (self.clock.clone(), self.wall.clone(), Arc::clone(&self.server));
        Self::process(clock, wall, server, right, seed, Arc::new(ring([7; 32])), change)
    }

    /// The store that all processes share.
    pub(crate) fn stored(&self) -> Arc<MemoryTokenStore> {
        Arc::clone(&self.store.right)
    }

    fn process(
        clock: ManualClock,
        wall: Wall,
        server: Arc<Server>,
        right: Arc<MemoryTokenStore>,
        seed: u64,
        sealer: Arc<dyn Sealer>,
        change: impl FnOnce(ConnectionsBuilder) -> ConnectionsBuilder,
    ) -> Self {
        let store = Arc::new(Store {
            right,
            loses_refreshes: AtomicBool::new(false),
            down: AtomicBool::new(false),
            waits: AtomicBool::new(false),
            dies_after_tombstone: AtomicBool::new(false),
            lease_after: Mutex::new(Duration::ZERO),
            clock: clock.clone(),
        });
        let redirect = Url::parse("https://app.example/callback").unwrap();
        let builder = Connections::builder(Arc::clone(&store) as Arc<dyn TokenStore>, sealer)
            .server(Arc::clone(&server) as Arc<dyn AuthorizationServer>, redirect)
            .clock(Arc::new(clock.clone()))
            .spawner(Arc::new(TokioSpawner))
            .entropy(Arc::new(SeededEntropy::new(seed)));
        let connections = change(builder).build().unwrap();
        Self { clock, wall, server, store, connections }
    }

    /// Signs in as `account` and comes back.
    pub(crate) async fn connect(&self, account: &str) -> ConnectionId {
        self.server.sign_in_as(account);
        let url = self.connections.begin(&tenant(), &owner(), &provider(), "/back").await.unwrap();
        let state = state_of(&url);
        let query = format!("code=code-{PLANTED}&state={state}");
        drive(&self.clock, self.connections.complete(&query, &owner())).await.unwrap().connection.id
    }

    /// The tokens of a connection, for whom they belong to.
    pub(crate) fn source(&self, id: &ConnectionId) -> Arc<dyn TokenSource> {
        self.connections.source(&tenant(), &provider(), id)
    }

    pub(crate) async fn token(&self, id: &ConnectionId) -> Result<AccessToken> {
        drive(&self.clock, self.source(id).access_token()).await
    }

    pub(crate) async fn status(&self, id: &ConnectionId) -> ConnectionStatus {
        self.row(id).await.status
    }

    /// As it is stored.
    pub(crate) async fn row(&self, id: &ConnectionId) -> Connection {
        self.store.right.connection(id).await.unwrap().unwrap()
    }

    pub(crate) async fn store_time(&self) -> DateTime<Utc> {
        self.store.right.now().await.unwrap()
    }

    /// Past the end of every token there is.
    pub(crate) fn expire(&self) {
        self.clock.advance(secs(3700));
    }
}

pub(crate) fn ring(key: [u8; 32]) -> KeyRing {
    KeyRing::new("key", key).unwrap()
}

pub(crate) fn state_of(url: &Url) -> String {
    url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

pub(crate) fn number(token: &AccessToken) -> u32 {
    token.expose().rsplit('-').next().unwrap().parse().unwrap()
}

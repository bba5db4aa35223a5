//! What a process sees of the world: a store and a server that only pass on what is asked, and answer when they are told to.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_channel::oneshot;
use invitations_core::{
    Error, ErrorKind, Result,
    ids::{ClientId, ConnectionId, PageToken, TenantId, WorkerId},
    provider::Page,
    runtime::{Clock as _, ManualClock},
    secret::{RefreshToken, SealContext, Sealed, Sealer, SecretBytes, TokenText},
    token::{
        AuthorizationRequest, AuthorizationServer, ClientHealth, Connection, Flow, Grant, GrantFailure,
        GrantFailureClass, Identity, Lease, RevokeReply, ServerProfile, TokenCommit, TokenReply, TokenStore,
    },
};
use url::Url;

/// What a process asks for and waits for.
#[derive(Clone, Debug)]
pub(super) enum Call {
    Read,
    Lease,
    Commit(TokenCommit),
    /// With the refresh token of that number.
    Redeem(u8),
}

/// What it is answered.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Row(Box<Connection>),
    Lease(Option<Lease>),
    /// Whether it was written; a conflict otherwise.
    Written(bool),
    /// A new access token and the refresh token of that number.
    Tokens(u8),
    GrantDead,
}

type Waiting = (Call, oneshot::Sender<Answer>);

/// The calls that wait, in the order in which they were made.
#[derive(Clone)]
pub(super) struct Border {
    waiting: Arc<Mutex<Vec<Waiting>>>,
    clock: ManualClock,
    profile: ServerProfile,
}

impl fmt::Debug for Border {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Border")
    }
}

impl Border {
    pub(super) fn new(clock: &ManualClock, profile: ServerProfile) -> Self {
        Self { waiting: Arc::default(), clock: clock.clone(), profile }
    }

    async fn ask(&self, call: Call) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.waiting.lock().unwrap().push((call, answer));
        answered.await.unwrap()
    }

    /// Whoever has timed out waits no more.
    pub(super) fn waiting(&self) -> Vec<Call> {
        let mut waiting = self.waiting.lock().unwrap();
        waiting.retain(|(_, asker)| !asker.is_canceled());
        waiting.iter().map(|(call, _)| call.clone()).collect()
    }

    pub(super) fn answer(&self, place: usize, answer: Answer) {
        let mut waiting = self.waiting.lock().unwrap();
        waiting.retain(|(_, asker)| !asker.is_canceled());
        let (_, asker) = waiting.remove(place);
        asker.send(answer).unwrap();
    }
}

fn never<T>() -> T {
    unreachable!("no refresh asks for this")
}

/// Time is not asked for over the border: between a row and the time at which it was read nothing happens here. Nor is the
/// client's health: with a single connection it decides nothing.
#[async_trait]
impl TokenStore for Border {
    async fn now(&self) -> Result<DateTime<Utc>> {
        Ok(self.clock.now())
    }
    async fn connection(&self, _: &ConnectionId) -> Result<Option<Connection>> {
        let Answer::Row(row) = self.ask(Call::Read).await else { return never() };
        Ok(Some(*row))
    }
    async fn connections(&self, _: &TenantId, _: Option<&PageToken>) -> Result<Page<Connection>> {
        never()
    }
    async fn lease(&self, _: &ConnectionId, _: &WorkerId, _: Duration) -> Result<Option<Lease>> {
        let Answer::Lease(lease) = self.ask(Call::Lease).await else { return never() };
        Ok(lease)
    }
    async fn commit(&self, commit: TokenCommit) -> Result<()> {
        match self.ask(Call::Commit(commit)).await {
            Answer::Written(true) => Ok(()),
            _ => Err(Error::new(ErrorKind::Conflict, "write connection")),
        }
    }
    async fn due(&self, _: usize) -> Result<Vec<ConnectionId>> {
        Ok(vec![ConnectionId::parse("c").unwrap()])
    }
    async fn begin_flow(&self, _: &Flow) -> Result<()> {
        never()
    }
    async fn take_flow(&self, _: &[u8; 32]) -> Result<Option<Flow>> {
        never()
    }
    async fn client_health(&self, _: &ClientId) -> Result<ClientHealth> {
        Ok(ClientHealth::default())
    }
    async fn note_client(&self, _: &ClientId, _: &ClientHealth) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl AuthorizationServer for Border {
    fn profile(&self) -> &ServerProfile {
        &self.profile
    }
    fn authorization_url(&self, _: &AuthorizationRequest) -> Result<Url> {
        never()
    }
    async fn token(&self, grant: &Grant, _: Duration) -> Result<TokenReply, GrantFailure> {
        let Grant::RefreshToken(token) = grant else { return never() };
        match self.ask(Call::Redeem(token.expose().parse().unwrap())).await {
            Answer::Tokens(number) => {
                let mut reply = TokenReply::new(TokenText::new(format!("access {number}")));
                reply.refresh = Some(RefreshToken::new(number.to_string()));
                Ok(reply)
            }
            _ => {
                let error = Error::new(ErrorKind::PermissionDenied, "refresh token");
                Err(GrantFailure::new(GrantFailureClass::GrantDead, error))
            }
        }
    }
    async fn identity(&self, _: &TokenReply) -> Result<Identity, GrantFailure> {
        never()
    }
    async fn revoke(&self, _: &RefreshToken, _: Duration) -> Result<RevokeReply, GrantFailure> {
        never()
    }
}

/// Seals nothing, so that a row says which refresh token it holds; but a row opens only for what it was sealed for.
#[derive(Debug)]
pub(super) struct Glass;

impl Glass {
    pub(super) fn wrap(context: &SealContext, plain: &[u8]) -> Sealed {
        Sealed::from_bytes([&context.to_bytes(), plain].concat())
    }

    /// The number of the refresh token that is in a row, and whether the access token is of the same reply.
    pub(super) fn look(row: &Connection) -> (u8, bool) {
        let blob = row.tokens.as_ref().unwrap().as_bytes();
        let json = blob.iter().position(|byte| *byte == b'{').unwrap();
        let pair: serde_json::Value = serde_json::from_slice(&blob[json..]).unwrap();
        let number = pair["refresh"].as_str().unwrap();
        (number.parse().unwrap(), pair["access"] == format!("access {number}"))
    }
}

#[async_trait]
impl Sealer for Glass {
    async fn seal(&self, context: &SealContext, plain: &[u8]) -> Result<Sealed> {
        Ok(Self::wrap(context, plain))
    }
    async fn open(&self, context: &SealContext, sealed: &Sealed) -> Result<SecretBytes> {
        let plain = sealed.as_bytes().strip_prefix(context.to_bytes().as_slice());
        Ok(SecretBytes::new(plain.unwrap().to_vec()))
    }
    fn current_key(&self) -> &str {
        "glass"
    }
    fn key_of(&self, _: &Sealed) -> Result<String> {
        never()
    }
}

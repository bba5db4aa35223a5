use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_channel::oneshot;
use url::Url;

use super::{
    AccessToken, AfterReject, AuthorizationServer, Connection, ConnectionsBuilder, DeviceAuthorizationServer, Rejected,
    Rotation, TokenCommit, TokenSource, TokenStore,
    cache::{Cache, Opened, Scope},
    grant::{gone, lost_task, needs_reconsent, passing},
    machine::{self, Step},
    patience::Patience,
    refresh::Purpose,
    shared_error::copy,
    vault,
};
use crate::{
    Error, ErrorKind, Remedy, Result,
    ids::{ConnectionId, ProviderId, TenantId, WorkerId},
    runtime::{BoxFuture, Clock, Entropy, SingleFlight, Spawner, Timing},
    secret::Sealer,
};

/// Users' connections: connecting, serving and refreshing their tokens, disconnecting. Cheap to clone.
///
/// Any number of tasks, processes and machines may work on one store. Per connection there is one refresh at a time; it runs
/// in a task of its own, so that a caller who goes away changes nothing.
#[derive(Clone)]
pub struct Connections(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) store: Arc<dyn TokenStore>,
    pub(super) sealer: Arc<dyn Sealer>,
    pub(super) servers: Vec<Registered>,
    pub(super) required: HashMap<ProviderId, Vec<String>>,
    pub(super) consent_pages: HashMap<ProviderId, Url>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) spawner: Arc<dyn Spawner>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) timing: Timing,
    pub(super) worker: WorkerId,
    pub(super) cache: Cache,
    pub(super) patience: Patience<ConnectionId>,
    pub(super) reads: SingleFlight<ConnectionId, Result<Seen, Arc<Error>>>,
    pub(super) flights: SingleFlight<ConnectionId, Result<AccessToken, Arc<Error>>>,
    pub(super) sent: AtomicU64,
}

#[derive(Clone)]
pub(super) struct Registered {
    pub(super) server: Arc<dyn AuthorizationServer>,
    /// Where it sends browsers back to; `None`: no browser is sent to it.
    pub(super) redirect: Option<Url>,
    /// Where it takes sign-ins from devices without a browser.
    pub(super) devices: Option<Arc<dyn DeviceAuthorizationServer>>,
}

/// A row and the store's time when it was read.
pub(super) struct Reading {
    pub(super) row: Connection,
    pub(super) now: DateTime<Utc>,
    /// Before the store was asked, so that spans since then are too long rather than too short.
    pub(super) at: Instant,
}

/// What a look at the store found; whoever waits for it checks whose it is.
#[derive(Clone)]
pub(super) struct Seen {
    scope: Scope,
    found: Result<Option<AccessToken>, Arc<Error>>,
}

const ACCESS: &str = "get access token";

/// A connection that is not there, or not the asker's: the same answer.
pub(super) fn unknown(operation: &'static str) -> Error {
    Error::new(ErrorKind::NotFound, operation).with_detail("no such connection")
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").field("worker", &self.0.worker).finish_non_exhaustive()
    }
}

impl Connections {
    /// Begins with the two parts that have no default.
    pub fn builder(store: Arc<dyn TokenStore>, sealer: Arc<dyn Sealer>) -> ConnectionsBuilder {
        ConnectionsBuilder::new(store, sealer)
    }

    /// The tokens of one connection. Asked of a connection that is another organisation's or at another provider, it answers
    /// [`NotFound`](ErrorKind::NotFound), as for one that does not exist: an id is no right, and a token is for its provider only.
    pub fn source(&self, tenant: &TenantId, provider: &ProviderId, id: &ConnectionId) -> Arc<dyn TokenSource> {
        let scope = (tenant.clone(), provider.clone());
        Arc::new(ConnectionTokens { connections: self.clone(), scope, id: id.clone() })
    }

    /// How many refresh requests were sent from here.
    pub fn refreshes(&self) -> u64 {
        self.0.sent.load(Ordering::Relaxed)
    }
}

#[derive(Debug)]
struct ConnectionTokens {
    connections: Connections,
    scope: Scope,
    id: ConnectionId,
}

#[async_trait]
impl TokenSource for ConnectionTokens {
    async fn access_token(&self) -> Result<AccessToken> {
        self.connections.0.access(&self.scope, &self.id).await
    }

    async fn rejected(&self, rejected: Rejected) -> Result<AfterReject> {
        self.connections.0.rejected(&self.scope, &self.id, rejected).await
    }
}

impl Inner {
    /// A token that is good now.
    async fn access(self: &Arc<Self>, scope: &Scope, id: &ConnectionId) -> Result<AccessToken> {
        if let Some(token) = self.cache.fresh(scope, id, self.clock.instant()) {
            return Ok(token);
        }
        let (this, key) = (Arc::clone(self), id.clone());
        let look =
            self.reads.run(&*self.spawner, id.clone(), move || async move { this.look(&key).await.map_err(Arc::new) });
        let seen = look.await.ok_or_else(|| lost_task(ACCESS))?.map_err(|error| copy(&error))?;
        // others may wait for the same look
        if seen.scope != *scope {
            return Err(unknown(ACCESS));
        }
        match seen.found {
            Ok(Some(token)) => Ok(token),
            Ok(None) => self.begin_refresh(id, Purpose::Ensure).await,
            Err(error) => Err(copy(&error)),
        }
    }

    /// One look at the store: whose connection it is, its token if that is good, and a refresh in the background if it is due.
    async fn look(self: &Arc<Self>, id: &ConnectionId) -> Result<Seen> {
        let reading = match self.read(id).await {
            Ok(reading) => reading,
            Err(error) => {
                let good = self.cache.good(id, self.clock.instant()).filter(|_| passing(&error));
                return good.map(|(scope, token)| Seen { scope, found: Ok(Some(token)) }).ok_or(error);
            }
        };
        let found = self.find_token(id, &reading).await.map_err(Arc::new);
        Ok(Seen { scope: reading.row.scope(), found })
    }

    async fn find_token(self: &Arc<Self>, id: &ConnectionId, reading: &Reading) -> Result<Option<AccessToken>> {
        match self.step(reading) {
            Step::Serve => self.open(reading).await.map(Some),
            Step::ServeAndRefresh => {
                let token = self.open(reading).await?;
                if self.patience.pausing(id, self.clock.instant()).is_none() {
                    // detached: whoever asked has a good token already
                    drop(self.begin_refresh(id, Purpose::Ahead));
                }
                Ok(Some(token))
            }
            Step::Refresh | Step::Wait { .. } => Ok(None),
            refused => Err(self.refuse(id, &refused)),
        }
    }

    /// The error for a step that serves nothing.
    pub(super) fn refuse(&self, id: &ConnectionId, step: &Step) -> Error {
        self.cache.forget(id);
        match step {
            Step::NeedsReconsent(cause) => needs_reconsent(cause),
            _ => gone(),
        }
    }

    /// Joins the refresh of this connection, or starts one in a task of its own.
    pub(super) fn begin_refresh(
        self: &Arc<Self>,
        id: &ConnectionId,
        purpose: Purpose,
    ) -> BoxFuture<'static, Result<AccessToken>> {
        let (this, key) = (Arc::clone(self), id.clone());
        let flight = self.flights.run(&*self.spawner, id.clone(), move || async move {
            let result = this.refresh(&key, purpose).await;
            if let Err(error) = &result {
                tracing::debug!(connection = %key, %error, "no new token");
            }
            result.map_err(Arc::new)
        });
        Box::pin(async move {
            match flight.await {
                Some(Ok(token)) => Ok(token),
                Some(Err(error)) => Err(copy(&error)),
                None => Err(lost_task("refresh token")),
            }
        })
    }

    /// Runs `work` to its end whether or not the caller waits.
    pub(super) async fn detached<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let (done, landed) = oneshot::channel();
        self.spawner.spawn(Box::pin(async move {
            // nobody may be waiting any more
            let _ = done.send(work.await);
        }));
        landed.await.unwrap_or_else(|_| Err(lost_task(operation)))
    }

    pub(super) async fn row(&self, id: &ConnectionId) -> Result<Connection> {
        let row = self.store.connection(id).await?;
        row.ok_or_else(|| unknown("read connection"))
    }

    /// The row, if it is the organisation's.
    pub(super) async fn row_of(&self, tenant: &TenantId, id: &ConnectionId) -> Result<Connection> {
        let row = self.row(id).await?;
        if row.tenant == *tenant { Ok(row) } else { Err(unknown("read connection")) }
    }

    pub(super) async fn read(&self, id: &ConnectionId) -> Result<Reading> {
        let at = self.clock.instant();
        let row = self.row(id).await?;
        Ok(Reading { row, now: self.store.now().await?, at })
    }

    /// The store's time now, reckoned from when it was last asked.
    pub(super) fn time(&self, reading: &Reading) -> DateTime<Utc> {
        machine::later(reading.now, self.clock.instant().saturating_duration_since(reading.at))
    }

    pub(super) fn step(&self, reading: &Reading) -> Step {
        machine::step(&reading.row, reading.now, self.rotation(&reading.row), self.timing.settle)
    }

    pub(super) fn rotation(&self, row: &Connection) -> Rotation {
        self.registered(row).map_or(Rotation::Strict, |known| known.server.profile().rotation)
    }

    pub(super) fn registered(&self, row: &Connection) -> Result<&Registered> {
        self.find(&row.provider, |known| known.server.profile().client == row.client)
    }

    pub(super) fn find(&self, provider: &ProviderId, fits: impl Fn(&Registered) -> bool) -> Result<&Registered> {
        let known = self.servers.iter().rev().find(|known| known.server.profile().provider == *provider && fits(known));
        known.ok_or_else(|| {
            Error::new(ErrorKind::Misconfigured, "find authorization server")
                .with_provider(provider.clone())
                .with_remedy(Remedy::new("Register the provider's authorization server with the connections builder."))
        })
    }

    /// Opens a row's token and keeps it in memory; answers the newest that is known.
    pub(super) async fn open(&self, reading: &Reading) -> Result<AccessToken> {
        let row = &reading.row;
        let pair = vault::open(&*self.sealer, row).await?;
        let (Some(pair), Some(end)) = (pair, row.expires_at) else {
            return Err(Error::new(ErrorKind::Protocol, "open tokens").with_detail("the row holds no tokens"));
        };
        let opened = Opened {
            scope: row.scope(),
            token: AccessToken::new(pair.access, end),
            version: (row.epoch, row.generation),
            good_for: machine::span(reading.now, end),
            refresh_in: row.refresh_at.filter(|at| *at > reading.now).map(|at| machine::span(reading.now, at)),
        };
        Ok(self.cache.keep(&row.id, reading.at, opened, false))
    }

    /// Replaces `from` by `to` if it still has its epoch and generation and, with a fence, if no later lease was given out.
    pub(super) async fn replace(
        &self,
        from: &Connection,
        fence: Option<u64>,
        release: bool,
        mut to: Connection,
    ) -> Result<()> {
        if to.status != from.status && to.epoch == from.epoch {
            to.since = self.store.now().await.ok();
        }
        #[cfg(seeded)]
        let fence = fence.filter(|_| !crate::seeded::seeded("B06"));
        let (epoch, generation) = (from.epoch, from.generation);
        self.store.commit(TokenCommit::Update { epoch, generation, fence, release, to: Box::new(to) }).await
    }
}

use std::{fmt::Debug, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Connection, Flow};
use crate::{
    Result,
    ids::{ClientId, ConnectionId, PageToken, TenantId, WorkerId},
    provider::Page,
};

/// A lease on a connection: who holds it may refresh. `fence` grows with every lease given out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a lease is its fence and its end")]
pub struct Lease {
    /// Grows with every lease given out on the row.
    pub fence: u64,
    /// Until when, on the store's clock (UTC).
    pub until: DateTime<Utc>,
}

/// One conditional write.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TokenCommit {
    /// A new row; [`AlreadyExists`](crate::ErrorKind::AlreadyExists) when the id is taken.
    Create(Box<Connection>),
    /// Only while epoch and generation are the expected ones; with a fence, only while no later lease was given out.
    /// `release` gives the lease back in the same write.
    Update {
        /// The epoch the row must have.
        epoch: u64,
        /// The generation the row must have.
        generation: u64,
        /// The lease under which this is written.
        fence: Option<u64>,
        /// Whether the lease is given back.
        release: bool,
        /// The row from now on.
        to: Box<Connection>,
    },
    /// Gives a lease back; one that is no longer held is left alone.
    Release {
        /// The row.
        id: ConnectionId,
        /// The lease.
        fence: u64,
    },
}

/// How a client did lately, for the breaker that keeps an operator's mistake from users.
#[derive(Clone, Debug, Default, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct ClientHealth {
    /// Connections that failed for good since the last success, each once, with the time of its failure.
    pub failures: Vec<(ConnectionId, DateTime<Utc>)>,
    /// The client is suspended since then: its id or secret is not accepted. Stays while it is tried in vain.
    pub suspended_since: Option<DateTime<Utc>>,
    /// When a suspended client was tried last; `None` where nobody noted it, as in rows of older versions, whose
    /// [`suspended_since`](Self::suspended_since) is that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried_at: Option<DateTime<Utc>>,
}

impl ClientHealth {
    /// When a suspended client was tried last. `None`: it is not suspended.
    pub(super) fn tried_last(&self) -> Option<DateTime<Utc>> {
        self.suspended_since.map(|since| self.tried_at.map_or(since, |at| at.max(since)))
    }
}

/// Connections, leases on them, connect flows and the health of clients.
#[async_trait]
pub trait TokenStore: Debug + Send + Sync + 'static {
    /// The store's clock: it decides leases and deadlines.
    async fn now(&self) -> Result<DateTime<Utc>>;

    /// Reads one.
    async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>>;

    /// Reads an organisation's, ordered by id.
    async fn connections(&self, tenant: &TenantId, page: Option<&PageToken>) -> Result<Page<Connection>>;

    /// Takes the lease if nobody holds it. `None`: somebody does (or there is no such row).
    async fn lease(&self, id: &ConnectionId, owner: &WorkerId, ttl: Duration) -> Result<Option<Lease>>;

    /// Writes if the condition holds.
    ///
    /// # Errors
    /// [`Conflict`](crate::ErrorKind::Conflict) when it does not; the row is then unchanged.
    async fn commit(&self, commit: TokenCommit) -> Result<()>;

    /// Connections whose `refresh_at` has come, oldest first, of those that are not leased and either valid (to be refreshed ahead)
    /// or disconnecting (the provider has yet to be told).
    async fn due(&self, limit: usize) -> Result<Vec<ConnectionId>>;

    /// Keeps a flow until it is taken or over.
    async fn begin_flow(&self, flow: &Flow) -> Result<()>;

    /// Takes it: a second taker gets `None`. A flow that is over is `None` too.
    async fn take_flow(&self, state_digest: &[u8; 32]) -> Result<Option<Flow>>;

    /// How a client did lately.
    async fn client_health(&self, client: &ClientId) -> Result<ClientHealth>;

    /// Replaces what is known about a client. Last writer wins: it is advice, not a lock.
    async fn note_client(&self, client: &ClientId, health: &ClientHealth) -> Result<()>;
}

/// A store that shows the connections of all organisations, for work on all of them such as [`Reseal`](super::Reseal).
#[async_trait]
pub trait AllConnections: TokenStore {
    /// Every connection, ordered by id.
    ///
    /// # Errors
    /// Also when one of them cannot be read: nothing is left out.
    async fn all_connections(&self, page: Option<&PageToken>) -> Result<Page<Connection>>;
}

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    Error, ErrorKind, Result,
    ids::{ClientId, ConnectionId, PageToken, TenantId, WorkerId},
    provider::Page,
    runtime::Clock,
    token::{AllConnections, ClientHealth, Connection, ConnectionStatus, Flow, Lease, TokenCommit, TokenStore},
};

/// How many connections are on a page.
const PAGE: usize = 100;

/// Connections and flows in memory. Gone with the process: for tests.
#[derive(Debug)]
pub struct MemoryTokenStore {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    rows: BTreeMap<ConnectionId, Row>,
    flows: HashMap<[u8; 32], Flow>,
    health: HashMap<ClientId, ClientHealth>,
}

#[derive(Debug)]
struct Row {
    connection: Connection,
    /// Of the last lease given out.
    fence: u64,
    leased_until: Option<DateTime<Utc>>,
}

impl Row {
    fn leased(&self, now: DateTime<Utc>) -> bool {
        self.leased_until.is_some_and(|until| now < until)
    }
}

impl MemoryTokenStore {
    /// An empty store on this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, state: Mutex::default() }
    }

    fn page(&self, page: Option<&PageToken>, wanted: impl Fn(&Connection) -> bool) -> Result<Page<Connection>> {
        let after = page.map(|page| ConnectionId::parse(page.as_str())).transpose()?;
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let state = self.lock();
        let rows = state.rows.range((from, Bound::Unbounded)).map(|(_, row)| &row.connection);
        let mut rows = rows.filter(|connection| wanted(connection));
        let items: Vec<_> = rows.by_ref().take(PAGE).cloned().collect();
        let next = match (rows.next(), items.last()) {
            (Some(_), Some(last)) => Some(PageToken::parse(last.id.as_str())?),
            _ => None,
        };
        Ok(Page { items, next })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn conflict() -> Error {
    Error::new(ErrorKind::Conflict, "write connection")
}

#[async_trait]
impl TokenStore for MemoryTokenStore {
    async fn now(&self) -> Result<DateTime<Utc>> {
        Ok(self.clock.now())
    }

    async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>> {
        Ok(self.lock().rows.get(id).map(|row| row.connection.clone()))
    }

    async fn connections(&self, tenant: &TenantId, page: Option<&PageToken>) -> Result<Page<Connection>> {
        self.page(page, |connection| connection.tenant == *tenant)
    }

    async fn lease(&self, id: &ConnectionId, _owner: &WorkerId, ttl: Duration) -> Result<Option<Lease>> {
        let now = self.clock.now();
        let mut state = self.lock();
        let Some(row) = state.rows.get_mut(id).filter(|row| !row.leased(now)) else { return Ok(None) };
        let ttl = TimeDelta::from_std(ttl).map_err(|_| Error::invalid("lease connection", "the lease is too long"))?;
        let until = now.checked_add_signed(ttl).unwrap_or(DateTime::<Utc>::MAX_UTC);
        row.fence += 1;
        row.leased_until = Some(until);
        Ok(Some(Lease { fence: row.fence, until }))
    }

    async fn commit(&self, commit: TokenCommit) -> Result<()> {
        let mut state = self.lock();
        match commit {
            TokenCommit::Create(connection) => {
                if state.rows.contains_key(&connection.id) {
                    return Err(Error::new(ErrorKind::AlreadyExists, "create connection"));
                }
                let row = Row { fence: 0, leased_until: None, connection: *connection };
                state.rows.insert(row.connection.id.clone(), row);
            }
            TokenCommit::Update { epoch, generation, fence, release, to } => {
                let row = state.rows.get_mut(&to.id).ok_or_else(conflict)?;
                let current = (row.connection.epoch, row.connection.generation) == (epoch, generation);
                if !current || fence.is_some_and(|fence| fence != row.fence) {
                    return Err(conflict());
                }
                row.connection = *to;
                if release && fence.is_some() {
                    row.leased_until = None;
                }
            }
            TokenCommit::Release { id, fence } => {
                if let Some(row) = state.rows.get_mut(&id).filter(|row| row.fence == fence) {
                    row.leased_until = None;
                }
            }
        }
        Ok(())
    }

    async fn due(&self, limit: usize) -> Result<Vec<ConnectionId>> {
        let now = self.clock.now();
        let state = self.lock();
        let mut due: Vec<_> = state
            .rows
            .iter()
            .filter(|(_, row)| {
                matches!(row.connection.status, ConnectionStatus::Valid | ConnectionStatus::Disconnecting)
                    && !row.leased(now)
            })
            .filter_map(|(id, row)| row.connection.refresh_at.filter(|at| *at <= now).map(|at| (at, id)))
            .collect();
        due.sort_unstable();
        Ok(due.into_iter().take(limit).map(|(_, id)| id.clone()).collect())
    }

    async fn begin_flow(&self, flow: &Flow) -> Result<()> {
        let now = self.clock.now();
        let mut state = self.lock();
        state.flows.retain(|_, kept| now < kept.until);
        state.flows.insert(flow.state_digest, flow.clone());
        Ok(())
    }

    async fn take_flow(&self, state_digest: &[u8; 32]) -> Result<Option<Flow>> {
        let now = self.clock.now();
        Ok(self.lock().flows.remove(state_digest).filter(|flow| now < flow.until))
    }

    async fn client_health(&self, client: &ClientId) -> Result<ClientHealth> {
        Ok(self.lock().health.get(client).cloned().unwrap_or_default())
    }

    async fn note_client(&self, client: &ClientId, health: &ClientHealth) -> Result<()> {
        self.lock().health.insert(client.clone(), health.clone());
        Ok(())
    }
}

#[async_trait]
impl AllConnections for MemoryTokenStore {
    async fn all_connections(&self, page: Option<&PageToken>) -> Result<Page<Connection>> {
        self.page(page, |_| true)
    }
}

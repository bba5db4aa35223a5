use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use invitations_core::{
    Error, ErrorKind, Result,
    ids::{ClientId, ConnectionId, PageToken, TenantId, WorkerId},
    invitation::stored,
    provider::Page,
    token::{AllConnections, ClientHealth, Connection, ConnectionStatus, Flow, Lease, TokenCommit, TokenStore},
};

use crate::{
    Backend, Store,
    columns::{self, Columns, counter, parsed, read},
    dialect::{Timed, timed},
    error,
    statement::Statement,
    times::{instant, micros, span},
};

/// How many connections are on a page.
const PAGE: usize = 100;

const WRITE: &str = "write connection";

const NOW: Timed = timed!("SELECT " now);

const LEASE: Timed = timed!(
    "UPDATE inv_connection SET fence = fence + 1, lease_owner = $2, lease_until = " now " + $3 \
     WHERE id = $4 AND (lease_until IS NULL OR lease_until <= " now ") RETURNING fence, lease_until"
);

const DUE: Timed = timed!(
    "SELECT id FROM inv_connection WHERE status IN ('valid', 'disconnecting') AND refresh_at IS NOT NULL \
     AND refresh_at <= " now " AND (lease_until IS NULL OR lease_until <= " now ") ORDER BY refresh_at, id LIMIT $2"
);

const DELETE_FLOWS: Timed = timed!("DELETE FROM inv_flow WHERE until_at <= " now);

const TAKE_FLOW: Timed = timed!("DELETE FROM inv_flow WHERE state_digest = $2 RETURNING flow, until_at > " now);

#[async_trait]
impl<DB: Backend> TokenStore for Store<DB> {
    async fn now(&self) -> Result<DateTime<Utc>> {
        if let Some(now) = self.given_time() {
            return instant(now);
        }
        let rows = self.read("read the time", self.timed(NOW)).await?;
        instant(rows.first().map(|row| read(row, 0)).transpose()?.unwrap_or_default())
    }

    async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>> {
        let query = Statement::new("SELECT connection FROM inv_connection WHERE id = $1").bind(id.as_str());
        let rows = self.read("read connection", query).await?;
        rows.first().map(|row| stored::decode(read(row, 0)?)).transpose()
    }

    async fn connections(&self, tenant: &TenantId, page: Option<&PageToken>) -> Result<Page<Connection>> {
        let query = Statement::new(
            "SELECT connection, id FROM inv_connection WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3",
        )
        .bind(tenant.as_str())
        .bind(page.map_or("", PageToken::as_str))
        .bind(columns::limit(PAGE + 1));
        let rows = self.read("list connections", query).await?;
        let next = page_after(&rows)?;
        let mut items = Vec::new();
        for row in rows.iter().take(PAGE) {
            match stored::decode(read(row, 0)?) {
                Ok(connection) => items.push(connection),
                Err(error) => tracing::warn!(%error, %tenant, "a connection cannot be read and is left out of a list"),
            }
        }
        Ok(Page { items, next })
    }

    async fn lease(&self, id: &ConnectionId, owner: &WorkerId, ttl: Duration) -> Result<Option<Lease>> {
        let take = self.timed(LEASE).bind(owner.as_str()).bind(span(ttl)).bind(id.as_str());
        let rows = self.write("lease connection", take).await?;
        let lease = |row| Ok(Lease { fence: counter(read(row, 0)?)?, until: instant(read(row, 1)?)? });
        rows.first().map(lease).transpose()
    }

    async fn commit(&self, commit: TokenCommit) -> Result<()> {
        match commit {
            TokenCommit::Create(connection) => self.create(&connection).await,
            TokenCommit::Update { epoch, generation, fence, release, to } => {
                self.update((epoch, generation), fence, release, &to).await
            }
            TokenCommit::Release { id, fence } => self.release(&id, fence).await,
            _ => Err(Error::invalid(WRITE, "this store is older than the commit")),
        }
    }

    async fn due(&self, limit: usize) -> Result<Vec<ConnectionId>> {
        let query = self.timed(DUE).bind(columns::limit(limit));
        let rows = self.read("find connections to refresh", query).await?;
        rows.iter().map(|row| parsed(ConnectionId::parse(read::<&str>(row, 0)?))).collect()
    }

    async fn begin_flow(&self, flow: &Flow) -> Result<()> {
        const BEGIN: &str = "keep connect flow";
        let text = stored::encode(flow)?;
        let keep = Statement::new(
            "INSERT INTO inv_flow (state_digest, until_at, flow) VALUES ($1, $2, $3) \
             ON CONFLICT (state_digest) DO UPDATE SET until_at = excluded.until_at, flow = excluded.flow",
        )
        .bind(flow.state_digest.as_slice())
        .bind(micros(flow.until))
        .bind(&text);
        let mut write = self.begin(BEGIN).await?;
        self.timed(DELETE_FLOWS).rows::<DB>(&mut write).await.map_err(error::database(BEGIN))?;
        keep.rows::<DB>(&mut write).await.map_err(error::database(BEGIN))?;
        write.commit().await.map_err(error::committing(BEGIN))
    }

    async fn take_flow(&self, state_digest: &[u8; 32]) -> Result<Option<Flow>> {
        const TAKE: &str = "take connect flow";
        let mut write = self.begin(TAKE).await?;
        let take = self.timed(TAKE_FLOW).bind(state_digest.as_slice());
        let rows = take.rows::<DB>(&mut write).await.map_err(error::database(TAKE))?;
        let Some(row) = rows.first() else { return Ok(None) };
        // decoded before the commit: one that cannot be read is left as it is
        let flow = if read(row, 1)? { Some(stored::decode(read(row, 0)?)?) } else { None };
        write.commit().await.map_err(error::committing(TAKE))?;
        Ok(flow)
    }

    async fn client_health(&self, client: &ClientId) -> Result<ClientHealth> {
        let query = Statement::new("SELECT health FROM inv_client WHERE client = $1").bind(client.as_str());
        let rows = self.read("read client", query).await?;
        rows.first().map_or_else(|| Ok(ClientHealth::default()), |row| stored::decode(read(row, 0)?))
    }

    async fn note_client(&self, client: &ClientId, health: &ClientHealth) -> Result<()> {
        let health = stored::encode(health)?;
        let note = Statement::new(
            "INSERT INTO inv_client (client, health) VALUES ($1, $2) \
             ON CONFLICT (client) DO UPDATE SET health = excluded.health",
        );
        self.write("note client", note.bind(client.as_str()).bind(&health)).await.map(drop)
    }
}

#[async_trait]
impl<DB: Backend> AllConnections for Store<DB> {
    async fn all_connections(&self, page: Option<&PageToken>) -> Result<Page<Connection>> {
        let query = Statement::new("SELECT connection, id FROM inv_connection WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(page.map_or("", PageToken::as_str))
            .bind(columns::limit(PAGE + 1));
        let rows = self.read("list connections", query).await?;
        let next = page_after(&rows)?;
        let items = rows.iter().take(PAGE).map(|row| stored::decode(read(row, 0)?)).collect::<Result<_>>()?;
        Ok(Page { items, next })
    }
}

/// Where the next page begins; the second column is the id.
fn page_after(rows: &[impl Columns]) -> Result<Option<PageToken>> {
    let last = rows.get(PAGE - 1).filter(|_| rows.len() > PAGE);
    last.map(|last| parsed(PageToken::parse(read::<&str>(last, 1)?))).transpose()
}

fn conflict() -> Error {
    Error::new(ErrorKind::Conflict, WRITE)
}

/// A number that the database cannot hold equals none that it holds.
fn number(value: u64) -> Result<i64> {
    i64::try_from(value).map_err(|_| conflict())
}

/// The word by which [`TokenStore::due`] finds what may be refreshed.
fn status(connection: &Connection) -> &'static str {
    match connection.status {
        ConnectionStatus::Valid => "valid",
        ConnectionStatus::NeedsReconsent(_) => "needs_reconsent",
        ConnectionStatus::Disconnecting => "disconnecting",
        ConnectionStatus::Revoked => "revoked",
        _ => "other",
    }
}

impl<DB: Backend> Store<DB> {
    fn timed<'v>(&self, text: Timed) -> Statement<'v> {
        Statement::timed::<DB>(text, self.given_time())
    }

    async fn create(&self, connection: &Connection) -> Result<()> {
        let text = stored::encode(connection)?;
        let create = Statement::new(
            "INSERT INTO inv_connection (id, tenant, epoch, generation, status, refresh_at, connection) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING RETURNING id",
        )
        .bind(connection.id.as_str())
        .bind(connection.tenant.as_str())
        .bind(number(connection.epoch)?)
        .bind(number(connection.generation)?)
        .bind(status(connection))
        .bind(connection.refresh_at.map(micros))
        .bind(&text);
        if self.write(WRITE, create).await?.is_empty() {
            return Err(Error::new(ErrorKind::AlreadyExists, WRITE));
        }
        Ok(())
    }

    async fn update(&self, from: (u64, u64), fence: Option<u64>, release: bool, to: &Connection) -> Result<()> {
        let fence = fence.map(number).transpose()?;
        let text = stored::encode(to)?;
        let update = Statement::new(
            "UPDATE inv_connection SET tenant = $1, epoch = $2, generation = $3, status = $4, refresh_at = $5, \
             connection = $6, lease_owner = CASE WHEN $7 THEN NULL ELSE lease_owner END, \
             lease_until = CASE WHEN $7 THEN NULL ELSE lease_until END \
             WHERE id = $8 AND epoch = $9 AND generation = $10 AND fence = COALESCE($11, fence) RETURNING id",
        )
        .bind(to.tenant.as_str())
        .bind(number(to.epoch)?)
        .bind(number(to.generation)?)
        .bind(status(to))
        .bind(to.refresh_at.map(micros))
        .bind(&text)
        .bind(release && fence.is_some())
        .bind(to.id.as_str())
        .bind(number(from.0)?)
        .bind(number(from.1)?)
        .bind(fence);
        if self.write(WRITE, update).await?.is_empty() { Err(conflict()) } else { Ok(()) }
    }

    async fn release(&self, id: &ConnectionId, fence: u64) -> Result<()> {
        let Ok(fence) = number(fence) else { return Ok(()) };
        let release = Statement::new(
            "UPDATE inv_connection SET lease_owner = NULL, lease_until = NULL WHERE id = $1 AND fence = $2",
        );
        self.write("release connection", release.bind(id.as_str()).bind(fence)).await.map(drop)
    }
}

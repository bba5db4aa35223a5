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
    SqliteStore,
    columns::{Row, counter, limit, parsed, read},
    error,
    times::{after, instant, micros},
};

/// How many connections are on a page.
const PAGE: usize = 100;

const WRITE: &str = "write connection";

#[async_trait]
impl TokenStore for SqliteStore {
    async fn now(&self) -> Result<DateTime<Utc>> {
        Ok(self.time())
    }

    async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>> {
        let row: Option<String> = sqlx::query_scalar("SELECT connection FROM inv_connection WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(self.pool())
            .await
            .map_err(error::database("read connection"))?;
        row.map(|connection| stored::decode(&connection)).transpose()
    }

    async fn connections(&self, tenant: &TenantId, page: Option<&PageToken>) -> Result<Page<Connection>> {
        let rows =
            sqlx::query("SELECT connection, id FROM inv_connection WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3")
                .bind(tenant.as_str())
                .bind(page.map_or("", PageToken::as_str))
                .bind(limit(PAGE + 1))
                .fetch_all(self.pool())
                .await
                .map_err(error::database("list connections"))?;
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
        const LEASE: &str = "lease connection";
        let mut write = self.begin(LEASE).await?;
        let now = self.time();
        let (now, until) = (micros(now), after(now, ttl));
        let fence: Option<i64> = sqlx::query_scalar(
            "UPDATE inv_connection SET fence = fence + 1, lease_owner = $1, lease_until = $2 \
             WHERE id = $3 AND (lease_until IS NULL OR lease_until <= $4) RETURNING fence",
        )
        .bind(owner.as_str())
        .bind(until)
        .bind(id.as_str())
        .bind(now)
        .fetch_optional(&mut *write)
        .await
        .map_err(error::database(LEASE))?;
        write.commit().await.map_err(error::committing(LEASE))?;
        fence.map(|fence| Ok(Lease { fence: counter(fence)?, until: instant(until)? })).transpose()
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
        let rows: Vec<String> = sqlx::query_scalar(
            "SELECT id FROM inv_connection WHERE status IN ('valid', 'disconnecting') AND refresh_at IS NOT NULL \
             AND refresh_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) ORDER BY refresh_at, id LIMIT $2",
        )
        .bind(micros(self.time()))
        .bind(crate::columns::limit(limit))
        .fetch_all(self.pool())
        .await
        .map_err(error::database("find connections to refresh"))?;
        rows.into_iter().map(|id| parsed(ConnectionId::parse(id))).collect()
    }

    async fn begin_flow(&self, flow: &Flow) -> Result<()> {
        const BEGIN: &str = "keep connect flow";
        let mut write = self.begin(BEGIN).await?;
        sqlx::query("DELETE FROM inv_flow WHERE until_at <= $1")
            .bind(micros(self.time()))
            .execute(&mut *write)
            .await
            .map_err(error::database(BEGIN))?;
        sqlx::query(
            "INSERT INTO inv_flow (state_digest, until_at, flow) VALUES ($1, $2, $3) \
             ON CONFLICT (state_digest) DO UPDATE SET until_at = excluded.until_at, flow = excluded.flow",
        )
        .bind(flow.state_digest.as_slice())
        .bind(micros(flow.until))
        .bind(stored::encode(flow)?)
        .execute(&mut *write)
        .await
        .map_err(error::database(BEGIN))?;
        write.commit().await.map_err(error::committing(BEGIN))
    }

    async fn take_flow(&self, state_digest: &[u8; 32]) -> Result<Option<Flow>> {
        const TAKE: &str = "take connect flow";
        let mut write = self.begin(TAKE).await?;
        let row = sqlx::query("DELETE FROM inv_flow WHERE state_digest = $1 RETURNING flow, until_at")
            .bind(state_digest.as_slice())
            .fetch_optional(&mut *write)
            .await
            .map_err(error::database(TAKE))?;
        let Some(row) = row else { return Ok(None) };
        let live = micros(self.time()) < read::<i64, _>(&row, 1)?;
        // decoded before the commit: one that cannot be read is left as it is
        let flow = if live { Some(stored::decode(read(&row, 0)?)?) } else { None };
        write.commit().await.map_err(error::committing(TAKE))?;
        Ok(flow)
    }

    async fn client_health(&self, client: &ClientId) -> Result<ClientHealth> {
        let row: Option<String> = sqlx::query_scalar("SELECT health FROM inv_client WHERE client = $1")
            .bind(client.as_str())
            .fetch_optional(self.pool())
            .await
            .map_err(error::database("read client"))?;
        row.map_or_else(|| Ok(ClientHealth::default()), |health| stored::decode(&health))
    }

    async fn note_client(&self, client: &ClientId, health: &ClientHealth) -> Result<()> {
        const NOTE: &str = "note client";
        let mut write = self.begin(NOTE).await?;
        sqlx::query(
            "INSERT INTO inv_client (client, health) VALUES ($1, $2) \
             ON CONFLICT (client) DO UPDATE SET health = excluded.health",
        )
        .bind(client.as_str())
        .bind(stored::encode(health)?)
        .execute(&mut *write)
        .await
        .map_err(error::database(NOTE))?;
        write.commit().await.map_err(error::committing(NOTE))
    }
}

#[async_trait]
impl AllConnections for SqliteStore {
    async fn all_connections(&self, page: Option<&PageToken>) -> Result<Page<Connection>> {
        let rows = sqlx::query("SELECT connection, id FROM inv_connection WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(page.map_or("", PageToken::as_str))
            .bind(limit(PAGE + 1))
            .fetch_all(self.pool())
            .await
            .map_err(error::database("list connections"))?;
        let next = page_after(&rows)?;
        let items = rows.iter().take(PAGE).map(|row| stored::decode(read(row, 0)?)).collect::<Result<_>>()?;
        Ok(Page { items, next })
    }
}

/// Where the next page begins; the second column is the id.
fn page_after(rows: &[Row]) -> Result<Option<PageToken>> {
    let last = rows.get(PAGE - 1).filter(|_| rows.len() > PAGE);
    last.map(|last| parsed(PageToken::parse(read::<&str, _>(last, 1)?))).transpose()
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

impl SqliteStore {
    async fn create(&self, connection: &Connection) -> Result<()> {
        let mut write = self.begin(WRITE).await?;
        let done = sqlx::query(
            "INSERT INTO inv_connection (id, tenant, epoch, generation, status, refresh_at, connection) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING",
        )
        .bind(connection.id.as_str())
        .bind(connection.tenant.as_str())
        .bind(number(connection.epoch)?)
        .bind(number(connection.generation)?)
        .bind(status(connection))
        .bind(connection.refresh_at.map(micros))
        .bind(stored::encode(connection)?)
        .execute(&mut *write)
        .await
        .map_err(error::database(WRITE))?;
        if done.rows_affected() == 0 {
            return Err(Error::new(ErrorKind::AlreadyExists, WRITE));
        }
        write.commit().await.map_err(error::committing(WRITE))
    }

    async fn update(&self, from: (u64, u64), fence: Option<u64>, release: bool, to: &Connection) -> Result<()> {
        let fence = fence.map(number).transpose()?;
        let mut write = self.begin(WRITE).await?;
        let done = sqlx::query(
            "UPDATE inv_connection SET tenant = $1, epoch = $2, generation = $3, status = $4, refresh_at = $5, \
             connection = $6, lease_owner = CASE WHEN $7 THEN NULL ELSE lease_owner END, \
             lease_until = CASE WHEN $7 THEN NULL ELSE lease_until END \
             WHERE id = $8 AND epoch = $9 AND generation = $10 AND fence = COALESCE($11, fence)",
        )
        .bind(to.tenant.as_str())
        .bind(number(to.epoch)?)
        .bind(number(to.generation)?)
        .bind(status(to))
        .bind(to.refresh_at.map(micros))
        .bind(stored::encode(to)?)
        .bind(release && fence.is_some())
        .bind(to.id.as_str())
        .bind(number(from.0)?)
        .bind(number(from.1)?)
        .bind(fence)
        .execute(&mut *write)
        .await
        .map_err(error::database(WRITE))?;
        if done.rows_affected() == 0 {
            return Err(conflict());
        }
        write.commit().await.map_err(error::committing(WRITE))
    }

    async fn release(&self, id: &ConnectionId, fence: u64) -> Result<()> {
        let Ok(fence) = number(fence) else { return Ok(()) };
        let mut write = self.begin("release connection").await?;
        sqlx::query("UPDATE inv_connection SET lease_owner = NULL, lease_until = NULL WHERE id = $1 AND fence = $2")
            .bind(id.as_str())
            .bind(fence)
            .execute(&mut *write)
            .await
            .map_err(error::database("release connection"))?;
        write.commit().await.map_err(error::committing("release connection"))
    }
}

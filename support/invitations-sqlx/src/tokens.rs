use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use invitations_core::{
    Error, ErrorKind, Result,
    ids::{ClientId, ConnectionId, PageToken, TenantId, WorkerId},
    invitation::stored,
    provider::Page,
    token::{ClientHealth, Connection, ConnectionStatus, Flow, Lease, TokenCommit, TokenStore},
};
use sqlx::{Row as _, sqlite::SqliteRow};

use crate::{SqliteStore, error::database, times::micros};

const PAGE: usize = 200;

#[async_trait]
impl TokenStore for SqliteStore {
    async fn now(&self) -> Result<DateTime<Utc>> {
        Ok(self.time())
    }

    async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>> {
        let row = sqlx::query("SELECT body FROM inv_connection WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(self.pool())
            .await
            .map_err(database("read connection"))?;
        row.map(|row| body(&row)).transpose()
    }

    async fn connections(&self, tenant: &TenantId, page: Option<&PageToken>) -> Result<Page<Connection>> {
        let rows = sqlx::query("SELECT body FROM inv_connection WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3")
            .bind(tenant.as_str())
            .bind(page.map_or("", PageToken::as_str))
            .bind(i64::try_from(PAGE).unwrap_or(200))
            .fetch_all(self.pool())
            .await
            .map_err(database("list connections"))?;
        let items: Vec<Connection> = rows.iter().map(body).collect::<Result<_>>()?;
        let next = match items.last() {
            Some(last) if items.len() == PAGE => Some(PageToken::parse(last.id.as_str())?),
            _ => None,
        };
        Ok(Page { items, next })
    }

    async fn lease(&self, id: &ConnectionId, owner: &WorkerId, ttl: Duration) -> Result<Option<Lease>> {
        let now = self.time();
        let until = now + ttl;
        let row = sqlx::query(
            "UPDATE inv_connection SET lease_until = $1, lease_owner = $2, fence = fence + 1 \
             WHERE id = $3 AND COALESCE(lease_until, 0) <= $4 RETURNING fence",
        )
        .bind(micros(until))
        .bind(owner.as_str())
        .bind(id.as_str())
        .bind(micros(now))
        .fetch_optional(self.pool())
        .await
        .map_err(database("lease connection"))?;
        let Some(row) = row else { return Ok(None) };
        let fence: i64 = row.try_get(0).map_err(database("lease connection"))?;
        Ok(Some(Lease { fence: u64::try_from(fence).unwrap_or_default(), until }))
    }

    async fn commit(&self, commit: TokenCommit) -> Result<()> {
        let failed = database("write connection");
        match commit {
            TokenCommit::Create(connection) => {
                let done = sqlx::query(
                    "INSERT INTO inv_connection (id, tenant, body, epoch, generation, valid, refresh_at) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING",
                )
                .bind(connection.id.as_str())
                .bind(connection.tenant.as_str())
                .bind(stored::encode(&*connection)?)
                .bind(number(connection.epoch))
                .bind(number(connection.generation))
                .bind(connection.status == ConnectionStatus::Valid)
                .bind(connection.refresh_at.map(micros))
                .execute(self.pool())
                .await
                .map_err(&failed)?;
                if done.rows_affected() == 1 {
                    Ok(())
                } else {
                    Err(Error::new(ErrorKind::AlreadyExists, "write connection"))
                }
            }
            TokenCommit::Update { epoch, generation, fence, release, to } => {
                let done = sqlx::query(
                    "UPDATE inv_connection SET body = $1, epoch = $2, generation = $3, valid = $4, refresh_at = $5, \
                     lease_until = CASE WHEN $6 THEN NULL ELSE lease_until END \
                     WHERE id = $7 AND epoch = $8 AND generation = $9 AND ($10 IS NULL OR fence = $10)",
                )
                .bind(stored::encode(&*to)?)
                .bind(number(to.epoch))
                .bind(number(to.generation))
                .bind(to.status == ConnectionStatus::Valid)
                .bind(to.refresh_at.map(micros))
                .bind(release)
                .bind(to.id.as_str())
                .bind(number(epoch))
                .bind(number(generation))
                .bind(fence.map(number))
                .execute(self.pool())
                .await
                .map_err(&failed)?;
                if done.rows_affected() == 1 {
                    Ok(())
                } else {
                    Err(Error::new(ErrorKind::Conflict, "write connection"))
                }
            }
            TokenCommit::Release { id, fence } => {
                sqlx::query("UPDATE inv_connection SET lease_until = NULL WHERE id = $1 AND fence = $2")
                    .bind(id.as_str())
                    .bind(number(fence))
                    .execute(self.pool())
                    .await
                    .map_err(&failed)?;
                Ok(())
            }
            _ => Err(Error::new(ErrorKind::Unsupported, "write connection")),
        }
    }

    async fn due(&self, limit: usize) -> Result<Vec<ConnectionId>> {
        let rows = sqlx::query(
            "SELECT id FROM inv_connection WHERE valid = 1 AND refresh_at <= $1 AND COALESCE(lease_until, 0) <= $1 \
             ORDER BY refresh_at LIMIT $2",
        )
        .bind(micros(self.time()))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(self.pool())
        .await
        .map_err(database("find due connections"))?;
        let id = |row: &SqliteRow| {
            ConnectionId::parse(row.try_get::<String, _>(0).map_err(database("find due connections"))?)
        };
        rows.iter().map(id).collect()
    }

    async fn begin_flow(&self, flow: &Flow) -> Result<()> {
        let failed = database("keep connect flow");
        // those that nobody came back to
        sqlx::query("DELETE FROM inv_flow WHERE until <= $1")
            .bind(micros(self.time()))
            .execute(self.pool())
            .await
            .map_err(&failed)?;
        sqlx::query("INSERT INTO inv_flow (digest, until, body) VALUES ($1, $2, $3)")
            .bind(flow.state_digest.as_slice())
            .bind(micros(flow.until))
            .bind(stored::encode(flow)?)
            .execute(self.pool())
            .await
            .map_err(&failed)?;
        Ok(())
    }

    async fn take_flow(&self, state_digest: &[u8; 32]) -> Result<Option<Flow>> {
        let failed = database("take connect flow");
        let row = sqlx::query("DELETE FROM inv_flow WHERE digest = $1 RETURNING body, until")
            .bind(state_digest.as_slice())
            .fetch_optional(self.pool())
            .await
            .map_err(&failed)?;
        let Some(row) = row else { return Ok(None) };
        let until: i64 = row.try_get(1).map_err(&failed)?;
        if until <= micros(self.time()) {
            return Ok(None);
        }
        stored::decode(&row.try_get::<String, _>(0).map_err(&failed)?).map(Some)
    }

    async fn client_health(&self, client: &ClientId) -> Result<ClientHealth> {
        let failed = database("read client health");
        let row = sqlx::query("SELECT body FROM inv_client WHERE client = $1")
            .bind(client.as_str())
            .fetch_optional(self.pool())
            .await
            .map_err(&failed)?;
        match row {
            Some(row) => stored::decode(&row.try_get::<String, _>(0).map_err(&failed)?),
            None => Ok(ClientHealth::default()),
        }
    }

    async fn note_client(&self, client: &ClientId, health: &ClientHealth) -> Result<()> {
        sqlx::query(
            "INSERT INTO inv_client (client, body) VALUES ($1, $2) ON CONFLICT (client) DO UPDATE SET body = $2",
        )
        .bind(client.as_str())
        .bind(stored::encode(health)?)
        .execute(self.pool())
        .await
        .map_err(database("note client health"))?;
        Ok(())
    }
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn body(row: &SqliteRow) -> Result<Connection> {
    stored::decode(&row.try_get::<String, _>(0).map_err(database("read connection"))?)
}

use std::time::Duration;

use async_trait::async_trait;
use calendar_sync::{BindingRow, Fence, Mapping, MappingStore, SourceId, SyncWrite};
use chrono::{DateTime, Utc};
use invitations_core::{
    Error, ErrorKind, Result,
    ids::{BindingId, SyncCursor, WorkerId},
    invitation::stored,
};
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

use crate::{
    SqliteStore,
    error::{committing, database},
    times::{instant, micros},
};

#[async_trait]
impl MappingStore for SqliteStore {
    async fn now(&self) -> Result<DateTime<Utc>> {
        Ok(self.time())
    }

    async fn lease(&self, binding: &BindingId, owner: &WorkerId, ttl: Duration) -> Result<Option<Fence>> {
        const LEASE: &str = "lease binding";
        let mut tx = self.begin(LEASE).await?;
        let now = self.time();
        let row = sqlx::query(
            "INSERT INTO inv_binding (id, lease_until, lease_owner, fence) VALUES ($1, $2, $3, 1) \
             ON CONFLICT (id) DO UPDATE SET lease_until = $2, lease_owner = $3, \
             fence = fence + (COALESCE(lease_until, 0) <= $4 OR lease_owner IS NOT $3) \
             WHERE COALESCE(lease_until, 0) <= $4 OR lease_owner = $3 RETURNING fence",
        )
        .bind(binding.as_str())
        .bind(micros(now + ttl))
        .bind(owner.as_str())
        .bind(micros(now))
        .fetch_optional(&mut *tx)
        .await
        .map_err(database(LEASE))?;
        let Some(row) = row else { return Ok(None) };
        let fence: i64 = row.try_get(0).map_err(database(LEASE))?;
        tx.commit().await.map_err(committing(LEASE))?;
        Ok(Some(Fence(u64::try_from(fence).unwrap_or_default())))
    }

    async fn release(&self, binding: &BindingId, fence: Fence) -> Result<()> {
        const RELEASE: &str = "release binding";
        let mut tx = self.begin(RELEASE).await?;
        sqlx::query("UPDATE inv_binding SET lease_until = NULL WHERE id = $1 AND fence = $2")
            .bind(binding.as_str())
            .bind(number(fence))
            .execute(&mut *tx)
            .await
            .map_err(database(RELEASE))?;
        tx.commit().await.map_err(committing(RELEASE))
    }

    async fn mappings(
        &self,
        binding: &BindingId,
        after: Option<(&SourceId, u16)>,
        limit: usize,
    ) -> Result<Vec<Mapping>> {
        let (source, slot) = after.map_or(("", -1), |(source, slot)| (source.as_str(), i64::from(slot)));
        let rows = sqlx::query(
            "SELECT body FROM inv_mapping WHERE binding = $1 AND (source, slot) > ($2, $3) ORDER BY source, slot LIMIT $4",
        )
        .bind(binding.as_str())
        .bind(source)
        .bind(slot)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(self.pool())
        .await
        .map_err(database("read mappings"))?;
        rows.iter().map(body).collect()
    }

    async fn find(&self, binding: &BindingId, ids: &[SourceId]) -> Result<Vec<Mapping>> {
        let rows = sqlx::query(
            "SELECT body FROM inv_mapping WHERE binding = $1 AND source IN (SELECT value FROM json_each($2))",
        )
        .bind(binding.as_str())
        .bind(serde_json::json!(ids).to_string())
        .fetch_all(self.pool())
        .await
        .map_err(database("find mappings"))?;
        rows.iter().map(body).collect()
    }

    async fn binding(&self, binding: &BindingId) -> Result<BindingRow> {
        let failed = database("read binding");
        let row = sqlx::query("SELECT sync_cursor, last_synced_at, dirty FROM inv_binding WHERE id = $1")
            .bind(binding.as_str())
            .fetch_optional(self.pool())
            .await
            .map_err(&failed)?;
        let mut about = BindingRow::default();
        if let Some(row) = row {
            let cursor: Option<String> = row.try_get(0).map_err(&failed)?;
            about.cursor = cursor.map(SyncCursor::parse).transpose()?;
            about.last_synced_at = row.try_get::<Option<i64>, _>(1).map_err(&failed)?.map(instant).transpose()?;
            about.dirty = row.try_get::<i64, _>(2).map_err(&failed)? > 0;
        }
        Ok(about)
    }

    async fn commit(&self, binding: &BindingId, fence: Fence, writes: Vec<SyncWrite>) -> Result<()> {
        let failed = database("write mappings");
        let mut tx = self.begin("write mappings").await?;
        let row = sqlx::query("SELECT fence FROM inv_binding WHERE id = $1")
            .bind(binding.as_str())
            .fetch_optional(&mut *tx)
            .await
            .map_err(&failed)?;
        let current: Option<i64> = row.map(|row| row.try_get(0)).transpose().map_err(&failed)?;
        // 0: marked, but never leased
        if fence.0 == 0 || current != Some(number(fence)) {
            return Err(Error::new(ErrorKind::Conflict, "write mappings").with_detail("a later lease was given out"));
        }
        for one in writes {
            write(&mut tx, binding, one).await?;
        }
        tx.commit().await.map_err(committing("write mappings"))
    }

    async fn mark_dirty(&self, binding: &BindingId) -> Result<()> {
        const MARK: &str = "mark binding";
        let mut tx = self.begin(MARK).await?;
        // 0 is clean; else when the last mark was made
        sqlx::query("INSERT INTO inv_binding (id, dirty) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET dirty = $2")
            .bind(binding.as_str())
            .bind(micros(self.time()).max(1))
            .execute(&mut *tx)
            .await
            .map_err(database(MARK))?;
        tx.commit().await.map_err(committing(MARK))
    }

    async fn due(&self, limit: usize) -> Result<Vec<BindingId>> {
        let rows = sqlx::query(
            // "dirty" as the index says it, which is not found by "dirty > 0"
            "SELECT id FROM inv_binding WHERE dirty AND COALESCE(lease_until, 0) <= $1 ORDER BY id LIMIT $2",
        )
        .bind(micros(self.time()))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(self.pool())
        .await
        .map_err(database("find due bindings"))?;
        let id =
            |row: &SqliteRow| BindingId::parse(row.try_get::<String, _>(0).map_err(database("find due bindings"))?);
        rows.iter().map(id).collect()
    }
}

async fn write(tx: &mut SqliteConnection, binding: &BindingId, write: SyncWrite) -> Result<()> {
    let query = match write {
        SyncWrite::Put(row) => sqlx::query(
            "INSERT INTO inv_mapping (binding, source, slot, body) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (binding, source, slot) DO UPDATE SET body = $4",
        )
        .bind(binding.as_str().to_owned())
        .bind(row.source.as_str().to_owned())
        .bind(i64::from(row.slot))
        .bind(stored::encode(&*row)?),
        SyncWrite::Drop(source, slot) => {
            sqlx::query("DELETE FROM inv_mapping WHERE binding = $1 AND source = $2 AND slot = $3")
                .bind(binding.as_str().to_owned())
                .bind(source.as_str().to_owned())
                .bind(i64::from(slot))
        }
        SyncWrite::Cursor(cursor) => sqlx::query("UPDATE inv_binding SET sync_cursor = $2 WHERE id = $1")
            .bind(binding.as_str().to_owned())
            .bind(cursor.as_str().to_owned()),
        SyncWrite::Synced(at) => sqlx::query("UPDATE inv_binding SET last_synced_at = $2 WHERE id = $1")
            .bind(binding.as_str().to_owned())
            .bind(micros(at)),
        SyncWrite::Clean(before) => sqlx::query("UPDATE inv_binding SET dirty = 0 WHERE id = $1 AND dirty < $2")
            .bind(binding.as_str().to_owned())
            .bind(micros(before)),
        _ => return Err(Error::new(ErrorKind::Unsupported, "write mappings")),
    };
    query.execute(&mut *tx).await.map_err(database("write mappings"))?;
    Ok(())
}

fn number(fence: Fence) -> i64 {
    i64::try_from(fence.0).unwrap_or(i64::MAX)
}

fn body(row: &SqliteRow) -> Result<Mapping> {
    stored::decode(&row.try_get::<String, _>(0).map_err(database("read mapping"))?)
}

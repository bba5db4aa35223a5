//! Due rows under a lease, for workers.

use chrono::{DateTime, Utc};
use invitations_core::{
    Result,
    ids::{EffectId, InvitationId, TenantId},
    invitation::{Claim, Claimed, store::Delivered},
    secret::Sealed,
};
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

use crate::{
    SqliteStore,
    error::database,
    times::{instant, micros},
};

const OPERATION: &str = "claim due rows";

/// The bounds of one claim.
struct Bounds<'a> {
    now: i64,
    until: DateTime<Utc>,
    limit: i64,
    worker: &'a str,
    /// Both `NULL`: any invitation.
    only: (Option<&'a str>, Option<&'a str>),
}

impl SqliteStore {
    pub(crate) async fn claim_rows(&self, claim: &Claim) -> Result<Vec<Claimed>> {
        let now = self.time();
        let only = claim.only.as_ref();
        let mut bounds = Bounds {
            now: micros(now),
            until: now + claim.lease,
            limit: i64::try_from(claim.limit).unwrap_or(i64::MAX),
            worker: claim.worker.as_str(),
            only: (only.map(|(tenant, _)| tenant.as_str()), only.map(|(_, id)| id.as_str())),
        };
        // most rounds find nothing: that is seen without the write lock
        if self.nothing_due(&bounds).await? {
            return Ok(Vec::new());
        }
        let mut tx = self.begin(OPERATION).await?;
        let mut claimed = effects(&mut tx, &bounds).await?;
        bounds.limit -= i64::try_from(claimed.len()).unwrap_or(i64::MAX);
        claimed.extend(deadlines(&mut tx, &bounds).await?);
        bounds.limit = bounds.limit.max(0);
        claimed.extend(deliveries(&mut tx, &bounds).await?);
        tx.commit().await.map_err(database(OPERATION))?;
        Ok(claimed)
    }

    async fn nothing_due(&self, bounds: &Bounds<'_>) -> Result<bool> {
        let row = sqlx::query(
            "SELECT EXISTS (SELECT 1 FROM inv_effect WHERE due_at <= $1 AND COALESCE(lease_until, 0) <= $1) \
             OR EXISTS (SELECT 1 FROM inv_invitation WHERE deadline <= $1 AND COALESCE(deadline_lease_until, 0) <= $1) \
             OR EXISTS (SELECT 1 FROM inv_outbox WHERE due_at <= $1 AND COALESCE(lease_until, 0) <= $1)",
        )
        .bind(bounds.now)
        .fetch_one(self.pool())
        .await
        .map_err(database(OPERATION))?;
        row.try_get::<bool, _>(0).map(|due| !due).map_err(database(OPERATION))
    }

    pub(crate) async fn record_delivery(&self, row: u64, fence: u64, outcome: Delivered) -> Result<()> {
        let (row, fence) = (i64::try_from(row).unwrap_or(-1), i64::try_from(fence).unwrap_or(-1));
        let query = match outcome {
            Delivered::Again(at) => sqlx::query(
                "UPDATE inv_outbox SET due_at = $1, attempt = attempt + 1, lease_until = NULL WHERE id = $2 AND fence = $3",
            )
            .bind(micros(at)),
            // delivered, or given up: what it said is a secret nobody needs any more
            _ => sqlx::query(
                "UPDATE inv_outbox SET payload = NULL, due_at = $1, lease_until = NULL WHERE id = $2 AND fence = $3",
            )
            .bind(None::<i64>),
        };
        query.bind(row).bind(fence).execute(self.pool()).await.map_err(database("record delivery"))?;
        Ok(())
    }

    pub(crate) async fn next_due_row(&self) -> Result<Option<DateTime<Utc>>> {
        let row = sqlx::query(
            "SELECT MIN(at) FROM (\
             SELECT MAX(due_at, COALESCE(lease_until, 0)) AS at FROM inv_effect WHERE due_at IS NOT NULL UNION ALL \
             SELECT MAX(deadline, COALESCE(deadline_lease_until, 0)) FROM inv_invitation WHERE deadline IS NOT NULL UNION ALL \
             SELECT MAX(due_at, COALESCE(lease_until, 0)) FROM inv_outbox WHERE due_at IS NOT NULL)",
        )
        .fetch_one(self.pool())
        .await
        .map_err(database("find next due row"))?;
        let at: Option<i64> = row.try_get(0).map_err(database("find next due row"))?;
        at.map(instant).transpose()
    }
}

async fn effects(tx: &mut SqliteConnection, bounds: &Bounds<'_>) -> Result<Vec<Claimed>> {
    let rows = sqlx::query(
        "UPDATE inv_effect SET lease_until = $1, lease_owner = $2, fence = fence + 1 \
         WHERE (tenant, invitation, effect) IN (\
           SELECT tenant, invitation, effect FROM inv_effect \
           WHERE due_at <= $3 AND COALESCE(lease_until, 0) <= $3 \
           AND ($4 IS NULL OR (tenant = $4 AND invitation = $5)) ORDER BY due_at LIMIT $6) \
         RETURNING tenant, invitation, effect, fence",
    )
    .bind(micros(bounds.until))
    .bind(bounds.worker)
    .bind(bounds.now)
    .bind(bounds.only.0)
    .bind(bounds.only.1)
    .bind(bounds.limit)
    .fetch_all(&mut *tx)
    .await
    .map_err(database(OPERATION))?;
    let claimed = |row: &SqliteRow| {
        let (tenant, invitation) = ids(row)?;
        let effect = EffectId::parse(row.try_get::<String, _>(2).map_err(database(OPERATION))?)?;
        let fence = counter(row, 3)?;
        Ok(Claimed::Effect { tenant, invitation, effect, fence, until: bounds.until })
    };
    rows.iter().map(claimed).collect()
}

async fn deadlines(tx: &mut SqliteConnection, bounds: &Bounds<'_>) -> Result<Vec<Claimed>> {
    let rows = sqlx::query(
        "UPDATE inv_invitation SET deadline_lease_until = $1 WHERE seq IN (\
           SELECT seq FROM inv_invitation WHERE deadline <= $2 AND COALESCE(deadline_lease_until, 0) <= $2 \
           AND ($3 IS NULL OR (tenant = $3 AND id = $4)) ORDER BY deadline LIMIT $5) \
         RETURNING tenant, id",
    )
    .bind(micros(bounds.until))
    .bind(bounds.now)
    .bind(bounds.only.0)
    .bind(bounds.only.1)
    .bind(bounds.limit)
    .fetch_all(&mut *tx)
    .await
    .map_err(database(OPERATION))?;
    let claimed = |row| ids(row).map(|(tenant, invitation)| Claimed::Deadline { tenant, invitation });
    rows.iter().map(claimed).collect()
}

async fn deliveries(tx: &mut SqliteConnection, bounds: &Bounds<'_>) -> Result<Vec<Claimed>> {
    let rows = sqlx::query(
        "UPDATE inv_outbox SET lease_until = $1, fence = fence + 1 WHERE id IN (\
           SELECT id FROM inv_outbox WHERE due_at <= $2 AND COALESCE(lease_until, 0) <= $2 \
           AND ($3 IS NULL OR (tenant = $3 AND invitation = $4)) ORDER BY due_at, id LIMIT $5) \
         RETURNING tenant, invitation, id, dedupe, payload, attempt, fence",
    )
    .bind(micros(bounds.until))
    .bind(bounds.now)
    .bind(bounds.only.0)
    .bind(bounds.only.1)
    .bind(bounds.limit)
    .fetch_all(&mut *tx)
    .await
    .map_err(database(OPERATION))?;
    let claimed = |row: &SqliteRow| {
        let (tenant, invitation) = ids(row)?;
        let payload: Vec<u8> = row.try_get(4).map_err(database(OPERATION))?;
        Ok(Claimed::Delivery {
            tenant,
            invitation,
            row: counter(row, 2)?,
            dedupe: row.try_get(3).map_err(database(OPERATION))?,
            payload: Sealed::from_bytes(payload),
            attempt: u32::try_from(counter(row, 5)?).unwrap_or(u32::MAX),
            fence: counter(row, 6)?,
        })
    };
    rows.iter().map(claimed).collect()
}

fn ids(row: &SqliteRow) -> Result<(TenantId, InvitationId)> {
    let text = |place: usize| row.try_get::<String, _>(place).map_err(database(OPERATION));
    Ok((TenantId::parse(text(0)?)?, InvitationId::parse(text(1)?)?))
}

fn counter(row: &SqliteRow, place: usize) -> Result<u64> {
    let value: i64 = row.try_get(place).map_err(database(OPERATION))?;
    Ok(u64::try_from(value).unwrap_or_default())
}

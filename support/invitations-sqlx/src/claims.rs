use chrono::{DateTime, Utc};
use invitations_core::{
    Result,
    ids::{EffectId, InvitationId, TenantId},
    invitation::{Claim, Claimed},
    secret::Sealed,
};

use crate::{
    SqliteStore,
    columns::{counter, limit, parsed, read, unreadable},
    error,
    sqlite::Connection,
    times::{instant, micros, span},
};

const CLAIM: &str = "claim due rows";

/// Rows of one kind that are due and free: their time, invitation, its tenant and id, and what the kind adds. The second text is for
/// one invitation.
macro_rules! free {
    ($table:literal, $due:literal, $key:literal, $extra:literal) => {
        [
            free!(@text $table, $due, $key, $extra, ""),
            free!(@text $table, $due, $key, $extra, " AND i.seq = $3"),
        ]
    };
    (@text $table:literal, $due:literal, $key:literal, $extra:literal, $only:literal) => {
        concat!(
            "SELECT ", $due, ", i.seq, i.tenant, i.id, ", $extra, " FROM ", $table, " WHERE ", $due, " <= $1 AND (", $key,
            ".lease_until IS NULL OR ", $key, ".lease_until <= $1)", $only, " ORDER BY ", $due, " LIMIT $2",
        )
    };
}

const FREE_EFFECTS: [&str; 2] =
    free!("inv_effect e JOIN inv_invitation i ON i.seq = e.invitation", "e.due_at", "e", "e.effect");
const FREE_DEADLINES: [&str; 2] = free!("inv_invitation i", "i.deadline", "i", "NULL");
const FREE_NOTICES: [&str; 2] =
    free!("inv_outbox o JOIN inv_invitation i ON i.seq = o.invitation", "o.due_at", "o", "o.seq");

/// The first time at which something is due, leases counted: of what is free by now, and of what is held.
const NEXT_DUE: &str = "SELECT MIN(at) FROM (\
    SELECT MIN(due_at) AS at FROM inv_effect WHERE due_at IS NOT NULL AND (lease_until IS NULL OR lease_until <= $1) \
    UNION ALL \
    SELECT MIN(CASE WHEN due_at > lease_until THEN due_at ELSE lease_until END) \
    FROM inv_effect WHERE lease_until > $1 AND due_at IS NOT NULL \
    UNION ALL \
    SELECT MIN(deadline) FROM inv_invitation WHERE deadline IS NOT NULL AND (lease_until IS NULL OR lease_until <= $1) \
    UNION ALL \
    SELECT MIN(CASE WHEN deadline > lease_until THEN deadline ELSE lease_until END) \
    FROM inv_invitation WHERE lease_until > $1 AND deadline IS NOT NULL \
    UNION ALL \
    SELECT MIN(due_at) FROM inv_outbox WHERE due_at IS NOT NULL AND (lease_until IS NULL OR lease_until <= $1) \
    UNION ALL \
    SELECT MIN(CASE WHEN due_at > lease_until THEN due_at ELSE lease_until END) \
    FROM inv_outbox WHERE lease_until > $1 AND due_at IS NOT NULL)";

/// A row that is due and free.
struct Free {
    due: i64,
    row: i64,
    tenant: TenantId,
    invitation: InvitationId,
    kind: Kind,
}

enum Kind {
    Effect(EffectId),
    Deadline,
    Notice(i64),
}

impl SqliteStore {
    /// Longest due first, whatever it is.
    pub(crate) async fn claim_due(&self, claim: &Claim) -> Result<Vec<Claimed>> {
        let mut idle = self.pool().acquire().await.map_err(error::database(CLAIM))?;
        // most looks find nothing: they must not get in the writers' way
        let nothing = free(&mut idle, claim, micros(self.time())).await?.is_empty();
        drop(idle);
        if nothing {
            return Ok(Vec::new());
        }
        let mut write = self.begin(CLAIM).await?;
        let now = micros(self.time());
        let until = now.saturating_add(span(claim.lease));
        let mut claimed = Vec::new();
        for found in free(&mut write, claim, now).await? {
            claimed.extend(take(&mut write, found, now, until).await?);
        }
        write.commit().await.map_err(error::committing(CLAIM))?;
        Ok(claimed)
    }

    pub(crate) async fn next_due_at(&self) -> Result<Option<DateTime<Utc>>> {
        let next: Option<i64> = sqlx::query_scalar(NEXT_DUE)
            .bind(micros(self.time()))
            .fetch_one(self.pool())
            .await
            .map_err(error::database("find what is due next"))?;
        next.map(instant).transpose()
    }
}

async fn free(connection: &mut Connection, claim: &Claim, now: i64) -> Result<Vec<Free>> {
    let only = match &claim.only {
        None => None,
        Some((tenant, id)) => {
            let row: Option<i64> = sqlx::query_scalar("SELECT seq FROM inv_invitation WHERE tenant = $1 AND id = $2")
                .bind(tenant.as_str())
                .bind(id.as_str())
                .fetch_optional(&mut *connection)
                .await
                .map_err(error::database(CLAIM))?;
            let Some(row) = row else { return Ok(Vec::new()) };
            Some(row)
        }
    };
    let mut found = Vec::new();
    for texts in [FREE_EFFECTS, FREE_DEADLINES, FREE_NOTICES] {
        let [any, of_one] = texts;
        let query = match only {
            None => sqlx::query(any).bind(now).bind(limit(claim.limit)),
            Some(row) => sqlx::query(of_one).bind(now).bind(limit(claim.limit)).bind(row),
        };
        for row in query.fetch_all(&mut *connection).await.map_err(error::database(CLAIM))? {
            found.push(Free {
                due: read(&row, 0)?,
                row: read(&row, 1)?,
                tenant: parsed(TenantId::parse(read::<&str>(&row, 2)?))?,
                invitation: parsed(InvitationId::parse(read::<&str>(&row, 3)?))?,
                kind: match texts {
                    FREE_EFFECTS => Kind::Effect(parsed(EffectId::parse(read::<&str>(&row, 4)?))?),
                    FREE_DEADLINES => Kind::Deadline,
                    _ => Kind::Notice(read(&row, 4)?),
                },
            });
        }
    }
    found.sort_by_key(|free| free.due);
    found.truncate(claim.limit);
    Ok(found)
}

/// Takes the row if it is still free.
async fn take(connection: &mut Connection, found: Free, now: i64, until: i64) -> Result<Option<Claimed>> {
    let Free { row, tenant, invitation, kind, .. } = found;
    let query = match &kind {
        Kind::Effect(effect) => sqlx::query(
            "UPDATE inv_effect SET fence = fence + 1, lease_until = $1 WHERE invitation = $2 AND effect = $4 \
             AND due_at <= $3 AND (lease_until IS NULL OR lease_until <= $3) RETURNING fence",
        )
        .bind(until)
        .bind(row)
        .bind(now)
        .bind(effect.as_str().to_owned()),
        Kind::Deadline => sqlx::query(
            "UPDATE inv_invitation SET lease_until = $1 WHERE seq = $2 \
             AND deadline <= $3 AND (lease_until IS NULL OR lease_until <= $3) RETURNING seq",
        )
        .bind(until)
        .bind(row)
        .bind(now),
        Kind::Notice(number) => sqlx::query(
            "UPDATE inv_outbox SET fence = fence + 1, lease_until = $1 WHERE seq = $2 \
             AND due_at <= $3 AND (lease_until IS NULL OR lease_until <= $3) RETURNING fence, dedupe, payload, attempt",
        )
        .bind(until)
        .bind(*number)
        .bind(now),
    };
    let Some(answer) = query.fetch_optional(connection).await.map_err(error::database(CLAIM))? else { return Ok(None) };
    Ok(Some(match kind {
        Kind::Effect(effect) => {
            let (fence, until) = (counter(read(&answer, 0)?)?, instant(until)?);
            claimed_effect(tenant, invitation, effect, fence, until)
        }
        Kind::Deadline => Claimed::Deadline { tenant, invitation },
        Kind::Notice(number) => Claimed::Delivery {
            tenant,
            invitation,
            row: counter(number)?,
            dedupe: read(&answer, 1)?,
            payload: Sealed::from_bytes(read(&answer, 2)?),
            attempt: u32::try_from(read::<i64>(&answer, 3)?).map_err(|_| unreadable("a counter is out of range"))?,
            fence: counter(read(&answer, 0)?)?,
        },
    }))
}

fn claimed_effect(
    tenant: TenantId,
    invitation: InvitationId,
    effect: EffectId,
    fence: u64,
    until: DateTime<Utc>,
) -> Claimed {
    Claimed::Effect { tenant, invitation, effect, fence, until }
}

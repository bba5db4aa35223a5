use invitations_core::{
    Error, ErrorKind, Result,
    invitation::{Commit, Refusal, stored},
};
use sqlx::Connection as _;

use crate::{
    SqliteStore,
    columns::{Connection, counter, parsed, read},
    error, links, outbox,
    times::micros,
};

/// What is done, for error messages.
const COMMIT: &str = "commit invitation";

impl SqliteStore {
    /// Writes the commit inside the caller's own transaction, so that the caller's rows and the invitation stand or fall together.
    ///
    /// Begin the transaction with `pool().begin_with("BEGIN IMMEDIATE")`: one that reads first and writes later does not wait for
    /// other writers. After an error nothing of the commit is in the transaction, which can be used further.
    ///
    /// # Errors
    /// As [`InvitationStore::commit`](invitations_core::invitation::InvitationStore::commit);
    /// [`InvalidInput`](ErrorKind::InvalidInput) when the connection is in no transaction.
    pub async fn commit_in(&self, tx: &mut sqlx::SqliteConnection, commit: &Commit) -> Result<u64> {
        if !tx.is_in_transaction() {
            return Err(Error::invalid(COMMIT, "the connection is in no transaction that sqlx has begun"));
        }
        let now = micros(self.time());
        let mut all_or_nothing = tx.begin().await.map_err(error::database(COMMIT))?;
        let version = write(&mut all_or_nothing, commit, now).await?;
        all_or_nothing.commit().await.map_err(error::database(COMMIT))?;
        Ok(version)
    }
}

/// Writes the parts one after the other; after an error the caller must roll back.
pub(crate) async fn write(connection: &mut Connection, commit: &Commit, now: i64) -> Result<u64> {
    let of = (&commit.tenant, &commit.id);
    let alien = commit.links.iter().any(|link| (&link.tenant, &link.invitation) != of);
    if alien || (&commit.state.tenant, &commit.state.id) != of {
        return Err(Error::invalid(COMMIT, "its parts belong to different invitations"));
    }
    // a write comes first, so that whoever reads below already holds the right to write
    let (row, version) = match commit.expected {
        None => (insert_row(connection, commit).await?, 1),
        Some(expected) => update_row(connection, commit, expected).await?,
    };
    check_fence(connection, commit, row).await?;
    write_holds(connection, commit, row).await?;
    write_events(connection, commit, row, version).await?;
    write_effects(connection, commit, row).await?;
    links::write(connection, commit, row).await?;
    outbox::write(connection, commit, row, now).await?;
    write_members(connection, commit).await?;
    counter(version)
}

fn conflict() -> Error {
    Error::new(ErrorKind::Conflict, COMMIT)
}

async fn insert_row(connection: &mut Connection, commit: &Commit) -> Result<i64> {
    let row = sqlx::query_scalar(
        "INSERT INTO inv_invitation (tenant, id, version, status, created_at, deadline, state) \
         VALUES ($1, $2, 1, $3, $4, $5, $6) ON CONFLICT (tenant, id) DO NOTHING RETURNING seq",
    )
    .bind(commit.tenant.as_str())
    .bind(commit.id.as_str())
    .bind(commit.state.status().as_str())
    .bind(micros(commit.state.created_at))
    .bind(commit.state.deadline().map(micros))
    .bind(stored::encode(&commit.state)?)
    .fetch_optional(connection)
    .await
    .map_err(error::database(COMMIT))?;
    row.ok_or_else(|| Error::new(ErrorKind::AlreadyExists, COMMIT))
}

/// The row's number and its new version.
async fn update_row(connection: &mut Connection, commit: &Commit, expected: u64) -> Result<(i64, i64)> {
    let expected = i64::try_from(expected).map_err(|_| conflict())?;
    let row = sqlx::query(
        "UPDATE inv_invitation SET version = version + 1, status = $1, created_at = $2, \
         lease_until = CASE WHEN deadline IS NOT DISTINCT FROM $3 THEN lease_until ELSE NULL END, \
         deadline = $3, state = $4 WHERE tenant = $5 AND id = $6 AND version = $7 RETURNING seq, version",
    )
    .bind(commit.state.status().as_str())
    .bind(micros(commit.state.created_at))
    .bind(commit.state.deadline().map(micros))
    .bind(stored::encode(&commit.state)?)
    .bind(commit.tenant.as_str())
    .bind(commit.id.as_str())
    .bind(expected)
    .fetch_optional(connection)
    .await
    .map_err(error::database(COMMIT))?
    .ok_or_else(conflict)?;
    Ok((read(&row, 0)?, read(&row, 1)?))
}

/// The effect's lease must be the last one given out; it may have ended.
async fn check_fence(connection: &mut Connection, commit: &Commit, row: i64) -> Result<()> {
    let Some((effect, fence)) = &commit.fence else { return Ok(()) };
    let fence = i64::try_from(*fence).map_err(|_| conflict())?;
    let done = sqlx::query(
        "UPDATE inv_effect SET lease_until = CASE WHEN $1 THEN NULL ELSE lease_until END \
         WHERE invitation = $2 AND effect = $3 AND fence = $4",
    )
    .bind(commit.release)
    .bind(row)
    .bind(effect.as_str())
    .bind(fence)
    .execute(connection)
    .await
    .map_err(error::database(COMMIT))?;
    if done.rows_affected() == 0 { Err(conflict().with_detail("a later lease")) } else { Ok(()) }
}

async fn write_holds(connection: &mut Connection, commit: &Commit, row: i64) -> Result<()> {
    for table in ["DELETE FROM inv_hold WHERE invitation = $1", "DELETE FROM inv_recipient WHERE invitation = $1"] {
        sqlx::query(table).bind(row).execute(&mut *connection).await.map_err(error::database(COMMIT))?;
    }
    for name in commit.state.holds() {
        let tenant = commit.tenant.as_str();
        sqlx::query("INSERT INTO inv_hold (tenant, name, invitation) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(tenant)
            .bind(&name)
            .bind(row)
            .execute(&mut *connection)
            .await
            .map_err(error::database(COMMIT))?;
        let holder: Option<String> = sqlx::query_scalar(
            "SELECT i.id FROM inv_hold h JOIN inv_invitation i ON i.seq = h.invitation \
             WHERE h.tenant = $1 AND h.name = $2 AND h.invitation <> $3",
        )
        .bind(tenant)
        .bind(&name)
        .bind(row)
        .fetch_optional(&mut *connection)
        .await
        .map_err(error::database(COMMIT))?;
        if let Some(holder) = holder {
            let of = parsed(invitations_core::ids::InvitationId::parse(holder))?;
            return Err(Error::refused(COMMIT, Refusal::Duplicate { of }));
        }
    }
    for invitee in &commit.state.invitees {
        use invitations_core::invitation::machine::Recipient;
        if let Recipient::Address(address) = &invitee.recipient {
            sqlx::query("INSERT INTO inv_recipient (invitation, address) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                .bind(row)
                .bind(address.canonical())
                .execute(&mut *connection)
                .await
                .map_err(error::database(COMMIT))?;
        }
    }
    Ok(())
}

async fn write_events(connection: &mut Connection, commit: &Commit, row: i64, version: i64) -> Result<()> {
    for (position, event) in (0_i64..).zip(&commit.events) {
        sqlx::query("INSERT INTO inv_event (invitation, version, position, event) VALUES ($1, $2, $3, $4)")
            .bind(row)
            .bind(version)
            .bind(position)
            .bind(stored::encode(event)?)
            .execute(&mut *connection)
            .await
            .map_err(error::database(COMMIT))?;
    }
    Ok(())
}

/// What the new state does not say is no longer due; leases and fences stay.
async fn write_effects(connection: &mut Connection, commit: &Commit, row: i64) -> Result<()> {
    sqlx::query("UPDATE inv_effect SET due_at = NULL WHERE invitation = $1 AND due_at IS NOT NULL")
        .bind(row)
        .execute(&mut *connection)
        .await
        .map_err(error::database(COMMIT))?;
    for (effect, at) in commit.state.schedule() {
        sqlx::query(
            "INSERT INTO inv_effect (invitation, effect, due_at) VALUES ($1, $2, $3) \
             ON CONFLICT (invitation, effect) DO UPDATE SET due_at = excluded.due_at",
        )
        .bind(row)
        .bind(effect.as_str())
        .bind(micros(at))
        .execute(&mut *connection)
        .await
        .map_err(error::database(COMMIT))?;
    }
    Ok(())
}

async fn write_members(connection: &mut Connection, commit: &Commit) -> Result<()> {
    for member in &commit.members {
        sqlx::query(
            "INSERT INTO inv_member (tenant, principal, invitation, role) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (tenant, principal, invitation) DO UPDATE SET role = excluded.role",
        )
        .bind(member.tenant.as_str())
        .bind(member.principal.as_str())
        .bind(member.invitation.as_str())
        .bind(member.role.as_str())
        .execute(&mut *connection)
        .await
        .map_err(error::database(COMMIT))?;
    }
    Ok(())
}

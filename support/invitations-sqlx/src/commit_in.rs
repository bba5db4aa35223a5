//! The one write of an invitation, in a transaction of ours or of the caller's.

use invitations_core::{
    Error, ErrorKind, Result,
    ids::InvitationId,
    invitation::{Commit, Refusal, machine::Recipient, stored},
};
use sqlx::{Row as _, SqliteConnection};

use crate::{SqliteStore, error::database, times::micros};

const OPERATION: &str = "commit invitation";

impl SqliteStore {
    /// Writes `commit` inside the caller's transaction, which must have begun with `BEGIN IMMEDIATE`: the caller's own rows and ours stand or
    /// fall together. Answers the new version, for [`TenantInvitations::committed`](invitations_core::invitation::TenantInvitations::committed).
    ///
    /// # Errors
    /// As [`InvitationStore::commit`](invitations_core::invitation::InvitationStore::commit); roll the transaction back then.
    pub async fn commit_in(&self, transaction: &mut SqliteConnection, commit: &Commit) -> Result<u64> {
        fenced(transaction, commit).await?;
        let version = state(transaction, commit).await?;
        holds(transaction, commit).await?;
        effects(transaction, commit).await?;
        links(transaction, commit).await?;
        events(transaction, commit).await?;
        outbox(transaction, commit, micros(self.time())).await?;
        for member in &commit.members {
            sqlx::query(
                "INSERT INTO inv_member (tenant, principal, role, invitation) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            )
            .bind(member.tenant.as_str())
            .bind(member.principal.as_str())
            .bind(member.role.as_str())
            .bind(member.invitation.as_str())
            .execute(&mut *transaction)
            .await
            .map_err(database(OPERATION))?;
        }
        Ok(version)
    }
}

async fn fenced(tx: &mut SqliteConnection, commit: &Commit) -> Result<()> {
    let Some((effect, fence)) = &commit.fence else { return Ok(()) };
    let row = sqlx::query("SELECT fence FROM inv_effect WHERE tenant = $1 AND invitation = $2 AND effect = $3")
        .bind(commit.tenant.as_str())
        .bind(commit.id.as_str())
        .bind(effect.as_str())
        .fetch_optional(&mut *tx)
        .await
        .map_err(database(OPERATION))?;
    let current: Option<i64> = row.map(|row| row.try_get(0)).transpose().map_err(database(OPERATION))?;
    if current.and_then(|current| u64::try_from(current).ok()) == Some(*fence) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Conflict, OPERATION).with_detail("a later lease was given out"))
}

async fn state(tx: &mut SqliteConnection, commit: &Commit) -> Result<u64> {
    let (text, status) = (stored::encode(&commit.state)?, commit.state.status().as_str());
    let deadline = commit.state.deadline().map(micros);
    let version = commit.expected.map_or(1, |expected| expected + 1);
    let done = match commit.expected {
        None => {
            let inserted = sqlx::query(
                "INSERT INTO inv_invitation (tenant, id, version, status, state, deadline) VALUES ($1, $2, 1, $3, $4, $5) \
                 ON CONFLICT (tenant, id) DO NOTHING",
            )
            .bind(commit.tenant.as_str())
            .bind(commit.id.as_str())
            .bind(status)
            .bind(text)
            .bind(deadline)
            .execute(&mut *tx)
            .await
            .map_err(database(OPERATION))?;
            recipients(tx, commit).await?;
            inserted.rows_affected()
        }
        Some(expected) => sqlx::query(
            "UPDATE inv_invitation SET version = version + 1, status = $1, state = $2, deadline = $3, \
             deadline_lease_until = NULL WHERE tenant = $4 AND id = $5 AND version = $6",
        )
        .bind(status)
        .bind(text)
        .bind(deadline)
        .bind(commit.tenant.as_str())
        .bind(commit.id.as_str())
        .bind(i64::try_from(expected).unwrap_or(i64::MAX))
        .execute(&mut *tx)
        .await
        .map_err(database(OPERATION))?
        .rows_affected(),
    };
    match (done, commit.expected) {
        (1, _) => Ok(version),
        (_, None) => Err(Error::new(ErrorKind::AlreadyExists, OPERATION)),
        (_, Some(_)) => Err(Error::new(ErrorKind::Conflict, OPERATION)),
    }
}

async fn recipients(tx: &mut SqliteConnection, commit: &Commit) -> Result<()> {
    for invitee in &commit.state.invitees {
        let Recipient::Address(address) = &invitee.recipient else { continue };
        sqlx::query(
            "INSERT INTO inv_recipient (tenant, invitation, address) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(commit.tenant.as_str())
        .bind(commit.id.as_str())
        .bind(address.canonical())
        .execute(&mut *tx)
        .await
        .map_err(database(OPERATION))?;
    }
    Ok(())
}

async fn holds(tx: &mut SqliteConnection, commit: &Commit) -> Result<()> {
    sqlx::query("DELETE FROM inv_hold WHERE tenant = $1 AND invitation = $2")
        .bind(commit.tenant.as_str())
        .bind(commit.id.as_str())
        .execute(&mut *tx)
        .await
        .map_err(database(OPERATION))?;
    for name in commit.state.holds() {
        // taken: the row that is there says by whom
        let row = sqlx::query(
            "INSERT INTO inv_hold (tenant, name, invitation) VALUES ($1, $2, $3) \
             ON CONFLICT (tenant, name) DO UPDATE SET name = name RETURNING invitation",
        )
        .bind(commit.tenant.as_str())
        .bind(name)
        .bind(commit.id.as_str())
        .fetch_one(&mut *tx)
        .await
        .map_err(database(OPERATION))?;
        let holder: String = row.try_get(0).map_err(database(OPERATION))?;
        if holder != commit.id.as_str() {
            return Err(Error::refused(OPERATION, Refusal::Duplicate { of: InvitationId::parse(holder)? }));
        }
    }
    Ok(())
}

/// One row per effect, due or not: the row keeps the fence.
async fn effects(tx: &mut SqliteConnection, commit: &Commit) -> Result<()> {
    for effect in &commit.state.effects {
        let released = commit.release && commit.fence.as_ref().is_some_and(|(id, _)| *id == effect.id);
        sqlx::query(
            "INSERT INTO inv_effect (tenant, invitation, effect, due_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (tenant, invitation, effect) DO UPDATE SET due_at = $4, \
             lease_until = CASE WHEN $5 THEN NULL ELSE lease_until END",
        )
        .bind(commit.tenant.as_str())
        .bind(commit.id.as_str())
        .bind(effect.id.as_str())
        .bind(effect.due_at.map(micros))
        .bind(released)
        .execute(&mut *tx)
        .await
        .map_err(database(OPERATION))?;
    }
    Ok(())
}

async fn links(tx: &mut SqliteConnection, commit: &Commit) -> Result<()> {
    if commit.kill_links {
        sqlx::query("UPDATE inv_link SET dead = 1 WHERE tenant = $1 AND invitation = $2")
            .bind(commit.tenant.as_str())
            .bind(commit.id.as_str())
            .execute(&mut *tx)
            .await
            .map_err(database(OPERATION))?;
    }
    for link in &commit.links {
        sqlx::query("INSERT INTO inv_link (selector, tenant, invitation, dead, body) VALUES ($1, $2, $3, $4, $5)")
            .bind(link.selector.as_slice())
            .bind(link.tenant.as_str())
            .bind(link.invitation.as_str())
            .bind(link.dead)
            .bind(stored::encode(link)?)
            .execute(&mut *tx)
            .await
            .map_err(database(OPERATION))?;
    }
    Ok(())
}

async fn events(tx: &mut SqliteConnection, commit: &Commit) -> Result<()> {
    for event in &commit.events {
        sqlx::query(
            "INSERT INTO inv_event (tenant, invitation, place, body) SELECT $1, $2, COALESCE(MAX(place), 0) + 1, $3 \
             FROM inv_event WHERE tenant = $1 AND invitation = $2",
        )
        .bind(commit.tenant.as_str())
        .bind(commit.id.as_str())
        .bind(stored::encode(event)?)
        .execute(&mut *tx)
        .await
        .map_err(database(OPERATION))?;
    }
    Ok(())
}

async fn outbox(tx: &mut SqliteConnection, commit: &Commit, now: i64) -> Result<()> {
    for row in &commit.outbox {
        sqlx::query(
            "INSERT INTO inv_outbox (tenant, invitation, dedupe, payload, due_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (tenant, invitation, dedupe) DO NOTHING",
        )
        .bind(commit.tenant.as_str())
        .bind(commit.id.as_str())
        .bind(&row.dedupe)
        .bind(row.payload.as_bytes())
        .bind(now)
        .execute(&mut *tx)
        .await
        .map_err(database(OPERATION))?;
    }
    Ok(())
}

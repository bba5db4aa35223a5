use std::collections::{BTreeMap, BTreeSet};

use invitations_core::{
    Error, ErrorKind, Result,
    ids::InvitationId,
    invitation::{Commit, Refusal, stored},
};
use sqlx::Connection as _;

use crate::{
    SqliteStore,
    columns::{counter, parsed, read},
    error, links, outbox,
    sqlite::{Connection, from_json, json},
    times::micros,
};

/// What is done, for error messages.
pub(crate) const COMMIT: &str = "commit invitation";

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

/// A row that was written, and what other tables held of it before: what has not changed is not written again.
pub(crate) struct Written {
    pub(crate) row: i64,
    version: i64,
    holds: BTreeSet<String>,
    recipients: BTreeSet<String>,
    /// When its effects were due.
    due: BTreeMap<String, i64>,
    pub(crate) has_live_links: bool,
}

/// Writes the commit, after the end of the invitation it replaces; after an error the caller must roll back.
pub(crate) async fn write(connection: &mut Connection, commit: &Commit, now: i64) -> Result<u64> {
    if let Some(replaced) = &commit.replaced {
        if replaced.tenant != commit.tenant || replaced.id == commit.id || replaced.replaced.is_some() {
            return Err(Error::invalid(COMMIT, "what is replaced is not another invitation of the organisation"));
        }
        write_one(connection, replaced, now).await?;
    }
    write_one(connection, commit, now).await
}

/// Writes the parts one after the other.
async fn write_one(connection: &mut Connection, commit: &Commit, now: i64) -> Result<u64> {
    let of = (&commit.tenant, &commit.id);
    let alien = commit.links.iter().any(|link| (&link.tenant, &link.invitation) != of);
    if alien || (&commit.state.tenant, &commit.state.id) != of {
        return Err(Error::invalid(COMMIT, "its parts belong to different invitations"));
    }
    // a write comes first, so that whoever reads below already holds the right to write
    let written = match commit.expected {
        None => insert_row(connection, commit).await?,
        Some(expected) => update_row(connection, commit, expected).await?,
    };
    check_fence(connection, commit, &written).await?;
    write_holds(connection, commit, &written).await?;
    write_recipients(connection, commit, &written).await?;
    write_events(connection, commit, &written).await?;
    write_effects(connection, commit, &written).await?;
    links::write(connection, commit, &written).await?;
    outbox::write(connection, commit, written.row, now).await?;
    write_members(connection, commit).await?;
    counter(written.version)
}

fn conflict() -> Error {
    Error::new(ErrorKind::Conflict, COMMIT)
}

async fn insert_row(connection: &mut Connection, commit: &Commit) -> Result<Written> {
    let row: Option<i64> = sqlx::query_scalar(
        "INSERT INTO inv_invitation (tenant, id, version, status, created_at, deadline, state, answerable) \
         VALUES ($1, $2, 1, $3, $4, $5, $6, $7) ON CONFLICT (tenant, id) DO NOTHING RETURNING seq",
    )
    .bind(commit.tenant.as_str())
    .bind(commit.id.as_str())
    .bind(commit.state.status().as_str())
    .bind(micros(commit.state.created_at))
    .bind(commit.state.deadline().map(micros))
    .bind(stored::encode(&commit.state)?)
    .bind(commit.state.is_answerable())
    .fetch_optional(connection)
    .await
    .map_err(error::database(COMMIT))?;
    let row = row.ok_or_else(|| Error::new(ErrorKind::AlreadyExists, COMMIT))?;
    let (holds, recipients) = (BTreeSet::new(), BTreeSet::new());
    Ok(Written { row, version: 1, holds, recipients, due: BTreeMap::new(), has_live_links: false })
}

/// Reads in the same statement what is derived from the state that is replaced.
async fn update_row(connection: &mut Connection, commit: &Commit, expected: u64) -> Result<Written> {
    let expected = i64::try_from(expected).map_err(|_| conflict())?;
    let row = sqlx::query(
        "UPDATE inv_invitation SET version = version + 1, status = $1, created_at = $2, \
         lease_until = CASE WHEN deadline IS NOT DISTINCT FROM $3 THEN lease_until ELSE NULL END, \
         deadline = $3, state = $4, answerable = $8 WHERE tenant = $5 AND id = $6 AND version = $7 RETURNING seq, version, \
         (SELECT json_group_array(name) FROM inv_hold WHERE invitation = seq), \
         (SELECT json_group_array(address) FROM inv_recipient WHERE invitation = seq), \
         (SELECT json_group_object(effect, due_at) FROM inv_effect WHERE invitation = seq AND due_at IS NOT NULL), \
         EXISTS (SELECT 1 FROM inv_link WHERE invitation = seq AND NOT dead)",
    )
    .bind(commit.state.status().as_str())
    .bind(micros(commit.state.created_at))
    .bind(commit.state.deadline().map(micros))
    .bind(stored::encode(&commit.state)?)
    .bind(commit.tenant.as_str())
    .bind(commit.id.as_str())
    .bind(expected)
    .bind(commit.state.is_answerable())
    .fetch_optional(connection)
    .await
    .map_err(error::database(COMMIT))?
    .ok_or_else(conflict)?;
    Ok(Written {
        row: read(&row, 0)?,
        version: read(&row, 1)?,
        holds: from_json(read(&row, 2)?)?,
        recipients: from_json(read(&row, 3)?)?,
        due: from_json(read(&row, 4)?)?,
        has_live_links: read(&row, 5)?,
    })
}

/// The effect's lease must be the last one given out; it may have ended.
async fn check_fence(connection: &mut Connection, commit: &Commit, written: &Written) -> Result<()> {
    let Some((effect, fence)) = &commit.fence else { return Ok(()) };
    let fence = i64::try_from(*fence).map_err(|_| conflict())?;
    let done = sqlx::query(
        "UPDATE inv_effect SET lease_until = CASE WHEN $1 THEN NULL ELSE lease_until END \
         WHERE invitation = $2 AND effect = $3 AND fence = $4",
    )
    .bind(commit.release)
    .bind(written.row)
    .bind(effect.as_str())
    .bind(fence)
    .execute(connection)
    .await
    .map_err(error::database(COMMIT))?;
    if done.rows_affected() == 0 { Err(conflict().with_detail("a later lease")) } else { Ok(()) }
}

async fn write_holds(connection: &mut Connection, commit: &Commit, written: &Written) -> Result<()> {
    let names = commit.state.holds();
    let wanted: BTreeSet<&String> = names.iter().collect();
    if !written.holds.iter().all(|held| wanted.contains(held)) {
        sqlx::query("DELETE FROM inv_hold WHERE invitation = $1 AND name NOT IN (SELECT value FROM json_each($2))")
            .bind(written.row)
            .bind(json(&names)?)
            .execute(&mut *connection)
            .await
            .map_err(error::database(COMMIT))?;
    }
    let mut held: BTreeSet<&String> = written.holds.iter().collect();
    let new: Vec<&String> = names.iter().filter(|name| held.insert(name)).collect();
    if new.is_empty() {
        return Ok(());
    }
    let (new, many) = (json(&new)?, new.len());
    let done = sqlx::query(
        "INSERT INTO inv_hold (tenant, name, invitation) SELECT $1, value, $2 FROM json_each($3) WHERE TRUE \
         ON CONFLICT DO NOTHING",
    )
    .bind(commit.tenant.as_str())
    .bind(written.row)
    .bind(&new)
    .execute(&mut *connection)
    .await
    .map_err(error::database(COMMIT))?;
    if usize::try_from(done.rows_affected()) == Ok(many) {
        return Ok(());
    }
    let holder: String = sqlx::query_scalar(
        "SELECT i.id FROM json_each($1) n JOIN inv_hold h ON h.tenant = $2 AND h.name = n.value \
         JOIN inv_invitation i ON i.seq = h.invitation WHERE h.invitation <> $3 ORDER BY n.key LIMIT 1",
    )
    .bind(&new)
    .bind(commit.tenant.as_str())
    .bind(written.row)
    .fetch_one(&mut *connection)
    .await
    .map_err(error::database(COMMIT))?;
    Err(Error::refused(COMMIT, Refusal::Duplicate { of: parsed(InvitationId::parse(holder))? }))
}

async fn write_recipients(connection: &mut Connection, commit: &Commit, written: &Written) -> Result<()> {
    let keys = commit.state.invitees.iter().map(|invitee| invitee.recipient.index_key());
    let keys: BTreeSet<String> = keys.collect();
    if keys == written.recipients {
        return Ok(());
    }
    if !written.recipients.is_empty() {
        sqlx::query("DELETE FROM inv_recipient WHERE invitation = $1")
            .bind(written.row)
            .execute(&mut *connection)
            .await
            .map_err(error::database(COMMIT))?;
    }
    sqlx::query("INSERT INTO inv_recipient (invitation, address) SELECT $1, value FROM json_each($2)")
        .bind(written.row)
        .bind(json(&keys)?)
        .execute(&mut *connection)
        .await
        .map_err(error::database(COMMIT))?;
    Ok(())
}

async fn write_events(connection: &mut Connection, commit: &Commit, written: &Written) -> Result<()> {
    if commit.events.is_empty() {
        return Ok(());
    }
    let events: Vec<String> = commit.events.iter().map(stored::encode).collect::<Result<_>>()?;
    sqlx::query(
        "INSERT INTO inv_event (invitation, version, position, event) SELECT $1, $2, key, value FROM json_each($3)",
    )
    .bind(written.row)
    .bind(written.version)
    .bind(json(&events)?)
    .execute(&mut *connection)
    .await
    .map_err(error::database(COMMIT))?;
    Ok(())
}

/// What the new state does not say is no longer due; leases, fences and keys of meetings stay.
async fn write_effects(connection: &mut Connection, commit: &Commit, written: &Written) -> Result<()> {
    let due: BTreeMap<&str, i64> = commit.state.schedule().map(|(effect, at)| (effect.as_str(), micros(at))).collect();
    let keys: BTreeMap<&str, &str> = commit.new_keys().map(|(key, effect)| (effect.as_str(), key.as_str())).collect();
    let known = written.due.keys().map(String::as_str);
    let changed: BTreeSet<&str> = known
        .chain(due.keys().copied())
        .filter(|effect| written.due.get(*effect) != due.get(effect))
        .chain(keys.keys().copied())
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    let rows: Vec<(&str, Option<&i64>, Option<&&str>)> =
        changed.into_iter().map(|effect| (effect, due.get(effect), keys.get(effect))).collect();
    sqlx::query(
        "INSERT INTO inv_effect (invitation, effect, due_at, meeting_key) \
         SELECT $1, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]') \
         FROM json_each($2) WHERE TRUE ON CONFLICT (invitation, effect) \
         DO UPDATE SET due_at = excluded.due_at, meeting_key = COALESCE(excluded.meeting_key, meeting_key)",
    )
    .bind(written.row)
    .bind(json(&rows)?)
    .execute(&mut *connection)
    .await
    .map_err(error::database(COMMIT))?;
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
    for member in &commit.leaving {
        sqlx::query("DELETE FROM inv_member WHERE tenant = $1 AND principal = $2 AND invitation = $3")
            .bind(member.tenant.as_str())
            .bind(member.principal.as_str())
            .bind(member.invitation.as_str())
            .execute(&mut *connection)
            .await
            .map_err(error::database(COMMIT))?;
    }
    Ok(())
}

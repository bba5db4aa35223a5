//! The limit: the statements of an acceptance, sent by sqlx and nothing else. Values are made beforehand.
//!
//! That they are the store's own statements, each as often, is a test (`tests/it/statements.rs`).

use std::{collections::BTreeMap, path::Path, sync::Arc};

use invitations_core::invitation::{Commit, stored};
use invitations_sqlx::SqliteStore;
use sqlx::{
    ConnectOptions as _, Connection as _, Row as _, Sqlite, SqliteConnection, SqlitePool, query::Query,
    sqlite::SqliteArguments,
};
use tokio::sync::Mutex;

use crate::Failure;

const LOAD: &str = "SELECT state, version FROM inv_invitation WHERE tenant = $1 AND id = $2";
const FIND_LINK: &str = "SELECT link, dead FROM inv_link WHERE selector = $1";
const UPDATE: &str = "UPDATE inv_invitation SET version = version + 1, status = $1, created_at = $2, \
    lease_until = CASE WHEN deadline IS NOT DISTINCT FROM $3 THEN lease_until ELSE NULL END, \
    deadline = $3, state = $4, answerable = $8 WHERE tenant = $5 AND id = $6 AND version = $7 RETURNING seq, version, \
    (SELECT json_group_array(name) FROM inv_hold WHERE invitation = seq), \
    (SELECT json_group_array(address) FROM inv_recipient WHERE invitation = seq), \
    (SELECT json_group_object(effect, due_at) FROM inv_effect WHERE invitation = seq AND due_at IS NOT NULL), \
    EXISTS (SELECT 1 FROM inv_link WHERE invitation = seq AND NOT dead)";
const END_HOLDS: &str = "DELETE FROM inv_hold WHERE invitation = $1 AND name NOT IN (SELECT value FROM json_each($2))";
const EVENTS: &str =
    "INSERT INTO inv_event (invitation, version, position, event) SELECT $1, $2, key, value FROM json_each($3)";
const EFFECTS: &str = "INSERT INTO inv_effect (invitation, effect, due_at, meeting_key) \
    SELECT $1, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]') \
    FROM json_each($2) WHERE TRUE ON CONFLICT (invitation, effect) \
    DO UPDATE SET due_at = excluded.due_at, meeting_key = COALESCE(excluded.meeting_key, meeting_key)";
const KILL_LINKS: &str = "UPDATE inv_link SET dead = TRUE WHERE invitation = $1 AND NOT dead";
const OUTBOX: &str = "INSERT INTO inv_outbox (invitation, dedupe, payload, due_at) VALUES (?, ?, ?, ?) \
    ON CONFLICT (invitation, dedupe) DO NOTHING";
const MEMBER: &str = "INSERT INTO inv_member (tenant, principal, invitation, role) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (tenant, principal, invitation) DO UPDATE SET role = excluded.role";

/// The values of one acceptance.
#[derive(Debug)]
pub struct RawAcceptance {
    row: i64,
    tenant: String,
    id: String,
    selector: Option<Vec<u8>>,
    /// Those of [`UPDATE`].
    update: Vec<Value>,
    /// What is written beside.
    then: Vec<(&'static str, Vec<Value>)>,
}

#[derive(Clone, Debug)]
enum Value {
    Integer(Option<i64>),
    Text(String),
    Bytes(Vec<u8>),
    Truth(bool),
}

impl RawAcceptance {
    /// What `commit` writes; `by_link`: after its link was looked up.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn of(pool: &SqlitePool, commit: &Commit, by_link: bool) -> Result<Self, Failure> {
        let (row, selector, holds): (i64, Option<Vec<u8>>, bool) = sqlx::query_as(
            "SELECT seq, (SELECT selector FROM inv_link WHERE invitation = seq), \
             EXISTS (SELECT 1 FROM inv_hold WHERE invitation = seq) FROM inv_invitation WHERE tenant = $1 AND id = $2",
        )
        .bind(commit.tenant.as_str())
        .bind(commit.id.as_str())
        .fetch_one(pool)
        .await?;
        let selector = selector.filter(|_| by_link);
        let (tenant, id) = (commit.tenant.to_string(), commit.id.to_string());
        let (state, expected) = (&commit.state, i64::try_from(commit.expected.unwrap_or_default())?);
        let update = vec![
            Value::Text(state.status().as_str().to_owned()),
            Value::Integer(Some(state.created_at.timestamp_micros())),
            Value::Integer(state.deadline().map(|at| at.timestamp_micros())),
            Value::Text(stored::encode(state)?),
            Value::Text(tenant.clone()),
            Value::Text(id.clone()),
            Value::Integer(Some(expected)),
            Value::Truth(state.is_answerable()),
        ];
        let kills = commit.kill_links && selector.is_some();
        let then = beside(commit, row, expected + 1, holds, kills)?;
        Ok(Self { row, tenant, id, selector, update, then })
    }
}

/// In the order of the store.
fn beside(
    commit: &Commit,
    row: i64,
    version: i64,
    holds: bool,
    kills: bool,
) -> Result<Vec<(&'static str, Vec<Value>)>, Failure> {
    let (of, mut then) = (Value::Integer(Some(row)), Vec::new());
    if holds {
        then.push((END_HOLDS, vec![of.clone(), Value::Text(serde_json::to_string(&commit.state.holds())?)]));
    }
    let events = commit.events.iter().map(stored::encode).collect::<Result<Vec<_>, _>>()?;
    let events = Value::Text(serde_json::to_string(&events)?);
    then.push((EVENTS, vec![of.clone(), Value::Integer(Some(version)), events]));
    let keys: BTreeMap<&str, &str> = commit.new_keys().map(|(key, effect)| (effect.as_str(), key.as_str())).collect();
    let due = commit.state.schedule();
    let effects: Vec<_> =
        due.map(|(effect, at)| (effect.as_str(), at.timestamp_micros(), keys.get(effect.as_str()))).collect();
    if !effects.is_empty() {
        then.push((EFFECTS, vec![of.clone(), Value::Text(serde_json::to_string(&effects)?)]));
    }
    if kills {
        then.push((KILL_LINKS, vec![of.clone()]));
    }
    for notice in &commit.outbox {
        let (dedupe, payload) = (notice.dedupe.clone(), notice.payload.as_bytes().to_vec());
        let due = Value::Integer(Some(commit.state.created_at.timestamp_micros()));
        then.push((OUTBOX, vec![of.clone(), Value::Text(dedupe), Value::Bytes(payload), due]));
    }
    for member in &commit.members {
        let words =
            [member.tenant.as_str(), member.principal.as_str(), member.invitation.as_str(), member.role.as_str()];
        then.push((MEMBER, words.map(|word| Value::Text(word.to_owned())).to_vec()));
    }
    Ok(then)
}

fn bound(text: &'static str, values: Vec<Value>) -> Query<'static, Sqlite, SqliteArguments> {
    values.into_iter().fold(sqlx::query(text), |query, value| match value {
        Value::Integer(number) => query.bind(number),
        Value::Text(text) => query.bind(text),
        Value::Bytes(bytes) => query.bind(bytes),
        Value::Truth(truth) => query.bind(truth),
    })
}

/// Readers, and one writer for whom everybody queues: with many, SQLite itself would let them collide.
#[derive(Debug)]
pub struct Raw {
    readers: SqlitePool,
    writer: Mutex<SqliteConnection>,
}

impl Raw {
    /// Beside a store, with its settings.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn beside(readers: SqlitePool, file: &Path) -> Result<Arc<Self>, Failure> {
        let writer = SqliteStore::connect_options(file).connect().await?;
        Ok(Self::over(readers, writer))
    }

    /// Over these connections.
    #[must_use]
    pub fn over(readers: SqlitePool, writer: SqliteConnection) -> Arc<Self> {
        Arc::new(Self { readers, writer: Mutex::new(writer) })
    }

    /// Accepts these in one transaction; reads before and after it, as the service does, those of all at a time.
    ///
    /// # Errors
    /// When the database fails, or holds something else.
    pub async fn accept(&self, together: Vec<RawAcceptance>) -> Result<(), Failure> {
        let before = together.iter().map(|one| self.read_before(one));
        futures_util::future::try_join_all(before).await?;
        let wanted: Vec<_> = together.iter().map(|one| (one.tenant.clone(), one.id.clone())).collect();
        {
            let mut writer = self.writer.lock().await;
            let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
            for one in together {
                let row = bound(UPDATE, one.update).fetch_one(&mut *transaction).await?;
                if row.try_get::<i64, _>(0)? != one.row {
                    return Err("another row was written".into());
                }
                for (text, values) in one.then {
                    bound(text, values).execute(&mut *transaction).await?;
                }
            }
            transaction.commit().await?;
        }
        let after = wanted.iter().map(|(tenant, id)| self.load(tenant, id));
        futures_util::future::try_join_all(after).await?;
        Ok(())
    }

    /// Until sqlx has logged what the writer has sent.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn ping(&self) -> Result<(), Failure> {
        Ok(self.writer.lock().await.ping().await?)
    }

    async fn read_before(&self, one: &RawAcceptance) -> Result<(), Failure> {
        if let Some(selector) = &one.selector {
            let row = sqlx::query(FIND_LINK).bind(selector.as_slice()).fetch_one(&self.readers).await?;
            let (_link, _dead): (String, bool) = (row.try_get(0)?, row.try_get(1)?);
        }
        self.load(&one.tenant, &one.id).await
    }

    async fn load(&self, tenant: &str, id: &str) -> Result<(), Failure> {
        let row = sqlx::query(LOAD).bind(tenant).bind(id).fetch_one(&self.readers).await?;
        let (_state, _version): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
        Ok(())
    }
}

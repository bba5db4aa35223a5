//! What the database must hold whatever was killed: a transaction is there as a whole or not at all.

use invitations_core::{
    Result,
    ids::InvitationId,
    invitation::{InvitationStore as _, evolve},
};
use invitations_sqlx::SqliteStore;

use super::setting::school;

/// What SQLite itself finds wrong.
pub(crate) async fn damage(store: &SqliteStore) -> Result<Vec<String>, sqlx::Error> {
    let integrity: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check").fetch_all(store.pool()).await?;
    let orphans = sqlx::query("PRAGMA foreign_key_check").fetch_all(store.pool()).await?.len();
    let mut damage: Vec<String> = integrity.into_iter().filter(|line| line != "ok").collect();
    if orphans > 0 {
        damage.push(format!("{orphans} rows belong to nothing"));
    }
    Ok(damage)
}

/// Notices that nobody has got yet.
pub(crate) async fn undelivered(store: &SqliteStore) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT COUNT(*) FROM inv_outbox WHERE payload IS NOT NULL").fetch_one(store.pool()).await
}

/// Whether the row is what its history says.
pub(crate) async fn torn(store: &SqliteStore, id: &InvitationId) -> Result<Option<String>> {
    let history = store.history(&school(), id).await?;
    let row = store.load(&school(), id).await?.map(|row| row.value);
    let whole = row.is_some() && history.iter().fold(None, evolve) == row;
    Ok((!whole).then(|| format!("{id} is not what its {} events say", history.len())))
}

//! Migrations: embedded, in order, forward only, in a table of their own.

use std::borrow::Cow;

use invitations_core::{Error, ErrorKind, Remedy, Result};
use sqlx::{
    SqlSafeStr as _, SqlitePool,
    migrate::{Migration, MigrationType, Migrator},
};

use crate::error::database;

const FIRST: &str = include_str!("../migrations/sqlite/0001_first.sql");

/// Brings the tables up to this version. Two processes that start at once do it one after the other.
pub(crate) async fn run(pool: &SqlitePool) -> Result<()> {
    let first = Migration::new(1, Cow::Borrowed("first"), MigrationType::Simple, FIRST.into_sql_str(), false);
    let mut migrator = Migrator::with_migrations(vec![first]);
    migrator.dangerous_set_table_name("inv_migrations");
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await.map_err(database("migrate"))?;
    migrator.run(&mut *tx).await.map_err(|error| {
        Error::new(ErrorKind::Misconfigured, "migrate").with_source(error).with_remedy(Remedy::new(
            "Run the newest version of this program that has used the database, or restore a backup.",
        ))
    })?;
    tx.commit().await.map_err(database("migrate"))
}

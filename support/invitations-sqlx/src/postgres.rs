//! PostgreSQL, as the stores see it.

use std::sync::Arc;

use invitations_core::runtime::Clock;

use crate::{
    Backend,
    dialect::{Dialect, Migration, Timed},
};

impl Backend for sqlx::Postgres {}

impl Dialect for sqlx::Postgres {
    // rows are locked, not the database: writers queue there, and only those of the same row
    type Writers = ();
    type Turn = ();

    // said, because a database's default may be another one
    const BEGIN_WRITE: &'static str = "BEGIN ISOLATION LEVEL READ COMMITTED";
    const COMMITS_ALONE: bool = true;
    const MIGRATIONS: &'static [Migration] = &[(1, "tokens", include_str!("../migrations/postgres/0001_tokens.sql"))];
    // "inv_migr" as a number; until the end of the transaction
    const WAIT_TO_MIGRATE: Option<&'static str> = Some("SELECT pg_advisory_xact_lock(x'696e765f6d696772'::BIGINT)");
    const HAS_MIGRATIONS: Option<&'static str> = Some("SELECT to_regclass('inv_migrations') IS NOT NULL");

    fn clock() -> Option<Arc<dyn Clock>> {
        None
    }

    async fn turn((): &()) {}

    fn timed(text: Timed) -> &'static str {
        text.or_the_databases
    }
}

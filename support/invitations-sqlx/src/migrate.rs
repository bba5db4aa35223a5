//! Our own tables and our own migrations table, so that the embedder's migrator can share the database.

use std::{borrow::Cow, collections::HashMap};

use invitations_core::{Error, ErrorKind, Remedy, Result};
use sqlx::{
    SqlSafeStr as _,
    migrate::{Migrate as _, MigrateError, Migration, MigrationType},
};

use crate::{columns::read, dialect::Dialect, error, statement::Statement};

/// Which migrations were applied.
const TABLE: &str = "inv_migrations";

/// The form of rows that this version writes.
const WRITER: i64 = 1;

const MIGRATE: &str = "migrate database";

/// Brings the tables up to date, in the transaction that `connection` is in: two programs that start at once wait for each other.
///
/// Done here step by step, because the future of sqlx's `Migrator::run` on a connection is not known to be `Send`.
pub(crate) async fn run<DB: Dialect>(connection: &mut DB::Connection) -> Result<()> {
    if let Some(wait) = DB::WAIT_TO_MIGRATE {
        rows::<DB>(connection, wait).await?;
    }
    let is_there = match DB::HAS_MIGRATIONS {
        None => false,
        Some(question) => {
            rows::<DB>(connection, question).await?.first().map(|row| read(row, 0)).transpose()? == Some(true)
        }
    };
    if !is_there {
        connection.ensure_migrations_table(TABLE).await.map_err(translate)?;
    }
    // migrations of a newer program are no harm: what older ones may write is said by `min_writer`
    let applied = connection.list_applied_migrations(TABLE).await.map_err(translate)?;
    let applied: HashMap<_, _> = applied.into_iter().map(|one| (one.version, one.checksum)).collect();
    for &(version, name, text) in DB::MIGRATIONS {
        let simple = MigrationType::Simple;
        let migration = Migration::new(version, Cow::Borrowed(name), simple, text.into_sql_str(), false);
        match applied.get(&version) {
            None => drop(connection.apply(TABLE, &migration).await.map_err(translate)?),
            Some(checksum) if *checksum == migration.checksum => {}
            Some(_) => return Err(translate(MigrateError::VersionMismatch(version))),
        }
    }
    let least = rows::<DB>(connection, "SELECT value FROM inv_meta WHERE name = 'min_writer'").await?;
    let least: Option<i64> = least.first().map(|row| read(row, 0)).transpose()?;
    if least.is_some_and(|least| least > WRITER) {
        return Err(Error::new(ErrorKind::Misconfigured, MIGRATE)
            .with_detail("a newer program has written to this database")
            .with_remedy(Remedy::new("Upgrade this program.")));
    }
    Ok(())
}

async fn rows<DB: Dialect>(connection: &mut DB::Connection, text: &'static str) -> Result<Vec<DB::Row>> {
    Statement::new(text).rows::<DB>(connection).await.map_err(error::database(MIGRATE))
}

fn translate(failure: MigrateError) -> Error {
    match failure {
        MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _) => error::database(MIGRATE)(cause),
        other => Error::new(ErrorKind::Misconfigured, MIGRATE)
            .with_remedy(Remedy::new("Restore the tables that begin with inv_ as a released version made them."))
            .with_source(other),
    }
}

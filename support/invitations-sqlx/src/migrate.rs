//! Our own tables and our own migrations table, so that the embedder's migrator can share the file.

use std::borrow::Cow;

use invitations_core::{Error, ErrorKind, Remedy, Result};
use sqlx::{
    SqlSafeStr as _,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};

use crate::{columns::Connection, dialect, error};

/// Which migrations were applied.
const TABLE: &str = "inv_migrations";

/// The form of rows that this version writes.
const WRITER: i64 = 1;

const MIGRATE: &str = "migrate database";

/// Brings the tables up to date, in the transaction that `connection` is in: two programs that start at once wait for each other.
pub(crate) async fn run(connection: &mut Connection) -> Result<()> {
    migrator().run(&mut *connection).await.map_err(translate)?;
    let least: Option<i64> = sqlx::query_scalar("SELECT value FROM inv_meta WHERE name = 'min_writer'")
        .fetch_optional(connection)
        .await
        .map_err(error::database(MIGRATE))?;
    if least.is_some_and(|least| least > WRITER) {
        return Err(Error::new(ErrorKind::Misconfigured, MIGRATE)
            .with_detail("a newer program has written to this database")
            .with_remedy(Remedy::new("Upgrade this program.")));
    }
    Ok(())
}

fn migrator() -> Migrator {
    let migrations = dialect::MIGRATIONS.map(|(version, name, text)| {
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, text.into_sql_str(), false)
    });
    let mut migrator = Migrator::with_migrations(migrations.to_vec());
    migrator.dangerous_set_table_name(TABLE);
    // a newer program may have added tables; what older ones may write is said by `min_writer`
    migrator.set_ignore_missing(true);
    migrator
}

fn translate(failure: MigrateError) -> Error {
    match failure {
        MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _) => error::database(MIGRATE)(cause),
        other => Error::new(ErrorKind::Misconfigured, MIGRATE)
            .with_remedy(Remedy::new("Restore the tables that begin with inv_ as a released version made them."))
            .with_source(other),
    }
}

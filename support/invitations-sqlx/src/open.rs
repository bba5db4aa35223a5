use std::{path::Path, sync::Arc, time::Duration};

use chrono::{DateTime, SubsecRound as _, Utc};
use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    runtime::{Clock, SystemClock},
};
use sqlx::{
    Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{error::database, migrate};

/// Everything in one SQLite file, shared by any number of processes on one machine. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    pool: SqlitePool,
    clock: Arc<dyn Clock>,
}

impl SqliteStore {
    /// Opens or makes the file (for its owner only), with a write-ahead log, and brings its tables up to date. What was committed survives
    /// a power cut.
    ///
    /// # Errors
    /// [`Misconfigured`](ErrorKind::Misconfigured) when the file cannot be made or was written by a newer version.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        private(path).map_err(|error| {
            Error::new(ErrorKind::Misconfigured, "open database")
                .with_source(error)
                .with_remedy(Remedy::new("Name a file in a folder that this program may write to."))
        })?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            // an acceptance that somebody was told of must not be lost with the power
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
            .foreign_keys(true);
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await;
        Self::with_pool(pool.map_err(database("open database"))?).await
    }

    /// Uses an application's own pool, and adds tables that start with `inv_` to its database.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn with_pool(pool: SqlitePool) -> Result<Self> {
        migrate::run(&pool).await?;
        Ok(Self { pool, clock: Arc::new(SystemClock) })
    }

    /// Takes time from here instead of the system. For tests.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The pool, for an application's own tables in the same file.
    pub fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// The clock that decides leases and deadlines, in whole microseconds.
    pub(crate) fn time(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(6)
    }

    /// A transaction that writes: it takes the write lock at once, since a read that turns into a write may fail half way.
    pub(crate) async fn begin(&self, operation: &'static str) -> Result<Transaction<'static, Sqlite>> {
        self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(database(operation))
    }
}

fn private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

use std::{
    future,
    path::{Path, PathBuf},
    time::Duration,
};

use chrono::{DateTime, SubsecRound as _, Utc};
use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    runtime::{Clock as _, SystemClock},
};
use sqlx::{
    Connection as _, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    error,
    store::{OPEN, Store},
    writer::Writers,
};

/// How long a statement waits for another process's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How often opening is tried: turning a new file into a write-ahead log does not wait for others who do the same.
const TRIES: u32 = 50;

/// The wait between such tries.
const PAUSE: Duration = Duration::from_millis(20);

/// Invitations, tokens and connect flows in one SQLite file, which several processes may open.
///
/// This process's writers queue.
pub type SqliteStore = Store<sqlx::Sqlite>;

impl SqliteStore {
    /// Opens the file, makes it if it is not there, and brings its tables up to date.
    ///
    /// On Unix a new file can be read and written by its owner only.
    ///
    /// # Errors
    /// [`Misconfigured`](ErrorKind::Misconfigured) when the file cannot be opened or was written by a newer program;
    /// [`Protocol`](ErrorKind::Protocol) when it is no database; [`Unavailable`](ErrorKind::Unavailable) when others keep it busy.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = absolute(path.as_ref())?;
        create(&path)?;
        let options = Self::connect_options(&path);
        let mut tries = 1;
        let pool = loop {
            match pool_options().connect_with(options.clone()).await {
                Ok(pool) => break pool,
                Err(busy) if error::is_busy(&busy) && tries < TRIES => {
                    tries += 1;
                    SystemClock.sleep(PAUSE).await;
                }
                Err(failure) => return Err(error::database(OPEN)(failure)),
            }
        };
        Self::with_pool(pool).await
    }

    /// What [`open`](Self::open) sets: a write-ahead log, foreign keys, five seconds of patience, deleted content overwritten, and
    /// `synchronous = FULL`, because an acceptance that a user was told of must survive a power cut.
    ///
    /// For an embedder that makes the pool itself.
    pub fn connect_options(path: impl AsRef<Path>) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("secure_delete", "ON")
    }

    /// Keeps its tables (all begin with `inv_`) in the embedder's database, and brings them up to date.
    ///
    /// The pool's connections should be made with [`connect_options`](Self::connect_options), or with as much care. A database in
    /// memory needs a pool of exactly one connection that is never closed.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn with_pool(pool: SqlitePool) -> Result<Self> {
        let writers = Writers::new(pool.clone());
        Self::prepare(pool, writers).await
    }

    /// The clock that decides leases and deadlines, in whole microseconds.
    pub(crate) fn time(&self) -> DateTime<Utc> {
        self.clock.as_ref().map_or_else(|| SystemClock.now(), |clock| clock.now()).trunc_subsecs(6)
    }
}

/// A connection to a file needs no test but this one: when the database has ended a transaction by itself (a full disk), sqlx counts
/// on it for ever and would refuse the next one.
fn pool_options() -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(future::ready(Ok(!connection.is_in_transaction()))))
}

/// SQLite reads some relative names as something else (`:memory:`, `file:…`); an absolute path is always a file.
fn absolute(path: &Path) -> Result<PathBuf> {
    if path.as_os_str().is_empty() || path.as_os_str() == ":memory:" {
        return Err(Error::invalid(OPEN, "a store is a file; for tests there is one in memory in invitations-core"));
    }
    std::path::absolute(path).map_err(|cause| Error::invalid(OPEN, "the path cannot be used").with_source(cause))
}

/// Makes the file before SQLite does, which would let others read it. SQLite gives its log files the same mode.
fn create(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|cause| {
        Error::new(ErrorKind::Misconfigured, OPEN)
            .with_remedy(Remedy::new("Let this process read and write the database file and its folder."))
            .with_source(cause)
    })
}

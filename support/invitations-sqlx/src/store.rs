use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use chrono::SubsecRound as _;
use invitations_core::{Result, runtime::Clock};
use sqlx::{Pool, Transaction};

use crate::{dialect::Dialect, error, migrate, statement::Statement, times::micros};

pub(crate) const OPEN: &str = "open database";

/// A database that a [`Store`] can be on. SQLite and PostgreSQL are; nobody else can say so.
#[expect(private_bounds, reason = "what a store asks of a database is its own affair")]
pub trait Backend: Dialect {}

/// What is kept in a database: `SqliteStore` and `PgStore`, each with its feature.
///
/// Cheap to clone: a pool of connections and a clock. Several processes may use the same database.
pub struct Store<DB: Backend> {
    pub(crate) pool: Pool<DB>,
    /// `None`: the database's own.
    pub(crate) clock: Option<Arc<dyn Clock>>,
    pub(crate) writers: DB::Writers,
}

impl<DB: Backend> Clone for Store<DB> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone(), clock: self.clock.clone(), writers: self.writers.clone() }
    }
}

impl<DB: Backend> fmt::Debug for Store<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pool, clock, writers } = self;
        f.debug_struct("Store").field("pool", pool).field("clock", clock).field("writers", writers).finish()
    }
}

impl<DB: Backend> Store<DB> {
    /// Decides leases and deadlines by this clock instead of the database's (PostgreSQL) or the system's (SQLite).
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// The connections, for the embedder's own tables in the same database.
    pub fn pool(&self) -> &Pool<DB> {
        &self.pool
    }

    /// A store on this database, its tables brought up to date.
    pub(crate) async fn prepare(pool: Pool<DB>, writers: DB::Writers) -> Result<Self> {
        let store = Self { pool, clock: DB::clock(), writers };
        let mut write = store.begin(OPEN).await?;
        if let Err(error) = migrate::run::<DB>(&mut write).await {
            // now, because others that open it wait for the end of this
            let _ = write.transaction.rollback().await;
            return Err(error);
        }
        write.commit().await.map_err(error::committing(OPEN))?;
        Ok(store)
    }

    /// The time by the clock that decides, in whole microseconds; `None`: the database knows it.
    pub(crate) fn given_time(&self) -> Option<i64> {
        self.clock.as_ref().map(|clock| micros(clock.now().trunc_subsecs(6)))
    }

    /// Begins a write, after this process's other writers where the database does not queue them.
    pub(crate) async fn begin(&self, operation: &'static str) -> Result<Write<DB>> {
        let turn = DB::turn(&self.writers).await;
        let transaction = self.pool.begin_with(DB::BEGIN_WRITE).await.map_err(error::database(operation))?;
        Ok(Write { transaction, _turn: turn })
    }

    /// The rows that a statement reads.
    pub(crate) async fn read(&self, operation: &'static str, statement: Statement<'_>) -> Result<Vec<DB::Row>> {
        let mut connection = self.pool.acquire().await.map_err(error::database(operation))?;
        statement.rows::<DB>(&mut connection).await.map_err(error::database(operation))
    }

    /// Carries out one statement that writes, and answers what it returns.
    pub(crate) async fn write(&self, operation: &'static str, statement: Statement<'_>) -> Result<Vec<DB::Row>> {
        if DB::COMMITS_ALONE {
            let mut connection = self.pool.acquire().await.map_err(error::database(operation))?;
            return statement.rows::<DB>(&mut connection).await.map_err(error::committing(operation));
        }
        let mut write = self.begin(operation).await?;
        let rows = statement.rows::<DB>(&mut write).await.map_err(error::database(operation))?;
        write.commit().await.map_err(error::committing(operation))?;
        Ok(rows)
    }
}

/// A transaction that writes. Dropped without [`commit`](Self::commit), it is rolled back.
pub(crate) struct Write<DB: Dialect> {
    // before the turn, so that it is over when the next writer begins
    transaction: Transaction<'static, DB>,
    _turn: DB::Turn,
}

impl<DB: Dialect> Write<DB> {
    pub(crate) async fn commit(self) -> Result<(), sqlx::Error> {
        self.transaction.commit().await
    }
}

impl<DB: Dialect> Deref for Write<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        &self.transaction
    }
}

impl<DB: Dialect> DerefMut for Write<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        &mut self.transaction
    }
}

//! What differs between databases. Statements use `$1`, `ON CONFLICT`, `RETURNING` and `IS NOT DISTINCT FROM`, which SQLite and
//! PostgreSQL share; times are BIGINT microseconds in both.

use std::{fmt::Debug, future::Future, sync::Arc};

use invitations_core::runtime::Clock;
use sqlx::{Database, migrate::Migrate};

use crate::{columns::Columns, statement::Executes};

/// A migration: its number, name and text.
pub(crate) type Migration = (i64, &'static str, &'static str);

/// A database, as the stores see it.
pub(crate) trait Dialect: Database<Row: Columns, Connection: Migrate> + Executes {
    /// This process's writers, where the database does not queue them.
    type Writers: Clone + Debug + Send + Sync + 'static;

    /// The right to write, given back when it is dropped.
    type Turn: Debug + Send + Sync + 'static;

    /// Begins a transaction that will write.
    const BEGIN_WRITE: &'static str;

    /// Whether a statement that writes is a transaction, too. Otherwise it is put into one, after this process's other writers.
    const COMMITS_ALONE: bool;

    /// The migrations, oldest first. Forward only.
    const MIGRATIONS: &'static [Migration];

    /// Makes a transaction wait for others that migrate, where beginning it does not.
    const WAIT_TO_MIGRATE: Option<&'static str>;

    /// Whether the table of migrations is there, where making it needs rights that one who only uses it may lack.
    const HAS_MIGRATIONS: Option<&'static str>;

    /// The clock of a store that was given none; `None`: the database's.
    fn clock() -> Option<Arc<dyn Clock>>;

    /// Waits until nobody else of this process writes.
    fn turn(writers: &Self::Writers) -> impl Future<Output = Self::Turn> + Send;

    /// The text that takes the time as this database's stores give it.
    fn timed(text: Timed) -> &'static str;
}

/// A statement that needs the time, which is `$1`: made by [`timed!`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timed {
    /// The time is always given.
    #[cfg_attr(not(feature = "sqlite"), expect(dead_code, reason = "SQLite's stores always give it"))]
    pub(crate) given: &'static str,
    /// Where none is given, it is PostgreSQL's, at the beginning of the statement.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "SQLite has no clock that is worth the name"))]
    pub(crate) or_the_databases: &'static str,
}

/// A [`Timed`] text out of its parts: literals, and `now` for the time in microseconds.
macro_rules! timed {
    (@given now) => { "$1" };
    // not `clock_timestamp()`, which an index cannot be searched for: it is another one for every row
    (@database now) => { "COALESCE($1, (extract(epoch FROM statement_timestamp()) * 1000000)::BIGINT)" };
    (@$_:ident $text:literal) => { $text };
    ($($part:tt)+) => {
        $crate::dialect::Timed {
            given: concat!($($crate::dialect::timed!(@given $part)),+),
            or_the_databases: concat!($($crate::dialect::timed!(@database $part)),+),
        }
    };
}
pub(crate) use timed;

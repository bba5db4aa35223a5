//! SQLite, as the stores see it.

use std::sync::Arc;

use invitations_core::{
    Error, Result,
    runtime::{Clock, SystemClock},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Backend,
    columns::unreadable,
    dialect::{Dialect, Migration, Timed},
    writer::{Turn, Writers},
};

/// The database.
pub(crate) type Database = sqlx::Sqlite;

/// A connection to it.
pub(crate) type Connection = sqlx::SqliteConnection;

/// A row as it answers it.
pub(crate) type Row = sqlx::sqlite::SqliteRow;

impl Backend for Database {}

impl Dialect for Database {
    type Writers = Arc<Writers>;
    type Turn = Turn;

    // at once, because SQLite does not wait when a reader turns writer
    const BEGIN_WRITE: &'static str = "BEGIN IMMEDIATE";
    const COMMITS_ALONE: bool = false;
    const MIGRATIONS: &'static [Migration] = &[
        (1, "invitations", include_str!("../migrations/sqlite/0001_invitations.sql")),
        (2, "tokens", include_str!("../migrations/sqlite/0002_tokens.sql")),
        (3, "mappings", include_str!("../migrations/sqlite/0003_mappings.sql")),
        (4, "listing", include_str!("../migrations/sqlite/0004_listing.sql")),
        (5, "pages", include_str!("../migrations/sqlite/0005_pages.sql")),
        (6, "disconnects", include_str!("../migrations/sqlite/0006_disconnects.sql")),
    ];
    const WAIT_TO_MIGRATE: Option<&'static str> = None;
    const HAS_MIGRATIONS: Option<&'static str> = None;

    fn clock() -> Option<Arc<dyn Clock>> {
        Some(Arc::new(SystemClock))
    }

    async fn turn(writers: &Self::Writers) -> Turn {
        writers.turn().await
    }

    fn timed(text: Timed) -> &'static str {
        text.given
    }
}

/// Many values as one, for `json_each`: a statement then has one text, however many they are.
pub(crate) fn json<T: Serialize>(values: &T) -> Result<String> {
    serde_json::to_string(values).map_err(|cause| Error::invalid("write row", "no JSON").with_source(cause))
}

/// What `json_group_array` or `json_group_object` made.
pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|_| unreadable("a group of rows is malformed"))
}

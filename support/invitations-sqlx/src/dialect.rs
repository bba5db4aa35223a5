//! What differs between databases. Statements use `$1`, `ON CONFLICT`, `RETURNING` and `IS NOT DISTINCT FROM`, which SQLite and
//! PostgreSQL share; times are BIGINT microseconds in both.

/// Begins a transaction that will write. At once, because SQLite does not wait when a reader turns writer.
pub(crate) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";

/// The database.
pub(crate) type Database = sqlx::Sqlite;

/// A connection to it.
pub(crate) type DatabaseConnection = sqlx::SqliteConnection;

/// The migrations, oldest first: number, name, text. Forward only.
pub(crate) const MIGRATIONS: [(i64, &str, &str); 6] = [
    (1, "invitations", include_str!("../migrations/sqlite/0001_invitations.sql")),
    (2, "tokens", include_str!("../migrations/sqlite/0002_tokens.sql")),
    (3, "mappings", include_str!("../migrations/sqlite/0003_mappings.sql")),
    (4, "listing", include_str!("../migrations/sqlite/0004_listing.sql")),
    (5, "pages", include_str!("../migrations/sqlite/0005_pages.sql")),
    (6, "disconnects", include_str!("../migrations/sqlite/0006_disconnects.sql")),
];

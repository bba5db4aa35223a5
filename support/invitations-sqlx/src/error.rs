//! Database errors as the contract's errors.

use std::{borrow::Borrow, error::Error as Cause};

use invitations_core::{Error, ErrorKind, Remedy, RetryClass};
use sqlx::error::DatabaseError;

const ERROR: i32 = 1;
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const PERM: i32 = 3;
const READONLY: i32 = 8;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const CONSTRAINT: i32 = 19;
const NOTADB: i32 = 26;

/// For `map_err`: the error of a statement. Its transaction is rolled back, so nothing happened.
///
/// Several callers may share one failure (`Arc`).
pub(crate) fn database<E>(operation: &'static str) -> impl Fn(E) -> Error
where
    E: Borrow<sqlx::Error> + Cause + Send + Sync + 'static,
{
    move |error| translate(operation, error)
}

/// For `map_err`: the error of a COMMIT. Nobody knows whether it happened, unless the database was only busy.
pub(crate) fn committing<E>(operation: &'static str) -> impl Fn(E) -> Error
where
    E: Borrow<sqlx::Error> + Cause + Send + Sync + 'static,
{
    move |error| {
        let unclear = !matches!(primary_code(error.borrow()), Some(BUSY | LOCKED));
        let error = translate(operation, error);
        if unclear && error.retry() != RetryClass::Never {
            return error.with_retry(RetryClass::Unclear { after: None });
        }
        error
    }
}

/// The result code of SQLite without its extension.
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    error
        .as_database_error()
        .and_then(DatabaseError::code)
        .and_then(|code| code.parse().ok())
        .map(|code: i32| code & 0xff)
}

/// Whether the database was only busy.
pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
    matches!(primary_code(error), Some(BUSY | LOCKED))
}

fn translate<E>(operation: &'static str, failure: E) -> Error
where
    E: Borrow<sqlx::Error> + Cause + Send + Sync + 'static,
{
    let error = failure.borrow();
    let (kind, action) = match (error, primary_code(error)) {
        (_, Some(BUSY | LOCKED)) => (ErrorKind::Unavailable, None),
        (_, Some(FULL)) => (ErrorKind::Unavailable, Some("Make room on the disk that holds the database.")),
        (_, Some(CORRUPT | NOTADB)) => (ErrorKind::Protocol, Some("Restore the database file from a backup.")),
        (_, Some(PERM | READONLY | CANTOPEN)) => {
            (ErrorKind::Misconfigured, Some("Let this process read and write the database file and its folder."))
        }
        (_, Some(ERROR)) => {
            (ErrorKind::Misconfigured, Some("Open the store once with this version, so that its tables are there."))
        }
        (_, Some(CONSTRAINT)) => (ErrorKind::Conflict, None),
        (sqlx::Error::PoolTimedOut, _) => {
            (ErrorKind::Unavailable, Some("Give the pool more connections, or hold transactions for a shorter time."))
        }
        (
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::ColumnIndexOutOfBounds { .. }
            | sqlx::Error::TypeNotFound { .. },
            _,
        ) => (ErrorKind::Protocol, None),
        (sqlx::Error::Configuration(_) | sqlx::Error::InvalidArgument(_), _) => (ErrorKind::Misconfigured, None),
        _ => (ErrorKind::Unavailable, None),
    };
    let mut translated = Error::new(kind, operation);
    if kind == ErrorKind::Unavailable {
        translated = translated.with_retry(RetryClass::Safe { after: None });
    }
    if let Some(action) = action {
        translated = translated.with_remedy(Remedy::new(action));
    }
    // SQLite names tables and columns in its messages, never values
    translated.with_source(failure)
}

//! Database errors as the contract's errors.

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::{borrow::Borrow, error::Error as Cause};

use invitations_core::{Error, ErrorKind, Remedy, RetryClass};

#[cfg(feature = "sqlite")]
pub(crate) use self::sqlite::is_busy;

/// For `map_err`: the error of a statement that is not committed. Its transaction is rolled back, so nothing happened.
///
/// Several callers may share one failure (`Arc`).
pub(crate) fn database<E>(operation: &'static str) -> impl Fn(E) -> Error
where
    E: Borrow<sqlx::Error> + Cause + Send + Sync + 'static,
{
    move |failure| translate(operation, judge(failure.borrow()), failure)
}

/// For `map_err`: the error of a COMMIT, or of a statement that commits by itself. Nobody knows whether it happened, unless the
/// database says that it did not.
pub(crate) fn committing<E>(operation: &'static str) -> impl Fn(E) -> Error
where
    E: Borrow<sqlx::Error> + Cause + Send + Sync + 'static,
{
    move |failure| {
        let verdict = judge(failure.borrow());
        let error = translate(operation, verdict, failure);
        if !verdict.undone && error.retry() != RetryClass::Never {
            return error.with_retry(RetryClass::Unclear { after: None });
        }
        error
    }
}

/// What an error means.
#[derive(Clone, Copy, Debug)]
struct Verdict {
    kind: ErrorKind,
    action: Option<&'static str>,
    /// Whether nothing was done for sure, also when it is the error of a COMMIT.
    undone: bool,
}

impl Verdict {
    fn of(kind: ErrorKind) -> Self {
        Self { kind, action: None, undone: false }
    }

    fn with_action(mut self, action: &'static str) -> Self {
        self.action = Some(action);
        self
    }
}

fn judge(failure: &sqlx::Error) -> Verdict {
    match failure {
        sqlx::Error::Database(answer) => {
            #[cfg(feature = "postgres")]
            if let Some(answer) = answer.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
                return postgres::judge(answer);
            }
            #[cfg(feature = "sqlite")]
            if let Some(answer) = answer.try_downcast_ref::<sqlx::sqlite::SqliteError>() {
                return sqlite::judge(answer);
            }
            tracing::debug!(%answer, "an unknown database");
            Verdict::of(ErrorKind::Unavailable)
        }
        sqlx::Error::PoolTimedOut => Verdict { undone: true, ..Verdict::of(ErrorKind::Unavailable) }.with_action(
            "See that the database answers; then give the pool more connections, or hold transactions for a shorter time.",
        ),
        sqlx::Error::PoolClosed => Verdict { undone: true, ..Verdict::of(ErrorKind::Unavailable) },
        sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::Decode(_)
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::ColumnIndexOutOfBounds { .. }
        | sqlx::Error::TypeNotFound { .. } => Verdict::of(ErrorKind::Protocol),
        sqlx::Error::Configuration(_) | sqlx::Error::InvalidArgument(_) => Verdict::of(ErrorKind::Misconfigured),
        sqlx::Error::Tls(_) => Verdict::of(ErrorKind::Misconfigured)
            .with_action("See that the database speaks TLS, and that its certificate is from an authority given as sslrootcert."),
        sqlx::Error::Io(_) => Verdict::of(ErrorKind::Unavailable)
            .with_action("See that the database can be reached, and that the files its URL names are there."),
        _ => Verdict::of(ErrorKind::Unavailable),
    }
}

fn translate<E>(operation: &'static str, verdict: Verdict, failure: E) -> Error
where
    E: Borrow<sqlx::Error> + Cause + Send + Sync + 'static,
{
    let mut error = Error::new(verdict.kind, operation);
    if verdict.kind == ErrorKind::Unavailable {
        error = error.with_retry(RetryClass::Safe { after: None });
    }
    if let Some(action) = verdict.action {
        error = error.with_remedy(Remedy::new(action));
    }
    #[cfg(feature = "postgres")]
    if let Some(answer) = postgres::without_values(failure.borrow()) {
        return error.with_source(answer);
    }
    // SQLite names tables and columns in its messages, never values
    error.with_source(failure)
}

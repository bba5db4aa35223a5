use invitations_core::{Error, ErrorKind, Remedy, RetryClass};

/// What a database error means for the caller. Values never stand in these errors: sqlx names statements and columns only.
pub(crate) fn database(operation: &'static str) -> impl Fn(sqlx::Error) -> Error {
    move |error| {
        let busy = matches!(&error, sqlx::Error::Database(cause)
            if cause.code().is_some_and(|code| matches!(code.parse::<u32>().map(|code| code & 0xff), Ok(5 | 6))));
        let again = RetryClass::Safe { after: None };
        match &error {
            // nothing was written: SQLite answers busy before it begins
            _ if busy => Error::new(ErrorKind::Unavailable, operation).with_retry(again),
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
                Error::new(ErrorKind::Unavailable, operation).with_retry(again)
            }
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::ColumnNotFound(_) => {
                Error::new(ErrorKind::Protocol, operation)
            }
            _ => Error::new(ErrorKind::Unavailable, operation)
                .with_retry(RetryClass::Unclear { after: None })
                .with_remedy(Remedy::new("Check the database file, its folder's permissions and the free space.")),
        }
        .with_source(error)
    }
}

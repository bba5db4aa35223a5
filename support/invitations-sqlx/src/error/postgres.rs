use std::{error::Error as Cause, fmt};

use invitations_core::ErrorKind;
use sqlx::postgres::{PgDatabaseError, PgSeverity};

use super::Verdict;

/// By SQLSTATE: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
pub(super) fn judge(answer: &PgDatabaseError) -> Verdict {
    let (kind, action) = meaning(answer.code());
    // an ERROR rolls the transaction back; what ends the session may come when the transaction is already committed
    let undone = !matches!(answer.severity(), PgSeverity::Fatal | PgSeverity::Panic) && !is_unknown(answer.code());
    Verdict { kind, action, undone }
}

/// "Connection exception" and "statement completion unknown".
fn is_unknown(code: &str) -> bool {
    code.starts_with("08") || code == "40003"
}

fn meaning(code: &str) -> (ErrorKind, Option<&'static str>) {
    let class = code.get(..2).unwrap_or_default();
    match (code, class) {
        // before the classes that they are in
        ("42501", _) => (
            ErrorKind::Misconfigured,
            Some("Grant the user of the database rights on the tables that begin with inv_."),
        ),
        ("25006", _) => (ErrorKind::Unavailable, Some("Connect to the primary: this server only reads.")),
        ("26000" | "42P05", _) => (
            ErrorKind::Misconfigured,
            Some("Let the pooler keep a session per client, or add statement-cache-capacity=0 to the URL."),
        ),
        ("53100", _) => (ErrorKind::Unavailable, Some("Make room on the disk that holds the database.")),
        ("53300", _) => {
            (ErrorKind::Unavailable, Some("Give the pools fewer connections, or the server a higher max_connections."))
        }
        ("XX001" | "XX002", _) => (ErrorKind::Protocol, Some("Restore the database from a backup.")),
        (_, "22") => (ErrorKind::InvalidInput, None),
        // 23: a constraint; P0: a trigger of the embedder's
        (_, "23" | "P0") => (ErrorKind::Conflict, None),
        (_, "28") => (ErrorKind::Misconfigured, Some("Correct the user and the password of the database.")),
        (_, "3D") => (ErrorKind::Misconfigured, Some("Make the database, or correct its name.")),
        (_, "3F" | "42") => {
            (ErrorKind::Misconfigured, Some("Open the store once with this version, so that its tables are there."))
        }
        // 40: a deadlock or what could not be serialized; 55P03, 57014: waited too long; 57P..: the server goes or comes
        _ => (ErrorKind::Unavailable, None),
    }
}

/// What the server said, without its details: those quote the values of a row.
#[derive(Debug)]
struct Answer {
    code: String,
    message: String,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (SQLSTATE {})", self.message, self.code)
    }
}

impl Cause for Answer {}

/// For an answer of this database: the same that can be shown.
pub(super) fn without_values(failure: &sqlx::Error) -> Option<impl Cause + Send + Sync + 'static> {
    let answer = failure.as_database_error()?.try_downcast_ref::<PgDatabaseError>()?;
    let code = answer.code().to_owned();
    // 22: the message itself quotes what it could not read
    let message = if code.starts_with("22") { "a value was refused".to_owned() } else { answer.message().to_owned() };
    Some(Answer { code, message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_judged_before_its_class() {
        for (code, kind, has_remedy) in [
            ("40001", ErrorKind::Unavailable, false),
            ("40P01", ErrorKind::Unavailable, false),
            ("23505", ErrorKind::Conflict, false),
            ("22021", ErrorKind::InvalidInput, false),
            ("25006", ErrorKind::Unavailable, true),
            ("28P01", ErrorKind::Misconfigured, true),
            ("3D000", ErrorKind::Misconfigured, true),
            ("42501", ErrorKind::Misconfigured, true),
            ("42P01", ErrorKind::Misconfigured, true),
            ("42P05", ErrorKind::Misconfigured, true),
            ("53300", ErrorKind::Unavailable, true),
            ("57P01", ErrorKind::Unavailable, false),
            ("XX000", ErrorKind::Unavailable, false),
            ("XX001", ErrorKind::Protocol, true),
            ("", ErrorKind::Unavailable, false),
        ] {
            let (found, action) = meaning(code);
            assert_eq!((found, action.is_some()), (kind, has_remedy), "{code}");
        }
        let remedies = ["42501", "42P01", "42P05"].map(|code| meaning(code).1);
        assert!(remedies[0] != remedies[1] && remedies[1] != remedies[2], "{remedies:?}");
    }

    #[test]
    fn a_broken_connection_says_nothing_of_the_commit() {
        assert!(is_unknown("08006") && is_unknown("40003"));
        assert!(!is_unknown("40001") && !is_unknown("23505"));
    }
}

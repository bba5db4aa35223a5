use invitations_core::ErrorKind;
use sqlx::{error::DatabaseError as _, sqlite::SqliteError};

use super::Verdict;

const ERROR: i32 = 1;
const PERM: i32 = 3;
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READONLY: i32 = 8;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const CONSTRAINT: i32 = 19;
const NOTADB: i32 = 26;

/// Of a COMMIT only "busy" is clear: it can be sent again.
pub(super) fn judge(answer: &SqliteError) -> Verdict {
    match primary_code(answer) {
        Some(BUSY | LOCKED) => Verdict { undone: true, ..Verdict::of(ErrorKind::Unavailable) },
        Some(FULL) => Verdict::of(ErrorKind::Unavailable).with_action("Make room on the disk that holds the database."),
        Some(CORRUPT | NOTADB) => {
            Verdict::of(ErrorKind::Protocol).with_action("Restore the database file from a backup.")
        }
        Some(PERM | READONLY | CANTOPEN) => Verdict::of(ErrorKind::Misconfigured)
            .with_action("Let this process read and write the database file and its folder."),
        Some(ERROR) => Verdict::of(ErrorKind::Misconfigured)
            .with_action("Open the store once with this version, so that its tables are there."),
        Some(CONSTRAINT) => Verdict::of(ErrorKind::Conflict),
        _ => Verdict::of(ErrorKind::Unavailable),
    }
}

/// Whether the database was only busy.
pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
    let answer = error.as_database_error().and_then(|answer| answer.try_downcast_ref::<SqliteError>());
    matches!(answer.and_then(primary_code), Some(BUSY | LOCKED))
}

/// The result code without its extension.
fn primary_code(answer: &SqliteError) -> Option<i32> {
    answer.code().and_then(|code| code.parse().ok()).map(|code: i32| code & 0xff)
}

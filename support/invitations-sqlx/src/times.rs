//! Times as microseconds since 1970, UTC.

use chrono::{DateTime, Utc};
use invitations_core::{Error, ErrorKind, Result};

pub(crate) fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

pub(crate) fn instant(micros: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| Error::new(ErrorKind::Protocol, "read stored time"))
}

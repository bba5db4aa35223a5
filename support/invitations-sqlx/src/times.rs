//! Times as columns keep them: microseconds since 1970-01-01 UTC.

use std::time::Duration;

use chrono::{DateTime, Utc};
use invitations_core::Result;

use crate::columns::unreadable;

pub(crate) fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

pub(crate) fn instant(micros: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| unreadable("a time is out of range"))
}

/// A lease in microseconds; no longer than a time of this age and the lease are both in the calendar.
pub(crate) fn span(lease: Duration) -> i64 {
    const LONGEST: i64 = i64::MAX / 2;
    i64::try_from(lease.as_micros()).map_or(LONGEST, |micros| micros.min(LONGEST))
}

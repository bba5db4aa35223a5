//! Times as columns keep them: microseconds since 1970-01-01 UTC.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use invitations_core::Result;

use crate::columns::unreadable;

pub(crate) fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

pub(crate) fn instant(micros: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| unreadable("a time is out of range"))
}

/// `now` and a lease, as far as the calendar goes.
pub(crate) fn after(now: DateTime<Utc>, lease: Duration) -> i64 {
    let end = TimeDelta::from_std(lease).ok().and_then(|lease| now.checked_add_signed(lease));
    micros(end.unwrap_or(DateTime::<Utc>::MAX_UTC))
}

//! The sandbox's own clock: system time plus an offset that tests move.

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Where the sandbox's clock stands. Saved with the world, so that a restarted sandbox does not jump back.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct SandboxClock {
    offset_milliseconds: i64,
    frozen_at: Option<DateTime<Utc>>,
}

impl SandboxClock {
    /// Starts at `start`, or at system time. A frozen clock moves only by [`SandboxClock::advance`].
    pub(crate) fn starting(start: Option<DateTime<Utc>>, frozen: bool) -> Self {
        let system = system_time();
        let start = start.unwrap_or(system);
        if frozen {
            Self { offset_milliseconds: 0, frozen_at: Some(start) }
        } else {
            Self { offset_milliseconds: (start - system).num_milliseconds(), frozen_at: None }
        }
    }

    /// Sandbox time, in whole milliseconds (what the state file can hold and give back).
    pub(crate) fn now(&self) -> DateTime<Utc> {
        let base = self.frozen_at.unwrap_or_else(system_time);
        base.checked_add_signed(TimeDelta::milliseconds(self.offset_milliseconds)).unwrap_or(base).trunc_subsecs(3)
    }

    /// Moves the clock; a negative number moves it back.
    pub(crate) fn advance(&mut self, milliseconds: i64) {
        self.offset_milliseconds = self.offset_milliseconds.saturating_add(milliseconds);
    }
}

#[expect(clippy::disallowed_methods, reason = "the sandbox is a server of its own: this is its one source of time")]
fn system_time() -> DateTime<Utc> {
    Utc::now()
}

/// `2019-07-11T02:17:17.6491364Z`: how Graph writes instants (seven fraction digits).
pub(crate) fn graph_instant(instant: DateTime<Utc>) -> String {
    format!("{}.{:07}Z", instant.format("%Y-%m-%dT%H:%M:%S"), instant.timestamp_subsec_nanos() / 100)
}

/// `2019-11-01T12:00:00Z`: whole seconds, as Webex writes instants in UTC.
pub(crate) fn whole_seconds(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Reads an instant with an offset; without one it is UTC (Graph's rule for calendar windows).
pub(crate) fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.with_timezone(&Utc));
    }
    parse_local(text).map(|local| local.and_utc())
}

/// Reads a date and time without offset; the separator may be `T` or a blank, seconds and fractions may be missing.
pub(crate) fn parse_local(text: &str) -> Option<chrono::NaiveDateTime> {
    let text = text.replacen(' ', "T", 1);
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|format| chrono::NaiveDateTime::parse_from_str(&text, format).ok())
        .or_else(|| chrono::NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().and_then(|d| d.and_hms_opt(0, 0, 0)))
}

//! Between an RFC 5545 rule and Graph's `patternedRecurrence`. Both ways are exact or refused by name.
//!
//! What Graph's patterns mean: <https://learn.microsoft.com/graph/api/resources/recurrencepattern> and `recurrencerange`.

mod from_rule;
mod refusal;
mod rule;
mod series;
mod to_rule;
pub(crate) mod wall;
mod wire_recurrence;

use chrono::NaiveDate;
use invitations_core::{
    Error, Result,
    time::{EventTime, Recurrence},
};
use serde_json::Value;

pub use refusal::UnsupportedRecurrence;
pub(crate) use series::Series;
pub(crate) use wire_recurrence::WireRecurrence;

/// How an event that takes place at `time` repeats, in Graph's terms.
pub(crate) fn series(operation: &'static str, rule: &Recurrence, time: &EventTime) -> Result<Series> {
    from_rule::series(rule, time).map_err(|refusal| refusal.into_error(operation))
}

/// A series whose first event is moved to another date.
pub(crate) fn moved(operation: &'static str, series: &Series, start: NaiveDate) -> Result<Series> {
    series.moved(start).map_err(|refusal| refusal.into_error(operation))
}

/// A series as Graph takes it: the members that its type needs and no others, for ignored members are checked all the same.
pub(crate) fn written(series: &Series) -> Value {
    wire_recurrence::written(series)
}

/// The rule of a series whose first event takes place at `time`.
pub(super) fn rule(series: &Series, time: &EventTime) -> Result<Recurrence> {
    let text = to_rule::text(series, time);
    Recurrence::parse(&text)
}

/// A series out of a reply; `None` when it cannot be one.
pub(crate) fn read(wire: &WireRecurrence) -> Option<Series> {
    wire_recurrence::read(wire)
}

impl UnsupportedRecurrence {
    fn into_error(self, operation: &'static str) -> Error {
        Error::new(self.kind(), operation)
            .with_provider(crate::provider_id())
            .with_detail(self.to_string())
            .with_remedy(self.remedy())
            .with_source(self)
    }
}

#[cfg(test)]
mod tests;

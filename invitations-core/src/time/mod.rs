//! Time values: wall time with its zone, slots, ranges and recurrence.
//!
//! What people agree on is wall time in a zone ("Mondays at nine in Berlin"); the instant follows from it and may move when
//! the zone's rules change. Simple callers pass a range of UTC instants: `Slot::from(start..end)`.

mod event_time;
mod range;
mod recurrence;
mod slot;
mod zone;

pub use event_time::EventTime;
pub use range::TimeRange;
pub use recurrence::Recurrence;
pub use slot::{Slot, WallTime};
pub use zone::TimeZone;

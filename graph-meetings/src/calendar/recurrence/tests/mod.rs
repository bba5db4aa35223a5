mod bad;
mod equality;
mod expand;
mod table;

use std::time::Duration;

use chrono::NaiveDateTime;
use invitations_core::{
    Error,
    time::{EventTime, Recurrence, Slot, TimeZone, WallTime},
};
use serde_json::Value;

use super::*;

/// An hour from this wall time on.
fn at(local: &str, zone: &str) -> EventTime {
    let local: NaiveDateTime = local.parse().unwrap();
    let start = WallTime::new(local, TimeZone::parse(zone).unwrap());
    Slot { start, duration: Duration::from_secs(3600) }.into()
}

fn parsed(rule: &str) -> Recurrence {
    Recurrence::parse(rule).unwrap()
}

fn graph(rule: &str, time: &EventTime) -> Result<Value, Error> {
    series("write event", &parsed(rule), time).map(|series| written(&series))
}

fn refused(rule: &str, time: &EventTime) -> UnsupportedRecurrence {
    let error = series("write event", &parsed(rule), time).unwrap_err();
    assert!(error.remedy().is_some() && error.detail().is_some(), "{rule}");
    let source = std::error::Error::source(&error).unwrap();
    *source.downcast_ref::<UnsupportedRecurrence>().unwrap()
}

fn from_graph(body: Value) -> Option<Series> {
    read(&serde_json::from_value(body).unwrap())
}

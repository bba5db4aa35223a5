//! Time in ticks. A state is always "now": times in rows are moved into the past instead, and what is too far away to be told
//! apart becomes the same.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use invitations_core::{
    runtime::{Clock as _, ManualClock, Timing},
    token::Connection,
};

/// Every wait of the protocol is some of these.
pub(super) const TICK: Duration = Duration::from_secs(10);
pub(super) const LEASE: u8 = 2;
const REQUEST: u8 = 1;
const SETTLE: u8 = 1;
/// For so long a request may act, counted from when it is sent.
pub(super) const MAY_ACT: u8 = REQUEST + SETTLE;
/// Nobody can tell a longer pause from this one.
pub(super) const LONG_PAUSE: u8 = 6;

pub(super) const START: DateTime<Utc> = DateTime::UNIX_EPOCH;
/// Further ahead than every wait; nearer than any life of a token.
const NEAR: TimeDelta = TimeDelta::minutes(10);
const FAR: TimeDelta = TimeDelta::minutes(15);
/// Longer ago than any wait that may still count from there.
const PAST: TimeDelta = TimeDelta::seconds(-20);

pub(super) fn timing() -> Timing {
    let mut timing = Timing::default();
    timing.lease = TICK * u32::from(LEASE);
    timing.request = TICK * u32::from(REQUEST);
    timing.settle = TICK * u32::from(SETTLE);
    timing.token_poll = TICK;
    timing.retry_first = TICK;
    timing.retry_most = TICK * 5;
    timing
}

pub(super) fn ticks(clock: &ManualClock) -> u8 {
    u8::try_from((clock.now() - START).num_seconds() / 10).unwrap()
}

pub(super) fn span(ticks: u8) -> TimeDelta {
    TimeDelta::seconds(10 * i64::from(ticks))
}

/// The row as somebody sees it whose clock shows that much more.
pub(super) fn moved(row: &Connection, by: TimeDelta) -> Connection {
    let mut row = row.clone();
    change_times(&mut row, |at| at + by);
    row
}

/// The row with what is over as over, and what is far as far.
pub(super) fn rounded(mut row: Connection) -> Connection {
    change_times(&mut row, |at| match at - START {
        ahead if ahead > NEAR => START + FAR,
        ahead => START + ahead.max(PAST),
    });
    if let Some(intent) = &mut row.intent {
        // a number for people, which decides nothing
        intent.attempt = intent.attempt.min(2);
    }
    row
}

/// The row after all of its life.
pub(super) fn expired(row: &Connection) -> Connection {
    let mut row = row.clone();
    change_times(&mut row, |_| START + PAST);
    row
}

fn change_times(row: &mut Connection, change: impl Fn(DateTime<Utc>) -> DateTime<Utc>) {
    let times = [&mut row.expires_at, &mut row.refresh_at, &mut row.refresh_expires_at];
    for time in times.into_iter().flatten().chain(row.intent.as_mut().map(|intent| &mut intent.request_deadline)) {
        *time = change(*time);
    }
}

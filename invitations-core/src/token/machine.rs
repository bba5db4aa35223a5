//! The pure rules of a token's life: no clock, no store, no network. The names K01 to K20 in the tests are the rows of the
//! transition table that these rules follow.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use super::{Cause, ClientHealth, Connection, ConnectionStatus, GrantFailureClass, Intent, Rotation};
use crate::ids::ConnectionId;

/// The least life that is believed; a shorter one would mean a refresh per call.
const LEAST_LIFE: Duration = Duration::from_secs(30);
/// The longest life that is believed: ten years.
const LONGEST_LIFE: Duration = Duration::from_secs(315_360_000);
/// From this life on the refresh starts at half of it, so that a long outage of the provider still fits in.
const LONG_LIFE: Duration = Duration::from_secs(2 * 3600);
/// How many connections of one client must fail for good before the fault is taken to be the client's.
const BREAKER_CONNECTIONS: usize = 3;
/// Within which span they must fail.
const BREAKER_SPAN: TimeDelta = TimeDelta::minutes(5);
/// How long a suspended client waits before it is tried again.
const PROBE_AFTER: TimeDelta = TimeDelta::minutes(1);

/// What a token's life is computed from.
#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    pub(super) expires_in: Option<Duration>,
    pub(super) refresh_in: Option<Duration>,
    pub(super) refresh_expires_in: Option<Duration>,
    pub(super) default_life: Duration,
    pub(super) keep_alive: Option<Duration>,
}

/// Spans since the start of the request that won the token: pessimistic, the server counts from later.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Life {
    /// When to refresh ahead.
    pub(super) refresh_after: Duration,
    /// How long it may be served.
    pub(super) serve_for: Duration,
}

/// When to refresh and until when to serve. All windows are fractions of the life: a fixed one of five minutes would never
/// serve a token that lives for five.
pub(super) fn life(terms: &Terms, share: u32) -> Life {
    let life = terms.expires_in.unwrap_or(terms.default_life).clamp(LEAST_LIFE, LONGEST_LIFE);
    let margin = (life / 10).min(Duration::from_secs(60)).max(Duration::from_secs(5));
    let serve_for = life.saturating_sub(margin);
    let floor = (life / 2).min(Duration::from_secs(30));
    let own = if life >= LONG_LIFE { life / 2 } else { life * 3 / 4 };
    let soft = [terms.keep_alive, terms.refresh_expires_in.map(|whole| whole / 3)]
        .into_iter()
        .flatten()
        .fold(terms.refresh_in.unwrap_or(own), Duration::min)
        .clamp(floor, serve_for);
    let jitter = part((life / 10).min(Duration::from_secs(300)), share);
    Life { refresh_after: soft.saturating_sub(jitter).max(floor), serve_for }
}

/// `share` 2^32ths of `whole`.
fn part(whole: Duration, share: u32) -> Duration {
    let nanos = (whole.as_nanos() * u128::from(share)) >> 32;
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// The connection's place in the jitter: the same for every reader of one generation, another one in the next.
pub(super) fn share(connection: &ConnectionId, generation: u64) -> u32 {
    let hash = Sha256::new().chain_update(generation.to_be_bytes()).chain_update(connection.as_str()).finalize();
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}

/// `at` and `by` together; the end of time when there is no such moment.
pub(super) fn later(at: DateTime<Utc>, by: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(by).ok().and_then(|by| at.checked_add_signed(by)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// How long from `from` to `to`; zero when it is over.
pub(super) fn span(from: DateTime<Utc>, to: DateTime<Utc>) -> Duration {
    (to - from).to_std().unwrap_or(Duration::ZERO)
}

/// What to do for a caller who wants a token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Step {
    Serve,
    ServeAndRefresh,
    Refresh,
    /// A refresh was begun and may still take effect until then.
    Wait {
        until: DateTime<Utc>,
    },
    NeedsReconsent(Cause),
    Gone,
}

/// Decides for a connection as it is stored, at the store's time.
pub(super) fn step(connection: &Connection, now: DateTime<Utc>, rotation: Rotation, settle: Duration) -> Step {
    match &connection.status {
        ConnectionStatus::NeedsReconsent(cause) => return Step::NeedsReconsent(cause.clone()),
        ConnectionStatus::Disconnecting | ConnectionStatus::Revoked => return Step::Gone,
        ConnectionStatus::Valid => {}
    }
    let good = connection.tokens.is_some() && connection.expires_at.is_some_and(|end| now < end);
    let due = connection.refresh_at.is_some_and(|at| at <= now);
    match (good, unsettled(connection, now, rotation, settle)) {
        (true, None) if due => Step::ServeAndRefresh,
        (true, _) => Step::Serve,
        (false, Some(until)) => Step::Wait { until },
        (false, None) => Step::Refresh,
    }
}

/// The refresh of the current generation that was begun and not recorded.
pub(super) fn unfinished(connection: &Connection) -> Option<&Intent> {
    connection.intent.as_ref().filter(|intent| intent.generation == connection.generation)
}

/// Until when an unfinished refresh forbids another one. Where the old refresh token goes on working, the lease is enough.
pub(super) fn unsettled(
    connection: &Connection,
    now: DateTime<Utc>,
    rotation: Rotation,
    settle: Duration,
) -> Option<DateTime<Utc>> {
    match rotation {
        Rotation::Keep | Rotation::Same => None,
        Rotation::Grace(_) | Rotation::Strict => {
            unfinished(connection).map(|intent| later(intent.request_deadline, settle)).filter(|until| now < *until)
        }
    }
}

/// What a failed refresh means for the row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum AfterFailure {
    /// Surely nothing happened there: try again later (K07).
    Retry { after: Option<Duration> },
    /// Something may have happened: the intent stays (K07, K08).
    Recover { after: Option<Duration> },
    /// After a re-read that shows the same generation (K10).
    NeedsReconsent(Cause),
    /// The client's fault, not the connection's (K12).
    Suspend,
    /// A bug or a wrong configuration: no change.
    Fail,
}

/// Decides from the class and from whether an earlier refresh of this generation was begun and not recorded.
pub(super) fn after_failure(class: &GrantFailureClass, unfinished_before: bool) -> AfterFailure {
    match class {
        GrantFailureClass::Transient { acted: false, after } => AfterFailure::Retry { after: *after },
        GrantFailureClass::Transient { acted: true, after } => AfterFailure::Recover { after: *after },
        GrantFailureClass::Unknown => AfterFailure::Recover { after: None },
        GrantFailureClass::GrantDead if unfinished_before => AfterFailure::NeedsReconsent(Cause::RotationLost),
        GrantFailureClass::GrantDead => AfterFailure::NeedsReconsent(Cause::GrantDead),
        GrantFailureClass::Interaction { claims } => {
            AfterFailure::NeedsReconsent(Cause::Interaction { claims: claims.clone() })
        }
        GrantFailureClass::ClientMisconfigured => AfterFailure::Suspend,
        GrantFailureClass::Config => AfterFailure::Fail,
    }
}

/// Whether something that `required` names is not in `granted` (K15).
pub(super) fn lacks(granted: &[String], required: &[String]) -> bool {
    required.iter().any(|scope| !granted.contains(scope))
}

/// What a client may do now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Gate {
    Open,
    /// Suspended, but due to be tried once.
    Probe,
    Closed {
        until: DateTime<Utc>,
    },
}

/// Whether a client with this health may ask for tokens.
pub(super) fn gate(health: &ClientHealth, now: DateTime<Utc>) -> Gate {
    match health.tried_last() {
        None => Gate::Open,
        Some(tried) if now - tried >= PROBE_AFTER => Gate::Probe,
        Some(tried) => Gate::Closed { until: tried.checked_add_signed(PROBE_AFTER).unwrap_or(tried) },
    }
}

/// A connection failed for good. Enough different ones in a short time are taken to be the client's fault.
pub(super) fn note_failure(mut health: ClientHealth, connection: &ConnectionId, now: DateTime<Utc>) -> ClientHealth {
    health.failures.retain(|(id, at)| id != connection && now - *at < BREAKER_SPAN);
    health.failures.push((connection.clone(), now));
    if health.failures.len() >= BREAKER_CONNECTIONS || health.suspended_since.is_some() {
        return suspend(health, now);
    }
    health
}

/// The client's id or secret is not accepted, or it is about to be tried again.
pub(super) fn suspend(mut health: ClientHealth, now: DateTime<Utc>) -> ClientHealth {
    health.suspended_since.get_or_insert(now);
    health.tried_at = Some(now);
    health
}

#[cfg(test)]
mod tests;

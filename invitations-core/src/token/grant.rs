//! From a server's reply to what is stored, and from a failure to what a caller is told.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Cause, Connection, ServerProfile, TokenReply,
    machine::{self, Terms},
};
use crate::{Error, ErrorKind, Remedy};

/// From this difference on, the server's clock and ours are worth a warning.
const SKEW: TimeDelta = TimeDelta::seconds(120);

pub(super) fn terms(reply: &TokenReply, profile: &ServerProfile) -> Terms {
    Terms {
        expires_in: reply.expires_in,
        refresh_in: reply.refresh_in,
        refresh_expires_in: reply.refresh_expires_in,
        default_life: profile.default_life,
        keep_alive: profile.keep_alive,
    }
}

/// Writes times and scopes of `reply` into `row`, whose epoch and generation are the new ones already.
pub(super) fn record(row: &mut Connection, reply: &TokenReply, profile: &ServerProfile, started: DateTime<Utc>) {
    let life = machine::life(&terms(reply, profile), machine::share(&row.id, row.generation));
    row.expires_at = Some(machine::later(started, life.serve_for));
    row.refresh_at = Some(machine::later(started, life.refresh_after));
    if let Some(whole) = reply.refresh_expires_in {
        row.refresh_expires_at = Some(machine::later(started, whole));
    }
    if let Some(scopes) = &reply.scopes {
        if machine::lacks(scopes, &row.scopes) {
            tracing::warn!(connection = %row.id, "fewer scopes than before were granted");
        }
        row.scopes.clone_from(scopes);
    }
    if let Some(server_time) = reply.server_time
        && (server_time - started).abs() > SKEW
    {
        tracing::warn!(provider = %row.provider, seconds = (server_time - started).num_seconds(), "clocks differ");
    }
}

pub(super) fn needs_reconsent(cause: &Cause) -> Error {
    let detail = match cause {
        Cause::GrantDead => "the grant is used up or was taken back",
        Cause::RotationLost => "an answer with the next refresh token was lost",
        Cause::Interaction { .. } => "the user has to do something in a browser",
        Cause::ScopeMissing => "less was granted than is needed",
    };
    Error::new(ErrorKind::NeedsReconsent, "get access token")
        .with_detail(detail)
        .with_remedy(Remedy::new("Ask the connection's owner to connect the account again."))
}

pub(super) fn gone() -> Error {
    Error::new(ErrorKind::NotFound, "get access token").with_detail("the connection was taken back")
}

pub(super) fn suspended() -> Error {
    Error::new(ErrorKind::Misconfigured, "refresh token")
        .with_detail("the authorization server does not accept our client; connections are left as they are")
        .with_remedy(Remedy::new("Check the client id and its secret, and whether the secret has expired."))
}

/// The task that did the work is gone.
pub(super) fn lost_task(operation: &'static str) -> Error {
    Error::new(ErrorKind::Unavailable, operation).with_detail("the task that did the work ended early")
}

/// Whether the other side may work again by itself.
pub(super) fn passing(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Throttled)
}

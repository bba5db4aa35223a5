//! What operators see: events with ids, never with subjects, addresses or links; and counters (feature `metrics`).

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{
    ids::{EffectId, InvitationId},
    invitation::{State, effect::EffectReport},
};

pub(super) fn started(invitation: &InvitationId, effect: &EffectId, attempt: u32) {
    tracing::debug!(%invitation, %effect, attempt, "effect started");
}

pub(super) fn reported(
    invitation: &InvitationId,
    effect: &EffectId,
    attempt: u32,
    report: &EffectReport,
    took: Duration,
) {
    let latency_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let outcome = outcome(report);
    let meeting = match report {
        EffectReport::Succeeded(Some(object)) => Some(object.id.as_str()),
        EffectReport::Found { object, .. } => Some(object.id.as_str()),
        _ => None,
    };
    match report {
        EffectReport::Succeeded(_) | EffectReport::Found { .. } => {
            tracing::info!(%invitation, %effect, attempt, latency_ms, outcome, object = meeting, "effect succeeded");
        }
        EffectReport::Permanent(problem) | EffectReport::NeedsAction(problem) => {
            tracing::warn!(%invitation, %effect, attempt, latency_ms, outcome, problem = %problem.summary, "effect failed");
        }
        _ => tracing::info!(%invitation, %effect, attempt, latency_ms, outcome, "effect not done yet"),
    }
    #[cfg(feature = "metrics")]
    metrics::counter!("invitations_effects_total", "outcome" => outcome, "retried" => if attempt > 1 { "yes" } else { "no" })
        .increment(1);
}

/// From acceptance or payment to the link.
pub(super) fn fulfilled(state: &State, now: DateTime<Utc>) {
    let seconds = (now - state.claimed_at.unwrap_or(state.created_at)).as_seconds_f64();
    tracing::info!(invitation = %state.id, seconds, "fulfilled");
    #[cfg(feature = "metrics")]
    metrics::histogram!("invitations_seconds_to_link").record(seconds);
}

fn outcome(report: &EffectReport) -> &'static str {
    match report {
        EffectReport::Succeeded(_) => "succeeded",
        EffectReport::Retryable { .. } => "refused",
        EffectReport::Unknown(_) => "unknown",
        EffectReport::NeedsAction(_) => "needs_action",
        EffectReport::Permanent(_) => "failed",
        EffectReport::Found { .. } => "found",
        EffectReport::Absent => "absent",
        EffectReport::StillUnknown(_) => "still_unknown",
        EffectReport::Swept { .. } => "swept",
    }
}

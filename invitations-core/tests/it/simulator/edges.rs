//! The edges of the machine, by kinds of phases. A commit that ends an undo at once goes from where it began to where it ended.

use invitations_core::invitation::machine::{Closed, Phase, Resume};

use super::invariants::Verdict;

const EDGES: &[(&str, &[&str])] = &[
    ("nothing", &["awaiting_verification", "awaiting_approval", "pending", "provisioning"]),
    ("awaiting_verification", &["awaiting_verification", "awaiting_approval", "provisioning", "revoked", "superseded", "expired"]),
    ("awaiting_approval", &["awaiting_approval", "pending", "provisioning", "rejected", "revoked", "superseded", "expired"]),
    (
        "pending",
        &["pending", "countered", "provisioning", "fulfilled", "declined", "revoked", "superseded", "expired"],
    ),
    ("countered", &["countered", "pending", "provisioning", "declined", "revoked", "superseded", "expired"]),
    (
        "provisioning",
        &["provisioning", "fulfilled", "blocked", "quarantined", "compensating", "failed", "revoked", "cancelled"],
    ),
    ("blocked", &["blocked", "provisioning", "rescheduling", "compensating", "failed", "revoked", "cancelled"]),
    (
        "quarantined",
        &["quarantined", "provisioning", "rescheduling", "fulfilled", "compensating", "failed", "revoked", "cancelled"],
    ),
    ("fulfilled", &["fulfilled", "rescheduling", "provisioning", "compensating", "cancelled"]),
    ("rescheduling", &["rescheduling", "fulfilled", "blocked", "quarantined", "compensating", "cancelled"]),
    ("compensating", &["compensating", "blocked", "quarantined", "failed", "revoked", "cancelled"]),
];

fn name(phase: Option<&Phase>) -> &'static str {
    match phase {
        None => "nothing",
        Some(Phase::AwaitingVerification) => "awaiting_verification",
        Some(Phase::AwaitingApproval) => "awaiting_approval",
        Some(Phase::Pending) => "pending",
        Some(Phase::Countered) => "countered",
        Some(Phase::Provisioning) => "provisioning",
        Some(Phase::Blocked { .. }) => "blocked",
        Some(Phase::Quarantined { .. }) => "quarantined",
        Some(Phase::Fulfilled) => "fulfilled",
        Some(Phase::Rescheduling) => "rescheduling",
        Some(Phase::Compensating { .. }) => "compensating",
        Some(Phase::Closed(how)) => match how {
            Closed::Cancelled => "cancelled",
            Closed::Declined => "declined",
            Closed::Expired => "expired",
            Closed::Failed => "failed",
            Closed::Rejected => "rejected",
            Closed::Revoked => "revoked",
            Closed::Superseded => "superseded",
            _ => "an unknown end",
        },
        Some(_) => "an unknown phase",
    }
}

/// Where an undo that has begun must end.
fn target(phase: Option<&Phase>) -> Option<Closed> {
    match phase? {
        Phase::Compensating { target }
        | Phase::Blocked { resume_to: Resume::Compensating { target }, .. }
        | Phase::Quarantined { resume_to: Resume::Compensating { target }, .. } => Some(*target),
        _ => None,
    }
}

pub(super) fn check(from: Option<&Phase>, to: &Phase) -> Verdict {
    let (before, after) = (name(from), name(Some(to)));
    let known = EDGES.iter().any(|(start, ends)| *start == before && ends.contains(&after));
    if !known {
        return Err(format!("from {before} to {after}"));
    }
    match (target(from), to) {
        (Some(target), Phase::Closed(how)) if target != *how => Err(format!("undo for {target:?} ended {how:?}")),
        _ => Ok(()),
    }
}

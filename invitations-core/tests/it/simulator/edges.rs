//! The edges of the machine: every change of phase is a row of its table, and an undo ends where it was meant to.

use invitations_core::invitation::machine::{
    Closed, Phase, PhaseKind, Resume,
    table::{ROWS, TARGETS},
};

use super::invariants::Verdict;

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
    let (before, after) = (from.map_or(PhaseKind::New, Phase::kind), to.kind());
    let known = ROWS.iter().any(|row| row.leads(before, row.command, after));
    if !known {
        return Err(format!("no row leads from {before:?} to {after:?}"));
    }
    match (target(from), to) {
        (Some(target), Phase::Closed(how)) if target != *how && TARGETS.contains(&after) => {
            Err(format!("undo for {target:?} ended {how:?}"))
        }
        _ => Ok(()),
    }
}

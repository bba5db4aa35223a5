//! The planner: pure. What a record and its row say together.

mod guard;

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
pub(crate) use guard::too_many;
use invitations_core::Result;
use sha2::{Digest as _, Sha256};

use crate::{Desired, Mapping, MappingState, Op, SourceId, canonical};

/// What is to be done for one record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    /// Nothing, and no call.
    Nothing,
    /// The record's version is older than what is known.
    Stale,
    /// Remember that the record is gone, and no call: there is no event.
    Forget,
    /// Look whether an earlier try made the event; then decide again.
    LookUp,
    /// Make it, as this incarnation.
    Create(u32),
    /// Write all managed fields.
    Update,
    /// Take it away.
    Delete,
}

/// One line of the table in words: the record's wish against what was written before.
pub(crate) fn step(desired: &Desired, mapping: Option<&Mapping>, now: DateTime<Utc>) -> Result<Step> {
    let Some(mapping) = mapping else {
        return Ok(if desired.event.is_some() { Step::Create(0) } else { Step::Forget });
    };
    if desired.version < mapping.version {
        return Ok(Step::Stale);
    }
    let newer = desired.version > mapping.version;
    let Some(event) = &desired.event else { return Ok(gone(mapping, newer)) };
    let same = canonical::hash(event)? == mapping.pushed;
    Ok(match (&mapping.state, &mapping.external) {
        (MappingState::Intent(Op::Create | Op::Delete), _) => Step::LookUp,
        (MappingState::Intent(Op::Update), Some(_)) => Step::Update,
        (MappingState::Intent(Op::Update), None) => Step::LookUp,
        (MappingState::Live, _) if same => Step::Nothing,
        (MappingState::Live, _) => Step::Update,
        (MappingState::Blocked { until }, external) => match (until, external) {
            (Some(until), _) if now < *until && !newer => Step::Nothing,
            (None, _) if !newer && same => Step::Nothing,
            (_, Some(_)) => Step::Update,
            (_, None) => Step::Create(mapping.incarnation),
        },
        (MappingState::Detached, _) => Step::Nothing,
        (MappingState::Tombstone, _) if newer => Step::Create(mapping.incarnation + 1),
        (MappingState::Tombstone, _) => Step::Nothing,
    })
}

fn gone(mapping: &Mapping, newer: bool) -> Step {
    match (&mapping.state, &mapping.external) {
        (MappingState::Intent(Op::Create), _) => Step::LookUp,
        (MappingState::Tombstone, _) if newer => Step::Forget,
        (MappingState::Tombstone, _) => Step::Nothing,
        (MappingState::Detached, _) | (_, None) => Step::Forget,
        (_, Some(_)) => Step::Delete,
    }
}

/// What a run would do; nothing is sent.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Plan {
    /// In order of the records.
    pub ops: Vec<PlannedOp>,
    /// Deletions that would be held back because there are too many at once.
    pub held: Vec<SourceId>,
    /// The same plan has the same fingerprint.
    pub fingerprint: String,
}

/// One write that a run would make.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub struct PlannedOp {
    /// For which record.
    pub source: SourceId,
    /// `create`, `update`, `delete` or `look up`.
    pub what: &'static str,
    /// The record's version.
    pub version: u64,
}

impl Plan {
    pub(crate) fn of(mut ops: Vec<PlannedOp>, mut held: Vec<SourceId>) -> Self {
        ops.sort();
        held.sort();
        let mut digest = Sha256::new();
        for op in &ops {
            digest.update(format!("{}\0{}\0{}\n", op.source, op.what, op.version));
        }
        for id in &held {
            digest.update(format!("held\0{id}\n"));
        }
        Self { ops, held, fingerprint: HEXLOWER.encode(&digest.finalize()[..16]) }
    }
}

impl Step {
    pub(crate) fn planned(&self, desired: &Desired) -> Option<PlannedOp> {
        let what = match self {
            Self::Nothing | Self::Stale | Self::Forget => return None,
            Self::LookUp => "look up",
            Self::Create(_) => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        };
        Some(PlannedOp { source: desired.id.clone(), what, version: desired.version })
    }
}

#[cfg(test)]
mod tests;

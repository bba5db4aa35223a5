use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::Step;
use crate::{Desired, SourceId};

/// What a run would do; nothing is sent.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Plan {
    /// In order of the records.
    pub ops: Vec<PlannedOp>,
    /// Deletions that would be held back because there are too many at once; [`approve`](crate::CalendarSync::approve) carries them out.
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

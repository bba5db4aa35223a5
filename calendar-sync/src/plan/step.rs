use chrono::{DateTime, Utc};
use invitations_core::Result;

use crate::{Desired, Mapping, MappingState, Op, canonical};

/// What is to be done for one record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    /// Nothing, and no call.
    Nothing,
    /// The record's version is older than what is known.
    Stale,
    /// Remember that the record is gone, and no call: there is no event.
    Forget,
    /// Look whether an earlier try happened; then [`after_look_up`](super::after_look_up).
    LookUp,
    /// Make it, as this incarnation.
    Create(u32),
    /// Write all managed fields.
    Update,
    /// Take it away.
    Delete,
}

/// One line of the table: the record's wish against what was written before.
pub(crate) fn step(desired: &Desired, mapping: Option<&Mapping>, now: DateTime<Utc>) -> Result<Step> {
    let Some(mapping) = mapping else {
        return Ok(if desired.event.is_some() { Step::Create(0) } else { Step::Forget });
    };
    if desired.version < mapping.version {
        return Ok(Step::Stale);
    }
    let newer = desired.version > mapping.version;
    let Some(event) = &desired.event else { return Ok(gone(mapping, newer, now)) };
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
            _ if mapping.in_doubt().is_some() => Step::LookUp,
            (_, Some(_)) => Step::Update,
            (_, None) => Step::Create(mapping.incarnation),
        },
        (MappingState::Detached, _) => Step::Nothing,
        (MappingState::Tombstone, _) if newer => Step::Create(mapping.incarnation + 1),
        (MappingState::Tombstone, _) => Step::Nothing,
    })
}

fn gone(mapping: &Mapping, newer: bool, now: DateTime<Utc>) -> Step {
    match (&mapping.state, &mapping.external) {
        (MappingState::Intent(Op::Create), _) => Step::LookUp,
        (MappingState::Blocked { until: Some(until) }, external)
            if now < *until && !newer && (external.is_some() || mapping.in_doubt().is_some()) =>
        {
            Step::Nothing
        }
        (MappingState::Blocked { .. }, None) if mapping.in_doubt().is_some() => Step::LookUp,
        (MappingState::Tombstone, _) if newer => Step::Forget,
        (MappingState::Tombstone, _) => Step::Nothing,
        (MappingState::Detached, _) | (_, None) => Step::Forget,
        (_, Some(_)) => Step::Delete,
    }
}

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    ids::{EffectId, InvitationId, MeetingKey, PrincipalId, Role, TenantId},
    invitation::{Event, State, Versioned, link::StoredLink},
    secret::Sealed,
};

pub(super) type Key = (TenantId, InvitationId);

/// Everything, under one lock.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) invitations: BTreeMap<Key, Row>,
    pub(super) holds: HashMap<(TenantId, String), InvitationId>,
    pub(super) keys: HashSet<MeetingKey>,
    pub(super) links: HashMap<[u8; 12], StoredLink>,
    /// By row number.
    pub(super) outbox: BTreeMap<u64, Parcel>,
    /// The number is what a page token names.
    pub(super) members: BTreeMap<(TenantId, PrincipalId, InvitationId), (u64, Role)>,
    /// The last number given out.
    pub(super) sequence: u64,
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) sequence: u64,
    pub(super) version: u64,
    pub(super) state: State,
    pub(super) events: Vec<Event>,
    /// Every effect that was ever due: its fence never starts anew.
    pub(super) effects: BTreeMap<EffectId, Due>,
    pub(super) deadline: Due,
}

impl Row {
    pub(super) fn versioned(&self) -> Versioned<State> {
        Versioned { value: self.state.clone(), version: self.version }
    }

    /// Its place in a listing, which is by time and then by age of the row.
    pub(super) fn place(&self) -> (i64, u64) {
        (self.state.created_at.timestamp_micros(), self.sequence)
    }
}

/// A notice to be delivered.
#[derive(Debug)]
pub(super) struct Parcel {
    pub(super) key: Key,
    pub(super) dedupe: String,
    /// `None` once it is done.
    pub(super) payload: Option<Sealed>,
    pub(super) attempt: u32,
    pub(super) due: Due,
}

/// When something is due, and who has it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Due {
    pub(super) at: Option<DateTime<Utc>>,
    pub(super) leased_until: Option<DateTime<Utc>>,
    /// Of the last lease given out.
    pub(super) fence: u64,
}

impl Due {
    pub(super) fn at(at: DateTime<Utc>) -> Self {
        Self { at: Some(at), ..Self::default() }
    }

    fn lease(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.leased_until.filter(|until| now < *until)
    }

    /// When it was due, if it is and nobody has it.
    pub(super) fn free(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.at.filter(|at| *at <= now && self.lease(now).is_none())
    }

    /// When it will be due, leases counted.
    pub(super) fn next(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.at.map(|at| self.lease(now).map_or(at, |until| at.max(until)))
    }

    pub(super) fn take(&mut self, until: DateTime<Utc>) -> u64 {
        self.leased_until = Some(until);
        self.fence += 1;
        self.fence
    }
}

/// As stores keep times.
pub(super) fn whole_micros(time: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(time.timestamp_micros()).unwrap_or(time)
}

pub(super) fn after(now: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    let end = TimeDelta::from_std(wait).ok().and_then(|wait| now.checked_add_signed(wait));
    whole_micros(end.unwrap_or(DateTime::<Utc>::MAX_UTC))
}

use chrono::{DateTime, Utc};

use super::rows::{Due, Key, Rows, after, whole_micros};
use crate::{
    ids::EffectId,
    invitation::{Claim, Claimed, store::Delivered},
};

/// A row that is due and free.
enum Found {
    Effect(Key, EffectId),
    Deadline(Key),
    Delivery(u64),
}

impl Rows {
    /// Longest due first, whatever it is.
    pub(super) fn claim(&mut self, claim: &Claim, now: DateTime<Utc>) -> Vec<Claimed> {
        let until = after(now, claim.lease);
        let mut found = self.free(claim, now);
        found.sort_by_key(|(at, _)| *at);
        found.truncate(claim.limit);
        found.into_iter().filter_map(|(_, found)| self.take(found, until)).collect()
    }

    fn free(&self, claim: &Claim, now: DateTime<Utc>) -> Vec<(DateTime<Utc>, Found)> {
        let wanted = |key: &Key| claim.only.as_ref().is_none_or(|only| only == key);
        let mut found = Vec::new();
        for (key, row) in self.invitations.iter().filter(|(key, _)| wanted(key)) {
            let effects = row.effects.iter().filter_map(|(id, due)| Some((due.free(now)?, id)));
            found.extend(effects.map(|(at, id)| (at, Found::Effect(key.clone(), id.clone()))));
            found.extend(row.deadline.free(now).map(|at| (at, Found::Deadline(key.clone()))));
        }
        for (number, parcel) in self.outbox.iter().filter(|(_, parcel)| wanted(&parcel.key)) {
            found.extend(parcel.due.free(now).map(|at| (at, Found::Delivery(*number))));
        }
        found
    }

    fn take(&mut self, found: Found, until: DateTime<Utc>) -> Option<Claimed> {
        Some(match found {
            Found::Effect((tenant, invitation), effect) => {
                let row = self.invitations.get_mut(&(tenant.clone(), invitation.clone()))?;
                let fence = row.effects.get_mut(&effect)?.take(until);
                Claimed::Effect { tenant, invitation, effect, fence, until }
            }
            Found::Deadline(key) => {
                self.invitations.get_mut(&key)?.deadline.take(until);
                Claimed::Deadline { tenant: key.0, invitation: key.1 }
            }
            Found::Delivery(row) => {
                let parcel = self.outbox.get_mut(&row)?;
                let fence = parcel.due.take(until);
                let (tenant, invitation) = parcel.key.clone();
                let (dedupe, attempt) = (parcel.dedupe.clone(), parcel.attempt);
                Claimed::Delivery { tenant, invitation, row, dedupe, payload: parcel.payload.clone()?, attempt, fence }
            }
        })
    }

    pub(super) fn delivered(&mut self, row: u64, fence: u64, outcome: Delivered) {
        let parcel = self.outbox.get_mut(&row).filter(|parcel| parcel.due.fence == fence && parcel.payload.is_some());
        let Some(parcel) = parcel else { return };
        parcel.due.leased_until = None;
        match outcome {
            Delivered::Done => (parcel.payload, parcel.due.at) = (None, None),
            Delivered::Again(at) => {
                parcel.due.at = Some(whole_micros(at));
                parcel.attempt = parcel.attempt.saturating_add(1);
            }
        }
    }

    pub(super) fn next_due(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let rows = self.invitations.values();
        let of_rows = rows.flat_map(|row| row.effects.values().chain(std::iter::once(&row.deadline)));
        of_rows.chain(self.outbox.values().map(|parcel| &parcel.due)).filter_map(|due: &Due| due.next(now)).min()
    }
}

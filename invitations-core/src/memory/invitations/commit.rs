use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::rows::{Due, Key, Parcel, Row, Rows, whole_micros};
use crate::{
    Error, ErrorKind, Result,
    ids::InvitationId,
    invitation::{Commit, Refusal},
};

/// What is done, for error messages.
const COMMIT: &str = "commit invitation";

impl Rows {
    /// Everything that may be refused is looked at before the first change.
    pub(super) fn commit(&mut self, commit: &Commit, now: DateTime<Utc>) -> Result<u64> {
        if let Some(replaced) = &commit.replaced {
            if replaced.tenant != commit.tenant || replaced.id == commit.id || replaced.replaced.is_some() {
                return Err(Error::invalid(COMMIT, "what is replaced is not another invitation of the organisation"));
            }
            self.check(replaced, None)?;
        }
        self.check(commit, commit.replaced.as_deref())?;
        if let Some(replaced) = &commit.replaced {
            self.write(replaced, now);
        }
        Ok(self.write(commit, now))
    }

    fn check(&self, commit: &Commit, replaced: Option<&Commit>) -> Result<()> {
        self.check_version(commit, &(commit.tenant.clone(), commit.id.clone()))?;
        self.check_holds(commit, replaced)?;
        if commit.links.iter().any(|link| self.links.contains_key(&link.selector)) {
            return Err(Error::new(ErrorKind::Conflict, COMMIT).with_detail("the selector of a link is taken"));
        }
        Ok(())
    }

    fn write(&mut self, commit: &Commit, now: DateTime<Utc>) -> u64 {
        let key = (commit.tenant.clone(), commit.id.clone());
        let version = self.write_row(commit, &key);
        self.holds.retain(|(tenant, _), holder| *tenant != commit.tenant || *holder != commit.id);
        for name in commit.state.holds() {
            self.holds.insert((commit.tenant.clone(), name), commit.id.clone());
        }
        self.write_links(commit);
        self.write_outbox(commit, &key, now);
        for member in &commit.members {
            let number = self.number();
            let at = (member.tenant.clone(), member.principal.clone(), member.invitation.clone());
            self.members.entry(at).or_insert((number, member.role.clone())).1 = member.role.clone();
        }
        for member in &commit.leaving {
            self.members.remove(&(member.tenant.clone(), member.principal.clone(), member.invitation.clone()));
        }
        self.keys.extend(commit.new_keys().map(|(key, _)| key.clone()));
        version
    }

    fn check_version(&self, commit: &Commit, key: &Key) -> Result<()> {
        let own = (&commit.state.tenant, &commit.state.id) == (&commit.tenant, &commit.id);
        if !own || commit.links.iter().any(|link| (&link.tenant, &link.invitation) != (&commit.tenant, &commit.id)) {
            return Err(Error::invalid(COMMIT, "its parts belong to different invitations"));
        }
        let conflict = || Error::new(ErrorKind::Conflict, COMMIT);
        match (self.invitations.get(key), commit.expected) {
            (Some(_), None) => return Err(Error::new(ErrorKind::AlreadyExists, COMMIT)),
            (Some(row), Some(expected)) if row.version != expected => return Err(conflict()),
            (None, Some(_)) => return Err(conflict()),
            (Some(_), Some(_)) | (None, None) => {}
        }
        match &commit.fence {
            None => Ok(()),
            Some((effect, fence)) => {
                let due = self.invitations.get(key).and_then(|row| row.effects.get(effect));
                due.filter(|due| due.fence == *fence).map(drop).ok_or_else(|| conflict().with_detail("a later lease"))
            }
        }
    }

    /// What `replaced` gives back in the same write is free; what it goes on to hold is not.
    fn check_holds(&self, commit: &Commit, replaced: Option<&Commit>) -> Result<()> {
        let kept = replaced.map(|replaced| (&replaced.id, replaced.state.holds()));
        let given_back = |of: &InvitationId, name: &String| {
            kept.as_ref().is_some_and(|(id, kept)| of == *id && !kept.contains(name))
        };
        for name in commit.state.holds() {
            let at = (commit.tenant.clone(), name);
            let holder = self.holds.get(&at).filter(|of| **of != commit.id);
            if let Some(of) = holder.filter(|of| !given_back(of, &at.1)) {
                return Err(Error::refused(COMMIT, Refusal::Duplicate { of: of.clone() }));
            }
        }
        Ok(())
    }

    fn write_row(&mut self, commit: &Commit, key: &Key) -> u64 {
        let sequence = self.number();
        let row = self.invitations.entry(key.clone()).or_insert_with(|| Row {
            sequence,
            version: 0,
            state: commit.state.clone(),
            events: Vec::new(),
            effects: BTreeMap::new(),
            deadline: Due::default(),
        });
        row.version += 1;
        row.state = commit.state.clone();
        row.events.extend(commit.events.iter().cloned());
        let deadline = commit.state.deadline().map(whole_micros);
        if row.deadline.at != deadline {
            row.deadline = Due { at: deadline, ..Due::default() };
        }
        for due in row.effects.values_mut() {
            due.at = None;
        }
        for (effect, at) in commit.state.schedule() {
            row.effects.entry(effect.clone()).or_default().at = Some(whole_micros(at));
        }
        if let Some((effect, _)) = commit.fence.as_ref().filter(|_| commit.release)
            && let Some(due) = row.effects.get_mut(effect)
        {
            due.leased_until = None;
        }
        row.version
    }

    fn write_links(&mut self, commit: &Commit) {
        if commit.kill_links {
            for link in self.links.values_mut() {
                link.dead |= (&link.tenant, &link.invitation) == (&commit.tenant, &commit.id);
            }
        }
        for link in &commit.links {
            self.links.insert(link.selector, link.clone());
        }
    }

    fn write_outbox(&mut self, commit: &Commit, key: &Key, now: DateTime<Utc>) {
        for write in &commit.outbox {
            if self.outbox.values().any(|parcel| parcel.key == *key && parcel.dedupe == write.dedupe) {
                continue;
            }
            let parcel = Parcel {
                key: key.clone(),
                dedupe: write.dedupe.clone(),
                payload: Some(write.payload.clone()),
                attempt: 0,
                due: Due::at(now),
            };
            let number = self.number();
            self.outbox.insert(number, parcel);
        }
    }

    fn number(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }
}

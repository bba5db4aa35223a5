//! Writing, wrongly.

use invitations_core::{
    Error, ErrorKind, Result,
    invitation::{
        Commit, InvitationStore as _,
        machine::{Closed, Phase},
    },
};

use super::{fault::Fault, store::Wrong};

impl Wrong {
    async fn version(&self, commit: &Commit) -> Result<Option<u64>> {
        Ok(self.right.load(&commit.tenant, &commit.id).await?.map(|row| row.version))
    }

    /// The commit as this store misunderstands it.
    pub(super) async fn misread(&self, commit: &Commit) -> Result<Commit> {
        let mut commit = commit.clone();
        self.misread_keys(&commit);
        if commit.expected.is_none() {
            self.memory.lock().unwrap().first.insert(commit.id.clone(), commit.state.clone());
        }
        match self.fault {
            Fault::BlindCommit if commit.expected.is_some() => commit.expected = self.version(&commit).await?,
            Fault::DeadlineStuck => {
                if let Some(at) = commit.state.expires_at {
                    let mut memory = self.memory.lock().unwrap();
                    commit.state.expires_at = Some(*memory.first_deadline.entry(commit.id.clone()).or_insert(at));
                }
            }
            Fault::DedupeIgnored => {
                for row in &mut commit.outbox {
                    let mut memory = self.memory.lock().unwrap();
                    memory.written += 1;
                    row.dedupe = format!("{}{}", row.dedupe, "\u{200b}".repeat(memory.written as usize));
                }
            }
            Fault::DueAtOnce => {
                let at = commit.state.created_at;
                commit.state.effects.iter_mut().for_each(|effect| effect.due_at = Some(at));
            }
            Fault::FenceIgnored => commit.fence = None,
            Fault::KillForgotten => commit.kill_links = false,
            Fault::KillsNewLinks => {
                let kill = commit.kill_links;
                commit.links.iter_mut().for_each(|link| link.dead = kill);
            }
            Fault::DeadlineIsTheEndOnly => {
                commit.state.policy.reminders.clear();
                commit.state.blocking = None;
            }
            Fault::RemindersForgotten => commit.state.policy.reminders.clear(),
            Fault::ProbesForgotten => commit.state.blocking.iter_mut().for_each(|blocking| blocking.probe_at = None),
            Fault::GivingUpForgotten => {
                commit.state.blocking = commit.state.blocking.filter(|blocking| blocking.probe_at.is_some());
            }
            Fault::AllEffectsAtOnce if commit.state.phase == Phase::Provisioning => {
                commit.state.phase = Phase::Compensating { target: Closed::Cancelled };
            }
            Fault::BlockedEffectsDue if matches!(commit.state.phase, Phase::Blocked { .. }) => {
                commit.state.phase = Phase::Provisioning;
            }
            Fault::LeavingForgotten => commit.leaving.clear(),
            Fault::LeavingNobodyFails => {
                let members = self.right.members(&commit.tenant, None).await?.items;
                if commit.leaving.iter().any(|member| !members.contains(member)) {
                    return Err(Error::new(ErrorKind::NotFound, "leave"));
                }
            }
            Fault::LeavingTakesEveryMembership => {
                let mut members = self.right.members(&commit.tenant, None).await?.items;
                members.retain(|one| commit.leaving.iter().any(|gone| gone.principal == one.principal));
                commit.leaving = members;
            }
            Fault::PaymentFreed if commit.state.closed().is_some() => commit.state.payment = None,
            Fault::ReplacedAnybody => {
                let own = (&commit.tenant, &commit.id);
                let another = |one: &Commit| one.tenant == *own.0 && one.id != *own.1;
                if !commit.replaced.as_deref().is_none_or(another) {
                    commit.replaced = None;
                }
            }
            Fault::ReplacedApart => {
                if let Some(replaced) = commit.replaced.take() {
                    self.right.commit(&replaced).await?;
                }
            }
            Fault::ReplacedForgotten => commit.replaced = None,
            Fault::ReplacedWithoutItsOwn => {
                if let Some(replaced) = &mut commit.replaced {
                    replaced.replaced = None;
                }
            }
            Fault::ReplacedAtAnyVersion => {
                if let Some(mut replaced) = commit.replaced.take() {
                    replaced.expected = self.version(&replaced).await?;
                    commit.replaced = Some(replaced);
                }
            }
            Fault::ReplacedHandsItsPaymentOn => {
                commit.replaced.iter_mut().for_each(|replaced| replaced.state.payment = None);
            }
            Fault::ReplacedLosesItsEvents => commit.replaced.iter_mut().for_each(|replaced| replaced.events.clear()),
            Fault::ReplacedLosesItsLinks => {
                commit.replaced.iter_mut().for_each(|replaced| replaced.kill_links = true);
            }
            Fault::ReplacedLosesItsNotices => commit.replaced.iter_mut().for_each(|replaced| replaced.outbox.clear()),
            Fault::ReplacedStaysLinked => commit.replaced.iter_mut().for_each(|replaced| replaced.kill_links = false),
            Fault::SweepsForgotten if commit.state.closed().is_some() => {
                commit.state.effects.iter_mut().for_each(|effect| effect.due_at = None);
            }
            Fault::MembersForgotten => commit.members.clear(),
            Fault::ReleaseForgotten => commit.release = false,
            _ => {}
        }
        Ok(commit)
    }

    pub(super) async fn answer(&self, commit: &Commit, result: Result<u64>) -> Result<u64> {
        let kind = result.as_ref().err().map(Error::kind);
        match (self.fault, kind) {
            (Fault::InsertOverwrites, Some(ErrorKind::AlreadyExists)) => {
                let mut again = commit.clone();
                again.expected = self.version(commit).await?;
                self.right.commit(&again).await
            }
            (Fault::ConflictHalfWritten, Some(ErrorKind::Conflict)) => {
                if let Some(row) = self.right.load(&commit.tenant, &commit.id).await? {
                    self.right.commit(&Commit::new(Some(row.version), row.value, commit.events.clone())).await?;
                }
                result
            }
            (Fault::LeavingInSpiteOfConflict, Some(ErrorKind::Conflict)) => {
                if let Some(row) = self.right.load(&commit.tenant, &commit.id).await? {
                    let mut left = Commit::new(Some(row.version), row.value, Vec::new());
                    left.leaving.clone_from(&commit.leaving);
                    self.right.commit(&left).await?;
                }
                result
            }
            (Fault::ConflictKeepsLinks, Some(ErrorKind::Conflict))
            | (Fault::RefusedInsertKeepsLinks, Some(ErrorKind::Refused)) => {
                let mut memory = self.memory.lock().unwrap();
                memory.links.extend(commit.links.iter().map(|link| (link.selector, link.clone())));
                result
            }
            (Fault::HoldsIgnored, Some(ErrorKind::Refused)) => Ok(1),
            _ => result,
        }
    }
}

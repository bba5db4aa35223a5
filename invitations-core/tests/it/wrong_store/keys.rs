//! What becomes of the keys of meetings that a commit plans.

use invitations_core::{
    ids::MeetingKey,
    invitation::{Commit, Event},
};

use super::{fault::Fault, store::Wrong};

impl Wrong {
    /// Before the commit is written, or refused.
    pub(super) fn misread_keys(&self, commit: &Commit) {
        let new: Vec<MeetingKey> = commit.new_keys().map(|(key, _)| key.clone()).collect();
        let mut memory = self.memory.lock().unwrap();
        let planned = memory.planned.entry(commit.id.clone()).or_default();
        let old = std::mem::take(planned);
        planned.extend(old.iter().chain(&new).cloned());
        match self.fault {
            Fault::KeysEndWithTheInvitation if commit.state.closed().is_some() => memory.lost_keys.extend(old),
            Fault::KeysOfEveryEffect => {
                let planned = commit.events.iter().filter_map(|event| match event {
                    Event::ProvisioningStarted { effects, .. } => Some(effects),
                    _ => None,
                });
                memory.made_up_keys.extend(planned.flatten().map(|effect| effect.key.clone()));
            }
            Fault::KeysOfOneOrganisation if commit.tenant.as_str() == "other" => memory.lost_keys.extend(new),
            Fault::KeysOfRefusedPlans => memory.made_up_keys.extend(new),
            Fault::KeysOfTheLastPlan if !new.is_empty() => memory.lost_keys.extend(old),
            _ => {}
        }
    }
}

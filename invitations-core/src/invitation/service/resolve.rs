//! What operators decide: blocks and quarantines.

use super::{Standing, TenantInvitations, command::Sender};
use crate::{
    Error, ErrorKind, Result,
    ids::InvitationId,
    invitation::{
        Command, ExternalRef, Refusal, Status,
        machine::{Phase, State},
        store::Filter,
    },
    people::{Action, Principal},
    provider::Account,
};

impl TenantInvitations {
    /// Goes on after a block: the consent is renewed, the permission granted. A block is tried again by itself for 24 hours; this is now.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused), with the reason.
    pub async fn resume(&self, id: &InvitationId, by: &Principal) -> Result<Standing> {
        self.administer(id, by, &Command::Resume { probe: false }, Action::Resolve).await?;
        self.settle(id, self.wait).await
    }

    /// Goes on with everything that is blocked because of this account, as after its owner has connected it again. Answers how many.
    ///
    /// # Errors
    /// When the store cannot be read or written; what was resumed before stays resumed.
    pub async fn resume_account(&self, account: &Account) -> Result<usize> {
        // a move may be blocked although the meeting is on
        let standings = [Status::Accepting, Status::Cancelling, Status::Accepted];
        let mut filter = standings.into_iter().fold(Filter::new().with_limit(500), Filter::with_status);
        let mut resumed = 0;
        loop {
            let page = self.inner().store.list(&self.tenant, &filter).await?;
            for row in page.items.iter().filter(|row| is_blocked_by(&row.value, account)) {
                let (resume, sender) = (Command::Resume { probe: false }, Sender::system());
                match self.inner().execute(&self.tenant, &row.value.id, &resume, &sender, None, false).await {
                    Ok(_) => {
                        drop(self.all.kick(&self.tenant, &row.value.id));
                        resumed += 1;
                    }
                    // somebody else was faster
                    Err(error) if error.kind() == ErrorKind::Refused => {}
                    Err(error) => return Err(error),
                }
            }
            match page.next {
                Some(next) if filter.page.as_ref() != Some(&next) => filter.page = Some(next),
                _ => return Ok(resumed),
            }
        }
    }

    /// The operator has found what a quarantined effect made: the meeting (or what the effect's own kind calls it) with this id.
    /// A meeting is read, so that its link is known.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused) when nothing is quarantined; what the provider says of the id otherwise.
    pub async fn resolve_found(&self, id: &InvitationId, by: &Principal, object: &str) -> Result<Standing> {
        let state = self.inner().load(&self.tenant, id).await?.value;
        let Phase::Quarantined { effect, .. } = &state.phase else {
            return Err(Error::refused("resolve", Refusal::NotApplicable));
        };
        let effect = state.effect(effect).ok_or_else(|| Error::refused("resolve", Refusal::NotFound))?;
        let made = self.inner().effects.adopt(effect, object).await?;
        let mut found = ExternalRef::new(effect.account.clone(), made.id);
        if let (Some(join), Some(seals)) = (&made.join, &self.inner().seals) {
            found.join = Some(seals.seal_join(&self.tenant, id, &effect.id, join).await?);
        }
        self.administer(id, by, &Command::ResolveFound { found: Box::new(found) }, Action::Resolve).await?;
        self.settle(id, self.wait).await
    }

    /// The operator is sure that a quarantined effect has made nothing, or that nothing of it is left: it is done again, or, when the
    /// invitation is being taken back, counts as undone.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused), with the reason.
    pub async fn resolve_absent(&self, id: &InvitationId, by: &Principal) -> Result<Standing> {
        self.administer(id, by, &Command::ResolveAbsent, Action::Resolve).await?;
        self.settle(id, self.wait).await
    }
}

fn is_blocked_by(state: &State, account: &Account) -> bool {
    matches!(state.phase, Phase::Blocked { .. })
        && state.effects.iter().any(|effect| !effect.is_at_rest() && effect.account == *account)
}

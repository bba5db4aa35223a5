use super::{
    Proof, Standing, TenantInvitations,
    command::{Decided, Sender, through_dead_link},
};
use crate::{
    Error, Result,
    ids::InvitationId,
    invitation::{Command, Commit, Refusal, link::LinkPurpose},
    people::{Actor, Principal},
    secret::InvitationLink,
    time::Slot,
};

/// An acceptance that is decided and not written: hand [`commit`](Self::commit) to a store that writes it inside the caller's own
/// transaction, then call [`TenantInvitations::committed`].
#[derive(Debug)]
pub struct Prepared(Commit);

impl Prepared {
    /// What is to be written.
    pub fn commit(&self) -> &Commit {
        &self.0
    }
}

impl TenantInvitations {
    /// Accepts, starts what follows at once and waits a few seconds for it. The same person again gets the same answer.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn accept(&self, proof: &Proof, by: &Principal) -> Result<Standing> {
        let (id, sender, live) = self.entitled(proof, by).await?;
        let done = self.inner().execute(&self.tenant, &id, &Command::Accept, &sender, None, false).await;
        let standing = match done {
            // as it was just written: not read again
            Ok(executed) => self.describe(&executed.state).await?,
            Err(error) if error.refusal() == Some(&Refusal::AlreadyYours) => self.standing(&id).await?,
            Err(error) if !live => return Err(through_dead_link(error)),
            Err(error) => return Err(error),
        };
        self.settle_from(standing, self.wait).await
    }

    /// Decides an acceptance without writing it. See [`Prepared`].
    ///
    /// # Errors
    /// As [`accept`](Self::accept); an acceptance that was written before is [`Refusal::AlreadyYours`].
    pub async fn prepare_accept(&self, proof: &Proof, by: &Principal) -> Result<Prepared> {
        let (id, sender, live) = self.entitled(proof, by).await?;
        let current = self.inner().load(&self.tenant, &id).await?;
        match self.inner().decide(Some(&current), &Command::Accept, &sender).await {
            Ok(Decided { commit, .. }) => Ok(Prepared(commit)),
            Err(error) => Err(if live { error } else { through_dead_link(error) }),
        }
    }

    /// Says that a prepared acceptance was written (and the caller's transaction committed): what follows starts now.
    ///
    /// # Errors
    /// When the store cannot be reached, or the acceptance is not there.
    pub async fn committed(&self, prepared: Prepared, version: u64) -> Result<Standing> {
        let Prepared(commit) = prepared;
        let current = self.inner().load(&self.tenant, &commit.id).await?;
        if current.version < version {
            return Err(Error::invalid("follow up acceptance", "the transaction was not committed"));
        }
        self.inner().bell.ring();
        self.settle(&commit.id, self.wait).await
    }

    /// Declines. A link is enough, without an account, when one person only is invited.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn decline(&self, proof: &Proof, by: Option<&Principal>) -> Result<Standing> {
        let (id, live) = self.shown(proof, LinkPurpose::Answer).await?;
        let actor = by.map_or(Actor::LinkHolder, |by| Actor::Principal(by.clone()));
        let sender = Sender::new(actor).with_link(live && matches!(proof, Proof::Link(_))).seeing(self.revision);
        match self.inner().execute(&self.tenant, &id, &Command::Decline, &sender, None, false).await {
            Ok(_) => {}
            // said before
            Err(error) if live && error.refusal() == Some(&Refusal::AlreadyYours) => {}
            Err(error) => return Err(if live { error } else { through_dead_link(error) }),
        }
        self.follow_up(&id).await
    }

    /// Says perhaps.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn tentative(&self, proof: &Proof, by: &Principal) -> Result<Standing> {
        self.answer(proof, by, &Command::Tentative).await
    }

    /// Offers other times instead: one to 20, all in the future. The inviter takes one of them
    /// ([`accept_counter`](Self::accept_counter)) or none ([`decline_counter`](Self::decline_counter)).
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn counter(&self, proof: &Proof, by: &Principal, slots: Vec<Slot>) -> Result<Standing> {
        self.answer(proof, by, &Command::Counter { slots }).await
    }

    async fn answer(&self, proof: &Proof, by: &Principal, command: &Command) -> Result<Standing> {
        let (id, sender, live) = self.entitled(proof, by).await?;
        match self.inner().execute(&self.tenant, &id, command, &sender, None, false).await {
            Ok(executed) => self.describe(&executed.state).await,
            Err(error) => Err(if live { error } else { through_dead_link(error) }),
        }
    }

    /// Proves the requester's address. Clicking again changes nothing.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn verify(&self, link: &InvitationLink) -> Result<Standing> {
        let (id, live) = self.by_link(link, LinkPurpose::VerifyAddress).await?;
        let sender = Sender::new(Actor::LinkHolder).with_link(live);
        match self.inner().execute(&self.tenant, &id, &Command::VerifyRequester, &sender, None, false).await {
            Ok(executed) => {
                if !executed.state.effects.is_empty() {
                    drop(self.all.kick(&self.tenant, &id));
                }
            }
            Err(error) if error.refusal() == Some(&Refusal::AlreadyYours) => {}
            Err(error) => return Err(if live { error } else { through_dead_link(error) }),
        }
        self.standing(&id).await
    }

    /// Shows what a link is for; consumes nothing.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused) with [`Refusal::NotFound`] for a link that is not good.
    pub async fn preview(&self, link: &InvitationLink) -> Result<Standing> {
        match self.by_link(link, LinkPurpose::Answer).await? {
            (id, true) => {
                let mut standing = self.standing(&id).await?;
                // whoever previews has not accepted
                standing.join = None;
                Ok(standing)
            }
            (_, false) => Err(Error::refused("preview invitation", Refusal::NotFound)),
        }
    }

    async fn entitled(&self, proof: &Proof, by: &Principal) -> Result<(InvitationId, Sender, bool)> {
        let (id, live) = self.shown(proof, LinkPurpose::Answer).await?;
        let link_shown = live && matches!(proof, Proof::Link(_));
        let sender = Sender::new(Actor::Principal(by.clone())).with_link(link_shown).seeing(self.revision);
        Ok((id, sender, live))
    }

    async fn shown(&self, proof: &Proof, purpose: LinkPurpose) -> Result<(InvitationId, bool)> {
        match proof {
            Proof::Link(link) => self.by_link(link, purpose).await,
            Proof::Inbox(id) => Ok((id.clone(), true)),
        }
    }
}

use std::time::Duration;

use super::{Standing, TenantInvitations, command::Sender};
use crate::{
    Remedy, Result,
    ids::{InvitationId, PageToken},
    invitation::{Command, Event, State, store::Filter},
    people::{Action, Actor, Member, Principal},
    provider::Page,
};

impl TenantInvitations {
    /// How it stands. Changes nothing.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused) when there is none.
    pub async fn standing(&self, id: &InvitationId) -> Result<Standing> {
        self.describe(&self.inner().load(&self.tenant, id).await?.value).await
    }

    /// Everything that happened, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn history(&self, id: &InvitationId) -> Result<Vec<Event>> {
        self.inner().store.history(&self.tenant, id).await
    }

    /// Newest first, page by page.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn list(&self, filter: &Filter) -> Result<Page<Standing>> {
        let page = self.inner().store.list(&self.tenant, filter).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for row in &page.items {
            items.push(self.describe(&row.value).await?);
        }
        Ok(Page { items, next: page.next })
    }

    /// Members that acceptances have made.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn members(&self, page: Option<&PageToken>) -> Result<Page<Member>> {
        self.inner().store.members(&self.tenant, page).await
    }

    /// Lets a requester in.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn approve(&self, id: &InvitationId, by: &Principal) -> Result<Standing> {
        self.administer(id, by, &Command::Approve, Action::Approve).await?;
        self.settle(id, self.inner().timing.accept_wait).await
    }

    /// Does not let a requester in.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn reject(&self, id: &InvitationId, by: &Principal) -> Result<Standing> {
        self.administer(id, by, &Command::Reject, Action::Approve).await?;
        self.standing(id).await
    }

    /// Takes an invitation back that is not yet fulfilled. While effects run the answer is "cancelling": a worker undoes them.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn revoke(&self, id: &InvitationId, by: &Principal) -> Result<Standing> {
        self.administer(id, by, &Command::Revoke, Action::Revoke).await?;
        self.settle(id, self.inner().timing.accept_wait).await
    }

    /// Undoes what it made: a cancelled lesson's meeting goes away.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn cancel(&self, id: &InvitationId, by: &Principal) -> Result<Standing> {
        self.administer(id, by, &Command::Cancel, Action::Cancel).await?;
        self.settle(id, self.inner().timing.accept_wait).await
    }

    /// Goes on after a block: the consent is renewed, the permission granted.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn resume(&self, id: &InvitationId, by: &Principal) -> Result<Standing> {
        self.administer(id, by, &Command::Resume, Action::Resolve).await?;
        self.settle(id, self.inner().timing.accept_wait).await
    }

    /// Works on this one invitation here and now, at most this long: the link is there when the button returns, and a worker does the rest
    /// if not. What has begun goes on although the caller goes away.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn settle(&self, id: &InvitationId, at_most: Duration) -> Result<Standing> {
        let standing = self.standing(id).await?;
        if standing.is_settled() && !matches!(standing.phase, crate::invitation::machine::Phase::Fulfilled) {
            return Ok(standing);
        }
        let done = self.all.kick(&self.tenant, id);
        // in time or not: the standing says which
        let _ = crate::runtime::timeout(&*self.inner().clock, at_most, done).await;
        self.standing(id).await
    }

    async fn administer(&self, id: &InvitationId, by: &Principal, command: &Command, action: Action) -> Result<State> {
        let sender = Sender { actor: Actor::Principal(by.clone()), link_shown: false, action: Some(action) };
        self.inner().execute(&self.tenant, id, command, &sender, None, false).await
    }

    async fn describe(&self, state: &State) -> Result<Standing> {
        Ok(Standing {
            id: state.id.clone(),
            status: state.status(),
            phase: state.phase.clone(),
            title: state.offer.title().to_owned(),
            revision: state.revision,
            join: self.inner().join(state).await?,
            attention: state
                .attention
                .as_ref()
                .map(|problem| Remedy::new(problem.remedy.clone().unwrap_or_else(|| problem.summary.clone()))),
            expires_at: state.deadline(),
        })
    }
}

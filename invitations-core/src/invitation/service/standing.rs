use std::time::Duration;

use super::{Standing, TenantInvitations};
use crate::{Remedy, Result, ids::InvitationId, invitation::State};

impl TenantInvitations {
    /// How it stands. Changes nothing.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused) when there is none.
    pub async fn standing(&self, id: &InvitationId) -> Result<Standing> {
        self.describe(&self.inner().load(&self.tenant, id).await?.value).await
    }

    /// Works on this one invitation here and now, at most this long: the link is there when the button returns, and a worker does the rest
    /// if not. What has begun goes on although the caller goes away.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn settle(&self, id: &InvitationId, at_most: Duration) -> Result<Standing> {
        let standing = self.standing(id).await?;
        self.settle_from(standing, at_most).await
    }

    /// [`settle`](Self::settle), from how it stood when it was just written or read.
    pub(super) async fn settle_from(&self, standing: Standing, at_most: Duration) -> Result<Standing> {
        if standing.is_settled() && !matches!(standing.phase, crate::invitation::machine::Phase::Fulfilled) {
            return Ok(standing);
        }
        let done = self.all.kick(&self.tenant, &standing.id);
        // in time or not: the standing says which
        let _ = crate::runtime::timeout(&*self.inner().clock, at_most, done).await;
        self.standing(&standing.id).await
    }

    /// After a command that may have started something: waits for it, if it has.
    pub(super) async fn follow_up(&self, id: &InvitationId) -> Result<Standing> {
        let standing = self.standing(id).await?;
        if standing.is_settled() { Ok(standing) } else { self.settle_from(standing, self.wait).await }
    }

    pub(super) async fn describe(&self, state: &State) -> Result<Standing> {
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
            expires_at: state.expires_at.filter(|_| state.phase.is_open()),
        })
    }
}

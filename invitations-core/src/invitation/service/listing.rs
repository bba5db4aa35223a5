use chrono::{DateTime, Utc};

use super::TenantInvitations;
use crate::{
    Result,
    ids::{InvitationId, PageToken, PrincipalId, Role},
    invitation::{
        Event, State, Status,
        machine::{Offer, Phase, Recipient},
        store::Filter,
    },
    people::{Member, Principal},
    provider::Page,
};

/// One invitation in a list. Holds nothing that admits anybody: no link, and where to join only [`TenantInvitations::standing`] says.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Listed {
    /// Its id. Knowing it entitles to nothing.
    pub id: InvitationId,
    /// What it is about, for people.
    pub title: String,
    /// What outsiders see.
    pub status: Status,
    /// Where it stands exactly.
    pub phase: Phase,
    /// To whom.
    pub recipients: Vec<Recipient>,
    /// The role that is offered, if one is.
    pub role: Option<Role>,
    /// Who invited; `None` when nobody did.
    pub invited_by: Option<PrincipalId>,
    /// Their name for people, as it was then.
    pub inviter_name: Option<String>,
    /// The revision that answers must be for.
    pub revision: u32,
    /// When it was made, UTC.
    pub created_at: DateTime<Utc>,
    /// It is live before this time (UTC), as long as it waits for an answer.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was claimed (accepted, approved or paid), UTC.
    pub accepted_at: Option<DateTime<Utc>>,
}

impl From<&State> for Listed {
    fn from(state: &State) -> Self {
        let role = match &state.offer {
            Offer::Membership { role } => Some(role.clone()),
            _ => None,
        };
        // a membership is fulfilled with its acceptance, without anything to be made
        let accepted_at = state.claimed_at.or_else(|| state.since.filter(|_| state.phase == Phase::Fulfilled));
        Self {
            id: state.id.clone(),
            title: state.offer.title().to_owned(),
            status: state.status(),
            phase: state.phase.clone(),
            recipients: state.invitees.iter().map(|invitee| invitee.recipient.clone()).collect(),
            role,
            invited_by: state.inviter.clone(),
            inviter_name: state.inviter_name.clone(),
            revision: state.revision,
            created_at: state.created_at,
            expires_at: state.expires_at.filter(|_| state.phase.is_open()),
            accepted_at,
        }
    }
}

impl TenantInvitations {
    /// Newest first, page by page.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn list(&self, filter: &Filter) -> Result<Page<Listed>> {
        let page = self.inner().store.list(&self.tenant, filter).await?;
        Ok(Page { items: page.items.iter().map(|row| Listed::from(&row.value)).collect(), next: page.next })
    }

    /// How many there are in all pages of the list.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn count(&self, filter: &Filter) -> Result<u64> {
        self.inner().store.count(&self.tenant, filter).await
    }

    /// What waits for this person's answer, newest first: invitations to the person or to one of the verified addresses.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn inbox(&self, of: &Principal, page: Option<PageToken>) -> Result<Page<Listed>> {
        let mut filter = inbox(of);
        filter.page = page;
        self.list(&filter).await
    }

    /// How many wait for this person's answer.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn inbox_count(&self, of: &Principal) -> Result<u64> {
        self.inner().store.count(&self.tenant, &inbox(of)).await
    }

    /// Everything that happened, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn history(&self, id: &InvitationId) -> Result<Vec<Event>> {
        self.inner().store.history(&self.tenant, id).await
    }

    /// Members that acceptances have made.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn members(&self, page: Option<&PageToken>) -> Result<Page<Member>> {
        self.inner().store.members(&self.tenant, page).await
    }
}

fn inbox(of: &Principal) -> Filter {
    let filter = Filter::new().answerable().with_recipient(Recipient::Principal(of.id.clone()));
    of.verified.iter().cloned().fold(filter, |filter, address| filter.with_recipient(Recipient::Address(address)))
}

//! What an application calls: [`Invitations`], scoped to an organisation by [`Invitations::tenant`].

mod accept;
mod build;
mod command;
mod create;
mod explain;
mod listing;
mod manage;
mod notices;
mod orphans;
mod resolve;
mod standing;
mod values;

use std::{sync::Arc, time::Duration};

pub use accept::Prepared;
pub use build::InvitationsBuilder;
pub(in crate::invitation) use command::Sender;
pub use explain::{Explanation, WaitsFor};
pub use listing::Listed;
pub(in crate::invitation) use notices::Payload;
use notices::Seals;
pub use orphans::{Orphan, OrphanPolicy};
pub use values::{AccessRequest, Invite, Invited, Proof, Standing};

use super::{
    InvitationStore, Notifier,
    effect::Effects,
    worker::{Bell, Worker},
};
use crate::{
    ids::{TenantId, WorkerId},
    people::{Authorizer, Membership},
    runtime::{Clock, Entropy, Spawner, Timing},
};

/// The invitations of all organisations of an application. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Invitations(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) store: Arc<dyn InvitationStore>,
    pub(super) effects: Effects,
    pub(super) notifier: Option<Arc<dyn Notifier>>,
    pub(super) membership: Option<Arc<dyn Membership>>,
    pub(super) authorizer: Arc<dyn Authorizer>,
    pub(super) seals: Option<Seals>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) spawner: Arc<dyn Spawner>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) timing: Timing,
    pub(super) worker: WorkerId,
    pub(super) links_at: Option<url::Url>,
    pub(super) bell: Bell,
}

impl Invitations {
    /// Begins to put the parts together.
    pub fn builder(store: Arc<dyn InvitationStore>) -> InvitationsBuilder {
        InvitationsBuilder::new(store)
    }

    /// The invitations of one organisation. Another organisation's cannot be seen or touched through it.
    pub fn tenant(&self, tenant: &TenantId) -> TenantInvitations {
        let wait = self.0.timing.accept_wait;
        TenantInvitations { all: self.clone(), tenant: tenant.clone(), wait, revision: None }
    }

    /// A worker over all organisations; any number may run, on any number of machines.
    pub fn worker(&self, id: WorkerId) -> Worker {
        Worker::new(self.clone(), id)
    }
}

/// The invitations of one organisation.
#[derive(Clone, Debug)]
pub struct TenantInvitations {
    all: Invitations,
    tenant: TenantId,
    wait: Duration,
    revision: Option<u32>,
}

impl TenantInvitations {
    /// How long calls that start effects ([`accept`](Self::accept), [`approve`](Self::approve), [`provision_paid`](Self::provision_paid),
    /// [`resume`](Self::resume), [`regenerate`](Self::regenerate) and their like) wait for the result at most
    /// ([`Timing::accept_wait`], 8 s); zero: not at all. What has begun goes on all the same.
    #[must_use]
    pub fn with_wait(mut self, at_most: Duration) -> Self {
        self.wait = at_most;
        self
    }

    /// Calls are about this revision (iTIP SEQUENCE), as it was shown to the person. If something else is offered meanwhile they
    /// are refused as [`Stale`](super::Refusal::Stale).
    #[must_use]
    pub fn seeing(mut self, revision: u32) -> Self {
        self.revision = Some(revision);
        self
    }

    fn inner(&self) -> &Inner {
        &self.all.0
    }
}

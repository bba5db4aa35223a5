use std::sync::Arc;

use url::Url;

use super::{Inner, Invitations, notices::Seals};
use crate::{
    Error, ErrorKind, Remedy, Result,
    ids::WorkerId,
    invitation::{InvitationStore, Notifier, effect::Effects},
    people::{Authorizer, Membership},
    runtime::{Clock, Entropy, Spawner, SystemEntropy, Timing},
    secret::Sealer,
};

/// Puts the parts of [`Invitations`] together.
#[derive(Debug)]
pub struct InvitationsBuilder {
    store: Arc<dyn InvitationStore>,
    effects: Option<Effects>,
    notifier: Option<Arc<dyn Notifier>>,
    membership: Option<Arc<dyn Membership>>,
    authorizer: Option<Arc<dyn Authorizer>>,
    sealer: Option<Arc<dyn Sealer>>,
    runtime: Option<(Arc<dyn Clock>, Arc<dyn Spawner>)>,
    entropy: Arc<dyn Entropy>,
    timing: Timing,
    links_at: Option<Url>,
}

impl InvitationsBuilder {
    pub(super) fn new(store: Arc<dyn InvitationStore>) -> Self {
        Self {
            store,
            effects: None,
            notifier: None,
            membership: None,
            authorizer: None,
            sealer: None,
            runtime: None,
            entropy: Arc::new(SystemEntropy),
            timing: Timing::default(),
            links_at: None,
        }
    }

    /// Who makes meetings and guests. Needs a sealer: join links are sealed at rest.
    #[must_use]
    pub fn effects(mut self, effects: Effects) -> Self {
        self.effects = Some(effects);
        self
    }

    /// Who brings notices to people. Needs a sealer: notices hold links.
    #[must_use]
    pub fn notifier(mut self, notifier: Arc<dyn Notifier>) -> Self {
        self.notifier = Some(notifier);
        self
    }

    /// Who is told of new members, after the commit that made them. Needs a sealer.
    #[must_use]
    pub fn membership(mut self, membership: Arc<dyn Membership>) -> Self {
        self.membership = Some(membership);
        self
    }

    /// The rules for administrative actions. Required; [`CallerAuthorized`](crate::people::CallerAuthorized) says that the caller has checked.
    #[must_use]
    pub fn authorizer(mut self, authorizer: Arc<dyn Authorizer>) -> Self {
        self.authorizer = Some(authorizer);
        self
    }

    /// Seals what is secret in the store.
    #[must_use]
    pub fn sealer(mut self, sealer: Arc<dyn Sealer>) -> Self {
        self.sealer = Some(sealer);
        self
    }

    /// The clock and the spawner; by default the system's and tokio's (feature `tokio`).
    #[must_use]
    pub fn runtime(mut self, clock: Arc<dyn Clock>, spawner: Arc<dyn Spawner>) -> Self {
        self.runtime = Some((clock, spawner));
        self
    }

    /// The source of randomness; by default the operating system's.
    #[must_use]
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = entropy;
        self
    }

    /// The waits of the protocol.
    #[must_use]
    pub fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// The address that links lead to; the token goes into its fragment. Never taken from a request.
    #[must_use]
    pub fn links_at(mut self, base: Url) -> Self {
        self.links_at = Some(base);
        self
    }

    /// Checks that nothing is missing.
    ///
    /// # Errors
    /// [`Misconfigured`](ErrorKind::Misconfigured), naming the missing part.
    pub fn build(self) -> Result<Invitations> {
        let missing = |remedy: &'static str| {
            Error::new(ErrorKind::Misconfigured, "build invitations").with_remedy(Remedy::new(remedy))
        };
        let authorizer = self.authorizer.ok_or_else(|| {
            missing("Pass your rules with `authorizer`, or `CallerAuthorized` when you have checked.")
        })?;
        let secretive = self.effects.is_some() || self.notifier.is_some() || self.membership.is_some();
        if secretive && self.sealer.is_none() {
            return Err(missing("Pass a sealer with `sealer`, such as a `KeyRing`: links are sealed at rest."));
        }
        let (clock, spawner) = match self.runtime {
            Some(runtime) => runtime,
            None => default_runtime()
                .ok_or_else(|| missing("Pass a clock and a spawner with `runtime`, or enable the feature `tokio`."))?,
        };
        let mut id = [0; 8];
        self.entropy.fill(&mut id)?;
        Ok(Invitations(Arc::new(Inner {
            store: self.store,
            effects: self.effects.unwrap_or_default(),
            notifier: self.notifier,
            membership: self.membership,
            authorizer,
            seals: self.sealer.map(Seals::new),
            clock,
            spawner,
            entropy: self.entropy,
            timing: self.timing,
            worker: WorkerId::parse(format!("accept-{}", data_encoding::HEXLOWER.encode(&id)))?,
            links_at: self.links_at,
            bell: Default::default(),
        })))
    }
}

#[cfg(feature = "tokio")]
#[expect(clippy::unnecessary_wraps, reason = "without the feature there is none")]
fn default_runtime() -> Option<(Arc<dyn Clock>, Arc<dyn Spawner>)> {
    Some((Arc::new(crate::runtime::SystemClock), Arc::new(crate::runtime::TokioSpawner)))
}

#[cfg(not(feature = "tokio"))]
fn default_runtime() -> Option<(Arc<dyn Clock>, Arc<dyn Spawner>)> {
    None
}

//! One command: read, decide, write; again when somebody else was faster.

use super::{Inner, TenantInvitations};
use crate::{
    Error, ErrorKind, Result,
    ids::{EffectId, InvitationId, ResourceId, Role, TenantId},
    invitation::{
        Command, Commit, Context, Decision, Refusal, State, Versioned, decide, evolve,
        link::{LinkPurpose, LinkToken},
        machine::Offer,
    },
    people::{Action, Actor, AuthorizationRequest, Principal, Verdict},
    secret::{InvitationLink, JoinUrl},
};

/// How often a command is decided anew because somebody else was faster.
pub(super) const TRIES: u32 = 8;

/// Who sends a command, and on what ground.
pub(in crate::invitation) struct Sender {
    pub(in crate::invitation) actor: Actor,
    pub(in crate::invitation) link_shown: bool,
    /// What the embedder's rules are asked about; `None`: nothing.
    pub(in crate::invitation) action: Option<Action>,
    /// The revision they have seen.
    pub(in crate::invitation) revision: Option<u32>,
}

impl Sender {
    pub(in crate::invitation) fn new(actor: Actor) -> Self {
        Self { actor, link_shown: false, action: None, revision: None }
    }

    pub(in crate::invitation) fn system() -> Self {
        Self::new(Actor::System)
    }

    pub(in crate::invitation) fn with_action(mut self, action: Action) -> Self {
        self.action = Some(action);
        self
    }

    pub(in crate::invitation) fn with_link(mut self, shown: bool) -> Self {
        self.link_shown = shown;
        self
    }

    pub(in crate::invitation) fn seeing(mut self, revision: Option<u32>) -> Self {
        self.revision = revision;
        self
    }
}

/// A command that was carried out.
pub(in crate::invitation) struct Executed {
    pub(in crate::invitation) state: State,
    /// The first link made, to be shown once.
    pub(in crate::invitation) link: Option<InvitationLink>,
}

/// A command that was decided; nothing is written yet.
pub(in crate::invitation) struct Decided {
    pub(in crate::invitation) commit: Commit,
    /// The first link made, to be shown once.
    pub(in crate::invitation) link: Option<InvitationLink>,
}

impl Inner {
    /// Loads, decides and writes, until no one else writes at the same time.
    pub(in crate::invitation) async fn execute(
        &self,
        tenant: &TenantId,
        id: &InvitationId,
        command: &Command,
        sender: &Sender,
        fence: Option<(EffectId, u64)>,
        release: bool,
    ) -> Result<Executed> {
        let mut tries = 0;
        loop {
            let current = self.load(tenant, id).await?;
            let mut decided = self.decide(Some(&current), command, sender).await?;
            (decided.commit.fence, decided.commit.release) = (fence.clone(), release);
            #[cfg(seeded)]
            if crate::seeded::seeded("B03") && *command == Command::Accept {
                decided.commit.expected = Some(self.load(tenant, id).await?.version);
            }
            #[cfg(seeded)]
            if crate::seeded::seeded("S06") {
                decided.commit.state.link_generation += 1;
            }
            #[cfg(seeded)]
            if crate::seeded::writes_without_the_lease(command) {
                decided.commit.fence = None;
            }
            match self.store.commit(&decided.commit).await {
                Ok(_) => {
                    self.bell.ring();
                    return Ok(Executed { state: decided.commit.state, link: decided.link });
                }
                Err(error) if error.kind() == ErrorKind::Conflict && tries < TRIES => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    pub(in crate::invitation) async fn load(&self, tenant: &TenantId, id: &InvitationId) -> Result<Versioned<State>> {
        let found = self.store.load(tenant, id).await?;
        found.ok_or_else(|| Error::refused("load invitation", Refusal::NotFound))
    }

    /// Decides and prepares the commit: ids, links, sealed notices. Writes nothing.
    pub(in crate::invitation) async fn decide(
        &self,
        current: Option<&Versioned<State>>,
        command: &Command,
        sender: &Sender,
    ) -> Result<Decided> {
        let state = current.map(|current| &current.value);
        let mut context = Context::new(self.store.now().await?, sender.actor.clone());
        context.link_shown = sender.link_shown;
        context.revision = sender.revision;
        context.timing = self.timing.clone();
        context.jitter = self.jitter()?;
        if let Some(action) = sender.action {
            context.verdict = self.verdict(state, command, &sender.actor, action).await?;
        }
        if let (Command::Accept, Some(inviter)) = (command, state.and_then(|state| state.inviter.as_ref())) {
            // whoever invited may have lost the right to since
            let inviter = Actor::Principal(Principal::new(inviter.clone()));
            context.inviter = self.verdict(state, command, &inviter, Action::Create).await?;
        }
        let decision = decide(state, command, &context).map_err(|refusal| Error::refused(name(command), refusal))?;
        self.prepare(current, decision).await
    }

    async fn prepare(&self, current: Option<&Versioned<State>>, decision: Decision) -> Result<Decided> {
        let before = current.map(|current| current.value.clone());
        let after = decision.events.iter().fold(before, evolve);
        let after = after.ok_or_else(|| Error::new(ErrorKind::Protocol, "fold events"))?;
        let version = current.map_or(1, |current| current.version + 1);
        let mut commit = Commit::new(current.map(|current| current.version), after, decision.events);
        commit.kill_links = decision.kill_links;
        commit.members = decision.members;
        commit.leaving = decision.leaving;
        let mut shown = None;
        for purpose in decision.links {
            let token = LinkToken::mint(&*self.entropy)?;
            let state = &commit.state;
            let mut stored = token.stored(&state.tenant, &state.id, purpose, state.link_generation);
            stored.live_until = state.expires_at;
            shown = Some(token.link(self.links_at.as_ref()));
            commit.links.push(stored);
        }
        if let Some(seals) = &self.seals {
            let join = self.join(&commit.state).await?;
            for (place, plan) in decision.notices.iter().enumerate() {
                let row = seals.notice(&commit.state, plan, place, version, shown.as_ref(), join.as_ref()).await?;
                commit.outbox.push(row);
            }
            if self.membership.is_some() {
                for member in commit.members.iter().chain(&commit.leaving) {
                    commit.outbox.push(seals.member(member, version).await?);
                }
            }
        }
        Ok(Decided { commit, link: shown })
    }

    /// Where to join, opened.
    pub(super) async fn join(&self, state: &State) -> Result<Option<JoinUrl>> {
        let sealed = state.effects.iter().rev().find_map(|effect| {
            let found = effect.found.as_ref().filter(|_| effect.status == crate::invitation::EffectStatus::Done)?;
            Some((&effect.id, found.join.as_ref()?))
        });
        match (sealed, &self.seals) {
            (Some((effect, sealed)), Some(seals)) => {
                seals.open_join(&state.tenant, &state.id, effect, sealed).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    async fn verdict(
        &self,
        state: Option<&State>,
        command: &Command,
        actor: &Actor,
        action: Action,
    ) -> Result<Verdict> {
        let (tenant, offer) = match (state, command) {
            (Some(state), _) => (&state.tenant, Some(&state.offer)),
            (None, Command::Create(new)) => (&new.tenant, Some(&new.offer)),
            (None, Command::ProvisionPaid(new)) => (&new.tenant, None),
            (None, _) => return Ok(Verdict::Denied),
        };
        let (resource, mut role): (Option<&ResourceId>, Option<&Role>) = match offer {
            Some(Offer::Access { resource, .. }) => (Some(resource), None),
            Some(Offer::Membership { role }) => (None, Some(role)),
            _ => (None, None),
        };
        // who changes a role must be allowed to give the new one
        if let Command::Amend(amendment) = command {
            role = amendment.role.as_ref().or(role);
        }
        let mut request = AuthorizationRequest::new(tenant, actor, action);
        (request.resource, request.role) = (resource, role);
        self.authorizer.authorize(request).await
    }

    fn jitter(&self) -> Result<f64> {
        let mut bytes = [0; 4];
        self.entropy.fill(&mut bytes)?;
        Ok(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
    }
}

fn name(command: &Command) -> &'static str {
    match command {
        Command::Create(_) => "invite",
        Command::ProvisionPaid(_) => "provision booking",
        Command::RequestAccess(_) => "request access",
        Command::VerifyRequester => "verify requester",
        Command::Approve => "approve",
        Command::Reject => "reject",
        Command::Accept => "accept invitation",
        Command::Decline => "decline invitation",
        Command::Tentative => "answer invitation",
        Command::Counter { .. } => "offer other times",
        Command::ConfirmPayment { .. } => "confirm payment",
        Command::PaymentFailed => "note failed payment",
        Command::AcceptCounter { .. } => "accept other time",
        Command::DeclineCounter => "decline other times",
        Command::Amend(_) => "amend invitation",
        Command::Resend => "resend invitation",
        Command::Extend { .. } => "extend invitation",
        Command::Revoke => "revoke invitation",
        Command::Supersede { .. } => "replace invitation",
        Command::Cancel => "cancel",
        Command::ExpireTick => "expire invitation",
        Command::RemindTick { .. } => "remind",
        Command::Resume { .. } => "resume",
        Command::ReassignOrganizer { .. } => "reassign organizer",
        Command::BlockedTick => "give up",
        Command::ResolveFound { .. } | Command::ResolveAbsent => "resolve",
        Command::Reschedule { .. } => "reschedule",
        Command::Regenerate => "regenerate",
        Command::ExternalChanged { .. } => "note external change",
        Command::ChangeOccurrence { .. } => "change occurrence",
        Command::BeginEffect { .. } => "begin effect",
        Command::Report { .. } => "report effect",
    }
}

impl TenantInvitations {
    /// Which invitation a link is of, and whether it is live; one answer for everything that is wrong with it.
    ///
    /// A killed link still finds its invitation, so that the person who used it can be told "already yours" when it is clicked again.
    pub(super) async fn by_link(&self, link: &InvitationLink, purpose: LinkPurpose) -> Result<(InvitationId, bool)> {
        let nothing = || Error::refused("open link", Refusal::NotFound);
        let token = LinkToken::parse(link).ok_or_else(nothing)?;
        let stored = self.inner().store.find_link(&token.selector).await?;
        let proven = match &stored {
            Some(stored) => token.proves(stored),
            None => token.proves_nothing(),
        };
        match stored {
            // its time is the invitation's deadline, which the machine checks
            Some(stored) if proven && stored.purpose == purpose && stored.tenant == self.tenant => {
                Ok((stored.invitation, !stored.dead))
            }
            _ => Err(nothing()),
        }
    }
}

/// What may be said to whoever shows a killed link: that it is theirs already, or nothing.
pub(super) fn through_dead_link(error: Error) -> Error {
    match error.refusal() {
        Some(Refusal::AlreadyYours) | None => error,
        Some(_) => Error::refused("open link", Refusal::NotFound),
    }
}

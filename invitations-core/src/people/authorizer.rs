use std::fmt::Debug;

use async_trait::async_trait;

use crate::{
    Result,
    ids::{ResourceId, Role, TenantId},
    people::Actor,
};

/// What somebody wants to do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AuthorizationRequest<'a> {
    /// In which organisation.
    pub tenant: &'a TenantId,
    /// Who.
    pub actor: &'a Actor,
    /// What.
    pub action: Action,
    /// To what, where the invitation is about something of the embedder's.
    pub resource: Option<&'a ResourceId>,
    /// The role to be given, where there is one.
    pub role: Option<&'a Role>,
}

impl<'a> AuthorizationRequest<'a> {
    /// A question about `action` by `actor`.
    pub fn new(tenant: &'a TenantId, actor: &'a Actor, action: Action) -> Self {
        Self { tenant, actor, action, resource: None, role: None }
    }
}

/// An administrative action on invitations.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Action {
    /// Change what is offered.
    Amend,
    /// Let a requester in, or not.
    Approve,
    /// Undo what an invitation made.
    Cancel,
    /// Make an invitation.
    Create,
    /// See invitations.
    List,
    /// Send it again.
    Resend,
    /// Decide what the machine could not.
    Resolve,
    /// Take an invitation back.
    Revoke,
}

/// The answer to an [`AuthorizationRequest`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// Yes; `ceiling` is the highest role this actor may give (`None`: no limit).
    Allowed {
        /// The highest role this actor may give.
        ceiling: Option<Role>,
    },
    /// No.
    Denied,
}

/// The embedder's rules. Asked once per command, before the pure machine decides.
#[async_trait]
pub trait Authorizer: Debug + Send + Sync + 'static {
    /// May the actor do this?
    ///
    /// # Errors
    /// When the rules cannot be read now; the command is then not carried out.
    async fn authorize(&self, request: AuthorizationRequest<'_>) -> Result<Verdict>;
}

/// The caller has already checked. Named so that a reviewer stops at it.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit, complete by definition")]
pub struct CallerAuthorized;

#[async_trait]
impl Authorizer for CallerAuthorized {
    async fn authorize(&self, _: AuthorizationRequest<'_>) -> Result<Verdict> {
        Ok(Verdict::Allowed { ceiling: None })
    }
}

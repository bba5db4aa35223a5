use std::fmt::Debug;

use async_trait::async_trait;

use crate::{
    Result,
    ids::{InvitationId, PrincipalId, Role, TenantId},
};

/// Somebody becomes a member.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Member {
    /// Of which organisation.
    pub tenant: TenantId,
    /// Who.
    pub principal: PrincipalId,
    /// As what.
    pub role: Role,
    /// By which invitation.
    pub invitation: InvitationId,
}

impl Member {
    /// A new member.
    pub fn new(tenant: TenantId, principal: PrincipalId, role: Role, invitation: InvitationId) -> Self {
        Self { tenant, principal, role, invitation }
    }
}

/// The embedder's list of members.
///
/// Optional: the stores of this family keep a member row of their own in the same transaction as the acceptance; an embedder whose
/// members live elsewhere is told here, after that commit, until it answers `Ok`.
#[async_trait]
pub trait Membership: Debug + Send + Sync + 'static {
    /// Adds the member. Called again after a crash: adding twice must be the same as adding once.
    ///
    /// # Errors
    /// Any error is tried again later.
    async fn add(&self, member: &Member) -> Result<()>;

    /// Takes the member off the list: the accepted invitation was cancelled. Somebody who is not on it is success.
    ///
    /// # Errors
    /// Any error is tried again later.
    async fn remove(&self, member: &Member) -> Result<()>;
}

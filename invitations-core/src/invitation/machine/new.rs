//! What the creating commands carry.

use chrono::{DateTime, Utc};

use super::{EventAccess, Offer, Policy, Quorum, Recipient, Reminder};
use crate::{
    ids::{InvitationId, MeetingKey, PrincipalId, Reference, ResourceId, TenantId},
    people::EmailAddress,
    provider::{Account, MeetingDraft},
};

/// A new invitation.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NewInvitation {
    /// Its id.
    pub id: InvitationId,
    /// In which organisation.
    pub tenant: TenantId,
    /// Who invites.
    pub inviter: PrincipalId,
    /// To what.
    pub offer: Offer,
    /// Whom.
    pub recipients: Vec<Recipient>,
    /// How many must accept.
    pub quorum: Quorum,
    /// Live before this time, UTC.
    pub expires_at: DateTime<Utc>,
    /// Where its makers have a choice.
    pub policy: Policy,
    /// The inviter's name, for people.
    pub inviter_name: Option<String>,
}

impl NewInvitation {
    /// An invitation of one or more, any of whom may accept.
    pub fn new(
        id: InvitationId,
        tenant: TenantId,
        inviter: PrincipalId,
        offer: Offer,
        recipients: Vec<Recipient>,
        expires_at: DateTime<Utc>,
    ) -> Self {
        let policy = Policy::for_offer(&offer);
        Self { id, tenant, inviter, offer, recipients, quorum: Quorum::Any, expires_at, policy, inviter_name: None }
    }
}

/// A booking that is paid.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NewBooking {
    /// The invitation's id.
    pub id: InvitationId,
    /// In which organisation.
    pub tenant: TenantId,
    /// The embedder's booking.
    pub booking: MeetingKey,
    /// What is made.
    pub draft: MeetingDraft,
    /// Who makes it.
    pub organizer: Account,
    /// The payment, where the embedder names it: a second booking with the same one is refused.
    pub payment: Option<Reference>,
    /// Where its makers have a choice.
    pub policy: Policy,
}

impl NewBooking {
    /// A booking.
    pub fn new(
        id: InvitationId,
        tenant: TenantId,
        booking: MeetingKey,
        draft: MeetingDraft,
        organizer: Account,
    ) -> Self {
        let policy = Policy::default().with_reminders([Reminder::before_start(super::policy::SHORTLY)]);
        Self { id, tenant, booking, draft, organizer, payment: None, policy }
    }
}

/// A request for access.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NewAccessRequest {
    /// The invitation's id.
    pub id: InvitationId,
    /// In which organisation.
    pub tenant: TenantId,
    /// To what.
    pub resource: ResourceId,
    /// Who asks.
    pub requester: EmailAddress,
    /// What letting in means.
    pub access: EventAccess,
    /// Live before this time, UTC.
    pub expires_at: DateTime<Utc>,
    /// Whether the embedder has verified that the address is the requester's.
    pub verified: bool,
}

impl NewAccessRequest {
    /// A request.
    pub fn new(
        id: InvitationId,
        tenant: TenantId,
        resource: ResourceId,
        requester: EmailAddress,
        access: EventAccess,
        expires_at: DateTime<Utc>,
    ) -> Self {
        Self { id, tenant, resource, requester, access, expires_at, verified: false }
    }
}

use chrono::{DateTime, Utc};

use super::{EventAccess, Offer, Quorum, Recipient};
use crate::{
    ids::{EffectId, InvitationId, MeetingKey, PrincipalId, ResourceId, TenantId},
    invitation::effect::{EffectReport, Reconciliation},
    people::EmailAddress,
    provider::{Account, MeetingDraft},
};

/// What somebody wants of the machine.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Command {
    /// Invite (T01).
    Create(Box<NewInvitation>),
    /// Make what was paid for (T05).
    ProvisionPaid(Box<NewBooking>),
    /// Ask for access (T03).
    RequestAccess(Box<NewAccessRequest>),
    /// The requester's address is proven (T06, T07). The caller has checked the link.
    VerifyRequester,
    /// Let the requester in (T08, T09).
    Approve,
    /// Do not (T11).
    Reject,
    /// Yes (T12, T13, T14, T25, T55). The caller has checked the link, if there was one.
    Accept,
    /// No (T15, T16, T24, T56).
    Decline,
    /// Take it back (T29, T45, T48, T52).
    Revoke,
    /// Undo what it made (T62, T63).
    Cancel,
    /// The deadline has come (T31).
    ExpireTick,
    /// What was in the way is gone (T46).
    Resume,
    /// A worker is about to send (T34). Its commit is the intent.
    BeginEffect {
        /// Which effect.
        effect: EffectId,
        /// What helps when the outcome is unknown.
        reconciliation: Reconciliation,
        /// When the request is over at the latest, UTC.
        request_deadline: DateTime<Utc>,
    },
    /// A worker has learnt something (T35 to T44, T59 to T61, T67 to T74).
    Report {
        /// About which effect.
        effect: EffectId,
        /// About which attempt.
        attempt: u32,
        /// What.
        report: EffectReport,
    },
}

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
        Self { id, tenant, inviter, offer, recipients, quorum: Quorum::Any, expires_at }
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
        Self { id, tenant, booking, draft, organizer }
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
        Self { id, tenant, resource, requester, access, expires_at }
    }
}

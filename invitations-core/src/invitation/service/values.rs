use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{
    Remedy,
    ids::{InvitationId, Reference, ResourceId, Role},
    invitation::{
        Status,
        machine::{EventAccess, Offer, Phase, Policy, Quorum, Recipient},
    },
    people::EmailAddress,
    provider::{Account, MeetingDraft},
    secret::{InvitationLink, JoinUrl},
};

/// Whom to invite to what.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Invite {
    /// To what.
    pub offer: Offer,
    /// Whom; any, all or some must accept.
    pub recipients: Vec<Recipient>,
    /// How many must accept.
    pub quorum: Quorum,
    /// How long it is live (7 days); a meeting's start ends it earlier.
    pub ttl: Duration,
    /// The caller's own name for it: the same reference again is the same invitation.
    pub reference: Option<Reference>,
    /// How it behaves; `None`: as suits the offer.
    pub policy: Option<Policy>,
    /// Whether an open invitation of the same kind for the same person makes way instead of being in the way.
    pub replacing: bool,
}

impl Invite {
    fn new(offer: Offer, to: Recipient) -> Self {
        let ttl = Duration::from_secs(7 * 24 * 3600);
        Self { offer, recipients: vec![to], quorum: Quorum::Any, ttl, reference: None, policy: None, replacing: false }
    }

    /// To a meeting, made by `organizer` when it is accepted.
    pub fn meeting(draft: MeetingDraft, organizer: Account, to: Recipient) -> Self {
        Self::new(Offer::Meeting { draft: Box::new(draft), organizer }, to)
    }

    /// To a role in the organisation.
    pub fn membership(role: Role, to: Recipient) -> Self {
        Self::new(Offer::Membership { role }, to)
    }

    /// Invites one more.
    #[must_use]
    pub fn with_recipient(mut self, recipient: Recipient) -> Self {
        self.recipients.push(recipient);
        self
    }

    /// Sets how many must accept.
    #[must_use]
    pub fn with_quorum(mut self, quorum: Quorum) -> Self {
        self.quorum = quorum;
        self
    }

    /// Sets how long it is live.
    #[must_use]
    pub fn with_ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// Sets how it behaves where there is a choice: approval, other times, reminders.
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// An open invitation of the same kind for the same person makes way ([`Superseded`](Status::Superseded)) instead of being in
    /// the way ([`Duplicate`](crate::invitation::Refusal::Duplicate)).
    #[must_use]
    pub fn replacing(mut self) -> Self {
        self.replacing = true;
        self
    }

    /// Sets the caller's own name for it, so that a repeated call makes no second invitation.
    #[must_use]
    pub fn with_reference(mut self, reference: Reference) -> Self {
        self.reference = Some(reference);
        self
    }
}

/// Somebody asks to be let into a calendar event.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AccessRequest {
    /// To what, in the embedder's words.
    pub resource: ResourceId,
    /// Who asks.
    pub requester: EmailAddress,
    /// What letting in means.
    pub access: EventAccess,
    /// How long the request is live (7 days).
    pub ttl: Duration,
    /// Whether the embedder has verified that the address is the requester's.
    pub verified: bool,
}

impl AccessRequest {
    /// A request.
    pub fn new(resource: ResourceId, requester: EmailAddress, access: EventAccess) -> Self {
        Self { resource, requester, access, ttl: Duration::from_secs(7 * 24 * 3600), verified: false }
    }

    /// The requester is signed in and the embedder has verified the address: no mail is needed to prove it.
    #[must_use]
    pub fn by_verified_requester(mut self) -> Self {
        self.verified = true;
        self
    }

    /// Sets how long the request is live.
    #[must_use]
    pub fn with_ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }
}

/// A new invitation, or the one that was there already.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Invited {
    /// Its id.
    pub id: InvitationId,
    /// Shown once: it is stored nowhere. `None` when nobody is invited by address, or when the invitation was there already.
    pub link: Option<InvitationLink>,
    /// Whether this call made it.
    pub new: bool,
}

/// How an invitation stands.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Standing {
    /// Its id.
    pub id: InvitationId,
    /// What outsiders see.
    pub status: Status,
    /// Where it stands exactly.
    pub phase: Phase,
    /// What it is about, for people.
    pub title: String,
    /// The revision that answers must be for.
    pub revision: u32,
    /// Where to join, once there is a link.
    pub join: Option<JoinUrl>,
    /// What somebody has to do first.
    pub attention: Option<Remedy>,
    /// It is live before this time (UTC), as long as it waits for an answer.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Standing {
    /// Whether nothing more will happen by itself.
    pub fn is_settled(&self) -> bool {
        !matches!(self.phase, Phase::Provisioning | Phase::Rescheduling | Phase::Compensating { .. })
    }
}

/// What entitles somebody to answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Proof {
    /// The link.
    Link(InvitationLink),
    /// The person found it in the application, signed in.
    Inbox(InvitationId),
}

use chrono::{DateTime, Utc};
use url::Url;

use super::{Phase, Status};
use crate::{
    ids::{CalendarId, EffectId, EventId, InvitationId, MeetingKey, PrincipalId, ResourceId, Role, TenantId},
    invitation::{Effect, EffectStatus, effect::Problem},
    people::EmailAddress,
    provider::{Account, MeetingDraft},
};

/// An invitation, as the fold of its events.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct State {
    /// Its id.
    pub id: InvitationId,
    /// In which organisation.
    pub tenant: TenantId,
    /// Where it stands.
    pub phase: Phase,
    /// Counts the changes of what is offered (iTIP SEQUENCE); starts at 0.
    pub revision: u32,
    /// What is offered.
    pub offer: Offer,
    /// Who invited; `None` when nobody did (a booking, an access request).
    pub inviter: Option<PrincipalId>,
    /// Who is invited.
    pub invitees: Vec<Invitee>,
    /// How many must accept.
    pub quorum: Quorum,
    /// Whose acceptance met the quorum.
    pub winner: Option<PrincipalId>,
    /// Who approved.
    pub approvals: Vec<PrincipalId>,
    /// What is made outside, in order.
    pub effects: Vec<Effect>,
    /// Counts the plans; part of every effect's key.
    pub epoch: u32,
    /// Counts the links given out.
    pub link_generation: u32,
    /// When it was made, UTC.
    pub created_at: DateTime<Utc>,
    /// When it was claimed (accepted, approved or paid), UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_at: Option<DateTime<Utc>>,
    /// It is live before this time (UTC), as long as it waits for an answer.
    pub expires_at: Option<DateTime<Utc>>,
    /// What stands in the way, for people.
    pub attention: Option<Problem>,
}

/// What is offered.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Offer {
    /// A meeting, made when it is accepted.
    Meeting {
        /// What is made.
        draft: Box<MeetingDraft>,
        /// Who makes it.
        organizer: Account,
    },
    /// A role in the organisation.
    Membership {
        /// Which one.
        role: Role,
    },
    /// A place at something that exists.
    Access {
        /// At what.
        resource: ResourceId,
        /// What letting in means.
        access: Box<EventAccess>,
    },
    /// A meeting that is paid for.
    Booking {
        /// The embedder's booking.
        booking: MeetingKey,
        /// What is made.
        draft: Box<MeetingDraft>,
        /// Who makes it.
        organizer: Account,
    },
}

impl Offer {
    /// A title for people.
    pub fn title(&self) -> &str {
        match self {
            Self::Meeting { draft, .. } | Self::Booking { draft, .. } => &draft.subject,
            Self::Membership { role } => role.as_str(),
            Self::Access { resource, .. } => resource.as_str(),
        }
    }
}

/// Letting somebody into a calendar event: a guest in the directory, then an attendee on the event.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct EventAccess {
    /// Whose calendar and which directory.
    pub account: Account,
    /// In which calendar.
    pub calendar: CalendarId,
    /// Which event.
    pub event: EventId,
    /// Where a guest lands after accepting the directory's invitation.
    pub redirect: Url,
    /// Whether the directory sends its own invitation mail.
    pub send_mail: bool,
    /// Who says yes.
    pub approval: Approval,
}

impl EventAccess {
    /// Access that one member must approve.
    pub fn new(account: Account, calendar: CalendarId, event: EventId, redirect: Url) -> Self {
        Self { account, calendar, event, redirect, send_mail: true, approval: Approval::Members(1) }
    }

    /// Says who must approve.
    #[must_use]
    pub fn with_approval(mut self, approval: Approval) -> Self {
        self.approval = approval;
        self
    }

    /// Says whether the directory sends its own mail.
    #[must_use]
    pub fn with_mail(mut self, send: bool) -> Self {
        self.send_mail = send;
        self
    }
}

/// Who says yes to a request for access.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Approval {
    /// So many different members (0 counts as 1).
    Members(u8),
    /// Nobody needs to, once the address is proven and its domain is one of these (lower case; empty: any domain).
    Automatic {
        /// The domains.
        domains: Vec<String>,
    },
}

/// Somebody who is invited, and the answer.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct Invitee {
    /// Who.
    pub recipient: Recipient,
    /// The answer so far.
    pub response: Response,
    /// Who gave it.
    pub answered_by: Option<PrincipalId>,
}

impl Invitee {
    /// Somebody who has not answered.
    pub fn new(recipient: Recipient) -> Self {
        Self { recipient, response: Response::None, answered_by: None }
    }
}

/// Who is meant.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Recipient {
    /// Whoever has this address verified.
    Address(EmailAddress),
    /// This person.
    Principal(PrincipalId),
}

/// An invitee's answer.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Response {
    /// None yet.
    #[default]
    None,
    /// Yes.
    Accepted,
    /// No.
    Declined,
}

/// How many invitees must accept.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Quorum {
    /// One is enough.
    #[default]
    Any,
    /// Everybody.
    All,
    /// At least so many.
    AtLeast(u16),
}

impl Quorum {
    /// How many of `invitees` must accept.
    pub fn needed(self, invitees: usize) -> usize {
        match self {
            Self::Any => 1,
            Self::All => invitees.max(1),
            Self::AtLeast(n) => usize::from(n).clamp(1, invitees.max(1)),
        }
    }
}

impl State {
    /// What outsiders see.
    pub fn status(&self) -> Status {
        self.phase.status()
    }

    /// When the machine itself has something to do, UTC: expiry, while it waits for an answer.
    pub fn deadline(&self) -> Option<DateTime<Utc>> {
        if self.phase.is_open() { self.expires_at } else { None }
    }

    /// The effects a worker should look at, and when (UTC). Every other effect of this invitation is not due.
    pub fn schedule(&self) -> impl Iterator<Item = (&EffectId, DateTime<Utc>)> {
        self.effects.iter().filter_map(|effect| Some((&effect.id, effect.due_at?)))
    }

    /// Names that only one invitation of the organisation may hold at a time.
    pub fn holds(&self) -> Vec<String> {
        if matches!(self.phase, Phase::Closed(_)) {
            return Vec::new();
        }
        let addresses = self.invitees.iter().filter_map(|invitee| match &invitee.recipient {
            Recipient::Address(address) => Some(address.canonical()),
            Recipient::Principal(_) => None,
        });
        match &self.offer {
            // once fulfilled, a further invitation (another role) is the embedder's business
            Offer::Membership { .. } if self.phase.is_open() => {
                addresses.map(|address| format!("membership\n{address}")).collect()
            }
            Offer::Access { resource, .. } => {
                addresses.map(|address| format!("access\n{resource}\n{address}")).collect()
            }
            Offer::Membership { .. } | Offer::Meeting { .. } | Offer::Booking { .. } => Vec::new(),
        }
    }

    /// The effect with this id.
    pub fn effect(&self, id: &EffectId) -> Option<&Effect> {
        self.effects.iter().find(|effect| effect.id == *id)
    }

    /// How many invitees have accepted.
    pub fn accepted(&self) -> usize {
        self.invitees.iter().filter(|invitee| invitee.response == Response::Accepted).count()
    }

    /// Whether nothing is in flight or left to do.
    pub fn is_at_rest(&self) -> bool {
        self.effects.iter().all(|effect| matches!(effect.status, EffectStatus::Done | EffectStatus::Undone))
    }
}

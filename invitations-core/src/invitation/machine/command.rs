use chrono::{DateTime, Utc};

use super::{Drift, NewAccessRequest, NewBooking, NewInvitation, Reminder};
use crate::{
    ids::{EffectId, InvitationId, PrincipalId, Reference, Role},
    invitation::effect::{EffectReport, ExternalRef, Reconciliation},
    provider::Account,
    time::Slot,
};

/// What somebody wants of the machine. Which of them do something where, the [table](super::table) says.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Command {
    /// Invite, or prepare a booking that is to be paid for (T01, T02).
    Create(Box<NewInvitation>),
    /// Make what was paid for (T05).
    ProvisionPaid(Box<NewBooking>),
    /// Ask for access (T03, T04).
    RequestAccess(Box<NewAccessRequest>),
    /// The requester's address is proven (T06, T07). The caller has checked the link.
    VerifyRequester,
    /// Let the requester in, or let the invitation be sent (T08 to T10).
    Approve,
    /// Do not (T11).
    Reject,
    /// Yes. The caller has checked the link, if there was one.
    Accept,
    /// No.
    Decline,
    /// Perhaps (T17).
    Tentative,
    /// Not then, but at one of these times (T18).
    Counter {
        /// The times.
        slots: Vec<Slot>,
    },
    /// The booking is paid (T19).
    ConfirmPayment {
        /// The payment; a second booking with the same one is refused.
        payment: Reference,
    },
    /// A payment was tried in vain (T20).
    PaymentFailed,
    /// Take one of the offered times (T21, T22).
    AcceptCounter {
        /// Which one, by place.
        slot: usize,
    },
    /// Take none of them (T23).
    DeclineCounter,
    /// Change what is offered before anybody's acceptance counts (T26).
    Amend(Box<Amendment>),
    /// Send it again, with a new link (T27).
    Resend,
    /// Let it live longer (T28).
    Extend {
        /// Live before this time, UTC.
        until: DateTime<Utc>,
    },
    /// Take it back.
    Revoke,
    /// A newer one takes its place (T30).
    Supersede {
        /// Which one.
        by: InvitationId,
    },
    /// Undo what it made (T62, T63), or take it back before.
    Cancel,
    /// The deadline has come (T31).
    ExpireTick,
    /// The time to remind has come (T32).
    RemindTick {
        /// Of what.
        reminder: Reminder,
        /// Whether somebody looked and nobody had joined.
        nobody_joined: bool,
    },
    /// What was in the way is gone, or may be: try again (T46).
    Resume {
        /// Whether this is only a try of the machine's own: the block counts on if it is still there.
        probe: bool,
    },
    /// Somebody else's account makes the meeting (T47).
    ReassignOrganizer {
        /// Whose.
        organizer: Account,
    },
    /// The block has lasted too long (T49).
    BlockedTick,
    /// A person has found what the quarantined effect made (T50, T53).
    ResolveFound {
        /// The object.
        found: Box<ExternalRef>,
    },
    /// A person is sure that the quarantined effect made nothing, or that nothing of it is left (T51, T54).
    ResolveAbsent,
    /// Move the meeting (T58).
    Reschedule {
        /// To when.
        slot: Slot,
    },
    /// Make the meeting anew (T64).
    Regenerate,
    /// Somebody has seen that what exists is not what was made (T65).
    ExternalChanged {
        /// How.
        drift: Drift,
    },
    /// Change one meeting of a series. Always refused, by name.
    ChangeOccurrence {
        /// Which one: when it starts, UTC.
        start: DateTime<Utc>,
        /// How.
        change: OccurrenceChange,
    },
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

/// A change of what is offered; `None` leaves it alone.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Amendment {
    /// A new title of the meeting.
    pub subject: Option<String>,
    /// A new time of the meeting.
    pub slot: Option<Slot>,
    /// Another role.
    pub role: Option<Role>,
}

impl Amendment {
    /// Changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A new title of the meeting.
    #[must_use]
    pub fn with_subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// A new time of the meeting.
    #[must_use]
    pub fn with_slot(mut self, slot: impl Into<Slot>) -> Self {
        self.slot = Some(slot.into());
        self
    }

    /// Another role.
    #[must_use]
    pub fn with_role(mut self, role: Role) -> Self {
        self.role = Some(role);
        self
    }
}

/// What somebody wants of one meeting of a series.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum OccurrenceChange {
    /// It does not take place.
    Cancel,
    /// It takes place at another time.
    Move {
        /// When.
        slot: Slot,
    },
    /// This person does not come.
    Decline {
        /// Who.
        who: PrincipalId,
    },
}

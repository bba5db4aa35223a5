use crate::ids::EffectId;

/// Where an invitation stands. Outside actors see [`Status`].
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// The requester's address is not proven.
    AwaitingVerification,
    /// Approval is missing.
    AwaitingApproval,
    /// Waiting for invitees.
    Pending,
    /// An invitee offered other times.
    Countered,
    /// Claimed; effects run.
    Provisioning,
    /// Somebody has to do something first.
    Blocked {
        /// What.
        cause: BlockCause,
        /// What goes on afterwards.
        resume_to: Resume,
    },
    /// The outcome of an effect cannot be decided by machine.
    Quarantined {
        /// Which effect.
        effect: EffectId,
        /// What goes on afterwards.
        resume_to: Resume,
    },
    /// Exactly one live object per effect.
    Fulfilled,
    /// An update is in flight; the old time is still valid.
    Rescheduling,
    /// Undo runs.
    Compensating {
        /// Where it ends.
        target: Closed,
    },
    /// Over for good; nothing of ours lives outside.
    Closed(Closed),
}

/// How an invitation ended.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Closed {
    /// Fulfilled, then taken back.
    Cancelled,
    /// The invitees said no.
    Declined,
    /// Nobody answered in time.
    Expired,
    /// The provider refused for good.
    Failed,
    /// The request for access was refused.
    Rejected,
    /// Taken back before it was fulfilled.
    Revoked,
    /// Replaced by a newer one.
    Superseded,
}

/// What goes on after a block.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Resume {
    /// The effects.
    Provisioning,
    /// The update.
    Rescheduling,
    /// The undo.
    Compensating {
        /// Where it ends.
        target: Closed,
    },
}

/// What somebody has to do first.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BlockCause {
    /// The account's owner must connect again.
    NeedsReconsent,
    /// An administrator must allow or license something.
    NeedsAction,
}

/// What outsiders see.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Status {
    /// Waiting for somebody.
    Pending,
    /// Said yes to; being made.
    Accepting,
    /// It is on.
    Accepted,
    /// Being taken back.
    Cancelling,
    /// See [`Closed::Cancelled`].
    Cancelled,
    /// See [`Closed::Declined`].
    Declined,
    /// See [`Closed::Expired`].
    Expired,
    /// See [`Closed::Failed`].
    Failed,
    /// See [`Closed::Rejected`].
    Rejected,
    /// See [`Closed::Revoked`].
    Revoked,
    /// See [`Closed::Superseded`].
    Superseded,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 11] = [
        Self::Pending,
        Self::Accepting,
        Self::Accepted,
        Self::Cancelling,
        Self::Cancelled,
        Self::Declined,
        Self::Expired,
        Self::Failed,
        Self::Rejected,
        Self::Revoked,
        Self::Superseded,
    ];

    /// The word, as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepting => "accepting",
            Self::Accepted => "accepted",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Revoked => "revoked",
            Self::Superseded => "superseded",
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<Closed> for Status {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Cancelled => Self::Cancelled,
            Closed::Declined => Self::Declined,
            Closed::Expired => Self::Expired,
            Closed::Failed => Self::Failed,
            Closed::Rejected => Self::Rejected,
            Closed::Revoked => Self::Revoked,
            Closed::Superseded => Self::Superseded,
        }
    }
}

/// The phases without what they carry: the first column of the [table](super::table).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum PhaseKind {
    /// There is no invitation.
    New,
    /// See [`Phase::AwaitingVerification`].
    AwaitingVerification,
    /// See [`Phase::AwaitingApproval`].
    AwaitingApproval,
    /// See [`Phase::Pending`].
    Pending,
    /// See [`Phase::Countered`].
    Countered,
    /// See [`Phase::Provisioning`].
    Provisioning,
    /// See [`Phase::Blocked`].
    Blocked,
    /// See [`Phase::Quarantined`].
    Quarantined,
    /// See [`Phase::Fulfilled`].
    Fulfilled,
    /// See [`Phase::Rescheduling`].
    Rescheduling,
    /// See [`Phase::Compensating`].
    Compensating,
    /// See [`Closed::Declined`].
    Declined,
    /// See [`Closed::Rejected`].
    Rejected,
    /// See [`Closed::Revoked`].
    Revoked,
    /// See [`Closed::Expired`].
    Expired,
    /// See [`Closed::Superseded`].
    Superseded,
    /// See [`Closed::Failed`].
    Failed,
    /// See [`Closed::Cancelled`].
    Cancelled,
}

impl PhaseKind {
    /// Those that something can lead out of.
    pub const OPEN: [Self; 10] = [
        Self::AwaitingVerification,
        Self::AwaitingApproval,
        Self::Pending,
        Self::Countered,
        Self::Provisioning,
        Self::Blocked,
        Self::Quarantined,
        Self::Fulfilled,
        Self::Rescheduling,
        Self::Compensating,
    ];

    /// Those that are over for good.
    pub const CLOSED: [Self; 7] =
        [Self::Declined, Self::Rejected, Self::Revoked, Self::Expired, Self::Superseded, Self::Failed, Self::Cancelled];
}

impl From<Closed> for PhaseKind {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Cancelled => Self::Cancelled,
            Closed::Declined => Self::Declined,
            Closed::Expired => Self::Expired,
            Closed::Failed => Self::Failed,
            Closed::Rejected => Self::Rejected,
            Closed::Revoked => Self::Revoked,
            Closed::Superseded => Self::Superseded,
        }
    }
}

impl Phase {
    /// The phase without what it carries.
    pub fn kind(&self) -> PhaseKind {
        match self {
            Self::AwaitingVerification => PhaseKind::AwaitingVerification,
            Self::AwaitingApproval => PhaseKind::AwaitingApproval,
            Self::Pending => PhaseKind::Pending,
            Self::Countered => PhaseKind::Countered,
            Self::Provisioning => PhaseKind::Provisioning,
            Self::Blocked { .. } => PhaseKind::Blocked,
            Self::Quarantined { .. } => PhaseKind::Quarantined,
            Self::Fulfilled => PhaseKind::Fulfilled,
            Self::Rescheduling => PhaseKind::Rescheduling,
            Self::Compensating { .. } => PhaseKind::Compensating,
            Self::Closed(closed) => (*closed).into(),
        }
    }

    /// What outsiders see.
    pub fn status(&self) -> Status {
        match self {
            Self::AwaitingVerification | Self::AwaitingApproval | Self::Pending | Self::Countered => Status::Pending,
            Self::Provisioning => Status::Accepting,
            Self::Blocked { resume_to, .. } | Self::Quarantined { resume_to, .. } => match resume_to {
                Resume::Provisioning => Status::Accepting,
                Resume::Rescheduling => Status::Accepted,
                Resume::Compensating { .. } => Status::Cancelling,
            },
            Self::Fulfilled | Self::Rescheduling => Status::Accepted,
            Self::Compensating { .. } => Status::Cancelling,
            Self::Closed(closed) => (*closed).into(),
        }
    }

    /// Where an undo that has begun ends, also while somebody has to do something first.
    pub(super) fn undo_target(&self) -> Option<Closed> {
        match self {
            Self::Compensating { target }
            | Self::Blocked { resume_to: Resume::Compensating { target }, .. }
            | Self::Quarantined { resume_to: Resume::Compensating { target }, .. } => Some(*target),
            _ => None,
        }
    }

    /// Whether it waits for an answer of a person, and so may expire or be revoked at once.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::AwaitingVerification | Self::AwaitingApproval | Self::Pending | Self::Countered)
    }
}

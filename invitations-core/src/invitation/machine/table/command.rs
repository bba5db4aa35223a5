use crate::invitation::{
    Effect, EffectStatus,
    effect::EffectReport,
    machine::{Command, State},
};

/// The commands without what they carry: the second column of the [table](super).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum CommandKind {
    /// [`Command::Create`].
    Create,
    /// [`Command::RequestAccess`].
    RequestAccess,
    /// [`Command::ProvisionPaid`].
    ProvisionPaid,
    /// [`Command::VerifyRequester`].
    VerifyRequester,
    /// [`Command::Approve`].
    Approve,
    /// [`Command::Reject`].
    Reject,
    /// [`Command::Accept`].
    Accept,
    /// [`Command::Decline`].
    Decline,
    /// [`Command::Tentative`].
    Tentative,
    /// [`Command::Counter`].
    Counter,
    /// [`Command::ConfirmPayment`].
    ConfirmPayment,
    /// [`Command::PaymentFailed`].
    PaymentFailed,
    /// [`Command::AcceptCounter`].
    AcceptCounter,
    /// [`Command::DeclineCounter`].
    DeclineCounter,
    /// [`Command::Amend`].
    Amend,
    /// [`Command::Resend`].
    Resend,
    /// [`Command::Extend`].
    Extend,
    /// [`Command::Revoke`].
    Revoke,
    /// [`Command::Supersede`].
    Supersede,
    /// [`Command::ExpireTick`].
    ExpireTick,
    /// [`Command::RemindTick`].
    RemindTick,
    /// A worker takes an effect; a matter of the store's row, see [`InvitationStore::claim`](crate::invitation::InvitationStore::claim).
    LeaseEffect,
    /// [`Command::BeginEffect`].
    BeginEffect,
    /// A worker reports: done.
    EffectSucceeded,
    /// A worker reports: surely not done, try again.
    EffectRetryable,
    /// A worker reports: nobody knows.
    EffectUnknown,
    /// A look-up has found it.
    ReconcileFound,
    /// A look-up has found nothing.
    ReconcileAbsent,
    /// A look-up decides nothing.
    ReconcileUndecided,
    /// A worker reports: a person has to do something first.
    EffectNeedsAction,
    /// A worker reports: refused for good.
    EffectPermanent,
    /// [`Command::Resume`].
    Resume,
    /// [`Command::ReassignOrganizer`].
    ReassignOrganizer,
    /// [`Command::BlockedTick`].
    BlockedTick,
    /// [`Command::ResolveFound`].
    ResolveFound,
    /// [`Command::ResolveAbsent`].
    ResolveAbsent,
    /// [`Command::Reschedule`].
    Reschedule,
    /// [`Command::Cancel`].
    Cancel,
    /// [`Command::Regenerate`].
    Regenerate,
    /// [`Command::ExternalChanged`].
    ExternalChanged,
    /// A worker reports: undone.
    UndoSucceeded,
    /// A worker reports: surely not undone, try again.
    UndoRetryable,
    /// A worker reports: it cannot be undone.
    UndoPermanent,
    /// A worker has looked at an effect at rest again.
    Sweep,
    /// [`Command::ChangeOccurrence`]: no row; a named refusal.
    ChangeOccurrence,
}

impl CommandKind {
    /// Every kind.
    pub const ALL: [Self; 45] = [
        Self::Create,
        Self::RequestAccess,
        Self::ProvisionPaid,
        Self::VerifyRequester,
        Self::Approve,
        Self::Reject,
        Self::Accept,
        Self::Decline,
        Self::Tentative,
        Self::Counter,
        Self::ConfirmPayment,
        Self::PaymentFailed,
        Self::AcceptCounter,
        Self::DeclineCounter,
        Self::Amend,
        Self::Resend,
        Self::Extend,
        Self::Revoke,
        Self::Supersede,
        Self::ExpireTick,
        Self::RemindTick,
        Self::LeaseEffect,
        Self::BeginEffect,
        Self::EffectSucceeded,
        Self::EffectRetryable,
        Self::EffectUnknown,
        Self::ReconcileFound,
        Self::ReconcileAbsent,
        Self::ReconcileUndecided,
        Self::EffectNeedsAction,
        Self::EffectPermanent,
        Self::Resume,
        Self::ReassignOrganizer,
        Self::BlockedTick,
        Self::ResolveFound,
        Self::ResolveAbsent,
        Self::Reschedule,
        Self::Cancel,
        Self::Regenerate,
        Self::ExternalChanged,
        Self::UndoSucceeded,
        Self::UndoRetryable,
        Self::UndoPermanent,
        Self::Sweep,
        Self::ChangeOccurrence,
    ];

    /// The kind of a command; what a report means depends on the effect it is about.
    pub fn of(command: &Command, state: Option<&State>) -> Self {
        match command {
            Command::Create(_) => Self::Create,
            Command::RequestAccess(_) => Self::RequestAccess,
            Command::ProvisionPaid(_) => Self::ProvisionPaid,
            Command::VerifyRequester => Self::VerifyRequester,
            Command::Approve => Self::Approve,
            Command::Reject => Self::Reject,
            Command::Accept => Self::Accept,
            Command::Decline => Self::Decline,
            Command::Tentative => Self::Tentative,
            Command::Counter { .. } => Self::Counter,
            Command::ConfirmPayment { .. } => Self::ConfirmPayment,
            Command::PaymentFailed => Self::PaymentFailed,
            Command::AcceptCounter { .. } => Self::AcceptCounter,
            Command::DeclineCounter => Self::DeclineCounter,
            Command::Amend(_) => Self::Amend,
            Command::Resend => Self::Resend,
            Command::Extend { .. } => Self::Extend,
            Command::Revoke => Self::Revoke,
            Command::Supersede { .. } => Self::Supersede,
            Command::ExpireTick => Self::ExpireTick,
            Command::RemindTick { .. } => Self::RemindTick,
            Command::BeginEffect { .. } => Self::BeginEffect,
            Command::Resume { .. } => Self::Resume,
            Command::ReassignOrganizer { .. } => Self::ReassignOrganizer,
            Command::BlockedTick => Self::BlockedTick,
            Command::ResolveFound { .. } => Self::ResolveFound,
            Command::ResolveAbsent => Self::ResolveAbsent,
            Command::Reschedule { .. } => Self::Reschedule,
            Command::Cancel => Self::Cancel,
            Command::Regenerate => Self::Regenerate,
            Command::ExternalChanged { .. } => Self::ExternalChanged,
            Command::ChangeOccurrence { .. } => Self::ChangeOccurrence,
            Command::Report { effect, report, .. } => {
                Self::of_report(report, state.and_then(|state| state.effect(effect)))
            }
        }
    }

    fn of_report(report: &EffectReport, effect: Option<&Effect>) -> Self {
        if effect.is_some_and(Effect::is_at_rest) {
            return Self::Sweep;
        }
        let undoing = effect.is_some_and(|effect| effect.status == EffectStatus::Undoing);
        match report {
            EffectReport::Succeeded(_) if undoing => Self::UndoSucceeded,
            EffectReport::Retryable { .. } if undoing => Self::UndoRetryable,
            EffectReport::Permanent(_) if undoing => Self::UndoPermanent,
            EffectReport::Succeeded(_) => Self::EffectSucceeded,
            EffectReport::Retryable { .. } => Self::EffectRetryable,
            EffectReport::Permanent(_) => Self::EffectPermanent,
            EffectReport::NeedsAction(_) => Self::EffectNeedsAction,
            EffectReport::Unknown(_) | EffectReport::StillUnknown(_) => Self::EffectUnknown,
            EffectReport::Found { .. } => Self::ReconcileFound,
            EffectReport::Absent => Self::ReconcileAbsent,
            EffectReport::Swept { .. } => Self::Sweep,
        }
    }

    /// What it may turn out as once the effect's budget and its way of reconciling are counted in.
    pub fn may_turn_out_as(self) -> Vec<Self> {
        match self {
            Self::EffectRetryable => vec![self, Self::EffectPermanent],
            Self::UndoRetryable => vec![self, Self::UndoPermanent],
            Self::EffectNeedsAction => vec![self, Self::EffectPermanent],
            Self::ReconcileFound | Self::ReconcileAbsent => vec![self, Self::ReconcileUndecided],
            _ => vec![self],
        }
    }
}

use chrono::{DateTime, Utc};

use super::{BlockCause, Closed, State};
use crate::{
    ids::{EffectId, PrincipalId},
    invitation::effect::{Effect, ExternalRef, Problem, Reconciliation},
};

/// What happened. Stored for good, so its JSON is a contract: additive only; a kind this version does not know makes its row unreadable
/// for it, and leaves it untouched.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// The invitation exists, in this state.
    Created {
        /// The whole first state.
        state: Box<State>,
    },
    /// The requester's address is proven; approval is wanted.
    RequesterVerified,
    /// Somebody approved.
    ApprovalRecorded {
        /// Who; `None`: a rule did.
        by: Option<PrincipalId>,
    },
    /// An invitee said yes.
    InviteeAccepted {
        /// Which one, by place.
        invitee: usize,
        /// Who answered.
        by: PrincipalId,
    },
    /// An invitee said no.
    InviteeDeclined {
        /// Which one, by place.
        invitee: usize,
        /// Who answered; `None`: a link holder.
        by: Option<PrincipalId>,
    },
    /// The quorum is met by this person's yes.
    Won {
        /// Whose.
        winner: PrincipalId,
    },
    /// The plan is made; effects may run.
    ProvisioningStarted {
        /// When, UTC.
        at: DateTime<Utc>,
        /// Counts the plans.
        epoch: u32,
        /// What is to be made.
        effects: Vec<Effect>,
    },
    /// One more effect for an invitation that is fulfilled.
    EffectAdded {
        /// What is to be made.
        effect: Box<Effect>,
    },
    /// The intent to send (or to undo).
    EffectStarted {
        /// Which.
        effect: EffectId,
        /// Counts the intents.
        attempt: u32,
        /// What helps when the outcome is unknown.
        reconciliation: Reconciliation,
        /// When the request is over at the latest, UTC.
        request_deadline: DateTime<Utc>,
        /// When somebody looks if nobody reports, UTC.
        reconcile_at: DateTime<Utc>,
    },
    /// Done.
    EffectDone {
        /// Which.
        effect: EffectId,
        /// When, UTC; the next effect is due then.
        at: DateTime<Utc>,
        /// What exists now.
        found: Option<Box<ExternalRef>>,
    },
    /// Refused without having acted; to be done again.
    EffectRetry {
        /// Which.
        effect: EffectId,
        /// When, UTC.
        at: DateTime<Utc>,
        /// Why.
        problem: Problem,
    },
    /// The outcome is unknown; looked up not before this time.
    EffectUnknown {
        /// Which.
        effect: EffectId,
        /// When to look, UTC.
        reconcile_at: DateTime<Utc>,
        /// Why.
        problem: Problem,
    },
    /// A look-up found nothing, which is no proof yet.
    EffectNotSeen {
        /// Which.
        effect: EffectId,
        /// When to look again, UTC.
        reconcile_at: DateTime<Utc>,
    },
    /// A look-up proves that it does not exist; to be done again.
    EffectAbsent {
        /// Which.
        effect: EffectId,
        /// When, UTC.
        at: DateTime<Utc>,
    },
    /// It will not be done: refused for good, with nothing made.
    EffectFailed {
        /// Which.
        effect: EffectId,
        /// Why.
        problem: Problem,
    },
    /// To be undone.
    UndoPlanned {
        /// Which.
        effect: EffectId,
        /// When, UTC.
        at: DateTime<Utc>,
    },
    /// Undone, or proven never to have been made.
    EffectUndone {
        /// Which.
        effect: EffectId,
    },
    /// Everything is made.
    Fulfilled,
    /// Undo begins; it ends in `target`.
    CompensationStarted {
        /// Where it ends.
        target: Closed,
    },
    /// Somebody has to do something first.
    Blocked {
        /// What kind of thing.
        cause: BlockCause,
        /// Because of which effect.
        effect: EffectId,
        /// What.
        problem: Problem,
    },
    /// The outcome of an effect cannot be decided by machine.
    Quarantined {
        /// Which effect.
        effect: EffectId,
        /// What is known.
        problem: Problem,
    },
    /// What was in the way is gone.
    Resumed {
        /// When the effects go on, UTC.
        at: DateTime<Utc>,
    },
    /// Over for good.
    Closed {
        /// How.
        how: Closed,
        /// By whom, where a person did it.
        by: Option<PrincipalId>,
    },
}

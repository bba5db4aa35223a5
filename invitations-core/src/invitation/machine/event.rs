use chrono::{DateTime, Utc};

use super::{BlockCause, Blocking, Closed, Counter, Drift, Offer, Reminder, State};
use crate::{
    ids::{EffectId, InvitationId, PrincipalId, Reference},
    invitation::effect::{Effect, ExternalRef, Problem, Reconciliation},
    provider::Account,
    time::Slot,
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
    RequesterVerified {
        /// When, UTC; `None` in rows of older versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<DateTime<Utc>>,
    },
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
    Fulfilled {
        /// When, UTC; `None` in rows of older versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<DateTime<Utc>>,
    },
    /// Undo begins; it ends in `target`.
    CompensationStarted {
        /// Where it ends.
        target: Closed,
        /// When, UTC; `None` in rows of older versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<DateTime<Utc>>,
    },
    /// Somebody has to do something first.
    Blocked {
        /// What kind of thing.
        cause: BlockCause,
        /// Because of which effect.
        effect: EffectId,
        /// What.
        problem: Problem,
        /// Since when, and what happens by itself; `None` in rows of older versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        blocking: Option<Blocking>,
    },
    /// The outcome of an effect cannot be decided by machine.
    Quarantined {
        /// Which effect.
        effect: EffectId,
        /// What is known.
        problem: Problem,
        /// When, UTC; `None` in rows of older versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<DateTime<Utc>>,
    },
    /// What was in the way is gone.
    Resumed {
        /// When the effects go on, UTC.
        at: DateTime<Utc>,
        /// Whether it is only a probe: the block counts on if it is still there.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        probe: bool,
    },
    /// Over for good.
    Closed {
        /// How.
        how: Closed,
        /// By whom, where a person did it.
        by: Option<PrincipalId>,
        /// When, UTC; `None` in rows of older versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<DateTime<Utc>>,
    },
    /// Enough members have approved: it is sent.
    ApprovedToSend {
        /// When, UTC.
        at: DateTime<Utc>,
    },
    /// An invitee said perhaps.
    InviteeTentative {
        /// Which one, by place.
        invitee: usize,
        /// Who answered.
        by: PrincipalId,
    },
    /// An invitee offered other times.
    Countered {
        /// When, UTC.
        at: DateTime<Utc>,
        /// Who and which.
        counter: Counter,
    },
    /// One of those times was taken: it is what is offered now. The other invitees are asked anew.
    CounterAccepted {
        /// When, UTC.
        at: DateTime<Utc>,
        /// The revision from now on.
        revision: u32,
        /// The time.
        slot: Slot,
        /// Live before this time, UTC.
        expires_at: DateTime<Utc>,
    },
    /// None of those times was taken.
    CounterDeclined {
        /// When, UTC.
        at: DateTime<Utc>,
    },
    /// The invitee no longer wants another time.
    CounterWithdrawn {
        /// When, UTC.
        at: DateTime<Utc>,
    },
    /// The booking is paid.
    PaymentConfirmed {
        /// The payment, where the embedder names it.
        payment: Option<Reference>,
    },
    /// A payment was tried in vain.
    PaymentFailed {
        /// When, UTC.
        at: DateTime<Utc>,
    },
    /// Something else is offered; everybody is asked anew.
    Amended {
        /// When, UTC.
        at: DateTime<Utc>,
        /// The revision from now on.
        revision: u32,
        /// What is offered now.
        offer: Box<Offer>,
        /// Live before this time, UTC.
        expires_at: DateTime<Utc>,
    },
    /// Sent again.
    Resent {
        /// When, UTC.
        at: DateTime<Utc>,
        /// Live before this time, UTC.
        expires_at: DateTime<Utc>,
    },
    /// It lives longer.
    Extended {
        /// Live before this time, UTC.
        until: DateTime<Utc>,
    },
    /// A newer one takes its place.
    SupersededBy {
        /// Which one.
        invitation: InvitationId,
    },
    /// Somebody was reminded, or it was too late to.
    Reminded {
        /// Of what.
        reminder: Reminder,
    },
    /// A new link was made.
    LinkMade {
        /// Which one it is.
        generation: u32,
    },
    /// It is to be taken back as soon as a person has decided what the machine cannot.
    RevokeRequested {
        /// Where it ends.
        target: Closed,
        /// By whom.
        by: Option<PrincipalId>,
    },
    /// Somebody else's account makes the meeting; what was planned for the other one is not made.
    OrganizerChanged {
        /// When, UTC.
        at: DateTime<Utc>,
        /// Whose.
        organizer: Account,
    },
    /// A person has decided what the machine could not; effects go on.
    ResolvedManually {
        /// When, UTC.
        at: DateTime<Utc>,
        /// About which effect.
        effect: EffectId,
        /// By whom.
        by: Option<PrincipalId>,
    },
    /// The meeting is to be moved; until that is done the old time is valid.
    RescheduleStarted {
        /// When, UTC.
        at: DateTime<Utc>,
        /// The revision from now on.
        revision: u32,
        /// What changes the meeting.
        effect: Box<Effect>,
    },
    /// The meeting is moved.
    Rescheduled {
        /// When, UTC.
        at: DateTime<Utc>,
        /// To when.
        slot: Slot,
    },
    /// The meeting could not be moved: the old time stays.
    RescheduleFailed {
        /// When, UTC.
        at: DateTime<Utc>,
        /// Why.
        problem: Problem,
    },
    /// The meeting is made anew: what there is, is taken away first.
    Regenerating {
        /// When, UTC.
        at: DateTime<Utc>,
    },
    /// What exists is not what was made.
    DriftObserved {
        /// When, UTC.
        at: DateTime<Utc>,
        /// How.
        drift: Drift,
    },
    /// An effect at rest is to be looked at again.
    SweepPlanned {
        /// Which.
        effect: EffectId,
        /// When, UTC.
        at: DateTime<Utc>,
    },
    /// An effect at rest was looked at again.
    Swept {
        /// Which.
        effect: EffectId,
        /// How many objects were taken away that should not have been there.
        removed: usize,
        /// When it is looked at next, UTC; `None`: no more.
        next_at: Option<DateTime<Utc>>,
    },
}

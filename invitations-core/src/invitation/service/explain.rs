use chrono::{DateTime, Utc};

use super::TenantInvitations;
use crate::{
    Remedy, Result,
    ids::{EffectId, InvitationId},
    invitation::{
        State, Status,
        machine::{Approval, BlockCause, Offer, Phase},
    },
};

/// What an invitation waits for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Explanation {
    /// For what.
    pub waits_for: WaitsFor,
    /// Since when, UTC; `None` in rows of older versions.
    pub since: Option<DateTime<Utc>>,
    /// When something happens by itself next, UTC; `None`: nothing does.
    pub next_attempt: Option<DateTime<Utc>>,
    /// What a person should do, where one can.
    pub remedy: Option<Remedy>,
}

/// For what an invitation waits.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum WaitsFor {
    /// The requester's click that proves the address.
    Requester,
    /// Members to approve.
    Approval {
        /// How many have.
        given: usize,
        /// How many must.
        needed: usize,
    },
    /// Invitees to accept.
    Answers {
        /// How many have.
        given: usize,
        /// How many must.
        needed: usize,
    },
    /// The booking's payment.
    Payment,
    /// The inviter, who was offered other times.
    Inviter,
    /// A provider: a worker carries out this effect.
    Provider {
        /// Which.
        effect: EffectId,
        /// Whether its outcome is unknown and is being found out.
        unclear: bool,
    },
    /// The account's owner or an administrator.
    Person {
        /// For what.
        cause: BlockCause,
    },
    /// An operator, who must find out what became of this effect.
    Operator {
        /// Which.
        effect: EffectId,
    },
    /// Nothing: it is on.
    Nothing,
    /// Nothing: it is over.
    Over {
        /// How.
        how: Status,
    },
}

impl TenantInvitations {
    /// What it waits for, since when, when something is tried next, and what a person should do. Changes nothing.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused) when there is none.
    pub async fn explain(&self, id: &InvitationId) -> Result<Explanation> {
        Ok(explain(&self.inner().load(&self.tenant, id).await?.value))
    }
}

fn explain(state: &State) -> Explanation {
    let waits_for = waits_for(state);
    let effect = state.schedule().map(|(_, at)| at).min();
    let next_attempt = effect.into_iter().chain(state.deadline()).min();
    let problem = state.attention.as_ref().or_else(|| state.next_effect().and_then(|effect| effect.problem.as_ref()));
    let remedy = problem.map(|problem| problem.remedy.clone().unwrap_or_else(|| problem.summary.clone()));
    let remedy = remedy.or_else(|| default_remedy(&waits_for).map(str::to_owned)).map(Remedy::new);
    Explanation { waits_for, since: state.since, next_attempt, remedy }
}

fn waits_for(state: &State) -> WaitsFor {
    match &state.phase {
        Phase::AwaitingVerification => WaitsFor::Requester,
        Phase::AwaitingApproval => {
            let needed = match &state.offer {
                Offer::Access { access, .. } => match access.approval {
                    Approval::Members(needed) => needed,
                    Approval::Automatic { .. } => 1,
                },
                _ => state.policy.approvals,
            };
            WaitsFor::Approval { given: state.approvals.len(), needed: usize::from(needed.max(1)) }
        }
        Phase::Pending if matches!(state.offer, Offer::Booking { .. }) => WaitsFor::Payment,
        Phase::Pending => {
            WaitsFor::Answers { given: state.accepted(), needed: state.quorum.needed(state.invitees.len()) }
        }
        Phase::Countered => WaitsFor::Inviter,
        Phase::Blocked { cause, .. } => WaitsFor::Person { cause: *cause },
        Phase::Quarantined { effect, .. } => WaitsFor::Operator { effect: effect.clone() },
        Phase::Provisioning | Phase::Rescheduling | Phase::Compensating { .. } | Phase::Fulfilled => {
            match state.effects.iter().find(|effect| !effect.is_at_rest()) {
                Some(effect) => WaitsFor::Provider { effect: effect.id.clone(), unclear: effect.tainted },
                None => WaitsFor::Nothing,
            }
        }
        Phase::Closed(how) => WaitsFor::Over { how: (*how).into() },
    }
}

fn default_remedy(waits_for: &WaitsFor) -> Option<&'static str> {
    match waits_for {
        WaitsFor::Requester => Some("Ask the requester to use the link that was mailed."),
        WaitsFor::Approval { .. } => Some("Approve or reject the request."),
        WaitsFor::Answers { .. } => Some("Wait for the invitees, or send the invitation again."),
        WaitsFor::Payment => Some("Wait for the payment, or confirm it."),
        WaitsFor::Inviter => Some("Accept one of the offered times, or decline them."),
        WaitsFor::Person { cause: BlockCause::NeedsReconsent } => Some("Ask the account's owner to connect it again."),
        WaitsFor::Person { .. } => Some("Grant what is missing, then resume."),
        WaitsFor::Operator { .. } => {
            Some("Look at the provider whether it exists, then say so with `resolve_found` or `resolve_absent`.")
        }
        WaitsFor::Provider { .. } | WaitsFor::Nothing | WaitsFor::Over { .. } => None,
    }
}

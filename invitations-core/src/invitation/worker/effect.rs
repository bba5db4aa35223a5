//! One effect: intent, request, record; or a look at one whose outcome is unknown.

use std::time::Instant;

use super::{Worker, observe};
use crate::{
    Error, ErrorKind, Result, RetryClass,
    ids::{EffectId, InvitationId, TenantId},
    invitation::{
        Command, Effect, EffectStatus, ExternalRef, Reconciliation,
        effect::{EffectCall, EffectReport, Lookup, Made, Outcome, Problem},
        machine::Phase,
        service::Sender,
    },
};

/// What to do with a due effect.
enum Step {
    /// Send it (again).
    Run,
    /// Take it back.
    Undo,
    /// Look whether it exists.
    Look,
    /// Look long after whether it is as it should be.
    Sweep,
}

impl Worker {
    pub(super) async fn effect(
        &self,
        tenant: &TenantId,
        id: &InvitationId,
        effect: &EffectId,
        fence: u64,
        claimed_at: Instant,
    ) -> Result<()> {
        let inner = &self.invitations.0;
        let mut state = inner.load(tenant, id).await?.value;
        let Some(row) = state.effect(effect) else { return Ok(()) };
        let mut step = step(row);
        let lease_ends = claimed_at + inner.timing.lease;
        #[cfg(seeded)]
        let early = self.before_the_intent(&state, row, &step).await;
        let began = inner.clock.instant();
        if !looks_only(row, &step) {
            let reconciliation = self.reconciliation(row).await;
            let request_deadline = inner.store.now().await?
                + chrono::Duration::from_std(inner.timing.request).unwrap_or_else(|_| chrono::Duration::zero());
            let begin = Command::BeginEffect { effect: effect.clone(), reconciliation, request_deadline };
            let fenced = Some((effect.clone(), fence));
            state = match inner.execute(tenant, id, &begin, &Sender::system(), fenced, false).await {
                Ok(begun) => begun.state,
                // the invitation moved on meanwhile, or the lease did
                Err(error) if matches!(error.kind(), ErrorKind::Refused | ErrorKind::Conflict) => return Ok(()),
                Err(error) => return Err(error),
            };
            let Some(row) = state.effect(effect) else { return Ok(()) };
            // what was begun may be another thing than what was due when it was read: a making may have become an undo
            step = begun(row);
        }
        let Some(row) = state.effect(effect) else { return Ok(()) };
        let attempt = row.attempt;
        let reconciliation = row.reconciliation.unwrap_or(Reconciliation::Quarantine);
        observe::started(id, effect, attempt);
        let place = state.effects.iter().position(|one| one.id == *effect).unwrap_or(0);
        let call = EffectCall::new(
            &state.effects[..place],
            (began + inner.timing.request).min(lease_ends),
            inner.timing.request,
        );
        let report = match step {
            #[cfg(seeded)]
            Step::Run if early.is_some() => self.outcome(tenant, id, row, early.unwrap_or(Outcome::Done(None))).await?,
            Step::Run => self.outcome(tenant, id, row, inner.effects.run(row, call).await).await?,
            Step::Undo => self.outcome(tenant, id, row, inner.effects.undo(row, call).await).await?,
            // nothing to look with: a person decides
            Step::Look if reconciliation == Reconciliation::Quarantine => EffectReport::Absent,
            Step::Look => self.found(tenant, id, row, inner.effects.look_up(row, call).await).await?,
            Step::Sweep => match inner.effects.sweep(row, call).await {
                Ok(swept) => EffectReport::Swept { removed: swept.removed, missing: swept.missing },
                Err(error) => EffectReport::StillUnknown(Problem::from(&error)),
            },
        };
        #[cfg(seeded)]
        let report = misjudged(report, row, reconciliation);
        observe::reported(id, effect, attempt, &report, inner.clock.instant() - began);
        let command = Command::Report { effect: effect.clone(), attempt, report };
        match inner.execute(tenant, id, &command, &Sender::system(), Some((effect.clone(), fence)), true).await {
            Ok(after) => {
                if after.state.phase == Phase::Fulfilled && state.phase == Phase::Provisioning {
                    observe::fulfilled(&after.state, inner.store.now().await?);
                }
                Ok(())
            }
            // a later lease, or a later attempt: its holder looks for itself
            Err(error) if matches!(error.kind(), ErrorKind::Refused | ErrorKind::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What helps when the answer is lost; fixed before anything is sent.
    async fn reconciliation(&self, row: &Effect) -> Reconciliation {
        match row.status {
            // an account that cannot be opened now is not known to take the same create twice
            EffectStatus::Planned | EffectStatus::Retry => {
                let known = self.invitations.0.effects.reconciliation(row).await;
                known.unwrap_or(Reconciliation::Quarantine)
            }
            _ => row.reconciliation.unwrap_or(Reconciliation::Quarantine),
        }
    }

    async fn outcome(
        &self,
        tenant: &TenantId,
        id: &InvitationId,
        row: &Effect,
        outcome: Outcome,
    ) -> Result<EffectReport> {
        Ok(match outcome {
            Outcome::Done(Some(made)) => {
                EffectReport::Succeeded(Some(Box::new(self.sealed(tenant, id, row, made).await?)))
            }
            Outcome::Done(None) => EffectReport::Succeeded(None),
            Outcome::Retry(error) => EffectReport::Retryable { after: after(&error), problem: Problem::from(&error) },
            Outcome::Unknown(error) => EffectReport::Unknown(Problem::from(&error)),
            Outcome::NeedsAction(error) => EffectReport::NeedsAction(Problem::from(&error)),
            Outcome::Permanent(error) => EffectReport::Permanent(Problem::from(&error)),
        })
    }

    async fn found(&self, tenant: &TenantId, id: &InvitationId, row: &Effect, lookup: Lookup) -> Result<EffectReport> {
        Ok(match lookup {
            Lookup::Found(copies) => {
                let extra = copies.len().saturating_sub(1);
                match copies.into_iter().next() {
                    Some(made) => {
                        EffectReport::Found { object: Box::new(self.sealed(tenant, id, row, made).await?), extra }
                    }
                    None => EffectReport::Absent,
                }
            }
            Lookup::Absent => EffectReport::Absent,
            Lookup::Unknown(error) => EffectReport::StillUnknown(Problem::from(&error)),
        })
    }

    async fn sealed(&self, tenant: &TenantId, id: &InvitationId, row: &Effect, made: Made) -> Result<ExternalRef> {
        let mut object = ExternalRef::new(row.account.clone(), made.id);
        object.created = made.created;
        object.gathering = made.gathering;
        #[cfg(seeded)]
        if crate::seeded::seeded("S02") {
            return Ok(object);
        }
        if let Some(join) = &made.join {
            let seals = self.invitations.0.seals.as_ref();
            let seals = seals.ok_or_else(|| Error::new(ErrorKind::Misconfigured, "seal join link"))?;
            object.join = Some(seals.seal_join(tenant, id, &row.id, join).await?);
        }
        Ok(object)
    }
}

/// Whether nothing is sent that could change anything, so that no intent is needed.
fn looks_only(effect: &Effect, step: &Step) -> bool {
    match step {
        Step::Look => matches!(effect.status, EffectStatus::InFlight | EffectStatus::Undoing),
        Step::Sweep => true,
        Step::Run | Step::Undo => false,
    }
}

/// What the intent that was just written is about.
fn begun(effect: &Effect) -> Step {
    match effect.status {
        EffectStatus::Undoing => step(effect),
        _ => Step::Run,
    }
}

fn step(effect: &Effect) -> Step {
    let looked_up = matches!(effect.reconciliation, Some(Reconciliation::LookUp { .. } | Reconciliation::Quarantine));
    match effect.status {
        EffectStatus::UndoPlanned | EffectStatus::Undoing if effect.found.is_none() && looked_up => Step::Look,
        EffectStatus::UndoPlanned | EffectStatus::Undoing => Step::Undo,
        EffectStatus::InFlight if looked_up => Step::Look,
        // unknown, and the same again is the same object: also while undoing, to learn what there is to undo
        EffectStatus::InFlight => Step::Run,
        EffectStatus::Planned | EffectStatus::Retry => Step::Run,
        EffectStatus::Done | EffectStatus::Undone => Step::Sweep,
    }
}

fn after(error: &Error) -> Option<std::time::Duration> {
    match error.retry() {
        RetryClass::Safe { after } | RetryClass::Unclear { after } => after,
        RetryClass::Never => None,
    }
}

#[cfg(seeded)]
impl Worker {
    /// B01.
    async fn before_the_intent(&self, state: &crate::invitation::State, row: &Effect, step: &Step) -> Option<Outcome> {
        let inner = &self.invitations.0;
        let looked_up = crate::seeded::is_looked_up(row, self.reconciliation(row).await);
        if !crate::seeded::seeded("B01") || !looked_up || !matches!(step, Step::Run) {
            return None;
        }
        let place = state.effects.iter().position(|one| one.id == row.id).unwrap_or(0);
        let until = inner.clock.instant() + inner.timing.request;
        Some(inner.effects.run(row, EffectCall::new(&state.effects[..place], until, inner.timing.request)).await)
    }
}

/// B11 and B12.
#[cfg(seeded)]
fn misjudged(report: EffectReport, row: &Effect, reconciliation: Reconciliation) -> EffectReport {
    match report {
        EffectReport::Unknown(problem) if crate::seeded::seeded("B12") => EffectReport::Permanent(problem),
        EffectReport::Unknown(problem)
            if crate::seeded::seeded("B11") && crate::seeded::is_looked_up(row, reconciliation) =>
        {
            EffectReport::Retryable { after: None, problem }
        }
        other => other,
    }
}

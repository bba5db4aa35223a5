//! Calls as a worker makes them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::EffectExecutorFixture;
use crate::{
    conformance::{Finding, Verdict, ensure},
    invitation::{
        Effect, EffectStatus, ExternalRef, Reconciliation,
        effect::{EffectCall, EffectExecutor, Lookup, Made, Outcome},
    },
};

/// How long a call may take, and how long it may wait before it is sent.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The executor and its fixture.
pub(super) struct Calls<'a> {
    pub(super) fixture: &'a dyn EffectExecutorFixture,
    pub(super) executor: Arc<dyn EffectExecutor>,
}

impl<'a> Calls<'a> {
    pub(super) async fn new(fixture: &'a dyn EffectExecutorFixture) -> Self {
        Self { executor: fixture.executor().await, fixture }
    }

    pub(super) async fn declared(&self, effect: &Effect) -> Result<Reconciliation, Finding> {
        Ok(self.executor.reconciliation(effect).await?)
    }

    pub(super) async fn run(&self, effect: &mut Effect, earlier: &[Effect]) -> Outcome {
        let outcome = self.executor.run(effect, self.call(earlier)).await;
        effect.attempt += 1;
        effect.status = EffectStatus::InFlight;
        match &outcome {
            Outcome::Done(made) => {
                effect.status = EffectStatus::Done;
                effect.found = made.as_ref().map(|made| found(effect, made));
            }
            Outcome::Unknown(_) => effect.tainted = true,
            _ => {}
        }
        outcome
    }

    /// A run that must succeed, and what it made.
    pub(super) async fn make(&self, effect: &mut Effect) -> Result<Option<Made>, Finding> {
        match self.run(effect, &[]).await {
            Outcome::Done(made) => Ok(made),
            other => Err(Finding::new(format!("run: expected Done, got {other:?}"))),
        }
    }

    pub(super) async fn look_up(&self, effect: &Effect) -> Lookup {
        self.executor.look_up(effect, None, self.call(&[])).await
    }

    pub(super) async fn undo(&self, effect: &mut Effect) -> Outcome {
        effect.status = EffectStatus::UndoPlanned;
        let outcome = self.executor.undo(effect, self.call(&[])).await;
        effect.attempt += 1;
        outcome
    }

    /// An undo that must succeed.
    pub(super) async fn take_back(&self, effect: &mut Effect) -> Verdict {
        match self.undo(effect).await {
            Outcome::Done(_) => Ok(()),
            other => Err(Finding::new(format!("undo: expected Done, got {other:?}"))),
        }
    }

    /// A finding unless so many objects exist under the effect's key.
    pub(super) async fn count(&self, effect: &Effect, wanted: usize, when: &str) -> Verdict {
        let there = self.fixture.objects(effect).await;
        ensure(there == wanted, || format!("objects {when}: {there}, expected {wanted}"))
    }

    /// A call that may be sent until `send_before`.
    pub(super) fn until<'b>(&self, earlier: &'b [Effect], send_before: Instant) -> EffectCall<'b> {
        EffectCall::new(earlier, send_before, TIMEOUT)
    }

    fn call<'b>(&self, earlier: &'b [Effect]) -> EffectCall<'b> {
        self.until(earlier, self.fixture.instant() + TIMEOUT)
    }
}

/// The worker died before it could report.
pub(super) fn forget(effect: &mut Effect) {
    (effect.status, effect.found) = (EffectStatus::InFlight, None);
}

/// What a worker notes of it.
pub(super) fn found(effect: &Effect, made: &Made) -> ExternalRef {
    let mut found = ExternalRef::new(effect.account.clone(), made.id.clone());
    (found.created, found.gathering) = (made.created, made.gathering.clone());
    found
}

/// A finding unless nobody knows what became of the call.
pub(super) fn unknown(outcome: &Outcome, when: &str) -> Verdict {
    let unknown = matches!(outcome, Outcome::Unknown(_));
    ensure(unknown, || format!("{when}: expected Unknown, got {outcome:?}"))
}

/// A finding unless the look-up found one object, with this id where the id is known.
pub(super) fn exactly(lookup: Lookup, id: Option<&str>, when: &str) -> Result<Made, Finding> {
    match lookup {
        Lookup::Found(mut copies) if copies.len() == 1 && id.is_none_or(|id| copies[0].id == id) => {
            Ok(copies.remove(0))
        }
        other => Err(Finding::new(format!("look-up {when}: expected exactly one object, got {other:?}"))),
    }
}

/// A finding unless the look-up found nothing.
pub(super) fn absent(lookup: &Lookup, when: &str) -> Verdict {
    ensure(matches!(lookup, Lookup::Absent), || format!("look-up {when}: expected Absent, got {lookup:?}"))
}

//! The executor in memory keeps the contract, whatever it declares.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use chrono::DateTime;
use invitations_core::{
    ErrorKind, RetryClass,
    conformance::{EffectExecutorFixture, Finding},
    effect_executor_suite,
    ids::{EffectId, EffectName, MeetingKey, ProviderId, TenantId, UserId},
    invitation::{
        Effect, EffectKind, Reconciliation,
        effect::{EffectCall, EffectExecutor, Lookup, Outcome},
    },
    memory::MemoryExecutor,
    provider::Account,
    runtime::{Clock as _, ManualClock},
};

pub(crate) const LAG: Duration = Duration::from_secs(90);

pub(crate) struct Fixture {
    pub(crate) clock: ManualClock,
    pub(crate) memory: MemoryExecutor,
}

impl Fixture {
    pub(crate) fn new(reconciliation: Reconciliation) -> Self {
        let clock = ManualClock::new(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let memory = MemoryExecutor::new(Arc::new(clock.clone())).with_reconciliation(reconciliation);
        Self { clock, memory }
    }
}

#[async_trait]
impl EffectExecutorFixture for Fixture {
    async fn executor(&self) -> Arc<dyn EffectExecutor> {
        Arc::new(self.memory.clone())
    }

    fn effect(&self, name: &str) -> Result<Effect, Finding> {
        let account =
            Account::application(TenantId::parse("school")?, ProviderId::parse("crm")?, UserId::parse("desk")?);
        let kind =
            EffectKind::Custom { name: EffectName::parse("crm_entry")?, payload: serde_json::json!({ "name": name }) };
        let id = EffectId::parse(format!("crm_entry.{name}"))?;
        Ok(Effect::planned(id, kind, account, MeetingKey::parse(name)?, self.clock.now()))
    }

    async fn lose_reply_of_next(&self) {
        self.memory.lose_reply_of_next(1);
    }

    async fn lose_request_of_next(&self) {
        self.memory.lose_request_of_next(1);
    }

    async fn objects(&self, effect: &Effect) -> usize {
        self.memory.objects(&effect.key).len()
    }

    fn instant(&self) -> Instant {
        self.clock.instant()
    }

    async fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    async fn made_with(&self, effect: &Effect) -> Option<Vec<String>> {
        self.memory.made_with(&effect.key)
    }
}

mod that_runs_again {
    use super::*;
    effect_executor_suite!(
        #[tokio::test]
        Fixture::new(Reconciliation::Reissue)
    );
}

mod that_looks_up_exactly {
    use super::*;
    effect_executor_suite!(
        #[tokio::test]
        Fixture::new(Reconciliation::LookUp { exact: true, lag: Duration::ZERO })
    );
}

mod that_looks_up_inexactly {
    use super::*;
    effect_executor_suite!(
        #[tokio::test]
        Fixture::new(Reconciliation::LookUp { exact: false, lag: LAG })
    );
}

mod that_asks_a_person {
    use super::*;
    effect_executor_suite!(
        #[tokio::test]
        Fixture::new(Reconciliation::Quarantine)
    );
}

fn call(fixture: &Fixture) -> EffectCall<'static> {
    EffectCall::new(&[], fixture.instant() + Duration::from_secs(20), Duration::from_secs(20))
}

#[tokio::test]
async fn refusals_say_what_can_be_done() {
    let fixture = Fixture::new(Reconciliation::Reissue);
    let effect = fixture.effect("refused").unwrap();
    for kind in [ErrorKind::Throttled, ErrorKind::Conflict, ErrorKind::NeedsReconsent, ErrorKind::InvalidInput] {
        fixture.memory.refuse_next(kind);
    }
    let outcome = fixture.memory.run(&effect, call(&fixture)).await;
    assert!(matches!(&outcome, Outcome::Retry(error) if error.retry() == RetryClass::Safe { after: None }));
    assert!(matches!(fixture.memory.run(&effect, call(&fixture)).await, Outcome::Retry(_)));
    assert!(matches!(fixture.memory.run(&effect, call(&fixture)).await, Outcome::NeedsAction(_)));
    assert!(matches!(fixture.memory.run(&effect, call(&fixture)).await, Outcome::Permanent(_)));
    assert_eq!((fixture.memory.made(), fixture.memory.writes()), (0, 4));
    assert!(matches!(fixture.memory.run(&effect, call(&fixture)).await, Outcome::Done(Some(made)) if made.created));
    assert!(matches!(fixture.memory.run(&effect, call(&fixture)).await, Outcome::Done(Some(made)) if !made.created));
    assert_eq!((fixture.memory.made(), fixture.memory.objects(&effect.key).len()), (1, 1));
}

#[tokio::test]
async fn an_inexact_look_up_misses_what_is_younger_than_its_lag() {
    let fixture = Fixture::new(Reconciliation::LookUp { exact: false, lag: LAG });
    let effect = fixture.effect("young").unwrap();
    assert!(matches!(fixture.memory.run(&effect, call(&fixture)).await, Outcome::Done(_)));
    fixture.clock.advance(LAG - Duration::from_millis(1));
    assert!(matches!(fixture.memory.look_up(&effect, None, call(&fixture)).await, Lookup::Absent));
    fixture.clock.advance(Duration::from_millis(1));
    assert!(matches!(fixture.memory.look_up(&effect, None, call(&fixture)).await, Lookup::Found(_)));
}

#[tokio::test]
async fn without_a_key_that_counts_a_second_run_makes_a_second_object() {
    let fixture = Fixture::new(Reconciliation::LookUp { exact: true, lag: Duration::ZERO });
    let effect = fixture.effect("twice").unwrap();
    for _ in 0..2 {
        assert!(matches!(fixture.memory.run(&effect, call(&fixture)).await, Outcome::Done(_)));
    }
    let found = fixture.memory.look_up(&effect, None, call(&fixture)).await;
    assert!(matches!(found, Lookup::Found(copies) if copies.len() == 2));
}

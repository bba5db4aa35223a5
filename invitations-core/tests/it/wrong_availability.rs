//! For each case of the suite one provider that is wrong in just that way, and that the case reports; and the one in memory, right.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use async_trait::async_trait;
use chrono::Duration;
use invitations_core::{
    ErrorKind, Result,
    conformance::availability_provider::{self as suite, AvailabilityFixture, Person},
    ids::{ConnectionId, ProviderId, TenantId},
    memory::MemoryAvailability,
    people::EmailAddress,
    provider::{Account, Availability, AvailabilityProvider, Busy, Open as _, Providers},
    time::TimeRange,
};

fn memory(people: &[Person]) -> MemoryAvailability {
    let memory = MemoryAvailability::new(ProviderId::parse("memory").unwrap());
    for person in people {
        memory.know(&person.who);
        for (range, busy) in &person.taken {
            memory.take(&person.who, *range, *busy);
        }
    }
    memory
}

struct Right;

impl AvailabilityFixture for Right {
    async fn provider(&self, people: &[Person]) -> Arc<dyn AvailabilityProvider> {
        Arc::new(memory(people))
    }
}

mod in_memory {
    use super::Right;
    invitations_core::availability_provider_suite!(
        #[tokio::test]
        Right
    );
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    SortsPeople,
    TakesTentativeForFree,
    TakesStrangersForFree,
    ShowsMoreThanTheWindow,
    /// Asks in parts of 42 days, and says nothing is taken in the last hour of each.
    LosesJoints,
    AnswersTheFirstHundred,
    AnswersAnything,
}

#[derive(Debug)]
struct Wrong {
    fault: Fault,
    inner: MemoryAvailability,
}

#[async_trait]
impl AvailabilityProvider for Wrong {
    async fn availability(&self, who: &[EmailAddress], within: TimeRange) -> Result<Vec<Availability>> {
        if self.fault == Fault::AnswersAnything && within.is_empty() {
            return Ok(who.iter().map(|who| Availability::new(who.clone(), Vec::new())).collect());
        }
        let mut asked = who.to_vec();
        if self.fault == Fault::SortsPeople {
            asked.sort_by(|one, other| one.canonical().cmp(other.canonical()));
        }
        let wider = match self.fault {
            Fault::ShowsMoreThanTheWindow => TimeRange::new(within.from - Duration::hours(1), within.until),
            _ => within,
        };
        let mut answer = self.inner.availability(&asked, wider).await?;
        for (place, one) in answer.iter_mut().enumerate() {
            for (slot, busy) in &mut one.slots {
                let hour = (slot.from - within.from).num_hours() + 1;
                match self.fault {
                    Fault::TakesTentativeForFree if *busy == Busy::Tentative => *busy = Busy::Free,
                    Fault::TakesStrangersForFree if *busy == Busy::Unknown => *busy = Busy::Free,
                    Fault::LosesJoints if hour % (42 * 24) == 0 => *busy = Busy::Free,
                    Fault::AnswersTheFirstHundred if place >= 100 => *busy = Busy::Unknown,
                    _ => {}
                }
            }
        }
        Ok(answer)
    }
}

struct With(Fault);

impl AvailabilityFixture for With {
    async fn provider(&self, people: &[Person]) -> Arc<dyn AvailabilityProvider> {
        Arc::new(Wrong { fault: self.0, inner: memory(people) })
    }
}

macro_rules! reports { ($($case:ident: $fault:ident;)+) => {$(
    #[tokio::test]
    async fn $case() {
        suite::$case(&With(Fault::$fault)).await.expect_err("the case reports the fault");
    }
)+}}

reports! {
    one_entry_per_person_in_order: SortsPeople;
    taken_time_is_taken_and_the_rest_is_free: TakesTentativeForFree;
    a_stranger_is_unknown_and_harms_nobody: TakesStrangersForFree;
    slots_lie_in_the_window_in_order: ShowsMoreThanTheWindow;
    a_long_window_is_answered_whole: LosesJoints;
    many_people_are_answered_each: AnswersTheFirstHundred;
    an_empty_window_is_invalid: AnswersAnything;
}

#[tokio::test]
async fn the_one_in_memory_is_opened_by_its_account_and_refuses_on_order() {
    let (provider, tenant) = (ProviderId::parse("memory").unwrap(), TenantId::parse("school").unwrap());
    let memory = memory(&[]);
    let providers = Providers::new().with_availability(provider.clone(), Arc::new(memory.clone()));
    let account = Account::connection(tenant.clone(), provider, ConnectionId::parse("c").unwrap());
    let opened = providers.availability(&account).await.unwrap();
    let (ada, start) = (EmailAddress::parse("Ada@x.example").unwrap(), Right.start());
    let hour = TimeRange::new(start, start + Duration::hours(1));
    assert_eq!(opened.availability(std::slice::from_ref(&ada), hour).await.unwrap()[0].standing(hour), Busy::Unknown);
    memory.know(&EmailAddress::parse("ada@x.example").unwrap());
    assert_eq!(opened.availability(std::slice::from_ref(&ada), hour).await.unwrap()[0].standing(hour), Busy::Free);
    memory.refuse_next(ErrorKind::Throttled);
    assert_eq!(opened.availability(&[ada], hour).await.unwrap_err().kind(), ErrorKind::Throttled);
    let other = Account::connection(tenant, ProviderId::parse("other").unwrap(), ConnectionId::parse("c").unwrap());
    assert!(memory.open(&other).await.is_err());
}

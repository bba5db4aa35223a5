//! Cases for any [`AvailabilityProvider`].

use std::{future::Future, sync::Arc};

use chrono::{DateTime, Duration, Utc};

use super::{Finding, Verdict, ensure, ensure_kind};
use crate::{
    ErrorKind,
    people::EmailAddress,
    provider::{Availability, AvailabilityProvider, Busy},
    time::TimeRange,
};

/// Somebody of the suite, and what of their time is taken.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a name and its times; fixtures read it")]
pub struct Person {
    /// Who.
    pub who: EmailAddress,
    /// Taken as [`Busy::Busy`] or [`Busy::Tentative`], in whole hours; all other time is free.
    pub taken: Vec<(TimeRange, Busy)>,
}

/// Opens the provider under test.
pub trait AvailabilityFixture: Send + Sync {
    /// A provider that knows these people, and nobody of [`stranger`](Self::stranger).
    fn provider(&self, people: &[Person]) -> impl Future<Output = Arc<dyn AvailabilityProvider>> + Send;

    /// Where the suite's window begins: a whole hour. A fixture for a live service takes a time ahead that its people have free.
    fn start(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(2_524_608_000, 0).unwrap_or_default() // 2050
    }

    /// The address of somebody of the suite.
    ///
    /// # Errors
    /// A finding when the name makes no address.
    fn address(&self, name: &str) -> Result<EmailAddress, Finding> {
        Ok(EmailAddress::parse(format!("suite-{name}@people.example"))?)
    }

    /// An address that the provider does not know.
    ///
    /// # Errors
    /// A finding when it is no address.
    fn stranger(&self) -> Result<EmailAddress, Finding> {
        Ok(EmailAddress::parse("suite-stranger@elsewhere.example")?)
    }
}

/// From an hour of the suite's window to another.
fn hours(fixture: &impl AvailabilityFixture, from: i64, until: i64) -> TimeRange {
    TimeRange::new(fixture.start() + Duration::hours(from), fixture.start() + Duration::hours(until))
}

async fn ask(
    provider: &Arc<dyn AvailabilityProvider>,
    who: &[EmailAddress],
    within: TimeRange,
) -> Result<Vec<Availability>, Finding> {
    let answer = provider.availability(who, within).await?;
    let asked: Vec<_> = who.iter().map(EmailAddress::canonical).collect();
    let answered: Vec<_> = answer.iter().map(|one| one.who.canonical()).collect();
    ensure(asked == answered, || format!("asked for {asked:?}, answered for {answered:?}"))?;
    Ok(answer)
}

fn stands(one: &Availability, range: TimeRange, expected: Busy) -> Verdict {
    let seen = one.standing(range);
    ensure(seen == expected, || {
        format!("{} from {} to {}: expected {expected:?}, got {seen:?}", one.who, range.from, range.until)
    })
}

/// One entry per person in the order of the question, also for somebody who is asked for twice, and none for nobody.
///
/// # Errors
/// The finding.
pub async fn one_entry_per_person_in_order(fixture: &impl AvailabilityFixture) -> Verdict {
    let mut people = Vec::new();
    for name in ["order-b", "order-a", "order-c"] {
        people.push(Person { who: fixture.address(name)?, taken: Vec::new() });
    }
    let provider = fixture.provider(&people).await;
    let mut who: Vec<_> = people.into_iter().map(|person| person.who).collect();
    who.extend(who.first().cloned());
    ask(&provider, &who, hours(fixture, 0, 8)).await?;
    ask(&provider, &[], hours(fixture, 0, 8)).await.map(drop)
}

/// Taken time is busy or tentative, as it was taken, and all other time of a known person is free.
///
/// # Errors
/// The finding.
pub async fn taken_time_is_taken_and_the_rest_is_free(fixture: &impl AvailabilityFixture) -> Verdict {
    let taken = vec![(hours(fixture, 2, 3), Busy::Busy), (hours(fixture, 5, 6), Busy::Tentative)];
    let people = [Person { who: fixture.address("taken")?, taken }];
    let provider = fixture.provider(&people).await;
    let who = [fixture.address("taken")?];
    let answer = ask(&provider, &who, hours(fixture, 0, 8)).await?;
    let one = answer.first().ok_or_else(|| Finding::new("no entry"))?;
    for (from, until, expected) in [
        (0, 2, Busy::Free),
        (2, 3, Busy::Busy),
        (3, 5, Busy::Free),
        (5, 6, Busy::Tentative),
        (6, 8, Busy::Free),
        (0, 8, Busy::Busy),
    ] {
        stands(one, hours(fixture, from, until), expected)?;
    }
    Ok(())
}

/// Somebody the provider does not know is unknown at all times, and keeps nobody else from being answered.
///
/// # Errors
/// The finding.
pub async fn a_stranger_is_unknown_and_harms_nobody(fixture: &impl AvailabilityFixture) -> Verdict {
    let people = [Person { who: fixture.address("host")?, taken: vec![(hours(fixture, 1, 2), Busy::Busy)] }];
    let provider = fixture.provider(&people).await;
    let who = [fixture.stranger()?, fixture.address("host")?];
    let answer = ask(&provider, &who, hours(fixture, 0, 8)).await?;
    let (Some(stranger), Some(host)) = (answer.first(), answer.get(1)) else {
        return Err(Finding::new("not two entries"));
    };
    for hour in 0..8 {
        stands(stranger, hours(fixture, hour, hour + 1), Busy::Unknown)?;
    }
    stands(host, hours(fixture, 1, 2), Busy::Busy)?;
    stands(host, hours(fixture, 2, 8), Busy::Free)
}

/// Slots lie within the window, in order, without overlaps and none of them empty. What reaches over an end of the window is cut.
///
/// # Errors
/// The finding.
pub async fn slots_lie_in_the_window_in_order(fixture: &impl AvailabilityFixture) -> Verdict {
    let over_both_ends = vec![
        (hours(fixture, -2, 1), Busy::Busy),
        (hours(fixture, 7, 12), Busy::Busy),
        (hours(fixture, 3, 5), Busy::Busy),
        (hours(fixture, 4, 6), Busy::Tentative),
    ];
    let people = [Person { who: fixture.address("window")?, taken: over_both_ends }];
    let provider = fixture.provider(&people).await;
    let (who, within) = ([fixture.address("window")?], hours(fixture, 0, 8));
    let answer = ask(&provider, &who, within).await?;
    let one = answer.first().ok_or_else(|| Finding::new("no entry"))?;
    let mut before = within.from;
    for (slot, busy) in &one.slots {
        let fits = slot.from >= before && slot.until <= within.until && !slot.is_empty();
        ensure(fits, || format!("{busy:?} from {} to {} is out of place", slot.from, slot.until))?;
        before = slot.until;
    }
    stands(one, hours(fixture, 0, 1), Busy::Busy)?;
    stands(one, hours(fixture, 3, 5), Busy::Busy)?;
    stands(one, hours(fixture, 5, 6), Busy::Tentative)?;
    stands(one, hours(fixture, 7, 8), Busy::Busy)
}

/// A window of half a year is answered whole: whatever the provider takes at a time, no joint is lost and none is free by mistake.
///
/// # Errors
/// The finding.
pub async fn a_long_window_is_answered_whole(fixture: &impl AvailabilityFixture) -> Verdict {
    let days = 183;
    // one hour before and one after each midnight of a week, and at the very end
    let at = [6, 7, 20, 41, 42, 61, 62, 100, days - 1].map(|day| hours(fixture, day * 24 + 23, day * 24 + 24));
    let taken = at.iter().map(|range| (*range, Busy::Busy)).collect();
    let people = [Person { who: fixture.address("long")?, taken }];
    let provider = fixture.provider(&people).await;
    let who = [fixture.address("long")?, fixture.stranger()?];
    let answer = ask(&provider, &who, hours(fixture, 0, days * 24)).await?;
    let (Some(one), Some(stranger)) = (answer.first(), answer.get(1)) else {
        return Err(Finding::new("not two entries"));
    };
    for hour in 0..days * 24 {
        let range = hours(fixture, hour, hour + 1);
        stands(one, range, if at.contains(&range) { Busy::Busy } else { Busy::Free })?;
        stands(stranger, range, Busy::Unknown)?;
    }
    Ok(())
}

/// A question for a hundred and fifty people is answered for each of them.
///
/// # Errors
/// The finding.
pub async fn many_people_are_answered_each(fixture: &impl AvailabilityFixture) -> Verdict {
    let mut people = Vec::new();
    for number in 0..150 {
        let taken = hours(fixture, number % 8, number % 8 + 1);
        people.push(Person { who: fixture.address(&format!("crowd-{number}"))?, taken: vec![(taken, Busy::Busy)] });
    }
    let provider = fixture.provider(&people).await;
    let who: Vec<_> = people.iter().map(|person| person.who.clone()).collect();
    for (one, person) in ask(&provider, &who, hours(fixture, 0, 8)).await?.iter().zip(&people) {
        for hour in 0..8 {
            let range = hours(fixture, hour, hour + 1);
            let busy = person.taken.iter().any(|(taken, _)| *taken == range);
            stands(one, range, if busy { Busy::Busy } else { Busy::Free })?;
        }
    }
    Ok(())
}

/// A window without time is refused.
///
/// # Errors
/// The finding.
pub async fn an_empty_window_is_invalid(fixture: &impl AvailabilityFixture) -> Verdict {
    let people = [Person { who: fixture.address("empty")?, taken: Vec::new() }];
    let provider = fixture.provider(&people).await;
    let who = [fixture.address("empty")?];
    for within in [hours(fixture, 1, 1), hours(fixture, 2, 1)] {
        ensure_kind(provider.availability(&who, within).await, ErrorKind::InvalidInput, "an empty window")?;
    }
    Ok(())
}

/// One test per case of [`availability_provider`](mod@crate::conformance::availability_provider), over an
/// [`AvailabilityFixture`](crate::conformance::availability_provider::AvailabilityFixture).
#[macro_export]
macro_rules! availability_provider_suite {
    ($(#[$test:meta])+ $fixture:expr) => {
        $crate::__suite! {
            $(#[$test])+ $fixture;
            availability_provider: one_entry_per_person_in_order, taken_time_is_taken_and_the_rest_is_free,
            a_stranger_is_unknown_and_harms_nobody, slots_lie_in_the_window_in_order, a_long_window_is_answered_whole,
            many_people_are_answered_each, an_empty_window_is_invalid
        }
    };
}

//! Whatever goes wrong in between: once it stops, the calendar says what the records say, once each.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeMap, time::Duration};

use calendar_sync::{Desired, Disconnect, VecSource};
use invitations_core::{ErrorKind, provider::CalendarCapabilities};
use proptest::prelude::*;

use crate::world::{LATER, World, gone, wish, world, world_with};

#[derive(Clone, Debug)]
enum Happens {
    Wants { record: u8, title: u8 },
    Gone { record: u8 },
    Pushes,
    Syncs,
    Stale { record: u8 },
    LosesReply,
    LosesRequest,
    Throttles,
    IndexLags,
    UserEdits { record: u8 },
    Time { seconds: u64 },
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        4 => (0..4_u8, 0..3_u8).prop_map(|(record, title)| Happens::Wants { record, title }),
        2 => (0..4_u8).prop_map(|record| Happens::Gone { record }),
        5 => Just(Happens::Pushes),
        2 => Just(Happens::Syncs),
        1 => (0..4_u8).prop_map(|record| Happens::Stale { record }),
        2 => Just(Happens::LosesReply),
        2 => Just(Happens::LosesRequest),
        1 => Just(Happens::Throttles),
        1 => Just(Happens::IndexLags),
        1 => (0..4_u8).prop_map(|record| Happens::UserEdits { record }),
        3 => (0..120_u64).prop_map(|seconds| Happens::Time { seconds }),
    ]
}

fn name(record: u8) -> String {
    format!("record-{record}")
}

async fn run(world: World, story: Vec<Happens>, may_lag: bool) -> Result<(), TestCaseError> {
    let (mut wanted, mut version): (BTreeMap<u8, Desired>, u64) = (BTreeMap::new(), 0);
    let inner = world.calendar.inner.clone();
    // a look-up that misses an event long after it was made is survived where the key is honoured and the record stays
    let may_lag = may_lag && !story.iter().any(|happens| matches!(happens, Happens::Gone { .. }));
    for happens in story {
        version += 1;
        match happens {
            Happens::Wants { record, title } => {
                wanted.insert(record, wish(&name(record), version, &format!("{record} as {title}")));
            }
            Happens::Gone { record } => _ = wanted.insert(record, gone(&name(record), version)),
            Happens::Pushes => {
                let records: Vec<_> = wanted.values().cloned().collect();
                world.push(&records).await;
            }
            Happens::Syncs => {
                let records: Vec<_> = wanted.values().cloned().collect();
                world.sync.sync_now(&world.binding, &VecSource::new(records)).await.unwrap();
            }
            Happens::Stale { record } => {
                world.push(&[wish(&name(record), 0, "an old title")]).await;
                // version 0 is the first one of a record nobody has heard of
                wanted.entry(record).or_insert_with(|| wish(&name(record), 0, "an old title"));
            }
            Happens::LosesReply => inner.lose_reply_of_next(1),
            Happens::LosesRequest => inner.lose_request_of_next(1),
            Happens::Throttles => inner.refuse_next(ErrorKind::Throttled),
            Happens::IndexLags if may_lag => inner.hide_from_next_lookups(1),
            Happens::IndexLags => {}
            Happens::UserEdits { record } => {
                let events = inner.events_in(&world.binding.calendar);
                if let Some(event) = events.get(usize::from(record)) {
                    inner
                        .edit(&world.binding.calendar, &event.id, |event| event.location = Some("Here".into()))
                        .unwrap();
                }
            }
            Happens::Time { seconds } => world.clock.advance(Duration::from_secs(seconds)),
        }
    }
    // faults that were ordered but did not happen yet, happen now; then they are over
    let records: Vec<_> = wanted.values().cloned().collect();
    for _ in 0..60 {
        world.clock.advance(LATER);
        world.push(&records).await;
    }
    let mut titles: Vec<String> = records.iter().filter_map(|record| Some(record.event.clone()?.subject)).collect();
    titles.sort();
    prop_assert_eq!(world.titles(), titles);
    prop_assert_eq!(world.push(&records).await.calls, 0, "sync_i08: nothing more to do");
    // and everything that stands is known: purging leaves nothing, whatever faults are still to come
    for _ in 0..60 {
        world.clock.advance(LATER);
        world.sync.disconnect(&world.binding, Disconnect::Purge).await.unwrap();
    }
    prop_assert!(world.rows().await.unwrap().is_empty());
    prop_assert!(world.titles().is_empty());
    Ok(())
}

fn block_on(story: impl Future<Output = Result<(), TestCaseError>>) -> Result<(), TestCaseError> {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(story)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn sync_i11_where_everything_is_declared(story in proptest::collection::vec(happens(), 0..40)) {
        block_on(run(world(), story, true))?;
    }

    #[test]
    fn sync_i11_where_events_are_only_found_by_marker(story in proptest::collection::vec(happens(), 0..40)) {
        let capabilities = CalendarCapabilities::new().with_width(2, 2).with_marker().with_conditional_write();
        block_on(run(world_with(Some(capabilities)), story, false))?;
    }

    #[test]
    fn sync_i11_where_versions_are_not_checked(story in proptest::collection::vec(happens(), 0..40)) {
        let capabilities = CalendarCapabilities::new().with_width(2, 2).with_marker().with_idempotent_create();
        block_on(run(world_with(Some(capabilities)), story, true))?;
    }
}

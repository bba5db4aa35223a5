use chrono::{DateTime, Duration, TimeZone as _, Utc};
use invitations_core::{ids::EventId, provider::EventDraft, time::EventTime};
use proptest::prelude::*;

use super::*;
use crate::{Desired, Mapping, MappingState, Op, SourceId, canonical};

fn draft(title: &str) -> EventDraft {
    EventDraft::new(title, EventTime::AllDay { from: "2026-09-01".parse().unwrap(), days: 1 })
}

fn id() -> SourceId {
    SourceId::parse("essay").unwrap()
}

fn row(state: MappingState, external: bool) -> Mapping {
    let mut row = Mapping::new(id(), 2, state);
    row.pushed = canonical::hash(&draft("same")).unwrap();
    row.external = external.then(|| EventId::parse("event").unwrap());
    row
}

fn doubtful(until: Option<DateTime<Utc>>, unclear: Op) -> Mapping {
    let mut row = row(MappingState::Blocked { until }, unclear == Op::Delete);
    row.unclear = Some(unclear);
    row
}

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 2, 12, 0, 0).unwrap()
}

fn wish(version: u64, title: &str) -> Desired {
    Desired::event(id(), version, draft(title))
}

fn gone(version: u64) -> Desired {
    Desired::gone(id(), version)
}

#[test]
fn every_row_of_the_table() {
    let later = Some(now() + Duration::minutes(1));
    let table = [
        (wish(1, "same"), None, Step::Create(0)),
        (gone(1), None, Step::Forget),
        (wish(1, "new"), Some(row(MappingState::Live, true)), Step::Stale),
        (gone(1), Some(row(MappingState::Live, true)), Step::Stale),
        (wish(2, "same"), Some(row(MappingState::Live, true)), Step::Nothing),
        (wish(3, "same"), Some(row(MappingState::Live, true)), Step::Nothing),
        (wish(3, "new"), Some(row(MappingState::Live, true)), Step::Update),
        (gone(3), Some(row(MappingState::Live, true)), Step::Delete),
        (wish(2, "same"), Some(row(MappingState::Intent(Op::Create), false)), Step::LookUp),
        (wish(3, "new"), Some(row(MappingState::Intent(Op::Create), false)), Step::LookUp),
        (wish(2, "same"), Some(row(MappingState::Intent(Op::Update), true)), Step::Update),
        (wish(3, "same"), Some(row(MappingState::Intent(Op::Delete), true)), Step::LookUp),
        (gone(2), Some(row(MappingState::Intent(Op::Create), false)), Step::LookUp),
        (gone(2), Some(row(MappingState::Intent(Op::Update), true)), Step::Delete),
        (gone(2), Some(row(MappingState::Intent(Op::Delete), true)), Step::Delete),
        (wish(2, "same"), Some(row(MappingState::Blocked { until: later }, false)), Step::Nothing),
        (wish(2, "same"), Some(row(MappingState::Blocked { until: Some(now()) }, false)), Step::Create(0)),
        (wish(3, "new"), Some(row(MappingState::Blocked { until: None }, true)), Step::Update),
        (wish(2, "same"), Some(row(MappingState::Blocked { until: None }, false)), Step::Nothing),
        (gone(2), Some(row(MappingState::Blocked { until: later }, true)), Step::Nothing),
        (gone(2), Some(row(MappingState::Blocked { until: None }, true)), Step::Delete),
        (gone(3), Some(row(MappingState::Blocked { until: None }, false)), Step::Forget),
        // refused after an earlier try that may have happened
        (wish(3, "new"), Some(doubtful(None, Op::Create)), Step::LookUp),
        (wish(3, "new"), Some(doubtful(None, Op::Delete)), Step::LookUp),
        (wish(2, "same"), Some(doubtful(later, Op::Create)), Step::Nothing),
        (gone(3), Some(doubtful(None, Op::Create)), Step::LookUp),
        (gone(2), Some(doubtful(later, Op::Create)), Step::Nothing),
        (gone(3), Some(doubtful(None, Op::Delete)), Step::Delete),
        (wish(3, "new"), Some(row(MappingState::Detached, true)), Step::Nothing),
        (gone(3), Some(row(MappingState::Detached, true)), Step::Forget),
        (wish(2, "same"), Some(row(MappingState::Tombstone, false)), Step::Nothing),
        (wish(3, "same"), Some(row(MappingState::Tombstone, false)), Step::Create(1)),
        (gone(3), Some(row(MappingState::Tombstone, false)), Step::Forget),
    ];
    for (desired, mapping, wanted) in table {
        let found = step(&desired, mapping.as_ref(), now()).unwrap();
        assert_eq!(found, wanted, "{desired:?} with {:?}", mapping.map(|row| row.state));
    }
}

#[test]
fn every_row_after_a_look_up() {
    let (create, delete) = (MappingState::Intent(Op::Create), MappingState::Intent(Op::Delete));
    let table = [
        // not there, and it may still arrive
        (wish(2, "same"), &create, None, false, After::Wait),
        (gone(3), &create, None, false, After::Wait),
        (wish(3, "same"), &delete, Some("same"), false, After::Wait),
        (wish(3, "same"), &delete, None, false, After::Wait),
        // there is there
        (wish(2, "same"), &create, Some("same"), false, After::Confirmed),
        (wish(3, "new"), &create, Some("same"), false, After::Then(Step::Update)),
        (gone(3), &create, Some("same"), false, After::Then(Step::Delete)),
        // settled
        (wish(2, "same"), &create, None, true, After::Then(Step::Create(0))),
        (gone(3), &create, None, true, After::Then(Step::Forget)),
        (wish(3, "same"), &delete, None, true, After::Then(Step::Create(1))),
        (wish(3, "same"), &delete, Some("same"), true, After::Confirmed),
        (wish(3, "new"), &delete, Some("same"), true, After::Then(Step::Update)),
    ];
    for (desired, state, found, settled, wanted) in table {
        let mapping = row(state.clone(), *state == delete);
        let after = after_look_up(&desired, &mapping, found.map(draft).as_ref(), settled).unwrap();
        assert_eq!(after, wanted, "{desired:?} with {state:?}, found {found:?}, settled {settled}");
    }
}

fn any_state() -> impl Strategy<Value = MappingState> {
    let until = prop_oneof![Just(None), (-90_i64..90).prop_map(|minutes| Some(now() + Duration::minutes(minutes)))];
    prop_oneof![
        prop_oneof![Just(Op::Create), Just(Op::Update), Just(Op::Delete)].prop_map(MappingState::Intent),
        Just(MappingState::Live),
        until.prop_map(|until| MappingState::Blocked { until }),
        Just(MappingState::Detached),
        Just(MappingState::Tombstone),
    ]
}

fn any_row() -> impl Strategy<Value = Option<Mapping>> {
    let row = (any_state(), any::<bool>(), 0_u64..4, 0_u32..3).prop_map(|(state, external, version, incarnation)| {
        let mut row = row(state, external);
        (row.version, row.incarnation) = (version, incarnation);
        row
    });
    proptest::option::of(row)
}

fn any_wish() -> impl Strategy<Value = Desired> {
    prop_oneof![
        (0_u64..4, prop_oneof![Just("same"), Just("new")]).prop_map(|(version, title)| wish(version, title)),
        (0_u64..4).prop_map(gone),
    ]
}

proptest! {
    #[test]
    fn the_planner_is_total_and_keeps_its_word(desired in any_wish(), mapping in any_row()) {
        let step = step(&desired, mapping.as_ref(), now()).unwrap();
        let known = mapping.as_ref().map_or(0, |row| row.version);
        // sync_i17: an older version decides nothing
        prop_assert_eq!(step == Step::Stale, desired.version < known);
        match &step {
            Step::Delete => prop_assert!(desired.event.is_none()),
            Step::Create(_) | Step::Update => prop_assert!(desired.event.is_some()),
            _ => {}
        }
        // sync_i01: an unclear create is looked up before anything else
        if mapping.is_some_and(|row| row.state == MappingState::Intent(Op::Create)) {
            prop_assert!(matches!(step, Step::LookUp | Step::Stale));
        }
    }

    #[test]
    fn nothing_follows_from_absence_before_it_is_settled(
        desired in any_wish(), state in any_state(), title in prop_oneof![Just("same"), Just("new")],
    ) {
        let mapping = row(state, false);
        prop_assert_eq!(after_look_up(&desired, &mapping, None, false).unwrap(), After::Wait);
        let found = after_look_up(&desired, &mapping, Some(&draft(title)), true).unwrap();
        prop_assert!(!matches!(found, After::Then(Step::Create(_))), "what is there is never made again");
    }

    #[test]
    fn a_plan_does_not_depend_on_the_order_of_the_records(
        names in proptest::sample::subsequence((0..12).collect::<Vec<_>>(), 0..12).prop_shuffle(),
        held in proptest::sample::subsequence((20..30).collect::<Vec<_>>(), 0..10).prop_shuffle(),
    ) {
        let source = |name: &i32| SourceId::parse(name.to_string()).unwrap();
        let plan = |names: &[i32], held: &[i32]| {
            let ops = names.iter().map(|name| Step::Create(0).planned(&Desired::gone(source(name), 1)).unwrap());
            Plan::of(ops.collect(), held.iter().map(source).collect())
        };
        let one = plan(&names, &held);
        let (mut names, mut held) = (names, held);
        names.sort_unstable();
        held.sort_unstable();
        prop_assert_eq!(&one, &plan(&names, &held));
        if !names.is_empty() {
            prop_assert_ne!(one.fingerprint, plan(&names[1..], &held).fingerprint);
        }
    }
}

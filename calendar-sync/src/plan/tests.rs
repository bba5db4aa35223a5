use chrono::{Duration, TimeZone as _};
use invitations_core::{ids::EventId, provider::EventDraft, time::EventTime};

use super::*;

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

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 2, 12, 0, 0).unwrap()
}

#[test]
fn every_row_of_the_table() {
    let wish = |version, title| Desired::event(id(), version, draft(title));
    let gone = |version| Desired::gone(id(), version);
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
        (wish(2, "same"), Some(row(MappingState::Intent(Op::Update), true)), Step::Update),
        (wish(3, "same"), Some(row(MappingState::Intent(Op::Delete), true)), Step::LookUp),
        (gone(2), Some(row(MappingState::Intent(Op::Create), false)), Step::LookUp),
        (gone(2), Some(row(MappingState::Intent(Op::Delete), true)), Step::Delete),
        (wish(2, "same"), Some(row(MappingState::Blocked { until: later }, false)), Step::Nothing),
        (wish(2, "same"), Some(row(MappingState::Blocked { until: Some(now()) }, false)), Step::Create(0)),
        (wish(3, "new"), Some(row(MappingState::Blocked { until: None }, true)), Step::Update),
        (wish(2, "same"), Some(row(MappingState::Blocked { until: None }, false)), Step::Nothing),
        (gone(3), Some(row(MappingState::Blocked { until: None }, false)), Step::Forget),
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
fn a_plan_does_not_depend_on_the_order_of_the_records() {
    let op = |name: &str| {
        let desired = Desired::event(SourceId::parse(name).unwrap(), 1, draft("x"));
        Step::Create(0).planned(&desired).unwrap()
    };
    let one = Plan::of(vec![op("a"), op("b")], vec![]);
    assert_eq!(one, Plan::of(vec![op("b"), op("a")], vec![]));
    assert_ne!(one.fingerprint, Plan::of(vec![op("a")], vec![]).fingerprint);
}

//! Reading the whole source: implied deletions, their guard, dry runs, approval, a lost store.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use async_trait::async_trait;
use calendar_sync::{Desired, MappingStore as _, Source, SourceNext, SourcePage, VecSource, memory::MemoryMappings};
use invitations_core::{
    Error, ErrorKind, Result,
    ids::{PageToken, SyncCursor},
    provider::CalendarCapabilities,
};

use crate::world::{LATER, World, engine, gone, wish, world, world_with};

fn records(from: usize, until: usize) -> Vec<Desired> {
    (from..until).map(|number| wish(&format!("record-{number:03}"), 1, &format!("Title {number:03}"))).collect()
}

async fn sync(world: &World, records: Vec<Desired>) -> calendar_sync::Report {
    world.sync.sync_now(&world.binding, &VecSource::new(records)).await.unwrap()
}

/// Pages of ten; then how it ends.
#[derive(Debug)]
struct Paged(Vec<Desired>, Ending);

#[derive(Clone, Copy, Debug)]
enum Ending {
    All,
    Changes,
    Fails,
    GoesRound,
}

#[async_trait]
impl Source for Paged {
    async fn all(&self, page: Option<&PageToken>) -> Result<SourcePage> {
        let at: usize = page.map_or(0, |page| page.as_str().parse().unwrap());
        let items = self.0.iter().skip(at).take(10).cloned().collect();
        let next = if at + 10 < self.0.len() {
            SourceNext::More(PageToken::parse((at + 10).to_string())?)
        } else {
            match self.1 {
                Ending::All => SourceNext::EndOfAll,
                Ending::Changes => SourceNext::EndOfChanges(SyncCursor::parse("next")?),
                Ending::Fails => return Err(Error::new(ErrorKind::Unavailable, "read records")),
                Ending::GoesRound => SourceNext::More(PageToken::parse("10")?),
            }
        };
        Ok(SourcePage { items, next })
    }
    async fn changes(&self, _: &SyncCursor, _: Option<&PageToken>) -> Result<SourcePage> {
        Err(Error::new(ErrorKind::ResyncRequired, "read changes"))
    }
}

#[tokio::test]
async fn a_record_that_is_missing_is_deleted() {
    let world = world();
    assert_eq!(sync(&world, records(0, 10)).await.created, 10);
    let report = sync(&world, records(3, 11)).await;
    assert_eq!((report.created, report.deleted, report.unchanged, report.held), (1, 3, 7, 0));
    assert_eq!(world.titles().len(), 8);
    assert_eq!(sync(&world, records(3, 11)).await.calls, 0, "sync_i08: nothing more to do");
}

#[tokio::test]
async fn sync_i06_too_many_missing_records_are_held() {
    let world = world();
    sync(&world, records(0, 100)).await;
    let mut left = records(11, 100);
    left.push(wish("new", 1, "New"));
    left[0] = wish("record-011", 2, "Changed");
    let report = sync(&world, left.clone()).await;
    assert_eq!((report.held, report.deleted, report.created, report.updated), (11, 0, 1, 1), "the rest goes on");
    assert_eq!(world.titles().len(), 101);
    // ten of a hundred and one are let through
    left.push(wish("record-010", 1, "Title 010"));
    assert_eq!(sync(&world, left).await.deleted, 10);
}

#[tokio::test]
async fn an_empty_source_deletes_nothing_without_approval() {
    let world = world();
    sync(&world, records(0, 20)).await;
    let empty = VecSource::default();
    assert_eq!(world.sync.sync_now(&world.binding, &empty).await.unwrap().held, 20);
    let plan = world.sync.plan(&world.binding, &empty).await.unwrap();
    assert_eq!((plan.ops.len(), plan.held.len()), (0, 20));
    // another plan's fingerprint is refused, and nothing is done
    let other = world.sync.plan(&world.binding, &VecSource::new(records(0, 1))).await.unwrap();
    world.calendar.take();
    let refused = world.sync.approve(&world.binding, &empty, &other.fingerprint).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    assert!(world.calendar.take().calls.is_empty());
    let report = world.sync.approve(&world.binding, &empty, &plan.fingerprint).await.unwrap();
    assert_eq!((report.deleted, report.held), (20, 0));
    assert!(world.titles().is_empty());
}

#[tokio::test]
async fn explicit_deletions_are_not_held() {
    let world = world();
    sync(&world, records(0, 20)).await;
    let all: Vec<_> = (0..20).map(|number| gone(&format!("record-{number:03}"), 2)).collect();
    assert_eq!(sync(&world, all).await.deleted, 20);
}

#[tokio::test]
async fn sync_i04_nothing_is_deleted_unless_every_record_was_read() {
    let world = world();
    let whole = Paged(records(0, 25), Ending::All);
    assert_eq!(world.sync.sync_now(&world.binding, &whole).await.unwrap().created, 25);
    let report = world.sync.sync_now(&world.binding, &Paged(records(2, 25), Ending::Changes)).await.unwrap();
    assert_eq!((report.deleted, report.held), (0, 0));
    for (ending, kind) in [(Ending::Fails, ErrorKind::Unavailable), (Ending::GoesRound, ErrorKind::Protocol)] {
        let error = world.sync.sync_now(&world.binding, &Paged(records(2, 25), ending)).await.unwrap_err();
        assert_eq!(error.kind(), kind);
    }
    assert_eq!(world.titles().len(), 25);
    let report = world.sync.sync_now(&world.binding, &Paged(records(2, 25), Ending::All)).await.unwrap();
    assert_eq!(report.deleted, 2);
}

#[tokio::test]
async fn a_plan_says_what_a_run_does_and_sends_nothing() {
    let world = world();
    sync(&world, records(0, 10)).await;
    let mut next = records(1, 10);
    next[0] = wish("record-001", 2, "Changed");
    next.push(wish("new", 1, "New"));
    world.calendar.take();
    let plan = world.sync.plan(&world.binding, &VecSource::new(next.clone())).await.unwrap();
    assert!(world.calendar.take().calls.is_empty());
    let ops: Vec<_> = plan.ops.iter().map(|op| format!("{} {}", op.what, op.source)).collect();
    assert_eq!(ops, ["create new", "delete record-000", "update record-001"]);
    let mut other_order = next.clone();
    other_order.reverse();
    assert_eq!(world.sync.plan(&world.binding, &VecSource::new(other_order)).await.unwrap(), plan);
    let report = sync(&world, next.clone()).await;
    assert_eq!((report.created, report.updated, report.deleted), (1, 1, 1));
    assert!(world.sync.plan(&world.binding, &VecSource::new(next)).await.unwrap().ops.is_empty());
}

#[tokio::test]
async fn sync_i03_a_lost_store_adopts_what_stands() {
    for capabilities in [None, Some(CalendarCapabilities::new().with_marker().with_conditional_write())] {
        let mut world = world_with(capabilities);
        sync(&world, records(0, 45)).await;
        // one of them in its second life
        sync(&world, records(1, 45)).await;
        let mut back = records(0, 45);
        back[0] = wish("record-000", 2, "Title 000");
        sync(&world, back.clone()).await;
        let made = world.calendar.inner.made();
        world.store = MemoryMappings::new(std::sync::Arc::new(world.clock.clone()));
        world.sync = engine(&world.clock, &world.calendar, &world.store, 2);
        world.calendar.take();
        let report = sync(&world, back.clone()).await;
        assert_eq!((report.adopted, report.created, report.updated, report.deleted), (45, 0, 0, 0));
        assert_eq!(world.calendar.take().calls, ["events"; 3], "one per page");
        assert_eq!((world.titles().len(), world.calendar.inner.made()), (45, made));
        assert_eq!(sync(&world, back).await.calls, 0);
    }
}

#[tokio::test]
async fn a_mark_made_during_a_run_is_not_lost() {
    let world = world();
    world.store.mark_dirty(&world.binding.id).await.unwrap();
    world.clock.advance(LATER);
    // a push is about some records only: the mark stays
    world.push(&records(0, 1)).await;
    assert_eq!(world.store.due(10).await.unwrap(), std::slice::from_ref(&world.binding.id));
    sync(&world, records(0, 1)).await;
    assert!(world.store.due(10).await.unwrap().is_empty());
    assert_eq!(world.sync.status(&world.binding).await.unwrap().last_synced_at, Some(world.now()));
}

#[tokio::test]
async fn foreign_events_are_left_alone() {
    use invitations_core::provider::{CalendarProviderExt as _, Marker, WriteOptions};
    let world = world();
    let key = Marker::parse("somebody-elses").unwrap();
    let draft = crate::world::draft("Dentist");
    let calendar = &world.binding.calendar;
    world.calendar.inner.create_event(calendar, &key, draft, WriteOptions::new()).await.unwrap();
    sync(&world, records(0, 2)).await;
    sync(&world, Vec::new()).await;
    assert_eq!(world.titles(), ["Dentist"]);
}

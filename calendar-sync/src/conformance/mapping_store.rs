//! Cases for any [`MappingStore`].

use std::{future::Future, sync::Arc, time::Duration};

use futures_util::future::join_all;
use invitations_core::{
    ErrorKind,
    conformance::{Finding, Verdict, ensure, ensure_kind},
    ids::{BindingId, Etag, EventId, SyncCursor, WorkerId},
};

use crate::{BindingRow, Fence, Mapping, MappingState, MappingStore, Op, SourceId, SyncWrite};

/// Opens the store under test.
pub trait MappingFixture: Send + Sync {
    /// A store without the suite's bindings.
    fn store(&self) -> impl Future<Output = Arc<dyn MappingStore>> + Send;

    /// Lets this much time pass on the store's clock.
    fn pass(&self, time: Duration) -> impl Future<Output = ()> + Send;

    /// The id of a binding of the suite. A fixture over a shared store makes it unique per run.
    ///
    /// # Errors
    /// A finding when the name makes no id.
    fn binding(&self, name: &str) -> Result<BindingId, Finding> {
        Ok(BindingId::parse(format!("suite-{name}"))?)
    }
}

const TTL: Duration = Duration::from_secs(60);

fn worker(name: &str) -> Result<WorkerId, Finding> {
    Ok(WorkerId::parse(name)?)
}

fn row(source: &str, slot: u16, state: MappingState) -> Result<Mapping, Finding> {
    let mut row = Mapping::new(SourceId::parse(source)?, 1, state);
    row.slot = slot;
    Ok(row)
}

fn put(row: &Mapping) -> SyncWrite {
    SyncWrite::Put(Box::new(row.clone()))
}

async fn lease(store: &Arc<dyn MappingStore>, binding: &BindingId, owner: &str) -> Result<Fence, Finding> {
    let lease = store.lease(binding, &worker(owner)?, TTL).await?;
    lease.ok_or_else(|| Finding::new(format!("{owner} did not get a lease that nobody holds")))
}

async fn refused(store: &Arc<dyn MappingStore>, binding: &BindingId, owner: &str) -> Verdict {
    let lease = store.lease(binding, &worker(owner)?, TTL).await?;
    ensure(lease.is_none(), || format!("{owner} got a lease that somebody holds: {lease:?}"))
}

/// Every field of a row, in every state, reads back as it was written; a second write replaces the first.
///
/// # Errors
/// The finding.
pub async fn rows_read_back_unchanged(fixture: &impl MappingFixture) -> Verdict {
    let (store, binding) = (fixture.store().await, fixture.binding("rows")?);
    let (fence, until) = (lease(&store, &binding, "one").await?, store.now().await?);
    let states = [
        MappingState::Intent(Op::Create),
        MappingState::Intent(Op::Update),
        MappingState::Intent(Op::Delete),
        MappingState::Live,
        MappingState::Blocked { until: Some(until) },
        MappingState::Blocked { until: None },
        MappingState::Detached,
        MappingState::Tombstone,
    ];
    let mut rows = Vec::new();
    for (place, state) in states.into_iter().enumerate() {
        rows.push(row(&format!("row-{place}"), 0, state)?);
    }
    let full = &mut rows[0];
    (full.slot, full.incarnation, full.version) = (u16::MAX, u32::MAX, i64::MAX.unsigned_abs());
    (full.external, full.etag) = (Some(EventId::parse("AAMk=/+ é")?), Some(Etag::parse("W/\"1\"")?));
    (full.pushed, full.settled_at, full.problem) = ([0xab; 32], Some(until), Some("said \"no\"\n%_'".to_owned()));
    full.unclear = Some(Op::Delete);
    let first: Vec<_> =
        rows.iter().map(|row| SyncWrite::Put(Box::new(Mapping { version: 0, ..row.clone() }))).collect();
    store.commit(&binding, fence, first).await?;
    store.commit(&binding, fence, rows.iter().map(put).collect()).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.source.clone()).collect();
    let mut found = store.find(&binding, &ids).await?;
    found.sort_by(|one, other| one.source.cmp(&other.source));
    ensure(found == rows, || format!("wrote {rows:?}, found {found:?}"))?;
    let listed = store.mappings(&binding, None, 100).await?;
    ensure(listed == rows, || format!("wrote {rows:?}, listed {listed:?}"))
}

/// Pages are in the order of source and slot, bytes compared; each row is in one of them.
///
/// # Errors
/// The finding.
pub async fn rows_are_paged_in_order(fixture: &impl MappingFixture) -> Verdict {
    let (store, binding) = (fixture.store().await, fixture.binding("pages")?);
    let fence = lease(&store, &binding, "one").await?;
    let mut rows = Vec::new();
    for (source, slot) in [("b", 2), ("B", 0), ("a", 0), ("é", 0), ("b", 10), ("a%", 0), ("b", 0)] {
        rows.push(row(source, slot, MappingState::Live)?);
    }
    store.commit(&binding, fence, rows.iter().map(put).collect()).await?;
    rows.sort_by(|one, other| (&one.source, one.slot).cmp(&(&other.source, other.slot)));
    let mut read: Vec<Mapping> = Vec::new();
    for _ in 0..10 {
        let after = read.last().map(|row| (&row.source, row.slot));
        let page = store.mappings(&binding, after, 3).await?;
        ensure(page.len() <= 3, || format!("a page of at most 3 has {}", page.len()))?;
        if page.is_empty() {
            break;
        }
        read.extend(page);
    }
    let names = |rows: &[Mapping]| rows.iter().map(|row| format!("{}/{}", row.source, row.slot)).collect::<Vec<_>>();
    ensure(read == rows, || format!("expected {:?}, read {:?}", names(&rows), names(&read)))
}

/// Dropping forgets the one row: not another slot, not another record.
///
/// # Errors
/// The finding.
pub async fn a_dropped_row_is_gone(fixture: &impl MappingFixture) -> Verdict {
    let (store, binding) = (fixture.store().await, fixture.binding("drop")?);
    let fence = lease(&store, &binding, "one").await?;
    let (first, second) = (row("record", 0, MappingState::Live)?, row("record", 1, MappingState::Live)?);
    let other = row("record-2", 0, MappingState::Live)?;
    store.commit(&binding, fence, [&first, &second, &other].map(put).into()).await?;
    store.commit(&binding, fence, vec![SyncWrite::Drop(first.source.clone(), 0)]).await?;
    let left = store.mappings(&binding, None, 10).await?;
    ensure(left == [second, other], || format!("after dropping one of three: {left:?}"))
}

/// A commit under an old fence is a `Conflict`, and none of its writes happened.
///
/// # Errors
/// The finding.
pub async fn a_refused_commit_writes_nothing(fixture: &impl MappingFixture) -> Verdict {
    let (store, binding) = (fixture.store().await, fixture.binding("refused")?);
    let old = lease(&store, &binding, "old").await?;
    let kept = row("kept", 0, MappingState::Live)?;
    store.commit(&binding, old, vec![put(&kept)]).await?;
    fixture.pass(TTL).await;
    lease(&store, &binding, "new").await?;
    let writes = vec![
        put(&row("late", 0, MappingState::Live)?),
        SyncWrite::Drop(kept.source.clone(), 0),
        SyncWrite::Cursor(SyncCursor::parse("late")?),
        SyncWrite::Synced(store.now().await?),
    ];
    ensure_kind(store.commit(&binding, old, writes).await, ErrorKind::Conflict, "a commit under an old fence")?;
    let (rows, about) = (store.mappings(&binding, None, 10).await?, store.binding(&binding).await?);
    ensure(rows == [kept], || format!("a refused commit left {rows:?}"))?;
    ensure(about == BindingRow::default(), || format!("a refused commit left {about:?}"))
}

/// While somebody holds the lease, nobody else gets it; when its time is over, the next one gets a greater fence.
///
/// # Errors
/// The finding.
pub async fn a_lease_excludes_others(fixture: &impl MappingFixture) -> Verdict {
    let (store, binding) = (fixture.store().await, fixture.binding("lease")?);
    let first = lease(&store, &binding, "one").await?;
    refused(&store, &binding, "two").await?;
    fixture.pass(TTL - Duration::from_millis(1)).await;
    refused(&store, &binding, "two").await?;
    fixture.pass(Duration::from_millis(1)).await;
    let second = lease(&store, &binding, "two").await?;
    ensure(second > first, || format!("after {first:?} came {second:?}"))?;
    refused(&store, &binding, "one").await?;
    fixture.pass(TTL).await;
    // also for the one who held it before: somebody else may have written meanwhile
    let third = lease(&store, &binding, "two").await?;
    ensure(third > second, || format!("an expired lease was taken again under {third:?}"))
}

/// The holder asking again in time holds it longer, under the same fence.
///
/// # Errors
/// The finding.
pub async fn the_holder_extends_its_lease(fixture: &impl MappingFixture) -> Verdict {
    let (store, binding) = (fixture.store().await, fixture.binding("extend")?);
    let first = lease(&store, &binding, "one").await?;
    fixture.pass(TTL * 2 / 3).await;
    let again = lease(&store, &binding, "one").await?;
    ensure(again == first, || format!("extending made {again:?} of {first:?}"))?;
    fixture.pass(TTL * 2 / 3).await;
    refused(&store, &binding, "two").await?;
    store.commit(&binding, first, vec![put(&row("late", 0, MappingState::Live)?)]).await?;
    Ok(())
}

/// A lease that was given back is free at once; giving back an old one takes nothing from its successor.
///
/// # Errors
/// The finding.
pub async fn a_released_lease_is_free(fixture: &impl MappingFixture) -> Verdict {
    let (store, binding) = (fixture.store().await, fixture.binding("release")?);
    let first = lease(&store, &binding, "one").await?;
    store.release(&binding, first).await?;
    let second = lease(&store, &binding, "two").await?;
    ensure(second > first, || format!("after {first:?} was given back came {second:?}"))?;
    store.release(&binding, first).await?;
    refused(&store, &binding, "three").await
}

/// The fence of an earlier lease writes nothing, also after the later lease was given back; a fence nobody was given neither.
///
/// # Errors
/// The finding.
pub async fn an_old_fence_writes_nothing(fixture: &impl MappingFixture) -> Verdict {
    let (store, binding) = (fixture.store().await, fixture.binding("fence")?);
    let late = vec![put(&row("late", 0, MappingState::Live)?)];
    for fence in [Fence(0), Fence(1)] {
        ensure_kind(
            store.commit(&binding, fence, late.clone()).await,
            ErrorKind::Conflict,
            "a commit without a lease",
        )?;
    }
    let first = lease(&store, &binding, "one").await?;
    store.release(&binding, first).await?;
    let second = lease(&store, &binding, "two").await?;
    store.release(&binding, second).await?;
    ensure_kind(store.commit(&binding, first, late).await, ErrorKind::Conflict, "a commit under an old fence")?;
    let rows = store.mappings(&binding, None, 10).await?;
    ensure(rows.is_empty(), || format!("refused commits left {rows:?}"))
}

/// Of ten who ask at once, one gets the lease.
///
/// # Errors
/// The finding.
pub async fn one_of_many_gets_the_lease(fixture: &impl MappingFixture) -> Verdict {
    let (store, binding) = (fixture.store().await, fixture.binding("race")?);
    let mut workers = Vec::new();
    for number in 0..10 {
        workers.push(worker(&format!("worker-{number}"))?);
    }
    let asked = join_all(workers.iter().map(|worker| store.lease(&binding, worker, TTL))).await;
    let mut given = 0;
    for lease in asked {
        given += usize::from(lease?.is_some());
    }
    ensure(given == 1, || format!("{given} of ten got the lease"))
}

/// Rows, leases and marks of one binding are not another's.
///
/// # Errors
/// The finding.
pub async fn bindings_are_apart(fixture: &impl MappingFixture) -> Verdict {
    let store = fixture.store().await;
    let (one, other) = (fixture.binding("apart")?, fixture.binding("apart-2")?);
    let fence = lease(&store, &one, "one").await?;
    lease(&store, &other, "two").await?;
    let mine = row("record", 0, MappingState::Live)?;
    store.commit(&one, fence, vec![put(&mine), SyncWrite::Cursor(SyncCursor::parse("c")?)]).await?;
    store.mark_dirty(&one).await?;
    let rows = store.mappings(&other, None, 10).await?;
    let found = store.find(&other, std::slice::from_ref(&mine.source)).await?;
    ensure(rows.is_empty() && found.is_empty(), || format!("another binding's rows: {rows:?} {found:?}"))?;
    let about = store.binding(&other).await?;
    ensure(about == BindingRow::default(), || format!("another binding's state: {about:?}"))
}

/// A mark stays until a run that began after it says so; time and cursor are kept.
///
/// # Errors
/// The finding.
pub async fn later_marks_stay(fixture: &impl MappingFixture) -> Verdict {
    let (store, binding) = (fixture.store().await, fixture.binding("marks")?);
    let second = Duration::from_secs(1);
    store.mark_dirty(&binding).await?;
    ensure(store.binding(&binding).await?.dirty, || "a marked binding is not dirty".to_owned())?;
    fixture.pass(second).await;
    let fence = lease(&store, &binding, "one").await?;
    let begun = store.now().await?;
    fixture.pass(second).await;
    store.mark_dirty(&binding).await?;
    fixture.pass(second).await;
    store.commit(&binding, fence, vec![SyncWrite::Clean(begun)]).await?;
    ensure(store.binding(&binding).await?.dirty, || "a mark made during the run was lost".to_owned())?;
    let (begun, cursor) = (store.now().await?, SyncCursor::parse("delta=1")?);
    let writes = vec![SyncWrite::Synced(begun), SyncWrite::Clean(begun), SyncWrite::Cursor(cursor.clone())];
    store.commit(&binding, fence, writes).await?;
    let about = store.binding(&binding).await?;
    ensure(!about.dirty, || "a mark that was dealt with stayed".to_owned())?;
    // databases keep microseconds
    let near = about.last_synced_at.is_some_and(|at| (at - begun).abs() < chrono::Duration::milliseconds(1));
    ensure(near, || format!("synced at {begun}, read {:?}", about.last_synced_at))?;
    ensure(about.cursor.as_ref() == Some(&cursor), || format!("the cursor became {:?}", about.cursor))
}

/// Due is what is marked and held by nobody, at most as many as asked for.
///
/// # Errors
/// The finding.
pub async fn due_are_marked_and_free(fixture: &impl MappingFixture) -> Verdict {
    let store = fixture.store().await;
    let (free, held, clean) = (fixture.binding("due-a")?, fixture.binding("due-b")?, fixture.binding("due-c")?);
    store.mark_dirty(&free).await?;
    store.mark_dirty(&held).await?;
    lease(&store, &held, "one").await?;
    let fence = lease(&store, &clean, "one").await?;
    store.release(&clean, fence).await?;
    let ours =
        |due: Vec<BindingId>| due.into_iter().filter(|id| [&free, &held, &clean].contains(&id)).collect::<Vec<_>>();
    let due = ours(store.due(1000).await?);
    ensure(due == [free.clone()], || format!("due: {due:?}"))?;
    fixture.pass(TTL).await;
    let mut due = ours(store.due(1000).await?);
    due.sort();
    ensure(due == [free.clone(), held.clone()], || format!("due after the lease ran out: {due:?}"))?;
    let some = store.due(1).await?;
    ensure(some.len() == 1, || format!("of at most one, {} came", some.len()))
}

/// A binding that nobody ever heard of has no rows and the default state.
///
/// # Errors
/// The finding.
pub async fn an_unknown_binding_is_empty(fixture: &impl MappingFixture) -> Verdict {
    let (store, binding) = (fixture.store().await, fixture.binding("unknown")?);
    let about = store.binding(&binding).await?;
    ensure(about == BindingRow::default(), || format!("of an unknown binding: {about:?}"))?;
    let (rows, found) =
        (store.mappings(&binding, None, 10).await?, store.find(&binding, &[SourceId::parse("record")?]).await?);
    ensure(rows.is_empty() && found.is_empty(), || format!("of an unknown binding: {rows:?} {found:?}"))?;
    store.release(&binding, Fence(1)).await?;
    Ok(())
}

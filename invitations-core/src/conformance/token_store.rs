//! What every [`TokenStore`] must do.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;

use super::{Finding, Verdict, ensure, ensure_kind};
use crate::{
    ErrorKind,
    ids::{ClientId, ConnectionId, PrincipalId, ProviderId, TenantId, WorkerId},
    people::EmailAddress,
    secret::Sealed,
    token::{ClientHealth, Connection, ConnectionStatus, Flow, Intent, Revocation, Subject, TokenCommit, TokenStore},
};

/// Makes stores for the cases.
#[async_trait]
pub trait TokenStoreFixture: Send + Sync {
    /// An empty store.
    async fn store(&self) -> Arc<dyn TokenStore>;
    /// Lets time pass on the clock of the stores made here.
    async fn pass(&self, time: Duration);
}

/// One test per case: `token_store_suite!(#[tokio::test] MyFixture::new());`
#[macro_export]
macro_rules! token_store_suite {
    ($(#[$test:meta])+ $fixture:expr) => {
        $crate::__suite!($(#[$test])+ $fixture; token_store:
            a_connection_is_created_once,
            what_is_written_is_read_unchanged,
            what_is_taken_out_is_gone,
            an_update_needs_epoch_and_generation,
            a_stale_fence_is_refused,
            fences_grow,
            a_lease_is_exclusive,
            one_of_many_gets_the_lease,
            a_lease_lapses,
            a_released_lease_is_free,
            a_stale_release_changes_nothing,
            an_update_can_release,
            due_is_oldest_first,
            due_leaves_out_the_rest,
            due_has_disconnects_that_are_not_done,
            connections_are_their_tenants,
            a_flow_is_taken_once,
            one_of_many_takes_a_flow,
            a_flow_ends,
            health_is_kept,
        );
    };
}

const TTL: Duration = Duration::from_secs(60);

fn id(name: &str) -> Result<ConnectionId, Finding> {
    Ok(ConnectionId::parse(name)?)
}

fn worker(name: &str) -> Result<WorkerId, Finding> {
    Ok(WorkerId::parse(name)?)
}

fn sample(name: &str, tenant: &str) -> Result<Connection, Finding> {
    Ok(Connection::new(
        id(name)?,
        TenantId::parse(tenant)?,
        PrincipalId::parse("owner")?,
        ProviderId::parse("provider")?,
        ClientId::parse("client")?,
        Subject::parse("subject")?,
    ))
}

async fn with_row(fixture: &dyn TokenStoreFixture) -> Result<(Arc<dyn TokenStore>, Connection), Finding> {
    let (store, row) = (fixture.store().await, sample("a", "tenant")?);
    store.commit(TokenCommit::Create(Box::new(row.clone()))).await?;
    Ok((store, row))
}

fn update(from: &Connection, fence: Option<u64>, release: bool) -> TokenCommit {
    let mut to = from.clone();
    to.generation += 1;
    TokenCommit::Update { epoch: from.epoch, generation: from.generation, fence, release, to: Box::new(to) }
}

async fn read(store: &Arc<dyn TokenStore>, name: &str) -> Result<Connection, Finding> {
    store.connection(&id(name)?).await?.ok_or_else(|| Finding::new(format!("connection {name} is not there")))
}

async fn leased(store: &Arc<dyn TokenStore>, owner: &str) -> Result<u64, Finding> {
    let lease = store.lease(&id("a")?, &worker(owner)?, TTL).await?;
    Ok(lease.ok_or_else(|| Finding::new(format!("{owner} did not get a free lease")))?.fence)
}

async fn not_leased(store: &Arc<dyn TokenStore>, owner: &str) -> Verdict {
    let lease = store.lease(&id("a")?, &worker(owner)?, TTL).await?;
    ensure(lease.is_none(), || format!("{owner} got a lease that was not free: {lease:?}"))
}

/// A second create with the same id fails and changes nothing.
pub async fn a_connection_is_created_once(fixture: &dyn TokenStoreFixture) -> Verdict {
    let (store, row) = with_row(fixture).await?;
    let mut other = row.clone();
    other.scopes = vec!["other".to_owned()];
    let again = store.commit(TokenCommit::Create(Box::new(other))).await;
    ensure_kind(again, ErrorKind::AlreadyExists, "a second create")?;
    let kept = read(&store, "a").await?;
    ensure(kept == row, || format!("a refused create changed the row: {kept:?}"))
}

/// Every field comes back, sealed bytes above all.
pub async fn what_is_written_is_read_unchanged(fixture: &dyn TokenStoreFixture) -> Verdict {
    let (store, from) = with_row(fixture).await?;
    // whole milliseconds: stores may keep no more
    let now = DateTime::<Utc>::from_timestamp_millis(store.now().await?.timestamp_millis()).unwrap_or_default();
    let mut to = from.clone();
    to.generation = 2;
    to.scopes = vec!["read".to_owned(), "wr\u{ef}te".to_owned()];
    to.status = ConnectionStatus::NeedsReconsent(crate::token::Cause::Interaction { claims: Some("{}".to_owned()) });
    to.tokens = Some(Sealed::from_bytes((0..=255).chain([0, 0]).collect()));
    to.expires_at = Some(now + TimeDelta::seconds(90));
    to.refresh_at = Some(now + TimeDelta::milliseconds(75_001));
    to.refresh_expires_at = Some(now + TimeDelta::days(90));
    to.intent = Some(Intent::new(2, 3, now + TimeDelta::seconds(20)));
    to.address = Some(EmailAddress::parse("Ada@Example.org")?);
    to.since = Some(now);
    to.imported = Some([7; 32]);
    to.revocation = Some(Revocation::Pending { tries: 2, give_up_at: now + TimeDelta::days(7) });
    let commit = TokenCommit::Update { epoch: 1, generation: 1, fence: None, release: false, to: Box::new(to.clone()) };
    store.commit(commit).await?;
    let kept = read(&store, "a").await?;
    let bytes = |row: &Connection| row.tokens.as_ref().map(|sealed| sealed.as_bytes().to_vec());
    ensure(bytes(&kept) == bytes(&to), || "the sealed bytes came back changed".to_owned())?;
    ensure(kept == to, || format!("wrote {to:?}, read {kept:?}"))
}

/// A row whose account was forgotten and whose tokens were wiped has neither any more.
pub async fn what_is_taken_out_is_gone(fixture: &dyn TokenStoreFixture) -> Verdict {
    let (store, from) = with_row(fixture).await?;
    let now = store.now().await?;
    let mut full = from.clone();
    full.generation = 2;
    full.status = ConnectionStatus::Disconnecting;
    full.address = Some(EmailAddress::parse("ada@example.org")?);
    full.tokens = Some(Sealed::from_bytes(vec![1, 2, 3]));
    full.intent = Some(Intent::new(2, 1, now));
    (full.expires_at, full.refresh_at, full.refresh_expires_at) = (Some(now), Some(now), Some(now));
    let commit = TokenCommit::Update { epoch: 1, generation: 1, fence: None, release: false, to: Box::new(full) };
    store.commit(commit).await?;
    let mut bare = from;
    bare.generation = 3;
    bare.status = ConnectionStatus::Revoked;
    bare.revocation = Some(Revocation::Done);
    let commit =
        TokenCommit::Update { epoch: 1, generation: 2, fence: None, release: false, to: Box::new(bare.clone()) };
    store.commit(commit).await?;
    let kept = read(&store, "a").await?;
    ensure(kept == bare, || format!("wrote {bare:?}, read {kept:?}"))?;
    let listed = store.connections(&bare.tenant, None).await?.items;
    ensure(listed == [bare], || format!("listed {listed:?}"))
}

/// A write against another epoch or generation is a conflict and changes nothing.
pub async fn an_update_needs_epoch_and_generation(fixture: &dyn TokenStoreFixture) -> Verdict {
    let (store, row) = with_row(fixture).await?;
    for (epoch, generation) in [(2, 1), (1, 2), (0, 1), (1, 0)] {
        let mut from = row.clone();
        (from.epoch, from.generation) = (epoch, generation);
        let call = format!("an update of epoch {epoch}, generation {generation}");
        ensure_kind(store.commit(update(&from, None, false)).await, ErrorKind::Conflict, &call)?;
        let kept = read(&store, "a").await?;
        ensure(kept == row, || format!("{call} was refused but written: {kept:?}"))?;
    }
    let missing = sample("missing", "tenant")?;
    ensure_kind(store.commit(update(&missing, None, false)).await, ErrorKind::Conflict, "an update of no row")?;
    store.commit(update(&row, None, false)).await?;
    let kept = read(&store, "a").await?;
    ensure(kept.generation == 2, || format!("an update was accepted but not written: {kept:?}"))
}

/// Whoever lost the lease to another cannot write under it.
pub async fn a_stale_fence_is_refused(fixture: &dyn TokenStoreFixture) -> Verdict {
    let (store, row) = with_row(fixture).await?;
    let first = leased(&store, "first").await?;
    fixture.pass(TTL * 2).await;
    let second = leased(&store, "second").await?;
    ensure_kind(
        store.commit(update(&row, Some(first), true)).await,
        ErrorKind::Conflict,
        "a write with a stale fence",
    )?;
    not_leased(&store, "third").await?;
    store.commit(update(&row, Some(second), true)).await?;
    Ok(())
}

/// Every lease has a larger fence than the one before, also after a release.
pub async fn fences_grow(fixture: &dyn TokenStoreFixture) -> Verdict {
    let (store, _) = with_row(fixture).await?;
    let mut last = None;
    for _ in 0..3 {
        let fence = leased(&store, "worker").await?;
        ensure(last.is_none_or(|last| last < fence), || format!("fence {fence} came after {last:?}"))?;
        last = Some(fence);
        store.commit(TokenCommit::Release { id: id("a")?, fence }).await?;
    }
    Ok(())
}

/// A held lease is not given out, not even to its owner; of a row that is not there neither.
pub async fn a_lease_is_exclusive(fixture: &dyn TokenStoreFixture) -> Verdict {
    let (store, _) = with_row(fixture).await?;
    leased(&store, "first").await?;
    not_leased(&store, "second").await?;
    not_leased(&store, "first").await?;
    let missing = store.lease(&id("missing")?, &worker("first")?, TTL).await?;
    ensure(missing.is_none(), || "a lease on no row was given out".to_owned())
}

/// Of callers at once exactly one gets the lease.
pub async fn one_of_many_gets_the_lease(fixture: &dyn TokenStoreFixture) -> Verdict {
    let (store, row) = with_row(fixture).await?;
    let workers = (0..16).map(|n| worker(&format!("worker-{n}"))).collect::<Result<Vec<_>, _>>()?;
    let leases = join_all(workers.iter().map(|worker| store.lease(&row.id, worker, TTL))).await;
    let mut won = 0;
    for lease in leases {
        won += usize::from(lease?.is_some());
    }
    ensure(won == 1, || format!("{won} of 16 got the lease"))
}

/// A lease ends by the store's clock.
pub async fn a_lease_lapses(fixture: &dyn TokenStoreFixture) -> Verdict {
    let (store, row) = with_row(fixture).await?;
    let lease = store.lease(&row.id, &worker("first")?, TTL).await?;
    let lease = lease.ok_or_else(|| Finding::new("a free lease was refused"))?;
    let left = lease.until - store.now().await?;
    ensure(left <= TimeDelta::seconds(60), || format!("a lease of 60 s lasts {left}"))?;
    fixture.pass(TTL + Duration::from_secs(1)).await;
    leased(&store, "second").await?;
    Ok(())
}

/// A released lease can be taken at once.
pub async fn a_released_lease_is_free(fixture: &dyn TokenStoreFixture) -> Verdict {
    let (store, row) = with_row(fixture).await?;
    let fence = leased(&store, "first").await?;
    store.commit(TokenCommit::Release { id: row.id, fence }).await?;
    leased(&store, "second").await?;
    Ok(())
}

/// Giving back a lease that was lost does not take it from its new holder.
pub async fn a_stale_release_changes_nothing(fixture: &dyn TokenStoreFixture) -> Verdict {
    let (store, row) = with_row(fixture).await?;
    let first = leased(&store, "first").await?;
    fixture.pass(TTL * 2).await;
    leased(&store, "second").await?;
    store.commit(TokenCommit::Release { id: row.id, fence: first }).await?;
    not_leased(&store, "third").await
}

/// An update gives the lease back when it says so, and only then.
pub async fn an_update_can_release(fixture: &dyn TokenStoreFixture) -> Verdict {
    let (store, row) = with_row(fixture).await?;
    let fence = leased(&store, "first").await?;
    store.commit(update(&row, Some(fence), false)).await?;
    not_leased(&store, "second").await?;
    store.commit(update(&read(&store, "a").await?, Some(fence), true)).await?;
    leased(&store, "second").await?;
    Ok(())
}

async fn due_rows(store: &Arc<dyn TokenStore>, rows: &[(&str, Option<i64>, ConnectionStatus)]) -> Verdict {
    let now = store.now().await?;
    for (name, due, status) in rows {
        let mut row = sample(name, "tenant")?;
        row.refresh_at = due.map(|seconds| now + TimeDelta::seconds(seconds));
        row.status = status.clone();
        store.commit(TokenCommit::Create(Box::new(row))).await?;
    }
    Ok(())
}

/// What is due longest comes first, and no more than asked for.
pub async fn due_is_oldest_first(fixture: &dyn TokenStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let valid = ConnectionStatus::Valid;
    let rows = [("a", Some(-10), valid.clone()), ("b", Some(-30), valid.clone()), ("c", Some(-20), valid)];
    due_rows(&store, &rows).await?;
    let names = |ids: &[ConnectionId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let (all, two) = (store.due(10).await?, store.due(2).await?);
    ensure(names(&all) == ["b", "c", "a"], || format!("due is out of order: {all:?}"))?;
    ensure(names(&two) == ["b", "c"], || format!("the two that are due longest are b and c, not {two:?}"))
}

/// Leased, not valid, later, never: none of them is due; a lapsed lease does not count.
pub async fn due_leaves_out_the_rest(fixture: &dyn TokenStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let needs = ConnectionStatus::NeedsReconsent(crate::token::Cause::GrantDead);
    let rows = [
        ("a", Some(-10), ConnectionStatus::Valid),
        ("b", Some(-10), needs),
        ("c", Some(-10), ConnectionStatus::Revoked),
        ("d", Some(100_000), ConnectionStatus::Valid),
        ("e", None, ConnectionStatus::Valid),
    ];
    due_rows(&store, &rows).await?;
    let due = store.due(10).await?;
    ensure(due == [id("a")?], || format!("only a is due, not {due:?}"))?;
    leased(&store, "worker").await?;
    let due = store.due(10).await?;
    ensure(due.is_empty(), || format!("a leased connection is due: {due:?}"))?;
    fixture.pass(TTL * 2).await;
    let due = store.due(10).await?;
    ensure(due == [id("a")?], || format!("a lapsed lease hides what is due: {due:?}"))
}

/// A disconnect of which the provider could not be told is due when its time has come, in line with the rest.
pub async fn due_has_disconnects_that_are_not_done(fixture: &dyn TokenStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let rows = [
        ("a", Some(-10), ConnectionStatus::Valid),
        ("b", Some(-20), ConnectionStatus::Disconnecting),
        ("c", Some(60), ConnectionStatus::Disconnecting),
        ("d", None, ConnectionStatus::Disconnecting),
    ];
    due_rows(&store, &rows).await?;
    let due = store.due(10).await?;
    ensure(due == [id("b")?, id("a")?], || format!("b and a are due, not {due:?}"))?;
    fixture.pass(TTL * 2).await;
    let due = store.due(10).await?;
    ensure(due == [id("b")?, id("a")?, id("c")?], || format!("c has become due, too: {due:?}"))
}

/// A listing shows one tenant's connections, each once, by id, over all pages.
pub async fn connections_are_their_tenants(fixture: &dyn TokenStoreFixture) -> Verdict {
    let store = fixture.store().await;
    for n in (0..250).rev() {
        let tenant = if n % 2 == 0 { "even" } else { "odd" };
        store.commit(TokenCommit::Create(Box::new(sample(&format!("c{n:03}"), tenant)?))).await?;
    }
    let (mut seen, mut page, even) = (Vec::new(), None, TenantId::parse("even")?);
    for _ in 0..200 {
        let answer = store.connections(&even, page.as_ref()).await?;
        seen.extend(answer.items.into_iter().map(|row| row.id.to_string()));
        page = answer.next;
        if page.is_none() {
            break;
        }
    }
    ensure(page.is_none(), || "the listing does not end".to_owned())?;
    let expected: Vec<_> = (0..250).step_by(2).map(|n| format!("c{n:03}")).collect();
    ensure(seen == expected, || format!("listed {} rows, not the tenant's 125 by id: {seen:?}", seen.len()))
}

async fn begun(store: &Arc<dyn TokenStore>) -> Result<Flow, Finding> {
    let until = store.now().await? + TimeDelta::minutes(10);
    let flow = Flow::new(
        [7; 32],
        TenantId::parse("tenant")?,
        PrincipalId::parse("owner")?,
        ProviderId::parse("provider")?,
        "/back",
        Sealed::from_bytes(vec![0, 1, 255]),
        until,
    );
    store.begin_flow(&flow).await?;
    Ok(flow)
}

/// A flow comes back whole, once; one that was never begun does not.
pub async fn a_flow_is_taken_once(fixture: &dyn TokenStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let flow = begun(&store).await?;
    let other = store.take_flow(&[8; 32]).await?;
    ensure(other.is_none(), || format!("took a flow that nobody began: {other:?}"))?;
    let taken = store.take_flow(&flow.state_digest).await?;
    let taken = taken.ok_or_else(|| Finding::new("a flow that was begun is not there"))?;
    ensure((&taken.sealed, &taken.return_to) == (&flow.sealed, &flow.return_to), || format!("took {taken:?}"))?;
    let again = store.take_flow(&flow.state_digest).await?;
    ensure(again.is_none(), || "a flow was taken twice".to_owned())
}

/// Of callers at once exactly one gets the flow.
pub async fn one_of_many_takes_a_flow(fixture: &dyn TokenStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let flow = begun(&store).await?;
    let taken = join_all((0..16).map(|_| store.take_flow(&flow.state_digest))).await;
    let mut won = 0;
    for flow in taken {
        won += usize::from(flow?.is_some());
    }
    ensure(won == 1, || format!("{won} of 16 took the flow"))
}

/// A flow that is over is not there.
pub async fn a_flow_ends(fixture: &dyn TokenStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let flow = begun(&store).await?;
    fixture.pass(Duration::from_secs(601)).await;
    let late = store.take_flow(&flow.state_digest).await?;
    ensure(late.is_none(), || "a flow was taken after its end".to_owned())
}

/// What is noted of a client comes back, and of no other.
pub async fn health_is_kept(fixture: &dyn TokenStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let (client, other) = (ClientId::parse("client")?, ClientId::parse("other")?);
    let unknown = store.client_health(&client).await?;
    ensure(unknown == ClientHealth::default(), || format!("an unknown client has a history: {unknown:?}"))?;
    let now = DateTime::<Utc>::from_timestamp_millis(store.now().await?.timestamp_millis()).unwrap_or_default();
    let health = ClientHealth {
        failures: vec![(id("a")?, now), (id("b")?, now)],
        suspended_since: Some(now),
        tried_at: Some(now),
    };
    store.note_client(&client, &health).await?;
    let kept = store.client_health(&client).await?;
    ensure(kept == health, || format!("noted {health:?}, read {kept:?}"))?;
    let unknown = store.client_health(&other).await?;
    ensure(unknown == ClientHealth::default(), || format!("another client's history: {unknown:?}"))?;
    store.note_client(&client, &ClientHealth::default()).await?;
    let kept = store.client_health(&client).await?;
    ensure(kept == ClientHealth::default(), || format!("a success is not noted: {kept:?}"))
}

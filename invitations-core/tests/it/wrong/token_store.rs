use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use invitations_core::{
    ErrorKind, Result,
    conformance::{TokenStoreFixture, token_store},
    ids::{ClientId, ConnectionId, PageToken, TenantId, WorkerId},
    memory::MemoryTokenStore,
    provider::Page,
    runtime::{Clock as _, ManualClock},
    secret::Sealed,
    token::{ClientHealth, Connection, ConnectionStatus, Flow, Lease, TokenCommit, TokenStore},
};
use tokio::task::yield_now;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    None,
    CreatesTwice,
    TrimsTokens,
    KeepsAddresses,
    UpdatesBlindly,
    IgnoresFence,
    RepeatsFence,
    LeasesTwice,
    LeasesInTwoSteps,
    LeasesForever,
    IgnoresRelease,
    ReleasesAnybody,
    UpdateKeepsLease,
    DueInReverse,
    DueShowsAll,
    DueForgetsDisconnects,
    ListsOneTenantAsAnother,
    FlowsStay,
    TakesInTwoSteps,
    FlowsNeverEnd,
    ForgetsHealth,
}

#[derive(Debug)]
struct Wrong {
    fault: Fault,
    right: MemoryTokenStore,
    clock: ManualClock,
    fence: AtomicU64,
    leased: AtomicBool,
    flow: Mutex<Option<Flow>>,
}

#[async_trait]
impl TokenStore for Wrong {
    async fn now(&self) -> Result<DateTime<Utc>> {
        self.right.now().await
    }

    async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>> {
        self.right.connection(id).await
    }

    async fn connections(&self, tenant: &TenantId, page: Option<&PageToken>) -> Result<Page<Connection>> {
        let even = TenantId::parse("odd")?;
        let wrong = self.fault == Fault::ListsOneTenantAsAnother;
        self.right.connections(if wrong { &even } else { tenant }, page).await
    }

    async fn lease(&self, id: &ConnectionId, owner: &WorkerId, ttl: Duration) -> Result<Option<Lease>> {
        if self.fault == Fault::LeasesInTwoSteps {
            if self.leased.load(Ordering::SeqCst) {
                return Ok(None);
            }
            yield_now().await;
            self.leased.store(true, Ordering::SeqCst);
            let fence = self.fence.fetch_add(1, Ordering::SeqCst) + 1;
            return Ok(Some(Lease { fence, until: self.clock.now() + ttl }));
        }
        let inner_ttl = if self.fault == Fault::LeasesForever { ttl * 1000 } else { ttl };
        let mut lease = self.right.lease(id, owner, inner_ttl).await?;
        if self.fault == Fault::LeasesTwice && lease.is_none() {
            lease = Some(Lease { fence: self.fence.load(Ordering::SeqCst), until: self.clock.now() + ttl });
        }
        if let Some(lease) = &mut lease {
            lease.until = lease.until.min(self.clock.now() + ttl);
            self.fence.store(lease.fence, Ordering::SeqCst);
            if self.fault == Fault::RepeatsFence {
                lease.fence = 1;
            }
        }
        Ok(lease)
    }

    async fn commit(&self, mut commit: TokenCommit) -> Result<()> {
        let current = self.fence.load(Ordering::SeqCst);
        match (&mut commit, self.fault) {
            (TokenCommit::Update { epoch, generation, to, .. }, Fault::UpdatesBlindly) => {
                if let Some(row) = self.right.connection(&to.id).await? {
                    (*epoch, *generation) = (row.epoch, row.generation);
                }
            }
            (TokenCommit::Update { fence, .. }, Fault::IgnoresFence) => *fence = None,
            (TokenCommit::Update { fence: Some(fence), .. }, Fault::RepeatsFence) => *fence = current,
            (TokenCommit::Release { fence, .. }, Fault::RepeatsFence | Fault::ReleasesAnybody) => *fence = current,
            (TokenCommit::Update { release, .. }, Fault::UpdateKeepsLease) => *release = false,
            (TokenCommit::Update { to, .. }, Fault::TrimsTokens) => {
                let trim = |sealed: &Sealed| {
                    let bytes = sealed.as_bytes();
                    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
                    Sealed::from_bytes(bytes[..end].to_vec())
                };
                to.tokens = to.tokens.as_ref().map(trim);
            }
            (TokenCommit::Update { to, .. }, Fault::KeepsAddresses) if to.address.is_none() => {
                to.address = self.right.connection(&to.id).await?.and_then(|row| row.address);
            }
            (TokenCommit::Release { .. }, Fault::IgnoresRelease) => return Ok(()),
            _ => {}
        }
        match self.right.commit(commit).await {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && self.fault == Fault::CreatesTwice => Ok(()),
            written => written,
        }
    }

    async fn due(&self, limit: usize) -> Result<Vec<ConnectionId>> {
        match self.fault {
            Fault::DueInReverse => {
                let mut due = self.right.due(usize::MAX).await?;
                due.reverse();
                due.truncate(limit);
                Ok(due)
            }
            Fault::DueShowsAll => {
                let all = self.right.connections(&TenantId::parse("tenant")?, None).await?;
                Ok(all.items.into_iter().map(|row| row.id).collect())
            }
            Fault::DueForgetsDisconnects => {
                let mut due = self.right.due(limit).await?;
                let all = self.right.connections(&TenantId::parse("tenant")?, None).await?.items;
                due.retain(|id| all.iter().any(|row| row.id == *id && row.status == ConnectionStatus::Valid));
                Ok(due)
            }
            _ => self.right.due(limit).await,
        }
    }

    async fn begin_flow(&self, flow: &Flow) -> Result<()> {
        let mut kept = flow.clone();
        if self.fault == Fault::FlowsNeverEnd {
            kept.until += TimeDelta::days(1000);
        }
        *self.flow.lock().unwrap() = Some(flow.clone());
        self.right.begin_flow(&kept).await
    }

    async fn take_flow(&self, state_digest: &[u8; 32]) -> Result<Option<Flow>> {
        if self.fault == Fault::TakesInTwoSteps {
            let seen = self.flow.lock().unwrap().clone().filter(|flow| flow.state_digest == *state_digest);
            yield_now().await;
            *self.flow.lock().unwrap() = None;
            return Ok(seen);
        }
        let taken = self.right.take_flow(state_digest).await?;
        if let (Fault::FlowsStay, Some(flow)) = (self.fault, &taken) {
            self.right.begin_flow(flow).await?;
        }
        Ok(taken)
    }

    async fn client_health(&self, client: &ClientId) -> Result<ClientHealth> {
        self.right.client_health(client).await
    }

    async fn note_client(&self, client: &ClientId, health: &ClientHealth) -> Result<()> {
        if self.fault == Fault::ForgetsHealth {
            return Ok(());
        }
        self.right.note_client(client, health).await
    }
}

struct Fixture(Fault, ManualClock);

impl Fixture {
    fn new(fault: Fault) -> Self {
        Self(fault, ManualClock::new(DateTime::UNIX_EPOCH))
    }
}

#[async_trait]
impl TokenStoreFixture for Fixture {
    async fn store(&self) -> Arc<dyn TokenStore> {
        Arc::new(Wrong {
            fault: self.0,
            right: MemoryTokenStore::new(Arc::new(self.1.clone())),
            clock: self.1.clone(),
            fence: AtomicU64::new(0),
            leased: AtomicBool::new(false),
            flow: Mutex::new(None),
        })
    }

    async fn pass(&self, time: Duration) {
        self.1.advance(time);
    }
}

macro_rules! caught {
    ($($case:ident: $fault:ident),+ $(,)?) => {$(
        #[tokio::test]
        async fn $case() {
            assert_eq!(token_store::$case(&Fixture::new(Fault::None)).await, Ok(()));
            let verdict = token_store::$case(&Fixture::new(Fault::$fault)).await;
            assert!(verdict.is_err(), "the case does not see {:?}", Fault::$fault);
        }
    )+};
}

caught! {
    a_connection_is_created_once: CreatesTwice,
    what_is_written_is_read_unchanged: TrimsTokens,
    what_is_taken_out_is_gone: KeepsAddresses,
    an_update_needs_epoch_and_generation: UpdatesBlindly,
    a_stale_fence_is_refused: IgnoresFence,
    fences_grow: RepeatsFence,
    a_lease_is_exclusive: LeasesTwice,
    one_of_many_gets_the_lease: LeasesInTwoSteps,
    a_lease_lapses: LeasesForever,
    a_released_lease_is_free: IgnoresRelease,
    a_stale_release_changes_nothing: ReleasesAnybody,
    an_update_can_release: UpdateKeepsLease,
    due_is_oldest_first: DueInReverse,
    due_leaves_out_the_rest: DueShowsAll,
    due_has_disconnects_that_are_not_done: DueForgetsDisconnects,
    connections_are_their_tenants: ListsOneTenantAsAnother,
    a_flow_is_taken_once: FlowsStay,
    one_of_many_takes_a_flow: TakesInTwoSteps,
    a_flow_ends: FlowsNeverEnd,
    health_is_kept: ForgetsHealth,
}

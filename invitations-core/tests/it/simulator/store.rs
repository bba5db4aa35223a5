//! The reference store, with places to give way around every verb, and with faults.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;
use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    ids::{InvitationId, MeetingKey, PageToken, TenantId},
    invitation::{
        Claim, Claimed, Commit, Event, InvitationStore, State, Versioned,
        link::StoredLink,
        store::{Delivered, Filter},
    },
    memory::MemoryInvitationStore,
    people::Member,
    provider::Page,
    runtime::Clock as _,
};

use super::{
    hit::Hit,
    world::{Place, World},
};

#[derive(Debug)]
pub(super) struct FaultyStore {
    world: Arc<World>,
    inner: MemoryInvitationStore,
}

impl FaultyStore {
    pub(super) fn new(world: &Arc<World>) -> Self {
        let inner = MemoryInvitationStore::new(Arc::new(world.clock.clone()));
        Self { world: Arc::clone(world), inner }
    }

    /// The store itself, for the oracle: no faults, no giving way.
    pub(super) fn inner(&self) -> &MemoryInvitationStore {
        &self.inner
    }

    async fn read<T>(&self, work: impl Future<Output = Result<T>> + Send) -> Result<T> {
        self.world.give_way(Place::Verb, self.world.swarm.read_rate).await;
        let read = work.await;
        self.world.give_way(Place::Verb, self.world.swarm.read_rate).await;
        read
    }

    /// Runs one writing verb under the next fault.
    async fn write<T: Send>(&self, verb: &'static str, after: Place, work: impl Fn() -> Result<T> + Send) -> Result<T> {
        let world = &self.world;
        world.give_way(Place::Verb, 1).await;
        // a full disk still lets a lease be written over
        let down = world.store_down().filter(|hit| *hit == Hit::ReadOnly || verb == "commit");
        let fault = down.or_else(|| world.fault(&world.swarm.store, world.swarm.store_rate));
        let unavailable = |retry| Err(Error::new(ErrorKind::Unavailable, verb).with_retry(retry));
        if let Some(hit) = fault {
            world.hit(hit);
            world.note(|| format!("{verb}: {}", hit.label()));
        }
        let done = match fault {
            Some(Hit::CrashBeforeWrite) => {
                world.crash_here(Hit::CrashBeforeWrite).await;
                unavailable(RetryClass::Never)
            }
            Some(Hit::CrashAfterWrite) => {
                let done = work();
                world.crash_here(Hit::CrashAfterWrite).await;
                done
            }
            Some(Hit::CommitUnknown) => work().and(unavailable(RetryClass::Unclear { after: None })),
            Some(Hit::Busy) if world.dice().one_in(2) => Err(Error::new(ErrorKind::Conflict, verb)),
            Some(Hit::Busy) => unavailable(RetryClass::Safe { after: None }),
            Some(hit) => {
                if world.store_down().is_none() {
                    let span = Duration::from_secs(1) + world.dice().up_to(Duration::from_secs(60));
                    world.store_goes_down(hit, span);
                }
                unavailable(RetryClass::Safe { after: None })
            }
            None => work(),
        };
        world.give_way(after, 1).await;
        done
    }

    fn commit_now(&self, commit: &Commit) -> Result<u64> {
        let task = self.world.task();
        let version = now(self.inner.commit(commit));
        let version = match version {
            Ok(version) => version,
            Err(error) => {
                self.world.note(|| format!("commit refused: {error}"));
                return Err(error);
            }
        };
        self.world.count(|tally| tally.commits += 1);
        if let Some(replaced) = &commit.replaced {
            self.written(task, replaced);
        }
        self.written(task, commit);
        Ok(version)
    }

    /// Tells the oracle what is stored now.
    fn written(&self, task: usize, commit: &Commit) {
        self.world.count(|tally| tally.commits += 1);
        let Some(stored) = now(self.inner.load(&commit.tenant, &commit.id)).ok().flatten() else { return };
        self.world.note(|| format!("commit {} of {}: {}", stored.version, commit.id, names(&commit.events)));
        let (at, step) = (self.world.clock.instant(), self.world.step());
        let mut oracle = self.world.oracle();
        let known = oracle.cases.iter().find(|case| case.id.as_ref() == Some(&commit.id));
        let links = known.into_iter().flat_map(|case| &case.links).chain(&commit.links);
        let live = links.filter_map(|link| now(self.inner.find_link(&link.selector)).ok().flatten());
        let live = live.filter(|link| !link.dead).collect();
        if let Some(case) = oracle.committed(task, commit, (stored.value, stored.version), live) {
            oracle.check(case, at, step);
        }
    }
}

/// The reference store never waits.
fn now<T>(work: impl Future<Output = T>) -> T {
    work.now_or_never().unwrap()
}

/// The kinds of events, for the trace.
fn names(events: &[Event]) -> String {
    let name = |event: &Event| {
        let text = match event {
            Event::Created { .. } => return "Created".to_owned(),
            Event::ProvisioningStarted { .. } => return "ProvisioningStarted".to_owned(),
            Event::EffectDone { effect, found, .. } => {
                return format!("EffectDone {effect} {:?}", found.as_ref().map(|found| found.id.clone()));
            }
            other => format!("{other:?}"),
        };
        text.chars().take(160).collect()
    };
    events.iter().map(name).collect::<Vec<_>>().join(" | ")
}

#[async_trait]
impl InvitationStore for FaultyStore {
    async fn now(&self) -> Result<DateTime<Utc>> {
        self.read(self.inner.now()).await
    }

    async fn load(&self, tenant: &TenantId, id: &InvitationId) -> Result<Option<Versioned<State>>> {
        self.read(self.inner.load(tenant, id)).await
    }

    async fn find_link(&self, selector: &[u8; 12]) -> Result<Option<StoredLink>> {
        self.read(self.inner.find_link(selector)).await
    }

    async fn history(&self, tenant: &TenantId, id: &InvitationId) -> Result<Vec<Event>> {
        self.read(self.inner.history(tenant, id)).await
    }

    async fn list(&self, tenant: &TenantId, filter: &Filter) -> Result<Page<Versioned<State>>> {
        self.read(self.inner.list(tenant, filter)).await
    }

    async fn count(&self, tenant: &TenantId, filter: &Filter) -> Result<u64> {
        self.read(self.inner.count(tenant, filter)).await
    }

    async fn find_key(&self, key: &MeetingKey) -> Result<bool> {
        self.read(self.inner.find_key(key)).await
    }

    async fn members(&self, tenant: &TenantId, page: Option<&PageToken>) -> Result<Page<Member>> {
        self.read(self.inner.members(tenant, page)).await
    }

    async fn commit(&self, commit: &Commit) -> Result<u64> {
        let after = if commit.release { Place::Reported } else { Place::Verb };
        self.write("commit", after, || self.commit_now(commit)).await
    }

    async fn claim(&self, claim: &Claim) -> Result<Vec<Claimed>> {
        let take = || {
            let rows = now(self.inner.claim(claim))?;
            self.world.oracle().claimed(self.world.task(), &rows);
            Ok(rows)
        };
        self.write("claim", Place::Verb, take).await
    }

    async fn delivered(&self, row: u64, fence: u64, outcome: Delivered) -> Result<()> {
        self.write("delivered", Place::Verb, || now(self.inner.delivered(row, fence, outcome))).await
    }

    async fn next_due(&self) -> Result<Option<DateTime<Utc>>> {
        self.read(self.inner.next_due()).await
    }
}

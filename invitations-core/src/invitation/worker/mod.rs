//! Workers: they carry out effects, materialise deadlines and deliver notices. Any number, on any number of machines.

mod bell;
mod deliver;
mod effect;
mod observe;
mod tick;

use std::{future::Future, time::Duration};

pub(super) use bell::Bell;
use futures_channel::oneshot;
use futures_util::future::{Either, join_all, select};

use super::{Claim, Claimed, service::Invitations};
use crate::{
    Result,
    ids::{InvitationId, TenantId, WorkerId},
};

/// How many rows `run_until` takes at a time.
const WIDTH: usize = 16;
/// How many first waits `run_until` lets pass between two looks for what other processes have written.
const IDLE: u32 = 5;
/// The shortest wait between two looks.
const BREATH: Duration = Duration::from_millis(5);

/// Carries out what is due.
#[derive(Clone, Debug)]
pub struct Worker {
    invitations: Invitations,
    id: WorkerId,
}

/// What one round did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Round {
    /// How many rows were worked on.
    pub done: usize,
    /// How long until the next row is due; `None`: nothing is waiting.
    pub next_due: Option<Duration>,
}

impl Worker {
    pub(super) fn new(invitations: Invitations, id: WorkerId) -> Self {
        Self { invitations, id }
    }

    /// One round over at most `limit` due rows. For a job engine; safe to run anywhere, any number of times, and to cancel.
    ///
    /// # Errors
    /// When the store cannot be reached. What goes wrong with a single row is recorded in that row.
    pub async fn run_once(&self, limit: usize) -> Result<Round> {
        let done = self.round(limit, None).await?;
        let inner = &self.invitations.0;
        let next_due = match inner.store.next_due().await? {
            Some(at) => Some((at - inner.store.now().await?).to_std().unwrap_or_default()),
            None => None,
        };
        Ok(Round { done, next_due })
    }

    /// Rounds until `stop` resolves, sleeping until the next row is due. For those without a job engine.
    ///
    /// A round that is under way when `stop` resolves is finished first, which takes as long as a request to a provider may take: what
    /// was sent is also recorded. Dropping the future is safe too; then somebody has to find out later what became of it.
    ///
    /// # Errors
    /// None of its own: a store that cannot be reached is tried again.
    pub async fn run_until(&self, stop: impl Future<Output = ()> + Send) -> Result<()> {
        let mut stop = std::pin::pin!(stop);
        let inner = &self.invitations.0;
        let idle = inner.timing.retry_first * IDLE;
        loop {
            let rung = inner.bell.next();
            let wait = {
                let round = std::pin::pin!(self.run_once(WIDTH));
                match select(stop.as_mut(), round).await {
                    Either::Left(((), round)) => {
                        if let Err(error) = round.await {
                            tracing::warn!(%error, "the last round failed");
                        }
                        return Ok(());
                    }
                    Either::Right((Ok(round), _)) if round.done > 0 => BREATH,
                    Either::Right((Ok(round), _)) => round.next_due.unwrap_or(idle).clamp(BREATH, idle.max(BREATH)),
                    Either::Right((Err(error), _)) => {
                        tracing::warn!(%error, "a round failed");
                        inner.timing.retry_first
                    }
                }
            };
            let woken = select(inner.clock.sleep(wait), rung);
            if let Either::Left(_) = select(stop.as_mut(), woken).await {
                return Ok(());
            }
        }
    }

    pub(super) async fn round(&self, limit: usize, only: Option<(TenantId, InvitationId)>) -> Result<usize> {
        let inner = &self.invitations.0;
        let began = inner.clock.instant();
        let mut claim = Claim::new(self.id.clone(), inner.timing.lease, limit);
        claim.only = only;
        let claimed = inner.store.claim(&claim).await?;
        let done = claimed.len();
        let results = join_all(claimed.into_iter().map(|row| self.work(row, began))).await;
        for error in results.into_iter().filter_map(Result::err) {
            // the lease lapses and somebody comes back to it
            tracing::warn!(%error, "a row was left for later");
        }
        Ok(done)
    }

    async fn work(&self, row: Claimed, began: std::time::Instant) -> Result<()> {
        match row {
            Claimed::Effect { tenant, invitation, effect, fence, .. } => {
                self.effect(&tenant, &invitation, &effect, fence, began).await
            }
            Claimed::Deadline { tenant, invitation } => self.tick(&tenant, &invitation).await,
            Claimed::Delivery { tenant, invitation, row, dedupe, payload, attempt, fence } => {
                self.deliver(&tenant, &invitation, row, &dedupe, &payload, attempt, fence).await
            }
        }
    }
}

impl Invitations {
    /// Works on one invitation in a detached task until it rests, as long as a request may take; the answer resolves when it is over.
    pub(super) fn kick(&self, tenant: &TenantId, id: &InvitationId) -> impl Future<Output = ()> + Send + use<> {
        let worker = Worker::new(self.clone(), self.0.worker.clone());
        let (tenant, id) = (tenant.clone(), id.clone());
        let (over, done) = oneshot::channel();
        self.0.spawner.spawn(Box::pin(async move {
            if let Err(error) = worker.drive(&tenant, &id).await {
                tracing::warn!(%error, invitation = %id, "left to the workers");
            }
            let _ = over.send(());
        }));
        async move {
            let _ = done.await;
        }
    }
}

impl Worker {
    /// Rounds over one invitation until nothing of it is due soon.
    async fn drive(&self, tenant: &TenantId, id: &InvitationId) -> Result<()> {
        let inner = &self.invitations.0;
        let patience = inner.timing.accept_wait;
        let end = inner.clock.instant() + patience;
        let mut pause = BREATH;
        loop {
            let done = self.round(WIDTH, Some((tenant.clone(), id.clone()))).await?;
            let state = inner.load(tenant, id).await?.value;
            let Some(next) = state.schedule().map(|(_, at)| at).min() else { return Ok(()) };
            let wait = (next - inner.store.now().await?).to_std().unwrap_or_default();
            // due and not ours: another worker has it, and is mostly done soon
            pause = if done == 0 { (pause * 2).min(inner.timing.token_poll).max(BREATH) } else { BREATH };
            let wait = wait.max(pause);
            if inner.clock.instant() + wait > end {
                return Ok(());
            }
            inner.clock.sleep(wait).await;
        }
    }
}

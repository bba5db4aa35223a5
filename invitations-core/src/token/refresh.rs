//! One refresh: lease, re-read, intent, one request, one write.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use super::{
    AccessToken, Cause, ClientHealth, ConnectionStatus, Grant, GrantFailure, GrantFailureClass, Intent, TokenCommit,
    connections::{Inner, Reading},
    grant,
    machine::{self, AfterFailure, Gate, Step},
    persist::Won,
    shared_error::copy,
    vault::{self, Pair},
};
use crate::{Error, ErrorKind, Result, RetryClass, ids::ConnectionId, runtime::timeout, secret::RefreshToken};

/// Why a token is wanted.
#[derive(Clone, Debug)]
pub(super) enum Purpose {
    /// Any good one.
    Ensure,
    /// A new one if the refresh ahead is due.
    Ahead,
    /// Any but this one, which the resource does not accept.
    Replace(AccessToken),
}

enum Plan {
    Have(AccessToken),
    /// Another refresh may still take effect.
    Wait,
    Go,
}

/// A lease in our hands.
pub(super) struct Held {
    pub(super) id: ConnectionId,
    pub(super) fence: u64,
    leased_at: Instant,
    /// It was given back in a write, or handed on.
    pub(super) done: bool,
}

impl Inner {
    /// Waits for whoever refreshes, or refreshes. Runs in a task of its own.
    pub(super) async fn refresh(self: &Arc<Self>, id: &ConnectionId, purpose: Purpose) -> Result<AccessToken> {
        if let Some(token) = self.cache.unwritten(id, self.clock.instant()) {
            return Ok(token);
        }
        let give_up = self.clock.instant() + self.timing.lease;
        let mut pause = self.timing.token_poll;
        loop {
            // before the look, so that the last look comes after the last wait
            let late = self.clock.instant() >= give_up;
            let reading = self.read(id).await?;
            let plan = self.plan(&reading, &purpose).await?;
            if let Plan::Have(token) = plan {
                return Ok(token);
            }
            if let Some(error) = self.patience.pausing(id, self.clock.instant()) {
                return Err(error);
            }
            if let Plan::Go = plan {
                let leased_at = self.clock.instant();
                let lease = self.store.lease(id, &self.worker, self.timing.lease).await?;
                #[cfg(seeded)]
                let lease = if crate::seeded::seeded("B06") { Some(without_asking(&reading)) } else { lease };
                match lease {
                    Some(lease) => {
                        let held = Held { id: id.clone(), fence: lease.fence, leased_at, done: false };
                        if let Some(token) = self.hold(held, &purpose).await? {
                            return Ok(token);
                        }
                    }
                    None if self.step(&reading) == Step::ServeAndRefresh && matches!(purpose, Purpose::Ahead) => {
                        return self.open(&reading).await;
                    }
                    None => {}
                }
            }
            if late {
                let after = Some(self.timing.settle);
                return Err(Error::new(ErrorKind::Unavailable, "refresh token")
                    .with_detail("another worker's refresh did not end in time")
                    .with_retry(RetryClass::Safe { after }));
            }
            self.clock.sleep(pause).await;
            pause = (pause * 3 / 2).min(self.timing.token_poll * 10);
        }
    }

    async fn plan(&self, reading: &Reading, purpose: &Purpose) -> Result<Plan> {
        match (self.step(reading), purpose) {
            (Step::Serve, Purpose::Ensure | Purpose::Ahead) | (Step::ServeAndRefresh, Purpose::Ensure) => {
                self.open(reading).await.map(Plan::Have)
            }
            (Step::Serve | Step::ServeAndRefresh, Purpose::Replace(rejected)) => {
                let token = self.open(reading).await?;
                let rotation = self.rotation(&reading.row);
                if !token.is_same(rejected) {
                    return Ok(Plan::Have(token));
                }
                let unsettled = machine::unsettled(&reading.row, reading.now, rotation, self.timing.settle);
                Ok(if unsettled.is_some() { Plan::Wait } else { Plan::Go })
            }
            (Step::ServeAndRefresh, Purpose::Ahead) | (Step::Refresh, _) => Ok(Plan::Go),
            (Step::Wait { .. }, _) => Ok(Plan::Wait),
            (refused @ (Step::NeedsReconsent(_) | Step::Gone), _) => Err(self.refuse(&reading.row.id, &refused)),
        }
    }

    /// `None`: something moved, look again.
    async fn hold(self: &Arc<Self>, mut held: Held, purpose: &Purpose) -> Result<Option<AccessToken>> {
        let result = self.attempt(&mut held, purpose).await;
        if !held.done {
            let release = TokenCommit::Release { id: held.id.clone(), fence: held.fence };
            if let Err(error) = self.store.commit(release).await {
                tracing::debug!(connection = %held.id, %error, "the lease is left to lapse");
            }
        }
        result
    }

    async fn attempt(self: &Arc<Self>, held: &mut Held, purpose: &Purpose) -> Result<Option<AccessToken>> {
        let reading = self.read(&held.id).await?;
        match self.plan(&reading, purpose).await? {
            Plan::Have(token) => return Ok(Some(token)),
            Plan::Wait => return Ok(None),
            Plan::Go => {}
        }
        self.pass_gate(held, &reading).await?;
        let row = &reading.row;
        let server = Arc::clone(&self.registered(row)?.server);
        let Some(old) = vault::open(&*self.sealer, row).await?.and_then(|pair| pair.refresh) else {
            return self.mark(held, &reading, Cause::GrantDead, None).await;
        };

        let before = machine::unfinished(row).cloned();
        let started = self.time(&reading);
        let attempt = before.as_ref().map_or(1, |intent| intent.attempt.saturating_add(1));
        let intent = Intent::new(row.generation, attempt, machine::later(started, self.timing.request));
        let mut begun = row.clone();
        begun.intent = Some(intent.clone());
        match self.replace(row, Some(held.fence), false, begun).await {
            Err(error) if error.kind() == ErrorKind::Conflict => return Ok(None),
            written => written?,
        }
        if self.clock.instant() + self.timing.request > held.leased_at + self.timing.lease {
            let slow = Error::new(ErrorKind::Unavailable, "refresh token").with_detail("the token store is too slow");
            return self.try_later(held, &reading, before, Duration::ZERO, slow).await;
        }

        self.sent.fetch_add(1, Ordering::Relaxed);
        let grant = Grant::RefreshToken(old.clone());
        let failure = match timeout(&*self.clock, self.timing.request, server.token(&grant, self.timing.request)).await
        {
            Ok(Ok(reply)) => {
                let profile = server.profile();
                let mut next = row.clone();
                next.generation = next.generation.saturating_add(1);
                next.intent = None;
                next.status = ConnectionStatus::Valid;
                grant::record(&mut next, &reply, profile, started);
                if reply.scopes.is_some() && self.lacks_scopes(&next) {
                    next.status = ConnectionStatus::NeedsReconsent(Cause::ScopeMissing);
                }
                // no new one means that the old one goes on (RFC 6749 section 6)
                let pair = Pair { access: reply.access, refresh: Some(reply.refresh.unwrap_or(old)) };
                let won = Won { from: row.clone(), fence: held.fence, next, pair, started, at: self.clock.instant() };
                return self.keep_won(held, won).await;
            }
            Ok(Err(failure)) => failure,
            Err(_) => GrantFailure::new(GrantFailureClass::Unknown, Error::new(ErrorKind::Timeout, "refresh token")),
        };
        self.failed(held, reading, before, intent, failure).await
    }

    pub(super) fn lacks_scopes(&self, row: &super::Connection) -> bool {
        self.required.get(&row.provider).is_some_and(|required| machine::lacks(&row.scopes, required))
    }

    async fn failed(
        self: &Arc<Self>,
        held: &mut Held,
        reading: Reading,
        before: Option<Intent>,
        intent: Intent,
        failure: GrantFailure,
    ) -> Result<Option<AccessToken>> {
        let GrantFailure { class, error } = failure;
        let pause = |asked| self.patience.next_pause(&held.id, asked, &self.timing);
        match machine::after_failure(&class, before.is_some()) {
            AfterFailure::Retry { after } => {
                let pause = pause(after);
                self.try_later(held, &reading, before, pause, error).await
            }
            AfterFailure::Recover { after } => {
                let mut row = reading.row.clone();
                row.intent = Some(intent.clone());
                let now = self.time(&reading);
                let settled = machine::unsettled(&row, now, self.rotation(&row), self.timing.settle);
                let pause = pause(after).max(settled.map_or(Duration::ZERO, |until| machine::span(now, until)));
                let result = self.try_later(held, &reading, Some(intent), pause, error).await;
                self.recover_after(&held.id, pause);
                result
            }
            AfterFailure::NeedsReconsent(cause) => {
                let again = self.read(&held.id).await?;
                let moved = (again.row.epoch, again.row.generation) != (reading.row.epoch, reading.row.generation);
                #[cfg(seeded)]
                let moved = moved && !crate::seeded::seeded("B07");
                if moved {
                    return Ok(None);
                }
                if !matches!(cause, Cause::Interaction { .. }) {
                    let health = self.store.client_health(&again.row.client).await?;
                    let health = machine::note_failure(health, &held.id, again.now);
                    self.store.note_client(&again.row.client, &health).await?;
                    if health.suspended_since.is_some() {
                        self.forgive(&health, &held.id).await;
                        return self.suspend(held, &again, before, error).await;
                    }
                }
                self.mark(held, &again, cause, Some(error)).await
            }
            AfterFailure::Suspend => {
                let health = self.store.client_health(&reading.row.client).await?;
                let health = machine::suspend(health, self.time(&reading));
                self.store.note_client(&reading.row.client, &health).await?;
                self.suspend(held, &reading, before, error).await
            }
            AfterFailure::Fail => {
                let pause = pause(None);
                self.try_later(held, &reading, before, pause, error).await
            }
        }
    }

    /// Refuses while the client is suspended; lets one through when it is time to try.
    async fn pass_gate(&self, held: &mut Held, reading: &Reading) -> Result<()> {
        let health = self.store.client_health(&reading.row.client).await?;
        match machine::gate(&health, reading.now) {
            Gate::Open => Ok(()),
            // first, so that the others go on waiting
            Gate::Probe => self.store.note_client(&reading.row.client, &machine::suspend(health, reading.now)).await,
            Gate::Closed { until } => {
                let pause = machine::span(reading.now, until);
                let intent = reading.row.intent.clone();
                self.try_later(held, reading, intent, pause, grant::suspended()).await.map(|_| ())
            }
        }
    }

    async fn suspend(
        &self,
        held: &mut Held,
        reading: &Reading,
        before: Option<Intent>,
        error: Error,
    ) -> Result<Option<AccessToken>> {
        tracing::error!(client = %reading.row.client, %error, "the authorization server does not accept our client");
        let pause = Duration::from_secs(60);
        self.try_later(held, reading, before, pause, grant::suspended().with_source(error)).await
    }

    /// Stores when to try next and gives the lease back. The status stays.
    async fn try_later(
        &self,
        held: &mut Held,
        reading: &Reading,
        intent: Option<Intent>,
        pause: Duration,
        error: Error,
    ) -> Result<Option<AccessToken>> {
        let mut row = reading.row.clone();
        let next = machine::later(self.time(reading), pause);
        row.intent = intent;
        row.refresh_at = Some(row.refresh_at.map_or(next, |at| at.max(next)));
        match self.replace(&reading.row, Some(held.fence), true, row).await {
            Ok(()) => held.done = true,
            Err(error) => tracing::debug!(connection = %held.id, %error, "the next try is not stored"),
        }
        let error = Arc::new(error.with_retry(RetryClass::Safe { after: Some(pause) }));
        self.patience.failed(&held.id, self.clock.instant(), pause, &error);
        Err(copy(&error))
    }

    /// K10: the owner must connect again.
    async fn mark(
        &self,
        held: &mut Held,
        reading: &Reading,
        cause: Cause,
        error: Option<Error>,
    ) -> Result<Option<AccessToken>> {
        let mut row = reading.row.clone();
        row.intent = None;
        row.status = ConnectionStatus::NeedsReconsent(cause.clone());
        match self.replace(&reading.row, Some(held.fence), true, row).await {
            Err(conflict) if conflict.kind() == ErrorKind::Conflict => return Ok(None),
            written => written?,
        }
        held.done = true;
        self.cache.forget(&held.id);
        let told = grant::needs_reconsent(&cause);
        Err(match error {
            Some(error) => told.with_source(error),
            None => told,
        })
    }

    /// The breaker opened: those marked shortly before were not at fault either.
    async fn forgive(&self, health: &ClientHealth, but: &ConnectionId) {
        for (id, _) in health.failures.iter().filter(|(id, _)| id != but) {
            let Ok(Some(row)) = self.store.connection(id).await else { continue };
            let marked = matches!(row.status, ConnectionStatus::NeedsReconsent(Cause::GrantDead | Cause::RotationLost));
            if marked && row.tokens.is_some() {
                let mut valid = row.clone();
                valid.status = ConnectionStatus::Valid;
                if let Err(error) = self.replace(&row, None, false, valid).await {
                    tracing::warn!(connection = %id, %error, "still marked as needing consent");
                }
            }
        }
    }

    /// An answer may be lost: finds out as soon as it may, not only when somebody asks.
    fn recover_after(self: &Arc<Self>, id: &ConnectionId, pause: Duration) {
        let (this, id) = (Arc::clone(self), id.clone());
        let sleep = self.clock.sleep(pause);
        self.spawner.spawn(Box::pin(async move {
            sleep.await;
            drop(this.begin_refresh(&id, Purpose::Ahead));
        }));
    }

    /// Tells the server that a token will not be used; best effort.
    pub(super) fn revoke_unused(self: &Arc<Self>, row: &super::Connection, token: Option<RefreshToken>) {
        let (Some(token), Ok(known)) = (token, self.registered(row)) else { return };
        let (server, limit, id) = (Arc::clone(&known.server), self.timing.request, row.id.clone());
        self.spawner.spawn(Box::pin(async move {
            if let Err(failure) = server.revoke(&token, limit).await {
                tracing::warn!(connection = %id, error = %failure.error, "an unused token is not revoked");
            }
        }));
    }
}

/// B06: a lease that nobody gave.
#[cfg(seeded)]
fn without_asking(reading: &Reading) -> super::Lease {
    super::Lease { fence: 0, until: reading.now }
}

//! What was won must not be lost: the one write of both tokens, and what to do when it fails.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};

use super::{
    AccessToken, Cause, ClientHealth, Connection, ConnectionStatus,
    cache::Opened,
    connections::Inner,
    grant, machine,
    refresh::Held,
    vault::{self, Pair},
};
use crate::{ErrorKind, Result};

/// Tokens that the server gave and the store does not have yet.
pub(super) struct Won {
    /// The row that was refreshed.
    pub(super) from: Connection,
    pub(super) fence: u64,
    /// The row to write, without tokens.
    pub(super) next: Connection,
    pub(super) pair: Pair,
    /// When the request began, on the store's clock.
    pub(super) started: DateTime<Utc>,
    /// When the reply was here, on ours.
    pub(super) at: Instant,
}

enum Written {
    Yes,
    /// Another consent or refresh is there: ours is not needed.
    Moved,
    /// Another account is there: ours would live on unused (K06).
    Rebound,
    Gone,
    /// Another lease was given out and is not over.
    Later,
}

impl Inner {
    pub(super) async fn keep_won(self: &Arc<Self>, held: &mut Held, won: Won) -> Result<Option<AccessToken>> {
        self.patience.succeeded(&held.id, self.clock.instant());
        let written = self.write(&won).await;
        match &written {
            Ok(Written::Yes) => held.done = true,
            Ok(Written::Moved) => return Ok(None),
            Ok(Written::Rebound) => {
                self.revoke_unused(&won.from, won.pair.refresh);
                return Ok(None);
            }
            Ok(Written::Gone) => {
                self.cache.forget(&held.id);
                self.revoke_unused(&won.from, won.pair.refresh);
                return Err(grant::gone());
            }
            // the lease stays ours until the tokens are written
            Ok(Written::Later) | Err(_) => held.done = true,
        }
        self.note_success(&won.next).await;
        if won.next.status != ConnectionStatus::Valid {
            self.cache.forget(&held.id);
            if !matches!(written, Ok(Written::Yes)) {
                self.write_on(won);
            }
            return Err(grant::needs_reconsent(&Cause::ScopeMissing));
        }
        let unwritten = !matches!(written, Ok(Written::Yes));
        let token = self.publish(&won, unwritten);
        if unwritten {
            self.write_on(won);
        }
        Ok(Some(token))
    }

    fn publish(&self, won: &Won, unwritten: bool) -> AccessToken {
        let end = won.next.expires_at.unwrap_or(won.started);
        let refresh_in = won.next.refresh_at.map(|at| machine::span(won.started, at));
        let opened = Opened {
            scope: won.next.scope(),
            token: AccessToken::new(won.pair.access.clone(), end),
            version: (won.next.epoch, won.next.generation),
            good_for: machine::span(won.started, end),
            refresh_in,
        };
        self.cache.keep(&won.next.id, won.at, opened, unwritten)
    }

    async fn note_success(&self, row: &Connection) {
        let troubled =
            self.store.client_health(&row.client).await.is_ok_and(|health| health != ClientHealth::default());
        if troubled && let Err(error) = self.store.note_client(&row.client, &ClientHealth::default()).await {
            tracing::warn!(client = %row.client, %error, "the client's success is not noted");
        }
    }

    async fn write(&self, won: &Won) -> Result<Written> {
        let mut next = won.next.clone();
        next.tokens = Some(vault::seal(&*self.sealer, &next, &won.pair).await?);
        #[cfg(seeded)]
        if crate::seeded::seeded("B05") {
            self.write_access_token(won).await?;
        }
        match self.replace(&won.from, Some(won.fence), true, next.clone()).await {
            Err(error) if error.kind() == ErrorKind::Conflict => {}
            written => return written.map(|()| Written::Yes),
        }
        let Some(row) = self.store.connection(&won.from.id).await? else { return Ok(Written::Gone) };
        let same = (row.epoch, row.generation) == (won.from.epoch, won.from.generation);
        let lease = match row.status {
            ConnectionStatus::Disconnecting | ConnectionStatus::Revoked => return Ok(Written::Gone),
            _ if row.subject != won.from.subject => return Ok(Written::Rebound),
            _ if !same => return Ok(Written::Moved),
            // K11: whoever came later found the old token dead; ours is the newest
            ConnectionStatus::NeedsReconsent(_) => None,
            // whoever came later may have gone again without a trace
            ConnectionStatus::Valid => match self.store.lease(&row.id, &self.worker, self.timing.lease).await? {
                Some(lease) => Some(lease.fence),
                None => return Ok(Written::Later),
            },
        };
        match self.replace(&row, lease, lease.is_some(), next).await {
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(Written::Later),
            written => written.map(|()| Written::Yes),
        }
    }

    /// B05: the first of two writes, with the old refresh token.
    #[cfg(seeded)]
    async fn write_access_token(&self, won: &Won) -> Result<()> {
        let old = vault::open(&*self.sealer, &won.from).await?.and_then(|pair| pair.refresh);
        let mut first = won.next.clone();
        first.generation = won.from.generation;
        let pair = Pair { access: won.pair.access.clone(), refresh: old };
        first.tokens = Some(vault::seal(&*self.sealer, &first, &pair).await?);
        self.replace(&won.from, Some(won.fence), false, first).await
    }

    /// K05: goes on writing while the store is down. Nothing is redeemed here meanwhile.
    fn write_on(self: &Arc<Self>, won: Won) {
        let this = Arc::clone(self);
        self.spawner.spawn(Box::pin(async move {
            let (id, version) = (won.next.id.clone(), (won.next.epoch, won.next.generation));
            let give_up = this.clock.instant() + this.timing.retry_most.max(this.timing.lease);
            let mut pause = this.timing.retry_first;
            loop {
                this.clock.sleep(pause).await;
                match this.write(&won).await {
                    Ok(Written::Yes) => break,
                    Ok(Written::Moved) => {
                        this.cache.forget(&id);
                        break;
                    }
                    Ok(Written::Gone | Written::Rebound) => {
                        this.cache.forget(&id);
                        this.revoke_unused(&won.from, won.pair.refresh.clone());
                        break;
                    }
                    Ok(Written::Later) | Err(_) if this.clock.instant() < give_up => {
                        pause = (pause * 2).min(this.timing.lease / 4).max(Duration::from_millis(1));
                    }
                    Ok(Written::Later) => break,
                    Err(error) => {
                        tracing::error!(connection = %id, %error, "tokens that were won could not be stored");
                        break;
                    }
                }
            }
            this.cache.written(&id, version);
        }));
    }
}

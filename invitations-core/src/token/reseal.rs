//! A new key for what is stored already.

use std::sync::Arc;

use super::{AllConnections, Connection, TokenCommit, vault};
use crate::{
    Error, ErrorKind, Result,
    ids::{ConnectionId, WorkerId},
    runtime::Timing,
    secret::{KeysInUse, Sealer},
};

/// Seals the tokens of connections again under the sealer's current key, so that an older key can be removed.
///
/// A connection that is in use comes under the new key by itself, with its next refresh; this is for the idle ones. Other things are
/// sealed too: the join links of invitations stay under the key they were sealed with as long as their rows are kept. Give
/// [`Invitations`](crate::invitation::Invitations) a ring of its own where connections' keys are to be removed.
#[derive(Clone, Debug)]
pub struct Reseal {
    store: Arc<dyn AllConnections>,
    sealer: Arc<dyn Sealer>,
    worker: WorkerId,
}

/// What became of a round of [`Reseal::run`].
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Resealed {
    /// How many are under the current key now and were not before.
    pub done: u64,
    /// Those that somebody refreshes at this moment; they are done by the next round, or by that refresh.
    pub busy: Vec<ConnectionId>,
    /// Those that could not be opened or written, unchanged.
    pub failed: Vec<(ConnectionId, Error)>,
}

impl Reseal {
    /// Over this store. `sealer` must open with every key in use; `worker` names the process in leases.
    pub fn new(store: Arc<dyn AllConnections>, sealer: Arc<dyn Sealer>, worker: WorkerId) -> Self {
        Self { store, sealer, worker }
    }

    /// Seals again whatever is not under the current key. Can be called again at any time, and in several processes.
    ///
    /// # Errors
    /// The store's. What fails for one connection only is in [`Resealed::failed`].
    pub async fn run(&self) -> Result<Resealed> {
        let mut round = Resealed::default();
        let mut page = None;
        loop {
            let found = self.store.all_connections(page.as_ref()).await?;
            for row in &found.items {
                match self.reseal(row).await {
                    Ok(Some(done)) => round.done += u64::from(done),
                    Ok(None) => round.busy.push(row.id.clone()),
                    Err(error) => round.failed.push((row.id.clone(), error)),
                }
            }
            page = found.next;
            if page.is_none() {
                return Ok(round);
            }
        }
    }

    /// Which keys stored tokens need.
    ///
    /// # Errors
    /// The store's, also for a row that cannot be read; [`Misconfigured`](ErrorKind::Misconfigured) for a blob that names no key. A key
    /// that is needed is never left out.
    pub async fn keys_in_use(&self) -> Result<KeysInUse> {
        let (mut keys, mut page) = (KeysInUse::none(), None);
        loop {
            let found = self.store.all_connections(page.as_ref()).await?;
            for sealed in found.items.iter().filter_map(|row| row.tokens.as_ref()) {
                keys.count_one(self.sealer.key_of(sealed)?);
            }
            page = found.next;
            if page.is_none() {
                return Ok(keys);
            }
        }
    }

    fn is_old(&self, row: &Connection) -> Result<bool> {
        let key = row.tokens.as_ref().map(|sealed| self.sealer.key_of(sealed)).transpose()?;
        Ok(key.is_some_and(|key| key != self.sealer.current_key()))
    }

    /// Whether it was sealed again; `None`: somebody else has it.
    async fn reseal(&self, row: &Connection) -> Result<Option<bool>> {
        if !self.is_old(row)? {
            return Ok(Some(false));
        }
        // a refresh writes its intent into the same row: with the lease nobody is in the middle of one
        let Some(lease) = self.store.lease(&row.id, &self.worker, Timing::default().lease).await? else {
            return Ok(None);
        };
        let done = self.under_lease(&row.id, lease.fence).await;
        if !matches!(done, Ok(Some(true))) {
            // one that cannot be given back lapses
            let _ = self.store.commit(TokenCommit::Release { id: row.id.clone(), fence: lease.fence }).await;
        }
        done
    }

    async fn under_lease(&self, id: &ConnectionId, fence: u64) -> Result<Option<bool>> {
        let Some(mut row) = self.store.connection(id).await? else { return Ok(Some(false)) };
        let Some(pair) = vault::open(&*self.sealer, &row).await?.filter(|_| self.is_old(&row).unwrap_or_default())
        else {
            return Ok(Some(false));
        };
        row.tokens = Some(vault::seal(&*self.sealer, &row, &pair).await?);
        let (epoch, generation) = (row.epoch, row.generation);
        let to = Box::new(row);
        let update = TokenCommit::Update { epoch, generation, fence: Some(fence), release: true, to };
        match self.store.commit(update).await {
            Ok(()) => Ok(Some(true)),
            // connected anew or disconnected: sealed by whoever did it
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(None),
            Err(error) => Err(error),
        }
    }
}

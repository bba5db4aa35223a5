//! Taking a connection back. The tombstone is written first, and it is the queue as well: its tokens stay sealed in it until the
//! provider is told or given up, and whoever comes by when it is due goes on (K18).

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};

use super::{
    Connection, ConnectionStatus, ConnectionView, Connections, GrantFailureClass, Revocation, RevokeReply, TokenCommit,
    connections::Inner,
    machine,
    vault::{self, Pair},
};
use crate::{
    Error, ErrorKind, Result,
    ids::{ConnectionId, TenantId},
    runtime::timeout,
};

/// How often a write is tried against others' writes.
const WRITES: u32 = 8;
/// The first gap between two tries; doubles each time.
const FIRST_GAP: Duration = Duration::from_secs(60);
/// The longest such gap.
const LONGEST_GAP: Duration = Duration::from_secs(6 * 3600);
/// For how long it is tried: longer than a long weekend, and short enough that nothing is kept for ever.
const TRIED_FOR: Duration = Duration::from_secs(7 * 24 * 3600);

/// What came of one try.
enum Told {
    Yes,
    NoSuchCall,
    NotYet { after: Option<Duration> },
}

impl Connections {
    /// Takes an organisation's connection back: from the first write on nobody gets a token; then the provider is told (RFC 7009) and the tokens are
    /// wiped. What became of the provider's grant is in [`revocation`](ConnectionView::revocation). When the provider could not be
    /// told, [`run_once`](Self::run_once) goes on with growing gaps, for a week; calling this again tries at once.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound), also when it is another organisation's; [`Misconfigured`](ErrorKind::Misconfigured) when the tokens cannot be opened (nothing
    /// is changed then); the store's.
    pub async fn disconnect(&self, tenant: &TenantId, id: &ConnectionId) -> Result<ConnectionView> {
        let (inner, tenant, id) = (Arc::clone(&self.0), tenant.clone(), id.clone());
        self.0.detached("disconnect", async move { inner.disconnect(&tenant, &id).await }).await
    }
}

impl Inner {
    async fn disconnect(self: &Arc<Self>, tenant: &TenantId, id: &ConnectionId) -> Result<ConnectionView> {
        let mut row = self.bury(tenant, id).await?;
        self.cache.forget(id);
        self.patience.forget(id);
        if row.status == ConnectionStatus::Disconnecting {
            row = self.tell(row, None).await?;
        }
        let now = self.store.now().await?;
        Ok(self.view(row, now, None))
    }

    /// Goes on with a tombstone that is due; answers whether all is done. Only one at a time does: `run_once` runs everywhere.
    pub(super) async fn resume_disconnect(self: &Arc<Self>, id: &ConnectionId) -> Result<bool> {
        let Some(lease) = self.store.lease(id, &self.worker, self.timing.lease).await? else { return Ok(false) };
        // another may have told it in the meantime
        let row = self.row(id).await?;
        let now = self.store.now().await?;
        if row.status == ConnectionStatus::Disconnecting && row.refresh_at.is_some_and(|at| at <= now) {
            return Ok(self.tell(row, Some(lease.fence)).await?.status == ConnectionStatus::Revoked);
        }
        self.store.commit(TokenCommit::Release { id: id.clone(), fence: lease.fence }).await?;
        Ok(false)
    }

    /// The tombstone. It counts as a generation, so that a refresh that is under way cannot write over it.
    async fn bury(&self, tenant: &TenantId, id: &ConnectionId) -> Result<Connection> {
        for _ in 0..WRITES {
            let row = self.row_of(tenant, id).await?;
            if matches!(row.status, ConnectionStatus::Disconnecting | ConnectionStatus::Revoked) {
                return Ok(row);
            }
            let pair = vault::open(&*self.sealer, &row).await?;
            let now = self.store.now().await?;
            let mut buried = row.clone();
            buried.status = ConnectionStatus::Disconnecting;
            buried.generation = buried.generation.saturating_add(1);
            buried.intent = None;
            // whoever buries it tells the provider now; others only if nothing came of that
            buried.refresh_at = Some(machine::later(now, self.timing.lease));
            buried.revocation = Some(begun(now));
            buried.tokens = match &pair {
                Some(pair) => Some(vault::seal(&*self.sealer, &buried, pair).await?),
                None => None,
            };
            match self.replace(&row, None, false, buried.clone()).await {
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                written => return written.map(|()| buried),
            }
        }
        Err(Error::new(ErrorKind::Conflict, "disconnect").with_detail("the connection changes all the time"))
    }

    /// Tells the provider once and records what came of it; answers the row as it is then.
    async fn tell(&self, row: Connection, fence: Option<u64>) -> Result<Connection> {
        let now = self.store.now().await?;
        let opened = vault::open(&*self.sealer, &row).await;
        let told = self.told(&row, &opened).await;
        let (tries, give_up_at) = match row.revocation.clone().unwrap_or_else(|| begun(now)) {
            Revocation::Pending { tries, give_up_at } => (tries, give_up_at),
            _ => (0, now),
        };
        let mut next = row.clone();
        next.revocation = Some(match told {
            Told::Yes => Revocation::Done,
            Told::NoSuchCall => Revocation::Unsupported,
            Told::NotYet { .. } if give_up_at <= now => {
                tracing::warn!(connection = %row.id, tries, "the provider could not be told of a disconnect; given up");
                Revocation::GivenUp
            }
            Told::NotYet { after } => {
                next.refresh_at = Some(machine::later(now, gap(tries, after)).min(give_up_at));
                Revocation::Pending { tries: tries.saturating_add(1), give_up_at }
            }
        });
        if !matches!(next.revocation, Some(Revocation::Pending { .. })) {
            wipe(&mut next);
        } else if let Ok(Some(pair)) = &opened {
            // a generation of its own: tokens that are sealed again meanwhile are not written over by these
            next.generation = next.generation.saturating_add(1);
            next.tokens = Some(vault::seal(&*self.sealer, &next, pair).await?);
        }
        match self.replace(&row, fence, true, next.clone()).await {
            // connected anew meanwhile, or told by another: either is as good
            Err(error) if error.kind() == ErrorKind::Conflict => self.row(&row.id).await,
            written => written.map(|()| next),
        }
    }

    async fn told(&self, row: &Connection, opened: &Result<Option<Pair>>) -> Told {
        let failed = |error: &Error, after| {
            tracing::warn!(connection = %row.id, %error, "the provider is not told of a disconnect yet");
            Told::NotYet { after }
        };
        let token = match opened {
            Ok(pair) => pair.as_ref().and_then(|pair| pair.refresh.as_ref()),
            Err(error) => return failed(error, None),
        };
        let Some(token) = token else { return Told::NoSuchCall };
        let known = match self.registered(row) {
            Ok(known) => known,
            Err(error) => return failed(&error, None),
        };
        let limit = self.timing.request;
        match timeout(&*self.clock, limit, known.server.revoke(token, limit)).await {
            Ok(Ok(RevokeReply::Done)) => Told::Yes,
            Ok(Ok(RevokeReply::Unsupported)) => Told::NoSuchCall,
            // it knows the token no more
            Ok(Err(failure)) if failure.class == GrantFailureClass::GrantDead => Told::Yes,
            Ok(Err(failure)) => match failure.class {
                GrantFailureClass::Transient { after, .. } => failed(&failure.error, after),
                _ => failed(&failure.error, None),
            },
            Err(_) => failed(&Error::new(ErrorKind::Timeout, "revoke token"), None),
        }
    }
}

fn begun(now: DateTime<Utc>) -> Revocation {
    Revocation::Pending { tries: 0, give_up_at: machine::later(now, TRIED_FOR) }
}

/// How long to wait after this many tries and one more; at least what the server asked for, within reason.
fn gap(tries: u32, asked: Option<Duration>) -> Duration {
    FIRST_GAP.saturating_mul(2_u32.saturating_pow(tries)).max(asked.unwrap_or_default()).min(LONGEST_GAP)
}

/// Counts as a generation, too: a slower try that read the row before cannot bring the tokens back.
///
/// The subject stays: by it the same account finds its row again, and a refresh token that was disconnected is not taken for a new one. The
/// address goes once the provider was told; until then it says whose consent is still to be removed.
fn wipe(row: &mut Connection) {
    if row.revocation == Some(Revocation::Done) {
        row.address = None;
    }
    row.status = ConnectionStatus::Revoked;
    row.generation = row.generation.saturating_add(1);
    (row.tokens, row.expires_at, row.refresh_at, row.refresh_expires_at) = (None, None, None, None);
}

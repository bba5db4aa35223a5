use std::sync::Arc;

use super::{Connection, ConnectionStatus, Connections, GrantFailureClass, connections::Inner, vault};
use crate::{Error, ErrorKind, Result, ids::ConnectionId, runtime::timeout};

/// How often the provider is told before it is given up.
const TELLS: u32 = 3;
/// How often a write is tried against others' writes.
const WRITES: u32 = 8;

impl Connections {
    /// Takes a connection back: from the first write on nobody gets a token; then the provider is told (RFC 7009), a few times
    /// if need be; then the tokens are wiped. Can be called again after a failure, and is a no-op when all is done.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound); [`Misconfigured`](ErrorKind::Misconfigured) when the tokens cannot be opened (nothing
    /// is changed then); the store's.
    pub async fn disconnect(&self, id: &ConnectionId) -> Result<()> {
        let (inner, id) = (Arc::clone(&self.0), id.clone());
        self.0.detached("disconnect", async move { inner.disconnect(&id).await }).await
    }
}

impl Inner {
    async fn disconnect(self: &Arc<Self>, id: &ConnectionId) -> Result<()> {
        let row = self.bury(id).await?;
        self.cache.forget(id);
        self.patience.forget(id);
        if row.status == ConnectionStatus::Revoked {
            return Ok(());
        }
        self.tell(&row).await;
        let mut wiped = row.clone();
        wiped.status = ConnectionStatus::Revoked;
        wiped.tokens = None;
        wiped.expires_at = None;
        wiped.refresh_at = None;
        wiped.refresh_expires_at = None;
        match self.replace(&row, None, false, wiped).await {
            // connected anew meanwhile, or wiped by another: either is as good
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(()),
            written => written,
        }
    }

    /// The tombstone. It counts as a generation, so that a refresh that is under way cannot write over it.
    async fn bury(&self, id: &ConnectionId) -> Result<Connection> {
        for _ in 0..WRITES {
            let row = self.row(id).await?;
            if matches!(row.status, ConnectionStatus::Disconnecting | ConnectionStatus::Revoked) {
                return Ok(row);
            }
            let pair = vault::open(&*self.sealer, &row).await?;
            let mut buried = row.clone();
            buried.status = ConnectionStatus::Disconnecting;
            buried.generation = buried.generation.saturating_add(1);
            buried.intent = None;
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

    /// Tells the provider; when it cannot be told, the tokens are wiped all the same.
    async fn tell(&self, row: &Connection) {
        let token = match vault::open(&*self.sealer, row).await {
            Ok(pair) => pair.and_then(|pair| pair.refresh),
            Err(error) => {
                tracing::warn!(connection = %row.id, %error, "the provider is not told of the disconnect");
                None
            }
        };
        let (Some(token), Ok(known)) = (token, self.registered(row)) else { return };
        let mut pause = self.timing.retry_first;
        for tell in 1..=TELLS {
            let limit = self.timing.request;
            match timeout(&*self.clock, limit, known.server.revoke(&token, limit)).await {
                Ok(Ok(())) => return,
                Ok(Err(failure)) if failure.class == GrantFailureClass::GrantDead => return,
                _ if tell < TELLS => {
                    self.clock.sleep(pause).await;
                    pause *= 2;
                }
                _ => tracing::warn!(connection = %row.id, "the provider could not be told of the disconnect"),
            }
        }
    }
}

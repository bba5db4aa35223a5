use std::sync::Arc;

use futures_util::{StreamExt as _, stream};

use super::{ConnectionStatus, Connections, connections::Inner, refresh::Purpose};
use crate::{Result, ids::ConnectionId, runtime::BoxFuture};

/// How many refreshes run at once.
const AT_ONCE: usize = 8;

impl Connections {
    /// Refreshes what is due and goes on with disconnects that the provider was not told of, at most `limit` together; answers how
    /// many have a good token now or are taken back for good. For a job that runs every minute or so, on any number of machines: it
    /// keeps unused connections from ending and tokens warm.
    ///
    /// # Errors
    /// The store's; a failed refresh is not one, it shows in [`status`](Self::status).
    pub async fn run_once(&self, limit: usize) -> Result<usize> {
        let due = self.0.store.due(limit).await?;
        let steps: Vec<_> = due.into_iter().map(|id| self.0.bring_forward(id)).collect();
        Ok(stream::iter(steps).buffer_unordered(AT_ONCE).filter(|good| std::future::ready(*good)).count().await)
    }
}

impl Inner {
    /// Begins when it is polled for the first time; what it has begun goes on without it.
    fn bring_forward(self: &Arc<Self>, id: ConnectionId) -> BoxFuture<'static, bool> {
        let this = Arc::clone(self);
        Box::pin(async move {
            let done = match this.row(&id).await.map(|row| row.status) {
                Ok(ConnectionStatus::Disconnecting) => {
                    let (inner, id) = (Arc::clone(&this), id.clone());
                    this.detached("disconnect", async move { inner.resume_disconnect(&id).await }).await
                }
                Ok(_) => this.begin_refresh(&id, Purpose::Ahead).await.map(|_| true),
                Err(error) => Err(error),
            };
            done.unwrap_or_else(|error| {
                tracing::debug!(connection = %id, %error, "not brought forward");
                false
            })
        })
    }
}

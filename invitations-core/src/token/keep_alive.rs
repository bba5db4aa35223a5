use futures_util::{StreamExt as _, stream};

use super::{Connections, refresh::Purpose};
use crate::Result;

/// How many refreshes run at once.
const AT_ONCE: usize = 8;

impl Connections {
    /// Refreshes what is due, at most `limit`; answers how many have a good token now. For a job that runs every minute or so,
    /// on any number of machines: it keeps unused connections from ending and tokens warm.
    ///
    /// # Errors
    /// The store's; a failed refresh is not one, it shows in [`status`](Self::status).
    pub async fn run_once(&self, limit: usize) -> Result<usize> {
        let due = self.0.store.due(limit).await?;
        let refreshes: Vec<_> = due.iter().map(|id| self.0.begin_refresh_lazily(id)).collect();
        Ok(stream::iter(refreshes).buffer_unordered(AT_ONCE).filter(|good| std::future::ready(*good)).count().await)
    }
}

impl super::connections::Inner {
    /// Begins when it is polled for the first time.
    fn begin_refresh_lazily(
        self: &std::sync::Arc<Self>,
        id: &crate::ids::ConnectionId,
    ) -> crate::runtime::BoxFuture<'static, bool> {
        let (this, id) = (std::sync::Arc::clone(self), id.clone());
        Box::pin(async move { this.begin_refresh(&id, Purpose::Ahead).await.is_ok() })
    }
}

//! A store whose transactions are counted, by SQLite itself.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use invitations_sqlx::SqliteStore;
use sqlx::sqlite::SqlitePoolOptions;

use crate::fixture::Fixture;

#[derive(Clone, Debug, Default)]
pub(crate) struct Commits {
    count: Arc<AtomicUsize>,
    refuse: Arc<AtomicBool>,
}

impl Commits {
    /// How many since the last time.
    pub(crate) fn take(&self) -> usize {
        self.count.swap(0, Ordering::SeqCst)
    }

    /// Whether COMMIT fails from now on.
    pub(crate) fn refuse(&self, refuse: bool) {
        self.refuse.store(refuse, Ordering::SeqCst);
    }
}

pub(crate) async fn open(fixture: &Fixture) -> (SqliteStore, Commits) {
    let commits = Commits::default();
    let seen = commits.clone();
    let pool = SqlitePoolOptions::new()
        .after_connect(move |connection, _| {
            let seen = seen.clone();
            Box::pin(async move {
                connection.lock_handle().await?.set_commit_hook(move || {
                    seen.count.fetch_add(1, Ordering::SeqCst);
                    !seen.refuse.load(Ordering::SeqCst)
                });
                Ok(())
            })
        })
        .connect_with(SqliteStore::connect_options(fixture.path()))
        .await
        .unwrap();
    let store = SqliteStore::with_pool(pool).await.unwrap().with_clock(Arc::new(fixture.clock.clone()));
    commits.take();
    (store, commits)
}

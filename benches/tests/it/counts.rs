//! Transactions of an acceptance. With a write-ahead log and `synchronous = FULL` a transaction is one wait for the
//! disk; that this is so is counted with strace in `invitations-sqlx` (`counts::one_wait_for_the_disk_each`).

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use benches::{House, Kind};
use futures_util::future::{join_all, try_join_all};
use invitations_sqlx::SqliteStore;
use sqlx::sqlite::SqlitePoolOptions;

/// A house whose commits SQLite counts.
async fn counted(folder: &Path, kind: Kind) -> (House, Arc<AtomicUsize>) {
    let commits = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&commits);
    let pool = SqlitePoolOptions::new()
        .after_connect(move |connection, _| {
            let counter = Arc::clone(&counter);
            Box::pin(async move {
                connection.lock_handle().await?.set_commit_hook(move || {
                    counter.fetch_add(1, Ordering::SeqCst);
                    true
                });
                Ok(())
            })
        })
        .connect_with(SqliteStore::connect_options(folder.join("invitations.db")));
    let store = SqliteStore::with_pool(pool.await.unwrap()).await.unwrap();
    (House::over(store, kind, false).unwrap(), commits)
}

#[tokio::test]
async fn one_caller_has_a_transaction_each() {
    for kind in Kind::ALL {
        let folder = tempfile::tempdir().unwrap();
        let (house, commits) = counted(folder.path(), kind).await;
        let invited = house.invite(32).await.unwrap();
        commits.store(0, Ordering::SeqCst);
        for one in &invited {
            house.accept(one).await.unwrap();
        }
        assert_eq!(commits.load(Ordering::SeqCst), invited.len(), "{kind:?}");
        house.check(invited.len()).await.unwrap();
    }
}

/// Nobody hears that the database is busy: every answer is an acceptance.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_callers_share_transactions() {
    let folder = tempfile::tempdir().unwrap();
    let (house, commits) = counted(folder.path(), Kind::Meeting).await;
    let invited = Arc::new(house.invite(1_024).await.unwrap());
    let house = Arc::new(house);
    commits.store(0, Ordering::SeqCst);
    let callers = (0..64).map(|caller| {
        let (house, invited) = (Arc::clone(&house), Arc::clone(&invited));
        tokio::spawn(async move {
            for one in invited.iter().skip(caller).step_by(64) {
                house.accept(one).await.unwrap();
            }
        })
    });
    try_join_all(callers).await.unwrap();
    let commits = commits.load(Ordering::SeqCst);
    println!("{commits} transactions for {} acceptances by 64 callers", invited.len());
    assert!(commits <= invited.len() / 8, "{commits} for {}", invited.len());
    house.check(invited.len()).await.unwrap();
}

#[tokio::test]
async fn a_transaction_waits_for_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(&folder.path().join("invitations.db"), Kind::Meeting, false).await.unwrap();
    // on every connection
    let all = join_all((0..house.pool.options().get_max_connections()).map(|_| house.pool.acquire())).await;
    for connection in all {
        let mut connection = connection.unwrap();
        let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *connection).await.unwrap();
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *connection).await.unwrap();
        assert_eq!((journal.as_str(), synchronous), ("wal", 2));
    }
}

//! An application with tables of its own in the same file.

use std::borrow::Cow;

use invitations_core::{
    ErrorKind,
    invitation::{InvitationStore, Refusal},
};
use invitations_sqlx::SqliteStore;
use sqlx::{
    SqlSafeStr as _, SqlitePool,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::SqlitePoolOptions,
};

use crate::fixture::{Fixture, invitation, tenant};

/// As an application has it: in sqlx's default table, with numbers that ours use too.
fn migrator() -> Migrator {
    let text = "CREATE TABLE account (id TEXT NOT NULL PRIMARY KEY)".into_sql_str();
    Migrator::with_migrations(vec![Migration::new(1, Cow::Borrowed("account"), MigrationType::Simple, text, false)])
}

async fn pool(fixture: &Fixture) -> SqlitePool {
    SqlitePoolOptions::new().connect_with(SqliteStore::connect_options(fixture.path())).await.unwrap()
}

async fn accounts(pool: &SqlitePool) -> i64 {
    sqlx::query_scalar("SELECT COUNT(*) FROM account").fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn both_migrators_share_the_file() {
    for ours_first in [true, false] {
        let fixture = Fixture::new();
        let pool = pool(&fixture).await;
        if ours_first {
            SqliteStore::with_pool(pool.clone()).await.unwrap();
        }
        for _ in 0..2 {
            migrator().run(&pool).await.unwrap();
            let store = SqliteStore::with_pool(pool.clone()).await.unwrap();
            assert_eq!(store.next_due().await.unwrap(), None);
        }
        let foreign: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'inv\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
             ORDER BY name",
        )
        .fetch_all(&pool)
        .await
        .unwrap();
        assert_eq!(foreign, ["_sqlx_migrations", "account"], "everything of ours begins with inv_");
    }
}

#[tokio::test]
async fn the_callers_row_and_ours_stand_or_fall_together() {
    let fixture = Fixture::new();
    let store = fixture.open().await;
    migrator().run(store.pool()).await.unwrap();
    let now = InvitationStore::now(&store).await.unwrap();
    let commit = invitation("a", now);
    for stands in [false, true] {
        let mut tx = store.pool().begin_with("BEGIN IMMEDIATE").await.unwrap();
        assert_eq!(store.commit_in(&mut tx, &commit).await.unwrap(), 1);
        sqlx::query("INSERT INTO account (id) VALUES ('newcomer')").execute(&mut *tx).await.unwrap();
        if stands {
            tx.commit().await.unwrap()
        } else {
            tx.rollback().await.unwrap()
        }
        assert_eq!(accounts(store.pool()).await, i64::from(stands));
        assert_eq!(store.load(&tenant(), &commit.id).await.unwrap().is_some(), stands);
        assert_eq!(store.history(&tenant(), &commit.id).await.unwrap().len(), usize::from(stands));
    }
}

/// Web frameworks move handlers between threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_of_it_can_run_in_a_spawned_task() {
    let fixture = Fixture::new();
    let path = fixture.path();
    let commit = invitation("a", chrono::DateTime::UNIX_EPOCH);
    let task = tokio::spawn(async move {
        let pool = SqlitePoolOptions::new().connect_with(SqliteStore::connect_options(&path)).await.unwrap();
        let store = SqliteStore::with_pool(pool).await.unwrap();
        let mut tx = store.pool().begin_with("BEGIN IMMEDIATE").await.unwrap();
        let version = store.commit_in(&mut tx, &commit).await.unwrap();
        tx.commit().await.unwrap();
        version
    });
    assert_eq!(task.await.unwrap(), 1);
}

#[tokio::test]
async fn a_refused_commit_leaves_the_callers_transaction_as_it_was() {
    let fixture = Fixture::new();
    let store = fixture.open().await;
    migrator().run(store.pool()).await.unwrap();
    let first = invitation("a", InvitationStore::now(&store).await.unwrap());
    InvitationStore::commit(&store, &first).await.unwrap();
    // refused late, by the address that the first one holds, after the row itself was written
    let mut rival = first.clone();
    rival.id = invitations_core::ids::InvitationId::parse("b").unwrap();
    rival.state.id = rival.id.clone();
    let mut tx = store.pool().begin_with("BEGIN IMMEDIATE").await.unwrap();
    sqlx::query("INSERT INTO account (id) VALUES ('newcomer')").execute(&mut *tx).await.unwrap();
    let error = store.commit_in(&mut tx, &rival).await.unwrap_err();
    assert_eq!(error.refusal(), Some(&Refusal::Duplicate { of: first.id.clone() }));
    tx.commit().await.unwrap();
    assert_eq!(accounts(store.pool()).await, 1);
    assert_eq!(store.load(&tenant(), &rival.id).await.unwrap(), None);
}

#[tokio::test]
async fn without_a_transaction_nothing_is_written() {
    let fixture = Fixture::new();
    let store = fixture.open().await;
    let commit = invitation("a", InvitationStore::now(&store).await.unwrap());
    let mut connection = store.pool().acquire().await.unwrap();
    let error = store.commit_in(&mut connection, &commit).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(store.load(&tenant(), &commit.id).await.unwrap(), None);
}

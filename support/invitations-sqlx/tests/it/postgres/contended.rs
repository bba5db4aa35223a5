//! Writers of the same row at the same time, with both of them in the middle of it.

use std::time::Duration;

use invitations_core::{
    ErrorKind, Result, RetryClass,
    ids::{ConnectionId, WorkerId},
    token::{Lease, TokenCommit, TokenStore as _},
};
use invitations_sqlx::PgStore;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::task::JoinHandle;

use super::schema::Schema;
use crate::resealed::connection;

pub(crate) fn id() -> ConnectionId {
    connection(0).id
}

/// A store with one connection.
pub(crate) async fn with_row(schema: &Schema) -> PgStore {
    let store = schema.open().await;
    store.commit(TokenCommit::Create(Box::new(connection(0)))).await.unwrap();
    store
}

pub(crate) fn leasing(store: &PgStore) -> JoinHandle<Result<Option<Lease>>> {
    let store = store.clone();
    let worker = WorkerId::parse("second").unwrap();
    tokio::spawn(async move { store.lease(&id(), &worker, Duration::from_secs(60)).await })
}

/// Waits until so many sessions wait for a lock, and answers their numbers. Nothing here sleeps: the server is asked again and again.
pub(crate) async fn waiting(pool: &PgPool, schema: &Schema, many: usize) -> Vec<i32> {
    let mut waiting = Vec::new();
    for _ in 0..20_000 {
        waiting = sqlx::query_scalar(
            "SELECT pid FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock' ORDER BY 1",
        )
        .bind(&schema.name)
        .fetch_all(pool)
        .await
        .unwrap();
        if waiting.len() == many {
            return waiting;
        }
    }
    panic!("waiting for a lock: {waiting:?}, not {many}");
}

/// Another process's store, with settings of the session.
pub(crate) async fn another(schema: &Schema, settings: &[(&str, &str)]) -> PgStore {
    let options = schema.options().options(settings.iter().copied());
    schema.open_with(options).await
}

const FIRST: &str =
    "UPDATE inv_connection SET fence = fence + 1, lease_owner = 'first', lease_until = 9000000000000000";

/// Why `read committed` is enough: the second one waits for the first, and then looks again.
#[tokio::test]
async fn a_lease_that_another_one_is_taking_is_waited_for_and_looked_at_again() {
    for stands in [true, false] {
        let schema = Schema::new();
        let first = with_row(&schema).await;
        let second = another(&schema, &[]).await;
        let mut taking = first.pool().begin().await.unwrap();
        sqlx::query(FIRST).execute(&mut *taking).await.unwrap();
        let lease = leasing(&second);
        waiting(first.pool(), &schema, 1).await;
        if stands {
            taking.commit().await.unwrap()
        } else {
            taking.rollback().await.unwrap()
        }
        assert_eq!(lease.await.unwrap().unwrap().is_none(), stands);
    }
}

/// A database whose default is stricter says no instead of looking again; then nothing was written, and it can be tried again.
#[tokio::test]
async fn what_cannot_be_serialized_may_be_tried_again() {
    let schema = Schema::new();
    let first = with_row(&schema).await;
    let second = another(&schema, &[("default_transaction_isolation", "serializable")]).await;
    let mut taking = first.pool().begin().await.unwrap();
    sqlx::query(FIRST).execute(&mut *taking).await.unwrap();
    let lease = leasing(&second);
    waiting(first.pool(), &schema, 1).await;
    taking.commit().await.unwrap();
    let error = lease.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, RetryClass::Safe { after: None }), "{error:?}");
    let fence: i64 = sqlx::query_scalar("SELECT fence FROM inv_connection").fetch_one(first.pool()).await.unwrap();
    assert_eq!(fence, 1);
}

#[tokio::test]
async fn a_row_that_is_held_too_long_may_be_tried_again() {
    let schema = Schema::new();
    let first = with_row(&schema).await;
    let pool = PgPoolOptions::new().max_connections(1).connect_with(schema.options()).await.unwrap();
    let hasty = PgStore::with_pool(pool).await.unwrap();
    // in its only session; opening may take its time
    sqlx::query("SET lock_timeout = 1").execute(hasty.pool()).await.unwrap();
    let mut taking = first.pool().begin().await.unwrap();
    sqlx::query(FIRST).execute(&mut *taking).await.unwrap();
    let error = leasing(&hasty).await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, RetryClass::Safe { after: None }), "{error:?}");
    taking.rollback().await.unwrap();
    assert!(leasing(&hasty).await.unwrap().unwrap().is_some());
}

/// Two that hold what the other one needs: the database ends the one that looks first.
#[tokio::test]
async fn a_deadlock_may_be_tried_again() {
    let schema = Schema::new();
    let first = with_row(&schema).await;
    // who has written a connection waits at a gate, and then asks for what the other transaction holds
    schema.run(
        "CREATE TABLE held (a INT); INSERT INTO held VALUES (1); \
         CREATE FUNCTION hold() RETURNS TRIGGER LANGUAGE plpgsql AS \
         'BEGIN PERFORM pg_advisory_xact_lock(hashtext(current_schema())); UPDATE held SET a = 2; RETURN NEW; END'; \
         CREATE TRIGGER hold AFTER UPDATE ON inv_connection FOR EACH ROW EXECUTE FUNCTION hold()",
    );
    let second = another(&schema, &[("deadlock_timeout", "10")]).await;
    let mut gate = first.pool().begin().await.unwrap();
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext(current_schema()))").execute(&mut *gate).await.unwrap();
    let mut other = first.pool().begin().await.unwrap();
    sqlx::query("SET LOCAL deadlock_timeout = '1h'").execute(&mut *other).await.unwrap();
    sqlx::query("UPDATE held SET a = 3").execute(&mut *other).await.unwrap();
    let lease = leasing(&second);
    waiting(first.pool(), &schema, 1).await;
    let crossing = tokio::spawn(async move {
        sqlx::query("SELECT 1 FROM inv_connection FOR UPDATE").execute(&mut *other).await.map(drop)
    });
    waiting(first.pool(), &schema, 2).await;
    gate.commit().await.unwrap();
    let error = lease.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, RetryClass::Safe { after: None }), "{error:?}");
    assert!(format!("{error:?}").contains("40P01"), "{error:?}");
    crossing.await.unwrap().unwrap();
}

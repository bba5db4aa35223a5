//! Connections that break, callers that go away, and what an error may show.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use invitations_core::{
    ErrorKind, RetryClass,
    ids::TenantId,
    token::{TokenCommit, TokenStore as _},
};

use super::{
    contended::{another, id, leasing, waiting, with_row},
    schema::Schema,
};
use crate::{resealed::connection, stored::flow};

/// The session ends in the middle of a statement that would have committed: nobody knows, and nobody says that it did not happen.
#[tokio::test]
async fn a_write_whose_reply_is_lost_is_unclear_and_a_read_is_not() {
    let schema = Schema::new();
    let store = with_row(&schema).await;
    let lost = another(&schema, &[]).await;
    for writes in [true, false] {
        let mut holding = store.pool().begin().await.unwrap();
        sqlx::query("LOCK TABLE inv_connection IN ACCESS EXCLUSIVE MODE").execute(&mut *holding).await.unwrap();
        let reading = lost.clone();
        let asked = if writes {
            let lease = leasing(&lost);
            tokio::spawn(async move { lease.await.unwrap().map(drop) })
        } else {
            tokio::spawn(async move { reading.connection(&id()).await.map(drop) })
        };
        let sessions = waiting(store.pool(), &schema, 1).await;
        sqlx::query("SELECT pg_terminate_backend($1)").bind(sessions[0]).execute(store.pool()).await.unwrap();
        let error = asked.await.unwrap().unwrap_err();
        let after = None;
        let retry = if writes { RetryClass::Unclear { after } } else { RetryClass::Safe { after } };
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, retry), "{error:?}");
        holding.rollback().await.unwrap();
        // and the next one has a connection that works
        assert!(lost.connection(&id()).await.unwrap().is_some());
    }
}

/// A caller may go away at any wait: the flow is then there or taken, and the store's only connection can be used.
#[tokio::test]
async fn a_dropped_write_is_whole_or_not_there() {
    let schema = Schema::new();
    let (mut taken, mut left) = (0, 0);
    let store = schema.open().await;
    let count =
        async || -> i64 { sqlx::query_scalar("SELECT COUNT(*) FROM inv_flow").fetch_one(store.pool()).await.unwrap() };
    let mut flow = flow();
    flow.until += chrono::TimeDelta::hours(1);
    for polls in 0..12 {
        store.begin_flow(&flow).await.unwrap();
        {
            let mut taking = pin!(store.take_flow(&flow.state_digest));
            for _ in 0..polls {
                if let Poll::Ready(done) = taking.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                    assert_eq!(done.unwrap().as_ref(), Some(&flow));
                    break;
                }
                // a round trip of another session: by then the answer is there
                count().await;
            }
        }
        if count().await == 0 { taken += 1 } else { left += 1 }
    }
    assert!(taken > 0 && left > 0, "{taken} taken, {left} left");
}

/// PostgreSQL quotes the whole row in the details of its answer.
#[tokio::test]
async fn an_error_shows_no_row() {
    let schema = Schema::new();
    let store = schema.open().await;
    schema.run("ALTER TABLE inv_connection ADD CHECK (tenant <> 'planted-1b7f')");
    let mut connection = connection(0);
    connection.tenant = TenantId::parse("planted-1b7f").unwrap();
    let error = store.commit(TokenCommit::Create(Box::new(connection))).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Conflict, RetryClass::Never), "{error:?}");
    let cause = std::error::Error::source(&error).unwrap();
    assert!(cause.to_string().contains("23514"), "{cause}");
    assert!(!format!("{error:?} {cause} {cause:?}").contains("1b7f"), "{error:?}");
}

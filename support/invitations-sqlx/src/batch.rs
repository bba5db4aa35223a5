//! Several commits in one transaction.
//!
//! Mostly nobody is refused: then nothing stands between them. When somebody is, nothing of that transaction stays, and the next one
//! gives each a savepoint, which costs a statement more for each.

use std::sync::Arc;

use invitations_core::Result;
use sqlx::{Connection as _, Sqlite, SqlitePool, pool::PoolConnection};

use crate::{
    commit_in::{self, COMMIT},
    dialect::Dialect as _,
    error,
    sqlite::{Connection, Database},
    writer::Item,
};

/// What stands between the commits of a transaction.
#[derive(Clone, Copy)]
enum Between {
    Nothing,
    Savepoints,
}

/// Why nobody of a batch has an answer of his own.
enum Failure {
    /// Nothing was written.
    Nothing(sqlx::Error),
    /// Nothing was written, because the database ended the transaction over one of them.
    Ended(sqlx::Error),
    /// Nobody knows what was written.
    Unclear(sqlx::Error),
}

/// Writes them, then tells their callers: nobody hears of something that a power cut could take back.
pub(crate) async fn write(pool: &SqlitePool, batch: Vec<Item>) {
    let mut done = transact(pool, &batch, Between::Nothing).await;
    if let Ok(None) = done {
        done = transact(pool, &batch, Between::Savepoints).await;
    }
    match done {
        // each by itself, so that one does not take the others with it
        Err(Failure::Ended(_)) => {
            for item in batch {
                let alone = vec![item];
                let done = transact(pool, &alone, Between::Nothing).await;
                tell(alone, done);
            }
        }
        done => tell(batch, done),
    }
}

/// What each is told; `None` when one was refused among those between whom nothing stands: then nothing was written.
async fn transact(pool: &SqlitePool, batch: &[Item], between: Between) -> Result<Option<Vec<Result<u64>>>, Failure> {
    let mut connection = pool.acquire().await.map_err(Failure::Nothing)?;
    let done = attempt(&mut connection, batch, between).await;
    if connection.is_in_transaction() {
        // the database has ended it and sqlx does not know: it would refuse the next one
        connection.close_on_drop();
    }
    done
}

async fn attempt(
    connection: &mut PoolConnection<Sqlite>,
    batch: &[Item],
    between: Between,
) -> Result<Option<Vec<Result<u64>>>, Failure> {
    let mut transaction = connection.begin_with(Database::BEGIN_WRITE).await.map_err(Failure::Nothing)?;
    let done = match (batch, between) {
        // what is refused here is undone by the end of the transaction
        ([item], _) => vec![commit_in::write(&mut transaction, &item.commit, item.now).await],
        (_, Between::Savepoints) => each(&mut transaction, batch).await?,
        (_, Between::Nothing) => match all(&mut transaction, batch).await {
            Some(done) => done,
            None => {
                // as below
                let _ = transaction.rollback().await;
                return Ok(None);
            }
        },
    };
    if done.iter().any(Result::is_ok) {
        transaction.commit().await.map_err(Failure::Unclear)?;
        return Ok(Some(done));
    }
    // nothing of it stays, whether or not this arrives
    let _ = transaction.rollback().await;
    Ok(Some(done))
}

/// All of them, or `None`.
async fn all(connection: &mut Connection, batch: &[Item]) -> Option<Vec<Result<u64>>> {
    let mut done = Vec::with_capacity(batch.len());
    for item in batch {
        done.push(Ok(commit_in::write(connection, &item.commit, item.now).await.ok()?));
    }
    Some(done)
}

/// Each in a savepoint of its own: what is refused leaves nothing.
async fn each(connection: &mut Connection, batch: &[Item]) -> Result<Vec<Result<u64>>, Failure> {
    let run = async |connection: &mut Connection, text: &'static str| sqlx::query(text).execute(connection).await;
    run(connection, "SAVEPOINT inv_commit").await.map_err(Failure::Nothing)?;
    let mut done = Vec::with_capacity(batch.len());
    for item in batch {
        let written = commit_in::write(connection, &item.commit, item.now).await;
        let next = if written.is_ok() { "RELEASE inv_commit; SAVEPOINT inv_commit" } else { "ROLLBACK TO inv_commit" };
        run(connection, next).await.map_err(Failure::Ended)?;
        done.push(written);
    }
    Ok(done)
}

fn tell(batch: Vec<Item>, done: Result<Option<Vec<Result<u64>>>, Failure>) {
    let (failure, unclear) = match done {
        Ok(done) => {
            for (item, answer) in batch.into_iter().zip(done.into_iter().flatten()) {
                // whoever went away does not want to know
                let _ = item.answer.send(answer);
            }
            return;
        }
        Err(Failure::Nothing(failure) | Failure::Ended(failure)) => (Arc::new(failure), false),
        Err(Failure::Unclear(failure)) => (Arc::new(failure), true),
    };
    for item in batch {
        let failure = Arc::clone(&failure);
        let error = if unclear { error::committing(COMMIT)(failure) } else { error::database(COMMIT)(failure) };
        let _ = item.answer.send(Err(error));
    }
}

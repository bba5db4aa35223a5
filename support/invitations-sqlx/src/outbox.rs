use invitations_core::{
    Error, Result,
    invitation::{Commit, store::Delivered},
};
use sqlx::QueryBuilder;

use crate::{
    SqliteStore, error,
    sqlite::{Connection, Database},
    times::micros,
};

/// Due at once. A dedupe value that the invitation has used, also long ago, is passed over.
pub(crate) async fn write(connection: &mut Connection, commit: &Commit, row: i64, now: i64) -> Result<()> {
    if commit.outbox.is_empty() {
        return Ok(());
    }
    let mut query = QueryBuilder::<Database>::new("INSERT INTO inv_outbox (invitation, dedupe, payload, due_at) ");
    query.push_values(&commit.outbox, |mut values, notice| {
        let payload = notice.payload.as_bytes().to_vec();
        values.push_bind(row).push_bind(notice.dedupe.clone()).push_bind(payload).push_bind(now);
    });
    query.push(" ON CONFLICT (invitation, dedupe) DO NOTHING");
    query.build().execute(&mut *connection).await.map_err(error::database("write outbox"))?;
    Ok(())
}

impl SqliteStore {
    pub(crate) async fn report_delivery(&self, row: u64, fence: u64, outcome: Delivered) -> Result<()> {
        const REPORT: &str = "report delivery";
        // numbers that were never given out name no row
        let (Ok(row), Ok(fence)) = (i64::try_from(row), i64::try_from(fence)) else { return Ok(()) };
        let query = match outcome {
            Delivered::Done => sqlx::query(
                "UPDATE inv_outbox SET payload = NULL, due_at = NULL, lease_until = NULL \
                 WHERE seq = $1 AND fence = $2 AND payload IS NOT NULL",
            )
            .bind(row)
            .bind(fence),
            Delivered::Again(at) => sqlx::query(
                "UPDATE inv_outbox SET attempt = attempt + 1, due_at = $3, lease_until = NULL \
                 WHERE seq = $1 AND fence = $2 AND payload IS NOT NULL",
            )
            .bind(row)
            .bind(fence)
            .bind(micros(at)),
            _ => return Err(Error::invalid(REPORT, "this store is older than the outcome")),
        };
        let mut write = self.begin(REPORT).await?;
        query.execute(&mut *write).await.map_err(error::database(REPORT))?;
        write.commit().await.map_err(error::committing(REPORT))
    }
}

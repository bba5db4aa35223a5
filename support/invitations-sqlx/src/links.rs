use invitations_core::{
    Error, ErrorKind, Result,
    invitation::{Commit, link::StoredLink, stored},
};

use crate::{
    SqliteStore,
    columns::{Connection, read},
    error,
};

/// Kills the old ones, then writes the new ones.
pub(crate) async fn write(connection: &mut Connection, commit: &Commit, row: i64) -> Result<()> {
    const WRITE: &str = "write links";
    if commit.kill_links {
        sqlx::query("UPDATE inv_link SET dead = TRUE WHERE invitation = $1")
            .bind(row)
            .execute(&mut *connection)
            .await
            .map_err(error::database(WRITE))?;
    }
    for link in &commit.links {
        let done = sqlx::query(
            "INSERT INTO inv_link (selector, invitation, dead, link) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(link.selector.as_slice())
        .bind(row)
        .bind(link.dead)
        .bind(stored::encode(link)?)
        .execute(&mut *connection)
        .await
        .map_err(error::database(WRITE))?;
        if done.rows_affected() == 0 {
            return Err(Error::new(ErrorKind::Conflict, WRITE).with_detail("the selector of a link is taken"));
        }
    }
    Ok(())
}

impl SqliteStore {
    pub(crate) async fn link(&self, selector: &[u8; 12]) -> Result<Option<StoredLink>> {
        let row = sqlx::query("SELECT link, dead FROM inv_link WHERE selector = $1")
            .bind(selector.as_slice())
            .fetch_optional(self.pool())
            .await
            .map_err(error::database("find link"))?;
        let Some(row) = row else { return Ok(None) };
        let mut link: StoredLink = stored::decode(read(&row, 0)?)?;
        link.dead = read(&row, 1)?;
        Ok(Some(link))
    }
}

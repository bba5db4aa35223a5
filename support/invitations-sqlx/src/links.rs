use invitations_core::{
    Error, ErrorKind, Result,
    invitation::{Commit, link::StoredLink, stored},
};
use sqlx::QueryBuilder;

use crate::{
    SqliteStore,
    columns::read,
    commit_in::Written,
    error,
    sqlite::{Connection, Database},
};

/// Kills the old ones, then writes the new ones.
pub(crate) async fn write(connection: &mut Connection, commit: &Commit, written: &Written) -> Result<()> {
    const WRITE: &str = "write links";
    if commit.kill_links && written.has_live_links {
        sqlx::query("UPDATE inv_link SET dead = TRUE WHERE invitation = $1 AND NOT dead")
            .bind(written.row)
            .execute(&mut *connection)
            .await
            .map_err(error::database(WRITE))?;
    }
    if commit.links.is_empty() {
        return Ok(());
    }
    let links = commit.links.iter().map(|link| Ok((link, stored::encode(link)?))).collect::<Result<Vec<_>>>()?;
    let mut query = QueryBuilder::<Database>::new("INSERT INTO inv_link (selector, invitation, dead, link) ");
    query.push_values(links, |mut row, (link, text)| {
        row.push_bind(link.selector.to_vec()).push_bind(written.row).push_bind(link.dead).push_bind(text);
    });
    query.push(" ON CONFLICT DO NOTHING");
    let done = query.build().execute(&mut *connection).await.map_err(error::database(WRITE))?;
    if usize::try_from(done.rows_affected()) != Ok(commit.links.len()) {
        return Err(Error::new(ErrorKind::Conflict, WRITE).with_detail("the selector of a link is taken"));
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

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use invitations_core::{
    Error, Result,
    ids::{InvitationId, PageToken, PrincipalId, Role, TenantId},
    invitation::{
        Claim, Claimed, Commit, Event, InvitationStore, State, Versioned,
        link::StoredLink,
        store::{Delivered, Filter},
        stored,
    },
    people::Member,
    provider::Page,
};
use sqlx::{Row as _, sqlite::SqliteRow};

use crate::{SqliteStore, error::database};

#[async_trait]
impl InvitationStore for SqliteStore {
    async fn now(&self) -> Result<DateTime<Utc>> {
        Ok(self.time())
    }

    async fn load(&self, tenant: &TenantId, id: &InvitationId) -> Result<Option<Versioned<State>>> {
        let row = sqlx::query("SELECT version, state FROM inv_invitation WHERE tenant = $1 AND id = $2")
            .bind(tenant.as_str())
            .bind(id.as_str())
            .fetch_optional(self.pool())
            .await
            .map_err(database("load invitation"))?;
        row.map(|row| versioned(&row)).transpose()
    }

    async fn find_link(&self, selector: &[u8; 12]) -> Result<Option<StoredLink>> {
        let failed = database("find link");
        let row = sqlx::query("SELECT body, dead FROM inv_link WHERE selector = $1")
            .bind(selector.as_slice())
            .fetch_optional(self.pool())
            .await
            .map_err(&failed)?;
        let Some(row) = row else { return Ok(None) };
        let mut link: StoredLink = stored::decode(&row.try_get::<String, _>(0).map_err(&failed)?)?;
        link.dead = row.try_get(1).map_err(&failed)?;
        Ok(Some(link))
    }

    async fn history(&self, tenant: &TenantId, id: &InvitationId) -> Result<Vec<Event>> {
        let rows = sqlx::query("SELECT body FROM inv_event WHERE tenant = $1 AND invitation = $2 ORDER BY place")
            .bind(tenant.as_str())
            .bind(id.as_str())
            .fetch_all(self.pool())
            .await
            .map_err(database("read history"))?;
        let event = |row: &SqliteRow| stored::decode(&row.try_get::<String, _>(0).map_err(database("read history"))?);
        rows.iter().map(event).collect()
    }

    async fn list(&self, tenant: &TenantId, filter: &Filter) -> Result<Page<Versioned<State>>> {
        let failed = database("list invitations");
        let limit = filter.limit.unwrap_or(50).clamp(1, 500);
        let before = match &filter.page {
            Some(page) => page
                .as_str()
                .parse::<i64>()
                .map_err(|_| Error::invalid("list invitations", "the page token is not one of this store's"))?,
            None => i64::MAX,
        };
        let words: Vec<&str> = filter.status.iter().map(|status| status.as_str()).collect();
        let rows = sqlx::query(
            "SELECT version, state, seq FROM inv_invitation i WHERE tenant = $1 AND seq < $2 \
             AND ($3 = '[]' OR status IN (SELECT value FROM json_each($3))) \
             AND ($4 IS NULL OR EXISTS (SELECT 1 FROM inv_recipient r \
               WHERE r.tenant = i.tenant AND r.invitation = i.id AND r.address = $4)) \
             ORDER BY seq DESC LIMIT $5",
        )
        .bind(tenant.as_str())
        .bind(before)
        .bind(serde_json::json!(words).to_string())
        .bind(filter.recipient.as_ref().map(|address| address.canonical().to_owned()))
        .bind(i64::try_from(limit).unwrap_or(500))
        .fetch_all(self.pool())
        .await
        .map_err(&failed)?;
        let next = match rows.last() {
            Some(last) if rows.len() == limit => {
                Some(PageToken::parse(last.try_get::<i64, _>(2).map_err(&failed)?.to_string())?)
            }
            _ => None,
        };
        // a row that this version cannot read is left out, and left as it is
        let readable = |row: &SqliteRow| match versioned(row) {
            Ok(state) => Some(state),
            Err(error) => {
                tracing::warn!(%error, "an invitation cannot be read");
                None
            }
        };
        Ok(Page { items: rows.iter().filter_map(readable).collect(), next })
    }

    async fn members(&self, tenant: &TenantId, page: Option<&PageToken>) -> Result<Page<Member>> {
        const LIMIT: usize = 500;
        let failed = database("list members");
        let (after, role): (String, String) = match page {
            Some(page) => serde_json::from_str(page.as_str())
                .map_err(|_| Error::invalid("list members", "the page token is not one of this store's"))?,
            None => Default::default(),
        };
        let rows = sqlx::query(
            "SELECT principal, role, invitation FROM inv_member WHERE tenant = $1 AND (principal, role) > ($2, $3) \
             ORDER BY principal, role LIMIT $4",
        )
        .bind(tenant.as_str())
        .bind(after)
        .bind(role)
        .bind(i64::try_from(LIMIT).unwrap_or(500))
        .fetch_all(self.pool())
        .await
        .map_err(&failed)?;
        let member = |row: &SqliteRow| {
            let text = |place: usize| row.try_get::<String, _>(place).map_err(&failed);
            let (principal, role) = (PrincipalId::parse(text(0)?)?, Role::parse(text(1)?)?);
            Ok(Member::new(tenant.clone(), principal, role, InvitationId::parse(text(2)?)?))
        };
        let items: Vec<Member> = rows.iter().map(member).collect::<Result<_>>()?;
        let next = match items.last() {
            Some(last) if items.len() == LIMIT => {
                Some(PageToken::parse(serde_json::json!([last.principal, last.role]).to_string())?)
            }
            _ => None,
        };
        Ok(Page { items, next })
    }

    async fn commit(&self, commit: &Commit) -> Result<u64> {
        let mut tx = self.begin("commit invitation").await?;
        // an error drops the transaction, which rolls it back
        let version = self.commit_in(&mut tx, commit).await?;
        tx.commit().await.map_err(database("commit invitation"))?;
        Ok(version)
    }

    async fn claim(&self, claim: &Claim) -> Result<Vec<Claimed>> {
        self.claim_rows(claim).await
    }

    async fn delivered(&self, row: u64, fence: u64, outcome: Delivered) -> Result<()> {
        self.record_delivery(row, fence, outcome).await
    }

    async fn next_due(&self) -> Result<Option<DateTime<Utc>>> {
        self.next_due_row().await
    }
}

fn versioned(row: &SqliteRow) -> Result<Versioned<State>> {
    let failed = database("read invitation");
    let version: i64 = row.try_get(0).map_err(&failed)?;
    let value = stored::decode(&row.try_get::<String, _>(1).map_err(&failed)?)?;
    Ok(Versioned { value, version: u64::try_from(version).unwrap_or_default() })
}

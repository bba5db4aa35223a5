use async_trait::async_trait;
use chrono::{DateTime, Utc};
use invitations_core::{
    Error, Result,
    ids::{InvitationId, MeetingKey, PageToken, PrincipalId, Role, TenantId},
    invitation::{
        Claim, Claimed, Commit, Event, InvitationStore, State, Versioned,
        link::StoredLink,
        store::{Delivered, Filter},
        stored,
    },
    people::Member,
    provider::Page,
};
use sqlx::QueryBuilder;

use crate::{
    SqliteStore,
    columns::{Row, counter, limit, parsed, read},
    dialect::Database,
    error,
    times::micros,
};

/// How many members are on a page.
const MEMBERS: usize = 100;

#[async_trait]
impl InvitationStore for SqliteStore {
    async fn now(&self) -> Result<DateTime<Utc>> {
        Ok(self.time())
    }

    async fn load(&self, tenant: &TenantId, id: &InvitationId) -> Result<Option<Versioned<State>>> {
        let row = sqlx::query("SELECT state, version FROM inv_invitation WHERE tenant = $1 AND id = $2")
            .bind(tenant.as_str())
            .bind(id.as_str())
            .fetch_optional(self.pool())
            .await
            .map_err(error::database("load invitation"))?;
        row.as_ref().map(versioned).transpose()
    }

    async fn find_link(&self, selector: &[u8; 12]) -> Result<Option<StoredLink>> {
        self.link(selector).await
    }

    async fn history(&self, tenant: &TenantId, id: &InvitationId) -> Result<Vec<Event>> {
        let rows: Vec<String> = sqlx::query_scalar(
            "SELECT e.event FROM inv_event e JOIN inv_invitation i ON i.seq = e.invitation \
             WHERE i.tenant = $1 AND i.id = $2 ORDER BY e.version, e.position",
        )
        .bind(tenant.as_str())
        .bind(id.as_str())
        .fetch_all(self.pool())
        .await
        .map_err(error::database("read history"))?;
        rows.iter().map(|event| stored::decode(event)).collect()
    }

    async fn list(&self, tenant: &TenantId, filter: &Filter) -> Result<Page<Versioned<State>>> {
        let most = filter.limit.unwrap_or(50).clamp(1, 500);
        let rows = listing(tenant, filter, most)?
            .build()
            .fetch_all(self.pool())
            .await
            .map_err(error::database("list invitations"))?;
        let next = match rows.get(most.saturating_sub(1)).filter(|_| rows.len() > most) {
            None => None,
            Some(last) => {
                let (created, number): (i64, i64) = (read(last, 2)?, read(last, 3)?);
                Some(PageToken::parse(format!("{created}.{number}"))?)
            }
        };
        let mut items = Vec::new();
        for row in rows.iter().take(most) {
            match versioned(row) {
                Ok(item) => items.push(item),
                Err(error) => tracing::warn!(%error, %tenant, "an invitation cannot be read and is left out of a list"),
            }
        }
        Ok(Page { items, next })
    }

    async fn count(&self, tenant: &TenantId, filter: &Filter) -> Result<u64> {
        let mut query = QueryBuilder::new("SELECT COUNT(*) FROM inv_invitation i");
        wanted(&mut query, tenant, filter);
        let counted = query.build_query_scalar::<i64>().fetch_one(self.pool()).await;
        counter(counted.map_err(error::database("count invitations"))?)
    }

    async fn find_key(&self, key: &MeetingKey) -> Result<bool> {
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM inv_effect WHERE meeting_key = $1)")
            .bind(key.as_str())
            .fetch_one(self.pool())
            .await
            .map_err(error::database("find meeting key"))
    }

    async fn members(&self, tenant: &TenantId, page: Option<&PageToken>) -> Result<Page<Member>> {
        const LIST: &str = "list members";
        let most = limit(MEMBERS + 1);
        let query = match page {
            None => sqlx::query(
                "SELECT principal, role, invitation, seq FROM inv_member WHERE tenant = $1 \
                 ORDER BY principal, invitation LIMIT $2",
            )
            .bind(tenant.as_str())
            .bind(most),
            Some(page) => sqlx::query(
                "SELECT m.principal, m.role, m.invitation, m.seq FROM inv_member m JOIN inv_member last ON last.seq = $3 \
                 WHERE m.tenant = $1 AND (m.principal, m.invitation) > (last.principal, last.invitation) \
                 ORDER BY m.principal, m.invitation LIMIT $2",
            )
            .bind(tenant.as_str())
            .bind(most)
            .bind(page.as_str().parse::<i64>().map_err(|_| bad_page())?),
        };
        let rows = query.fetch_all(self.pool()).await.map_err(error::database(LIST))?;
        let next = match rows.get(MEMBERS - 1).filter(|_| rows.len() > MEMBERS) {
            None => None,
            Some(last) => Some(PageToken::parse(read::<i64, _>(last, 3)?.to_string())?),
        };
        let items = rows.iter().take(MEMBERS).map(|row| member(tenant, row)).collect::<Result<_>>()?;
        Ok(Page { items, next })
    }

    async fn commit(&self, commit: &Commit) -> Result<u64> {
        self.writers.commit(commit, micros(self.time())).await
    }

    async fn claim(&self, claim: &Claim) -> Result<Vec<Claimed>> {
        self.claim_due(claim).await
    }

    async fn delivered(&self, row: u64, fence: u64, outcome: Delivered) -> Result<()> {
        self.report_delivery(row, fence, outcome).await
    }

    async fn next_due(&self) -> Result<Option<DateTime<Utc>>> {
        self.next_due_at().await
    }
}

fn versioned(row: &Row) -> Result<Versioned<State>> {
    Ok(Versioned { value: stored::decode(read(row, 0)?)?, version: counter(read(row, 1)?)? })
}

fn member(tenant: &TenantId, row: &Row) -> Result<Member> {
    Ok(Member::new(
        tenant.clone(),
        parsed(PrincipalId::parse(read::<&str, _>(row, 0)?))?,
        parsed(Role::parse(read::<&str, _>(row, 1)?))?,
        parsed(InvitationId::parse(read::<&str, _>(row, 2)?))?,
    ))
}

fn bad_page() -> Error {
    Error::invalid("list", "the page token is not one of this store's")
}

/// One row more than asked for, to know whether there are more.
fn listing(tenant: &TenantId, filter: &Filter, most: usize) -> Result<QueryBuilder<Database>> {
    let mut query = QueryBuilder::new("SELECT i.state, i.version, i.created_at, i.seq FROM inv_invitation i");
    wanted(&mut query, tenant, filter);
    if let Some(page) = &filter.page {
        let (created, number) = page.as_str().split_once('.').ok_or_else(bad_page)?;
        let place: (i64, i64) = (created.parse().map_err(|_| bad_page())?, number.parse().map_err(|_| bad_page())?);
        query.push(" AND (i.created_at, i.seq) < (").push_bind(place.0).push(", ").push_bind(place.1).push(")");
    }
    query.push(" ORDER BY i.created_at DESC, i.seq DESC LIMIT ").push_bind(limit(most + 1));
    Ok(query)
}

/// The conditions that a listing and its count share.
fn wanted(query: &mut QueryBuilder<Database>, tenant: &TenantId, filter: &Filter) {
    query.push(" WHERE i.tenant = ").push_bind(tenant.as_str().to_owned());
    if !filter.recipients.is_empty() {
        // found from the recipients, who have few, and not by looking at everything the organisation has
        query.push(" AND i.seq IN (SELECT r.invitation FROM inv_recipient r WHERE r.address IN (");
        let mut list = query.separated(", ");
        for recipient in &filter.recipients {
            list.push_bind(recipient.index_key());
        }
        query.push("))");
    }
    if filter.answerable {
        query.push(" AND i.answerable");
    }
    if !filter.status.is_empty() {
        query.push(" AND i.status IN (");
        let mut list = query.separated(", ");
        for status in &filter.status {
            list.push_bind(status.as_str());
        }
        query.push(")");
    }
}

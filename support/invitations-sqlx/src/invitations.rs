use std::cmp::Reverse;

use crate::{
    SqliteStore,
    columns::{counter, limit, parsed, read},
    error,
    listing::{self, bad_page},
    sqlite::Row,
    times::micros,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use invitations_core::{
    Result,
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
        // one row more than asked for, to know whether there are more
        let rows = listing::page(tenant, filter, most + 1)?
            .build()
            .fetch_all(self.pool())
            .await
            .map_err(error::database("list invitations"))?;
        let mut rows =
            rows.into_iter().map(|row| Ok(((read(&row, 2)?, read(&row, 3)?), row))).collect::<Result<Vec<_>>>()?;
        rows.sort_unstable_by_key(|(place, _): &((i64, i64), _)| Reverse(*place));
        let next = match rows.get(most.saturating_sub(1)).filter(|_| rows.len() > most) {
            None => None,
            Some(((created, number), _)) => Some(PageToken::parse(format!("{created}.{number}"))?),
        };
        let mut items = Vec::new();
        for (_, row) in rows.iter().take(most) {
            match versioned(row) {
                Ok(item) => items.push(item),
                Err(error) => tracing::warn!(%error, %tenant, "an invitation cannot be read and is left out of a list"),
            }
        }
        Ok(Page { items, next })
    }

    async fn count(&self, tenant: &TenantId, filter: &Filter) -> Result<u64> {
        let counted = listing::count(tenant, filter).build_query_scalar::<i64>().fetch_one(self.pool()).await;
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
            Some(last) => Some(PageToken::parse(read::<i64>(last, 3)?.to_string())?),
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
        parsed(PrincipalId::parse(read::<&str>(row, 0)?))?,
        parsed(Role::parse(read::<&str>(row, 1)?))?,
        parsed(InvitationId::parse(read::<&str>(row, 2)?))?,
    ))
}

mod claims;
mod commit;
mod rows;

use std::{
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use self::rows::{Rows, whole_micros};
use crate::{
    Error, Result,
    ids::{InvitationId, MeetingKey, PageToken, TenantId},
    invitation::{
        Claim, Claimed, Commit, Event, InvitationStore, State, Versioned,
        link::StoredLink,
        machine::Recipient,
        store::{Delivered, Filter},
    },
    people::Member,
    provider::Page,
    runtime::Clock,
};

/// How many members are on a page.
const MEMBERS: usize = 100;

/// Invitations in memory. Gone with the process: for tests.
///
/// One lock over everything, so each call is atomic. Its clock is the given one, cut to whole microseconds.
#[derive(Debug)]
pub struct MemoryInvitationStore {
    clock: Arc<dyn Clock>,
    rows: Mutex<Rows>,
}

impl MemoryInvitationStore {
    /// An empty store on this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, rows: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn time(&self) -> DateTime<Utc> {
        whole_micros(self.clock.now())
    }
}

#[async_trait]
impl InvitationStore for MemoryInvitationStore {
    async fn now(&self) -> Result<DateTime<Utc>> {
        Ok(self.time())
    }

    async fn load(&self, tenant: &TenantId, id: &InvitationId) -> Result<Option<Versioned<State>>> {
        Ok(self.lock().invitations.get(&(tenant.clone(), id.clone())).map(rows::Row::versioned))
    }

    async fn find_link(&self, selector: &[u8; 12]) -> Result<Option<StoredLink>> {
        Ok(self.lock().links.get(selector).cloned())
    }

    async fn history(&self, tenant: &TenantId, id: &InvitationId) -> Result<Vec<Event>> {
        let rows = self.lock();
        Ok(rows.invitations.get(&(tenant.clone(), id.clone())).map(|row| row.events.clone()).unwrap_or_default())
    }

    async fn list(&self, tenant: &TenantId, filter: &Filter) -> Result<Page<Versioned<State>>> {
        let from = filter.page.as_ref().map(place).transpose()?;
        let limit = filter.limit.unwrap_or(50).clamp(1, 500);
        let rows = self.lock();
        let mut found: Vec<_> = rows.invitations.values().filter(|row| wanted(&row.state, tenant, filter)).collect();
        found.sort_unstable_by_key(|row| std::cmp::Reverse(row.place()));
        let mut rest = found.into_iter().filter(|row| from.is_none_or(|from| row.place() < from)).peekable();
        let mut items = Vec::new();
        let mut last = None;
        while items.len() < limit {
            let Some(row) = rest.next() else { break };
            last = Some(row.place());
            items.push(row.versioned());
        }
        let next = match (rest.peek(), last) {
            (Some(_), Some((created, sequence))) => Some(PageToken::parse(format!("{created}.{sequence}"))?),
            _ => None,
        };
        Ok(Page { items, next })
    }

    async fn count(&self, tenant: &TenantId, filter: &Filter) -> Result<u64> {
        let rows = self.lock();
        let found = rows.invitations.values().filter(|row| wanted(&row.state, tenant, filter)).count();
        Ok(u64::try_from(found).unwrap_or(u64::MAX))
    }

    async fn find_key(&self, key: &MeetingKey) -> Result<bool> {
        Ok(self.lock().keys.contains(key))
    }

    async fn members(&self, tenant: &TenantId, page: Option<&PageToken>) -> Result<Page<Member>> {
        let rows = self.lock();
        let from = match page {
            None => Bound::Unbounded,
            Some(page) => {
                let number: u64 = page.as_str().parse().map_err(|_| bad_page())?;
                let key = rows.members.iter().find(|(_, (kept, _))| *kept == number).map(|(key, _)| key.clone());
                Bound::Excluded(key.ok_or_else(bad_page)?)
            }
        };
        let mut own = rows.members.range((from, Bound::Unbounded)).filter(|((of, ..), _)| of == tenant).peekable();
        let mut page = Page::last(Vec::new());
        let mut last = None;
        while page.items.len() < MEMBERS {
            let Some(((tenant, principal, invitation), (number, role))) = own.next() else { break };
            last = Some(number);
            page.items.push(Member::new(tenant.clone(), principal.clone(), role.clone(), invitation.clone()));
        }
        if let (Some(_), Some(number)) = (own.peek(), last) {
            page.next = Some(PageToken::parse(number.to_string())?);
        }
        Ok(page)
    }

    async fn commit(&self, commit: &Commit) -> Result<u64> {
        let now = self.time();
        self.lock().commit(commit, now)
    }

    async fn claim(&self, claim: &Claim) -> Result<Vec<Claimed>> {
        let now = self.time();
        Ok(self.lock().claim(claim, now))
    }

    async fn delivered(&self, row: u64, fence: u64, outcome: Delivered) -> Result<()> {
        self.lock().delivered(row, fence, outcome);
        Ok(())
    }

    async fn next_due(&self) -> Result<Option<DateTime<Utc>>> {
        let now = self.time();
        Ok(self.lock().next_due(now))
    }
}

fn bad_page() -> Error {
    Error::invalid("list", "the page token is not one of this store's")
}

fn place(page: &PageToken) -> Result<(i64, u64)> {
    let (created, sequence) = page.as_str().split_once('.').ok_or_else(bad_page)?;
    Ok((created.parse().map_err(|_| bad_page())?, sequence.parse().map_err(|_| bad_page())?))
}

fn wanted(state: &State, tenant: &TenantId, filter: &Filter) -> bool {
    let invited = |wanted: &Recipient| state.invitees.iter().any(|invitee| invitee.recipient == *wanted);
    state.tenant == *tenant
        && (filter.status.is_empty() || filter.status.contains(&state.status()))
        && (!filter.answerable || state.is_answerable())
        && (filter.recipients.is_empty() || filter.recipients.iter().any(invited))
}

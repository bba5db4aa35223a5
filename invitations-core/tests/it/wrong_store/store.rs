use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use invitations_core::{
    Error, ErrorKind, Result,
    ids::{InvitationId, MeetingKey, PageToken, Reference, TenantId},
    invitation::{
        Claim, Claimed, Commit, Event, InvitationStore, Refusal, State, Versioned,
        link::StoredLink,
        store::{Delivered, Filter},
    },
    memory::MemoryInvitationStore,
    people::Member,
    provider::Page,
};

use super::fault::Fault;

#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) holds: HashMap<String, InvitationId>,
    pub(super) links: HashMap<[u8; 12], StoredLink>,
    pub(super) deadlines: HashSet<(TenantId, InvitationId)>,
    pub(super) first_deadline: HashMap<InvitationId, DateTime<Utc>>,
    pub(super) fences: HashMap<u64, u64>,
    pub(super) written: u64,
    pub(super) spoiled: HashSet<InvitationId>,
    /// As they were made.
    pub(super) first: HashMap<InvitationId, State>,
    pub(super) planned: HashMap<InvitationId, Vec<MeetingKey>>,
    pub(super) lost_keys: HashSet<MeetingKey>,
    pub(super) made_up_keys: HashSet<MeetingKey>,
    pub(super) payments: HashMap<Reference, (TenantId, InvitationId)>,
}

/// A right store, and one thing that it does wrong.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) right: MemoryInvitationStore,
    pub(super) fault: Fault,
    pub(super) memory: Arc<Mutex<Memory>>,
}

impl Wrong {
    pub(super) fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    pub(super) fn unreadable(&self, id: &InvitationId) -> bool {
        self.memory.lock().unwrap().spoiled.contains(id)
    }
}

#[async_trait]
impl InvitationStore for Wrong {
    async fn now(&self) -> Result<DateTime<Utc>> {
        let now = self.right.now().await?;
        Ok(if self.is(Fault::Nanoseconds) { now + TimeDelta::nanoseconds(1) } else { now })
    }

    async fn load(&self, tenant: &TenantId, id: &InvitationId) -> Result<Option<Versioned<State>>> {
        if self.unreadable(id) {
            return if self.is(Fault::UnreadableIsMissing) {
                Ok(None)
            } else {
                Err(Error::new(ErrorKind::Protocol, "load"))
            };
        }
        let first = TenantId::parse("organisation")?;
        let tenant = if self.is(Fault::TenantIgnored) { &first } else { tenant };
        let mut row = self.right.load(tenant, id).await?;
        if let Some(row) = row.as_mut().filter(|_| self.is(Fault::FieldLost)) {
            row.value.attention = None;
        }
        if let Some(row) = row.as_mut().filter(|_| self.is(Fault::NewFieldsLost)) {
            (row.value.payment, row.value.blocking, row.value.counter) = (None, None, None);
        }
        Ok(row)
    }

    async fn find_link(&self, selector: &[u8; 12]) -> Result<Option<StoredLink>> {
        let kept = self.memory.lock().unwrap().links.get(selector).cloned();
        let mut found = self.right.find_link(selector).await?.or(kept);
        if let Some(link) = found.as_mut().filter(|_| self.is(Fault::LinkLosesItsEnd)) {
            link.live_until = None;
        }
        Ok(found)
    }

    async fn history(&self, tenant: &TenantId, id: &InvitationId) -> Result<Vec<Event>> {
        let mut events = self.right.history(tenant, id).await?;
        if self.is(Fault::HistoryReversed) {
            events.reverse();
        }
        Ok(events)
    }

    async fn list(&self, tenant: &TenantId, filter: &Filter) -> Result<Page<Versioned<State>>> {
        self.wrong_list(tenant, filter).await
    }

    async fn count(&self, tenant: &TenantId, filter: &Filter) -> Result<u64> {
        self.wrong_count(tenant, filter).await
    }

    async fn find_key(&self, key: &MeetingKey) -> Result<bool> {
        self.wrong_key(key).await
    }

    async fn members(&self, tenant: &TenantId, page: Option<&PageToken>) -> Result<Page<Member>> {
        let mut members = self.right.members(tenant, page).await?;
        if self.is(Fault::MembersOnePage) {
            members.next = None;
        }
        Ok(members)
    }

    async fn commit(&self, commit: &Commit) -> Result<u64> {
        if self.is(Fault::HoldsForEver) {
            let mut memory = self.memory.lock().unwrap();
            for name in commit.state.holds() {
                let of = memory.holds.entry(name).or_insert_with(|| commit.id.clone()).clone();
                if of != commit.id {
                    return Err(Error::refused("commit", Refusal::Duplicate { of }));
                }
            }
        }
        if self.is(Fault::PaymentsOfAllOrganisations)
            && let Some(payment) = &commit.state.payment
        {
            let mut memory = self.memory.lock().unwrap();
            let own = (commit.tenant.clone(), commit.id.clone());
            let holder = memory.payments.entry(payment.clone()).or_insert_with(|| own.clone()).clone();
            if holder != own {
                return Err(Error::refused("commit", Refusal::Duplicate { of: holder.1 }));
            }
        }
        let misread = self.misread(commit).await?;
        let result = self.right.commit(&misread).await;
        self.answer(commit, result).await
    }

    async fn claim(&self, claim: &Claim) -> Result<Vec<Claimed>> {
        let mut claim = claim.clone();
        match self.fault {
            Fault::LeaseNeverEnds => claim.lease *= 1_000_000,
            Fault::LeaseOfNothing => claim.lease = Duration::ZERO,
            Fault::LimitIgnored => claim.limit = usize::MAX,
            Fault::OnlyIgnored => claim.only = None,
            _ => {}
        }
        let mut rows = self.right.claim(&claim).await?;
        let mut memory = self.memory.lock().unwrap();
        rows.retain_mut(|row| match row {
            Claimed::Effect { fence, .. } => {
                if self.is(Fault::FenceAlwaysOne) {
                    *fence = 1;
                }
                true
            }
            Claimed::Deadline { tenant, invitation } => {
                !self.is(Fault::DeadlineOnlyOnce) || memory.deadlines.insert((tenant.clone(), invitation.clone()))
            }
            Claimed::Delivery { row, fence, payload, dedupe, .. } => {
                memory.fences.insert(*row, *fence);
                if self.is(Fault::PayloadMangled) {
                    *payload = invitations_core::secret::Sealed::from_bytes(dedupe.clone().into_bytes());
                }
                true
            }
            _ => true,
        });
        Ok(rows)
    }

    async fn delivered(&self, row: u64, fence: u64, outcome: Delivered) -> Result<()> {
        let latest = self.memory.lock().unwrap().fences.get(&row).copied();
        let (mut fence, mut outcome) = (fence, outcome);
        match (self.fault, outcome) {
            (Fault::AgainAtOnce, Delivered::Again(at)) => outcome = Delivered::Again(at - TimeDelta::days(1)),
            (Fault::AgainForgotten, Delivered::Again(_)) => outcome = Delivered::Done,
            (Fault::DoneComesBack, Delivered::Done) => outcome = Delivered::Again(self.now().await?),
            (Fault::DeliveryFenceIgnored, _) => fence = latest.unwrap_or(fence),
            _ => {}
        }
        self.right.delivered(row, fence, outcome).await
    }

    async fn next_due(&self) -> Result<Option<DateTime<Utc>>> {
        let next = self.right.next_due().await?;
        match self.fault {
            Fault::NextDueNever => Ok(None),
            Fault::NextDueAlwaysNow if next.is_some() => self.now().await.map(Some),
            _ => Ok(next),
        }
    }
}

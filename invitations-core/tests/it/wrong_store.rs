//! Each case of the suite bites: a store that breaks one thing is reported by it.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use invitations_core::{
    Error, ErrorKind, Result,
    conformance::{
        Verdict,
        invitation_store::{self as suite, InvitationStoreFixture},
    },
    ids::{InvitationId, MeetingKey, PageToken, TenantId},
    invitation::{
        Claim, Claimed, Commit, Event, InvitationStore, Refusal, State, Versioned,
        link::StoredLink,
        store::{Delivered, Filter},
    },
    memory::MemoryInvitationStore,
    people::Member,
    provider::Page,
};

use crate::invitation_store::Fixture;

/// What is wrong with a [`Wrong`] store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    /// Nothing, and rows can be unreadable.
    None,
    AgainAtOnce,
    AgainForgotten,
    AnswerableIgnored,
    BlindCommit,
    ConflictHalfWritten,
    ConflictKeepsLinks,
    CountsEverything,
    DeadlineIsTheEndOnly,
    DeadlineOnlyOnce,
    DeadlineStuck,
    DedupeIgnored,
    DeliveryFenceIgnored,
    DoneComesBack,
    DueAtOnce,
    FenceAlwaysOne,
    FenceIgnored,
    FieldLost,
    FirstRecipientOnly,
    HistoryReversed,
    HoldsForEver,
    HoldsIgnored,
    InsertOverwrites,
    KeysForgotten,
    KeysMadeUp,
    KillForgotten,
    KillsNewLinks,
    LeaseNeverEnds,
    LeaseOfNothing,
    LeavingForgotten,
    LimitIgnored,
    LinkLosesItsEnd,
    MembersForgotten,
    MembersOnePage,
    Nanoseconds,
    NextDueAlwaysNow,
    NextDueNever,
    OldestFirst,
    OnlyIgnored,
    PageTokenIgnored,
    PayloadMangled,
    PaymentFreed,
    RecipientIgnored,
    RefusedInsertKeepsLinks,
    ReleaseForgotten,
    ReplacedAnybody,
    ReplacedApart,
    ReplacedForgotten,
    StatusIgnored,
    SweepsForgotten,
    TenantIgnored,
    UnreadableBreaksList,
    UnreadableIsMissing,
}

#[derive(Debug, Default)]
struct Memory {
    holds: HashMap<String, InvitationId>,
    links: HashMap<[u8; 12], StoredLink>,
    deadlines: HashSet<(TenantId, InvitationId)>,
    first_deadline: HashMap<InvitationId, DateTime<Utc>>,
    fences: HashMap<u64, u64>,
    written: u64,
    spoiled: HashSet<InvitationId>,
}

/// A right store, and one thing that it does wrong.
#[derive(Debug)]
struct Wrong {
    right: MemoryInvitationStore,
    fault: Fault,
    memory: Arc<Mutex<Memory>>,
}

impl Wrong {
    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    async fn version(&self, commit: &Commit) -> Result<Option<u64>> {
        Ok(self.right.load(&commit.tenant, &commit.id).await?.map(|row| row.version))
    }

    /// The commit as this store misunderstands it.
    async fn misread(&self, commit: &Commit) -> Result<Commit> {
        let mut commit = commit.clone();
        match self.fault {
            Fault::BlindCommit if commit.expected.is_some() => commit.expected = self.version(&commit).await?,
            Fault::DeadlineStuck => {
                if let Some(at) = commit.state.expires_at {
                    let mut memory = self.memory.lock().unwrap();
                    commit.state.expires_at = Some(*memory.first_deadline.entry(commit.id.clone()).or_insert(at));
                }
            }
            Fault::DedupeIgnored => {
                for row in &mut commit.outbox {
                    let mut memory = self.memory.lock().unwrap();
                    memory.written += 1;
                    row.dedupe = format!("{}{}", row.dedupe, "\u{200b}".repeat(memory.written as usize));
                }
            }
            Fault::DueAtOnce => {
                let at = commit.state.created_at;
                commit.state.effects.iter_mut().for_each(|effect| effect.due_at = Some(at));
            }
            Fault::FenceIgnored => commit.fence = None,
            Fault::KillForgotten => commit.kill_links = false,
            Fault::KillsNewLinks => {
                let kill = commit.kill_links;
                commit.links.iter_mut().for_each(|link| link.dead = kill);
            }
            Fault::DeadlineIsTheEndOnly => {
                commit.state.policy.reminders.clear();
                commit.state.blocking = None;
            }
            Fault::LeavingForgotten => commit.leaving.clear(),
            Fault::PaymentFreed if commit.state.closed().is_some() => commit.state.payment = None,
            Fault::ReplacedAnybody => {
                let own = (&commit.tenant, &commit.id);
                let another = |one: &Commit| one.tenant == *own.0 && one.id != *own.1;
                if !commit.replaced.as_deref().is_none_or(another) {
                    commit.replaced = None;
                }
            }
            Fault::ReplacedApart => {
                if let Some(replaced) = commit.replaced.take() {
                    self.right.commit(&replaced).await?;
                }
            }
            Fault::ReplacedForgotten => commit.replaced = None,
            Fault::SweepsForgotten if commit.state.closed().is_some() => {
                commit.state.effects.iter_mut().for_each(|effect| effect.due_at = None);
            }
            Fault::MembersForgotten => commit.members.clear(),
            Fault::ReleaseForgotten => commit.release = false,
            _ => {}
        }
        Ok(commit)
    }

    async fn answer(&self, commit: &Commit, result: Result<u64>) -> Result<u64> {
        let kind = result.as_ref().err().map(Error::kind);
        match (self.fault, kind) {
            (Fault::InsertOverwrites, Some(ErrorKind::AlreadyExists)) => {
                let mut again = commit.clone();
                again.expected = self.version(commit).await?;
                self.right.commit(&again).await
            }
            (Fault::ConflictHalfWritten, Some(ErrorKind::Conflict)) => {
                if let Some(row) = self.right.load(&commit.tenant, &commit.id).await? {
                    self.right.commit(&Commit::new(Some(row.version), row.value, commit.events.clone())).await?;
                }
                result
            }
            (Fault::ConflictKeepsLinks, Some(ErrorKind::Conflict))
            | (Fault::RefusedInsertKeepsLinks, Some(ErrorKind::Refused)) => {
                let mut memory = self.memory.lock().unwrap();
                memory.links.extend(commit.links.iter().map(|link| (link.selector, link.clone())));
                result
            }
            (Fault::HoldsIgnored, Some(ErrorKind::Refused)) => Ok(1),
            _ => result,
        }
    }

    fn unreadable(&self, id: &InvitationId) -> bool {
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
        let mut filter = filter.clone();
        match self.fault {
            Fault::AnswerableIgnored => filter.answerable = false,
            Fault::FirstRecipientOnly => filter.recipients.truncate(1),
            Fault::StatusIgnored => filter.status.clear(),
            Fault::RecipientIgnored => filter.recipients.clear(),
            Fault::PageTokenIgnored => filter.page = None,
            _ => {}
        }
        let mut page = self.right.list(tenant, &filter).await?;
        if self.is(Fault::OldestFirst) {
            page.items.reverse();
        }
        let all = page.items.len();
        page.items.retain(|row| !self.unreadable(&row.value.id));
        if self.is(Fault::UnreadableBreaksList) && page.items.len() < all {
            return Err(Error::new(ErrorKind::Protocol, "list"));
        }
        Ok(page)
    }

    async fn count(&self, tenant: &TenantId, filter: &Filter) -> Result<u64> {
        let everything = Filter::new();
        self.right.count(tenant, if self.is(Fault::CountsEverything) { &everything } else { filter }).await
    }

    async fn find_key(&self, key: &MeetingKey) -> Result<bool> {
        match self.fault {
            Fault::KeysForgotten => Ok(false),
            Fault::KeysMadeUp => Ok(true),
            _ => self.right.find_key(key).await,
        }
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

struct WrongFixture {
    right: Fixture,
    fault: Fault,
    memory: Arc<Mutex<Memory>>,
}

impl WrongFixture {
    fn new(fault: Fault) -> Self {
        Self { right: Fixture::new(), fault, memory: Arc::default() }
    }
}

#[async_trait]
impl InvitationStoreFixture for WrongFixture {
    async fn store(&self) -> Arc<dyn InvitationStore> {
        Arc::new(Wrong { right: self.right.memory(), fault: self.fault, memory: Arc::clone(&self.memory) })
    }

    async fn pass(&self, time: Duration) {
        self.right.0.advance(time);
    }

    async fn spoil(&self, _tenant: &TenantId, invitation: &InvitationId) -> bool {
        self.memory.lock().unwrap().spoiled.insert(invitation.clone())
    }
}

fn reported(verdict: &Verdict, fault: Fault) {
    assert!(verdict.is_err(), "{fault:?} was not seen");
}

/// The suite again, on the wrapper without a fault: what it reports below is the fault.
mod without_a_fault {
    use super::{Fault, WrongFixture};

    invitations_core::invitation_store_suite!(
        #[tokio::test]
        WrongFixture::new(Fault::None)
    );
}

macro_rules! bites { ($($case:ident: $($fault:ident)+;)+) => {$(
    #[tokio::test]
    async fn $case() {
        $(reported(&suite::$case(&WrongFixture::new(Fault::$fault)).await, Fault::$fault);)+
    }
)+} }

bites! {
    claim_keeps_to_its_limit: LimitIgnored;
    claim_of_one_invitation: OnlyIgnored;
    closed_invitations_are_swept: SweepsForgotten;
    concurrent_claims_share_nothing: LeaseOfNothing;
    deadline_is_leased_and_stays_due: DeadlineOnlyOnce LeaseOfNothing LeaseNeverEnds;
    deadline_is_the_next_tick: DeadlineIsTheEndOnly;
    deadline_moves_with_the_commit: DeadlineStuck;
    effect_is_claimed_when_due: DueAtOnce;
    effect_lease_is_exclusive_and_lapses: LeaseOfNothing LeaseNeverEnds;
    events_are_kept_in_order: HistoryReversed;
    fence_grows_even_over_commits: FenceAlwaysOne;
    hold_is_freed_by_closing: HoldsForEver HoldsIgnored;
    hold_refuses_a_second_invitation: HoldsIgnored;
    insert_twice_already_exists: InsertOverwrites;
    keys_are_known_for_good: KeysForgotten KeysMadeUp;
    lease_is_released: ReleaseForgotten;
    link_is_found_by_its_selector: LinkLosesItsEnd;
    links_are_killed_before_new_ones: KillForgotten KillsNewLinks;
    list_filters: StatusIgnored RecipientIgnored AnswerableIgnored FirstRecipientOnly CountsEverything;
    list_pages_newest_first: OldestFirst PageTokenIgnored;
    members_are_kept_in_order: MembersForgotten MembersOnePage;
    members_leave: LeavingForgotten;
    next_due_counts_leases: NextDueNever NextDueAlwaysNow;
    now_is_in_whole_microseconds: Nanoseconds;
    one_of_many_commits_wins: BlindCommit;
    one_of_many_inserts_wins: HoldsIgnored;
    other_tenant_sees_nothing: TenantIgnored;
    outbox_dedupe_is_kept_for_good: DedupeIgnored;
    outbox_done_is_final: DoneComesBack;
    outbox_row_comes_back_at_its_time: AgainAtOnce AgainForgotten;
    outbox_row_is_claimed_once: LeaseOfNothing PayloadMangled;
    outbox_stale_fence_is_ignored: DeliveryFenceIgnored;
    payment_is_held_for_good: PaymentFreed;
    refused_insert_leaves_nothing: RefusedInsertKeepsLinks;
    refused_replacing_leaves_both: ReplacedApart;
    replaced_ends_in_the_same_write: ReplacedForgotten;
    replaced_is_another_of_the_organisation: ReplacedAnybody;
    stale_fence_writes_nothing: FenceIgnored;
    stale_version_writes_nothing: ConflictHalfWritten ConflictKeepsLinks;
    state_comes_back_unchanged: FieldLost;
    unreadable_row_is_its_own_error: UnreadableIsMissing UnreadableBreaksList;
}

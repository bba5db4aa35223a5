//! What a store of invitations does: reads, and two write ports, `commit` and `claim`.

use std::{fmt::Debug, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{EffectKind, Event, State, Status, link::StoredLink, machine::Recipient};
use crate::{
    Result,
    ids::{EffectId, InvitationId, MeetingKey, PageToken, TenantId, WorkerId},
    people::Member,
    provider::Page,
    secret::Sealed,
};

/// A value and its version.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a value and its version")]
pub struct Versioned<T> {
    /// The value.
    pub value: T,
    /// Counts the commits; 1 after the first.
    pub version: u64,
}

/// A row of the outbox to be written: a sealed notice.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct OutboxWrite {
    /// Unique within the invitation: a second row with the same value is not written.
    pub dedupe: String,
    /// The sealed notice.
    pub payload: Sealed,
}

impl OutboxWrite {
    /// A row.
    pub fn new(dedupe: impl Into<String>, payload: Sealed) -> Self {
        Self { dedupe: dedupe.into(), payload }
    }
}

/// One atomic write: all of it or nothing. Built by the service; a store only carries it out.
///
/// A store also keeps, in the same transaction, what it derives from `state`: the status, [`State::is_answerable`] and recipients for
/// [`InvitationStore::list`], [`Commit::new_keys`] for [`InvitationStore::find_key`],
/// [`State::schedule`] for claims of effects, [`State::deadline`] for claims of deadlines, [`State::holds`] for uniqueness.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Commit {
    /// In which organisation.
    pub tenant: TenantId,
    /// Which invitation.
    pub id: InvitationId,
    /// The version the row must have; `None`: there must be none.
    pub expected: Option<u64>,
    /// The state from now on.
    pub state: State,
    /// What happened, to be appended to the history.
    pub events: Vec<Event>,
    /// New links.
    pub links: Vec<StoredLink>,
    /// Whether all earlier links of this invitation die.
    pub kill_links: bool,
    /// Notices to be delivered.
    pub outbox: Vec<OutboxWrite>,
    /// Who becomes a member by this.
    pub members: Vec<Member>,
    /// Who is no longer one.
    pub leaving: Vec<Member>,
    /// The end of another invitation of the organisation, which this one replaces: written first, and both or neither.
    pub replaced: Option<Box<Self>>,
    /// The effect lease under which this is written: refused when a later lease was given out.
    pub fence: Option<(EffectId, u64)>,
    /// Whether that lease is given back by this write.
    pub release: bool,
}

impl Commit {
    /// A commit of `state` with nothing around it.
    pub fn new(expected: Option<u64>, state: State, events: Vec<Event>) -> Self {
        Self {
            tenant: state.tenant.clone(),
            id: state.id.clone(),
            expected,
            state,
            events,
            links: Vec::new(),
            kill_links: false,
            outbox: Vec::new(),
            members: Vec::new(),
            leaving: Vec::new(),
            replaced: None,
            fence: None,
            release: false,
        }
    }
}

impl Commit {
    /// The keys of meetings that this commit plans, for [`InvitationStore::find_key`].
    pub fn new_keys(&self) -> impl Iterator<Item = (&MeetingKey, &EffectId)> {
        let planned = self.events.iter().filter_map(|event| match event {
            Event::ProvisioningStarted { effects, .. } => Some(effects),
            _ => None,
        });
        let meetings = planned.flatten().filter(|effect| matches!(effect.kind, EffectKind::CreateMeeting(_)));
        meetings.map(|effect| (&effect.key, &effect.id))
    }
}

/// Asks for rows that are due and that nobody holds.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Claim {
    /// Who asks.
    pub worker: WorkerId,
    /// For how long the rows are to be held.
    pub lease: Duration,
    /// At most so many.
    pub limit: usize,
    /// Only rows of this invitation.
    pub only: Option<(TenantId, InvitationId)>,
}

impl Claim {
    /// Asks for rows of any invitation.
    pub fn new(worker: WorkerId, lease: Duration, limit: usize) -> Self {
        Self { worker, lease, limit, only: None }
    }

    /// Asks for rows of one invitation.
    #[must_use]
    pub fn with_only(mut self, tenant: TenantId, invitation: InvitationId) -> Self {
        self.only = Some((tenant, invitation));
        self
    }
}

/// A row that the asker holds until its lease ends.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Claimed {
    /// An effect that is due.
    Effect {
        /// In which organisation.
        tenant: TenantId,
        /// Of which invitation.
        invitation: InvitationId,
        /// Which effect.
        effect: EffectId,
        /// Grows with every lease on this row.
        fence: u64,
        /// Until when, on the store's clock.
        until: DateTime<Utc>,
    },
    /// An invitation whose deadline has come. Stays due until a commit moves the deadline.
    Deadline {
        /// In which organisation.
        tenant: TenantId,
        /// Which invitation.
        invitation: InvitationId,
    },
    /// A notice to deliver.
    Delivery {
        /// In which organisation.
        tenant: TenantId,
        /// Of which invitation.
        invitation: InvitationId,
        /// The row.
        row: u64,
        /// Its dedupe value.
        dedupe: String,
        /// The sealed notice.
        payload: Sealed,
        /// How often delivery failed before.
        attempt: u32,
        /// Grows with every lease on this row.
        fence: u64,
    },
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Delivered {
    /// Done, or given up: the payload is wiped.
    Done,
    /// To be tried again at this time (UTC).
    Again(DateTime<Utc>),
}

/// Which invitations to list.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Filter {
    /// With one of these; all when empty.
    pub status: Vec<Status>,
    /// Whether only those that an invitee may answer now ([`State::is_answerable`]).
    pub answerable: bool,
    /// To any of these; to anybody when empty.
    pub recipients: Vec<Recipient>,
    /// From here on.
    pub page: Option<PageToken>,
    /// At most so many (the store may give fewer; default 50, at most 500).
    pub limit: Option<usize>,
}

impl Filter {
    /// Everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only with this status; may be called for several.
    #[must_use]
    pub fn with_status(mut self, status: Status) -> Self {
        self.status.push(status);
        self
    }

    /// Only those that an invitee may answer now.
    #[must_use]
    pub fn answerable(mut self) -> Self {
        self.answerable = true;
        self
    }

    /// Only to this recipient; may be called for several, any of which will do.
    #[must_use]
    pub fn with_recipient(mut self, recipient: Recipient) -> Self {
        self.recipients.push(recipient);
        self
    }

    /// From this place on.
    #[must_use]
    pub fn with_page(mut self, page: PageToken) -> Self {
        self.page = Some(page);
        self
    }

    /// At most so many.
    #[must_use]
    pub fn with_limit(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }
}

/// A store of invitations.
#[async_trait]
pub trait InvitationStore: Debug + Send + Sync + 'static {
    /// The store's clock: it decides leases and deadlines. UTC, whole microseconds.
    async fn now(&self) -> Result<DateTime<Utc>>;

    /// Reads one. Another organisation's is `None`.
    ///
    /// # Errors
    /// [`Protocol`](crate::ErrorKind::Protocol) for a row that this version cannot read; it is left as it is.
    async fn load(&self, tenant: &TenantId, id: &InvitationId) -> Result<Option<Versioned<State>>>;

    /// Finds a link by its selector; the secret part is compared by the caller.
    async fn find_link(&self, selector: &[u8; 12]) -> Result<Option<StoredLink>>;

    /// Everything that happened, oldest first.
    async fn history(&self, tenant: &TenantId, id: &InvitationId) -> Result<Vec<Event>>;

    /// Newest first, page by page. Rows that this version cannot read are left out.
    async fn list(&self, tenant: &TenantId, filter: &Filter) -> Result<Page<Versioned<State>>>;

    /// How many [`list`](Self::list) would give over all pages. Rows that cannot be read may be counted.
    async fn count(&self, tenant: &TenantId, filter: &Filter) -> Result<u64>;

    /// Whether any invitation of any organisation has ever planned a meeting under this key ([`Commit::new_keys`]).
    async fn find_key(&self, key: &MeetingKey) -> Result<bool>;

    /// Members that acceptances have made, ordered by principal.
    async fn members(&self, tenant: &TenantId, page: Option<&PageToken>) -> Result<Page<Member>>;

    /// Writes all of it or nothing; answers the new version.
    ///
    /// # Errors
    /// [`Conflict`](crate::ErrorKind::Conflict) when version or fence are not the expected ones;
    /// [`AlreadyExists`](crate::ErrorKind::AlreadyExists) when `expected` is `None` and the row is there;
    /// [`Refused`](crate::ErrorKind::Refused) with [`Duplicate`](super::Refusal::Duplicate) when another invitation holds one of
    /// [`State::holds`].
    async fn commit(&self, commit: &Commit) -> Result<u64>;

    /// Takes due rows under a lease. Two askers never hold the same row at the same time.
    async fn claim(&self, claim: &Claim) -> Result<Vec<Claimed>>;

    /// Says what became of a delivery; ignored when the fence is no longer the current one.
    async fn delivered(&self, row: u64, fence: u64, outcome: Delivered) -> Result<()>;

    /// When the next row will be due (leases counted), UTC; `None`: nothing is waiting.
    async fn next_due(&self) -> Result<Option<DateTime<Utc>>>;
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<T: InvitationStore + ?Sized> InvitationStore for Arc<T> {
    async fn now(&self) -> Result<DateTime<Utc>> {
        (**self).now().await
    }
    async fn load(&self, tenant: &TenantId, id: &InvitationId) -> Result<Option<Versioned<State>>> {
        (**self).load(tenant, id).await
    }
    async fn find_link(&self, selector: &[u8; 12]) -> Result<Option<StoredLink>> {
        (**self).find_link(selector).await
    }
    async fn history(&self, tenant: &TenantId, id: &InvitationId) -> Result<Vec<Event>> {
        (**self).history(tenant, id).await
    }
    async fn list(&self, tenant: &TenantId, filter: &Filter) -> Result<Page<Versioned<State>>> {
        (**self).list(tenant, filter).await
    }
    async fn count(&self, tenant: &TenantId, filter: &Filter) -> Result<u64> {
        (**self).count(tenant, filter).await
    }
    async fn find_key(&self, key: &MeetingKey) -> Result<bool> {
        (**self).find_key(key).await
    }
    async fn members(&self, tenant: &TenantId, page: Option<&PageToken>) -> Result<Page<Member>> {
        (**self).members(tenant, page).await
    }
    async fn commit(&self, commit: &Commit) -> Result<u64> {
        (**self).commit(commit).await
    }
    async fn claim(&self, claim: &Claim) -> Result<Vec<Claimed>> {
        (**self).claim(claim).await
    }
    async fn delivered(&self, row: u64, fence: u64, outcome: Delivered) -> Result<()> {
        (**self).delivered(row, fence, outcome).await
    }
    async fn next_due(&self) -> Result<Option<DateTime<Utc>>> {
        (**self).next_due().await
    }
}

//! A third party's provider: everything in it is public API, and it passes the suite behind `Arc<dyn …>`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Result,
    conformance::meeting_provider::ProviderFixture,
    ids::{MeetingId, MeetingKey, PageToken, ProviderId},
    provider::{
        Account, Idempotency, Meeting, MeetingCapabilities, MeetingDraft, MeetingPatch, MeetingProvider, Open, Page,
        Providers, WriteOptions,
    },
    secret::JoinUrl,
    time::TimeRange,
};

/// Rooms of a made-up conference server, found again by their key.
#[derive(Clone, Debug)]
struct Rooms {
    id: ProviderId,
    rooms: Arc<Mutex<BTreeMap<String, MeetingDraft>>>,
}

impl Rooms {
    fn new() -> Self {
        Self { id: ProviderId::parse("rooms").expect("an id"), rooms: Arc::default() }
    }

    fn meeting(&self, id: &str) -> Result<Meeting> {
        let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        let draft = rooms.get(id).ok_or_else(|| Error::new(ErrorKind::NotFound, "read room"))?;
        let link = format!("https://rooms.example/{id}").parse();
        let link = link.map_err(|error| Error::new(ErrorKind::Protocol, "read room").with_source(error))?;
        Ok(Meeting::new(MeetingId::parse(id)?, &draft.subject, JoinUrl::new(link)).with_slot(draft.slot.clone()))
    }
}

#[async_trait]
impl MeetingProvider for Rooms {
    fn provider(&self) -> &ProviderId {
        &self.id
    }

    fn capabilities(&self) -> MeetingCapabilities {
        MeetingCapabilities::new(Idempotency::NativeKey)
    }

    async fn create(&self, key: &MeetingKey, draft: &MeetingDraft, _: WriteOptions) -> Result<Meeting> {
        if draft.subject.trim().is_empty() || draft.slot.duration.is_zero() {
            return Err(Error::invalid("create room", "a room needs a name and a length"));
        }
        if draft.recurrence.is_some() || self.capabilities().undeclared(&draft.settings).is_some() {
            return Err(Error::new(ErrorKind::Unsupported, "create room"));
        }
        let id = format!("room-{key}");
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner).entry(id.clone()).or_insert_with(|| draft.clone());
        self.meeting(&id)
    }

    async fn read(&self, id: &MeetingId) -> Result<Meeting> {
        self.meeting(id.as_str())
    }

    async fn find_by_key(&self, _: &MeetingKey, _: TimeRange) -> Result<Vec<Meeting>> {
        Err(Error::new(ErrorKind::Unsupported, "find room"))
    }

    async fn update(&self, id: &MeetingId, patch: &MeetingPatch, _: WriteOptions) -> Result<Meeting> {
        if self.capabilities().undeclared(&patch.settings).is_some() {
            return Err(Error::new(ErrorKind::Unsupported, "change room"));
        }
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        let draft = rooms.get_mut(id.as_str()).ok_or_else(|| Error::new(ErrorKind::NotFound, "change room"))?;
        if let Some(subject) = &patch.subject {
            draft.subject.clone_from(subject);
        }
        if let Some(slot) = &patch.slot {
            draft.slot = slot.clone();
        }
        drop(rooms);
        self.meeting(id.as_str())
    }

    async fn cancel(&self, id: &MeetingId, _: WriteOptions) -> Result<()> {
        let gone = self.rooms.lock().unwrap_or_else(PoisonError::into_inner).remove(id.as_str());
        gone.map(drop).ok_or_else(|| Error::new(ErrorKind::NotFound, "close room"))
    }

    async fn list(&self, _: TimeRange, _: Option<&PageToken>) -> Result<Page<Meeting>> {
        Err(Error::new(ErrorKind::Unsupported, "list rooms"))
    }
}

#[async_trait]
impl Open<dyn MeetingProvider> for Rooms {
    async fn open(&self, _: &Account) -> Result<Arc<dyn MeetingProvider>> {
        Ok(Arc::new(self.clone()))
    }
}

/// Opened as an application would: registered, and found by the account.
struct Fixture;

impl ProviderFixture for Fixture {
    async fn provider(&self) -> Arc<dyn MeetingProvider> {
        let rooms = Rooms::new();
        let providers = Providers::new().with_meetings(rooms.id.clone(), Arc::new(rooms.clone()));
        let tenant = invitations_core::ids::TenantId::parse("school").expect("an id");
        let user = invitations_core::ids::UserId::parse("ada").expect("an id");
        providers.meetings(&Account::application(tenant, rooms.id, user)).await.expect("registered")
    }
}

mod suite {
    use super::Fixture;
    invitations_core::meeting_provider_suite!(
        #[tokio::test]
        Fixture
    );
}

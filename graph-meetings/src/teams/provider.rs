use async_trait::async_trait;
use invitations_core::{
    Result,
    ids::{MeetingId, MeetingKey, PageToken, ProviderId},
    provider::{
        Idempotency, Meeting, MeetingCapabilities, MeetingDraft, MeetingPatch, MeetingProvider, Page, WriteOptions,
    },
    time::TimeRange,
};
use meetings_http::Protection;

use super::{
    handle::{TeamsMeetings, no_version},
    options::MeetingOptions,
    patch::TeamsPatch,
    request,
};
use crate::{client::Budget, errors::Resource};

#[async_trait]
impl MeetingProvider for TeamsMeetings {
    fn provider(&self) -> &ProviderId {
        &self.provider
    }

    fn capabilities(&self) -> MeetingCapabilities {
        MeetingCapabilities::new(Idempotency::NativeKey).with_lobby().with_auto_record().with_breakout_sessions()
    }

    async fn create(&self, key: &MeetingKey, draft: &MeetingDraft, options: WriteOptions) -> Result<Meeting> {
        self.create_with(key, draft, &MeetingOptions::new(), options).await.map(Meeting::from)
    }

    async fn read(&self, id: &MeetingId) -> Result<Meeting> {
        self.details(id).await.map(Meeting::from)
    }

    async fn find_by_key(&self, _key: &MeetingKey, _around: TimeRange) -> Result<Vec<Meeting>> {
        Err(Self::unsupported("find meeting", "Graph has no look-up by key; the same create answers the same meeting"))
    }

    async fn update(&self, id: &MeetingId, patch: &MeetingPatch, options: WriteOptions) -> Result<Meeting> {
        self.change(id, &TeamsPatch::try_from(patch)?, options).await.map(Meeting::from)
    }

    async fn cancel(&self, id: &MeetingId, options: WriteOptions) -> Result<()> {
        let operation = "cancel meeting";
        self.check_account(operation)?;
        no_version(operation, &options)?;
        let budget = Budget::new(&self.session.graph, &options);
        let session = self.session(&options).await?;
        let options = budget.options(&session.graph, operation)?;
        let request = request::cancel(&session.owner, id)?;
        session.send(operation, Resource::Meetings, request, Protection::Idempotent, &options).await.map(drop)
    }

    async fn list(&self, _within: TimeRange, _page: Option<&PageToken>) -> Result<Page<Meeting>> {
        Err(Self::unsupported("list meetings", "Graph does not list online meetings"))
    }
}

//! A store in a file of its own, on a clock that the test moves.

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use calendar_sync::{MappingStore, conformance::mapping_store::MappingFixture};
use chrono::{DateTime, Utc};
use invitations_core::{
    conformance::{InvitationStoreFixture, TokenStoreFixture},
    ids::{InvitationId, PrincipalId, Role, TenantId},
    invitation::{
        Commit, InvitationStore, State,
        machine::{Command, Context, NewInvitation, Offer, Recipient, decide, evolve},
    },
    people::{Actor, EmailAddress},
    runtime::ManualClock,
    token::TokenStore,
};
use invitations_sqlx::SqliteStore;
use tempfile::TempDir;

pub(crate) struct Fixture {
    folder: TempDir,
    pub(crate) clock: ManualClock,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let start = DateTime::from_timestamp(1_800_000_000, 123_456_789).unwrap();
        Self { folder: tempfile::tempdir().unwrap(), clock: ManualClock::new(start) }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("invitations.db")
    }

    /// Opens the file; each call as another process would.
    pub(crate) async fn open(&self) -> SqliteStore {
        SqliteStore::open(self.path()).await.unwrap().with_clock(Arc::new(self.clock.clone()))
    }
}

#[async_trait]
impl InvitationStoreFixture for Fixture {
    async fn store(&self) -> Arc<dyn InvitationStore> {
        Arc::new(self.open().await)
    }

    async fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    async fn spoil(&self, tenant: &TenantId, invitation: &InvitationId) -> bool {
        let store = self.open().await;
        let done = sqlx::query("UPDATE inv_invitation SET state = replace(state, '\"phase\":', '\"future_phase\":') WHERE tenant = $1 AND id = $2")
            .bind(tenant.as_str())
            .bind(invitation.as_str())
            .execute(store.pool())
            .await
            .unwrap();
        assert_eq!(done.rows_affected(), 1);
        true
    }
}

#[async_trait]
impl TokenStoreFixture for Fixture {
    async fn store(&self) -> Arc<dyn TokenStore> {
        Arc::new(self.open().await)
    }

    async fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }
}

impl MappingFixture for Fixture {
    async fn store(&self) -> Arc<dyn MappingStore> {
        Arc::new(self.open().await)
    }

    async fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }
}

pub(crate) fn tenant() -> TenantId {
    TenantId::parse("organisation").unwrap()
}

/// A pending invitation to a role, as the machine makes it, and the commit that writes it.
pub(crate) fn invitation(name: &str, now: DateTime<Utc>) -> Commit {
    let inviter = PrincipalId::parse("inviter").unwrap();
    let to = Recipient::Address(EmailAddress::parse(format!("{name}@people.example")).unwrap());
    let offer = Offer::Membership { role: Role::parse("editor").unwrap() };
    let new = NewInvitation::new(
        InvitationId::parse(name).unwrap(),
        tenant(),
        inviter.clone(),
        offer,
        vec![to],
        now + Duration::from_secs(3600),
    );
    let context = Context::new(now, Actor::Operator(inviter));
    let decision = decide(None, &Command::Create(Box::new(new)), &context).unwrap();
    let mut state: Option<State> = None;
    for event in &decision.events {
        state = evolve(state, event);
    }
    Commit::new(None, state.unwrap(), decision.events)
}

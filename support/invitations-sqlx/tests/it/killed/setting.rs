//! What the test and its worker processes agree on.

use std::{path::PathBuf, sync::Arc};

use invitations_core::{
    Result,
    ids::{ProviderId, TenantId, UserId},
    invitation::{Invitations, effect::Effects},
    people::CallerAuthorized,
    provider::{Account, Idempotency, Providers},
    runtime::{Spawner, SystemClock, Timing},
    secret::KeyRing,
};
use invitations_sqlx::SqliteStore;

use super::{provider::FileMeetings, told::Teller};

#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
pub(crate) struct Setting {
    /// Holds the database, the keys and the provider's journal.
    pub(crate) folder: PathBuf,
    pub(crate) idempotency: Idempotency,
    /// Decides what becomes of each request; `None`: nothing goes wrong.
    pub(crate) seed: Option<u64>,
}

/// The protocol's own proportions, so much faster that a lost reply takes a third of a second.
pub(crate) fn timing() -> Timing {
    let mut timing = Timing::default().scaled_down(150);
    // a machine so busy that requests are not sent in time makes it slow, not wrong
    timing.retry_limit = 1000;
    timing
}

impl Setting {
    pub(crate) async fn store(&self) -> Result<SqliteStore> {
        SqliteStore::open(self.folder.join("invitations.db")).await
    }

    pub(crate) fn invitations(&self, store: SqliteStore, spawner: Arc<dyn Spawner>) -> Result<Invitations> {
        let meetings = FileMeetings::new(self.clone());
        let providers = Providers::new().with_meetings(provider(), Arc::new(meetings));
        Invitations::builder(Arc::new(store))
            .effects(Effects::new(providers))
            .notifier(Arc::new(Teller(self.clone())))
            .authorizer(Arc::new(CallerAuthorized))
            .sealer(Arc::new(KeyRing::from_file_or_create(self.folder.join("keys.json"))?))
            .runtime(Arc::new(SystemClock), spawner)
            .timing(timing())
            .build()
    }
}

pub(crate) fn provider() -> ProviderId {
    ProviderId::parse("files").unwrap()
}

pub(crate) fn school() -> TenantId {
    TenantId::parse("school").unwrap()
}

pub(crate) fn account() -> Account {
    Account::application(school(), provider(), UserId::parse("organizer").unwrap())
}

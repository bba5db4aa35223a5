//! How an organisation's connections stand, for a [`Doctor`](crate::doctor::Doctor).

mod judge;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{ClientHealth, Connection, ConnectionStatus, Connections, vault};
use crate::{
    Error, Remedy,
    doctor::{Diagnose, Examination, Finding, Need, Question},
    ids::{ClientId, PageToken, ProviderId, TenantId},
    provider::Page,
};
use judge::Judged;

impl Connections {
    /// Asks how the connections of an organisation stand: which of them serve tokens, whether their scopes are enough, whether
    /// their client is accepted, whether they are refreshed ahead, whether what is stored can be opened.
    ///
    /// Nothing is refreshed and nothing is written; the store is read, and the sealer opens what is stored.
    pub fn doctor(&self, tenant: TenantId) -> ConnectionsDoctor {
        let of_builder = |(provider, scopes): (&ProviderId, &Vec<String>)| {
            let needs = scopes.iter().map(|scope| Need::new("every connection", [scope.clone()]));
            (provider.clone(), needs.collect())
        };
        let needs = self.0.required.iter().map(of_builder).collect();
        ConnectionsDoctor { connections: self.clone(), tenant, needs }
    }
}

/// Asks how the connections of an organisation stand; made by [`Connections::doctor`].
#[derive(Clone, Debug)]
pub struct ConnectionsDoctor {
    connections: Connections,
    tenant: TenantId,
    needs: HashMap<ProviderId, Vec<Need>>,
}

impl ConnectionsDoctor {
    /// What the features in use need of this provider's connections, beside the scopes that the builder requires.
    #[must_use]
    pub fn with_needs(mut self, provider: ProviderId, needs: impl IntoIterator<Item = Need>) -> Self {
        self.needs.entry(provider).or_default().extend(needs);
        self
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Diagnose for ConnectionsDoctor {
    fn subject(&self) -> String {
        format!("connections of {}", self.tenant)
    }

    async fn diagnose(&self, examination: &mut Examination<'_>) {
        let mut judged = Judged::new(&self.needs);
        let mut healths = BTreeMap::<ClientId, ClientHealth>::new();
        let (mut page, mut pages) = (None, BTreeSet::<PageToken>::new());
        let all_read = loop {
            let asked = self.page(page.as_ref(), &mut healths);
            let Some(read) = examination.within(Question::CONNECTION, asked).await else { break false };
            let (found, now) = match read {
                Ok(read) => read,
                Err(error) => {
                    let remedy = error.remedy().cloned().unwrap_or_else(|| Remedy::new("Bring the database back."));
                    let detail = format!("the store does not answer: {error}");
                    examination.note(Finding::fail(Question::CONNECTION, detail).with_remedy(remedy));
                    break false;
                }
            };
            for row in &found.items {
                let health = healths.get(&row.client);
                judged.client(row, health, self.connections.0.registered(row).err());
                judged.row(row, self.connections.0.view(row.clone(), now, health), now);
            }
            let opened = examination.within(Question::SEALING_KEY, self.open(&found.items, &mut judged)).await;
            if opened.is_none() {
                break false;
            }
            page = found.next;
            match &page {
                None => break true,
                // a store that names a page twice would be read for ever
                Some(next) if !pages.insert(next.clone()) => break false,
                Some(_) => {}
            }
        };
        for finding in judged.findings(all_read) {
            examination.note(finding);
        }
    }
}

impl ConnectionsDoctor {
    async fn page(
        &self,
        page: Option<&PageToken>,
        healths: &mut BTreeMap<ClientId, ClientHealth>,
    ) -> Result<(Page<Connection>, DateTime<Utc>), Error> {
        let store = &self.connections.0.store;
        let found = store.connections(&self.tenant, page).await?;
        for row in &found.items {
            if !healths.contains_key(&row.client) {
                healths.insert(row.client.clone(), store.client_health(&row.client).await?);
            }
        }
        Ok((found, store.now().await?))
    }

    /// Opens what is stored and forgets it at once.
    async fn open(&self, rows: &[Connection], judged: &mut Judged<'_>) {
        let sealer = &*self.connections.0.sealer;
        for row in rows.iter().filter(|row| row.status != ConnectionStatus::Revoked) {
            if let Some(sealed) = &row.tokens {
                let opened = vault::open(sealer, row).await.map(drop);
                judged.opened(row, sealer.key_of(sealed).ok(), opened.err());
            }
        }
    }
}

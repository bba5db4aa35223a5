//! What an operator or the owner sees of a connection: never a token.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{
    Cause, ClientHealth, Connection, ConnectionStatus, Connections, Revocation, Subject, connections::Inner, grant,
    machine,
};
use crate::{
    ErrorKind, Remedy, Result,
    ids::{ClientId, ConnectionId, PageToken, PrincipalId, ProviderId, TenantId},
    people::EmailAddress,
    provider::Page,
};

/// A connection, for people to look at.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ConnectionView {
    /// Its id.
    pub id: ConnectionId,
    /// The embedder's organisation.
    pub tenant: TenantId,
    /// Who consented.
    pub owner: PrincipalId,
    /// To which provider.
    pub provider: ProviderId,
    /// Through which of our applications.
    pub client: ClientId,
    /// Whose account it is there.
    pub subject: Subject,
    /// The account's address when it was connected, where the provider told it; none once the provider's grant was taken back.
    pub address: Option<EmailAddress>,
    /// What was granted.
    pub scopes: Vec<String>,
    /// Grows by one with every new consent.
    pub epoch: u64,
    /// Where it stands now.
    pub state: ConnectionState,
    /// Since when, UTC, where that is known; in `Suspended`, since its client was refused first.
    pub since: Option<DateTime<Utc>>,
    /// When its tokens are refreshed next without anybody asking, UTC; in `Disconnecting`, when the provider is told next.
    pub next_at: Option<DateTime<Utc>>,
    /// Why no refresh is tried for the moment; what this process met with, others may know better.
    pub failing: Option<ErrorKind>,
    /// What became of the provider's grant, once the connection is being taken back.
    pub revocation: Option<Revocation>,
    /// What somebody has to do, if anything; with the provider's page where there is one for it.
    pub remedy: Option<Remedy>,
}

/// Where a connection stands at a moment; partly stored, partly a matter of time.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ConnectionState {
    /// Its token is good.
    Valid,
    /// Its token is good, and due to be refreshed.
    Expiring,
    /// Its token is over; whoever asks next waits for a refresh.
    Expired,
    /// A refresh is under way.
    Refreshing,
    /// A refresh was begun whose outcome nobody recorded; the next one finds out.
    RefreshUnknown,
    /// Its owner must connect again.
    NeedsReconsent(Cause),
    /// The authorization server does not accept our client: the operator's matter, for all connections through it.
    Suspended {
        /// Which.
        client: ClientId,
    },
    /// Nobody gets a token any more; the provider has yet to be told.
    Disconnecting,
    /// Taken back; holds no tokens.
    Revoked,
}

impl ConnectionView {
    /// Whether it will serve tokens again without its owner, though perhaps not now.
    pub fn is_connected(&self) -> bool {
        use ConnectionState::{Disconnecting, NeedsReconsent, Revoked};
        !matches!(self.state, NeedsReconsent(_) | Disconnecting | Revoked)
    }
}

impl Connections {
    /// An organisation's connection as it stands.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound), also when it is another organisation's; or the store's.
    pub async fn status(&self, tenant: &TenantId, id: &ConnectionId) -> Result<ConnectionView> {
        let row = self.0.row_of(tenant, id).await?;
        let health = self.0.store.client_health(&row.client).await?;
        Ok(self.0.view(row, self.0.store.now().await?, Some(&health)))
    }

    /// An organisation's connections as they stand, by id.
    ///
    /// # Errors
    /// The store's.
    pub async fn list_connections(&self, tenant: &TenantId, page: Option<&PageToken>) -> Result<Page<ConnectionView>> {
        let Page { items, next } = self.0.store.connections(tenant, page).await?;
        let (now, mut healths) = (self.0.store.now().await?, HashMap::<ClientId, ClientHealth>::new());
        for row in &items {
            if !healths.contains_key(&row.client) {
                healths.insert(row.client.clone(), self.0.store.client_health(&row.client).await?);
            }
        }
        let view = |row: Connection| {
            let health = healths.get(&row.client);
            self.0.view(row, now, health)
        };
        Ok(Page { items: items.into_iter().map(view).collect(), next })
    }
}

impl Inner {
    pub(super) fn view(&self, row: Connection, now: DateTime<Utc>, health: Option<&ClientHealth>) -> ConnectionView {
        let suspended = health.and_then(|health| health.suspended_since);
        let state = state(&row, now, suspended.is_some());
        // a connection made meanwhile was never anything else
        let since =
            if matches!(state, ConnectionState::Suspended { .. }) { suspended.max(row.since) } else { row.since };
        let failing = self.patience.pausing(&row.id, self.clock.instant()).map(|error| error.kind());
        ConnectionView {
            remedy: self.remedy(&row, &state),
            next_at: row.refresh_at.filter(|_| !matches!(row.status, ConnectionStatus::NeedsReconsent(_))),
            since,
            state,
            failing,
            id: row.id,
            tenant: row.tenant,
            owner: row.owner,
            provider: row.provider,
            client: row.client,
            subject: row.subject,
            address: row.address,
            scopes: row.scopes,
            epoch: row.epoch,
            revocation: row.revocation,
        }
    }

    fn remedy(&self, row: &Connection, state: &ConnectionState) -> Option<Remedy> {
        match state {
            ConnectionState::NeedsReconsent(cause) => grant::needs_reconsent(cause).remedy().cloned(),
            ConnectionState::Suspended { .. } => grant::suspended().remedy().cloned(),
            ConnectionState::Revoked if row.revocation != Some(Revocation::Done) => {
                let known = || self.registered(row).ok().and_then(|known| known.server.profile().consent_page.clone());
                let mut remedy = Remedy::new("Ask the connection's owner to remove the consent at the provider.");
                remedy.docs = self.consent_pages.get(&row.provider).cloned().or_else(known);
                Some(remedy)
            }
            _ => None,
        }
    }
}

/// Derives the state; the order of the questions is the order of what matters to whoever looks.
fn state(row: &Connection, now: DateTime<Utc>, suspended: bool) -> ConnectionState {
    match &row.status {
        ConnectionStatus::NeedsReconsent(cause) => return ConnectionState::NeedsReconsent(cause.clone()),
        ConnectionStatus::Disconnecting => return ConnectionState::Disconnecting,
        ConnectionStatus::Revoked => return ConnectionState::Revoked,
        ConnectionStatus::Valid if suspended => return ConnectionState::Suspended { client: row.client.clone() },
        ConnectionStatus::Valid => {}
    }
    if let Some(intent) = machine::unfinished(row) {
        // while its request may run; after that nobody waits for the answer any more
        let running = now < intent.request_deadline;
        return if running { ConnectionState::Refreshing } else { ConnectionState::RefreshUnknown };
    }
    if row.tokens.is_none() || row.expires_at.is_none_or(|end| end <= now) {
        ConnectionState::Expired
    } else if row.refresh_at.is_some_and(|at| at <= now) {
        ConnectionState::Expiring
    } else {
        ConnectionState::Valid
    }
}

//! Consent that did not come through a browser: a refresh token that an operator brings in.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::{
    Connection, ConnectionView, Connections, Subject, TokenCommit,
    connections::Inner,
    consent::{Whose, connection_id},
    grant,
    vault::{self, Pair},
};
use crate::{
    Error, ErrorKind, Result,
    ids::{ClientId, PrincipalId, ProviderId, TenantId},
    secret::{RefreshToken, SealContext, TokenText},
};

/// How often a write is tried against others' writes and a store that is down.
const WRITES: u32 = 5;

/// A first refresh token, and what it is for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Import {
    /// Under which of the embedder's organisations.
    pub tenant: TenantId,
    /// Who answers for it: whose connection it is.
    pub owner: PrincipalId,
    /// Of which provider.
    pub provider: ProviderId,
    /// Through which of our applications it was issued; that one's server must be registered.
    pub client: ClientId,
    /// What the account is called. Nobody asks the provider: an application's own account often may not read its name.
    pub subject: Subject,
    /// The refresh token.
    pub refresh: RefreshToken,
    /// Whether a new consent begins even with the token that was brought in last.
    pub anew: bool,
}

impl Import {
    /// A refresh token that `client` got for `subject`: a name of your own that stays the same, such as the id of the organisation that
    /// authorized the application.
    pub fn new(
        tenant: TenantId,
        owner: PrincipalId,
        provider: ProviderId,
        client: ClientId,
        subject: Subject,
        refresh: RefreshToken,
    ) -> Self {
        Self { tenant, owner, provider, client, subject, refresh, anew: false }
    }

    /// Begins a new consent even with the token that was brought in last, for a connection that was disconnected by mistake.
    #[must_use]
    pub fn anew(mut self) -> Self {
        self.anew = true;
        self
    }
}

impl Connections {
    /// Makes a connection of a refresh token that came another way than through a browser. The token is sealed and stored at once and
    /// nothing is sent: the first [`access_token`](super::TokenSource::access_token), or the next [`run_once`](Self::run_once), redeems
    /// it, and from then on the connection lives as any other.
    ///
    /// One subject of one owner is one connection. The token that was brought in last changes nothing when it comes again, so that a
    /// program may import what its configuration holds at every start: the provider may have replaced that token long ago, and a
    /// connection that was disconnected stays so. Another token is a new consent to the same connection.
    ///
    /// # Errors
    /// [`Misconfigured`](ErrorKind::Misconfigured) when no server is registered for the client, or nothing can be sealed; the store's.
    pub async fn import(&self, import: Import) -> Result<ConnectionView> {
        let inner = Arc::clone(&self.0);
        // written whole or not at all, but the memory of the old tokens must go with it
        self.0.detached("import refresh token", async move { inner.import(import).await }).await
    }
}

impl Inner {
    async fn import(self: &Arc<Self>, import: Import) -> Result<ConnectionView> {
        self.find(&import.provider, |known| known.server.profile().client == import.client)?;
        let mut pause = self.timing.retry_first;
        let mut tries = 0;
        loop {
            tries += 1;
            match self.import_once(&import).await {
                Ok(Some(view)) => return Ok(view),
                Ok(None) if tries < WRITES => {}
                Ok(None) => {
                    let error = Error::new(ErrorKind::Conflict, "import refresh token");
                    return Err(error.with_detail("the connection changes all the time"));
                }
                Err(error) if tries < WRITES && grant::passing(&error) => {
                    self.clock.sleep(pause).await;
                    pause *= 2;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// `None`: somebody else wrote meanwhile.
    async fn import_once(&self, import: &Import) -> Result<Option<ConnectionView>> {
        let Import { tenant, owner, provider, client, subject, .. } = import.clone();
        let now = self.store.now().await?;
        let whose = Whose {
            tenant: tenant.clone(),
            owner: owner.clone(),
            provider: provider.clone(),
            renews: None,
            rebinds: false,
        };
        let (mut place, mut old);
        place = 0;
        let id = loop {
            let id = connection_id(&whose, &client, &subject, place)?;
            old = self.store.connection(&id).await?;
            // one that goes on with another account since keeps its id
            if old.as_ref().is_none_or(|old| old.subject == subject) {
                break id;
            }
            place += 1;
        };
        let mut next = Connection::new(id, tenant, owner, provider, client, subject);
        let mark = mark(&next, &import.refresh);
        if let Some(old) = &old {
            if old.imported == Some(mark) && !import.anew {
                return Ok(Some(self.view(old.clone(), now, None)));
            }
            next.epoch = old.epoch.saturating_add(1);
            next.address.clone_from(&old.address);
        }
        next.imported = Some(mark);
        next.since = Some(now);
        // due at once
        next.refresh_at = Some(now);
        next.scopes = self.required.get(&next.provider).cloned().unwrap_or_default();
        // there is no access token yet; without an end of its life none is served
        let pair = Pair { access: TokenText::new(""), refresh: Some(import.refresh.clone()) };
        next.tokens = Some(vault::seal(&*self.sealer, &next, &pair).await?);
        let written = match &old {
            Some(old) => self.replace(old, None, false, next.clone()).await,
            None => self.store.commit(TokenCommit::Create(Box::new(next.clone()))).await,
        };
        match written {
            Ok(()) => {}
            Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::AlreadyExists) => return Ok(None),
            Err(error) => return Err(error),
        }
        self.cache.forget(&next.id);
        self.patience.forget(&next.id);
        Ok(Some(self.view(next, now, None)))
    }
}

/// Tells a token again without keeping it: it is random and long, so nobody finds it from this.
fn mark(row: &Connection, token: &RefreshToken) -> [u8; 32] {
    Sha256::digest(SealContext::new("imported", [row.id.as_str(), token.expose()]).to_bytes()).into()
}

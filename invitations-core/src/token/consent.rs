//! From a code to a row: tokens, whose they are, and the one write.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};

use super::{
    Cause, ConnectCode, Connection, ConnectionStatus, ConnectionView, Flow, Grant, GrantFailure, GrantFailureClass,
    Identity, Subject, TokenCommit, TokenReply,
    callback::{Failed, denied},
    connections::{Inner, Registered},
    grant,
    vault::{self, Pair},
};
use crate::{
    Error, ErrorKind, Remedy, Result,
    ids::{ClientId, ConnectionId, PrincipalId, ProviderId, TenantId},
    runtime::timeout,
    secret::{RefreshToken, SealContext},
};

/// How often the account's name is asked for.
const IDENTITY_TRIES: u32 = 5;
/// How often a write is tried against others' writes and a store that is down.
const WRITES: u32 = 5;

/// Who consents to what, whichever way the consent came.
#[derive(Clone, Debug)]
pub(super) struct Whose {
    pub(super) tenant: TenantId,
    pub(super) owner: PrincipalId,
    pub(super) provider: ProviderId,
    pub(super) renews: Option<ConnectionId>,
    pub(super) rebinds: bool,
}

impl From<Flow> for Whose {
    fn from(Flow { tenant, owner, provider, renews, rebinds, .. }: Flow) -> Self {
        Self { tenant, owner, provider, renews, rebinds }
    }
}

/// What is written, and in place of what.
struct Consent<'a> {
    whose: &'a Whose,
    next: Connection,
    pair: Pair,
    /// Grows while ids are taken by connections that were bound to other accounts since.
    place: u32,
}

enum Written {
    /// With the refresh token of the account that was connected before, if it was another one.
    Yes(Option<Box<(Connection, RefreshToken)>>),
    Again,
}

impl Inner {
    pub(super) async fn finish(
        self: &Arc<Self>,
        known: &Registered,
        whose: Whose,
        grant: &Grant,
    ) -> Result<ConnectionView, Failed> {
        let started = self.store.now().await?;
        let limit = self.timing.request;
        let reply = timeout(&*self.clock, limit, known.server.token(grant, limit))
            .await
            .map_err(|_| Error::new(ErrorKind::Timeout, "complete connect"))?
            .map_err(refused)?;
        self.keep_consent(known, &whose, reply, started).await
    }

    /// Learns whose tokens these are, and writes the row.
    pub(super) async fn keep_consent(
        self: &Arc<Self>,
        known: &Registered,
        whose: &Whose,
        reply: TokenReply,
        started: DateTime<Utc>,
    ) -> Result<ConnectionView, Failed> {
        let Identity { subject, address } = self.identity(known, &reply).await?;
        let client = known.server.profile().client.clone();
        let Whose { tenant, owner, provider, .. } = whose.clone();
        let mut next =
            Connection::new(connection_id(whose, &client, &subject, 0)?, tenant, owner, provider, client, subject);
        if let Some(id) = &whose.renews {
            next.id = id.clone();
        }
        (next.address, next.since) = (address, Some(started));
        next.scopes = self.required.get(&next.provider).cloned().unwrap_or_default();
        grant::record(&mut next, &reply, known.server.profile(), started);
        if self.lacks_scopes(&next) {
            next.status = ConnectionStatus::NeedsReconsent(Cause::ScopeMissing);
        }
        let pair = Pair { access: reply.access, refresh: reply.refresh };
        let next = self.write_consent(Consent { whose, next, pair, place: 0 }).await?;
        Ok(self.view(next, started, None))
    }

    /// Whose tokens these are. The code is used up by now, so that a passing fault of this read is not the user's to mend.
    async fn identity(&self, known: &Registered, reply: &TokenReply) -> Result<Identity, Failed> {
        let mut tries = 1;
        loop {
            match known.server.identity(reply).await {
                Err(failure) if tries < IDENTITY_TRIES && passing(&failure.class) => {
                    tries += 1;
                    self.clock.sleep(self.timing.retry_first).await;
                }
                other => return other.map_err(refused),
            }
        }
    }

    /// Makes the row, or begins the next epoch of the one that is there.
    async fn write_consent(self: &Arc<Self>, mut consent: Consent<'_>) -> Result<Connection, Failed> {
        let mut pause = self.timing.retry_first;
        let mut tries = 0;
        let replaced = loop {
            tries += 1;
            match self.write_consent_once(&mut consent).await {
                Ok(Written::Yes(replaced)) => break replaced,
                Ok(Written::Again) if tries < WRITES => {}
                Ok(Written::Again) => {
                    let error = Error::new(ErrorKind::Conflict, "complete connect");
                    return Err(error.with_detail("the connection changes all the time").into());
                }
                Err(Failed(_, error)) if tries < WRITES && grant::passing(&error) => {
                    self.clock.sleep(pause).await;
                    pause *= 2;
                }
                Err(failed) => return Err(failed),
            }
        };
        // only another account's: of the same account, some servers would take back the new consent as well (RFC 7009 section 2.1)
        if let Some(replaced) = replaced {
            let (old, token) = *replaced;
            self.revoke_unused(&old, Some(token));
        }
        self.cache.forget(&consent.next.id);
        self.patience.forget(&consent.next.id);
        Ok(consent.next)
    }

    async fn write_consent_once(&self, consent: &mut Consent<'_>) -> Result<Written, Failed> {
        let Consent { whose, next, pair, place } = consent;
        let old = self.store.connection(&next.id).await?;
        let mut replaced = None;
        if let Some(old) = &old {
            if old.owner != next.owner || old.tenant != next.tenant {
                return Err(other_account());
            }
            if old.subject != next.subject {
                match (&whose.renews, whose.rebinds) {
                    (None, _) => {
                        *place += 1;
                        next.id = connection_id(whose, &next.client, &next.subject, *place)?;
                        return Ok(Written::Again);
                    }
                    (Some(_), false) => return Err(other_account()),
                    (Some(_), true) => {
                        replaced = self.refresh_token(old).await.map(|token| Box::new((old.clone(), token)))
                    }
                }
            }
            next.epoch = old.epoch.saturating_add(1);
            // what was brought in before is older than this
            next.imported = old.imported;
        } else if whose.renews.is_some() {
            return Err(Error::new(ErrorKind::NotFound, "complete connect").with_detail("no such connection").into());
        }
        next.tokens = Some(vault::seal(&*self.sealer, next, pair).await?);
        let written = match &old {
            Some(old) => self.replace(old, None, false, next.clone()).await,
            None => self.store.commit(TokenCommit::Create(Box::new(next.clone()))).await,
        };
        match written {
            Ok(()) => Ok(Written::Yes(replaced)),
            Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::AlreadyExists) => Ok(Written::Again),
            Err(error) => Err(error.into()),
        }
    }

    /// For telling the provider that it is not needed; one that cannot be opened is left to end by itself.
    async fn refresh_token(&self, row: &Connection) -> Option<RefreshToken> {
        match vault::open(&*self.sealer, row).await {
            Ok(pair) => pair.and_then(|pair| pair.refresh),
            Err(error) => {
                tracing::warn!(connection = %row.id, %error, "the provider is not told of the account that was replaced");
                None
            }
        }
    }
}

/// The same account of the same owner is the same connection.
pub(super) fn connection_id(whose: &Whose, client: &ClientId, subject: &Subject, place: u32) -> Result<ConnectionId> {
    let mut parts =
        vec![whose.tenant.as_str(), whose.owner.as_str(), whose.provider.as_str(), client.as_str(), subject.as_str()];
    let place = place.to_string();
    if place != "0" {
        parts.push(&place);
    }
    let hash = Sha256::digest(SealContext::new("connection", parts).to_bytes());
    ConnectionId::parse(format!("con_{}", BASE64URL_NOPAD.encode(&hash[..18])))
}

fn other_account() -> Failed {
    let error = Error::new(ErrorKind::Conflict, "complete connect")
        .with_detail("another account came back than the one to renew")
        .with_remedy(Remedy::new("Sign in with the account that was connected, or connect a new one."));
    Failed(ConnectCode::OtherAccount, error)
}

pub(super) fn refused(failure: GrantFailure) -> Failed {
    match failure.class {
        GrantFailureClass::ClientMisconfigured => grant::suspended().with_source(failure.error).into(),
        GrantFailureClass::GrantDead | GrantFailureClass::Interaction { .. } => {
            let error = denied("the provider did not accept the code; begin again").with_source(failure.error);
            Failed(ConnectCode::Refused, error)
        }
        GrantFailureClass::Transient { .. } | GrantFailureClass::Unknown | GrantFailureClass::Config => {
            failure.error.into()
        }
    }
}

fn passing(class: &GrantFailureClass) -> bool {
    matches!(class, GrantFailureClass::Transient { .. } | GrantFailureClass::Unknown)
}

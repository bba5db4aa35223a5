use chrono::{DateTime, Utc};

use super::Subject;
use crate::{
    ids::{ClientId, ConnectionId, PrincipalId, ProviderId, TenantId},
    people::EmailAddress,
    secret::Sealed,
};

/// A user's consent to one provider account, as stored.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct Connection {
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
    /// Whose account it is there. Stays when the connection is taken back: by it the same account finds its row again.
    pub subject: Subject,
    /// The account's address when it was connected, for people's eyes: addresses change, `subject` does not. Personal data; erased when
    /// the provider was told that the connection is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<EmailAddress>,
    /// What was granted.
    pub scopes: Vec<String>,
    /// Grows by one with every new consent.
    pub epoch: u64,
    /// Grows by one with every refresh; starts at 1 in each epoch.
    pub generation: u64,
    /// Where it stands.
    pub status: ConnectionStatus,
    /// Since when it stands there, UTC, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// Both tokens in one sealed blob, bound to this row, epoch and generation.
    pub tokens: Option<Sealed>,
    /// Until when the access token may be served, UTC: its end less a margin, so that it does not end on its way.
    pub expires_at: Option<DateTime<Utc>>,
    /// When to refresh ahead, UTC; jitter is in it. While the connection is being taken back: when to tell the provider next.
    pub refresh_at: Option<DateTime<Utc>>,
    /// When the refresh token ends, UTC, where the server says so.
    pub refresh_expires_at: Option<DateTime<Utc>>,
    /// A refresh that was begun and not recorded.
    pub intent: Option<Intent>,
    /// What became of the provider's grant, once the connection is being taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation: Option<Revocation>,
    /// Which refresh token was brought in last by [`Connections::import`], as SHA-256 over it and the connection's id: the same one again
    /// changes nothing.
    ///
    /// [`Connections::import`]: super::Connections::import
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported: Option<[u8; 32]>,
}

impl Connection {
    /// A new consent, in epoch 1, without tokens.
    pub fn new(
        id: ConnectionId,
        tenant: TenantId,
        owner: PrincipalId,
        provider: ProviderId,
        client: ClientId,
        subject: Subject,
    ) -> Self {
        Self {
            id,
            tenant,
            owner,
            provider,
            client,
            subject,
            address: None,
            scopes: Vec::new(),
            epoch: 1,
            generation: 1,
            status: ConnectionStatus::Valid,
            since: None,
            tokens: None,
            expires_at: None,
            refresh_at: None,
            refresh_expires_at: None,
            intent: None,
            revocation: None,
            imported: None,
        }
    }
}

/// Where a connection stands.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConnectionStatus {
    /// In use.
    Valid,
    /// Its owner must connect again.
    NeedsReconsent(Cause),
    /// Being taken back.
    Disconnecting,
    /// Taken back; holds no tokens.
    Revoked,
}

/// What became of the provider's grant when a connection was taken back.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Revocation {
    /// The provider was told (RFC 7009).
    Done,
    /// The provider could not be told so far. The tokens are kept sealed, and [`Connections::run_once`] tries again.
    ///
    /// [`Connections::run_once`]: super::Connections::run_once
    Pending {
        /// How often it was tried.
        tries: u32,
        /// Until when it is tried, UTC.
        give_up_at: DateTime<Utc>,
    },
    /// The provider has no such call, or there was no refresh token to name: the consent is still there.
    Unsupported,
    /// The provider could not be told in all that time: the consent may still be there.
    GivenUp,
}

/// Why a connection needs consent again.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// The server says that the grant is used up or was taken back.
    GrantDead,
    /// An answer with the next refresh token was lost.
    RotationLost,
    /// The user has to do something in a browser.
    Interaction {
        /// The claims to ask for.
        claims: Option<String>,
    },
    /// Less was granted than is needed.
    ScopeMissing,
}

/// A refresh that was begun. Written before the request, so that a lost answer is known to be lost.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct Intent {
    /// Of which generation.
    pub generation: u64,
    /// How many tries so far.
    pub attempt: u32,
    /// When the request was over at the latest, UTC.
    pub request_deadline: DateTime<Utc>,
}

impl Intent {
    /// A try to refresh `generation`.
    pub fn new(generation: u64, attempt: u32, request_deadline: DateTime<Utc>) -> Self {
        Self { generation, attempt, request_deadline }
    }
}

/// A connect flow between the way to the provider and the way back.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct Flow {
    /// SHA-256 of the state; the state itself is only in the browser.
    pub state_digest: [u8; 32],
    /// The embedder's organisation.
    pub tenant: TenantId,
    /// Who began it.
    pub owner: PrincipalId,
    /// With which provider.
    pub provider: ProviderId,
    /// A relative path of the embedder to come back to.
    pub return_to: String,
    /// The connection to renew, when it is not a new one.
    pub renews: Option<ConnectionId>,
    /// Whether another account may come back for the connection to renew.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rebinds: bool,
    /// The PKCE verifier, sealed.
    pub sealed: Sealed,
    /// Until when it may be completed, UTC.
    pub until: DateTime<Utc>,
}

impl Flow {
    /// A flow for a new connection.
    pub fn new(
        state_digest: [u8; 32],
        tenant: TenantId,
        owner: PrincipalId,
        provider: ProviderId,
        return_to: impl Into<String>,
        sealed: Sealed,
        until: DateTime<Utc>,
    ) -> Self {
        Self {
            state_digest,
            tenant,
            owner,
            provider,
            return_to: return_to.into(),
            renews: None,
            rebinds: false,
            sealed,
            until,
        }
    }
}

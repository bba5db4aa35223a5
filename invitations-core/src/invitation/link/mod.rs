//! Invitation links: shown once, stored as selector and digest, bound to a purpose.

mod token;

use chrono::{DateTime, Utc};

pub(crate) use token::LinkToken;

use crate::ids::{InvitationId, TenantId};

/// What a link may be used for. A link for one purpose is worth nothing for another.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LinkPurpose {
    /// Accept or decline an invitation.
    Answer,
    /// Prove that an address is one's own.
    VerifyAddress,
}

/// A link as stored: what finds it and what proves it, never the link.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct StoredLink {
    /// In which organisation.
    pub tenant: TenantId,
    /// Of which invitation.
    pub invitation: InvitationId,
    /// What it may be used for.
    pub purpose: LinkPurpose,
    /// Which of the invitation's links it is; 1 is the first.
    pub generation: u32,
    /// Finds the row; safe to log.
    pub selector: [u8; 12],
    /// Proves the secret part.
    pub digest: [u8; 32],
    /// Live before this time (UTC); `None` for good.
    pub live_until: Option<DateTime<Utc>>,
    /// Whether it was killed before its time.
    pub dead: bool,
}

impl StoredLink {
    /// A live link.
    pub fn new(
        tenant: TenantId,
        invitation: InvitationId,
        purpose: LinkPurpose,
        generation: u32,
        selector: [u8; 12],
        digest: [u8; 32],
    ) -> Self {
        Self { tenant, invitation, purpose, generation, selector, digest, live_until: None, dead: false }
    }
}

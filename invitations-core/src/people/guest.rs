use std::fmt::Debug;

use async_trait::async_trait;
use url::Url;

use crate::{Result, ids::GuestId, people::EmailAddress, provider::WriteOptions, secret::RedeemUrl};

/// Somebody from outside in a provider's directory.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Guest {
    /// The directory object.
    pub id: GuestId,
    /// The invited address.
    pub email: EmailAddress,
    /// How far the guest has come.
    pub redemption: Redemption,
    /// Where the guest accepts; only in the answer to an invitation. Admits whoever holds it.
    pub redeem_url: Option<RedeemUrl>,
}

impl Guest {
    /// A guest without a redeem link.
    pub fn new(id: GuestId, email: EmailAddress, redemption: Redemption) -> Self {
        Self { id, email, redemption, redeem_url: None }
    }

    /// Adds the redeem link.
    #[must_use]
    pub fn with_redeem_url(mut self, link: RedeemUrl) -> Self {
        self.redeem_url = Some(link);
        self
    }
}

/// How far a guest has come with the invitation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Redemption {
    /// Invited, not yet accepted.
    Pending,
    /// Accepted.
    Accepted,
    /// Nothing to accept: a member of the directory.
    NotNeeded,
}

/// Whom to invite as a guest.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct GuestDraft {
    /// The address to invite.
    pub email: EmailAddress,
    /// The name shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where the guest lands after accepting.
    pub redirect: Url,
    /// Whether the provider sends its invitation mail.
    pub send_mail: bool,
    /// Whether the guest leaves the directory with what they were invited to, if this invitation is what put them there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub temporary: bool,
}

impl GuestDraft {
    /// A guest who gets the provider's mail.
    pub fn new(email: EmailAddress, redirect: Url) -> Self {
        Self { email, name: None, redirect, send_mail: true, temporary: false }
    }

    /// Sets the name shown.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The guest leaves the directory with what they were invited to, if this invitation is what put them there.
    #[must_use]
    pub fn for_the_occasion(mut self) -> Self {
        self.temporary = true;
        self
    }

    /// Says whether the provider sends its invitation mail.
    #[must_use]
    pub fn with_mail(mut self, send: bool) -> Self {
        self.send_mail = send;
        self
    }
}

/// The guests of one directory, for one account.
#[async_trait]
pub trait GuestDirectory: Debug + Send + Sync + 'static {
    /// Invites. Somebody already there (as guest or member) is success.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for an address the provider does not take; the provider's refusal otherwise.
    async fn invite(&self, draft: &GuestDraft, options: WriteOptions) -> Result<Guest>;

    /// Reads a guest by id.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is none.
    async fn guest(&self, id: &GuestId) -> Result<Guest>;

    /// Everybody in the directory with this address; empty when nobody.
    ///
    /// # Errors
    /// When the directory cannot be read.
    async fn find_by_address(&self, email: &EmailAddress) -> Result<Vec<Guest>>;

    /// Removes a guest from the directory. Somebody not there is success.
    ///
    /// # Errors
    /// The provider's refusal.
    async fn remove(&self, id: &GuestId, options: WriteOptions) -> Result<()>;
}

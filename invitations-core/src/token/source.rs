use std::{fmt, fmt::Debug, sync::Arc};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use subtle::ConstantTimeEq as _;

use crate::{Result, secret::TokenText};

/// A bearer token and when it ends. A clone is the same text once more, not a copy of it.
#[derive(Clone)]
pub struct AccessToken {
    secret: Arc<TokenText>,
    expires_at: DateTime<Utc>,
}

impl AccessToken {
    /// A token that ends at `expires_at` (UTC).
    pub fn new(secret: TokenText, expires_at: DateTime<Utc>) -> Self {
        Self { secret: Arc::new(secret), expires_at }
    }

    /// The token itself, for the `Authorization` header and nowhere else.
    pub fn expose(&self) -> &str {
        self.secret.expose()
    }

    /// When it ends, UTC.
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    /// Whether `other` is the same token; takes the same time whatever differs.
    pub fn is_same(&self, other: &Self) -> bool {
        self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
    }
}

impl Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[cfg(seeded)]
        if crate::seeded::seeded("B21") {
            return write!(f, "AccessToken({}, until {})", self.expose(), self.expires_at);
        }
        write!(f, "AccessToken([redacted], until {})", self.expires_at)
    }
}

/// A 401 from the resource.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rejected {
    /// The token that was not accepted.
    pub token: AccessToken,
    /// The decoded claims challenge, only when the server asked for more.
    pub claims: Option<String>,
}

impl Rejected {
    /// A token that was not accepted, for no stated reason.
    pub fn new(token: AccessToken) -> Self {
        Self { token, claims: None }
    }

    /// Adds the decoded claims challenge.
    #[must_use]
    pub fn with_claims(mut self, claims: impl Into<String>) -> Self {
        self.claims = Some(claims.into());
        self
    }
}

/// What to do after a 401.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "send again or not")]
pub enum AfterReject {
    /// A different token is there: ask for it and send once more.
    TryAgain,
    /// Refreshing would not help.
    GiveUp,
}

/// Where a bearer token comes from.
#[async_trait]
pub trait TokenSource: Debug + Send + Sync + 'static {
    /// A token that is good now. Many callers at once cost one refresh.
    ///
    /// # Errors
    /// [`NeedsReconsent`](crate::ErrorKind::NeedsReconsent), [`Misconfigured`](crate::ErrorKind::Misconfigured), or a passing fault.
    async fn access_token(&self) -> Result<AccessToken>;

    /// Tells that the resource answered 401. Compares with the current token: a late 401 cannot throw away a fresh one.
    ///
    /// # Errors
    /// As [`access_token`](Self::access_token).
    async fn rejected(&self, rejected: Rejected) -> Result<AfterReject>;
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<T: TokenSource + ?Sized> TokenSource for Arc<T> {
    async fn access_token(&self) -> Result<AccessToken> {
        (**self).access_token().await
    }
    async fn rejected(&self, rejected: Rejected) -> Result<AfterReject> {
        (**self).rejected(rejected).await
    }
}

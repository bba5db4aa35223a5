use async_trait::async_trait;
use chrono::{DateTime, Utc};
use invitations_core::{
    Result,
    secret::TokenText,
    token::{AccessToken, AfterReject, Rejected, TokenSource},
};

/// One access token that somebody else keeps fresh.
#[derive(Debug)]
pub(super) struct FixedToken(AccessToken);

impl FixedToken {
    /// How long it lives is not known here; Webex says when it has ended.
    pub(super) fn new(token: TokenText) -> Self {
        Self(AccessToken::new(token, DateTime::<Utc>::MAX_UTC))
    }
}

#[async_trait]
impl TokenSource for FixedToken {
    async fn access_token(&self) -> Result<AccessToken> {
        Ok(self.0.clone())
    }

    async fn rejected(&self, _: Rejected) -> Result<AfterReject> {
        Ok(AfterReject::GiveUp)
    }
}

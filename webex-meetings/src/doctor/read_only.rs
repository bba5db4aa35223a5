use async_trait::async_trait;
use invitations_core::{
    Result,
    token::{AccessToken, AfterReject, Rejected, TokenSource},
};

/// One token, as it is: that it is refused is the answer, and no reason to renew it.
#[derive(Debug)]
pub(super) struct ReadOnly(pub(super) AccessToken);

#[async_trait]
impl TokenSource for ReadOnly {
    async fn access_token(&self) -> Result<AccessToken> {
        Ok(self.0.clone())
    }

    async fn rejected(&self, _: Rejected) -> Result<AfterReject> {
        Ok(AfterReject::GiveUp)
    }
}

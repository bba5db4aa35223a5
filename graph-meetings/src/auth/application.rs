use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    token::{AccessToken, AfterReject, Rejected, TokenSource},
};

/// For an application that was not told one directory: users can sign in to it, it cannot sign in by itself.
#[derive(Debug)]
pub(crate) struct NoApplicationTokens;

#[async_trait]
impl TokenSource for NoApplicationTokens {
    async fn access_token(&self) -> Result<AccessToken> {
        Err(Error::new(ErrorKind::Misconfigured, "sign in")
            .with_provider(crate::provider_id())
            .with_detail("an application signs in to one directory")
            .with_remedy(Remedy::new("Name the directory by its id instead of common or organizations.")))
    }

    async fn rejected(&self, _rejected: Rejected) -> Result<AfterReject> {
        Ok(AfterReject::GiveUp)
    }
}

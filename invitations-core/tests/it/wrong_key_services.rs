//! Each is wrong in one way that the suite must see.

use std::sync::Arc;

use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Result,
    conformance::{KeyServiceFixture, Verdict, key_service},
    memory::MemoryKeyService,
    secret::{EncryptionContext, KeyService, SecretBytes},
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Wrong {
    /// Forgets what a key was wrapped for.
    Unbound,
    /// Hands the key back as it came.
    InTheClear,
    /// Says of a refusal that it does not answer.
    Transient,
    /// Opens with whichever key fits.
    AnyKey,
}

#[derive(Debug)]
struct Wrongly(Wrong, MemoryKeyService);

#[async_trait]
impl KeyService for Wrongly {
    async fn wrap(&self, data_key: &SecretBytes, context: &EncryptionContext) -> Result<Vec<u8>> {
        match self.0 {
            Wrong::InTheClear => Ok(data_key.expose().to_vec()),
            Wrong::Unbound => self.1.wrap(data_key, &EncryptionContext::new()).await,
            Wrong::Transient | Wrong::AnyKey => self.1.wrap(data_key, context).await,
        }
    }

    async fn unwrap(&self, wrapped: &[u8], context: &EncryptionContext) -> Result<SecretBytes> {
        match self.0 {
            Wrong::InTheClear => Ok(SecretBytes::new(wrapped.to_vec())),
            Wrong::Unbound => self.1.unwrap(wrapped, &EncryptionContext::new()).await,
            Wrong::Transient => {
                let opened = self.1.unwrap(wrapped, context).await;
                opened.map_err(|_| Error::new(ErrorKind::Unavailable, "unwrap data key"))
            }
            Wrong::AnyKey => match self.1.unwrap(wrapped, context).await {
                Err(_) => MemoryKeyService::new([1; 32]).unwrap(wrapped, context).await,
                opened => opened,
            },
        }
    }
}

struct Of(Wrong);

#[async_trait]
impl KeyServiceFixture for Of {
    async fn service(&self) -> Arc<dyn KeyService> {
        Arc::new(Wrongly(self.0, MemoryKeyService::new([1; 32])))
    }
    async fn another(&self) -> Arc<dyn KeyService> {
        Arc::new(Wrongly(self.0, MemoryKeyService::new([2; 32])))
    }
}

fn seen(verdict: &Verdict, text: &str) {
    assert!(verdict.as_ref().is_err_and(|finding| finding.0.contains(text)), "{verdict:?}");
}

#[tokio::test]
async fn a_service_that_binds_to_nothing_is_found_out() {
    seen(&key_service::a_wrapping_opens_in_its_own_context_only(&Of(Wrong::Unbound)).await, "opened");
}

#[tokio::test]
async fn a_service_that_wraps_nothing_is_found_out() {
    seen(&key_service::nothing_shows_the_data_key(&Of(Wrong::InTheClear)).await, "in the clear");
    seen(&key_service::an_altered_wrapping_is_refused(&Of(Wrong::InTheClear)).await, "altered at byte 0");
}

#[tokio::test]
async fn a_service_that_refuses_as_if_it_were_down_is_found_out() {
    seen(&key_service::an_altered_wrapping_is_refused(&Of(Wrong::Transient)).await, "not as misconfigured");
}

#[tokio::test]
async fn a_service_that_opens_for_other_keys_is_found_out() {
    seen(&key_service::another_key_is_refused(&Of(Wrong::AnyKey)).await, "opened");
}

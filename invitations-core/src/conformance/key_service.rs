//! What every [`KeyService`] must do.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Finding, Verdict, ensure};
use crate::{
    ErrorKind,
    secret::{EncryptionContext, KeyService, SecretBytes},
};

/// What the cases wrap: as long as a data key is.
const DATA_KEY: &[u8; 32] = b"a planted data key of 32 bytes!!";

/// Makes services for the cases.
#[async_trait]
pub trait KeyServiceFixture: Send + Sync {
    /// A service that works.
    async fn service(&self) -> Arc<dyn KeyService>;
    /// Another key, of the same service or of another one.
    async fn another(&self) -> Arc<dyn KeyService>;
}

/// One test per case: `key_service_suite!(#[tokio::test] MyFixture::new());`
#[macro_export]
macro_rules! key_service_suite {
    ($(#[$test:meta])+ $fixture:expr) => {
        $crate::__suite!($(#[$test])+ $fixture; key_service:
            what_was_wrapped_unwraps,
            a_wrapping_opens_in_its_own_context_only,
            an_altered_wrapping_is_refused,
            another_key_is_refused,
            nothing_shows_the_data_key,
        );
    };
}

fn data_key() -> SecretBytes {
    SecretBytes::new(DATA_KEY.to_vec())
}

fn context() -> EncryptionContext {
    EncryptionContext::new().with("purpose", "suite").with("scope", "tenant")
}

async fn refused(service: &dyn KeyService, wrapped: &[u8], context: &EncryptionContext, what: &str) -> Verdict {
    match service.unwrap(wrapped, context).await {
        Err(error) if error.kind() == ErrorKind::Misconfigured => Ok(()),
        Err(error) => Err(Finding::new(format!("{what}: refused as \"{}\" and not as misconfigured", error.kind()))),
        Ok(_) => Err(Finding::new(format!("{what}: opened"))),
    }
}

/// The same bytes come back, also through a second connection to the service.
///
/// # Errors
/// The finding.
pub async fn what_was_wrapped_unwraps(fixture: &dyn KeyServiceFixture) -> Verdict {
    let service = fixture.service().await;
    let wrapped = service.wrap(&data_key(), &context()).await?;
    let opened = service.unwrap(&wrapped, &context()).await?;
    ensure(opened.expose() == DATA_KEY, || "the data key came back as another".to_owned())
}

/// A data key of one organisation or purpose is of no use for another.
///
/// # Errors
/// The finding.
pub async fn a_wrapping_opens_in_its_own_context_only(fixture: &dyn KeyServiceFixture) -> Verdict {
    let service = fixture.service().await;
    let wrapped = service.wrap(&data_key(), &context()).await?;
    for other in [
        context().with("scope", "other"),
        context().with("purpose", "other"),
        context().with("more", "than that"),
        EncryptionContext::new().with("purpose", "suite"),
        EncryptionContext::new(),
    ] {
        refused(&*service, &wrapped, &other, &format!("a wrapping in the context {other:?}")).await?;
    }
    Ok(())
}

/// Refused, and not as a service that does not answer: that would be tried for ever.
///
/// # Errors
/// The finding.
pub async fn an_altered_wrapping_is_refused(fixture: &dyn KeyServiceFixture) -> Verdict {
    let service = fixture.service().await;
    let wrapped = service.wrap(&data_key(), &context()).await?;
    // one call each: enough of them to meet every part of the format, few enough for a real service
    for at in [0, wrapped.len() / 4, wrapped.len() / 2, wrapped.len() - wrapped.len().min(1)] {
        let mut altered = wrapped.clone();
        if let Some(byte) = altered.get_mut(at) {
            *byte ^= 1;
        }
        refused(&*service, &altered, &context(), &format!("a wrapping altered at byte {at}")).await?;
    }
    refused(&*service, &wrapped[..wrapped.len() / 2], &context(), "half a wrapping").await?;
    refused(&*service, b"", &context(), "an empty wrapping").await?;
    refused(&*service, DATA_KEY, &context(), "a data key that was never wrapped").await
}

/// The key decides, not the service.
///
/// # Errors
/// The finding.
pub async fn another_key_is_refused(fixture: &dyn KeyServiceFixture) -> Verdict {
    let wrapped = fixture.service().await.wrap(&data_key(), &context()).await?;
    refused(&*fixture.another().await, &wrapped, &context(), "a wrapping of another key").await
}

/// Neither the wrapping, nor the service, nor what it says.
///
/// # Errors
/// The finding.
pub async fn nothing_shows_the_data_key(fixture: &dyn KeyServiceFixture) -> Verdict {
    let service = fixture.service().await;
    let wrapped = service.wrap(&data_key(), &context()).await?;
    let refused = service.unwrap(&wrapped, &EncryptionContext::new()).await;
    let shown = format!("{service:?} {refused:?}");
    let hidden = |bytes: &[u8]| !bytes.windows(DATA_KEY.len()).any(|part| part == DATA_KEY);
    ensure(hidden(shown.as_bytes()), || "Debug shows the data key".to_owned())?;
    ensure(hidden(&wrapped), || "the wrapping holds the data key in the clear".to_owned())
}

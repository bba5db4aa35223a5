//! Each is wrong in one way that the suite must see.

use std::sync::Arc;

use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Result,
    conformance::{SealerFixture, Verdict, sealer},
    secret::{KeyRing, SealContext, Sealed, Sealer, SecretBytes},
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Wrong {
    /// Any row's blob opens.
    Unbound,
    /// What was never sealed is taken for what it seals.
    PassesThrough,
    /// Its blobs are named after a key that it no longer has.
    NamesAnother,
    /// A failure quotes the secret.
    Tells,
}

#[derive(Debug)]
struct Wrongly(Wrong, KeyRing);

impl Wrongly {
    fn bound(&self, context: &SealContext) -> SealContext {
        match self.0 {
            Wrong::Unbound => SealContext::new("all", ["one"]),
            _ => context.clone(),
        }
    }
}

#[async_trait]
impl Sealer for Wrongly {
    async fn seal(&self, context: &SealContext, plain: &[u8]) -> Result<Sealed> {
        self.1.seal(&self.bound(context), plain).await
    }

    async fn open(&self, context: &SealContext, sealed: &Sealed) -> Result<SecretBytes> {
        match (self.1.open(&self.bound(context), sealed).await, self.0) {
            (Err(_), Wrong::PassesThrough) => Ok(SecretBytes::new(sealed.as_bytes().to_vec())),
            (Err(_), Wrong::Tells) => {
                Err(Error::new(ErrorKind::Misconfigured, "open").with_detail("not \"a planted secret\""))
            }
            (opened, _) => opened,
        }
    }

    fn current_key(&self) -> &str {
        if self.0 == Wrong::NamesAnother { "older" } else { self.1.current_key() }
    }

    fn key_of(&self, sealed: &Sealed) -> Result<String> {
        self.1.key_of(sealed)
    }
}

struct Of(Wrong);

#[async_trait]
impl SealerFixture for Of {
    async fn sealer(&self) -> Arc<dyn Sealer> {
        Arc::new(Wrongly(self.0, KeyRing::new("k1", [7; 32]).unwrap()))
    }
}

fn seen(verdict: &Verdict, text: &str) {
    assert!(verdict.as_ref().is_err_and(|finding| finding.0.contains(text)), "{verdict:?}");
}

#[tokio::test]
async fn a_sealer_that_binds_to_nothing_is_found_out() {
    seen(&sealer::a_blob_opens_in_its_own_context_only(&Of(Wrong::Unbound)).await, "opened");
}

#[tokio::test]
async fn a_sealer_that_passes_plain_text_through_is_found_out() {
    seen(&sealer::what_was_never_sealed_is_refused(&Of(Wrong::PassesThrough)).await, "opened");
    seen(&sealer::an_altered_blob_is_refused(&Of(Wrong::PassesThrough)).await, "altered at byte 0");
}

#[tokio::test]
async fn a_sealer_that_names_another_key_is_found_out() {
    seen(&sealer::a_blob_names_the_key_that_seals_now(&Of(Wrong::NamesAnother)).await, "the current key is older");
}

#[tokio::test]
async fn a_sealer_that_tells_is_found_out() {
    seen(&sealer::nothing_shows_the_secret(&Of(Wrong::Tells)).await, "shows the secret");
}

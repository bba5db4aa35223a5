//! What every [`Sealer`] must do.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Finding, Verdict, ensure};
use crate::{
    ErrorKind,
    secret::{SealContext, Sealed, Sealer},
};

/// What the cases seal.
const SECRET: &[u8] = b"a planted secret";

/// Makes sealers for the cases.
#[async_trait]
pub trait SealerFixture: Send + Sync {
    /// A sealer whose key works.
    async fn sealer(&self) -> Arc<dyn Sealer>;
}

/// One test per case: `sealer_suite!(#[tokio::test] MyFixture::new());`
#[macro_export]
macro_rules! sealer_suite {
    ($(#[$test:meta])+ $fixture:expr) => {
        $crate::__suite!($(#[$test])+ $fixture; sealer:
            what_was_sealed_opens,
            a_blob_opens_in_its_own_context_only,
            an_altered_blob_is_refused,
            what_was_never_sealed_is_refused,
            a_blob_names_the_key_that_seals_now,
            the_same_secret_is_never_sealed_alike,
            nothing_shows_the_secret,
        );
    };
}

fn context() -> SealContext {
    SealContext::new("suite", ["tenant", "row", "7"])
}

fn finding(text: impl Into<String>) -> Finding {
    Finding::new(text)
}

async fn refused(sealer: &dyn Sealer, context: &SealContext, sealed: &Sealed, what: &str) -> Verdict {
    match sealer.open(context, sealed).await {
        Err(error) if error.kind() == ErrorKind::Misconfigured => Ok(()),
        Err(error) => Err(finding(format!("{what}: refused as \"{}\" and not as misconfigured", error.kind()))),
        Ok(_) => Err(finding(format!("{what}: opened"))),
    }
}

/// Empty, short and long secrets come back whole.
///
/// # Errors
/// The finding.
pub async fn what_was_sealed_opens(fixture: &dyn SealerFixture) -> Verdict {
    let sealer = fixture.sealer().await;
    for plain in [b"".as_slice(), SECRET, &[0; 20_000]] {
        let sealed = sealer.seal(&context(), plain).await?;
        let opened = sealer.open(&context(), &sealed).await?;
        ensure(opened.expose() == plain, || format!("{} bytes came back as others", plain.len()))?;
        // as a store keeps it
        let stored = Sealed::from_bytes(sealed.as_bytes().to_vec());
        ensure(sealer.open(&context(), &stored).await?.expose() == plain, || "a stored blob is another".to_owned())?;
    }
    Ok(())
}

/// A blob that was moved to another row, another tenant, an older generation or another purpose does not open.
///
/// # Errors
/// The finding.
pub async fn a_blob_opens_in_its_own_context_only(fixture: &dyn SealerFixture) -> Verdict {
    let sealer = fixture.sealer().await;
    let sealed = sealer.seal(&context(), SECRET).await?;
    for other in [
        SealContext::new("suite", ["tenant", "row", "6"]),
        SealContext::new("suite", ["other", "row", "7"]),
        SealContext::new("suite", ["tenan", "trow", "7"]),
        SealContext::new("suite", ["tenant", "row"]),
        SealContext::new("other", ["tenant", "row", "7"]),
    ] {
        refused(&*sealer, &other, &sealed, &format!("a blob in the context {other:?}")).await?;
    }
    Ok(())
}

/// Not one bit may differ, and nothing may be cut off or added.
///
/// # Errors
/// The finding.
pub async fn an_altered_blob_is_refused(fixture: &dyn SealerFixture) -> Verdict {
    let sealer = fixture.sealer().await;
    let sealed = sealer.seal(&context(), SECRET).await?;
    let whole = sealed.as_bytes();
    for at in 0..whole.len() {
        let mut altered = whole.to_vec();
        altered[at] ^= 1 << (at % 8);
        refused(&*sealer, &context(), &Sealed::from_bytes(altered), &format!("a blob altered at byte {at}")).await?;
        let cut = Sealed::from_bytes(whole[..at].to_vec());
        refused(&*sealer, &context(), &cut, &format!("a blob cut at byte {at}")).await?;
    }
    let longer = Sealed::from_bytes([whole, b"x"].concat());
    refused(&*sealer, &context(), &longer, "a blob with a byte more").await
}

/// Nothing is passed through as plain text, least of all a secret that was stored before there was a sealer.
///
/// # Errors
/// The finding.
pub async fn what_was_never_sealed_is_refused(fixture: &dyn SealerFixture) -> Verdict {
    let sealer = fixture.sealer().await;
    for plain in [b"".as_slice(), SECRET, br#"{"access":"a","refresh":"r"}"#, &[0; 64]] {
        let stored = Sealed::from_bytes(plain.to_vec());
        refused(&*sealer, &context(), &stored, "what was never sealed").await?;
        ensure(sealer.key_of(&stored).is_err(), || "what was never sealed has a key".to_owned())?;
    }
    Ok(())
}

/// So that what is due to be sealed again is found without opening it.
///
/// # Errors
/// The finding.
pub async fn a_blob_names_the_key_that_seals_now(fixture: &dyn SealerFixture) -> Verdict {
    let sealer = fixture.sealer().await;
    let key = sealer.key_of(&sealer.seal(&context(), SECRET).await?)?;
    ensure(key == sealer.current_key(), || format!("sealed under {key}, the current key is {}", sealer.current_key()))
}

/// Whoever sees two blobs does not learn that their secrets are equal.
///
/// # Errors
/// The finding.
pub async fn the_same_secret_is_never_sealed_alike(fixture: &dyn SealerFixture) -> Verdict {
    let sealer = fixture.sealer().await;
    let (one, two) = (sealer.seal(&context(), SECRET).await?, sealer.seal(&context(), SECRET).await?);
    ensure(one != two, || "equal secrets are equal blobs".to_owned())
}

/// Neither the sealer, nor its blobs, nor what it says of them.
///
/// # Errors
/// The finding.
pub async fn nothing_shows_the_secret(fixture: &dyn SealerFixture) -> Verdict {
    let sealer = fixture.sealer().await;
    let sealed = sealer.seal(&context(), SECRET).await?;
    let opened = sealer.open(&context(), &sealed).await?;
    let other = SealContext::new("other", ["row"]);
    let refused = sealer.open(&other, &sealed).await;
    let shown = format!("{sealer:?} {sealed:?} {opened:?} {refused:?}");
    let hidden = |bytes: &[u8]| !bytes.windows(SECRET.len()).any(|part| part == SECRET);
    ensure(hidden(shown.as_bytes()), || "Debug shows the secret".to_owned())?;
    ensure(hidden(sealed.as_bytes()), || "the blob holds the secret in the clear".to_owned())
}

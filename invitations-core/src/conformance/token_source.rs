//! What every [`TokenSource`] must do.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join_all;

use super::{Verdict, ensure};
use crate::token::{AfterReject, Rejected, TokenSource};

/// Makes sources for the cases.
#[async_trait]
pub trait TokenSourceFixture: Send + Sync {
    /// A source whose token is good for a while and that can get another one.
    async fn source(&self) -> Arc<dyn TokenSource>;
}

/// One test per case: `token_source_suite!(#[tokio::test] MyFixture::new());`
#[macro_export]
macro_rules! token_source_suite {
    ($(#[$test:meta])+ $fixture:expr) => {
        $crate::__suite!($(#[$test])+ $fixture; token_source:
            a_valid_token_is_stable,
            callers_at_once_share_a_token,
            a_rejected_token_is_replaced,
            a_late_rejection_keeps_the_fresh_token,
            debug_shows_no_token,
        );
    };
}

/// A token that is good is given out again.
pub async fn a_valid_token_is_stable(fixture: &dyn TokenSourceFixture) -> Verdict {
    let source = fixture.source().await;
    let first = source.access_token().await?;
    for _ in 0..3 {
        let again = source.access_token().await?;
        ensure(again.is_same(&first), || "a new token was made although the old one is good".to_owned())?;
    }
    Ok(())
}

/// Callers at once get one token.
pub async fn callers_at_once_share_a_token(fixture: &dyn TokenSourceFixture) -> Verdict {
    let source = fixture.source().await;
    let mut first = None;
    for token in join_all((0..32).map(|_| source.access_token())).await {
        let token = token?;
        let first = first.get_or_insert_with(|| token.clone());
        ensure(token.is_same(first), || "callers at once got different tokens".to_owned())?;
    }
    Ok(())
}

/// After a 401 with the current token there is another one.
pub async fn a_rejected_token_is_replaced(fixture: &dyn TokenSourceFixture) -> Verdict {
    let source = fixture.source().await;
    let first = source.access_token().await?;
    let after = source.rejected(Rejected::new(first.clone())).await?;
    ensure(after == AfterReject::TryAgain, || "a first rejection was given up".to_owned())?;
    let second = source.access_token().await?;
    ensure(!second.is_same(&first), || "\"try again\", but with the rejected token".to_owned())
}

/// A 401 that comes late, for a token that is not current any more, throws nothing away.
pub async fn a_late_rejection_keeps_the_fresh_token(fixture: &dyn TokenSourceFixture) -> Verdict {
    let source = fixture.source().await;
    let first = source.access_token().await?;
    source.rejected(Rejected::new(first.clone())).await?;
    let second = source.access_token().await?;
    let after = source.rejected(Rejected::new(first)).await?;
    ensure(after == AfterReject::TryAgain, || "a late rejection was given up".to_owned())?;
    let third = source.access_token().await?;
    ensure(third.is_same(&second), || "a late rejection threw the fresh token away".to_owned())
}

/// Neither the source nor its token shows the secret.
pub async fn debug_shows_no_token(fixture: &dyn TokenSourceFixture) -> Verdict {
    let source = fixture.source().await;
    let token = source.access_token().await?;
    let shown = format!("{source:?} {source:#?} {token:?}");
    ensure(!shown.contains(token.expose()), || "Debug shows the token".to_owned())
}

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use async_trait::async_trait;
use chrono::DateTime;
use invitations_core::{
    Result,
    conformance::{TokenSourceFixture, token_source},
    secret::TokenText,
    token::{AccessToken, AfterReject, Rejected, TokenSource},
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    None,
    NewTokenPerCall,
    ChecksThenActs,
    KeepsTheRejected,
    DropsWhatIsFresh,
    ShowsTheToken,
}

struct Wrong(Fault, AtomicU32);

impl fmt::Debug for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let current = self.1.load(Ordering::SeqCst);
        if self.0 == Fault::ShowsTheToken { write!(f, "Wrong(token-{current})") } else { f.write_str("Wrong") }
    }
}

#[async_trait]
impl TokenSource for Wrong {
    async fn access_token(&self) -> Result<AccessToken> {
        let mut current = self.1.load(Ordering::SeqCst);
        if self.0 == Fault::ChecksThenActs && current == 1 {
            tokio::task::yield_now().await;
            current = self.1.fetch_add(1, Ordering::SeqCst) + 1;
        }
        if self.0 == Fault::NewTokenPerCall {
            current = self.1.fetch_add(1, Ordering::SeqCst);
        }
        Ok(AccessToken::new(TokenText::new(format!("token-{current}")), DateTime::UNIX_EPOCH))
    }

    async fn rejected(&self, rejected: Rejected) -> Result<AfterReject> {
        let current = self.access_token().await?.is_same(&rejected.token);
        if self.0 == Fault::DropsWhatIsFresh || (current && self.0 != Fault::KeepsTheRejected) {
            self.1.fetch_add(1, Ordering::SeqCst);
        }
        Ok(AfterReject::TryAgain)
    }
}

struct Fixture(Fault);

#[async_trait]
impl TokenSourceFixture for Fixture {
    async fn source(&self) -> Arc<dyn TokenSource> {
        Arc::new(Wrong(self.0, AtomicU32::new(1)))
    }
}

macro_rules! caught {
    ($($case:ident: $fault:ident),+ $(,)?) => {$(
        #[tokio::test]
        async fn $case() {
            assert_eq!(token_source::$case(&Fixture(Fault::None)).await, Ok(()));
            let verdict = token_source::$case(&Fixture(Fault::$fault)).await;
            assert!(verdict.is_err(), "the case does not see {:?}", Fault::$fault);
        }
    )+};
}

caught! {
    a_valid_token_is_stable: NewTokenPerCall,
    callers_at_once_share_a_token: ChecksThenActs,
    a_rejected_token_is_replaced: KeepsTheRejected,
    a_late_rejection_keeps_the_fresh_token: DropsWhatIsFresh,
    debug_shows_no_token: ShowsTheToken,
}

use std::sync::Arc;

use futures_util::future::join_all;
use invitations_core::{
    ErrorKind,
    runtime::{ManualClock, TokioSpawner},
    token::{AfterReject, ApplicationTokens, AuthorizationServer, GrantFailureClass, Rejected, TokenSource as _},
};

use super::world::{Fault, PLANTED, Server, drive, number, secs, settle};

fn set_up() -> (ManualClock, Arc<Server>, ApplicationTokens) {
    let clock = ManualClock::new(chrono::DateTime::UNIX_EPOCH);
    let server = Server::new(&clock, |_| {});
    let given = Arc::clone(&server) as Arc<dyn AuthorizationServer>;
    let tokens = ApplicationTokens::with_runtime(given, Arc::new(clock.clone()), Arc::new(TokioSpawner));
    (clock, server, tokens)
}

#[tokio::test]
async fn a_thousand_callers_cost_one_request() {
    let (clock, server, tokens) = set_up();
    server.will([Fault::Slow(secs(2))]);
    let all = drive(&clock, join_all((0..1000).map(|_| tokens.access_token()))).await;
    assert!(all.iter().all(|token| number(token.as_ref().unwrap()) == 1));
    assert_eq!(server.requests(), 1);
    assert!(!format!("{tokens:?} {all:?}").contains(&format!("access-{PLANTED}")));
}

#[tokio::test]
async fn a_failed_early_refresh_keeps_the_valid_token() {
    let (clock, server, tokens) = set_up();
    assert_eq!(number(&tokens.access_token().await.unwrap()), 1);
    server.will([Fault::Fail(GrantFailureClass::ClientMisconfigured)]);
    clock.advance(secs(2800));
    for _ in 0..3 {
        assert_eq!(number(&tokens.access_token().await.unwrap()), 1);
        settle().await;
    }
    clock.advance(secs(61));
    assert_eq!(number(&tokens.access_token().await.unwrap()), 1);
    settle().await;
    assert_eq!(number(&tokens.access_token().await.unwrap()), 2);
}

#[tokio::test]
async fn a_client_that_is_not_accepted_is_the_operators_matter() {
    let (clock, server, tokens) = set_up();
    for class in [GrantFailureClass::ClientMisconfigured, GrantFailureClass::GrantDead] {
        server.will([Fault::Fail(class)]);
        let error = drive(&clock, tokens.access_token()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Misconfigured);
        clock.advance(secs(61));
    }
    assert_eq!(number(&drive(&clock, tokens.access_token()).await.unwrap()), 1);
}

#[tokio::test]
async fn two_forced_refreshes_that_did_not_help_are_enough() {
    let (_clock, server, tokens) = set_up();
    for _ in 0..2 {
        let token = tokens.access_token().await.unwrap();
        assert_eq!(tokens.rejected(Rejected::new(token)).await.unwrap(), AfterReject::TryAgain);
    }
    let token = tokens.access_token().await.unwrap();
    assert_eq!(tokens.rejected(Rejected::new(token)).await.unwrap(), AfterReject::GiveUp);
    assert_eq!(server.requests(), 3);
}

//! What a token costs, counted.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use benches::Login;

/// The future of a call through `dyn TokenSource` is boxed; a token that is remembered takes nothing else from the heap.
#[tokio::test]
async fn a_warm_token_is_one_allocation_and_nobody_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let login = Login::open(&folder.path().join("tokens.db")).await.unwrap();
    let connections = login.connections().unwrap();
    let source = login.source(&connections);
    source.access_token().await.unwrap();
    let issued = login.issued();
    let counted = allocation_counter::measure(|| {
        for _ in 0..1_000 {
            let mut call = pin!(source.access_token());
            let Poll::Ready(token) = call.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
                panic!("a token that is there is waited for")
            };
            drop(token.unwrap());
        }
    });
    assert_eq!((counted.count_total, counted.count_current), (1_000, 0));
    assert_eq!(login.issued(), issued);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_cold_callers_cost_one_refresh() {
    let folder = tempfile::tempdir().unwrap();
    let login = Login::open(&folder.path().join("tokens.db")).await.unwrap();
    login.expire().await.unwrap();
    let connections = login.connections().unwrap();
    let before = login.issued();
    login.callers(&login.source(&connections), 10_000).await.unwrap();
    assert_eq!((login.issued() - before, connections.refreshes()), (1, 1));
    login.round_trip().await.unwrap();
}

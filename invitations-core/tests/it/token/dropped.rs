//! Callers that go away. At whichever of its waits a caller is dropped: what was begun is carried through.

use std::sync::atomic::Ordering;

use futures_util::{future::BoxFuture, poll};
use invitations_core::{
    ids::{ConnectionId, ProviderId},
    token::{Connection, ConnectionStatus, Rejected},
};

use super::world::{Fault, PLANTED, World, owner, secs, settle, state_of, tenant};

type Start = for<'a> fn(&'a World, &'a ConnectionId) -> BoxFuture<'a, ()>;
type Check = fn(&World, &Connection, bool) -> bool;

/// Drops the caller after 0, 1, 2 … polls, until it ends by itself. `check` says whether the work was begun, after it had time to end.
async fn at_every_wait(expired: bool, start: Start, check: Check) {
    let mut begun = 0;
    for polls in 0.. {
        let world = World::new();
        let id = world.connect("account").await;
        if expired {
            world.expire();
        }
        world.server.will([Fault::Slow(secs(2))]);
        world.store.waits.store(true, Ordering::SeqCst);
        let mut caller = start(&world, &id);
        let mut ended = false;
        for at in 0..polls {
            ended = poll!(&mut caller).is_ready();
            if ended {
                break;
            }
            tokio::task::yield_now().await;
            // only when nothing else can go on; then each poll has moved by one step
            if at % 50 == 49
                && let Some(wake) = world.clock.next_wake()
            {
                world.clock.advance(wake);
            }
        }
        drop(caller);
        settle().await;
        world.clock.advance(secs(3));
        settle().await;
        begun += usize::from(check(&world, &world.row(&id).await, ended));
        if ended {
            assert!(begun > 5, "begun in {begun} of {polls} cases");
            return;
        }
    }
}

fn refreshed(world: &World, row: &Connection, ended: bool) -> bool {
    let began = world.server.refreshes();
    assert!(began <= 1 && (began == 1 || !ended));
    assert_eq!((row.generation, &row.intent), (1 + began as u64, &None), "stored: {row:?}");
    began == 1
}

#[tokio::test]
async fn abuse_g08_a_caller_who_asks_for_a_token() {
    let start: Start = |world, id| {
        let source = world.source(id);
        Box::pin(async move { drop(source.access_token().await.unwrap()) })
    };
    at_every_wait(true, start, refreshed).await;
}

#[tokio::test]
async fn abuse_g08_a_caller_whose_token_was_rejected() {
    let start: Start = |world, id| {
        let source = world.source(id);
        Box::pin(async move {
            let token = source.access_token().await.unwrap();
            source.rejected(Rejected::new(token)).await.unwrap();
        })
    };
    at_every_wait(false, start, refreshed).await;
}

#[tokio::test]
async fn abuse_g08_a_job_that_refreshes_what_is_due() {
    let start: Start = |world, _| Box::pin(async { assert_eq!(world.connections.run_once(10).await.unwrap(), 1) });
    at_every_wait(true, start, refreshed).await;
}

#[tokio::test]
async fn abuse_g08_a_browser_that_comes_back() {
    let start: Start = |world, _| {
        Box::pin(async {
            let provider = ProviderId::parse("provider").unwrap();
            let url = world.connections.begin(&tenant(), &owner(), &provider, "/").await.unwrap();
            let query = format!("code=c&state={}", state_of(&url));
            world.connections.callback(&query, &owner()).await.result.unwrap();
        })
    };
    at_every_wait(false, start, |world, row, ended| {
        let redeemed = world.server.requests() == 2;
        assert!(redeemed || !ended);
        assert_eq!(row.epoch, 1 + u64::from(redeemed), "the code works once: {row:?}");
        redeemed
    })
    .await;
}

#[tokio::test]
async fn abuse_g08_a_disconnect() {
    let start: Start =
        |world, id| Box::pin(async move { drop(world.connections.disconnect(&tenant(), id).await.unwrap()) });
    at_every_wait(false, start, |world, row, ended| {
        let gone = row.status == ConnectionStatus::Revoked;
        assert!(gone || (!ended && row.status == ConnectionStatus::Valid), "{row:?}");
        let told = if gone { vec![format!("refresh-{PLANTED}-1")] } else { Vec::new() };
        assert_eq!(world.server.revoked(), told);
        gone
    })
    .await;
}

//! Commits that wait at the same time share a transaction, and nothing else.

use std::{
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll, Waker},
};

use futures_util::future::join_all;
use invitations_core::{
    ErrorKind, Result,
    invitation::{Commit, InvitationStore, Refusal, store::Delivered},
};
use invitations_sqlx::SqliteStore;

use crate::{
    counting,
    fixture::{Fixture, invitation, tenant},
};

async fn some(store: &SqliteStore, names: impl IntoIterator<Item = String>) -> Vec<Commit> {
    let now = InvitationStore::now(store).await.unwrap();
    names.into_iter().map(|name| invitation(&name, now)).collect()
}

async fn all(store: &SqliteStore, commits: &[Commit]) -> Vec<Result<u64>> {
    join_all(commits.iter().map(|commit| InvitationStore::commit(store, commit))).await
}

/// Whether it is there; never in part.
async fn is_whole(store: &SqliteStore, commit: &Commit) -> bool {
    let row = store.load(&tenant(), &commit.id).await.unwrap();
    let events = store.history(&tenant(), &commit.id).await.unwrap();
    let hold: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM inv_hold WHERE name = 'membership\n' || $1")
        .bind(format!("{}@people.example", commit.id))
        .fetch_one(store.pool())
        .await
        .unwrap();
    assert_eq!((row.is_some(), row.is_some()), (!events.is_empty(), hold == 1), "{} is there in part", commit.id);
    row.is_some()
}

#[tokio::test]
async fn a_thousand_at_once_use_few_transactions() {
    let fixture = Fixture::new();
    let (store, count) = counting::open(&fixture).await;
    let commits = some(&store, (0..1000).map(|number| format!("i{number}"))).await;
    for answer in all(&store, &commits).await {
        assert_eq!(answer.unwrap(), 1);
    }
    assert_eq!(count.commits(), 1000_usize.div_ceil(64));
    let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM inv_event").fetch_one(store.pool()).await.unwrap();
    assert_eq!(rows, 1000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_on_threads_share_too() {
    let fixture = Fixture::new();
    let (store, count) = counting::open(&fixture).await;
    let tasks: Vec<_> = some(&store, (0..512).map(|number| format!("i{number}")))
        .await
        .into_iter()
        .map(|commit| {
            let store = store.clone();
            tokio::spawn(async move { InvitationStore::commit(&store, &commit).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap(), 1);
    }
    assert!(count.commits() <= 512 / 8, "every caller has a transaction of its own");
}

#[tokio::test]
async fn a_lone_caller_waits_for_nobody() {
    let fixture = Fixture::new();
    let (store, count) = counting::open(&fixture).await;
    for commit in some(&store, (0..5).map(|number| format!("i{number}"))).await {
        InvitationStore::commit(&store, &commit).await.unwrap();
    }
    assert_eq!(count.commits(), 5);
}

#[tokio::test]
async fn a_refused_one_leaves_its_neighbours_whole() {
    let fixture = Fixture::new();
    let (store, count) = counting::open(&fixture).await;
    let mut commits = some(&store, ["a", "rival", "b", "late", "c", "again"].map(str::to_owned)).await;
    // refused by the address that the first one holds, after its own row was written
    commits[1].state.invitees = commits[0].state.invitees.clone();
    // of a version that nobody has written
    commits[3].expected = Some(7);
    // there already, by the first one
    commits[5] = commits[0].clone();
    let answers = all(&store, &commits).await;
    assert_eq!(count.commits(), 1, "one transaction");
    for place in [0, 2, 4] {
        assert_eq!(answers[place].as_ref().unwrap(), &1);
        assert!(is_whole(&store, &commits[place]).await);
    }
    let refused = answers[1].as_ref().unwrap_err();
    assert_eq!(refused.refusal(), Some(&Refusal::Duplicate { of: commits[0].id.clone() }));
    assert_eq!(answers[3].as_ref().unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(answers[5].as_ref().unwrap_err().kind(), ErrorKind::AlreadyExists);
    for place in [1, 3] {
        assert!(!is_whole(&store, &commits[place]).await);
    }
}

#[tokio::test]
async fn what_one_releases_the_next_may_hold() {
    let fixture = Fixture::new();
    let (store, count) = counting::open(&fixture).await;
    let mut first = some(&store, ["a".to_owned()]).await.remove(0);
    InvitationStore::commit(&store, &first).await.unwrap();
    count.commits();
    let mut second = some(&store, ["b".to_owned()]).await.remove(0);
    second.state.invitees = std::mem::replace(&mut first.state.invitees, second.state.invitees.clone());
    (first.expected, first.events) = (Some(1), Vec::new());
    let answers = all(&store, &[first.clone(), second.clone()]).await;
    assert_eq!(answers.into_iter().collect::<Result<Vec<_>>>().unwrap(), [2, 1]);
    assert_eq!(count.commits(), 1);
}

#[tokio::test]
async fn one_that_ends_the_transaction_does_not_take_the_others_with_it() {
    let fixture = Fixture::new();
    let (store, count) = counting::open(&fixture).await;
    sqlx::query(
        "CREATE TRIGGER poison BEFORE INSERT ON inv_event WHEN NEW.event LIKE '%poison%' \
         BEGIN SELECT RAISE(ROLLBACK, 'poison'); END",
    )
    .execute(store.pool())
    .await
    .unwrap();
    count.commits();
    let commits = some(&store, ["a", "poison", "b"].map(str::to_owned)).await;
    let answers = all(&store, &commits).await;
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    for (commit, answer) in commits.iter().zip(&answers) {
        assert_eq!(is_whole(&store, commit).await, answer.is_ok());
    }
    assert_eq!(count.commits(), 2, "each by itself");
    // the connections are as good as before
    let more = some(&store, (0..30).map(|number| format!("i{number}"))).await;
    for commit in &more {
        InvitationStore::commit(&store, commit).await.unwrap();
    }
}

#[tokio::test]
async fn a_failed_commit_is_everybodys() {
    let fixture = Fixture::new();
    let (store, count) = counting::open(&fixture).await;
    let mut commits = some(&store, ["a", "b", "late"].map(str::to_owned)).await;
    commits[2].expected = Some(7);
    count.refuse(true);
    let texts: Vec<String> =
        all(&store, &commits).await.into_iter().map(|answer| format!("{:?}", answer.unwrap_err())).collect();
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    count.refuse(false);
    for commit in &commits {
        assert!(!is_whole(&store, commit).await);
    }
    for commit in &commits[..2] {
        for _ in 0..2 {
            let _ = InvitationStore::commit(&store, commit).await;
        }
        assert!(is_whole(&store, commit).await);
    }
}

type Writing<'a> = Pin<Box<dyn Future<Output = Result<u64>> + Send + 'a>>;

/// Whoever goes away, whenever: nobody else loses an answer, and nothing is there in part.
#[tokio::test]
async fn callers_may_go_away_at_every_wait() {
    let fixture = Fixture::new();
    let (store, _) = counting::open(&fixture).await;
    let (mut whole, mut absent) = (0, 0);
    for polls in 0..60_usize {
        // the first, who starts it, one in the middle, the last
        for gone in [0, 2, 4] {
            let commits = some(&store, (0..5).map(|number| format!("i{polls}.{gone}.{number}"))).await;
            let mut writing: Vec<Option<Writing<'_>>> =
                commits.iter().map(|commit| Some(InvitationStore::commit(&store, commit))).collect();
            for _ in 0..polls {
                for place in &mut writing {
                    let polled = place.as_mut().map(|one| one.as_mut().poll(&mut Context::from_waker(Waker::noop())));
                    if let Some(Poll::Ready(done)) = polled {
                        done.unwrap();
                        *place = None;
                    }
                }
                tokio::task::spawn_blocking(|| ()).await.unwrap();
            }
            writing[gone] = None;
            // a later one gets through although nobody asks after the earlier ones
            let later = some(&store, [format!("later.{polls}.{gone}")]).await.remove(0);
            InvitationStore::commit(&store, &later).await.unwrap();
            for done in join_all(writing.into_iter().flatten()).await {
                assert_eq!(done.unwrap(), 1);
            }
            for (place, commit) in commits.iter().enumerate() {
                let there = is_whole(&store, commit).await;
                assert!(there || place == gone, "{place} of those who stayed is not there");
                if place == gone {
                    if there { whole += 1 } else { absent += 1 }
                }
            }
        }
    }
    assert!(whole > 0 && absent > 0, "{whole} whole, {absent} not there");
}

/// Those who write for themselves have their place among the commits.
#[tokio::test]
async fn nobody_is_overtaken_by_more_than_a_batch() {
    let fixture = Fixture::new();
    let (store, _) = counting::open(&fixture).await;
    let commits = some(&store, (0..600).map(|number| format!("i{number}"))).await;
    let done = AtomicUsize::new(0);
    let write = async |commit| {
        InvitationStore::commit(&store, commit).await.unwrap();
        done.fetch_add(1, Ordering::SeqCst);
    };
    let (first, second) = commits.split_at(300);
    let alone = async {
        store.delivered(1, 1, Delivered::Done).await.unwrap();
        done.load(Ordering::SeqCst)
    };
    let (_, before, _) = tokio::join!(join_all(first.iter().map(write)), alone, join_all(second.iter().map(write)));
    assert!(before <= 300 + 64, "{before} were faster");
    assert_eq!(done.into_inner(), 600);
}

/// Waiting for a turn and going away loses nobody's turn.
#[tokio::test]
async fn a_turn_that_nobody_takes_goes_on() {
    let fixture = Fixture::new();
    let (store, _) = counting::open(&fixture).await;
    let commits = some(&store, (0..40).map(|number| format!("i{number}"))).await;
    for (polls, commit) in commits.iter().enumerate() {
        {
            // a report of a delivery is a write of its own
            let mut first = store.delivered(1, 1, Delivered::Done);
            let mut second = store.delivered(2, 1, Delivered::Done);
            for _ in 0..polls {
                let cx = &mut Context::from_waker(Waker::noop());
                if first.as_mut().poll(cx).is_ready() || second.as_mut().poll(cx).is_ready() {
                    break;
                }
                tokio::task::spawn_blocking(|| ()).await.unwrap();
            }
        }
        assert_eq!(InvitationStore::commit(&store, commit).await.unwrap(), 1);
    }
}

/// A runtime may be shut down in the middle of a batch while the store lives on in another one.
#[test]
fn a_runtime_that_ends_locks_nobody_out() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let living = runtime();
    let fixture = Fixture::new();
    let (store, _) = living.block_on(counting::open(&fixture));
    for polls in 0..40_usize {
        let commits = living.block_on(some(&store, (0..3).map(|number| format!("i{polls}.{number}"))));
        {
            let mut writing: Vec<Writing<'_>> =
                commits.iter().map(|commit| InvitationStore::commit(&store, commit)).collect();
            runtime().block_on(async {
                for _ in 0..polls {
                    let poll = |one: &mut Writing<'_>| one.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                    writing.retain_mut(|one| poll(one).is_pending());
                    tokio::task::spawn_blocking(|| ()).await.unwrap();
                }
            });
        }
        living.block_on(async {
            let next = some(&store, [format!("next{polls}")]).await.remove(0);
            assert_eq!(InvitationStore::commit(&store, &next).await.unwrap(), 1);
            for commit in &commits {
                is_whole(&store, commit).await;
            }
        });
    }
}

//! Several stores on one file, as several processes would have.

use std::{
    collections::HashSet,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use invitations_core::{
    ErrorKind,
    ids::WorkerId,
    invitation::{
        Claim, Claimed, InvitationStore,
        link::{LinkPurpose, StoredLink},
        store::OutboxWrite,
    },
    secret::Sealed,
};
use invitations_sqlx::SqliteStore;

use crate::fixture::{Fixture, invitation, tenant};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_row_is_claimed_by_one_process() {
    let fixture = Fixture::new();
    let first = fixture.open().await;
    let now = InvitationStore::now(&first).await.unwrap();
    for number in 0..40 {
        let mut commit = invitation(&format!("i{number}"), now);
        commit.outbox.push(OutboxWrite::new("invited", Sealed::from_bytes(vec![1, 2, 3])));
        InvitationStore::commit(&first, &commit).await.unwrap();
    }
    let mut tasks = Vec::new();
    for number in 0..8 {
        let store = fixture.open().await;
        tasks.push(tokio::spawn(async move {
            let worker = WorkerId::parse(format!("w{number}")).unwrap();
            let claim = Claim::new(worker, Duration::from_secs(60), 3);
            let mut taken = Vec::new();
            loop {
                let rows = store.claim(&claim).await.unwrap();
                if rows.is_empty() && store.next_due().await.unwrap().is_none_or(|due| due > now) {
                    return taken;
                }
                taken.extend(rows);
            }
        }));
    }
    let mut seen = HashSet::new();
    for task in tasks {
        for row in task.await.unwrap() {
            let Claimed::Delivery { row, .. } = row else { panic!("{row:?}") };
            assert!(seen.insert(row), "row {row} was taken twice");
        }
    }
    assert_eq!(seen.len(), 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_process_wins_a_version() {
    let fixture = Fixture::new();
    let first = fixture.open().await;
    let now = InvitationStore::now(&first).await.unwrap();
    let insert = invitation("a", now);
    InvitationStore::commit(&first, &insert).await.unwrap();
    let mut update = insert.clone();
    update.expected = Some(1);
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let (store, update) = (fixture.open().await, update.clone());
        tasks.push(tokio::spawn(async move { InvitationStore::commit(&store, &update).await }));
    }
    let mut won = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(version) => {
                assert_eq!(version, 2);
                won += 1;
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error}"),
        }
    }
    assert_eq!(won, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_file_is_opened_by_many_at_once() {
    let fixture = Fixture::new();
    let path = fixture.path();
    let tasks: Vec<_> = (0..8).map(|_| tokio::spawn(SqliteStore::open(path.clone()))).collect();
    for task in tasks {
        let store = task.await.unwrap().unwrap();
        assert_eq!(store.next_due().await.unwrap(), None);
    }
}

/// A commit may be dropped at any of its waits: then all of it is there or nothing, and others can write.
#[tokio::test]
async fn a_dropped_commit_is_whole_or_not_there() {
    let fixture = Fixture::new();
    let store = Arc::new(fixture.open().await);
    let now = InvitationStore::now(&*store).await.unwrap();
    let (mut whole, mut absent) = (0, 0);
    for polls in 0..40_u8 {
        let mut commit = invitation(&format!("i{polls}"), now);
        let link = StoredLink::new(tenant(), commit.id.clone(), LinkPurpose::Answer, 1, [polls; 12], [0; 32]);
        commit.links.push(link);
        {
            let mut writing = pin!(InvitationStore::commit(&*store, &commit));
            for _ in 0..polls {
                if let Poll::Ready(done) = writing.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                    done.unwrap();
                    break;
                }
                tokio::task::spawn_blocking(|| ()).await.unwrap();
            }
        }
        // nobody is locked out; and what was on its way to the disk has arrived
        InvitationStore::commit(&*store, &invitation(&format!("next{polls}"), now)).await.unwrap();
        let row = store.load(&tenant(), &commit.id).await.unwrap();
        let link = store.find_link(&[polls; 12]).await.unwrap();
        let events = store.history(&tenant(), &commit.id).await.unwrap();
        assert_eq!((row.is_some(), row.is_some()), (link.is_some(), !events.is_empty()), "after {polls} polls");
        if row.is_some() { whole += 1 } else { absent += 1 }
    }
    assert!(absent > 0, "no commit was cut off ({whole} whole)");
}

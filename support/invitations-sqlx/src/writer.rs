//! One writer at a time, in the order of asking; commits that wait at the same time share a transaction.
//!
//! SQLite lets one writer in and does not queue, and what a commit costs is the wait for the disk. Whoever comes while nobody writes
//! writes at once; whoever comes meanwhile is in the next transaction. A batch is written by a task that owns it, so that it does not
//! matter who of its callers goes away; the task ends when nobody waits.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    invitation::Commit,
    runtime::{Spawner as _, TokioSpawner},
};
use sqlx::SqlitePool;
use tokio::sync::oneshot;

use crate::{batch, commit_in::COMMIT};

/// How many commits share a transaction at most: by then the wait for the disk is a small part, and those behind wait longer.
const BATCH: usize = 64;

/// The queue of this process's writers.
#[derive(Debug)]
pub(crate) struct Writers {
    pool: SqlitePool,
    line: Mutex<Line>,
}

#[derive(Debug, Default)]
struct Line {
    /// Whether somebody has the turn.
    busy: bool,
    waiting: VecDeque<Waiting>,
}

#[derive(Debug)]
enum Waiting {
    /// Is written for its caller.
    Commit(Item),
    /// Writes for itself.
    Turn(oneshot::Sender<Turn>),
}

/// A commit, and who waits for it.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) commit: Box<Commit>,
    /// The time at which it was asked for.
    pub(crate) now: i64,
    pub(crate) answer: oneshot::Sender<Result<u64>>,
}

impl Waiting {
    fn is_gone(&self) -> bool {
        match self {
            Self::Commit(item) => item.answer.is_closed(),
            Self::Turn(caller) => caller.is_closed(),
        }
    }
}

impl Writers {
    pub(crate) fn new(pool: SqlitePool) -> Arc<Self> {
        Arc::new(Self { pool, line: Mutex::default() })
    }

    /// Writes the commit, together with those that wait at the same time. Dropped, it is written or not, never in part.
    pub(crate) async fn commit(self: &Arc<Self>, commit: &Commit, now: i64) -> Result<u64> {
        let (answer, answered) = oneshot::channel();
        let item = Item { commit: Box::new(commit.clone()), now, answer };
        if let Some(turn) = self.join(Waiting::Commit(item)) {
            begin(turn);
        }
        answered.await.unwrap_or_else(|_| {
            // its runtime was shut down in the middle
            Err(Error::new(ErrorKind::Unavailable, COMMIT).with_retry(RetryClass::Unclear { after: None }))
        })
    }

    /// Waits until nobody else of this process writes.
    pub(crate) async fn turn(self: &Arc<Self>) -> Turn {
        loop {
            let (caller, called) = oneshot::channel();
            if let Some(turn) = self.join(Waiting::Turn(caller)) {
                // the first in the line, if that is another one
                drop(turn);
            }
            if let Ok(turn) = called.await {
                return turn;
            }
        }
    }

    /// Queues; whoever finds that nobody writes gets the turn, to pass it on.
    fn join(self: &Arc<Self>, who: Waiting) -> Option<Turn> {
        let mut line = self.line();
        line.waiting.push_back(who);
        (!std::mem::replace(&mut line.busy, true)).then(|| Turn(Some(Arc::clone(self))))
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to write. Dropped, it goes to who has waited longest.
#[derive(Debug)]
pub(crate) struct Turn(Option<Arc<Writers>>);

impl Drop for Turn {
    fn drop(&mut self) {
        // not by recursion: many may have gone away
        let mut held = self.0.take();
        while let Some(writers) = held {
            let mut line = writers.line();
            let Some(next) = line.first() else {
                line.busy = false;
                return;
            };
            drop(line);
            let turn = Self(Some(writers));
            held = match next {
                First::Commits => {
                    begin(turn);
                    None
                }
                First::Turn(caller) => caller.send(turn).err().and_then(|mut turn| turn.0.take()),
            };
        }
    }
}

enum First {
    /// They stay in the line.
    Commits,
    Turn(oneshot::Sender<Turn>),
}

impl Line {
    /// Who is next, without those who went away.
    fn first(&mut self) -> Option<First> {
        while let Some(next) = self.waiting.pop_front() {
            if next.is_gone() {
                continue;
            }
            match next {
                Waiting::Turn(caller) => return Some(First::Turn(caller)),
                commit @ Waiting::Commit(_) => {
                    self.waiting.push_front(commit);
                    return Some(First::Commits);
                }
            }
        }
        None
    }

    /// The next commits, when a commit is next. They may overtake those who write for themselves, by one batch at most.
    fn batch(&mut self) -> Vec<Item> {
        let mut batch = Vec::new();
        let mut overtaken = Vec::new();
        while batch.len() < BATCH
            && let Some(next) = self.waiting.pop_front()
        {
            if next.is_gone() {
                continue;
            }
            match next {
                Waiting::Commit(item) => batch.push(item),
                turn @ Waiting::Turn(_) => {
                    overtaken.push(turn);
                    if batch.is_empty() {
                        break;
                    }
                }
            }
        }
        for turn in overtaken.into_iter().rev() {
            self.waiting.push_front(turn);
        }
        batch
    }
}

/// Writes in a task of its own.
fn begin(turn: Turn) {
    let offered = Arc::new(Mutex::new(Some(turn)));
    let taken = Arc::clone(&offered);
    TokioSpawner.spawn(Box::pin(async move {
        let turn = taken.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(taken);
        if let Some(turn) = turn {
            lead(turn).await;
        }
    }));
    // a runtime that is shut down drops the task at once, and a turn that is dropped begins again: without end, if it were still in there
    let refused = Arc::into_inner(offered).and_then(|turn| turn.into_inner().unwrap_or_else(PoisonError::into_inner));
    if let Some(turn) = refused {
        std::thread::spawn(move || TokioSpawner.spawn(Box::pin(lead(turn))));
    }
}

/// Writes batch after batch, as long as commits are next.
async fn lead(turn: Turn) {
    let Some(writers) = &turn.0 else { return };
    loop {
        let batch = writers.line().batch();
        if batch.is_empty() {
            return;
        }
        batch::write(&writers.pool, batch).await;
    }
}

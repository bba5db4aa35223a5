//! A store whose transactions and statements are counted.

use std::{
    collections::HashMap,
    fmt::{self, Write as _},
    sync::{
        Arc, Mutex, Once,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use invitations_sqlx::SqliteStore;
use sqlx::{Connection as _, sqlite::SqlitePoolOptions};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use crate::fixture::Fixture;

#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    commits: Arc<AtomicUsize>,
    refuse: Arc<AtomicBool>,
    store: usize,
}

impl Counts {
    /// How many transactions were committed since the last time, as SQLite tells.
    pub(crate) fn commits(&self) -> usize {
        self.commits.swap(0, Ordering::SeqCst)
    }

    /// What sqlx has sent since the last time, but for BEGIN and COMMIT.
    pub(crate) fn statements(&self) -> Vec<String> {
        SENT.lock().unwrap().as_mut().and_then(|sent| sent.remove(&self.store)).unwrap_or_default()
    }

    /// Counts from here on.
    pub(crate) async fn reset(&self, store: &SqliteStore) {
        self.settle(store).await;
        self.commits();
        self.statements();
    }

    /// Waits until everything that was sent is known.
    pub(crate) async fn settle(&self, store: &SqliteStore) {
        // sqlx logs a statement a little after its answer: by the answer to a ping it has
        let mut connections = Vec::new();
        for _ in 0..store.pool().size() {
            connections.push(store.pool().acquire().await.unwrap());
        }
        for connection in &mut connections {
            connection.ping().await.unwrap();
        }
    }

    /// Whether COMMIT fails from now on.
    pub(crate) fn refuse(&self, refuse: bool) {
        self.refuse.store(refuse, Ordering::SeqCst);
    }
}

pub(crate) async fn open(fixture: &Fixture) -> (SqliteStore, Counts) {
    static STORES: AtomicUsize = AtomicUsize::new(0);
    static LISTEN: Once = Once::new();
    LISTEN.call_once(|| tracing::subscriber::set_global_default(Log).unwrap());
    let counts = Counts { store: STORES.fetch_add(1, Ordering::SeqCst), ..Counts::default() };
    let (seen, store) = (counts.clone(), counts.store);
    let pool = SqlitePoolOptions::new()
        .after_connect(move |connection, _| {
            let seen = seen.clone();
            Box::pin(async move {
                connection.lock_handle().await?.set_commit_hook(move || {
                    seen.commits.fetch_add(1, Ordering::SeqCst);
                    !seen.refuse.load(Ordering::SeqCst)
                });
                Ok(())
            })
        })
        .connect_with(
            // sqlx logs a statement on the thread of its connection: by the name it is known whose it is
            SqliteStore::connect_options(fixture.path()).thread_name(move |_| format!("{THREAD}{store}")),
        )
        .await
        .unwrap();
    let store = SqliteStore::with_pool(pool).await.unwrap().with_clock(Arc::new(fixture.clock.clone()));
    counts.reset(&store).await;
    (store, counts)
}

const THREAD: &str = "counted-";

static SENT: Mutex<Option<HashMap<usize, Vec<String>>>> = Mutex::new(None);

struct Log;

impl Subscriber for Log {
    fn enabled(&self, about: &Metadata<'_>) -> bool {
        about.target() == "sqlx::query"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let thread = thread::current();
        let store = thread.name().and_then(|name| name.strip_prefix(THREAD)).and_then(|number| number.parse().ok());
        if let Some(store) = store {
            let mut text = Text::default();
            event.record(&mut text);
            // the summary is the whole of a short statement
            let statement = if text.statement.trim().is_empty() { text.summary } else { text.statement };
            let statement = statement.trim().to_owned();
            if statement.starts_with("PRAGMA") {
                return; // a new connection's settings
            }
            SENT.lock().unwrap().get_or_insert_default().entry(store).or_default().push(statement);
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Text {
    summary: String,
    statement: String,
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.statement),
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        if write!(text, "{value:?}").is_ok() {
            self.record_str(field, &text);
        }
    }
}

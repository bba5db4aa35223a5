//! What sqlx has sent.

use std::{
    collections::HashMap,
    fmt::{self, Write as _},
    sync::{
        Mutex, Once, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use sqlx::{Connection as _, SqlitePool, sqlite::SqliteConnectOptions};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// The statements of some connections.
#[derive(Debug)]
pub(crate) struct Statements(usize);

impl Statements {
    pub(crate) fn listen() -> Self {
        static LISTEN: Once = Once::new();
        static LISTENERS: AtomicUsize = AtomicUsize::new(0);
        LISTEN.call_once(|| tracing::subscriber::set_global_default(Log).unwrap());
        Self(LISTENERS.fetch_add(1, Ordering::SeqCst))
    }

    /// sqlx logs a statement on the thread of its connection: by the name it is known whose it is.
    pub(crate) fn of(&self, options: SqliteConnectOptions) -> SqliteConnectOptions {
        let listener = self.0;
        options.thread_name(move |_| format!("{THREAD}{listener}"))
    }

    /// What was sent since the last time, but for BEGIN and COMMIT. sqlx logs a statement a little after its answer: by the answer
    /// to a ping it has.
    pub(crate) async fn sent(&self, pool: &SqlitePool) -> Vec<String> {
        let mut connections = Vec::new();
        for _ in 0..pool.size() {
            connections.push(pool.acquire().await.unwrap());
        }
        for connection in &mut connections {
            connection.ping().await.unwrap();
        }
        let mut sent = SENT.lock().unwrap_or_else(PoisonError::into_inner);
        sent.as_mut().and_then(|sent| sent.remove(&self.0)).unwrap_or_default()
    }
}

const THREAD: &str = "heard-";

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
        let listener = thread.name().and_then(|name| name.strip_prefix(THREAD)).and_then(|number| number.parse().ok());
        let Some(listener) = listener else { return };
        let mut text = Text::default();
        event.record(&mut text);
        // the summary is the whole of a short statement
        let statement = if text.statement.trim().is_empty() { text.summary } else { text.statement };
        // sqlx lays a long one out anew
        let statement = statement.split_whitespace().collect::<Vec<_>>().join(" ");
        if !statement.starts_with("PRAGMA") {
            let mut sent = SENT.lock().unwrap_or_else(PoisonError::into_inner);
            sent.get_or_insert_default().entry(listener).or_default().push(statement);
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

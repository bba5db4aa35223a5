//! The raw acceptance sends what the store sends, word for word: otherwise its ratio says nothing.

use std::{
    fmt::{self, Write as _},
    sync::{Mutex, PoisonError},
};

use benches::{House, Kind, Raw};
use invitations_sqlx::SqliteStore;
use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqlitePoolOptions};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

#[tokio::test]
async fn raw_and_store_send_the_same() {
    tracing::subscriber::set_global_default(Log).unwrap();
    for kind in Kind::ALL {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("invitations.db");
        // one connection, so that one ping is enough
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(SqliteStore::connect_options(&file));
        let store = SqliteStore::with_pool(pool.await.unwrap()).await.unwrap();
        let house = House::over(store, kind, false).unwrap();
        let writer = SqliteStore::connect_options(&file).connect().await.unwrap();
        let raw = Raw::over(house.pool.clone(), writer);
        let (ours, theirs) = (house.invite(1).await.unwrap(), house.invite_for_raw(1).await.unwrap());

        sent(&house).await;
        house.accept(&ours[0]).await.unwrap();
        let by_us = sent(&house).await;
        raw.accept(theirs).await.unwrap();
        raw.ping().await.unwrap();
        assert_eq!(by_us, sent(&house).await, "{kind:?}");
        assert!(by_us.iter().any(|text| text.starts_with("UPDATE inv_invitation")), "{by_us:?}");
        house.check(2).await.unwrap();
        assert!(house.check(1).await.is_err());
    }
}

static SENT: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// What was sent since the last time. sqlx logs a statement a little after its answer: by the answer to a ping it has.
async fn sent(house: &House) -> Vec<String> {
    house.pool.acquire().await.unwrap().ping().await.unwrap();
    let mut sent = std::mem::take(&mut *SENT.lock().unwrap_or_else(PoisonError::into_inner));
    sent.retain(|text| !text.starts_with("PRAGMA"));
    // the raw writer is a connection of its own, and logs on its own
    sent.sort_unstable();
    sent
}

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
        let mut text = Text::default();
        event.record(&mut text);
        // the summary is the whole of a short statement
        let statement = if text.statement.trim().is_empty() { text.summary } else { text.statement };
        // sqlx lays a long one out anew
        let statement = statement.split_whitespace().collect::<Vec<_>>().join(" ");
        SENT.lock().unwrap_or_else(PoisonError::into_inner).push(statement);
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

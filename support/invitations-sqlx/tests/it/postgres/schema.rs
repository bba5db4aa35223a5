//! A schema of its own for each test, so that they run side by side; it goes away with its value.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use async_trait::async_trait;
use chrono::DateTime;
use invitations_core::{conformance::TokenStoreFixture, runtime::ManualClock, token::TokenStore};
use invitations_sqlx::PgStore;
use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::runtime::Builder;

/// A skipped test would look like one that passed: who has switched the feature on means it.
pub(crate) fn url() -> String {
    std::env::var("DATABASE_URL").unwrap_or_else(|_| {
        panic!(
            "DATABASE_URL says no PostgreSQL: run `cargo xtask postgres -- cargo test …`, or leave the feature `postgres` out"
        )
    })
}

pub(crate) struct Schema {
    pub(crate) name: String,
    pub(crate) clock: Clock,
}

/// Which clock decides.
pub(crate) enum Clock {
    Given(ManualClock),
    /// The database's, which the test moves.
    Databases,
}

impl Schema {
    /// On a clock that the test moves.
    pub(crate) fn new() -> Self {
        let start = DateTime::from_timestamp(1_800_000_000, 123_456_789).unwrap();
        Self::with(Clock::Given(ManualClock::new(start)))
    }

    /// On the database's clock, a year ahead of everybody else's.
    pub(crate) fn on_the_databases_clock() -> Self {
        let schema = Self::with(Clock::Databases);
        schema.run(
            "CREATE TABLE ahead (by INTERVAL NOT NULL); INSERT INTO ahead VALUES ('1 year'); \
             CREATE FUNCTION statement_timestamp() RETURNS TIMESTAMPTZ STABLE LANGUAGE sql AS \
             'SELECT pg_catalog.statement_timestamp() + (SELECT by FROM ahead)'",
        );
        schema
    }

    fn with(clock: Clock) -> Self {
        static SCHEMAS: AtomicU32 = AtomicU32::new(0);
        let name = format!("inv_test_{}_{}", std::process::id(), SCHEMAS.fetch_add(1, Ordering::SeqCst));
        // one that a killed process of the same number left behind
        run(url(), format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}")).unwrap();
        Self { name, clock }
    }

    /// Ours before the database's own, so that a test can put another clock in its place.
    pub(crate) fn options(&self) -> PgConnectOptions {
        let options: PgConnectOptions = url().parse().unwrap();
        options.application_name(&self.name).options([("search_path", format!("{},pg_catalog", self.name))])
    }

    pub(crate) async fn pool(&self) -> PgPool {
        self.pool_with(self.options()).await
    }

    pub(crate) async fn pool_with(&self, options: PgConnectOptions) -> PgPool {
        // few: a server that others use, too, has few
        PgPoolOptions::new().max_connections(4).connect_with(options).await.unwrap()
    }

    /// Opens it; each call as another process would.
    pub(crate) async fn open(&self) -> PgStore {
        self.open_with(self.options()).await
    }

    pub(crate) async fn open_with(&self, options: PgConnectOptions) -> PgStore {
        let store = PgStore::with_pool(self.pool_with(options).await).await.unwrap();
        match &self.clock {
            Clock::Given(clock) => store.with_clock(Arc::new(clock.clone())),
            Clock::Databases => store,
        }
    }

    /// Runs statements in the schema.
    pub(crate) fn run(&self, text: &str) {
        self.try_to_run(text).unwrap();
    }

    pub(crate) fn try_to_run(&self, text: &str) -> sqlx::Result<()> {
        run(url(), format!("SET search_path = {},pg_catalog; {text}", self.name))
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let name = &self.name;
        // a dropped transaction is rolled back by a task, and this waits in the way of it
        let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'");
        // a test that has failed says more than this could
        let _ = run(url(), format!("{end}; DROP SCHEMA IF EXISTS {name} CASCADE"));
    }
}

/// In a thread of its own, because a runtime cannot wait inside another.
fn run(url: String, text: String) -> sqlx::Result<()> {
    let work = async move {
        let mut connection = PgConnection::connect(&url).await?;
        sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await?;
        connection.close().await
    };
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    thread::spawn(move || runtime.block_on(work)).join().unwrap()
}

#[async_trait]
impl TokenStoreFixture for Schema {
    async fn store(&self) -> Arc<dyn TokenStore> {
        Arc::new(self.open().await)
    }

    async fn pass(&self, time: Duration) {
        match &self.clock {
            Clock::Given(clock) => clock.advance(time),
            Clock::Databases => self.run(&format!("UPDATE ahead SET by = by + INTERVAL '{} s'", time.as_secs_f64())),
        }
    }
}

//! A schema of PostgreSQL for one fleet; it goes away with who made it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use invitations_sqlx::PgStore;
use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::runtime::Builder;

/// How many connections a process has: eight of them are one test, and others use the server, too.
const CONNECTIONS: u32 = 4;

#[derive(Clone, Debug)]
pub(crate) struct Schema {
    name: String,
    _made: Option<Arc<Made>>,
}

#[derive(Debug)]
struct Made(String);

impl Schema {
    pub(crate) fn new() -> Self {
        static SCHEMAS: AtomicU32 = AtomicU32::new(0);
        let name = format!("inv_fleet_{}_{}", std::process::id(), SCHEMAS.fetch_add(1, Ordering::SeqCst));
        // one that a killed process of the same number left behind
        run(format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}")).expect("a schema");
        Self { _made: Some(Arc::new(Made(name.clone()))), name }
    }

    pub(crate) fn of_another_process(name: &str) -> Self {
        Self { name: name.to_owned(), _made: None }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) async fn store(&self) -> PgStore {
        let options: PgConnectOptions = url().parse().expect("a URL");
        let options = options.application_name(&self.name).options([("search_path", &self.name)]);
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect_with(options);
        PgStore::with_pool(pool.await.expect("PostgreSQL")).await.expect("a store")
    }

    /// Every column of every table as text, each with its name. Bytes as they are: only what is no ASCII is escaped.
    pub(crate) async fn everything(&self) -> Vec<(String, Vec<u8>)> {
        let mut connection = PgConnection::connect(&url()).await.expect("PostgreSQL");
        let columns: Vec<(String, String, String)> = sqlx::query_as(
            "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns WHERE table_schema = $1",
        )
        .bind(&self.name)
        .fetch_all(&mut connection)
        .await
        .expect("the columns");
        let mut pieces = Vec::new();
        for (table, column, kind) in columns {
            let text =
                if kind == "bytea" { format!("encode(\"{column}\", 'escape')") } else { format!("\"{column}\"::text") };
            let query = format!("SELECT {text} FROM {}.\"{table}\" WHERE \"{column}\" IS NOT NULL", self.name);
            let values: Vec<String> =
                sqlx::query_scalar(AssertSqlSafe(query)).fetch_all(&mut connection).await.expect("a column");
            pieces.push((format!("{table}.{column}"), values.join("\n").into_bytes()));
        }
        assert!(
            pieces.iter().any(|(place, text)| place == "inv_connection.connection" && !text.is_empty()),
            "nothing is stored"
        );
        pieces
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let Self(name) = self;
        // a killed process's session may not know yet
        let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'");
        // a test that has failed says more than this could
        let _ = run(format!("{end}; DROP SCHEMA IF EXISTS {name} CASCADE"));
    }
}

/// A skipped test would look like one that passed: who has switched the feature on means it.
fn url() -> String {
    std::env::var("DATABASE_URL").expect(
        "DATABASE_URL says no PostgreSQL: run `cargo xtask postgres -- cargo test …`, or leave the feature `postgres` out",
    )
}

/// In a thread of its own, because a runtime cannot wait inside another.
fn run(text: String) -> sqlx::Result<()> {
    let url = url();
    let work = async move {
        let mut connection = PgConnection::connect(&url).await?;
        sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await?;
        connection.close().await
    };
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    thread::spawn(move || runtime.block_on(work)).join().expect("a thread")
}

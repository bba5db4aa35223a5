//! How PostgreSQL goes about the statements that are sent all day: asked of PostgreSQL itself, for the very statements that the store
//! has prepared, with many rows in the tables.

use std::{future::Future, time::Duration};

use invitations_core::{
    Result,
    ids::{ClientId, PageToken, TenantId, WorkerId},
    token::{AllConnections as _, ClientHealth, TokenCommit, TokenStore as _},
};
use invitations_sqlx::PgStore;
use sqlx::{AssertSqlSafe, postgres::PgPoolOptions};

use super::schema::Schema;
use crate::{resealed::connection, stored::flow};

/// 8,000 connections of two organisations, as long as real ones, few of them due; flows of which few are over.
const MANY: &str = "INSERT INTO inv_connection (id, tenant, epoch, generation, status, refresh_at, connection) \
    SELECT 't' || n, 't' || n % 2 + 7, 1, 1, 'valid', 1800000000000000 + n * 1000000::BIGINT, repeat('x', 1000) \
    FROM generate_series(1, 8000) n; \
    INSERT INTO inv_flow (state_digest, until_at, flow) \
    SELECT decode(lpad(to_hex(n), 64, '0'), 'hex'), 1800000000000000 + n * 1000000::BIGINT, '{}' \
    FROM generate_series(1, 8000) n; \
    INSERT INTO inv_client (client, health) SELECT 'c' || n, '{}' FROM generate_series(1, 8000) n; \
    ANALYZE inv_connection; ANALYZE inv_flow; ANALYZE inv_client";

struct Asked {
    schema: Schema,
    /// With one connection, so that whatever was prepared was prepared there.
    store: PgStore,
    faults: Vec<String>,
}

impl Asked {
    async fn new() -> Self {
        let schema = Schema::new();
        schema.open().await;
        schema.run(MANY);
        Self { store: session(&schema).await, schema, faults: Vec::new() }
    }

    /// Notes what is wrong with the plans of all that `work` prepares; they use the index `by`.
    async fn ask<T>(&mut self, what: &str, by: &str, work: impl Future<Output = Result<T>>) {
        let mut steps = Vec::new();
        let before = self.prepared().await;
        // what was asked of does not matter: most of it is refused, and prepared nevertheless
        drop(work.await);
        for (name, text, values) in self.prepared().await {
            if before.iter().any(|(known, ..)| *known == name) || !text.contains(" inv_") {
                continue;
            }
            let explain = AssertSqlSafe(format!("EXPLAIN EXECUTE {name}({})", values.join(", ")));
            let plan: Vec<String> =
                sqlx::query_scalar(explain).persistent(false).fetch_all(self.store.pool()).await.unwrap();
            steps.extend(plan);
        }
        for step in &steps {
            if ["Seq Scan", "Sort", "Bitmap"].iter().any(|fault| step.contains(fault)) {
                self.faults.push(format!("{what}: {step}"));
            }
        }
        if !steps.iter().any(|step| step.contains(&format!("using {by} on"))) {
            self.faults.push(format!("{what} goes without {by}: {steps:#?}"));
        }
    }

    /// Name, text, and a value for each parameter.
    async fn prepared(&self) -> Vec<(String, String, Vec<&'static str>)> {
        let prepared: Vec<(String, String, Vec<String>)> = sqlx::query_as(
            "SELECT name, statement, parameter_types::text[] FROM pg_prepared_statements WHERE name LIKE 'sqlx%'",
        )
        .persistent(false)
        .fetch_all(self.store.pool())
        .await
        .unwrap();
        let value = |text: &str, number: usize, kind: &str| match kind {
            _ if text.ends_with(&format!("LIMIT ${number}")) => "101",
            "bigint" => "1800000009000000",
            "boolean" => "FALSE",
            "bytea" => "'\\x07'",
            _ => "'t7'",
        };
        let values = |(name, text, kinds): (String, String, Vec<String>)| {
            let values = (1..).zip(&kinds).map(|(number, kind)| value(&text, number, kind)).collect();
            (name, text, values)
        };
        prepared.into_iter().map(values).collect()
    }
}

/// A store whose only session has prepared nothing.
async fn session(schema: &Schema) -> PgStore {
    let pool = PgPoolOptions::new().max_connections(1).connect_with(schema.options()).await.unwrap();
    PgStore::with_pool(pool).await.unwrap()
}

async fn faults(asked: &mut Asked) -> Vec<String> {
    let store = asked.store.clone();
    let (row, worker) = (connection(0), WorkerId::parse("worker").unwrap());
    let (client, page) = (ClientId::parse("client").unwrap(), PageToken::parse("t7").unwrap());
    let tenant = TenantId::parse("t7").unwrap();
    let (epoch, generation) = (7, 7);
    let update = TokenCommit::Update { epoch, generation, fence: None, release: true, to: Box::new(row.clone()) };
    let release = TokenCommit::Release { id: row.id.clone(), fence: 1 };
    let by_id = "inv_connection_pkey";
    asked.ask("a connection", by_id, store.connection(&row.id)).await;
    asked.ask("the connections", "inv_connection_tenant", store.connections(&tenant, Some(&page))).await;
    asked.ask("all connections", by_id, store.all_connections(Some(&page))).await;
    asked.ask("a token's lease", by_id, store.lease(&row.id, &worker, Duration::from_secs(60))).await;
    asked.ask("tokens to refresh", "inv_connection_due", store.due(9)).await;
    asked.ask("a new token", by_id, store.commit(update)).await;
    asked.ask("a lease given back", by_id, store.commit(release)).await;
    asked.ask("a new connect flow", "inv_flow_until", store.begin_flow(&flow())).await;
    asked.ask("a connect flow", "inv_flow_pkey", store.take_flow(&[0; 32])).await;
    asked.ask("a client", "inv_client_pkey", store.client_health(&client)).await;
    store.note_client(&client, &ClientHealth::default()).await.unwrap();
    std::mem::take(&mut asked.faults)
}

#[tokio::test]
async fn nothing_that_grows_is_walked_through() {
    let faults = faults(&mut Asked::new().await).await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// So each is worth what it costs the writers; and the test above can see a fault.
#[tokio::test]
async fn every_index_is_missed_when_it_is_gone() {
    let mut asked = Asked::new().await;
    let indexes: Vec<(String, String)> = sqlx::query_as(
        "SELECT indexname::text, indexdef FROM pg_indexes WHERE schemaname = $1 AND indexname NOT LIKE '%\\_pkey' ORDER BY 1",
    )
    .bind(&asked.schema.name)
    .fetch_all(asked.store.pool())
    .await
    .unwrap();
    assert_eq!(indexes.len(), 3, "{indexes:?}");
    for (index, definition) in indexes {
        asked.schema.run(&format!("DROP INDEX {index}"));
        asked.store = session(&asked.schema).await;
        assert!(!faults(&mut asked).await.is_empty(), "nothing is slower without {index}");
        asked.schema.run(&definition);
    }
}

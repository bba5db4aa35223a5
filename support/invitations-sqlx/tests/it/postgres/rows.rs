//! Rows as they are stored: the same texts as on SQLite, now and in every released version.

use std::path::Path;

use invitations_core::{
    ids::ClientId,
    invitation::stored,
    token::{ClientHealth, Connection, Flow, TokenCommit, TokenStore as _},
};

use super::schema::Schema;

fn kept(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stored/v1");
    std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap()
}

#[tokio::test]
async fn rows_of_version_1_are_read() {
    let schema = Schema::new();
    let store = schema.open().await;
    let kinds = ["", "_disconnecting", "_revoked", "_revoked_unsupported", "_revoked_given_up"];
    for text in kinds.map(|kind| kept(&format!("connection{kind}"))) {
        let meant: Connection = stored::decode(&text).unwrap();
        sqlx::query(
            "INSERT INTO inv_connection (id, tenant, epoch, generation, status, connection) VALUES ($1, $2, 1, 1, '', $3) \
             ON CONFLICT (id) DO UPDATE SET connection = excluded.connection",
        )
        .bind(meant.id.as_str())
        .bind(meant.tenant.as_str())
        .bind(&text)
        .execute(store.pool())
        .await
        .unwrap();
        assert_eq!(store.connection(&meant.id).await.unwrap(), Some(meant));
    }
    for text in ["flow", "flow_rebinding"].map(kept) {
        let meant: Flow = stored::decode(&text).unwrap();
        sqlx::query("INSERT INTO inv_flow (state_digest, until_at, flow) VALUES ($1, $2, $3)")
            .bind(meant.state_digest.as_slice())
            .bind(i64::MAX)
            .bind(&text)
            .execute(store.pool())
            .await
            .unwrap();
        assert_eq!(store.take_flow(&meant.state_digest).await.unwrap(), Some(meant));
    }
    let text = kept("client_health");
    sqlx::query("INSERT INTO inv_client (client, health) VALUES ('client', $1)")
        .bind(&text)
        .execute(store.pool())
        .await
        .unwrap();
    let health = store.client_health(&ClientId::parse("client").unwrap()).await.unwrap();
    assert_eq!(health, stored::decode::<ClientHealth>(&text).unwrap());
}

/// Where both databases are in use, a row can be carried from one to the other.
#[tokio::test]
async fn a_row_is_written_as_on_sqlite() {
    let meant: Connection = stored::decode(&kept("connection")).unwrap();
    let schema = Schema::new();
    let fixture = crate::fixture::Fixture::new();
    let (postgres, sqlite) = (schema.open().await, fixture.open().await);
    let mut texts: Vec<(String, i64, String)> = Vec::new();
    let query = "SELECT status, refresh_at, connection FROM inv_connection";
    postgres.commit(TokenCommit::Create(Box::new(meant.clone()))).await.unwrap();
    texts.push(sqlx::query_as(query).fetch_one(postgres.pool()).await.unwrap());
    sqlite.commit(TokenCommit::Create(Box::new(meant))).await.unwrap();
    texts.push(sqlx::query_as(query).fetch_one(sqlite.pool()).await.unwrap());
    assert_eq!(texts[0], texts[1]);
}

/// One that a newer program wrote is left to it.
#[tokio::test]
async fn a_flow_that_cannot_be_read_is_not_taken() {
    let schema = Schema::new();
    let store = schema.open().await;
    let flow: Flow = stored::decode(&kept("flow")).unwrap();
    store.begin_flow(&flow).await.unwrap();
    schema.run("UPDATE inv_flow SET until_at = 9e18, flow = replace(flow, '\"state_digest\"', '\"another\"')");
    store.take_flow(&flow.state_digest).await.unwrap_err();
    let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM inv_flow").fetch_one(store.pool()).await.unwrap();
    assert_eq!(left, 1);
}
